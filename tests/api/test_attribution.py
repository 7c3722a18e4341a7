"""What nobody without the token finds out: of whom a case is that is not public, however answers are combined."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest

from api.v1.resources import RESOURCES
from ledger.domain.event import Recorded, stream_kind
from ledger.installation import Installation
from ledger.position import recorded_of
from projections.disclosure import UNNAMED


@pytest.fixture(scope="module")
def log(played: Installation) -> list[Recorded]:
    """Every event of the worked cases."""
    reader = played.ledger.reader
    return [recorded_of(row) for row in reader.entries(0, reader.newest().size)]


@pytest.fixture(scope="module")
def hidden(public, log: list[Recorded]) -> list[Recorded]:
    """Events that are not public and were signed by the body that their case is about, or have no name."""
    rows = (r for r in log if stream_kind(r.event.stream) in {"record", "complaint", "person", "project"})
    closed = [r for r in rows if not public.get(f"/events/{r.index}.json").json()["open"]]
    return [r for r in closed if r.event.name in UNNAMED]


def test_no_page_of_a_hidden_event_names_who_signed_it_or_the_key(public, hidden: list[Recorded]) -> None:
    """F01 E10 未公开案件的主体自己签署的事件，不显示签署单位和密钥。"""
    assert hidden
    for recorded in hidden:
        for address in (f"/events/{recorded.index}", f"/events/{recorded.index}/check.html"):
            answer = public.get(address)
            assert answer.status_code == 200
            assert f'href="/bodies/{recorded.event.iss}"' not in answer.text, address
            assert f"/bodies/{recorded.event.iss}" not in answer.text, address
            assert recorded.kid not in answer.text.replace(recorded.hash, ""), address
        data = public.get(f"/events/{recorded.index}.json").json()
        assert (data["signer"], data["kid"], data["event"]["code"]) == (None, None, "NotPublic")
        assert public.get(f"/api/v1/events/{recorded.index}").json()["item"]["iss"] is None
        (newest, *_) = public.get(f"/events.json?as_of={recorded.index}").json()["items"]
        assert (newest["index"], newest["signer"]) == (recorded.index, None)


def test_asking_for_what_a_body_signed_does_not_find_it(public, hidden: list[Recorded]) -> None:
    """The page of events, its total and the interface answer as if it were not there."""
    for recorded in hidden:
        day = recorded.at.date()
        for asked in (f"/api/v1/events?iss={recorded.event.iss}", f"/api/v1/events?body={recorded.event.iss}"):
            found = public.get(f"{asked}&from={day}&limit=500").json()["items"]
            assert recorded.index not in {row["log_index"] for row in found}


def test_holders_of_the_token_see_who_signed(book, hidden: list[Recorded]) -> None:
    """The office's view is whole."""
    for recorded in hidden:
        assert book.get(f"/events/{recorded.index}.json").json()["signer"]["id"] == recorded.event.iss
        assert book.get(f"/api/v1/events/{recorded.index}").json()["item"]["iss"] == recorded.event.iss


# --- cursors that nobody gave -------------------------------------------------------------------------------------


def forged(size: int, on: str, order: str, key: list[Any]) -> str:
    """A cursor as a list's next is written."""
    return base64.urlsafe_b64encode(json.dumps([size, on, order, key]).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "\uffff", "'; --", "x" * 200])
@pytest.mark.parametrize("on", ["0001-01-01", "2026-06-01", "9999-12-31"])
def test_a_forged_cursor_shows_nothing_else_and_breaks_nothing(
    public, played: Installation, on: str, text: str
) -> None:
    """Part 6: of a day to come, of a size that is not there, after a key that no row has."""
    known = {stream for stream, is_open in streams(public) if is_open}
    for name, resource in RESOURCES.items():
        for order, found in resource.public.orders.items():
            key = [text if kind is str else on if kind is date else 10**9 for kind in found.types]
            for size in (0, 40, played.ledger.size, 2**61):
                answer = public.get(f"/api/v1/{name}?after={forged(size, on, order, key)}")
                assert answer.status_code in {200, 400, 404}, (name, order, size)
                if answer.status_code == 200:
                    assert on != "9999-12-31"
                    assert {row["stream"] for row in answer.json()["items"] if row.get("stream")} <= known
    for page in ("records", "penalties", "takedowns", "cases", "events", "commitments", "bodies"):
        for size in (0, 40, 2**61):
            answer = public.get(f"/{page}.json?after={forged(size, on, 'newest', [10**9])}")
            assert answer.status_code in {200, 400, 404}, (page, size)
            assert answer.status_code != 200 or on != "9999-12-31"


def streams(public) -> list[tuple[str, bool]]:
    """Every case that stands in the public's list of events, and whether it is open."""
    found = [json.loads(line) for line in public.get("/api/v1/events.jsonl").text.splitlines()]
    return [(row["stream"], row["open"]) for row in found]
