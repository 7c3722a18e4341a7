"""The language of the domain's tests: ``given(said(...)).when(fact, by=...).then(...)`` or ``.refused(rule)``.

A small world of fictional bodies serves all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ledger.domain.body import Body
from ledger.domain.body_terms import Kind, Role, Status
from ledger.domain.event import LEDGER, Consequence, Document, Event, Recorded, Rules
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.kinds import bodies_of, kind_of
from ledger.errors import RuleError

CITY, BUREAU, PARTNER, CREDIT, APPRAISER, PROVINCE, FIRM, HEIR, OPERATOR, STRANGER, UNKNOWN = map(
    fictional_uscc, range(1, 12)
)
SHORT_NAME = "p-0123456789abcdef"  # a body that a document names only by its short name

TODAY = date(2026, 3, 2)
PAPER = (Document("会议纪要", "ab" * 32),)
STREAM = "commitment/0198c5a2-0000-7000-8000-000000000001"


def body(body_id: str, name: str, *roles: Role, **more: Any) -> Body:
    """A registered body."""
    return Body(body_id, Status.REGISTERED, name, kind=Kind.DEPARTMENT, roles=frozenset(roles), **more)


WORLD: Mapping[str, Body] = {
    b.id: b
    for b in (
        body(CITY, "示例市人民政府", superior=PROVINCE),
        body(BUREAU, "示例市数据局", superior=CITY),
        body(PARTNER, "示例市财政局", superior=CITY),
        body(CREDIT, "示例市信用办", Role.CREDIT_OFFICE),
        body(APPRAISER, "示例评价中心", Role.APPRAISER),
        body(PROVINCE, "示例省人民政府"),
        body(FIRM, "示例科技有限公司"),
        body(HEIR, "示例市新区管委会"),
        body(OPERATOR, "示例运营中心", Role.OPERATOR),
        body(STRANGER, "外地某局"),
        replace(body(SHORT_NAME, "市直有关部门"), status=Status.PROVISIONAL),
    )
}


def succeeded(old: str, new: str, world: Mapping[str, Body] = WORLD) -> Mapping[str, Body]:
    """The world after ``old`` was succeeded by ``new``."""
    return {**world, old: replace(world[old], status=Status.SUCCEEDED, successor=new)}


def resolved(alias: str, uscc: str, world: Mapping[str, Body] = WORLD) -> Mapping[str, Body]:
    """The world after the provisional ``alias`` was found to be ``uscc``."""
    return {**world, alias: replace(world[alias], status=Status.RESOLVED, resolved_to=uscc)}


@dataclass(frozen=True)
class Saying:
    """A fact, who says it, on which documents, and the day on which the ledger records it."""

    fact: Any
    by: str
    basis: tuple[Document, ...] = ()
    on: date = TODAY
    cause: str | None = None


def said(fact: Any, by: str, basis: tuple[Document, ...] = (), on: date = TODAY, cause: str | None = None) -> Saying:
    """A saying of the history."""
    return Saying(fact, by, basis, on, cause)


@dataclass(frozen=True)
class Scenario:
    """What has happened in one stream."""

    stream: str = STREAM
    world: Mapping[str, Body] = field(default_factory=lambda: WORLD)
    history: tuple[Saying, ...] = ()
    policies: tuple[Any, ...] = ()
    cases: Mapping[str, Any] = field(default_factory=dict)

    def having(self, *sayings: Saying) -> Scenario:
        """More history; every saying of it has to be admitted."""
        return replace(self, history=(*self.history, *sayings))

    def amid(self, world: Mapping[str, Body]) -> Scenario:
        """The same in another world."""
        return replace(self, world=world)

    def at(self, stream: str) -> Scenario:
        """The same in another stream."""
        return replace(self, stream=stream)

    @property
    def state(self) -> Any:
        """The state of the case after its history."""
        state, number = kind_of(self.stream).initial, 0
        for saying in self.history:
            state, count = self.after(state, saying, number)
            number += count
        return state

    def event(self, saying: Saying, number: int) -> Event:
        """The event of a saying at its place in the stream."""
        return Event(
            iss=saying.by,
            iat=0,
            jti=f"0198c5a2-0000-7000-8000-{number:012d}",
            stream=self.stream,
            version=number + 1,
            prev=None,
            fact=saying.fact,
            basis=saying.basis,
            cause=saying.cause,
        )

    def judge(self, state: Any, saying: Saying, number: int = 0) -> tuple[Consequence, ...]:
        """The consequences of a saying. As the ledger does, it shows admission only the bodies that matter."""
        event = self.event(saying, number)
        return kind_of(self.stream).admit(state, event, self.rules(state, event), noon(saying.on))

    def rules(self, state: Any, event: Event) -> Rules:
        """What the ledger shows to the admission of an event: the bodies and cases that matter, and the packs."""
        bodies = self._reached(sorted(bodies_of(state, event)))
        related = {stream: self.cases.get(stream) for stream in kind_of(self.stream).related(state, event)}
        return Rules(bodies, related, self.policies)

    def _reached(self, wanted: list[str]) -> Mapping[str, Body]:
        found: dict[str, Body] = {}
        while wanted:
            body_id = wanted.pop()
            if body_id not in found and body_id in self.world:
                found[body_id] = self.world[body_id]
                of = found[body_id]
                wanted.extend(b for b in (of.successor, of.resolved_to, of.superior) if b)
        return found

    def after(self, state: Any, saying: Saying, number: int = 0) -> tuple[Any, int]:
        """The state after a saying and all that the ledger states in consequence, each judged in its turn, as the
        ledger does it; and how many events that made.
        """
        queue, count = [saying], 0
        while queue:
            current = queue.pop(0)
            more = self.judge(state, current, number + count)
            state = self.grown(state, current, number + count)
            count += 1
            queue += [
                Saying(c.fact, LEDGER, on=saying.on, cause="0198c5a2-0000-7000-8000-000000000000")
                for c in more
                if c.stream == self.stream
            ]
        return state, count

    def grown(self, state: Any, saying: Saying, number: int = 0) -> Any:
        """The state after a saying that was admitted."""
        recorded = Recorded(self.event(saying, number), "kid", number, noon(saying.on), "00" * 32)
        return kind_of(self.stream).evolve(state, recorded)

    def when(
        self,
        fact: Any,
        by: str,
        basis: tuple[Document, ...] = (),
        on: date = TODAY,
        cause: str | None = None,
    ) -> Trial:
        """Someone tries to say something now."""
        return Trial(self, Saying(fact, by, basis, on, cause))


@dataclass(frozen=True)
class Trial:
    """A saying that is tried; it has to be admitted (``then``) or refused (``refused``)."""

    scenario: Scenario
    saying: Saying

    def then(self, *consequences: Consequence) -> Any:
        """It is admitted and has just these consequences. The state after it."""
        state, number = self.scenario.state, len(self.scenario.history)
        assert self.scenario.judge(state, self.saying, number) == consequences
        return self.scenario.grown(state, self.saying, number)

    def refused(self, rule: str) -> RuleError:
        """It is refused by this rule, in both languages and with the rule's source, and the state stays."""
        state = self.scenario.state
        before = repr(state)
        with pytest.raises(RuleError) as caught:
            self.scenario.judge(state, self.saying, len(self.scenario.history))
        error = caught.value
        assert error.rule == rule, f"expected {rule}, got {error.rule}: {error}"
        assert error.source
        assert re.search("[a-z]{3}", error.en)
        assert re.search("[\u4e00-\u9fff]", error.zh)
        assert repr(state) == before
        return error


def given(*sayings: Saying) -> Scenario:
    """A commitment's stream with a history."""
    return Scenario().having(*sayings)


def noon(day: date) -> datetime:
    """Noon in China on a day."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # noon in China
