"""The site under a fuzzer of its forms and links; issue "The read side": no 5xx, no stack trace, no SQL in an answer.

``python -m tests.api.form_fuzz --url …`` runs it as long as one likes against a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.limits import Rate
from ledger.installation import Installation
from tests.api.form_fuzz import UNKNOWN, VALUES, Target, Walk, ask, asked_path, check, parsed, shape, walk
from tests.conftest import application, caller_of

UNBOUNDED = 10**9
GIVEN = settings(deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def open_app(played: Installation) -> Iterator[FastAPI]:
    """The application on the worked cases, for askers of whom none is one too many."""
    with application(played) as app:
        app.state.read_rate = app.state.lookups_rate = Rate(UNBOUNDED, 1)
        yield app


@pytest.fixture(scope="module")
def anybody(open_app: FastAPI) -> Iterator[Any]:
    with caller_of(open_app) as client:
        client.headers["accept"] = "text/html,*/*"
        yield client


@pytest.fixture(scope="module")
def auditor(open_app: FastAPI, played: Installation) -> Iterator[Any]:
    with caller_of(open_app) as client:
        client.headers.update({"accept": "text/html,*/*", "authorization": f"Bearer {played.token()}"})
        yield client


@pytest.fixture(scope="module")
def walked(anybody: Any) -> Walk:
    return walk(anybody)


def test_every_link_that_anybody_finds_answers(walked: Walk) -> None:
    """No dead link; and every page is taken by a strict parser of HTML."""
    assert {address: status for address, status in walked.links.items() if status != 200} == {}
    shapes = {shape(address) for address in walked.pages}
    assert {"/", "/search", "/records", "/records/*", "/penalties", "/takedowns", "/statistics", "/bodies/*"} <= shapes
    assert {"/commitments/*", "/cases/record/*", "/events/*", "/my/lookups", "/reports"} <= shapes


POSTED = frozenset(("/my/lookups", "/screen"))
"""Forms that are posted, whose answer is for whoever asked alone."""


def test_every_page_has_its_data_at_the_same_address(walked: Walk, anybody: Any) -> None:
    for address, text in walked.pages.items():
        alternates = [e.get("href") for e in parsed(text).iter("link") if e.get("type") == "application/json"]
        if address.partition("?")[0] in POSTED:
            assert alternates == []
            continue
        assert len(alternates) == 1, address
        data = anybody.get(alternates[0])
        assert (data.status_code, data.headers["content-type"]) == (200, "application/json"), alternates
        assert isinstance(data.json(), dict)


def test_each_parameter_of_each_form_and_link_stands_hostile_values(walked: Walk, anybody: Any) -> None:
    turn = 0
    for target in sorted(forms(walked), key=repr):
        for name in target.names:
            for _ in range(8):
                turn += 1
                ask(anybody, target, [(name, VALUES[turn * 7 % len(VALUES)])], json=turn % 4 == 0)
        ask(anybody, target, [(name, VALUES[turn % len(VALUES)]) for name in (*target.names, *UNKNOWN)])
    assert turn > 300


def test_each_address_stands_hostile_ids(walked: Walk, anybody: Any) -> None:
    paths = sorted({shape(a).partition("?")[0] for a in walked.links if "*" in shape(a)})
    assert len(paths) > 8
    for turn, value in enumerate(v for v in VALUES if len(v) < 3000):
        for path in paths[turn % 4 :: 4]:
            if value not in {"", " ", "..%2f..", "../../etc/passwd"} or path.endswith("*"):
                asked_path(anybody, path, value)


def test_whatever_is_sent_nothing_of_the_inside_comes_back(walked: Walk, anybody: Any, auditor: Any) -> None:
    targets = sorted(forms(walked), key=repr)
    text = st.text(st.characters(), max_size=40)
    value = st.one_of(st.sampled_from(VALUES), text, st.integers().map(str), st.dates().map(str), st.binary(max_size=8))

    @GIVEN
    @given(st.data())
    def stands(data: st.DataObject) -> None:
        target = data.draw(st.sampled_from(targets))
        name = st.one_of(st.sampled_from((*target.names, *UNKNOWN)), text)
        pairs = data.draw(st.lists(st.tuples(name, value), max_size=6))
        client = auditor if data.draw(st.integers(0, 3)) == 0 else anybody
        ask(client, target, pairs, json=target.method == "GET" and data.draw(st.booleans()))

    stands()


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", "", "x" * 300])
def test_a_form_refuses_what_is_no_form(anybody: Any, kind: str) -> None:
    for body in (b"", b"{}", b"--x\r\n\r\n--x--", b"\xff" * 100, b"presentation=" + b"a" * 200_000):
        answer = anybody.post("/my/lookups", content=body, headers={"content-type": kind})
        check(answer, f"POST /my/lookups {kind[:20]}")
        assert answer.status_code == 415


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_pages_are_for_reading(walked: Walk, anybody: Any, method: str) -> None:
    for path in sorted({shape(a) for a in walked.pages if "?" not in a and "*" not in shape(a)} - POSTED):
        answer = anybody.request(method, path)
        assert answer.status_code == 405, path
        check(answer, f"{method} {path}")


def forms(walked: Walk) -> set[Target]:
    """Each form and link once, whatever id stands in its path."""
    return set({(t.method, shape(t.path), t.names): t for t in sorted(walked.targets, key=repr)}.values())
