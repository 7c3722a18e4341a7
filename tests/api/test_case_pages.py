"""Pages of cases: every worked case can be read, as it stood on any day, with nothing personal in it."""

from __future__ import annotations

from datetime import date

import orjson
import pytest

from ledger.casebook import stream_of
from ledger.domain.event import legal_day
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation
from tests.api.pages import Outline, check_structure, text_of
from tests.ledger.test_casebook import LAST

UPHELD = stream_of("record/wrong-penalty-data")
WAITING = stream_of("record/water-penalty")
NOBODY = "record/0198c5a2-9999-7000-8000-000000000000"


def every_stream(played: Installation) -> list[str]:
    return sorted({row.stream for row in played.ledger.reader.scan()})


# --- every case ---------------------------------------------------------------------------------------------


def test_every_case_of_every_kind_has_a_page_and_its_json(book, played):
    for stream in every_stream(played):
        page = book.get(f"/cases/{stream}")
        assert page.status_code == 200, stream
        check_structure(page.text)
        assert f'href="/cases/{stream}.json"' in page.text
        data = book.get(f"/cases/{stream}.json").json()
        assert len(data["story"]) == len(data["events"]) == len(played.ledger.history(stream))
        assert all(s["zh"] in text_of(page.text) for s in data["story"] if "  " not in s["zh"]), stream


def test_every_link_of_a_cases_page_leads_somewhere(book, played):
    seen: set[str] = set()
    for stream in every_stream(played):
        for link in set(Outline(book.get(f"/cases/{stream}").text).links()) - seen:
            seen.add(link)
            if not link.startswith("/events/"):
                assert book.get(link).status_code == 200, link
    assert any(link.startswith("/cases/person/") for link in seen)


def test_what_is_sealed_is_shown_as_sealed_and_never_as_what_it_says(book, played):
    """人员只以 person/编号 出现，封存内容只显示项数。"""
    complaint = stream_of("complaint/unpaid-project")
    index = played.ledger.history(complaint)[0].index
    page, data = text_of(book.get(f"/events/{index}").text), book.get(f"/events/{index}.json").json()
    assert "封存内容 Sealed 已封存，共 3 项 sealed, 3 in all" in page
    assert len(data["data"]["_sd"]) == 3
    assert data["data"]["_sd"][0] not in text_of(book.get(f"/cases/{complaint}").text)
    for stream in every_stream(played):
        if stream.startswith("person/"):
            kept = orjson.loads(book.get(f"/cases/{stream}.json").content)["events"]
            assert {field for event in kept for field in event["data"]} <= {
                *("kind", "body", "_sd", "start", "until", "on", "item", "replaces", "project", "stage", "outcome"),
                *("fields", "role", "purpose", "case_number", "requester", "ground"),  # look-ups and erasures
            }


# --- one case, on a day -------------------------------------------------------------------------------------


def test_a_record_tells_its_story_its_standing_its_deadlines_and_what_may_come(book):
    data = book.get(f"/cases/{UPHELD}.json?as_of={LAST}").json()
    assert data["standing"]["code"] == "withdrawn"
    assert data["subject"]["name"].startswith("示例市")
    assert [p["id"] for p in data["packs"]] == ["example-city", "national"]
    restored = next(d for d in data["deadlines"] if d["rule"] == "restoration.required")
    assert (restored["state"]["zh"], restored["due"]) == ("已完成", None)
    assert "HS 四(九)" in restored["source"]
    page = text_of(book.get(f"/cases/{UPHELD}?as_of={LAST}").text)
    for words in ("经过 What happened", "现状 Where it stands", "期限 What is due", "已撤销 Withdrawn", "账本据此自动"):
        assert words in page
    assert "本页为账本在 2026-11-13 当日所知的情况" in page


def test_a_day_in_the_past_shows_what_the_ledger_knew_then(book, played):
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    history = played.ledger.history(WAITING)
    suspended = next(r for r in history if r.event.name == "PenaltySuspended")
    day = suspended.at.date().isoformat()
    then = book.get(f"/cases/{WAITING}.json?as_of={day}").json()
    assert [s["event"] for s in then["story"]] == [
        r.event.name for r in history if legal_day(r.at) <= legal_day(suspended.at)
    ]
    assert any("暂不执行" in line["zh"] and line["zh"].startswith("惩戒p1") for line in then["now"])
    later = book.get(f"/cases/{WAITING}.json?as_of={LAST}").json()
    assert any("执行中" in line["zh"] for line in later["now"])
    assert len(later["story"]) == len(history)


def test_before_its_first_event_there_is_no_case(book, played):
    first = played.ledger.history(UPHELD)[0].at.date()
    before = date.fromordinal(first.toordinal() - 1)
    assert book.get(f"/cases/{UPHELD}?as_of={before}").status_code == 404
    assert book.get(f"/cases/{UPHELD}?as_of={first}").status_code == 200


def test_a_name_is_the_one_of_that_day(book, played):
    """曾用名：按当日名称显示。"""
    renamed = next(r for s in every_stream(played) for r in played.ledger.history(s) if r.event.name == "BodyRenamed")
    stream = renamed.event.stream
    before = date.fromordinal(renamed.at.date().toordinal() - 1)
    old = book.get(f"/cases/{stream}.json?as_of={before}").json()["subject"]
    assert old is None
    assert renamed.event.fact.name in text_of(book.get(f"/cases/{stream}").text)
    assert renamed.event.fact.name not in text_of(book.get(f"/cases/{stream}?as_of={before}").text)


@pytest.mark.parametrize(
    "path",
    [
        f"/cases/{NOBODY}",
        "/cases/record/x%00y",
        "/cases/record/" + "9" * 300,
        "/cases/nothing/1",
        "/cases/person/<script>alert(1)<",
        "/cases/record",
    ],
)
def test_what_is_no_case_is_not_found(book, path):
    page = book.get(path)
    assert page.status_code == 404
    check_structure(page.text)
    assert "<script" not in page.text
    problem = book.get(f"{path}.json")
    assert problem.status_code == 404
    assert problem.json()["detail_zh"]


@pytest.mark.parametrize("day", ["2026-13-01", "0001-01-01", "yesterday", "2026-1-1", "9999-12-31"])
def test_a_day_that_is_none_is_refused_with_what_was_expected(book, day):
    problem = book.get(f"/cases/{UPHELD}.json?as_of={day}")
    assert problem.status_code == 400
    assert "as_of: expected a day" in problem.json()["detail"]


# --- lists --------------------------------------------------------------------------------------------------


def test_cases_are_listed_newest_first_by_kind_and_by_body(book, played):
    listed = book.get("/cases.json").json()["items"]
    expected = [s for s in every_stream(played) if s.split("/")[0] not in {"body", "commitment", "policy"}]
    assert sorted(item["stream"] for item in listed) == expected
    begun = [item["begun_on"] for item in listed]
    assert begun == sorted(begun, reverse=True)
    records = book.get("/cases.json?kind=record").json()["items"]
    assert {item["stream"].split("/")[0] for item in records} == {"record"}
    assert next(i for i in records if i["stream"] == UPHELD)["standing"]["code"] == "withdrawn"
    subject = book.get(f"/cases/{UPHELD}.json").json()["subject"]["id"]
    own = book.get(f"/cases.json?body={subject}").json()["items"]
    assert UPHELD in {item["stream"] for item in own}
    assert {item["subject"]["id"] for item in own} == {subject}
    check_structure(book.get(f"/cases?body={subject}&kind=record").text)
    assert "没有符合条件的案件" in book.get(f"/cases?body={fictional_uscc(999)}").text
    assert book.get("/cases?kind=body").status_code == 400


def test_a_bodys_page_lists_the_cases_about_it(book, played):
    subject = book.get(f"/cases/{UPHELD}.json").json()["subject"]["id"]
    page = book.get(f"/bodies/{subject}")
    check_structure(page.text)
    assert f'href="/records/{UPHELD.partition("/")[2]}"' in page.text
    assert "记录已撤销" in page.text
    before = book.get(f"/bodies/{subject}.json?as_of={played.ledger.history(UPHELD)[0].index - 1}").json()
    assert UPHELD.partition("/")[2] not in {one["id"] for one in before["records"]}


def test_an_event_leads_to_its_case(book, played):
    for stream in (UPHELD, stream_of("complaint/unpaid-project"), "policy/national"):
        index = played.ledger.history(stream)[0].index
        assert f'href="/cases/{stream}"' in book.get(f"/events/{index}").text
        assert book.get(f"/events/{index}.json").json()["case"]["address"] == f"/cases/{stream}"


# --- what the public sees -----------------------------------------------------------------------------------

PUBLISHED = stream_of("record/park-investment")
REPAIRED = stream_of("record/transport-repair")
CLOSED = {
    "never published": stream_of("record/water-penalty"),
    "withdrawn": stream_of("record/wrong-penalty-data"),
    "repaired": REPAIRED,
    "a lead that ended": stream_of("record/trial-reform"),
    "a complaint": stream_of("complaint/unpaid-project"),
    "a person's file": stream_of("person/park-official"),
    "who held which post": stream_of("project/ring-road"),
    "a commendation withdrawn": stream_of("commendation/model-township"),
}
OPEN = (PUBLISHED, stream_of("record/commerce-repair"), stream_of("commendation/honest-department"))


@pytest.mark.parametrize("stream", OPEN)
def test_the_public_sees_what_is_published(public, stream):
    """F01 F03 依法依规逐步公开；以公开为常态。"""
    assert public.get(f"/cases/{stream}").status_code == 200
    assert f"/cases/{stream}" in public.get("/cases").text


def test_the_publics_list_counts_what_it_shows_and_nothing_more(public, book, played):
    """F02 列表和计数不透露未公开的案件。"""
    for asked in ("", "?as_of=2026-07-01", "?kind=record", "?kind=complaint"):
        data = public.get(f"/cases.json{asked}").json()
        assert data["total"] == len(data["items"])
        assert {item["stream"] for item in data["items"]}.isdisjoint(CLOSED.values())
    counts = {one["code"]: one["count"] for one in public.get("/cases.json").json()["facets"]["kind"]}
    assert set(counts) == {"record", "commendation"}
    assert book.get("/cases.json").json()["total"] > sum(counts.values())


@pytest.mark.parametrize("why", CLOSED)
def test_the_public_sees_nothing_of_what_is_not(public, played, why):
    """F02 E10 在保护…个人隐私的前提下；信用修复后终止公示。"""
    stream = CLOSED[why]
    for path in (f"/cases/{stream}", f"/cases/{stream}.json", f"/cases/{stream}?as_of=2026-07-01"):
        assert public.get(path).status_code == 404, path
    assert stream not in public.get("/cases").text
    for recorded in played.ledger.history(stream):
        assert public.get(f"/events/{recorded.index}.jws").status_code == 401
        data = public.get(f"/events/{recorded.index}.json").json()
        assert (data["open"], data["data"], data["basis"]) == (False, None, [])
        assert not {"jws", "payload", "header"} & data.keys()
        assert "不公开" in public.get(f"/events/{recorded.index}").text


def test_what_was_taken_down_is_on_no_page_and_in_no_list(public, played):
    """E10 F05 终止公示：公示过的内容不再出现在任何页面。"""
    record = played.ledger.case(REPAIRED).state
    findings = record.recognised.fact.findings
    size = played.ledger.size
    paths = ["/", "/cases", "/cases.json", f"/bodies/{record.subject}", f"/bodies/{record.subject}.json"]
    paths += [f"/events.json?before={n}" for n in range(50, size + 50, 50)]
    for path in paths:
        assert findings not in public.get(path).text, path


@pytest.mark.parametrize("stream", OPEN)
def test_every_link_of_a_public_page_leads_somewhere(public, stream):
    for link in set(Outline(public.get(f"/cases/{stream}").text).links()):
        assert public.get(link).status_code == 200, link


def test_what_may_be_taken_down_is_kept_by_no_cache(public, played):
    index = played.ledger.history(PUBLISHED)[0].index
    assert public.get(f"/events/{index}.jws").headers["cache-control"] == "private, no-store"


def test_a_record_published_without_its_persons_says_nothing_of_them(public, book, played):
    """F01 机构失信记录公开，未公开人员的，不出现责任人员及对其的惩戒。"""
    assert "person/" in book.get(f"/cases/{PUBLISHED}").text
    assert "person/" not in public.get(f"/cases/{PUBLISHED}").text
    assert "评优评先" not in public.get(f"/cases/{PUBLISHED}").text
    for recorded in played.ledger.history(PUBLISHED):
        fact = recorded.event.fact
        hidden = recorded.event.name == "ResponsiblePersonLinked" or getattr(fact, "penalty", "") == "p2"
        assert (public.get(f"/events/{recorded.index}.json").json()["data"] is None) is hidden, recorded.event.name
