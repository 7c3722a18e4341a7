"""The site: every page and its JSON, what it says of the example town, and that it is well made."""

from __future__ import annotations

import html
import re
import typing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages import show
from api.pages.bodies import FEW
from api.render import _TEMPLATES
from ledger.domain.commitment_terms import Contract, Milestone
from tests.api.pages import Outline, check_structure, text_of
from tests.projections.town import CITY, COMMERCE, FINANCE, HOSTILE, INVESTMENT, MANY, REFORM, SHORT_FINANCE
from tests.strategies import every_fact_class, facts

STATIC = Path(__file__).parents[2] / "api" / "static"
NOBODY = "119900000099999999"
NOTHING = "0198c5a2-9999-7000-8000-000000000000"


def pages_of(town) -> list[str]:
    found = ["/", "/search", "/search?q=财政", "/bodies", "/commitments", "/records", "/penalties", "/takedowns"]
    found += ["/statistics", "/statistics?by=month", "/cases", "/events", "/events/0", "/events/112", "/bodies/ledger"]
    found += [f"/bodies/{b}" for b in (CITY, FINANCE, INVESTMENT, REFORM)]
    found += [f"/cases/body/{b}" for b in (COMMERCE, SHORT_FINANCE)]
    return found + [f"/commitments/{own}" for own in town.commitments.values()]


# --- all pages ----------------------------------------------------------------------------------------------


def test_every_page_is_well_formed_and_has_its_json_at_the_same_address(site, town):
    for path in pages_of(town):
        page = site.get(path)
        assert page.status_code == 200, path
        check_structure(page.text)
        bare, _, asked = path.partition("?")
        address = ("/index.json" if path == "/" else f"{bare}.json") + (f"?{asked}" if asked else "")
        assert f'href="{quote(address, safe="/?=.")}"' in page.text
        data = site.get(address)
        assert data.status_code == 200
        assert data.headers["content-type"] == "application/json"
        assert isinstance(data.json(), dict)


def test_every_link_within_the_site_leads_somewhere(site):
    queue, seen = ["/"], {"/"}
    visited: dict[str, int] = {}
    while queue:
        address = queue.pop()
        answer = site.get(address)
        assert answer.status_code == 200, address
        if "text/html" not in answer.headers["content-type"] or "content-disposition" in answer.headers:
            continue
        check_structure(answer.text)
        for link in Outline(answer.text).links():
            kind = link.split("/")[1].split("?")[0]
            if link not in seen and visited.setdefault(kind, 0) < 40:
                visited[kind] += 1
                seen.add(link)
                queue.append(link)
    shown = {"bodies", "commitments", "events", "records", "penalties", "takedowns", "statistics", "search", "cases"}
    assert shown | {"log", "static", "my"} <= visited.keys()


def test_pages_may_load_their_style_sheet_and_nothing_else(site):
    policy = site.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert site.get("/").headers["x-content-type-options"] == "nosniff"


def test_head_answers_like_get_without_a_body(site):
    answer = site.head("/commitments")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_title_that_is_markup_stays_a_title(site, town):
    own = town.commitments["hostile"]
    found = "/commitments?area=general"
    for path in (
        f"/commitments/{own}",
        f"/bodies/{FINANCE}",
        found,
        "/bodies?name=%3Cscript%3E",
        "/search?q=%3Cscript",
    ):
        page = site.get(path).text
        assert "<script" not in page, path
        assert '<b>"' not in page
    assert (
        html.escape(HOSTILE).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        in site.get(f"/commitments/{own}").text
    )
    assert site.get(f"/commitments/{own}.json").json()["title"] == HOSTILE


# --- what is not there, what cannot be meant ----------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"/bodies/{NOBODY}",
        "/bodies/p-0000000000000000",
        "/bodies/%00",
        "/bodies/%ff%fe",
        "/bodies/<script>alert(1)<",
        "/bodies/" + "9" * 3000,
        f"/commitments/{NOTHING}",
        "/commitments/x",
        "/commitments/%27%20OR%201=1",
        "/events/113",
        "/events/" + "9" * 18,
        "/events/" + "9" * 400,
        "/events/-1",
        "/events/x",
        "/events/113.jws",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_page_in_both_languages_and_a_problem_for_programs(site, path):
    page = site.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    check_structure(page.text)
    assert "未找到" in page.text
    assert "Not found" in page.text
    assert "<script" not in page.text
    if not path.endswith(".jws"):
        problem = site.get(f"{path}.json")
        assert problem.status_code == 404
        assert problem.headers["content-type"] == "application/problem+json"
        assert problem.json()["detail_zh"]
        assert problem.json()["detail"]


@pytest.mark.parametrize(
    "address",
    [
        "/commitments?as_of=2030-13-01",
        "/commitments?as_of=2030.0101",
        "/commitments?as_of=0001-01-01",
        "/commitments?as_of=9999-12-31",
        "/commitments?as_of=٢٠٣٠-01-01",
        "/commitments?as_of=-1",
        "/commitments?as_of=2030-07-16",
        "/commitments?area=nowhere",
        "/commitments?kind=%00",
        "/commitments?standing=late",
        "/commitments?order=random",
        "/commitments?after=x",
        "/commitments?order=due&after=5",
        "/commitments?body=" + "x" * 201,
        "/bodies?status=gone",
        "/bodies?kind=king",
        "/bodies?after=-1",
        "/bodies?name=a%00b",
        f"/bodies/{CITY}?as_of=x",
        "/statistics?by=week",
        "/statistics?region=%27",
        "/search?q=%27",
        "/search?q=" + "市" * 101,
        "/search?q=市&kind=person",
        "/events?after=x",
        "/events?after=²",
        "/events?after=" + "9" * 601,
        "/events?from=2030-02-30",
        "/events?name=SealOpened",
        "/events?as_of=²",
        "/events?as_of=2199-01-01",
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_was_expected(site, address):
    page = site.get(address)
    assert page.status_code == 400
    check_structure(page.text)
    path, _, asked = address.partition("?")
    problem = site.get(f"{path}.json?{asked}")
    assert problem.status_code == 400
    assert "expected" in problem.json()["detail"]
    assert "应" in problem.json()["detail_zh"]


# --- home, bodies -------------------------------------------------------------------------------------------


def test_the_front_page_counts_what_is_there_and_says_how_to_check(site, town):
    data = site.get("/index.json").json()
    checkpoint = town.installation.ledger.log_key.open(town.installation.ledger.reader.newest().note)
    assert data["log"] == {"origin": checkpoint.origin, "size": 113, "root": checkpoint.root.hex()}
    assert sum(a["count"] for a in data["commitments"]) == MANY + 15
    assert [c["title"] for c in data["newest"]] == [f"第{MANY - 1 - n}号承诺" for n in range(10)]
    page = site.get("/").text
    assert "jiannuo verify" in page
    assert data["log"]["root"] in page


def test_a_provisional_body_is_clearly_marked_wherever_it_is_named(site, town):
    """临时登记（待认领）"""
    for path in ("/bodies", f"/bodies/{REFORM}", f"/commitments/{town.commitments['open']}"):
        assert "临时登记（待认领）" in text_of(site.get(path).text), path
    assert "临时登记（待认领）" not in site.get(f"/bodies/{CITY}").text


def test_a_bodys_page_tells_names_superior_predecessors_and_keys(site):
    commerce = site.get(f"/bodies/{COMMERCE}.json?as_of=2030-02-01").json()
    assert (commerce["name"], commerce["former_names"]) == ("示例市商务局", ["示例市外经贸局"])
    assert [one["name"] for one in commerce["names"]] == ["示例市外经贸局", "示例市商务局"]
    assert commerce["successor"] is None
    assert commerce["superior"]["name"] == "示例市人民政府"
    assert site.get(f"/bodies/{INVESTMENT}.json").json()["predecessors"][0]["id"] == COMMERCE
    finance = site.get(f"/bodies/{FINANCE}.json").json()
    assert finance["aliases"][0]["id"] == SHORT_FINANCE
    assert [(one["name"], one["alias"]) for one in finance["names"]] == [
        ("示例市财政局", None),
        ("市财政局", SHORT_FINANCE),
    ]
    assert [k["reason"]["zh"] for k in finance["keys"]] == ["更换"]
    assert finance["keys"][0]["from_index"] < finance["keys"][0]["until_index"]


@pytest.mark.parametrize(("old", "new"), [(COMMERCE, INVESTMENT), (SHORT_FINANCE, FINANCE)])
def test_a_body_that_another_answers_for_leads_to_it_for_as_long_as_it_does(site, old, new):
    """A12 承继；临时登记已认领。"""
    for ending in ("", ".json"):
        answer = site.get(f"/bodies/{old}{ending}?as_of=2030-07-01", follow_redirects=False)
        assert answer.status_code == 308
        assert answer.headers["location"] == f"/bodies/{new}{ending}?as_of=2030-07-01"
        assert answer.headers["cache-control"] == "no-cache"
    page = site.get(f"/bodies/{old}").text
    assert f'href="/cases/body/{old}"' in page
    assert site.get(f"/cases/body/{old}").status_code == 200


def test_a_bodys_page_lists_its_commitments_and_as_what_it_stands_in_them(site):
    """牵头单位、责任单位、配合单位"""
    finance = {c["title"]: c["parts"] for c in site.get(f"/bodies/{FINANCE}.json").json()["commitments"]}
    assert [p["part"]["zh"] for p in finance["外商投资企业服务专班"]] == ["配合单位"]
    assert finance["建成政务诚信档案"][0]["body"]["id"] == SHORT_FINANCE
    city = site.get(f"/bodies/{CITY}.json").json()
    assert len(city["commitments"]) == FEW
    assert site.get(city["more"]["commitments"].replace("?", ".json?")).json()["total"] == MANY + 14


def test_bodies_can_be_found_by_a_former_name_status_and_kind(site):
    def names(query: str) -> list[str]:
        return [item["name"] for item in site.get(f"/bodies.json?{query}").json()["items"]]

    assert names("name=外经贸") == ["示例市商务局"]
    assert names("status=provisional") == ["市发改委"]
    assert names("kind=enterprise&status=") == ["示例投资有限公司"]
    assert names("name=无此单位") == []
    assert "没有符合条件的单位" in site.get("/bodies?name=无此单位").text


# --- words, money, colours ----------------------------------------------------------------------------------


@pytest.mark.parametrize("cls", every_fact_class(), ids=lambda c: c.__name__)
def test_whatever_a_fact_holds_it_can_be_shown_and_is_escaped(cls):
    template = _TEMPLATES.from_string('{% import "macros.html" as m %}{{ m.fields(found) }}')

    @given(facts(cls), st.just({}))
    def shows(fact: Any, names: Any) -> None:
        found = show.described(fact, names)
        orjson.dumps(found)
        page = template.render(found=found)
        assert set(re.findall("<([a-z]+)", page)) <= {"dl", "div", "dt", "dd", "span", "ul", "li", "a", "strong"}

    shows()


def test_every_amount_in_fen_is_shown_as_money():
    amounts = set()
    for cls in [*every_fact_class(), Contract, Milestone]:
        for name, hint in typing.get_type_hints(cls, include_extras=True).items():
            if re.search(rf"Range\(least=[01], most={10**15}\)", repr(hint)):
                amounts.add(name)
    assert amounts == show.MONEY | {"value"}
    assert show.yuan(5) == "0.05 元"


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(theme):
    css = (STATIC / "site.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css.split(":root {")[theme + 1]))
    pairs = [(c, "page") for c in ("text", "soft", "link", "bad", "good", "warn")]
    pairs += [(c, "panel") for c in ("text", "soft", "link")] + [(c, "warn-panel") for c in ("text", "soft", "link")]
    for front, back in pairs:
        light, dark = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)
