"""Who may see what of a case on a day: openness is the norm, and withholding needs a reason (F03 以公开为常态).

:func:`disclose` decides about dishonesty records, for everybody and everywhere: lists, pages, exports, feeds, search,
screening and snapshots have their answer from it. It asks in this order whether a record

1. is one yet (a lead is none, C25), and still is one (withdrawn, E05; repaired, E10): else nothing at all, at once;
2. is that of a person where only bodies are published (``publication.scope``, F01);
3. is graded and published (F01), and not a minor one that is published without a ground (``publicity.minor``);
4. is within its period on that day: the last day of its publication, and never beyond the maximum that the rules in
   force *on that day* allow (``publicity.*``; docs/adr/0020 says why a new, shorter maximum ends an old publication).

Persons are in the answer only where the rules publish them and the record was published with them. The subject sees its
own record whatever its publicity (E17), a recipient what it was given while sharing stands, the credit office all.

A body, its commitments and the rules in force are public. A positive record of a body is public while it stands.
Complaints, persons' files and, for they say who held which post, projects are for those whose task they are (F02).

>>> from ledger.domain.policy import view_of
>>> from ledger.domain.record.state import EMPTY
>>> day = date(2026, 6, 1)
>>> disclose(EMPTY, view_of((), day), Audience.PUBLIC, day).reason
<Reason.NOT_RECOGNISED: 'not_recognised'>
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.domain.calendar import months_after
from ledger.domain.complaint.facts import ComplaintAnswered
from ledger.domain.policy import Policy, View, view_of
from ledger.domain.policy_keys import Publicity
from ledger.domain.record.course_facts import (
    CourtListRemovalRequested,
    ExplanationFiled,
    RectificationPlanFiled,
    RectificationReported,
    ToleranceRequested,
)
from ledger.domain.record.remedy_facts import AppealFiled, ObjectionFiled, ObjectionWithdrawn, RepairApplied
from ledger.domain.record.state import Record
from ledger.domain.record.terms import PublicationEnd, PublicationScope, Severity
from ledger.domain.seals import SealErased, SealOpened
from projections.disclosed import Fields, fields_of, is_about_person, updated_on

FOR_EVER = date(9999, 12, 31)
"""The last day of what has no end."""
_DAY = timedelta(days=1)


class Audience(StrEnum):
    """Who asks."""

    PUBLIC = "public"  # 公众
    SUBJECT = "subject"  # 信用主体本人
    RECIPIENT = "recipient"  # 曾获得该记录的单位
    OFFICE = "office"  # 信用办、审计


class Reason(StrEnum):
    """Why a record is withheld."""

    NOT_RECOGNISED = "not_recognised"  # 尚未认定
    ENDED = "ended"  # 线索办结，未成为记录
    WITHDRAWN = "withdrawn"  # 记录已撤销
    REPAIRED = "repaired"  # 已信用修复
    PERSON = "person"  # 人员记录，本地只公开单位
    NOT_GRADED = "not_graded"  # 尚未认定失信程度
    MINOR = "minor"  # 轻微，无公示依据
    NOT_PUBLISHED = "not_published"  # 尚未公示
    EXPIRED = "expired"  # 公示期届满
    SHIELDED = "shielded"  # 依法屏蔽
    NOT_GIVEN = "not_given"  # 未向其提供
    SHARING_ENDED = "sharing_ended"  # 已停止共享


class Ground(NamedTuple):
    """A reason in words, and where it stands; ``key``: the value of the rule pack that settles it, if one does."""

    zh: str
    en: str
    source: str
    key: str | None = None


_ORDER_36 = "信用修复管理办法（国家发展改革委令第36号）；国办发〔2025〕22号"
GROUNDS = {
    Reason.NOT_RECOGNISED: Ground(
        "尚未认定，线索不是失信记录", "not recognised: a lead is no record", "C25: YN 二(二)"
    ),
    Reason.ENDED: Ground("线索已办结，未成为失信记录", "the lead ended without a record", "发改财金〔2023〕1103号"),
    Reason.WITHDRAWN: Ground("记录已撤销", "the record was withdrawn", "E05: TA-A 二(二)5"),
    Reason.REPAIRED: Ground("已信用修复，终止公示", "repaired: publicity has ended", f"E10: HS 四(九)；{_ORDER_36}"),
    Reason.PERSON: Ground(
        "人员记录，本地只公开单位记录",
        "a person's record, where only those of bodies are published",
        "F01: YN 二(四); F02: YC 一(二), 二(三)10; DH 二(四)1; HS 三; YN 一(二)",
        "publication.scope",
    ),
    Reason.NOT_GRADED: Ground("尚未认定失信程度，公示期未定", "not graded: no period is set", _ORDER_36),
    Reason.MINOR: Ground("轻微失信，原则上不予公示", "minor: not published in principle", _ORDER_36, "publicity.minor"),
    Reason.NOT_PUBLISHED: Ground(
        "尚未公示", "not published yet", "F01: YC 二(二)5; DH 二(三)1; HS 四(三); TA-A 二(二)3; YN 二(四)"
    ),
    Reason.EXPIRED: Ground("公示期届满", "the period of publicity is over", _ORDER_36, "publicity.*"),
    Reason.SHIELDED: Ground("依法屏蔽", "shielded by law", "国办发〔2025〕22号"),
    Reason.NOT_GIVEN: Ground("未向其提供", "it was not given to whoever asks", "C18: DH 二(三)1"),
    Reason.SHARING_ENDED: Ground("已停止共享", "sharing has ended", f"E10: HS 四(九)；{_ORDER_36}"),
}


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What may be seen. ``expires_on`` is the last day of publicity under the rules of that day, and those settled."""

    fields: Fields
    with_persons: bool
    published_on: date | None = None
    updated_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why nothing may be seen, and where that stands."""

    reason: Reason
    source: str


@dataclass(frozen=True, slots=True)
class Span:
    """An answer and the days on which it holds, both included."""

    begins: date
    ends: date
    answer: Disclosed | Withheld


def disclose(record: Record, view: View, audience: Audience, on: date) -> Disclosed | Withheld:
    """What an audience may see of a record on a day, under the rules of its subject; see the module's docstring."""
    rules = view if view.on == on else replace(view, on=on)
    reason = _WITHHOLDING[audience](record, rules)
    if reason is not None:
        return Withheld(reason, _source(record, rules, reason))
    persons = audience is not Audience.PUBLIC or _publishes_persons(record, rules)
    published = record.publications[0].day if record.publications else None
    expires = last_day(record, rules) if record.published else None
    updated = updated_on(record, with_persons=persons)
    return Disclosed(fields_of(record, on, with_persons=persons), persons, published, updated, expires)


def spans(record: Record, policies: Sequence[Policy], audience: Audience = Audience.PUBLIC) -> Iterator[Span]:
    """The answers for every day from the recognition on, under the rules adopted so far; none before a recognition.

    ``policies`` are those of the subject's region, the nearest first. On each day of a span the answer is what
    :func:`disclose` gives with the rules of that day.
    """
    if record.recognised is None:
        return
    first = record.recognised.day
    begins, before = first, None
    for day in sorted({first, *(d for d in _breaks(record, policies) if d > first)}):
        answer = disclose(record, view_of(tuple(policies), day), audience, day)
        if before is not None and answer != before:
            yield Span(begins, day - _DAY, before)
            begins = day
        before = answer
    if before is not None:
        yield Span(begins, FOR_EVER, before)


# --- records ------------------------------------------------------------------------------------------------


def _from_public(record: Record, rules: View) -> Reason | None:
    if record.recognised is None or rules.on < record.recognised.day:
        return Reason.ENDED if record.ended else Reason.NOT_RECOGNISED
    if record.withdrawn:
        return Reason.WITHDRAWN
    if record.is_repaired:
        return Reason.REPAIRED
    if record.person and not _scope_has_persons(rules):
        return Reason.PERSON
    if record.severity is None:
        return Reason.NOT_GRADED
    return _from_publicity(record, rules)


def _from_publicity(record: Record, rules: View) -> Reason | None:
    """Why a graded record is not public on a day: not published, without the ground it needs, or over."""
    publicity = _publicity(record.severity, rules)
    needs_ground = publicity is not None and not publicity.published
    if not record.published:
        ended = record.publication_ends[-1].fact.reason if record.publication_ends else None
        unpublished = Reason.MINOR if needs_ground else Reason.NOT_PUBLISHED
        return _ENDED.get(ended, unpublished) if ended else unpublished
    if rules.on < _shown_since(record):
        return Reason.NOT_PUBLISHED
    if needs_ground and not record.publications[-1].basis:
        return Reason.MINOR
    return Reason.EXPIRED if rules.on > last_day(record, rules) else None


_ENDED = {PublicationEnd.EXPIRED: Reason.EXPIRED, PublicationEnd.SHIELDED: Reason.SHIELDED}
"""Ends of a publication that last; after a repair that was revoked a record is simply not published."""


def _from_subject(record: Record, rules: View) -> Reason | None:
    if record.recognised is None:
        return Reason.ENDED if record.ended else Reason.NOT_RECOGNISED
    return None


def _from_recipient(record: Record, rules: View) -> Reason | None:
    if not record.shares:
        return Reason.NOT_GIVEN
    if record.withdrawn:
        return Reason.WITHDRAWN
    if record.is_repaired:
        return Reason.REPAIRED
    return None if record.shared else Reason.SHARING_ENDED


def _from_office(record: Record, rules: View) -> Reason | None:
    return None


_WITHHOLDING = {
    Audience.PUBLIC: _from_public,
    Audience.SUBJECT: _from_subject,
    Audience.RECIPIENT: _from_recipient,
    Audience.OFFICE: _from_office,
}


def last_day(record: Record, rules: View) -> date:
    """The last day of publicity of a published record: that of its publication, or the maximum that the rules of the
    day allow if that is over earlier; a maximum that is settled already for a later day counts from that day on.
    """
    end: date = record.publications[-1].fact.until
    key = f"publicity.{record.severity}"
    changes = (d for pack in rules.layers for v in pack.values.get(key, ()) for d in (v.start, _after(v.until)))
    for day in sorted({rules.on, *(d for d in changes if d > rules.on)}):
        most = _most(record, _publicity(record.severity, replace(rules, on=day)))
        if day <= end and most is not None:
            end = min(end, max(most, day - _DAY))
    return end


def _most(record: Record, publicity: Publicity | None) -> date | None:
    """The last day that a maximum allows; None where there is none."""
    start = record.publicity_began(publicity.start) if publicity else None
    return months_after(start, publicity.most_months) if publicity and start else None


def _publicity(severity: Severity | None, rules: View) -> Publicity | None:
    found: Publicity | None = rules.get(f"publicity.{severity}")
    return found


def _scope_has_persons(rules: View) -> bool:
    return rules.get("publication.scope") is PublicationScope.BODIES_AND_PERSONS


def _publishes_persons(record: Record, rules: View) -> bool:
    """Whether the rules of the day publish persons, and the record was published with them (F01)."""
    return _scope_has_persons(rules) and bool(record.publications) and record.publications[-1].fact.persons


def _shown_since(record: Record) -> date:
    """The day of the first publication since the last end of one."""
    ended = record.publication_ends[-1].index if record.publication_ends else -2
    return next((p.day for p in record.publications if p.index > ended), record.publications[-1].day)


def _source(record: Record, rules: View, reason: Reason) -> str:
    ground = GROUNDS[reason]
    if ground.key is None:
        return ground.source
    return f"{ground.source}; {rules.source(ground.key.replace('*', str(record.severity)))}"


# --- days on which an answer may change ---------------------------------------------------------------------


def _after(day: date | None) -> date:
    """The day after a last day; :data:`FOR_EVER` for no end."""
    return day + _DAY if day and day < FOR_EVER else FOR_EVER


def _breaks(record: Record, policies: Sequence[Policy]) -> Iterator[date]:
    """Days from which on the answer may be another, under the rules adopted so far."""
    if record.withdrawn or record.is_repaired:
        return
    key = f"publicity.{record.severity}"
    for adoption in (a for policy in policies for a in policy.adoptions):
        yield adoption.in_force
        for value in (*adoption.pack.values.get(key, ()), *adoption.pack.values.get("publication.scope", ())):
            yield from (value.start, _after(value.until))
            if isinstance(value.value, Publicity):
                most = _most(record, value.value)
                yield from (_after(most),) if most else ()
    if record.published:
        yield from _breaks_while_published(record)


def _breaks_while_published(record: Record) -> Iterator[date]:
    yield _shown_since(record)
    yield _after(record.publications[-1].fact.until)
    if record.rectification_due:
        yield _after(record.rectification_due)
    for penalty in record.penalties:
        yield from (penalty.imposed.fact.start, _after(penalty.until))


# --- cases of every kind ------------------------------------------------------------------------------------

ALWAYS = frozenset({"body", "commitment", "policy"})
"""Kinds of case that are public for ever: nothing in them is taken down."""


@dataclass(frozen=True, slots=True)
class Open:
    """A case that the public may see; ``with_persons``: also what it says of persons."""

    state: Any
    with_persons: bool = True

    def shows(self, fact: Any) -> bool:
        """Whether the public may see one event of the case."""
        return self.with_persons or not is_about_person(self.state, fact)


def opened(kind: str, state: Any, view: View, on: date) -> Open | None:
    """What the public may see of a case of any kind on a day; None: nothing. ``view``: the rules of its subject."""
    if kind == "record":
        answer = disclose(state, view, Audience.PUBLIC, on)
        return Open(state, answer.with_persons) if isinstance(answer, Disclosed) else None
    if kind == "commendation":
        return Open(state) if state.stands and state.recorded.fact.person is None else None
    return Open(state) if kind in ALWAYS else None


UNNAMED = frozenset(
    cls.__name__
    for cls in (
        *(SealOpened, SealErased),
        *(
            ExplanationFiled,
            RectificationPlanFiled,
            RectificationReported,
            ToleranceRequested,
            CourtListRemovalRequested,
        ),
        *(ObjectionFiled, ObjectionWithdrawn, AppealFiled, RepairApplied),
        ComplaintAnswered,
    )
)
"""Events that have no name and no signer for the public while they are not open: that somebody was looked up or
forgotten, and what a body says that a record or complaint is about. Without its name alone an event would still tell by
its signer, beside the statistics of its day, whose record is not public, or is no more.
"""


def is_named(fact: Any) -> bool:
    """Whether the public may know what kind of event an event is that is not open."""
    return type(fact).__name__ not in UNNAMED


def tells_signer(fact: Any, iss: str, subject: str | None) -> bool:
    """Whether the public may know who signed an event that is not open: nobody but an office that acts on others.

    ``subject`` is the body that the case is about: what that signed would say whose case it is.
    """
    return is_named(fact) and iss != subject
