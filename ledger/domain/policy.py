"""Rule packs as events: which jurisdiction adopted which rules, and what they say on a day. Stream ``policy/<id>``.

``policy/national`` holds the national pack and the years' working-day arrangements, ``policy/<GB/T 2260 code>`` the
pack of a city, county or province. A pack is adopted with its text and the text's SHA-256, and holds from its first
day in force until that of the next one; of two with the same first day the one adopted later holds. For a body the
rules are looked up in the pack of its county, city and province, and then in the national one: a city without a pack
inherits the national one, and so does a pack where it is silent.

>>> streams("350526")
('policy/350526', 'policy/350500', 'policy/350000', 'policy/national')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, ClassVar, assert_never

from ledger.domain.calendar import Calendar, Year
from ledger.domain.codec import Many, Range, Sha256, Text
from ledger.domain.event import Event, Recorded, Rules, legal_day
from ledger.domain.pack import Pack, Value, parse_pack
from ledger.domain.policy_keys import KEYS, key_of
from ledger.errors import RuleError

NATIONAL = "policy/national"
PackText = Annotated[str, Text(40_000, lines=True)]
Dates = Annotated[tuple[date, ...], Many(120)]

# --- facts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PolicyAdopted:
    """A jurisdiction adopts a rule pack: its text (TOML, see ``pack``), the text's SHA-256, and from which day on."""

    SCHEMA: ClassVar[int] = 1
    digest: Sha256
    in_force: date
    text: PackText


@dataclass(frozen=True, slots=True)
class CalendarArranged:
    """The State Council's arrangement of a year: weekdays that are off, days of a weekend that are worked."""

    SCHEMA: ClassVar[int] = 1
    year: Annotated[int, Range(2000, 2100)]
    off: Dates
    worked: Dates = ()


Fact = PolicyAdopted | CalendarArranged

# --- state --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Adoption:
    """A pack as it was adopted: by whom, recorded on which day, in force from which day on."""

    pack: Pack
    digest: str
    in_force: date
    by: str
    day: date


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the log says about a jurisdiction's rules up to a position."""

    adoptions: tuple[Adoption, ...] = ()
    years: Mapping[int, Year] = field(default_factory=dict)

    def pack(self, on: date) -> Adoption | None:
        """The pack in force on a day: of those whose first day has come, the latest; the later adopted of two."""
        begun = [a for a in reversed(self.adoptions) if a.in_force <= on]
        return max(begun, key=lambda a: a.in_force, default=None)

    def holds(self, digest: str, in_force: date) -> bool:
        """Whether adopting the pack with this digest from this day on would change nothing."""
        same_day = [a for a in self.adoptions if a.in_force == in_force]
        return bool(same_day) and same_day[-1].digest == digest


EMPTY = Policy()


def named(state: Policy, event: Event) -> Iterator[str]:
    """Bodies beyond the signer that admission looks at (here: none)."""
    return iter(())


def evolve(state: Policy, recorded: Recorded) -> Policy:
    """The policy after an admitted event."""
    fact: Fact = recorded.event.fact
    match fact:
        case PolicyAdopted():
            pack, day = _pack(fact.text), legal_day(recorded.at)
            adoption = Adoption(pack, fact.digest, fact.in_force, recorded.event.iss, day)
            return replace(state, adoptions=(*state.adoptions, adoption))
        case CalendarArranged():
            year = Year(frozenset(fact.off), frozenset(fact.worked))
            return replace(state, years={**state.years, fact.year: year})
        case _:
            assert_never(fact)


@lru_cache(maxsize=64)
def _pack(text: str) -> Pack:
    return parse_pack(text)


# --- looking up ---------------------------------------------------------------------------------------------


def streams(region: str) -> tuple[str, ...]:
    """The policy streams that decide for a region (GB/T 2260), the nearest first."""
    regions = dict.fromkeys((region, f"{region[:4]}00", f"{region[:2]}0000"))
    return (*(f"policy/{r}" for r in regions), NATIONAL)


def region_of(body_id: str, region: str | None) -> str:
    """The region of a body: the one it was registered with, or digits 3 to 8 of its USCC (GB 32100-2015)."""
    return region or body_id[2:8]


@dataclass(frozen=True, slots=True)
class View:
    """The rules of a jurisdiction on a day: ``layers`` are the packs in force, the nearest first."""

    layers: tuple[Pack, ...]
    calendar: Calendar
    on: date

    def find(self, key: str) -> Value | None:
        """The value in force, with source and confidence; None where no layer settles the key on this day."""
        national = key_of(key).national
        for pack in self.layers:
            found = pack.value(key, self.on)
            if found and not (national and pack.region):
                return found
        return None

    def settled(self) -> Iterator[Value]:
        """Every value in force on this day, in the order of the table of keys."""
        order = list(KEYS)
        names = {key for pack in self.layers for key in pack.values}
        for name in sorted(names, key=lambda n: (order.index(key_of(n).pattern), n)):
            found = self.find(name)
            if found:
                yield found

    def get(self, key: str) -> Any:
        """The bare value; None where it is not settled, or where nobody could confirm it yet."""
        found = self.find(key)
        return found.value if found else None

    def flag(self, key: str) -> bool:
        """Whether a rule holds; what is not settled does not."""
        return bool(self.get(key))

    def names(self, key: str) -> tuple[Any, ...]:
        """A list of codes, with those of the national list that goes with it; empty where it is not settled."""
        own, plus = self.get(key) or (), key_of(key).plus
        return tuple(dict.fromkeys((*own, *self.names(plus)))) if plus else own

    def source(self, key: str) -> str:
        """Where a rule stands, for a refusal: the source in the pack, or that no pack settles it."""
        plus = key_of(key).plus
        found = [(name, self.find(name)) for name in (key, plus) if name]
        named = "; ".join(f"{value.source} ({name})" for name, value in found if value)
        return named or f"no rule pack in force settles {key}"


def view(rules: Rules, on: date) -> View:
    """The rules that admission goes by on a day. Raises RuleError where no pack is in force."""
    found = view_of(rules.policies, on)
    if not found.layers:
        raise RuleError(
            f"expected a rule pack in force on {on}; adopt one first: jiannuo policy adopt national",
            f"{on} 没有施行中的规则包；请先采纳：jiannuo policy adopt national",
            rule="policy.none",
            source="docs/architecture.md, Rules are data",
        )
    return found


def view_of(policies: tuple[Any, ...], on: date) -> View:
    """The rules that these policies, the nearest first, make on a day; without a layer where none is in force."""
    adopted = [policy.pack(on) for policy in policies]
    years = policies[-1].years if policies else {}
    return View(tuple(a.pack for a in adopted if a), Calendar(years), on)
