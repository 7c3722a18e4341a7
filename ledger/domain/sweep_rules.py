"""Who may record a sweep of the courts' list, and what it must say.

A court, the operator or the credit office records it on its own stream, in its own name; the same file of the same
month once. Another file of the month is another sweep: courts send supplements.

>>> from ledger.domain.body import EMPTY
>>> from ledger.domain.event import Document
>>> swept = CourtListSwept("2026-10", Document("名单", "0" * 64), 0, 0, 0, 0)
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000019A", 1, None, swept)
>>> try:
...     admit_sweep(EMPTY, event, swept, Rules(), date(2026, 11, 21))
... except RuleError as error:
...     print(error.rule)
body.sweeper
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Role, Status
from ledger.domain.event import Event, Rules
from ledger.domain.sweep import CourtListSwept
from ledger.errors import RuleError

C08 = "C08: YN 二(六)"


def admit_sweep(body: Body, event: Event, fact: CourtListSwept, rules: Rules, today: date) -> None:
    """Raises RuleError where the body may not record this sweep. ``today`` is the legal day of recording."""
    own = event.stream.partition("/")[2]
    may = body.kind is Kind.COURT or bool(body.roles & {Role.OPERATOR, Role.CREDIT_OFFICE})
    if event.iss != own or body.status is not Status.REGISTERED or not may or event.cause is not None:
        raise _refuse(
            "body.sweeper",
            f"CourtListSwept is for a court, operator or credit office on its own stream; got {event.iss} on {own}",
            f"CourtListSwept 应由法院、运营机构或信用办在其自身的事件流上签署；实为 {event.iss} 在 {own}",
        )
    if fact.month > today.strftime("%Y-%m"):
        raise _refuse(
            "body.sweep-month",
            f"expected a month that has begun by {today}, the day of recording, got {fact.month}",
            f"月份应不晚于记载之日 {today} 所在月份，实为 {fact.month}",
        )
    if fact.matched + fact.undecided > fact.entries:
        raise _refuse(
            "body.sweep-counts",
            f"expected matched and undecided to be at most entries {fact.entries}, got {fact.matched + fact.undecided}",
            f"匹配与待定之和应不超过条目数 {fact.entries}，实为 {fact.matched + fact.undecided}",
        )
    if any(sweep.month == fact.month and sweep.file == fact.file.sha256 for sweep in body.sweeps):
        raise _refuse(
            "body.sweep-again",
            f"the sweep of this file for {fact.month} is recorded already",
            f"该文件的 {fact.month} 排查已记载",
        )


def _refuse(rule: str, en: str, zh: str) -> RuleError:
    return RuleError(en, zh, rule=rule, source=C08)
