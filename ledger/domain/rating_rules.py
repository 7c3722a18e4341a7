"""Who may rate whom: an appraiser another body, a public one, on a period that has begun, with its method in basis.

Rated again is another rating, and the newest counts. Enterprises are not rated (国办发〔2026〕8号).

>>> from ledger.domain.body import EMPTY
>>> from ledger.domain.supervision_terms import Indicator
>>> fact = IntegrityRated("2026", Indicator.SATISFACTION, "87.5", 100)
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000019A", 1, None, fact)
>>> try:
...     admit_rating(EMPTY, event, fact, Rules(), date(2026, 6, 20))
... except RuleError as error:
...     print(error.rule)
body.rater
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledger.domain.body import Body, of
from ledger.domain.body_terms import Role, Status
from ledger.domain.event import Event, Rules
from ledger.domain.filing_rules import NO_PUBLIC_BODIES
from ledger.domain.rating import IntegrityRated
from ledger.domain.supervision_terms import days_of
from ledger.errors import RuleError

J06 = "J06: YC 二(一)3; DH 二(一)3; TA-A 三(三); YN 四(三)"


def admit_rating(body: Body, event: Event, fact: IntegrityRated, rules: Rules, today: date) -> None:
    """Raises RuleError where the signer may not rate the body so. ``today`` is the legal day of recording."""
    own = event.stream.partition("/")[2]
    if event.iss == own or Role.APPRAISER not in of(rules, event.iss).roles or event.cause is not None:
        raise _refuse(
            "body.rater",
            f"IntegrityRated needs the role appraiser, and nobody rates itself; got {event.iss} on {own}",
            f"IntegrityRated 应由具有 appraiser 角色的其他单位签署；实为 {event.iss} 在 {own}",
        )
    if body.status is not Status.REGISTERED or body.kind in NO_PUBLIC_BODIES:
        raise _refuse(
            "body.rated-kind",
            f"expected a registered public body, {own} is {body.status}, of kind {body.kind}",
            f"应为已登记的公共机构，{own} 状态为 {body.status}，类别为 {body.kind}",
        )
    if not event.basis:
        raise _refuse("body.rating-basis", "expected the rating's method in basis", "basis 中应有评价报告或办法")
    if today < days_of(fact.period)[0] or Decimal(fact.points) > fact.full:
        raise _refuse(
            "body.rating",
            f"expected a period that has begun by {today} and at most {fact.full} points, "
            f"got {fact.period}, {fact.points}",
            f"报告期应在 {today} 前已开始，分数不超过 {fact.full}；实为 {fact.period}、{fact.points}",
        )


def _refuse(rule: str, en: str, zh: str) -> RuleError:
    return RuleError(en, zh, rule=rule, source=J06)
