"""What may be said about a person, by whom and when.

The kinds of person that are subjects, and what an integrity file holds, differ from place to place (A02, C03): the rule
pack says. Days of service are plain, so that they can be checked: no day at one body twice, none still to come.

>>> [cls.__name__ for cls in STEPS][:3]
['PersonRegistered', 'PersonAffiliated', 'AffiliationEnded']
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ledger.domain import codec, seal_rules
from ledger.domain.body import of
from ledger.domain.body_terms import Status
from ledger.domain.codec import Uuid7
from ledger.domain.event import Event, Rules
from ledger.domain.person import (
    EMPTY,
    AffiliationEnded,
    AffiliationWithdrawn,
    FileItemRecorded,
    Person,
    PersonAffiliated,
    PersonCorrected,
    PersonRegistered,
    ProjectPerformanceNoted,
    subject,
)
from ledger.domain.record.checks import CASE, EARLIEST
from ledger.domain.record.terms import PersonKind
from ledger.domain.roles import Relations, about
from ledger.domain.steps import Context, Rulebook, Step, Steps
from ledger.errors import FormatError, RuleError

Case = Context[Person]

A02 = "A02: YC 二(二)4; DH 二(二)1; HS 二"
A03 = "A03: YN 二(三)"
A04 = "A04: YC 二(二)6, 一(二); DH 二(三)3; HS 四(八), 三; TA-A 二(二)4; YN 二(五)"
A09 = "A09: YC 二(二)4; DH 二(二)2; HS 四(六); YN 二(三)"
C03 = "C03: YC 二(二)4; HS 四(六); DH 二(二)2; TA-A 二(二)3"
C21 = "C21: TA-A 二(二)4"
E05 = "E05: TA-A 二(二)5"
SEALED = "docs/log-format.md, Sealed fields"


def refuse(rule: str, en: str, zh: str, source: str) -> RuleError:
    """The error of the rule ``person.<rule>``."""
    return RuleError(en, zh, rule=f"person.{rule}", source=source)


# --- shared -------------------------------------------------------------------------------------------------


def _on_file(case: Case, item: str | None) -> None:
    if case.state.registered is None:
        raise refuse("unbegun", "expected PersonRegistered first, the file has not begun", "人员档案尚未建立", CASE)


def _need_past(case: Case, day: date, source: str) -> None:
    if not EARLIEST <= day <= case.today:
        raise refuse(
            "future",
            f"expected a day from {EARLIEST} to {case.today}, the day of recording, got {day}",
            f"日期应在 {EARLIEST} 与记载之日 {case.today} 之间，实为 {day}",
            source,
        )


def _need_basis(case: Case, source: str) -> None:
    event = case.event
    if event is not None and not event.basis:
        raise refuse(
            "basis",
            f"{event.name} needs the document it rests on in basis, got none",
            f"{event.name} 须在 basis 中写明所依据的文件，实为空",
            source,
        )


def _need_fresh(case: Case, digests: Iterable[str]) -> None:
    """Every sealed value has a salt of its own, so no digest comes twice."""
    if not case.state.seals.sealed.isdisjoint(digests):
        raise refuse("digest-new", "expected digests that are new to this file", "封存内容的摘要不得重复使用", SEALED)


def _need_kind(case: Case, kind: PersonKind) -> None:
    kinds = case.view.names("subject.person_kinds")
    if kind not in kinds:
        raise refuse(
            "kind",
            f"expected a person that is {', '.join(kinds)}, got {kind}",
            f"人员类别应为 {'、'.join(kinds)}，实为 {kind}",
            f"{A02}; {case.view.source('subject.person_kinds')}",
        )


# --- steps --------------------------------------------------------------------------------------------------


def _first(case: Case, item: str | None) -> None:
    if case.state.registered is not None:
        raise refuse("once", "expected a new stream, this file has begun", "该人员档案已建立，不得重复", CASE)


def _registered(case: Case, fact: PersonRegistered) -> None:
    _need_random_stream(case)
    status = of(case.rules, fact.body).status
    if status is not Status.REGISTERED:
        raise refuse(
            "body",
            f"expected a registered body to keep the file, {fact.body} is {status}",
            f"建档单位应为已登记的单位，{fact.body} 状态为 {status}",
            A09,
        )
    _need_kind(case, fact.kind)


def _need_random_stream(case: Case) -> None:
    """A number made from a name or an identity number could be guessed back; a version 7 UUID is random."""
    try:
        codec.decode_as(Uuid7, case.event.stream.partition("/")[2] if case.event else None, "stream")
    except FormatError:
        raise refuse(
            "stream",
            "expected a version 7 UUID as the person's number, so that it says nothing",
            "人员档案编号应为第 7 版 UUID，不得由姓名或证件号码得出",
            SEALED,
        ) from None


def _affiliated(case: Case, fact: PersonAffiliated) -> None:
    _need_fresh(case, fact.sealed)
    if not of(case.rules, fact.body).known:
        raise refuse("body", f"expected a body in the ledger, got {fact.body}", f"{fact.body} 尚未在账本登记", A04)
    _need_past(case, fact.start, A04)
    if fact.until is not None:
        _need_past(case, fact.until, A04)
        _need_order(fact.start, fact.until)
    if any(a.body == fact.body and a.overlaps(fact.start, fact.until) for a in case.state.affiliations):
        raise refuse(
            "overlap",
            f"expected days at {fact.body} that are not recorded yet, some are",
            f"在 {fact.body} 的任职期间与已登记的重叠",
            A04,
        )
    if fact.kind:
        _need_kind(case, fact.kind)
    if (fact.kind or case.state.kind) is PersonKind.CANDIDATE:
        raise refuse(
            "candidate",
            "expected the kind of person that the service makes of a candidate, got none",
            "报考人员任职的，应写明任职后的人员类别",
            C21,
        )


def _need_order(start: date, until: date) -> None:
    if until < start:
        raise refuse(
            "period",
            f"expected a last day from {start} on, got {until}",
            f"末日应不早于 {start}，实为 {until}",
            A04,
        )


def _open(case: Case, item: str | None) -> None:
    _on_file(case, item)
    if item is None or case.state.open_with(item) is None:
        raise refuse("affiliation", f"expected a service with {item} that goes on", f"在 {item} 没有未结束的任职", A04)


def _open_bodies(state: Person) -> tuple[str, ...]:
    return tuple(a.body for a in state.affiliations if a.until is None)


def _ended(case: Case, fact: AffiliationEnded) -> None:
    _need_past(case, fact.on, A04)
    served = case.state.open_with(fact.body)
    if served:
        _need_order(served.start, fact.on)


def _served(case: Case, item: str | None) -> None:
    _on_file(case, item)
    if not case.state.affiliations:
        raise refuse("affiliation", "expected a service that is recorded, there is none", "没有任职记载", E05)


def _withdrawn(case: Case, fact: AffiliationWithdrawn) -> None:
    _need_basis(case, E05)
    if all((a.body, a.start) != (fact.body, fact.start) for a in case.state.affiliations):
        raise refuse(
            "affiliation",
            f"expected a service with {fact.body} from {fact.start} on",
            f"没有自 {fact.start} 起在 {fact.body} 的任职",
            E05,
        )


def _corrected(case: Case, fact: PersonCorrected) -> None:
    _need_basis(case, E05)
    _need_fresh(case, fact.sealed)
    if not case.state.digests.issuperset(fact.replaces):
        raise refuse(
            "replaces",
            "expected digests of this file in replaces, got one that is not or no longer",
            "replaces 应为本档案现有封存内容的摘要",
            E05,
        )


def _item(case: Case, fact: FileItemRecorded) -> None:
    _need_basis(case, C03)
    _need_fresh(case, fact.sealed)
    _need_past(case, fact.on, C03)
    items = case.view.names("record.file_items")
    if fact.item not in items:
        raise refuse(
            "file-item",
            f"expected one of {', '.join(items)} in an integrity file, got {fact.item}",
            f"诚信档案内容应为 {'、'.join(items)}，实为 {fact.item}",
            f"{C03}; {case.view.source('record.file_items')}",
        )


def relations(state: Person, event: Event, rules: Rules) -> Relations:
    """Which bodies stand where: who keeps the file as its subject, and that body's superior."""
    return about(rules, subject(state, event))


STEPS: Steps = {
    PersonRegistered: Step("A02, A03, A09, C21", when=_first, check=_registered),
    PersonAffiliated: Step("A04, C21", when=_on_file, check=_affiliated),
    AffiliationEnded: Step("A04", when=_open, check=_ended, item="body", items=_open_bodies),
    AffiliationWithdrawn: Step("A04, E05", when=_served, check=_withdrawn),
    PersonCorrected: Step("A03, E05", when=_on_file, check=_corrected),
    FileItemRecorded: Step("A09, C03, J20", when=_on_file, check=_item),
    ProjectPerformanceNoted: Step("I08", when=_on_file, ledger_only=True),
    **seal_rules.steps(relations),
}

RULES = Rulebook("person", STEPS, EMPTY, PersonRegistered, relations)
admit, offers = RULES.admit, RULES.offers
