"""Pages of records, penalties, takedowns: what may be seen, by whom, as of when, and where each fact comes from."""

from __future__ import annotations

import re

import pytest

from api.pages.records import _sources
from ledger.casebook import stream_of
from ledger.domain.event import legal_day
from tests.api.pages import check_structure, text_of
from tests.api.test_case_pages import CLOSED, PUBLISHED, REPAIRED, UPHELD, WAITING
from tests.projections.disclosure_table import record

NOBODY = "0198c5a2-9999-7000-8000-000000000000"


def id_of(stream: str) -> str:
    return stream.partition("/")[2]


def published_event(played, stream):
    return next(r for r in played.ledger.history(stream) if r.event.name == "RecordPublished")


# --- one record ---------------------------------------------------------------------------------------------


def test_a_record_says_when_it_was_published_and_until_when(public, played):
    """F01 F04 公示日期：首次公示、更新、截止。"""
    data = public.get(f"/records/{id_of(PUBLISHED)}.json").json()
    event = published_event(played, PUBLISHED)
    assert data["published_on"] == legal_day(event.at).isoformat()
    assert data["published_on"] <= data["updated_on"] <= data["expires_on"]
    page = text_of(public.get(f"/records/{id_of(PUBLISHED)}").text)
    for words in ("首次公示 Published", "公示截止 Publicity ends", data["expires_on"], "严重 Serious"):
        assert words in page


def test_each_fact_leads_to_its_event_its_document_and_its_proof(public, played):
    """F03 来源可查：每项内容出自哪一事件，文件散列，存在证明。"""
    data = public.get(f"/records/{id_of(PUBLISHED)}.json").json()
    names = {r.index: r.event.name for r in played.ledger.history(PUBLISHED)}
    assert names[data["sources"]["findings"]] == "BreachRecognised"
    assert names[data["sources"]["severity"]] == "SeverityGraded"
    assert names[data["sources"]["published"]] == "RecordPublished"
    page = public.get(f"/records/{id_of(PUBLISHED)}").text
    assert f'href="/log/proof/{data["sources"]["findings"]}"' in page
    assert f'href="/events?document={data["decision"]["sha256"]}"' in page
    found = public.get(f"/events.json?document={data['decision']['sha256']}").json()["items"]
    assert data["sources"]["findings"] in {item["index"] for item in found}


def test_a_corrected_fact_leads_to_its_correction(book, played):
    """E05 F03 更正后的内容，出自更正事件；更正了哪一项，写明。"""
    history = "2026-05-20 线索\n2026-05-22 认定\n2026-05-23 程度 一般\n2026-06-01 更正事实"
    found = _sources(record(history))
    assert (found["catalogue"], found["findings"], found["corrections"]) == (1, 3, 3)
    corrected = next(r for r in played.ledger.history(WAITING) if r.event.name == "RecordCorrected")
    (one,) = book.get(f"/records/{id_of(WAITING)}.json").json()["corrections"]
    (said,) = corrected.event.fact.corrections
    assert (one["now"], one["what"]["zh"]) == (said.now, said.field)
    assert f"{said.field}： {said.now}" in text_of(book.get(f"/records/{id_of(WAITING)}").text)


@pytest.mark.parametrize("why", [why for why, stream in CLOSED.items() if stream.startswith("record/")])
def test_a_withheld_record_is_not_found_in_the_words_of_one_that_never_was(public, why):
    """F01 E10 不公开的与从未有过的，答复一致。"""
    own = id_of(CLOSED[why])
    for asked in ("", "?as_of=2026-07-01", "?as_of=100"):
        withheld, unknown = public.get(f"/records/{own}{asked}"), public.get(f"/records/{NOBODY}{asked}")
        assert withheld.status_code == unknown.status_code == 404
        assert withheld.text.replace(own, "X") == unknown.text.replace(NOBODY, "X")
        withheld, unknown = public.get(f"/records/{own}.json{asked}"), public.get(f"/records/{NOBODY}.json{asked}")
        assert withheld.text.replace(own, "X") == unknown.text.replace(NOBODY, "X")


def test_auditors_see_a_withheld_record_and_why_the_public_does_not(book):
    """F03 不公开须有理由。"""
    data = book.get(f"/records/{id_of(REPAIRED)}.json").json()
    assert (data["withheld"]["code"], data["withheld"]["zh"]) == ("repaired", "已信用修复，终止公示")
    page = book.get(f"/records/{id_of(UPHELD)}")
    check_structure(page.text)
    assert "公众不可见：记录已撤销" in text_of(page.text)
    assert page.headers["cache-control"] == "private, no-store"
    assert book.get(f"/records/{id_of(PUBLISHED)}.json").json()["withheld"] is None


def test_a_suspended_penalty_stands_as_suspended_while_the_objection_is_handled(book, played):
    """E03 异议处理期间暂不执行。"""
    suspended = next(r for r in played.ledger.history(WAITING) if r.event.name == "PenaltySuspended")
    then = book.get(f"/records/{id_of(WAITING)}.json?as_of={suspended.index}").json()
    states = {p["penalty"]: p for p in then["penalties"]}
    assert states["p1"]["state"]["zh"] == "暂不执行"
    assert [held["zh"] for held in states["p1"]["held_by"]] == ["异议处理、核实期间"]
    assert then["under_objection"] is not None
    assert then["size"] == suspended.index + 1
    page = text_of(book.get(f"/records/{id_of(WAITING)}?as_of={suspended.index}").text)
    assert "异议处理中 Objection being handled" in page
    assert "暂不执行 Suspended" in page


def test_a_record_published_without_persons_names_none_of_them(public, book):
    """F01 仅公开单位。"""
    seen = public.get(f"/records/{id_of(PUBLISHED)}")
    assert "person/" not in seen.text
    assert not any(p["on_person"] for p in public.get(f"/records/{id_of(PUBLISHED)}.json").json()["penalties"])
    assert any(p["on_person"] for p in book.get(f"/records/{id_of(PUBLISHED)}.json").json()["penalties"])


def test_before_its_publication_a_record_is_not_there(public, played):
    index = published_event(played, PUBLISHED).index
    assert public.get(f"/records/{id_of(PUBLISHED)}?as_of={index - 1}").status_code == 404
    assert public.get(f"/records/{id_of(PUBLISHED)}?as_of={index}").status_code == 200


@pytest.mark.parametrize("own", ["x", "%00", "9" * 300, "%ff", "<script>", "0198C5A2-9999-7000-8000-000000000000"])
def test_what_is_no_record_is_not_found(public, own):
    page = public.get(f"/records/{own}")
    assert page.status_code == 404
    check_structure(page.text)


# --- lists --------------------------------------------------------------------------------------------------


def test_the_public_list_has_what_is_published_and_nothing_else(public, book):
    listed = {item["id"] for item in public.get("/records.json").json()["items"]}
    everything = book.get("/records.json").json()["items"]
    assert id_of(PUBLISHED) in listed
    assert listed == {item["id"] for item in everything if item["withheld"] is None and item["published_on"]}
    assert listed.isdisjoint(map(id_of, CLOSED.values()))
    assert listed < {item["id"] for item in everything}


def test_what_was_taken_down_is_gone_from_past_days_too(public, book, played):
    """E10 修复后各处同时终止公示，过去的日期也不再显示。"""
    index = published_event(played, REPAIRED).index
    assert id_of(REPAIRED) not in {i["id"] for i in public.get(f"/records.json?as_of={index}").json()["items"]}
    then = book.get(f"/records.json?as_of={index}").json()["items"]
    assert next(i for i in then if i["id"] == id_of(REPAIRED))["withheld"] is None


def test_the_register_can_be_narrowed_and_leads_to_its_records(public):
    data = public.get("/penalties.json").json()
    assert data["total"] == len(data["items"]) > 0
    for item in data["items"]:
        assert public.get(item["record"]).status_code == 200
        assert item["basis"]
    states = {one["code"]: one["count"] for one in data["facets"]["state"]}
    for state, count in states.items():
        found = public.get(f"/penalties.json?state={state}").json()["items"]
        assert [item["state"]["code"] for item in found] == [state] * count


def test_the_log_of_takedowns_tells_that_and_why_and_never_whom(public, played):
    """E05 E10 撤下、更正、修复逐项公开记载，不重复其内容，不指明所涉单位。"""
    data = public.get("/takedowns.json").json()
    kinds = {item["what"]["code"] for item in data["items"]}
    assert {"RepairGranted", "RecordWithdrawn", "PublicationEnded"} <= kinds
    page = public.get("/takedowns").text
    for why in ("withdrawn", "repaired"):
        record = played.ledger.case(CLOSED[why]).state
        assert id_of(CLOSED[why]) not in page
        assert record.recognised.fact.findings not in page
        assert f"/bodies/{record.subject}" not in page
    withdrawn = next(i for i in data["items"] if i["what"]["code"] == "RecordWithdrawn")
    assert withdrawn["reason"]["zh"]


# --- a body's records, statistics, search -------------------------------------------------------------------


def test_a_bodys_page_tells_how_it_stands(public, book):
    """G02 单位的失信记录、惩戒、承诺一览。"""
    subject = public.get(f"/records/{id_of(PUBLISHED)}.json").json()["subject"]["id"]
    data = public.get(f"/bodies/{subject}.json").json()
    assert id_of(PUBLISHED) in {one["id"] for one in data["records"]}
    assert sum(one["count"] for one in data["answered_for"]["records"]) == len(data["records"])
    in_force = [p for p in data["penalties"] if p["state"]["code"] == "in_force"]
    assert data["answered_for"]["penalties_in_force"] == len(in_force)
    assert data["answered_for"]["office"] is None
    assert book.get(f"/bodies/{subject}.json").json()["answered_for"]["office"]["personal_penalties"] >= 0
    page = public.get(f"/bodies/{subject}").text
    assert f'href="/feeds/bodies/{subject}.atom"' in page
    assert public.get(f"/feeds/bodies/{subject}.atom").status_code == 200


def test_a_bodys_figures_are_explained_where_they_stand(public, book):
    """C11 J09 F03 每个数字注明含义：计哪些记录、怎样计算，败诉率为何不计算。"""
    subject = public.get(f"/records/{id_of(PUBLISHED)}.json").json()["subject"]["id"]
    told, office = (text_of(site.get(f"/bodies/{subject}").text) for site in (public, book))
    assert "公示中的失信记录 Published records" in told
    assert "未了结的失信记录 Open records" in office
    for page in (told, office):
        assert "不计算败诉率" in page
        assert "no rate of defeats is made up" in page
    holder = public.get("/commitments.json").json()["items"][0]["promiser"]["id"]
    assert "履约率 = " in text_of(public.get(f"/bodies/{holder}").text)


def test_a_rate_is_never_without_both_of_its_numbers(site):
    """B05 J09 履约率注明分子和分母。"""
    for row in site.get("/statistics.json?by=area").json()["commitments"]:
        rate = row["fulfilment_rate"]
        counts = {one["code"]: one["count"] for one in row["standings"]}
        kept = counts.get("fulfilled", 0) + counts.get("fulfilled_late", 0)
        assert (rate["numerator"], rate["denominator"]) == (
            kept,
            kept + sum(counts.get(code, 0) for code in ("partly_fulfilled", "broken", "overdue")),
        )
        assert row["total"] == sum(counts.values())
    assert re.search(r"[0-9]+/[0-9]+（[0-9.]+%）", site.get("/statistics?by=area").text)


def test_statistics_tell_stock_and_increase_by_month_region_and_area(public, played):
    """C09 清存量、防增量。"""
    months = public.get("/statistics.json?by=month&measure=records_open").json()["series"]
    level = 0
    for month in months:
        level += month["increase"]
        assert month["level"] == level
    for by in ("region", "area"):
        rows = public.get(f"/statistics.json?by={by}&measure=records_open").json()["series"]
        assert sum(row["level"] for row in rows) == level
    city = public.get("/statistics.json?by=region&level=city&measure=records_open").json()["series"]
    assert sum(row["level"] for row in city) == level
    since = public.get(f"/statistics.json?from={months[-1]['key']['code']}-01").json()["measures"]
    assert next(m for m in since if m["code"] == "records_open")["increase"] == months[-1]["increase"]


def test_search_finds_bodies_records_and_events_and_leads_to_them(public, played):
    data = public.get(f"/records/{id_of(PUBLISHED)}.json").json()
    number = data["decision"]["number"]
    hits = public.get("/search.json", params={"q": number}).json()["items"]
    assert f"/records/{id_of(PUBLISHED)}" in {hit["address"] for hit in hits}
    name = data["subject"]["name"].partition("（")[0]
    for hit in public.get("/search.json", params={"q": name}).json()["items"]:
        assert public.get(hit["address"]).status_code == 200, hit
    digest = played.ledger.history(PUBLISHED)[0].hash
    (event,) = public.get(f"/search.json?q={digest}").json()["items"]
    assert event["address"] == f"/events/{played.ledger.history(PUBLISHED)[0].index}"
    hidden = played.ledger.case(stream_of("record/water-penalty")).state
    basis = hidden.recognised.basis[0].number
    shown = {hit["address"] for hit in public.get("/search.json", params={"q": basis}).json()["items"]}
    assert f"/records/{id_of(WAITING)}" not in shown


# --- answers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", "/records", "/bodies", "/statistics", f"/records/{id_of(PUBLISHED)}", "/events/7"]
)
def test_a_page_that_did_not_change_is_not_sent_again(public, path):
    """RFC 9110 §13.1.2."""
    first = public.get(path)
    again = public.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "no-cache"
    assert public.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_wrong_token_is_told_so(public):
    answer = public.get("/records", headers={"authorization": "Bearer wrong"})
    assert answer.status_code == 401
