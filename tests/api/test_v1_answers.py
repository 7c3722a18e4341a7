"""How ``/api/v1`` answers: ETag and 304, what is kept and for how long, redirects, rates, other origins, cursors."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI

from api import answers
from api.answers import Answers, Finished, Readers, finished
from api.limits import Rate
from ledger.domain.body import BodyRegistered, BodySucceeded
from ledger.domain.body_terms import Kind, Manner
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import UnavailableError
from ledger.installation import Installation
from tests.api.submitting import is_problem, operator, registration
from tests.conftest import OPERATOR, Served

PAPER = Document("示例文件", "0" * 64)


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Asks again until it is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"


def register(installation: Installation, *numbers: int) -> None:
    """Registers bodies of these numbers."""
    for number in numbers:
        installation.ledger.submit(registration(installation, number)).result()


def shown(client: Any, count: int) -> None:
    """Waits until so many bodies are listed."""
    until(lambda: len(client.get("/api/v1/bodies?limit=500").json()["items"]) == count)


def test_an_answer_that_has_not_changed_is_304(client: Any) -> None:
    """Part 6: strong ETag and 304, for pages, rows, exports and the description."""
    for path in (
        "/api/v1/bodies",
        f"/api/v1/bodies/{OPERATOR.uscc}",
        "/api/v1/bodies.csv",
        "/api/v1/bodies.jsonl",
        "/api/v1/openapi.json",
    ):
        first = client.get(path)
        tag = first.headers["etag"]
        assert tag.startswith('"'), "strong"
        assert first.headers["cache-control"] == "no-cache"
        for sent in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = client.get(path, headers={"if-none-match": sent})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert client.get(path, headers={"if-none-match": '"other"'}).content == first.content


def test_a_new_event_makes_every_kept_answer_old(client: Any, installation: Installation) -> None:
    """Must hold: nothing that is kept is older than what is known; one second is the bound."""
    path = "/api/v1/bodies?limit=500"
    old = client.get(path)
    for number in range(11, 31):
        register(installation, number)
        began = time.monotonic()
        until(lambda number=number: fictional_uscc(number) in client.get(path).text)  # type: ignore[misc]
        assert time.monotonic() - began < 1
    new = client.get(path, headers={"if-none-match": old.headers["etag"]})
    assert new.status_code == 200
    assert len(new.json()["items"]) == len(old.json()["items"]) + 20


def test_answers_are_kept_between_events(client: Any, app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part 6, speed: the same question is not asked of the database twice."""
    until(lambda: app.state.answers.generation() is not None)
    first = client.get("/api/v1/bodies")
    until(lambda: app.state.answers.get(("/api/v1/bodies", b"")) is not None)
    monkeypatch.setattr(app.state.reading, "rows", lambda *_: pytest.fail("asked again"))
    assert client.get("/api/v1/bodies").content == first.content
    assert client.head("/api/v1/bodies").headers["etag"] == first.headers["etag"]


class Told:
    """A reading whose positions a test sets."""

    def __init__(self) -> None:
        self.following = self
        self.positions: tuple[str, ...] | None = ("1",)

    def now(self) -> tuple[str, ...] | None:
        return self.positions


@pytest.fixture
def told() -> Told:
    """Positions to be set."""
    return Told()


def ask(kept: Answers, path: str, make: Callable[[], Finished]) -> Finished:
    """The answer at a path, asked from a loop of its own."""
    import asyncio

    return asyncio.run(kept.of((path, b""), make))


def answer(text: str) -> Finished:
    """An answer of this text."""
    return finished(text.encode(), "text/plain", {})


def test_what_is_kept_falls_with_the_position_and_the_day(told: Told) -> None:
    """Part 6, speed: keyed by the positions and the day; nothing kept is given where they are not known."""
    day = date(2026, 1, 1)
    kept = Answers(told, Readers(2), lambda: day)  # type: ignore[arg-type]
    assert ask(kept, "/a", lambda: answer("1")).body == b"1"
    until(lambda: kept.get(("/a", b"")) is not None)
    assert ask(kept, "/a", lambda: answer("2")).body == b"1"
    told.positions = None
    assert kept.get(("/a", b"")) is None
    assert ask(kept, "/a", lambda: answer("3")).body == b"3"
    told.positions = ("2",)
    assert ask(kept, "/a", lambda: answer("4")).body == b"4"
    until(lambda: kept.get(("/a", b"")) is not None)
    day = date(2026, 1, 2)
    assert kept.get(("/a", b"")) is None
    assert ask(kept, "/a", lambda: answer("5")).body == b"5"


def test_an_answer_that_an_event_overtook_is_not_kept(told: Told) -> None:
    """Part 6, speed: what was read before an event is not kept as if it were read after it."""
    kept = Answers(told, Readers(2), lambda: date(2026, 1, 1))  # type: ignore[arg-type]

    def overtaken() -> Finished:
        told.positions = ("2",)
        return answer("old")

    assert ask(kept, "/a", overtaken).body == b"old"
    assert ask(kept, "/a", lambda: answer("new")).body == b"new"


def test_an_error_is_not_kept_and_memory_is_bounded(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Part 6, speed: bounded memory; a failure is asked again."""
    monkeypatch.setattr(answers, "MOST_BYTES", 10_000)
    kept = Answers(told, Readers(2), lambda: date(2026, 1, 1))  # type: ignore[arg-type]

    def fails() -> Finished:
        raise UnavailableError("away", "暂时不可用")

    with pytest.raises(UnavailableError):
        ask(kept, "/a", fails)
    assert ask(kept, "/a", lambda: answer("1")).body == b"1"
    for n in range(50):
        ask(kept, f"/{n}", lambda: answer("x" * 1000))
    until(lambda: kept.get(("/49", b"")) is not None)
    assert kept.get(("/a", b"")) is None
    assert len(kept._kept) < 10


def test_too_many_readers_are_asked_to_come_again() -> None:
    """Must hold: the queue of readers is short, and whoever finds it full knows at once."""
    import threading

    readers, go = Readers(1, queue=1), threading.Event()
    running = [readers.submit(go.wait), readers.submit(go.wait)]
    with pytest.raises(UnavailableError):
        readers.submit(go.wait)
    go.set()
    assert [future.result() for future in running] == [True, True]
    assert readers.submit(lambda: 1).result() == 1


def test_holders_of_the_token_are_answered_in_private(book: Any, public: Any) -> None:
    """Part 6: authorised answers are never kept, here or on the way; a wrong token is refused."""
    for path in ("/api/v1/records", "/api/v1/records.csv"):
        assert book.get(path).headers["cache-control"] == "private, no-store"
        assert public.get(path).headers["cache-control"] == "no-cache"
        assert "access-control-allow-origin" not in book.get(path).headers
        wrong = public.get(path, headers={"authorization": "Bearer " + "x" * 43})
        is_problem(wrong, 401)
    assert len(book.get("/api/v1/records").json()["items"]) > len(public.get("/api/v1/records").json()["items"])


def test_a_merged_body_is_redirected_to_the_one_that_answers(client: Any, installation: Installation) -> None:
    """Part 6, A12: 308 to whoever answers now, with suffix and query; not as of a day before."""
    old, new = fictional_uscc(41), fictional_uscc(42)
    register(installation, 41, 42)
    before = installation.ledger.size - 1
    office, stream = operator(installation), f"body/{old}"
    merged = office.write(stream, installation.ledger.head(stream), BodySucceeded(new, Manner.MERGER), (PAPER,))
    installation.ledger.submit(merged).result()
    until(lambda: client.get(f"/api/v1/bodies/{old}", follow_redirects=False).status_code == 308)
    for suffix in ("", ".json"):
        answer = client.get(f"/api/v1/bodies/{old}{suffix}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (308, f"/api/v1/bodies/{new}{suffix}")
    then = client.get(f"/api/v1/bodies/{old}?as_of={before}", follow_redirects=False)
    assert (then.status_code, then.json()["item"]["id"]) == (200, old)
    now = client.get(f"/api/v1/bodies/{old}?as_of={before + 1}", follow_redirects=False)
    assert now.headers["location"] == f"/api/v1/bodies/{new}?as_of={before + 1}"


def test_pages_fit_each_other_whatever_is_recorded_meanwhile(client: Any, installation: Installation) -> None:
    """Part 6: keyset cursors bound to a log size: no row twice, none left out, none of later events."""
    register(installation, *range(51, 71))
    shown(client, 21)
    for order in ("newest", "registered"):
        first = client.get(f"/api/v1/bodies?limit=4&order={order}").json()
        wanted = {row["id"] for row in client.get("/api/v1/bodies?limit=500").json()["items"]}
        found, page, number = list(first["items"]), first, 100 if order == "newest" else 200
        while page["next"]:
            number += 1
            register(installation, number)
            page = client.get(f"/api/v1/bodies?limit=4&after={page['next']}").json()
            assert (page["size"], page["on"]) == (first["size"], first["on"])
            assert page["checkpoint"] == first["checkpoint"]
            found += page["items"]
        ids = [row["id"] for row in found]
        assert len(ids) == len(set(ids))
        assert set(ids) == wanted
        shown(client, len(wanted) + number % 100)


@pytest.mark.parametrize(
    "made",
    [
        "x",
        "=" * 10,
        "A" * 601,
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b'[1,"2026-01-01","newest",["1"]]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[1,"2026-01-01","nothing",[1]]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[-1,"2026-01-01","newest",[1]]').decode().rstrip("="),
        base64.urlsafe_b64encode(b'[1,"2026-01-01","newest",[9999999999999999999999]]').decode().rstrip("="),
        base64.urlsafe_b64encode(b"[" * 300).decode().rstrip("="),
    ],
)
def test_a_cursor_of_no_page_is_refused(client: Any, made: str) -> None:
    """Part 6: a cursor is what the page before gave, and nothing else."""
    is_problem(client.get("/api/v1/bodies", params={"after": made}), 400)


def test_a_cursor_of_a_log_that_is_not_there_is_refused(client: Any) -> None:
    """Part 6: a cursor of more entries than there are, or of a day to come."""
    for size, day in ((10**9, date.min), (1, date(2999, 1, 1))):
        when = client.get("/api/v1/bodies").json()["on"] if day is date.min else day.isoformat()
        made = base64.urlsafe_b64encode(json.dumps([size, when, "newest", [1]]).encode()).decode().rstrip("=")
        is_problem(client.get("/api/v1/bodies", params={"after": made}), 404)


def test_a_page_of_one_moment_is_not_continued_at_another(client: Any, installation: Installation) -> None:
    """Part 6: as_of beside a cursor is that of its first page, or it is refused: never rows of both."""
    register(installation, 51, 52, 53)
    shown(client, 4)
    for first in ("/api/v1/bodies?limit=1", f"/api/v1/bodies?limit=1&as_of={installation.ledger.size - 1}"):
        page = client.get(first).json()
        after = {"limit": 1, "after": page["next"]}
        assert client.get("/api/v1/bodies", params={**after, "as_of": page["on"]}).status_code == 200
        assert client.get("/api/v1/bodies", params={**after, "as_of": page["size"] - 1}).status_code == 200
        for other in (0, page["size"] - 2):
            assert "as_of" in is_problem(client.get("/api/v1/bodies", params={**after, "as_of": other}), 400)["detail"]


@pytest.mark.parametrize(
    "query",
    [
        *("colour=red", "limit=0", "limit=501", "limit=-1", "limit=1e3", "limit=", "order=random", "facets=name"),
        *("facets=kind,,region", "kind=nothing", "kind=department&kind=department", "as_of=2026-02-30", "as_of=-1"),
        *("as_of=01", "as_of=2999-01-01", "region=99%00", "region='--", "name=%00", "name=" + "x" * 101, "after="),
        *("body=%27%20OR%201=1", "role=%F0%9F%92%A9", "as_of=%EF%BC%91"),
    ],
)
def test_what_cannot_be_meant_is_refused(client: Any, query: str) -> None:
    """Part 6: an unknown parameter, a value that is none: a problem that says what was expected."""
    found = is_problem(client.get(f"/api/v1/bodies?{query}"), 400)
    name = query.partition("=")[0]
    assert name in found["detail"] or "known" in found["detail"] or "expected no parameter" in found["detail"]
    assert "limit" in is_problem(client.get("/api/v1/bodies?colour=red"), 400)["detail"]


def test_a_position_that_the_log_has_not_reached_is_not_found(client: Any) -> None:
    """Part 5: as_of names an entry that is there."""
    is_problem(client.get("/api/v1/bodies?as_of=999999"), 404)
    assert client.get("/api/v1/bodies?as_of=0").json()["items"] == []
    assert client.get("/api/v1/bodies?as_of=1949-10-01").json() | {"on": 0} == {
        "items": [],
        "next": None,
        "size": 0,
        "on": 0,
        "checkpoint": {"size": 0, "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
        "labels": {},
    }


def test_one_address_may_ask_only_so_often(app: FastAPI, client: Any) -> None:
    """Part 6: rate limits with Retry-After, for reading alone."""
    app.state.read_rate = Rate(3, 60)
    for _ in range(3):
        assert client.get("/api/v1/bodies").status_code == 200
    for path in ("/api/v1/bodies", "/api/v1/bodies.csv", "/bodies", "/"):
        refused = client.get(path)
        is_problem(refused, 429)
        assert 0 < int(refused.headers["retry-after"]) <= 60
    assert client.get("/livez").status_code == 200
    assert client.get("/log/checkpoint").status_code == 200
    assert client.post("/api/v1/events", content=b"x").status_code == 415


def test_pages_of_other_origins_may_read_what_is_public(client: Any) -> None:
    """Part 6: public data, no credentials."""
    answer = client.get("/api/v1/bodies", headers={"origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    asked = {"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
    preflight = client.options("/api/v1/bodies", headers=asked)
    assert preflight.status_code == 204
    assert "POST" not in preflight.headers["access-control-allow-methods"]
    assert "authorization" not in preflight.headers["access-control-allow-headers"].lower()


def test_head_is_get_without_its_body(served: Served) -> None:
    """RFC 9110 §9.3.2."""
    import httpx

    for path in ("/api/v1/bodies", f"/api/v1/bodies/{OPERATOR.uscc}", "/api/v1/bodies.csv", "/api/v1/openapi.json"):
        got, headed = httpx.get(served.url + path), httpx.head(served.url + path)
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers["etag"] == got.headers["etag"]
        assert headed.headers["content-type"] == got.headers["content-type"]


def test_a_name_that_is_a_formula_is_a_text_in_every_export(client: Any, installation: Installation) -> None:
    """Part 6: no spreadsheet runs what somebody wrote; an import gets back what was written."""
    import csv
    import io

    from ledger.commitment_sheet import plain

    names = ["=cmd|' /C calc'!A1", "+1", "-1", "@SUM(A1)", "'quoted", '"q",;', "＝1", "示例"]
    for number, name in enumerate(names, start=300):
        stream = f"body/{fictional_uscc(number)}"
        data = operator(installation).write(
            stream, installation.ledger.head(stream), BodyRegistered(name, Kind.DEPARTMENT)
        )
        installation.ledger.submit(data).result()
    shown(client, len(names) + 1)
    answer = client.get("/api/v1/bodies.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    data = answer.content
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    cells = [row["name"] for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))][1:]
    assert all(cell[0] not in "=+-@＝" for cell in cells)
    assert [plain(cell) for cell in cells] == names
