"""Playing a casebook into a ledger: its cast is registered, its packs are adopted, its sayings are submitted in turn.

>>> clock = Clock()
>>> clock.set(datetime(2026, 4, 13, 1, tzinfo=UTC))
>>> clock().isoformat()
'2026-04-13T01:00:00+00:00'
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from ledger import casebook, policies
from ledger.authoring import Author, utc_now
from ledger.casebook import OPERATOR, Book, Member, Saying
from ledger.domain.body import BodyRegistered, KeyAuthorised, RoleGranted
from ledger.domain.event import Document
from ledger.domain.ids import uuid7
from ledger.errors import ConfigurationError, LedgerError, NotFoundError
from ledger.installation import Installation
from ledger.keys import keystore
from ledger.proof.disclosure import SALT_BYTES, conceal, digests, present
from ledger.proof.keys import Signer

MORNING = time(1, tzinfo=UTC)  # nine o'clock in China


class Clock:
    """A clock that a script moves; until then, and once it is let go, the system's."""

    def __init__(self) -> None:
        self._now: datetime | None = None

    def __call__(self) -> datetime:
        return self._now or utc_now()

    def set(self, now: datetime) -> None:
        """The time from now on, until it is set again."""
        self._now = now

    def let_go(self) -> None:
        """The system's time from now on."""
        self._now = None


@dataclass(frozen=True, slots=True)
class Script:
    """A casebook that was read, with its cast."""

    cast: tuple[Member, ...]
    packs: tuple[casebook.Adopted, ...]
    book: Book

    @property
    def begins(self) -> datetime:
        """When the cast is registered: at nine in the morning of the day before the first saying."""
        return datetime.combine(self.book.sayings[0].on, MORNING) - timedelta(days=1)


def read_script(folder: Path, operator: str) -> Script:
    """Reads ``cast.toml`` and all other files of a folder. Raises FormatError."""
    cast_text = (folder / "cast.toml").read_text(encoding="utf-8")
    cast = casebook.parse_cast(cast_text, operator)
    bodies = {OPERATOR: operator, **{m.name: m.uscc for m in cast}}
    files = sorted(path for path in folder.glob("*.toml") if path.name != "cast.toml")
    book = casebook.parse_book([(path.name, path.read_text(encoding="utf-8")) for path in files], bodies)
    return Script(cast, casebook.parse_policies(cast_text), book)


class Player:
    """Plays a script into an installation whose ledger has the script's clock. What was played before is left alone."""

    def __init__(self, installation: Installation, clock: Clock, script: Script) -> None:
        self._ledger = installation.ledger
        self._keys = installation.settings.keys
        self._clock = clock
        self._script = script
        self._operator = installation.author(OPERATOR, installation.operator())
        self._uscc = {m.name: m.uscc for m in script.cast}
        self._sayings = (*self._prelude(), *script.book.sayings)

    @property
    def count(self) -> int:
        """How many sayings there are."""
        return len(self._sayings)

    @property
    def can_play(self) -> bool:
        """Whether the script's days are still to come, or were begun here: recorded time never runs backwards."""
        first = f"body/{self._script.cast[0].uscc}"
        return self._clock() <= self._script.begins or self._ledger.head(first).version > 0

    def play(self) -> Iterator[Saying]:
        """Submits everything that the ledger does not hold yet; yields each saying that is done.

        Raises ConfigurationError, naming file and saying, for one that the ledger refuses.
        """
        for number, saying in enumerate(self._sayings):
            self._clock.set(datetime.combine(saying.on, MORNING) + timedelta(minutes=number % 480))
            self._say(saying)
            yield saying

    def _prelude(self) -> Iterator[Saying]:
        """The cast with keys and roles, the year's calendars and the packs, a day before the first saying."""
        day = self._script.begins.date()
        facts: list[tuple[str, Any, tuple[Document, ...]]] = []
        for member in self._script.cast:
            stream = f"body/{member.uscc}"
            registered = BodyRegistered(member.zh, member.kind, member.region, member.superior)
            facts.append((stream, registered, ()))
            facts.append((stream, KeyAuthorised(self._key(member.name).public), ()))
            facts.extend((stream, RoleGranted(role), ()) for role in member.roles)
        facts.extend(policies.shipped_facts())
        for adopted in self._script.packs:
            pack = policies.adoption(adopted.text(policies.text))
            facts.append((pack.stream, pack.fact, (pack.document,)))
        for number, (stream, fact, basis) in enumerate(facts):
            yield Saying("cast.toml", number, day, OPERATOR, stream, fact, basis)

    def _key(self, name: str) -> Signer:
        return keystore.load_or_create(self._keys / f"example-{name}.pem")

    def _say(self, saying: Saying) -> None:
        """Signs and submits a saying, unless the log has it: its id is made from its place in the script."""
        seed = hashlib.sha256(saying.key.encode()).digest()
        try:
            self._ledger.reader.by_jti(uuid7(int(self._clock().timestamp() * 1000), seed))
        except NotFoundError:
            pass
        else:
            return
        openings = [conceal(secrets.token_bytes(SALT_BYTES), name, value) for name, value in saying.seal.items()]
        fact = replace(saying.fact, sealed=digests(openings)) if openings else saying.fact
        iss, key = self._operator.iss, self._operator.key
        if saying.by != OPERATOR:
            iss, key = self._uscc[saying.by], self._key(saying.by)
        author = Author(iss, key, self._clock, lambda n: seed[:n])
        data = author.write(saying.stream, self._ledger.head(saying.stream), fact, saying.basis)
        try:
            self._ledger.submit(present(data, openings) if openings else data).result()
        except LedgerError as error:
            place = f"{saying.file} [{saying.number}] {saying.on} {saying.by} {type(saying.fact).__name__}"
            raise ConfigurationError(f"{place}: {error.en}", f"{place}：{error.zh}") from error
