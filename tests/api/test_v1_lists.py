"""Lists, exports and single rows of ``/api/v1`` on the ledger of the worked cases."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from api.v1.office import OFFICE
from api.v1.resources import RESOURCES
from ledger.commitment_sheet import read_cells, read_row
from tests.api.submitting import is_problem

NAMES = sorted(RESOURCES)
CLOSED = sorted(OFFICE)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file, as its reader finds them."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", [*NAMES, *CLOSED])
def test_a_list_is_the_same_page_by_page_and_in_every_form(public: Any, book: Any, name: str) -> None:
    """Part 6: .json, .csv and .jsonl of every list, keyset cursors."""
    found, after = [], ""
    caller, resource = (public, RESOURCES[name]) if name in RESOURCES else (book, OFFICE[name])
    while True:
        page = caller.get(f"/api/v1/{name}.json?limit=7{after}").json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    lines = [json.loads(line) for line in caller.get(f"/api/v1/{name}.jsonl").text.splitlines()]
    table = rows_of(caller.get(f"/api/v1/{name}.csv").text)
    key = resource.public.key
    assert [str(row[key]) for row in found] == [str(row[key]) for row in lines] == [row[key] for row in table]
    assert len({str(row[key] if resource.single else row) for row in found}) == len(found)
    if not resource.export:
        assert lines == found


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_for_offices_alone_is_answered_to_nobody_else(public: Any, book: Any, name: str) -> None:
    """H03 F01: lists, exports and rows, whatever is asked and of whatever moment; nothing of it is kept on the way."""
    resource = OFFICE[name]
    for suffix in ("", ".json", ".csv", ".jsonl", "?as_of=3", "?facets=area", *(["/1", "/x.json"] * resource.single)):
        refused = is_problem(public.get(f"/api/v1/{name}{suffix}"), 403)
        assert refused["type"] == "/problems/auditors-only"
        assert resource.zh in refused["detail_zh"]
    is_problem(public.get(f"/api/v1/{name}", headers={"authorization": "Bearer wrong"}), 401)
    for suffix in ("", ".csv"):
        assert book.get(f"/api/v1/{name}{suffix}").headers["cache-control"] == "private, no-store"
    assert name not in RESOURCES
    assert resource.name not in public.get("/api/v1/snapshot").text


def test_offices_read_complaints_projects_and_who_answered_for_them(book: Any) -> None:
    """H03 I08 F15: with words, filters and as of a past day."""
    complaints = book.get("/api/v1/complaints?facets=standing,area").json()
    assert complaints["items"]
    row = complaints["items"][0]
    assert complaints["labels"]["standing"][row["standing"]]["zh"]
    assert sum(counted["count"] for counted in complaints["facets"]["area"]) == len(complaints["items"])
    at = f"/api/v1/complaints?as_of={row['log_index']}&received_from={row['received_on']}"
    assert [r["standing"] for r in book.get(at).json()["items"] if r["stream"] == row["stream"]] == ["received"]
    assert book.get(f"/api/v1/complaints?as_of={row['log_index'] - 1}&number={row['number']}").json()["items"] == []
    held = book.get("/api/v1/responsible").json()["items"]
    assert held
    day = held[0]["starts"]
    found = book.get(f"/api/v1/responsible?day={day}&stream={held[0]['stream']}&body={held[0]['body']}").json()["items"]
    assert held[0] in found
    is_problem(book.get("/api/v1/projects?stage=unknown"), 400)
    assert book.get("/api/v1/sealed?what=SealOpened").json()["labels"]["what"]["SealOpened"]["zh"]


def test_bodies_side_by_side_have_what_a_body_s_page_says(public: Any) -> None:
    """Part 3 of issue 5, B05: counts and both numbers of the fulfilment rate, in no order of merit."""
    rows = public.get("/api/v1/comparison?limit=500").json()["items"]
    assert [row["log_index"] for row in rows] == sorted(row["log_index"] for row in rows)
    assert any(row["came_due"] for row in rows)
    assert any(row["penalties"] for row in rows)
    for row in rows:
        stands = public.get(f"/bodies/{row['id']}.json").json()["answered_for"]
        assert row["commitments"] == stands["promised"]["total"]
        assert (row["penalties"], row["defeats"]) == (stands["penalties_in_force"], stands["litigation_defeats"])
    most = public.get("/api/v1/comparison?order=commitments&limit=1").json()["items"][0]
    assert most["commitments"] == max(row["commitments"] for row in rows)


def test_what_is_exported_can_be_imported(public: Any, played: Any) -> None:
    """Part 6: import format equals export format."""
    lines = [json.loads(line) for line in public.get("/api/v1/commitments.jsonl").text.splitlines()]
    table = rows_of(public.get("/api/v1/commitments.csv").text)
    assert lines
    for line, row in zip(lines, table, strict=True):
        promise = read_row(line)
        assert promise == read_cells(row)
        made = played.ledger.history(f"commitment/{promise.id}")[0].event
        assert (promise.fact, promise.basis, line["issuer"]) == (made.fact, made.basis, made.iss)


@pytest.mark.parametrize("name", [n for n, r in {**RESOURCES, **OFFICE}.items() if r.single])
def test_each_row_of_a_list_is_found_by_its_address(public: Any, book: Any, name: str) -> None:
    """Part 6: single rows; a body that another answers for is redirected to it."""
    caller, resource = (public, RESOURCES[name]) if name in RESOURCES else (book, OFFICE[name])
    for row in caller.get(f"/api/v1/{name}?limit=20").json()["items"]:
        own = str(row[resource.public.key]).removeprefix(resource.prefix)
        for address in (f"/api/v1/{name}/{own}", f"/api/v1/{name}/{own}.json"):
            answer = caller.get(address, follow_redirects=False)
            if name == "bodies" and row["answers_to"]:
                assert answer.status_code == 308
            else:
                assert answer.json()["item"] == row
