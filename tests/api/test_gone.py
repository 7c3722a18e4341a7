"""A record that is repaired or withdrawn is nowhere public one second later (E05, E10; Order 36 art. 3).

A worked case is played up to its last step but one: a record is published, with a penalty. Then *every* address that
answers to GET is asked, those of routes that nobody had thought of when this was written included: each route of the
application with everything that could stand in its place, as of now and as of days and positions of the past, and
whatever address these answers lead to: pages with cursors, exports, feeds, snapshots, screenings. Where the record is
found is remembered, with the ETag. Then it is repaired, or withdrawn, and all of that is asked again.
"""

from __future__ import annotations

import gzip
import io
import itertools
import re
import time
import zipfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fastapi import FastAPI

from ledger.casebook import Saying
from ledger.domain.commitment_terms import Area
from ledger.domain.event import Document
from ledger.domain.record.course_facts import RecordWithdrawn
from ledger.domain.record.facts import BreachRecognised
from ledger.domain.record.remedy_facts import PenaltyImposed, RepairGranted
from ledger.domain.record.terms import WithdrawalGround
from ledger.installation import Installation, found, open_installation
from ledger.playing import Clock, Player, Script, read_script
from ledger.settings import Settings
from tests.conftest import CASES, OPERATOR, Databases, application, caller_of

FILE = "03-repair-granted.toml"
MOST, MOST_WAYS = 4000, 60
"""Addresses that a sweep asks at most, those made of routes first, and so many made of one route."""
LINK = re.compile(r"""(?:https?://testserver)?(/[!#-&(-;=?-\[\]-~]*)""")


@dataclass
class Place:
    """A ledger behind the web, and the record that is about to leave it."""

    client: Any
    app: FastAPI
    installation: Installation
    rest: Iterator[Saying]
    stream: str = ""
    subject: str = ""
    needles: tuple[str, ...] = ()
    published: int = 0
    day: str = ""
    found: dict[str, str | None] = field(default_factory=dict)

    @property
    def own(self) -> str:
        """The record's id."""
        return self.stream.partition("/")[2]


@contextmanager
def played(
    databases: Databases, home: Path, last: Any, file: str = FILE, end: type = RepairGranted, serving: Any = application
) -> Iterator[Place]:
    """The case of a file, played until ``end`` is next; ``last`` is said in its place. ``serving`` makes the web."""
    clock, script = Clock(), _script(last, file, end)
    clock.set(script.begins)
    name = databases.create()
    settings = replace(Settings(home, databases.url(name)), read_rate=0)
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        said = Player(installation, clock, script).play()
        sayings = list(itertools.islice(said, Player(installation, clock, script).count - 1))
        with serving(installation) as app, caller_of(app) as client:
            place = Place(client, app, installation, said)
            place.stream = sayings[-1].stream
            _describe(place)
            yield place
    databases.drop(name)


def _script(last: Any, file: str, end: type) -> Script:
    whole = read_script(CASES, OPERATOR.uscc)
    own = [saying for saying in whole.book.sayings if saying.file == file]
    place = next(n for n, saying in enumerate(own) if isinstance(saying.fact, end))
    sayings = (*own[:place], last(own[place]))
    return replace(whole, book=replace(whole.book, sayings=sayings))


def repaired(saying: Saying) -> Saying:
    return saying


def withdrawn(saying: Saying) -> Saying:
    fact = RecordWithdrawn(WithdrawalGround.UNTRUE, "处罚决定所认定的事实不成立")
    return replace(saying, by="credit", fact=fact, basis=(Document("撤销决定", "ab" * 32),))


def _describe(place: Place) -> None:
    """What must be nowhere: the record's id, what was found, its documents' numbers and hashes, its penalty's."""
    history = place.installation.ledger.history(place.stream)
    place.subject = place.installation.ledger.case(place.stream).state.subject
    needles = [place.own]
    for recorded in history:
        fact = recorded.event.fact
        if isinstance(fact, BreachRecognised):
            needles.append(fact.findings)
        if isinstance(fact, BreachRecognised | PenaltyImposed):
            document = recorded.event.basis[0]
            needles += [document.number or "", document.sha256]
        if isinstance(fact, PenaltyImposed):
            needles.append(fact.grounds)
        if recorded.event.name == "RecordPublished":
            place.published, place.day = recorded.index, str(recorded.at.date())
    place.needles = tuple(needles)
    assert all(needles)


# --- every address ------------------------------------------------------------------------------------------


def routes(app: FastAPI) -> list[str]:
    """The paths of all routes that answer to GET, those of applications in the application included."""
    known: list[str] = []

    def walk(found: Any, prefix: str) -> None:
        for route in found:
            inner = getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", None)
            path = prefix + (getattr(route, "path", "") or "")
            if inner:
                walk(inner, path)
            elif "GET" in (getattr(route, "methods", None) or ()):
                known.append(re.sub(r":[a-z]+}", "}", path))

    walk(app.routes, "")
    return known


def values(place: Place) -> dict[str, list[str]]:
    """What may stand for a parameter of a path; for one that is not listed, all that there is."""
    history = [r.index for r in place.installation.ledger.history(place.stream)]
    indices = [*map(str, history), str(place.installation.ledger.size - 1)]
    jtis = [r.event.jti for r in place.installation.ledger.history(place.stream)]
    ids = [place.own, place.stream, f"{place.stream}/p1", place.subject]
    regions = ["990100", "990000", "110000"]
    return {
        "id": [*ids, *indices],
        "index": indices,
        "jti": jtis,
        "kind": ["record", "body"],
        "region": regions,
        "subject": [place.subject, *regions],
        "period": ["2026-H1", "2026-H2", "2026", "2026-1", "2026-2"],
        "form": ["html", "json", "csv"],
        "": [*ids, *regions, *indices, *map(str, Area), *jtis[:2], "entries/000", "2026-08-01", "records", "penalties"],
    }


def addresses(place: Place) -> Iterator[str]:
    """Every route with its parameters filled in, and with the questions that can be asked of any list."""
    known = values(place)
    past = [f"as_of={place.day}", f"as_of={place.published}", f"as_of={place.installation.ledger.size - 1}"]
    asked = [f"q={quote(needle)}" for needle in place.needles[:3]]
    asked += [f"body={place.subject}", "region=990100", "order=updated", "limit=1", f"stream={quote(place.stream)}"]
    for path in routes(place.app):
        names = re.findall(r"{([a-z_]+)}", path)
        choices = [known.get(name, known[""]) for name in names]
        ways = itertools.islice(itertools.product(*choices), MOST_WAYS)
        filled = [_filled(path, names, way) for way in ways]
        yield from filled
        if not names:
            yield from (f"{path}?{question}" for question in (*past, *asked))
        elif place.own in "".join(filled):
            own = [address for address in filled if place.own in address or place.subject in address]
            yield from (f"{address}?{question}" for address in own for question in past)


def _filled(path: str, names: list[str], way: tuple[str, ...]) -> str:
    for name, value in zip(names, way, strict=True):
        path = path.replace(f"{{{name}}}", value, 1)
    return path


SCREEN = "/api/v1/screen"


def answer(place: Place, address: str, tag: str | None = None) -> Any:
    """What an address says to anybody."""
    headers = {"if-none-match": tag} if tag else {}
    if address.startswith("POST "):
        body = {"purpose": "awards", "subjects": [place.subject]}
        return place.client.post(address[5:], json=body, headers=headers)
    return place.client.get(address, headers={"accept": "text/html,*/*", **headers}, follow_redirects=False)


def said(given: Any) -> str:
    """An answer with its headers as text; files that are packed are unpacked."""
    content = given.content
    if content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    while content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return f"{content.decode('utf-8', 'replace')} {given.headers}"


def holds(place: Place, address: str, text: str) -> list[str]:
    """What of the record an answer says that the question had not said."""
    asked, text = unquote(address), unquote(text)
    found = [needle for needle in place.needles if needle in text and needle not in asked]
    # A feed's entry is known by its event's index; the log of takedowns may name the one that took the record down.
    is_entry = asked.startswith("/feeds/") and re.search(rf"events/{place.published}\b", text)
    return [*found, "entry"] if is_entry else found


def sweep(place: Place) -> dict[str, str | None]:
    """Asks every address, and those that the answers lead to; where the record is found, with the ETags."""
    made = [*addresses(place), f"POST {SCREEN}"]
    queue, later, seen = deque(made), deque[str](), set[str]()
    found: dict[str, str | None] = {}
    while (queue or later) and len(seen) < MOST:
        address = (queue or later).popleft()
        if address in seen:
            continue
        seen.add(address)
        given = answer(place, address)
        assert given.status_code < 500 or given.status_code == 503, (address, given.text[:200])
        assert given.status_code != 429, address
        text = said(given)
        if holds(place, address, text):
            found[address] = given.headers.get("etag")
        led = sorted({unescape(link) for link in LINK.findall(text) if not link.startswith(("/static", "//"))})
        (queue if address in found else later).extend(led)
    assert set(made) <= seen
    return found


def unescape(link: str) -> str:
    return link.replace("&amp;", "&").partition("#")[0]


# --- the test -----------------------------------------------------------------------------------------------

EVERYWHERE = (
    *("/records", "/records.json", "/penalties", "/events", "/search", "/cases"),
    *("/api/v1/records", "/api/v1/records.csv", "/api/v1/records.jsonl", "/api/v1/penalties", "/api/v1/events.jsonl"),
    *("/feeds/bodies/", "/feeds/regions/", "/api/v1/search", "POST /api/v1/screen"),
)
"""Where the record is found while it is public: a search that finds nothing must be one that could."""


@pytest.mark.parametrize("end", [repaired, withdrawn])
def test_a_record_that_fell_is_nowhere_public_one_second_later(databases: Databases, tmp_path: Path, end: Any) -> None:
    """E05 E10 F01 修复、撤销一秒之后，任何页面、列表、导出、订阅、检索、快照、筛查、缓存中均不再可见。"""
    with played(databases, tmp_path / "home", end) as place:
        before = sweep(place)
        missing = [start for start in EVERYWHERE if not any(address.startswith(start) for address in before)]
        assert missing == []
        next(place.rest)  # it is repaired, or withdrawn: the ledger gave its receipt
        done = time.monotonic()
        listed = next(address for address in before if address.startswith("/api/v1/records.jsonl"))
        while holds(place, listed, said(answer(place, listed))):
            assert time.monotonic() < done + 1, "not gone after a second"
        for address, tag in before.items():
            for given in (answer(place, address), answer(place, address, tag)):
                assert not (given.status_code == 304 and tag), f"{address}: the cached page counts as fresh"
                assert holds(place, address, said(given)) == [], address
        assert sweep(place) == {}
        for recorded in place.installation.ledger.history(place.stream):
            if recorded.event.iss == place.subject:  # its signer tells whose record it was: what it signed is not said
                assert place.client.get(f"/events/{recorded.index}.json").json()["event"]["code"] == "NotPublic"
