"""Random logs: cases of every kind that go any way the rules let them, side by side, while rules are adopted.

The cases are played as in ``tests.domain.running``; their events, in the order of their days, make one log, into which
registrations of bodies and adoptions of rules are thrown where they may matter most: between the events of cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from ledger import policies
from ledger.domain.body import BodyProvisionallyRegistered, BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.event import Event, Recorded
from ledger.domain.kinds import kind_of
from ledger.errors import RuleError
from tests.domain import test_cases_random, test_commitment_random, test_record_random
from tests.domain.promises import MADE, OPEN, YEARLY
from tests.domain.running import PACKS, Field, Run
from tests.domain.scenario import CITY, PAPER, Saying, Scenario, noon

KINDS = ("record", "record", "record", *test_cases_random.FIELDS, "commitment", "commitment")
REGIONS = {p.rpartition("/")[2] for p, _, _ in policies.shipped_facts()} - {"national"}
_PROVISIONAL = BodyProvisionallyRegistered("市直有关部门", Kind.DEPARTMENT, "示例市人民政府")
FOUNDED = date(2022, 12, 1)
Told = tuple[datetime, str, Any, str, Any]  # when, stream, fact, signer, basis


def random_log(seed: int, cases: int = 8) -> list[Recorded]:
    """A log with so many cases."""
    random = Random(seed)
    pack = random.choice(PACKS)
    told: list[Told] = [*_founding(random), *_bodies(random)]
    for number in range(cases):
        kind = random.choice(KINDS)
        own = f"{kind}/0198c5a2-{seed % 10000:04d}-7000-8000-{number:012d}"
        history = _promise(random) if kind == "commitment" else _case(random, kind, pack)
        told += ((r.at, own, r.event.fact, r.event.iss, r.event.basis) for r in history)
    first, last = min(t[0] for t in told).date(), max(t[0] for t in told).date()
    told += _rulings(random, first, last)
    told.sort(key=lambda t: t[0])  # stable: the events of a case keep their order
    return list(_recorded(told))


def _recorded(told: list[Told]) -> Iterator[Recorded]:
    heads: dict[str, Recorded] = {}
    for index, (at, stream, fact, iss, basis) in enumerate(told):
        before = heads.get(stream)
        version, prev = (before.event.version + 1, before.hash) if before else (1, None)
        jti = f"0198c5a2-0000-7000-8000-{index:012d}"
        event = Event(iss, 0, jti, stream, version, prev, fact, basis)
        digest = hashlib.sha256(f"{stream} {index}".encode()).hexdigest()
        heads[stream] = Recorded(event, "kid", index, at, digest)
        yield heads[stream]


def _founding(random: Random) -> Iterator[Told]:
    """The rules as they are shipped, some of them; the rest come later, or not at all."""
    for stream, fact, basis in policies.shipped_facts():
        if stream.endswith("national") or random.random() < 0.6:
            yield noon(FOUNDED), stream, fact, CITY, basis


def _rulings(random: Random, first: date, last: date) -> Iterator[Told]:
    """Adoptions while the cases are under way."""
    facts = policies.shipped_facts()
    for _ in range(random.randrange(4)):
        day = first + timedelta(random.randrange((last - first).days + 1))
        stream, fact, basis = random.choice(facts)
        if hasattr(fact, "in_force"):
            fact = replace(fact, in_force=day)
        yield noon(day), stream, fact, CITY, basis


def _bodies(random: Random) -> Iterator[Told]:
    """Bodies of the cases: most are registered at first, some later or never, one provisionally."""
    bodies = {**test_commitment_random.WORLD, **test_record_random.FIELD.world}
    regions = sorted(REGIONS)
    for body in bodies.values():
        day = FOUNDED if random.random() < 0.8 else date(2026, 4, 2) + timedelta(random.randrange(60))
        if random.random() < 0.05:
            continue
        stream = f"body/{body.id}"
        if body.id.startswith("p-"):
            yield (
                noon(day),
                stream,
                _PROVISIONAL,
                CITY,
                PAPER,
            )
            continue
        region = random.choice([*regions, None])
        yield noon(day), stream, BodyRegistered(body.name, body.kind or Kind.DEPARTMENT, region), CITY, PAPER
        if random.random() < 0.2:
            yield noon(day + timedelta(random.randrange(90))), stream, BodyRenamed(f"{body.name}（新）"), CITY, PAPER


def _case(random: Random, kind: str, pack: str) -> list[Recorded]:
    field: Field = test_record_random.FIELD if kind == "record" else test_cases_random.FIELDS[kind]
    run = Run(field, pack, random.choice)
    if kind == "record":
        run.today = random.choice(test_record_random.DAYS)
    opening = random.choice(list(test_record_random.OPENINGS.values())) if kind == "record" else ()
    for part in opening:
        run.today += timedelta(part if isinstance(part, int) else 0)
        offer = next((o for o in run.offered() if run.field.cls(o.event) is part), None)
        if offer:
            run.say(run.saying(run.field.cls(offer.event), offer.item, random.choice(run.roles(offer))))
    for _ in range(random.randrange(1, 9)):
        run.today += timedelta(random.choice([0, 0, 0, 1, 3, 20, 100, 400]))
        offered = run.offered()
        if not offered:
            break
        weights = [test_record_random.weight(o) for o in offered] if kind == "record" else None
        offer = random.choices(offered, weights)[0]
        run.say(run.saying(run.field.cls(offer.event), offer.item, random.choice(run.roles(offer))))
    return run.history


def _promise(random: Random) -> list[Recorded]:
    scenario, day = Scenario(world=test_commitment_random.WORLD), test_commitment_random.FIRST
    kind, history = kind_of(scenario.stream), []
    state = kind.initial
    first = random.choice((MADE, OPEN, YEARLY))
    for fact, by in ((first, CITY), *random.choices(test_commitment_random.PLAUSIBLE, k=random.randrange(12))):
        day += timedelta(random.choice([0, 1, 30]))
        saying, number = Saying(fact, by, PAPER, day), len(history)
        try:
            scenario.judge(state, saying, number)
        except RuleError:
            continue
        recorded = Recorded(scenario.event(saying, number), "kid", number, noon(day), "00" * 32)
        state = kind.evolve(state, recorded)
        history.append(recorded)
    return history
