"""A case under way, for tests that go wherever the rules let them: what is offered, said as its exemplar.

A :class:`Field` is a kind of case as it is played: its stream, steps, offers and what there is around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ledger.domain import steps
from ledger.domain.body import Body
from ledger.domain.event import LEDGER, Recorded, Rules
from ledger.domain.kinds import kind_of
from ledger.domain.policy import View, view
from ledger.domain.roles import CaseRole
from ledger.errors import RuleError
from tests.domain import exemplars
from tests.domain.records import RECORD_WORLD, policy
from tests.domain.scenario import Saying, Scenario, noon

PACKS = sorted(
    p.stem for p in (Path(__file__).parents[2] / "ledger" / "policies").glob("*.toml") if p.stem != "calendar"
)
FIRST = date(2026, 4, 2)
Pick = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Field:
    """A kind of case as it is played."""

    stream: str
    steps: steps.Steps
    offers: Callable[[Any, Rules, date], Iterator[steps.Offer]]
    cases: Mapping[str, Any] = field(default_factory=dict)
    world: Mapping[str, Body] = field(default_factory=lambda: RECORD_WORLD)

    def cls(self, name: str) -> type:
        """The class of an event by its name."""
        return next(c for c in self.steps if c.__name__ == name)

    @property
    def submitted(self) -> list[type]:
        """The events that somebody may submit."""
        return [c for c, step in self.steps.items() if not step.ledger_only]


@dataclass
class Run:
    """A case under way: its history, and the state after it."""

    field: Field
    pack: str
    pick: Pick = exemplars.first
    today: date = FIRST
    history: list[Recorded] = field(default_factory=list)

    def __post_init__(self) -> None:
        layers = () if self.pack == "national" else (policy(self.pack),)
        policies = (*layers, policy("national"))
        self.scenario = Scenario(self.field.stream, self.field.world, (), policies, self.field.cases)
        self.rules = Rules(self.field.world, self.field.cases, policies)
        self.kind = kind_of(self.field.stream)
        self.state: Any = self.kind.initial

    @property
    def view(self) -> View:
        """The rules of this day."""
        return view(self.rules, self.today)

    def offered(self) -> list[steps.Offer]:
        """What may come today."""
        return list(self.field.offers(self.state, self.rules, self.today))

    def roles(self, offer: steps.Offer) -> list[CaseRole]:
        """The roles that may say it and that somebody has here."""
        return [role for role in offer.roles if exemplars.holds(self.state, role, offer.event, offer.item)]

    def saying(self, cls: type, item: str | None, role: CaseRole, pick: Pick | None = None) -> Saying:
        """The exemplar as a saying of today."""
        made = exemplars.exemplar(cls, self.state, self.rules, self.view, self.today, item, role, pick or self.pick)
        return Saying(*made, self.today)

    def judge(self, saying: Saying) -> RuleError | None:
        """Why a saying is refused; None where it is admitted."""
        try:
            self.scenario.judge(self.state, saying, len(self.history))
        except RuleError as error:
            return error
        return None

    def say(self, saying: Saying) -> None:
        """It is said, and the ledger states all that follows from it, in the same order as the ledger does."""
        queue = [saying]
        while queue:
            now = queue.pop(0)
            number = len(self.history)
            more = self.scenario.judge(self.state, now, number)
            recorded = Recorded(self.scenario.event(now, number), "kid", number, noon(now.on), "00" * 32)
            self.state = self.kind.evolve(self.state, recorded)
            self.history.append(recorded)
            cause = recorded.event.jti
            queue += [Saying(x.fact, LEDGER, on=now.on, cause=cause) for x in more if x.stream == self.field.stream]

    def candidates(self) -> Iterator[tuple[type, str | None]]:
        """Every event that somebody may submit, about everything there is and about something that there is not."""
        for cls in self.field.submitted:
            step = self.field.steps[cls]
            items = (*step.items(self.state), exemplars.NONE) if step.items else (None,)
            yield from ((cls, item) for item in items)

    def check_offers(self) -> None:
        """What is offered is admitted, said well; and nothing else is, however well it is said."""
        offered = {(o.event, o.item): o for o in self.offered()}
        for (name, item), offer in offered.items():
            found = self.roles(offer)
            assert found, f"nobody may say {name}"
            role = self.pick(found)
            error = self.judge(self.saying(self.field.cls(name), item, role))
            assert error is None, f"{name} {item} by {role} after {self.told()}: {error and error.rule}: {error}"
        for cls, item in self.candidates():
            if (cls.__name__, item) not in offered:
                saying = self.saying(cls, item, CaseRole.CREDIT_OFFICE, exemplars.first)
                if item == exemplars.NONE and getattr(saying.fact, self.field.steps[cls].item or "") != item:
                    continue  # an item of a code list: there is no other
                assert self.judge(saying) is not None, f"{cls.__name__} {item} is admitted after {self.told()}"

    def told(self) -> list[str]:
        """The names of the events so far."""
        return [recorded.event.name for recorded in self.history]
