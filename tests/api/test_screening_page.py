"""The form /screen: a pasted list, answered as the public is, without script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from api.screening import page as screening_page
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation, open_installation
from tests.conftest import application, caller_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

BUILDING = fictional_uscc(111)


@pytest.fixture(scope="module")
def public(played: Installation) -> Iterator[TestClient]:
    with open_installation(played.settings) as installation, application(installation) as app:
        yield caller_of(app)


def post(public: Any, subjects: str, **more: str) -> Any:
    return public.post("/screen", data={"subjects": subjects, "purpose": "awards", **more})


def test_the_form_is_there_and_says_what_unknown_means(public: Any) -> None:
    """G05: unknown is not clear."""
    page = public.get("/screen", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert "未收录不等于无记录" in page.text
    assert "<script" not in page.text


def test_a_pasted_list_is_answered_row_by_row(public: Any) -> None:
    """G02 G05: names, codes and rows of a spreadsheet; cells that could not be used are said."""
    page = post(public, f"单位名称\t统一社会信用代码\n某局\t{BUILDING}\n查无此单位\t\n\t123\n")
    assert page.status_code == 200
    assert page.text.count("mark-block") == 1
    assert page.text.count("mark-unknown") == 1
    assert "2026-06-01 – 2028-05-31" in page.text
    assert "B4：" in page.text
    assert page.headers["cache-control"] == "no-store"


def test_what_is_pasted_is_shown_as_text(public: Any) -> None:
    """Issue 5: markup stays a name."""
    page = post(public, "<b>局</b>")
    assert "<b>局" not in page.text
    assert "&lt;b&gt;局" in page.text


@pytest.mark.parametrize(
    ("subjects", "more"),
    [("", {}), ("a\tb\nc\td", {}), ("x", {"purpose": "recruitment"}), ("x", {"on": "1"}), ("局\n" * 501, {})],
)
def test_what_cannot_be_answered_is_said_in_the_page(public: Any, subjects: str, more: dict[str, str]) -> None:
    """Issue 5: no 5xx; the form comes back with what was filled in."""
    page = post(public, subjects, **more)
    assert page.status_code == 400
    assert 'role="alert"' in page.text


def test_it_is_bounded(public: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 5: bytes, types."""
    assert public.post("/screen", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert public.post("/screen", content=b"\xff", headers={"content-type": screening_page.FORM}).status_code == 400
    monkeypatch.setattr(screening_page, "MAX_FORM", 10)
    assert post(public, "x" * 20).status_code == 413
