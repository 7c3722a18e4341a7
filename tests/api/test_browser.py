"""The site in a real browser: headless Chromium against uvicorn on a free port of this machine.

Skipped, with the reason, where there is no Chromium; a failure where CI=true, because there it must be installed.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.chrome import MARGIN
from tests.api.test_case_pages import PUBLISHED
from tests.conftest import serving
from tests.projections.town import FINANCE

pytestmark = pytest.mark.browser


def test_the_front_page_is_shown_whole_without_scripts(page, address):
    page.open(address)
    dom = page.document()
    assert '<h1>政务承诺公开账本 <span class="en" lang="en">' in dom
    assert "第59号承诺" in dom
    assert "<script" not in dom


def test_a_title_that_is_markup_becomes_no_element(page, address, town):
    page.open(f"{address}/commitments/{town.commitments['hostile']}")
    dom = page.document()
    assert "&lt;script&gt;alert('x')&lt;/script&gt;&lt;b&gt;" in dom
    assert "<script" not in dom
    assert "<b>" not in dom


PAGES: dict[str, Callable[..., str]] = {
    "home": lambda town: "/",
    "list": lambda town: "/commitments?order=due",
    "commitment": lambda town: f"/commitments/{town.commitments['broken']}",
    "body": lambda town: f"/bodies/{FINANCE}",
    "event": lambda town: "/events/40",
    "events": lambda town: "/events",
    "search": lambda town: "/search?q=示例市",
    "statistics": lambda town: "/statistics?by=area",
    "figures": lambda town: "/statistics",
    "bodies": lambda town: "/bodies?as_of=2030-02-01",
}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(page, address, town, name):
    page.open(address + PAGES[name](town))
    image = page.screenshot(390, 1600)
    assert image.width == 390
    assert len(image.colours(0, 390 - MARGIN)) > 20, "the page is empty"
    assert len(image.colours(390 - MARGIN, 390)) == 1, "something reaches into the margin"


RECORDS = ("/records", f"/records/{PUBLISHED.partition('/')[2]}", "/penalties", "/takedowns")


@pytest.mark.parametrize("path", RECORDS)
def test_nothing_of_a_record_is_wider_than_a_phone(page, played, book_app, path):
    with serving(played, book_app) as served:
        page.open(served.url + path)
        image = page.screenshot(390, 1600)
    assert len(image.colours(0, 390 - MARGIN)) > 20, "the page is empty"
    assert len(image.colours(390 - MARGIN, 390)) == 1, "something reaches into the margin"


def test_on_a_wide_screen_lines_stay_short_enough_to_read(page, address):
    page.open(address)
    image = page.screenshot(1280, 800)
    assert len(image.colours(0, 160)) == len(image.colours(1120, 1280)) == 1
    assert len(image.colours(160, 1120)) > 20
