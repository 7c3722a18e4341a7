"""What the tests of sealed fields share: a ledger that goes by the national pack, a person, look-ups and erasures."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from ledger import policies
from ledger.authoring import Author, new_id
from ledger.domain.event import Document
from ledger.domain.person import PersonCorrected, PersonRegistered
from ledger.domain.record.terms import PersonKind
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from ledger.domain.seals import SealErased, SealOpened
from ledger.errors import Head
from ledger.installation import Installation
from ledger.proof.disclosure import Opening, conceal, digests, present
from tests.conftest import OPERATOR

NAME, NUMBER = "示例姓名乙", "11010519491231002X"  # invented; the number is the sample of GB 11643
PAPER = (Document("抹除决定", "ab" * 32, "示信办〔2026〕7号"),)
LETTER = (Document("查询函", "cd" * 32, "示组函〔2026〕3号"),)


def adopt(installation: Installation) -> Author:
    """The operator, in a ledger that goes by the national pack."""
    author = installation.author("operator", OPERATOR.uscc)
    national = policies.adoption(policies.text("national"))
    head = installation.ledger.head(national.stream)
    if head.version == 0:
        event = author.write(national.stream, head, national.fact, (national.document,))
        installation.ledger.submit(event).result()
    return author


def sealed(**values: str) -> list[Opening]:
    """Openings of values under fresh salts."""
    return [conceal(secrets.token_bytes(16), name, value) for name, value in values.items()]


@dataclass
class Person:
    """A person on file, and what can be said of the file."""

    installation: Installation
    author: Author
    openings: list[Opening]
    stream: str = field(default_factory=lambda: f"person/{new_id()}")
    jws: bytes = b""

    def say(self, fact: Any, basis: tuple[Document, ...] = (), openings: list[Opening] | None = None) -> bytes:
        """The signed event that comes next."""
        jws = self.author.write(self.stream, self.installation.ledger.head(self.stream), fact, basis)
        return present(jws, openings) if openings else jws

    def submit(self, data: bytes) -> Any:
        """Its receipt."""
        return self.installation.ledger.submit(data).result()

    def look_up(self, *fields: str, digests: tuple[str, ...] = (), purpose: Purpose = Purpose.RECRUITMENT) -> bytes:
        """A signed look-up of these fields."""
        names, number = tuple(sorted(fields)), "示组函〔2026〕3号"
        fact = SealOpened(names, CaseRole.CREDIT_OFFICE, purpose, number, digests=tuple(sorted(digests)))
        return self.say(fact, LETTER)

    def erasure(self, *openings: Opening) -> bytes:
        """A signed erasure of these, or of all."""
        return self.say(SealErased(Ground.SUBJECT_REQUEST, digests(openings)), PAPER)

    def correction(self, now: list[Opening], before: list[Opening]) -> bytes:
        """The signed correction of a sealed field, with what opens the new one."""
        return self.say(PersonCorrected(digests(now), digests(before)), PAPER, now)

    @property
    def held(self) -> tuple[Opening, ...]:
        """What the vault has."""
        assert self.installation.ledger.vault is not None
        return self.installation.ledger.vault.open_(self.stream)

    @property
    def presentation(self) -> bytes:
        """What the person has in hand: the registration, with what opens the name."""
        return present(self.jws, self.openings[:1])


def registered(installation: Installation, **values: str) -> Person:
    """A person whose file has begun; by default with a name and an identity number."""
    person = Person(installation, adopt(installation), sealed(**(values or {"name": NAME, "id_number": NUMBER})))
    fact = PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, digests(person.openings))
    person.jws = person.author.write(person.stream, Head(0, None), fact)
    person.submit(present(person.jws, person.openings))
    return person


def rows(installation: Installation, query: str, role: Any = "writer") -> list[Any]:
    """What a query gives to a role of the database."""
    with psycopg.connect(installation.database.url(role), autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


@contextmanager
def reading_since_before(installation: Installation) -> Iterator[None]:
    """Somebody's long transaction that has looked at the log alone, as a backup of it does."""
    with psycopg.connect(installation.database.url("reader")) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SELECT count(*) FROM ledger.events")
        yield
