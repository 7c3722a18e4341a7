"""While rules are applied to all records, what leaves the public's sight is gone at once all the same (E03, E05, E10).

The projections that depend on rules are held up: another session has their locks, as a runner would that works through
hundreds of thousands of cases. Everything else goes on. Then rules are adopted and a record is repaired, withdrawn, or
an objection to it is taken up; and it is looked for wherever it was found before. When they are let go, all rows are
those of a rebuild.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI

from api.app import create_app
from ledger.authoring import Author
from ledger.domain.event import Document
from ledger.domain.policy import CalendarArranged
from ledger.domain.record.remedy_facts import ObjectionAccepted
from ledger.installation import Installation
from ledger.keys import keystore
from ledger.store.database import connect
from projections import tables
from projections.catalogue import PROJECTIONS
from projections.reading import Reading
from projections.runners import Runners, groups
from tests.api.test_gone import EVERYWHERE, SCREEN, Place, answer, holds, played, repaired, said, sweep, withdrawn
from tests.conftest import OPERATOR, Databases
from tests.projections.versioned import expected, stored

FREE, RULED = groups(PROJECTIONS.values())


@contextmanager
def serving(installation: Installation) -> Iterator[FastAPI]:
    """The web application as it is served: the projections that depend on rules by themselves."""
    runners = Runners(installation.database, installation.ledger.reader)
    with runners, Reading(installation.database) as reading:
        assert runners.begin() == []
        yield create_app(installation, reading)


@contextmanager
def held_up(place: Place) -> Iterator[psycopg.Connection]:
    """The projections that depend on rules stand still, at the end of the log."""
    database = place.installation.database
    with connect(database.url("owner")) as connection:
        # Their runner is this database's only other session that holds these locks.
        for projection in RULED:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND classid = %s AND objid::bigint = hashtext(%s)::bigint & 4294967295",
                (tables.RUNNERS, projection.schema),
            )
            connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (tables.RUNNERS, projection.schema))
        yield connection


def positions(place: Place) -> dict[str, int]:
    with connect(place.installation.database.url("reader")) as connection:
        return {name: found.position for name, found in tables.places(connection, PROJECTIONS.values()).items()}


def eventually(holds: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def at_end(place: Place, names: Any) -> bool:
    found, size = positions(place), place.installation.ledger.size
    return all(found[p.name] == size for p in names)


def adopt(place: Place) -> None:
    """Rules are adopted that hold everywhere."""
    here = place.installation
    author = Author(OPERATOR.uscc, keystore.load(here.settings.keys / "operator.pem"), here.clock)
    stream, fact = "policy/national", CalendarArranged(2031, (date(2031, 1, 1),))
    basis = (Document("放假安排（虚构）", "cd" * 32),)
    here.ledger.submit(author.write(stream, here.ledger.head(stream), fact, basis)).result()


def screened(place: Place, *, trusted: bool) -> Any:
    """The answer about the record's subject, to anybody or to an office."""
    token = {"authorization": f"Bearer {place.app.state.auditor_token}"} if trusted else {}
    body = {"purpose": "awards", "subjects": [place.subject]}
    return place.client.post(SCREEN, json=body, headers=token).json()["answer"]["results"][0]


ENDS = {
    "repaired": {"last": repaired},
    "withdrawn": {"last": withdrawn},
    "objected": {"last": repaired, "file": "01-objection-upheld.toml", "end": ObjectionAccepted},
}


@pytest.mark.parametrize("end", ENDS)
def test_what_leaves_the_publics_sight_while_rules_are_applied_to_all_records_is_gone_at_once(
    databases: Databases, tmp_path: Path, end: str
) -> None:
    """E03 E05 E10 F01 规则逐案重新适用期间，修复、撤销、受理异议的记录同样即时不再公开，其惩戒不再拦截。"""
    with played(databases, tmp_path / "home", serving=serving, **ENDS[end]) as place:
        assert eventually(lambda: at_end(place, PROJECTIONS.values()))
        before = sweep(place)
        assert [start for start in EVERYWHERE if not any(address.startswith(start) for address in before)] == []
        assert [screened(place, trusted=t)["answer"] for t in (False, True)] == ["block", "block"]
        with held_up(place):
            stood = positions(place)["records"]
            adopt(place)
            next(place.rest)
            done = time.monotonic()
            listed = next(address for address in before if address.startswith("/api/v1/records.jsonl"))
            while holds(place, listed, said(answer(place, listed))):
                assert time.monotonic() < done + 1, "not gone after a second"
            assert eventually(lambda: at_end(place, FREE))
            nowhere(place, before, whole=end != "objected")
            assert {positions(place)[p.name] for p in RULED} == {stood}
            assert screened(place, trusted=False)["answer"] == "clear"
            office = screened(place, trusted=True)
            assert (office["answer"], office["reasons"][0]["cause"]) == ("caution", "relieved")
            assert ("record" in {r["cause"] for r in office["reasons"]}) == (end == "objected")
        assert eventually(lambda: at_end(place, PROJECTIONS.values()))
        for projection in PROJECTIONS.values():
            assert stored(place, projection) == expected(place, projection), projection.name
        if end == "objected":  # it is public again, with its mark
            row = place.client.get(f"/api/v1/records.json?body={place.subject}").json()["items"][0]
            assert (row["stream"], row["under_objection"] is None) == (place.stream, False)
            assert screened(place, trusted=False)["answer"] == "caution"
        else:
            nowhere(place, before, whole=True)


LISTS = (
    *("/records", "/penalties", "/search", "/bodies", "/feeds/", "/events?", "/events.json", "POST "),
    *(f"/api/v1/{name}" for name in ("records", "penalties", "objections", "search", "snapshot", "events?", "events.")),
)
"""What is read from projections. Pages of events and cases, and receipts, are made from the log: they tell what is."""


def nowhere(place: Place, before: dict[str, str | None], *, whole: bool) -> None:
    """The record is in no answer any more; not ``whole``: in none that is read from projections."""
    for address, tag in before.items():
        if whole or address.startswith(LISTS):
            for given in (answer(place, address), answer(place, address, tag)):
                assert not (given.status_code == 304 and tag), f"{address}: the cached page counts as fresh"
                assert holds(place, address, said(given)) == [], address
