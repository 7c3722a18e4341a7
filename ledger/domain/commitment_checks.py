"""Checks that several rules of commitments share: who signs, what is known, which document and day, which occurrence.

The promiser's side is the promiser, the lead and the responsible bodies, and whoever succeeded one of them
(A12). The codes of documents are those of the requirements: YC 运城, DH 德化, HS 黄石, TA-A and TA-B 泰安, YN
盐城.

>>> refuse("commitment.basis", "no document", "没有文件", B04).source
'B04: YC 二(三)11; TA-A 二(二)3; YN 一(二), 二(二)'
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.domain.body import acts_for, of
from ledger.domain.body_terms import Role
from ledger.domain.commitment import Commitment
from ledger.domain.commitment_due import answers_for, is_occurrence, is_settled
from ledger.domain.commitment_terms import Milestone, Recurrence
from ledger.domain.event import LEDGER, Event, Rules
from ledger.errors import RuleError

FIVE = "YC 二(四)16; DH 三(四); HS 五(五); TA-A 二(三)9; YN 三(四)"
"""Where all five documents say 不得以政府换届、相关责任人更替等理由毁约, and how a promise may lawfully be changed."""

CASE = "docs/architecture.md, A case is one stream"
A12, B10, B11 = f"A12: {FIVE}", f"B10: {FIVE}", f"B11: {FIVE}"
B03 = "B03: HS 四(七)"
B04 = "B04: YC 二(三)11; TA-A 二(二)3; YN 一(二), 二(二)"
B05 = "B05: YC 一(二); DH 一(二); YN 一(二)"
B06 = "B06: YC 二(三)11; B07: HS 四(七)"
B09 = "B09: YC 二(四)16; TA-A 二(三)9; YN 二(二)"
B12 = "B12: TA-A 二(三)9"
B18 = "B18: TA-B 二(二)"
B20 = "B20: YN 三(四)"

EARLIEST = date(1949, 10, 1)
"""No body of this ledger promised for a day before: an earlier one is a slip of the pen."""


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``commitment.<rule>``."""
    return RuleError(en, zh, rule=f"commitment.{rule}", source=source)


def need_known(rules: Rules, bodies: Iterable[str]) -> None:
    """Every body named is in the ledger, and is not the ledger itself."""
    for body_id in bodies:
        if body_id == LEDGER or not of(rules, body_id).known:
            raise refuse(
                "known",
                f"expected a registered body, {body_id} is not in the ledger",
                f"应为已登记的单位，{body_id} 尚未在账本登记",
                "A03: YN 二(三)",
            )


def need_basis(event: Event, source: str) -> None:
    """The event names a document that it rests on."""
    if not event.basis:
        raise refuse(
            "basis",
            f"{event.name} by {event.iss} needs the document it rests on in basis, got none",
            f"{event.iss} 记载 {event.name} 须在 basis 中写明所依据的文件，实为空",
            source,
        )


def need_signer(event: Event, rules: Rules, bodies: Iterable[str], source: str) -> None:
    """The signer acts for one of ``bodies``, or is a credit office that shows a document."""
    parties = tuple(dict.fromkeys(bodies))
    if any(acts_for(rules, event.iss, b) for b in parties):
        return
    if Role.CREDIT_OFFICE not in of(rules, event.iss).roles:
        raise refuse(
            "signer",
            f"{event.name}: expected the signature of {', '.join(parties)}, a successor or a credit office, "
            f"got {event.iss}",
            f"{event.name} 应由 {'、'.join(parties)}、其承继单位或信用办签署，实为 {event.iss}",
            source,
        )
    need_basis(event, source)


def promiser(state: Commitment) -> tuple[str, ...]:
    """The promiser, then and now."""
    return (state.terms.promiser, state.holder)


def side(state: Commitment) -> tuple[str, ...]:
    """The promiser's side, then and now: who may report, and may not judge."""
    terms = state.terms
    return (*promiser(state), *terms.lead, *terms.responsible, *state.lead, *state.responsible)


def is_superior(state: Commitment, rules: Rules, signer: str) -> bool:
    """Whether the signer is the superior of the body that answers for the commitment, or acts for that superior."""
    superior = of(rules, answers_for(state, rules)).superior
    return superior is not None and acts_for(rules, signer, superior)


def need_judge(state: Commitment, event: Event, rules: Rules) -> None:
    """The signer may judge: it is not of the promiser's side, and is appraiser, credit office or the superior."""
    if any(acts_for(rules, event.iss, b) for b in side(state)):
        raise refuse(
            "independent",
            f"{event.name}: expected a body other than those it judges, got {event.iss}",
            f"{event.name} 应由承诺方及责任单位以外的单位签署，实为 {event.iss}",
            B05,
        )
    roles = of(rules, event.iss).roles
    if not roles & {Role.APPRAISER, Role.CREDIT_OFFICE} and not is_superior(state, rules, event.iss):
        raise refuse(
            "judge",
            f"{event.name}: expected an appraiser, a credit office or the superior, got {event.iss}",
            f"{event.name} 应由评价单位、信用办或承诺方的上级签署，实为 {event.iss}",
            B05,
        )


def need_past(today: date, day: date | None, source: str) -> None:
    """What is said to have happened did not happen after the day of recording."""
    if day is not None and day > today:
        raise refuse(
            "future",
            f"expected a day not after {today}, the day of recording, got {day}",
            f"日期应不晚于记载之日 {today}，实为 {day}",
            source,
        )


def need_occurrence(state: Commitment, occurrence: date | None) -> None:
    """``occurrence`` names a due day of the recurrence or a milestone; a one-off commitment as a whole has none."""
    if occurrence is None and state.terms.recurrence:
        raise refuse(
            "occurrence",
            "expected the due day (occurrence) of this recurring commitment, got none",
            "此承诺为周期性承诺，应写明针对哪个到期日（occurrence），实为空",
            B05,
        )
    if occurrence is not None and not is_occurrence(state, occurrence):
        raise refuse(
            "occurrence",
            f"expected a due day of the recurrence or a milestone, got {occurrence}",
            f"occurrence 应为周期性到期日或节点日期，实为 {occurrence}",
            B05,
        )


def need_unsettled(state: Commitment, occurrence: date | None) -> None:
    """The occurrence was not yet finally appraised as done."""
    if is_settled(state, occurrence):
        raise refuse(
            "fulfilled",
            f"expected a duty that is still open, {occurrence or 'the promise'} was appraised as fulfilled",
            f"应为尚未履行完毕的事项，{occurrence or '本承诺'} 已评价为履行",
            B05,
        )


def need_schedule(due: date | None, milestones: tuple[Milestone, ...], recurrence: Recurrence | None) -> None:
    """One day with milestones before it, or a recurrence that makes sense; days that can be meant."""
    days = [d for d in (due, *(m.due for m in milestones)) if d]
    if recurrence:
        days += [d for d in (recurrence.start, recurrence.until) if d]
    if days and min(days) < EARLIEST:
        raise _schedule(f"days from {EARLIEST} on, got {min(days)}", f"日期应不早于 {EARLIEST}，实为 {min(days)}")
    if recurrence and (due or milestones):
        raise _schedule(
            "either a due day or a recurrence (which may have its last day in until), got both",
            "到期日与周期只能取其一（周期的截止日写在 until），实为两者都有",
        )
    if due and any(m.due >= due for m in milestones):
        raise _schedule(f"milestones before the due day {due}, got a later one", f"节点应早于到期日 {due}，实有更晚者")
    if recurrence:
        _need_recurrence(recurrence)


def _need_recurrence(recurrence: Recurrence) -> None:
    if bool(recurrence.days) is bool(recurrence.every):
        raise _schedule("exactly one of days and every", "days 与 every 应恰有其一")
    if recurrence.start and recurrence.until and recurrence.until < recurrence.start:
        raise _schedule(
            f"until not before start {recurrence.start}, got {recurrence.until}",
            f"until 应不早于 start {recurrence.start}，实为 {recurrence.until}",
        )


def _schedule(en: str, zh: str) -> RuleError:
    return refuse("schedule", f"expected {en}", f"日程：{zh}", B06)
