"""Part 6 of the read side, feeds: valid Atom (RFC 4287), the newest first, nothing that may not be seen."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from api.feeds import ATOM, ENTRIES, _add, tag, text
from ledger.domain.commitment_terms import Area
from ledger.domain.event import legal_day
from ledger.domain.kinds import kind_of
from ledger.domain.policy import view_of
from ledger.installation import Installation, found, open_installation
from ledger.playing import Clock, Player, read_script
from ledger.position import recorded_of
from ledger.settings import Settings
from projections.disclosure import Audience, Disclosed, disclose
from projections.views.happenings import NAMES
from tests.api import atom
from tests.conftest import CASES, OPERATOR, Databases, application, caller_of
from tests.projections.town import CITY, COMMERCE, FINANCE, INVESTMENT

EVENT = re.compile(r"events/([0-9]+)$")


def indices(root: ET.Element) -> list[int]:
    """The log indices of a feed's entries."""
    matched = [EVENT.search(atom.value(entry, "id")) for entry in atom.entries(root)]
    return [int(m[1]) for m in matched if m]


# --- form ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"/feeds/bodies/{CITY}.atom",
        f"/feeds/bodies/{FINANCE}.atom",
        *(f"/feeds/areas/{area}.atom" for area in Area),
        "/feeds/regions/990000.atom",
        "/feeds/regions/110105.atom",
        "/feeds/takedowns.atom",
    ],
)
def test_every_feed_is_what_the_rfc_says(site: Any, path: str):
    answer = site.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = atom.parsed(answer.content)
    assert len(atom.entries(root)) <= ENTRIES
    assert indices(root) == sorted(indices(root), reverse=True)


def test_an_entry_says_what_happened_to_what_by_whom_in_both_languages(site: Any, town: Any):
    root = atom.parsed(site.get("/feeds/areas/investment_promotion.atom").content)
    titles = [atom.value(entry, "title") for entry in atom.entries(root)]
    assert any("《兑现招商引资优惠政策》" in t and "“兑现招商引资优惠政策”" in t for t in titles)
    entry = atom.entries(root)[0]
    index = indices(root)[0]
    (link,) = entry.findall(f"{atom.ATOM}link")
    assert link.get("href") == f"/events/{index}"
    assert site.get(link.get("href")).status_code == 200
    assert " | " in atom.value(entry, "summary")


def test_markup_in_a_title_stays_text(site: Any, town: Any):
    found = site.get(f"/feeds/bodies/{CITY}.atom")
    assert "<script" not in found.text
    atom.parsed(found.content)


def test_characters_that_xml_forbids_are_replaced_and_all_others_kept():
    """XML 1.0 §2.2; names may hold U+FFFE, which no parser accepts."""
    for code in [
        *range(0x0D),
        *range(0x0E, 0x20),
        0xFFFE,
        0xFFFF,
        0xD800,
        0x7F,
        0x4E00,
        0x1F600,
        0x10FFFF,
        ord("<"),
        ord("&"),
        ord("'"),
    ]:
        element = ET.Element("a")
        _add(element, "b", f"甲{chr(code)}乙", href=f"/{chr(code)}")
        (child,) = ET.fromstring(ET.tostring(element, encoding="utf-8"))
        assert child.text == f"甲{text(chr(code))}乙"


def test_ids_stay_what_they_are_whatever_the_name_the_site_is_asked_under(site: Any):
    first = site.get("/feeds/regions/990000.atom")
    second = site.get("/feeds/regions/990000.atom", headers={"host": "evil.example"})
    assert first.content == second.content
    assert b"evil.example" not in second.content


def test_an_origin_with_a_path_makes_a_tag_of_its_authority():
    assert tag("log.example", date(2026, 1, 2), "events/1") == "tag:log.example,2026-01-02:events/1"
    assert tag("log.example/城", date(2026, 1, 2), "events/1") == "tag:log.example,2026-01-02:%E5%9F%8E/events/1"


# --- what is in it ------------------------------------------------------------------------------------------


def test_a_body_that_another_answers_for_is_redirected_and_its_happenings_are_in_the_others_feed(site: Any, town: Any):
    moved = site.get(f"/feeds/bodies/{COMMERCE}.atom", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, f"/feeds/bodies/{INVESTMENT}.atom")
    followed = atom.parsed(site.get(f"/feeds/bodies/{COMMERCE}.atom").content)
    terms = {c.get("term") for entry in atom.entries(followed) for c in entry.findall(f"{atom.ATOM}category")}
    assert {"CommitmentTakenOver", "BodySucceeded", "BodyRenamed"} <= terms


def test_keys_and_roles_are_in_no_feed(site: Any, town: Any):
    for path in (f"/feeds/bodies/{CITY}.atom", "/feeds/regions/990000.atom"):
        root = atom.parsed(site.get(path).content)
        terms = {c.get("term") for e in atom.entries(root) for c in e.findall(f"{atom.ATOM}category")}
        assert terms <= set(NAMES)


def test_a_feed_of_a_region_is_that_of_all_below_it(site: Any, town: Any):
    assert indices(atom.parsed(site.get("/feeds/regions/990000.atom").content))
    assert not indices(atom.parsed(site.get("/feeds/regions/110000.atom").content))


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/bodies/nobody.atom",
        "/feeds/bodies/119900000000000999.atom",
        "/feeds/areas/weather.atom",
        "/feeds/regions/9.atom",
    ],
)
def test_what_there_is_not_has_no_feed(site: Any, path: str):
    answer = site.get(path, headers={"accept": "application/atom+xml"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_parameter_that_there_is_not_is_refused(site: Any):
    assert site.get("/feeds/takedowns.atom?x=1", headers={"accept": ATOM}).status_code == 400


def test_who_has_the_newest_is_told_so(site: Any):
    """RFC 9110 §13.1.2: readers of feeds ask often."""
    first = site.get("/feeds/regions/990000.atom")
    again = site.get("/feeds/regions/990000.atom", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"


# --- what may not be seen -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def playing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Any]]:
    """The worked cases while they are played: a ledger, and what plays the next event."""
    clock = Clock()
    script = read_script(CASES, OPERATOR.uscc)
    clock.set(script.begins)
    name = databases.create()
    settings = Settings(tmp_path_factory.mktemp("playing") / "home", databases.url(name))
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        yield installation, Player(installation, clock, script).play()
    databases.drop(name)


class Growing:
    """A log that grows, each event folded once: its cases, by stream, and the stream of each entry."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._cases: dict[str, Any] = {}
        self.streams: list[str] = []

    def grow(self) -> int:
        """Takes in what is new; how many entries there are."""
        for row in self._installation.ledger.reader.scan(len(self.streams)):
            kind = kind_of(row.stream)
            self._cases[row.stream] = kind.evolve(self._cases.get(row.stream, kind.initial), recorded_of(row))
            self.streams.append(row.stream)
        return len(self.streams)

    def hidden(self) -> set[int]:
        """The events of every record that the public may not see today, by index."""
        today = legal_day(self._installation.clock())
        policies = tuple(case for stream, case in sorted(self._cases.items()) if stream.startswith("policy/"))
        view = view_of(policies, today)
        records = {stream: case for stream, case in self._cases.items() if stream.startswith("record/")}
        secret = {
            stream
            for stream, case in records.items()
            if not isinstance(disclose(case, view, Audience.PUBLIC, today), Disclosed)
        }
        return {index for index, stream in enumerate(self.streams) if stream in secret}

    def regions(self) -> set[str]:
        """The provinces of all bodies of the cases."""
        own = {stream.partition("/")[2] for stream in self._cases if stream.startswith("body/")}
        return {f"{uscc[2:4]}0000" for uscc in own if uscc[2:4].isdigit()}


def test_at_no_moment_is_a_record_in_a_feed_that_may_not_be_seen(playing: tuple[Installation, Any]):
    """F01, E10: with the event that repairs or withdraws it a record is gone from every feed."""
    installation, steps = playing
    log = Growing(installation)
    seen: set[int] = set()
    taken: set[int] = set()
    with application(installation) as app, caller_of(app) as client:
        for _ in steps:
            wait_for(app.state.reading, log.grow())
            regions = {i for code in log.regions() for i in shown(client, f"/feeds/regions/{code}.atom")}
            secret = log.hidden()
            assert not regions & secret
            taken |= seen & secret
            seen |= {i for i in regions if log.streams[i].startswith("record/")}
        assert taken, "a record was in a feed and is gone"
        feed = atom.parsed(client.get("/feeds/takedowns.atom").content)
        assert atom.entries(feed)
        whole = ET.tostring(feed, encoding="unicode")
        for stream in {log.streams[i] for i in taken}:
            assert stream.partition("/")[2] not in whole


def shown(client: Any, path: str) -> list[int]:
    return indices(atom.parsed(client.get(path).content))


def wait_for(reading: Any, size: int) -> None:
    """Until all here know that the projections contain so many entries: what was kept of before is let go of then."""
    deadline = time.monotonic() + 20
    while not all(int(place.split()[0]) >= size for place in reading.following.now() or ("0",)):
        assert time.monotonic() < deadline
        time.sleep(0.005)
