"""Screening: ``POST /api/v1/screen`` asks what stands against up to 10,000 bodies for a purpose, and gets it signed.

    {"purpose": "procurement", "on": "2026-11-23", "subjects": ["11990000000000019A", "示例市财政局"]}

``answer`` is what :mod:`projections.views.screening` finds, with the position of the log that it rests on; ``jws`` is
the same under the ledger's own signature (``typ`` jiannuo-screening+jwt, ledger/proof/attestation.py). The public is
answered from what may be shown; who sends the auditors' token from all that is in force. That it was asked is kept
before it is answered: for what, when, about how many, never about whom (ledger/store/screenings.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from ledger.application import Ledger
from ledger.domain import codec
from ledger.domain.codec import BodyId, Many, Name, Text, Uscc
from ledger.domain.event import legal_day
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.errors import FormatError, NotFoundError
from ledger.proof import strictjson
from ledger.proof.attestation import SCREENING
from ledger.proof.event import format_time
from ledger.sheets.columns import Note, letter
from ledger.sheets.subjects import Subjects
from ledger.store.screenings import Asked as Remembered
from ledger.store.screenings import RuledOut
from projections.matching import key_of, keys_of
from projections.reading import Moment, Reading
from projections.screening import Asked
from projections.views.rules import RulesAt
from projections.views.screening import READS, is_code, screened

T = TypeVar("T")
MOST = 10_000
"""Most subjects of one screening."""
MAX_BODY = 8 * 1024 * 1024
AHEAD = timedelta(days=366)
"""How far ahead of today the day may be: of a bid that is still to be opened, say."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``on`` is today if left out, ``fund`` is for subsidies (D16), ``asked_by`` and ``reference`` name
    the office and its letter for the log of queries.
    """

    purpose: ScreeningPurpose
    subjects: Annotated[tuple[Annotated[str, Text(200)], ...], Many(MOST)]
    on: date | None = None
    fund: Fund | None = None
    asked_by: Uscc | None = None
    reference: Name | None = None


@dataclass(frozen=True, slots=True)
class RulingOut:
    """An office confirms that a name which was asked for is not this body (``reason`` names no person)."""

    name: Name
    body: BodyId
    reason: Annotated[str, Text(500)]
    by: Uscc


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What was ruled out under a number is open again."""

    number: Annotated[int, codec.Range(1, 2**53 - 1)]
    reason: Annotated[str, Text(500)]
    by: Uscc


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as data, and the same as a compact JWS."""

    answer: dict[str, Any]
    jws: bytes

    def json(self) -> dict[str, Any]:
        """As the interface answers it."""
        return {"answer": self.answer, "jws": self.jws.decode("ascii")}


@dataclass(frozen=True)
class Desk:
    """Where screenings are asked. ``clock`` gives UTC."""

    ledger: Ledger
    reading: Reading
    clock: Callable[[], datetime]

    def screen(self, question: Question, *, public: bool) -> Answered:
        """The signed answer, once it is remembered that it was asked. Raises FormatError for a day out of bounds."""
        now = self.clock()
        moment = self._moment(question.on, legal_day(now))
        asked = Asked(question.purpose, question.on or moment.today, question.fund or Fund.OTHER)
        rules = RulesAt(self.ledger, replace(moment, on=asked.day))
        found = screened(
            self.reading,
            moment,
            asked,
            question.subjects,
            rules.of,
            public=public,
            excluded={k: {} if public else _told(r) for k, r in self._ruled_out(question).items()},
        )
        counts = Counter(one["answer"] for one in found)
        told = self._told(question, asked, moment, now, public) | {"counts": dict(sorted(counts.items()))}
        answer = Answered(told | {"results": found}, self.ledger.attest(SCREENING, told | {"results": found}))
        self.ledger.screenings.remember(
            Remembered(
                now,
                *(told["audience"], question.asked_by, question.reference, question.purpose, asked.day, moment.size),
                *(len(found), counts, hashlib.sha256(answer.jws).hexdigest()),
            )
        )
        return answer

    def rule_out(self, ruling: RulingOut) -> int:
        """Remembers that a name does not mean a body; its number, or that under which this stands already.

        Raises NotFoundError where a body is not there, FormatError for a code: it means one body and no other.
        """
        self._need_bodies(ruling.body, ruling.by)
        if is_code(ruling.name):
            raise FormatError("name: expected a name, got a code", "name：应为名称，实为代码")
        key = key_of(ruling.name)
        if not key:
            raise FormatError("name: expected a name, got signs alone", "name：应为名称，实为符号")
        if standing := self.ledger.screenings.ruled_out((key,)).get((key, ruling.body)):
            return standing.number
        return self.ledger.screenings.rule_out(key, ruling.body, reason=ruling.reason, by=ruling.by, at=self.clock())

    def take_back(self, taking: TakingBack) -> int:
        """Takes back what was ruled out. Raises NotFoundError, TakenBackError where it was already."""
        self._need_bodies(taking.by)
        return self.ledger.screenings.take_back(taking.number, reason=taking.reason, by=taking.by, at=self.clock())

    def _ruled_out(self, question: Question) -> dict[tuple[str, str], RuledOut]:
        return self.ledger.screenings.ruled_out({key_of(subject) for subject in question.subjects})

    def _moment(self, on: date | None, today: date) -> Moment:
        """A past day as the log stood at its end; today and what is to come as it stands now."""
        if on is None or on == today:
            return self.reading.moment(None, today, *READS)
        if not date(2000, 1, 1) <= on <= today + AHEAD:
            raise FormatError(
                f"on: expected a day from 2000-01-01 to {today + AHEAD}, got {on}",
                f"on：应在 2000-01-01 与 {today + AHEAD} 之间，实为 {on}",
            )
        return self.reading.moment(on if on < today else None, today, *READS)

    def _told(self, question: Question, asked: Asked, moment: Moment, now: datetime, public: bool) -> dict[str, Any]:
        """What the answer is to: by whom, when, from which position of which log."""
        told: dict[str, Any] = {
            "iss": self.ledger.log_key.origin,
            "at": format_time(now),
            "size": moment.size,
            "purpose": str(asked.purpose),
            "on": asked.day.isoformat(),
            "audience": "public" if public else "office",
        }
        told |= {"fund": str(asked.fund)} if asked.purpose is ScreeningPurpose.SUBSIDY else {}
        told |= {"asked_by": question.asked_by} if question.asked_by else {}
        return told | ({"reference": question.reference} if question.reference else {})

    def _need_bodies(self, *ids: str) -> None:
        for body in ids:
            if not self.ledger.case(f"body/{body}").state.known:
                raise NotFoundError(f"body: there is none with the id {body}", f"单位：没有标识为 {body} 的单位")


def contradicted(listed: Subjects, of: Mapping[str, Mapping[str, Any]]) -> Iterator[Note]:
    """Rows of a list whose code is a body's and whose name is none of it; ``of``: the result by who was asked for.

    They are answered by the code; one of the two is wrong, and only a person can tell which.
    """
    for subject in listed.subjects:
        name = of[subject.asked].get("match", {}).get("name", "")
        key = key_of(subject.name)
        if not (subject.code and key and name) or key == key_of(name):
            continue
        if all(key != other for other, _, _ in keys_of(name, ())):
            yield Note(
                subject.row,
                letter(listed.header.columns["name"]),
                "contradiction",
                f"not the name of {subject.code}, which is {name}",
                f"与代码 {subject.code} 的单位名称“{name}”不符",
                serious=True,
            )


def read_question(data: bytes) -> Question:
    """The question in a body. Raises FormatError for anything that is not exactly one."""
    question = _read(Question, data)
    if not question.subjects:
        raise FormatError("subjects: expected at least one", "subjects：应至少有一个")
    return question


def read_ruling(data: bytes) -> RulingOut:
    """What an office rules out. Raises FormatError."""
    return _read(RulingOut, data)


def read_taking(data: bytes) -> TakingBack:
    """What an office takes back. Raises FormatError."""
    return _read(TakingBack, data)


def _read(cls: type[T], data: bytes) -> T:
    value = strictjson.loads(data, "body")
    if type(value) is not dict:
        raise codec.refuse("body", "an object", "对象", value)
    return codec.decode(cls, value, "body")


def _told(ruled: RuledOut) -> dict[str, Any]:
    """A ruled-out match as an office is shown it. The public is told which body alone: who decided so, when and why
    would say who asked about whom.
    """
    found = {"number": ruled.number, "confirmed_on": legal_day(ruled.at).isoformat()}
    return found | {"by": ruled.by, "reason": ruled.reason}
