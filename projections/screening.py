"""Screening: what stands against a body for a purpose on a day, decided from rows alone (G02, G04-G06, D15, D16, E03).

    block      a penalty in force that the rule pack says blocks this purpose, or the court list where it says so
    caution    something for a person to look at; each reason is named
    clear      a body of this ledger, and nothing of that
    unknown    no body of this ledger: nothing is recorded here, and that is all that can be said

Who is found by a short form or by sound is not found: such a name gives caution with whom it may mean, never block.
A penalty blocks on the days on which it is in force: begun, not over, not lifted, held by nothing (E03 暂不执行).
Of a row that is ``relieved`` the log says more than the row: it weighs less, or nothing, and does not block.

>>> answer_of([Reason(Cause.RECORD, "record/1")]), answer_of([]), answer_of([Reason(Cause.NOT_FOUND)])
(<Answer.CAUTION: 'caution'>, <Answer.CLEAR: 'clear'>, <Answer.UNKNOWN: 'unknown'>)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.domain.policy import View
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose


class Answer(StrEnum):
    """What is answered for a subject, the gravest first."""

    BLOCK = "block"
    CAUTION = "caution"
    UNKNOWN = "unknown"
    CLEAR = "clear"


class Cause(StrEnum):
    """Why."""

    PENALTY = "penalty"  # 施行中的惩戒措施，对该用途予以拦截
    COURT_LIST = "court_list"  # 失信被执行人，规则包规定予以拦截
    LISTED = "listed"  # 失信被执行人，规则包未规定予以拦截
    OTHER_PENALTY = "other_penalty"  # 施行中的惩戒措施，不针对该用途
    UNSETTLED = "unsettled"  # 施行中的惩戒措施，规则包未规定哪些措施拦截该用途
    EXEMPT = "exempt"  # 社会福利、救助和扶贫资金除外（D16）
    SUSPENDED = "suspended"  # 异议处理、核实期间暂不执行（E03）
    RELIEVED = "relieved"  # 账本刚记载其暂停、减轻、解除或移出，尚未计入
    RECORD = "record"  # 有未修复的失信记录
    OBJECTION = "objection"  # 记录正在异议处理中
    OVERDUE = "overdue"  # 逾期未整改
    PREDECESSOR = "predecessor"  # 承继的单位有上述情形（A12）
    AMBIGUOUS = "ambiguous"  # 名称对应多个单位
    UNCERTAIN = "uncertain"  # 仅按简称或读音对应
    MALFORMED = "malformed"  # 既非有效代码，也非名称
    NOT_FOUND = "not_found"  # 账本中没有该代码或名称的单位


BLOCKING = frozenset((Cause.PENALTY, Cause.COURT_LIST))
NOT_KNOWN = frozenset((Cause.NOT_FOUND, Cause.MALFORMED))


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: about which record, with what is known of it as plain data."""

    cause: Cause
    stream: str | None = None
    details: Mapping[str, Any] | None = None

    def data(self) -> dict[str, Any]:
        """As it is answered."""
        found: dict[str, Any] = {"cause": str(self.cause)}
        if self.stream is not None:
            found["record"] = self.stream.partition("/")[2]
        return found | dict(self.details or {})


@dataclass(frozen=True, slots=True)
class Asked:
    """What bodies are screened for: the purpose, the day, and for subsidies which fund (D16)."""

    purpose: ScreeningPurpose
    day: date
    fund: Fund = Fund.OTHER


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands about a body: rows of its penalties, records and court listings on the day."""

    penalties: Sequence[Mapping[str, Any]] = ()
    records: Sequence[Mapping[str, Any]] = ()
    listings: Sequence[Mapping[str, Any]] = ()


def answer_of(reasons: Sequence[Reason]) -> Answer:
    """The answer that reasons give together."""
    causes = {reason.cause for reason in reasons}
    if causes & BLOCKING:
        return Answer.BLOCK
    if causes - NOT_KNOWN:
        return Answer.CAUTION
    return Answer.UNKNOWN if causes else Answer.CLEAR


def reasons_of(standing: Standing, asked: Asked, view: View) -> Iterator[Reason]:
    """Why a body is blocked, or to be looked at; ``view`` are the rules of its region on the day."""
    for penalty in standing.penalties:
        yield Reason(_weighed(penalty, asked, view), penalty["stream"], _told(penalty))
    blocks = asked.purpose in view.names("screening_court_list")
    for listing in standing.listings:
        cause = Cause.RELIEVED if listing["relieved"] else Cause.COURT_LIST if blocks else Cause.LISTED
        rule = {"rule": view.source("screening_court_list")} if blocks else {}
        yield Reason(cause, listing["stream"], {**_plain(listing, _LISTING), **rule})
    for record in standing.records:
        yield Reason(Cause.RECORD, record["stream"], _plain(record, _RECORD))
        if record["objected"]:
            yield Reason(Cause.OBJECTION, record["stream"])
        due = record["rectify_by"]
        if due is not None and due < asked.day and not record["rectified"]:
            yield Reason(Cause.OVERDUE, record["stream"], {"due": due.isoformat()})


def weakened(reason: Reason, relation: str) -> Reason:
    """The same of a body that the subject answers for: it never blocks the subject, whom nothing was imposed on."""
    return Reason(Cause.PREDECESSOR, reason.stream, {"of": relation, "why": reason.data()})


def _weighed(penalty: Mapping[str, Any], asked: Asked, view: View) -> Cause:
    """What a penalty that has begun and is neither over nor lifted means for a purpose."""
    if penalty["held_by"]:
        return Cause.SUSPENDED
    if penalty["relieved"]:
        return Cause.RELIEVED
    key = f"screening.{asked.purpose}"
    if asked.purpose is ScreeningPurpose.ADMINISTRATION:
        return Cause.OTHER_PENALTY
    if view.find(key) is None:
        return Cause.UNSETTLED
    if penalty["kind"] not in view.names(key):
        return Cause.OTHER_PENALTY
    if asked.purpose is ScreeningPurpose.SUBSIDY and asked.fund in penalty["exempt"]:
        return Cause.EXEMPT
    return Cause.PENALTY


_PENALTY = ("measure", "kind", "zh", "en", "starts", "ends", "basis", "decision_number", "imposed_by", "imposed_on")
_LISTING = ("court", "case_number", "listed_on", "until")
_RECORD = ("severity", "source", "recognised_on", "decision_number")


def _told(penalty: Mapping[str, Any]) -> dict[str, Any]:
    held = {"held_by": list(penalty["held_by"])} if penalty["held_by"] else {}
    return {"penalty": penalty["penalty"], **_plain(penalty, _PENALTY), **held}


def _plain(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Columns as JSON has them; what is not there is left out."""
    return {n: v.isoformat() if isinstance(v, date) else v for n in names if (v := row[n]) is not None}
