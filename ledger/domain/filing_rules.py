"""Who may file a report, on which period.

A registered public body files its own on its own stream, in its own name, once the period has begun; the same report
once. Another report on the same period is another filing: it puts the earlier one right and takes nothing back.
Enterprises file none: only public bodies are counted (国办发〔2026〕8号).

>>> from ledger.domain.body import EMPTY
>>> fact = IntegrityReportFiled("2026H1", 7, "0" * 64)
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000019A", 1, None, fact)
>>> try:
...     admit_filing(EMPTY, event, fact, date(2026, 6, 20))
... except RuleError as error:
...     print(error.rule)
body.filer
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Status
from ledger.domain.event import Event
from ledger.domain.filing import IntegrityReportFiled
from ledger.domain.supervision_terms import days_of
from ledger.errors import RuleError

J10 = "J10: YC 三(三)"
NO_PUBLIC_BODIES = (None, Kind.ENTERPRISE, Kind.OTHER, Kind.GROUP)
"""Kinds of body that supervision is not about."""


def admit_filing(body: Body, event: Event, fact: IntegrityReportFiled, today: date) -> None:
    """Raises RuleError where the body may not file this report. ``today`` is the legal day of recording."""
    own = event.stream.partition("/")[2]
    registered = body.status is Status.REGISTERED and body.kind not in NO_PUBLIC_BODIES
    if event.iss != own or not registered or event.cause is not None:
        raise _refuse(
            "body.filer",
            f"IntegrityReportFiled is for a registered public body on its own stream; got {event.iss} on {own}",
            f"IntegrityReportFiled 应由已登记的公共机构在其自身的事件流上签署；实为 {event.iss} 在 {own}",
        )
    first, _ = days_of(fact.period)
    if today < first:
        raise _refuse(
            "body.filing-period",
            f"expected a period that has begun by {today}, the day of recording, got {fact.period}",
            f"报告期应在记载之日 {today} 前已开始，实为 {fact.period}",
        )
    if any(filing.period == fact.period and filing.digest == fact.digest for filing in body.filings):
        raise _refuse(
            "body.filing-again",
            f"this report on {fact.period} was filed already",
            f"该份 {fact.period} 报告此前已报送",
        )


def _refuse(rule: str, en: str, zh: str) -> RuleError:
    return RuleError(en, zh, rule=rule, source=J10)
