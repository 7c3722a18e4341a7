"""Part 7 of the read side over HTTP: ``GET /api/v1/search``."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from api.search import BY, HIT, OPERATIONS
from projections.search import Sort
from tests.api.submitting import is_problem
from tests.projections.town import FINANCE, Town

PATH = "/api/v1/search"


def test_what_is_found_is_said_in_both_languages_with_where_it_stands(site: Any, town: Town):
    found = site.get(PATH, params={"q": "财政局"}).json()
    first = found["items"][0]
    assert (first["kind"], first["id"], first["title"], first["match"]) == ("body", FINANCE, "示例市财政局", "whole")
    assert first["by"] == {"code": "short", **BY[Sort.SHORT]._asdict()}
    assert site.get(first["address"]).status_code == 200
    assert found["size"] == town.installation.ledger.reader.newest().size
    assert set(first) == set(HIT["properties"])


def test_every_address_leads_somewhere(site: Any, town: Town):
    for q in ("示例", "2030", town.commitments["broken"], "#3"):
        for item in site.get(PATH, params={"q": q, "limit": "100"}).json()["items"]:
            assert site.get(item["address"]).status_code == 200, item


def test_kind_limit_and_moment_are_heard(site: Any, town: Town):
    both = site.get(PATH, params={"q": "市", "kind": "body", "limit": "2"}).json()
    assert [item["kind"] for item in both["items"]] == ["body", "body"]
    assert both["more"]
    assert site.get(PATH, params={"q": "财政局", "as_of": "1"}).json()["items"] == []
    assert site.get(PATH, params={"q": "财政局", "as_of": "2030-01-02"}).json()["size"] > 2


def test_an_event_is_named_in_both_languages(site: Any):
    (item,) = site.get(PATH, params={"q": "#0", "kind": "event"}).json()["items"]
    assert (item["title"], item["address"]) == ("LedgerFounded", "/events/0")
    assert item["title_zh"] != item["title_en"]


@pytest.mark.parametrize(
    "query",
    [
        *("", "?q=", "?q=%20", "?q=%25", "?q=" + "a" * 101, "?q=a&q=b", "?q=a&kind=person", "?q=a&limit=0"),
        *("?q=a&limit=101", "?q=a&limit=x", "?q=a&as_of=never", "?q=a&other=1", "?q=%00", "?q=%ff"),
        f"?q={quote('《》')}",
    ],
)
def test_what_cannot_be_meant_is_a_problem_of_its_own(site: Any, query: str):
    """RFC 9457; never a stack trace, never SQL."""
    is_problem(site.get(PATH + query), 400)


def test_the_same_question_is_answered_from_what_is_kept(site: Any):
    first = site.get(PATH, params={"q": "财政局"})
    again = site.get(PATH, params={"q": "财政局"}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_sort_of_text_has_its_words():
    assert set(Sort) <= set(BY)
    (operation,) = OPERATIONS
    assert operation.path == PATH
