"""What becomes of sealed fields: a body looked them up, or they were erased. Every kind of case that seals has both.

A look-up is an event before it is an answer: who asks, in which role, for which purpose, under which case number, and
the names of the fields; never what they say (F15 全过程的安全保障; G01–G04). An erasure is an event as well: which
digests can no longer be opened, on which ground. The digests stay in the events that they stand in, so that every
signature, hash and proof is as it was; what opened them is destroyed with the transaction that records the erasure.

>>> from datetime import datetime
>>> from ledger.domain.event import Event
>>> name, post = "a" * 42 + "A", "b" * 42 + "A"
>>> seals = EMPTY.sealing([name, post])
>>> event = Event("11990000000000019A", 0, "", "person/1", 2, None, SealErased(Ground.UNLAWFUL, (name,)))
>>> seals = evolve(seals, Recorded(event, "", 0, datetime.fromisoformat("2026-03-02T04:00:00Z"), ""))
>>> seals.left == {post}
True
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from ledger.domain.codec import Ascending, Digest, Many, Shape, Uscc
from ledger.domain.event import Recorded, Said, said
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose

_NUMBER = "[0-9A-Za-z\u4e00-\u9fff〔〕［］【】（）()\\[\\]第字号·.,/-]"
CaseNumber = Annotated[
    str,
    Shape(
        f"{_NUMBER}{{0,40}}[0-9]{_NUMBER}{{0,39}}",
        "the number of a letter or case: at most 80 letters and digits, one digit at least, no spaces",
        "公函文号或案号：至多 80 个汉字、字母、数字，至少一位数字，不含空格",
    ),
]
"""Such as 示组函〔2026〕3号. It is public to auditors for ever: no person's name belongs in it."""
FieldName = Annotated[str, Shape("[a-z][a-z_]{0,39}", "the name of a sealed field", "封存字段的名称")]
Fields = Annotated[tuple[FieldName, ...], Many(20), Ascending()]
Digests = Annotated[tuple[Digest, ...], Many(20), Ascending()]


# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SealOpened:
    """Sealed fields were looked up: names of fields, in which role, what for, under which number (G01-G04, F15).

    ``requester`` is the body whose letter asks, where the signer asks for another. Without ``digests`` all that stands
    under these names counts; with them only what they name. What the fields say never stands here.
    """

    SCHEMA: ClassVar[int] = 1
    fields: Fields
    role: CaseRole
    purpose: Purpose
    case_number: CaseNumber
    requester: Uscc | None = None
    digests: Digests = ()


@dataclass(frozen=True, slots=True)
class SealErased:
    """What opens these digests is destroyed; without ``digests`` all that was sealed in this case up to here (C17)."""

    SCHEMA: ClassVar[int] = 1
    ground: Ground
    digests: Digests = ()


Fact = SealOpened | SealErased

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seals:
    """What was ever sealed in a case, what of it was replaced or erased, and who looked."""

    sealed: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    erased: frozenset[str] = frozenset()
    lookups: tuple[Said[SealOpened], ...] = ()
    erasures: tuple[Said[SealErased], ...] = ()

    @property
    def left(self) -> frozenset[str]:
        """The digests that may still be opened."""
        return self.sealed - self.erased

    @property
    def current(self) -> frozenset[str]:
        """The digests that stand: neither erased nor replaced by a correction."""
        return self.left - self.replaced

    def sealing(self, digests: Iterable[str], replaced: Iterable[str] = ()) -> Seals:
        """After these were sealed, in the place of others."""
        return replace(self, sealed=self.sealed | set(digests), replaced=self.replaced | set(replaced))

    def asked(self, fact: SealOpened) -> frozenset[str]:
        """The digests among which a look-up may find its fields."""
        return self.left & set(fact.digests) if fact.digests else self.current


EMPTY = Seals()


def evolve(state: Seals, recorded: Recorded) -> Seals:
    """The seals after a look-up or an erasure."""
    fact: Fact = recorded.event.fact
    match fact:
        case SealOpened():
            return replace(state, lookups=(*state.lookups, said(recorded)))
        case SealErased():
            gone = frozenset(fact.digests) or state.sealed
            return replace(state, erased=state.erased | gone, erasures=(*state.erasures, said(recorded)))
