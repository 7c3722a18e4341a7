"""The runners of an installation (projections/runners.py): while rules are adopted, nothing else waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.cli import project
from ledger.errors import CorruptionError
from ledger.store.database import connect
from projections import runner as running
from projections.catalogue import PROJECTIONS
from projections.projection import Case, Projection, Row
from projections.rebuild import rebuild
from projections.runners import Runners, groups
from tests.projections.examples import example
from tests.projections.test_runner import arrange, eventually, log_size, poisoned, promise
from tests.projections.town import Town
from tests.projections.versioned import expected, place, stored


@pytest.fixture
def runners_of(town: Town) -> Iterator[Callable[..., Runners]]:
    """Makes runners that are closed at the end."""
    made: list[Runners] = []

    def make(*projections: Projection, **options: Any) -> Runners:
        made.append(Runners(town.installation.database, town.installation.ledger.reader, projections, **options))
        return made[-1]

    yield make
    for runners in made:
        runners.close()


class Slow:
    """A projection that depends on rules and is held up wherever they are adopted, until it is let go."""

    def __init__(self) -> None:
        self.asked, self.proceed = threading.Event(), threading.Event()
        self.projection = replace(example(), rows=self._rows)

    def _rows(self, case: Case) -> list[Row]:
        if case.index != case.last.index and not self.asked.is_set():
            self.asked.set()
            self.proceed.wait(30)
        return list(example().rows(case))


def test_the_projections_that_depend_on_rules_are_a_group_and_all_others_another() -> None:
    """Part 1: none is in both, none is left out."""
    free, ruled = groups(PROJECTIONS.values())
    assert {p.name for p in ruled} == {"records", "penalties", "remedies"}
    assert {p.name for p in (*free, *ruled)} == set(PROJECTIONS)
    assert len(free) + len(ruled) == len(PROJECTIONS)
    assert groups([PROJECTIONS["bodies"]]) == [[PROJECTIONS["bodies"]]]


def test_while_all_cases_are_asked_again_the_others_show_what_comes(town: Town, runners_of: Any) -> None:
    """Part 1: an adoption of rules holds up nothing but what depends on rules, which then has every row."""
    slow, free = Slow(), example(ruled=False)
    runners = runners_of(slow.projection, free)
    assert runners.begin() == []
    arrange(town)
    assert slow.asked.wait(10)
    before = place(town, slow.projection).position
    for _ in range(3):
        promise(town)
        assert eventually(lambda: place(town, free).position == log_size(town))
    assert place(town, slow.projection).position == before
    assert stored(town, free) == expected(town, free)
    slow.proceed.set()
    assert eventually(lambda: place(town, slow.projection).position == log_size(town))
    assert stored(town, slow.projection) == expected(town, slow.projection)


def test_a_start_in_the_middle_of_an_adoption_does_not_wait_for_it_and_says_so(
    town: Town, runners_of: Any, monkeypatch: Any
) -> None:
    """Part 1: a service that was stopped meanwhile serves again at once."""
    monkeypatch.setattr(Runners, "PATIENCE", 0.1)
    slow, free = Slow(), example(ruled=False)
    arrange(town)
    (told,) = runners_of(slow.projection, free).begin()
    assert slow.projection.name in told.en
    assert slow.projection.name in told.zh
    assert free.name not in told.en
    assert place(town, free).position == log_size(town)
    slow.proceed.set()
    assert eventually(lambda: place(town, slow.projection).position == log_size(town))


def test_a_service_ends_though_rules_are_being_applied(town: Town, runners_of: Any, monkeypatch: Any) -> None:
    """Part 1: closing waits for no adoption of rules, and what was begun counts for nothing."""
    monkeypatch.setattr(running, "_LEAVING", 0.1)
    monkeypatch.setattr(Runners, "PATIENCE", 0)
    slow, free = Slow(), example(ruled=False)
    runners = runners_of(slow.projection, free)
    arrange(town)
    runners.begin()
    assert slow.asked.wait(10)
    before = place(town, slow.projection)
    runners.close()
    promise(town)
    assert place(town, slow.projection) == before
    assert place(town, free).position == log_size(town) - 1
    slow.proceed.set()
    monkeypatch.setattr(Runners, "PATIENCE", 10)
    with runners_of(slow.projection, free) as others:
        assert others.begin() == []
        for one in (slow.projection, free):
            assert stored(town, one) == expected(town, one)


@pytest.mark.parametrize("ruled", [False, True])
def test_one_that_stops_is_told_by_name_at_the_start_and_stops_no_other(
    town: Town, runners_of: Any, *, ruled: bool
) -> None:
    """Part 1: of either group; also when it stopped long ago, and it goes on when it was rebuilt."""
    bad, others = poisoned(example(ruled=ruled), 30), [example(ruled=False), example()]
    for _ in range(2):
        alarms: list[Any] = []
        with runners_of(bad, *others, on_failure=alarms.append) as runners:
            (told,) = runners.begin()
            assert f"{bad.schema} stopped at log index 30" in told.en
            assert eventually(lambda alarms=alarms, en=told.en: [a.en for a in alarms] == [en])
            assert place(town, bad).position == 30
            promise(town)
            for one in others:
                assert eventually(lambda one=one: place(town, one).position == log_size(town))
    good = replace(bad, rows=example().rows)
    rebuild(town.installation.database, town.installation.ledger.reader, [good])
    with runners_of(good, *others) as runners:
        assert runners.begin() == []


@pytest.mark.parametrize("ruled", [False, True])
def test_a_log_that_was_rolled_back_is_noticed_at_the_start(town: Town, runners_of: Any, *, ruled: bool) -> None:
    """Part 1: of either group."""
    projections = [example(ruled=False), example()]
    runners_of(*projections)
    ahead = next(p for p in projections if p.ruled is ruled)
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"UPDATE {ahead.schema}.position SET position = {log_size(town) + 1}")
    with pytest.raises(CorruptionError, match="rolled back"):
        runners_of(*projections).begin()


def test_tables_that_are_not_there_are_told_at_the_start(town: Town, runners_of: Any) -> None:
    """Part 1: nobody waits for what cannot come."""
    projection, free = example(), example(ruled=False)
    runners = runners_of(projection, free)
    with connect(town.installation.database.url("owner")) as connection:
        connection.execute(f"DROP TABLE {projection.schema}.stands")
    (told,) = runners.begin()
    assert "are missing" in told.en
    assert place(town, free).position == log_size(town)


def test_the_service_starts_while_rules_are_being_applied(town: Town, monkeypatch: Any, capsys: Any) -> None:
    """Part 1: what `jiannuo serve` and `jiannuo project` do at their start."""
    slow, free = Slow(), example(ruled=False)
    monkeypatch.setattr(Runners, "PATIENCE", 0.1)
    monkeypatch.setattr("projections.catalogue.PROJECTIONS", {p.name: p for p in (slow.projection, free)})
    arrange(town)
    with project.projecting(town.installation):
        assert place(town, free).position == log_size(town)
        assert "under rules that were adopted" in capsys.readouterr().err
        slow.proceed.set()
        assert eventually(lambda: place(town, slow.projection).position == log_size(town))
