"""Lists, exports and single rows of ``/api/v1`` on the ledger of the worked cases."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from api.v1.resources import RESOURCES
from ledger.commitment_sheet import read_cells, read_row

NAMES = sorted(RESOURCES)


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of a CSV file, as its reader finds them."""
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", NAMES)
def test_a_list_is_the_same_page_by_page_and_in_every_form(public: Any, name: str) -> None:
    """Part 6: .json, .csv and .jsonl of every list, keyset cursors."""
    found, after = [], ""
    while True:
        page = public.get(f"/api/v1/{name}.json?limit=7{after}").json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    lines = [json.loads(line) for line in public.get(f"/api/v1/{name}.jsonl").text.splitlines()]
    table = rows_of(public.get(f"/api/v1/{name}.csv").text)
    key = RESOURCES[name].public.key
    assert [str(row[key]) for row in found] == [str(row[key]) for row in lines] == [row[key] for row in table]
    assert len({str(row[key] if RESOURCES[name].single else row) for row in found}) == len(found)
    if not RESOURCES[name].export:
        assert lines == found


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


@pytest.mark.parametrize("name", [name for name in NAMES if RESOURCES[name].single])
def test_each_row_of_a_list_is_found_by_its_address(public: Any, name: str) -> None:
    """Part 6: single rows; a body that another answers for is redirected to it."""
    resource = RESOURCES[name]
    for row in public.get(f"/api/v1/{name}?limit=20").json()["items"]:
        own = str(row[resource.public.key]).removeprefix(resource.prefix)
        for address in (f"/api/v1/{name}/{own}", f"/api/v1/{name}/{own}.json"):
            answer = public.get(address, follow_redirects=False)
            if name == "bodies" and row["answers_to"]:
                assert answer.status_code == 308
            else:
                assert answer.json()["item"] == row
