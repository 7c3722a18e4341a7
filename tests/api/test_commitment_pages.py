"""Lists and pages of commitments: filters, standing on a day, and all that is known of one."""

from __future__ import annotations

import hashlib

import pytest

from ledger.domain.commitment_due import Standing
from projections.views.listing import PAGE
from tests.api.pages import text_of, titles
from tests.projections.town import CITY, COMMERCE, INVESTMENT, MANY

STANDINGS = {
    "overdue": ["清偿拖欠中小企业账款"],
    "reported": ["建成政务诚信档案"],
    "in_progress": ["完成老旧小区加装电梯一百部"],
    "fulfilled": ["每半年公布政务诚信监测报告", "公布政府采购负面清单"],
    "fulfilled_late": ["开展统计诚信承诺活动"],
    "partly_fulfilled": ["建立招标投标信用评价制度"],
    "broken": ["兑现招商引资优惠政策"],
    "lawfully_changed": ["建成城市信用广场"],
    "withdrawn": ["新建第二会展中心"],
}


@pytest.mark.parametrize("standing", STANDINGS)
def test_commitments_can_be_listed_by_standing(site, standing):
    answer = site.get(f"/commitments.json?standing={standing}")
    assert titles(answer) == STANDINGS[standing]
    assert answer.json()["next"] is None


def test_every_standing_has_an_example_in_the_town():
    assert set(STANDINGS) | {"open", "not_made"} == {str(s) for s in Standing}


@pytest.mark.parametrize("query", ["", "standing=open", "order=due", "order=due&standing=open"])
def test_pages_of_a_list_follow_each_other_to_the_end(site, query):
    found: list[str] = []
    address = f"/commitments.json?{query}"
    while address:
        answer = site.get(address)
        assert len(answer.json()["items"]) <= PAGE
        found += titles(answer)
        address = answer.json()["next"]
    others = sum(map(len, STANDINGS.values())) if "open" in query else 0
    assert len(found) == len(set(found)) == MANY + 15 - others


def test_a_list_says_how_many_there_are_of_each_value_and_in_all(site):
    data = site.get("/commitments.json").json()
    assert data["total"] == MANY + 15
    for facet in ("area", "kind", "standing"):
        counts = {one["code"]: one["count"] for one in data["facets"][facet]}
        assert sum(counts.values()) == MANY + 15
        for code, count in counts.items():
            narrowed = site.get(f"/commitments.json?{facet}={code}").json()
            assert narrowed["total"] == count
            assert {one["code"]: one["count"] for one in narrowed["facets"][facet]} == counts
    assert "招商引资 Investment promotion（2）" in text_of(site.get("/commitments").text)


def test_the_pages_of_a_list_stay_what_they_were_when_it_began(site, town):
    first = site.get(f"/commitments.json?as_of={town.installation.ledger.size - 1}").json()
    later = site.get(first["next"]).json()
    assert (later["size"], later["on"], later["total"]) == (first["size"], first["on"], first["total"])
    assert later["first"] == f"/commitments.json?as_of={first['size'] - 1}"


def test_standing_is_that_of_the_day_asked_for(site):
    def standing(day: str) -> dict[str, str]:
        found = site.get(f"/commitments.json?area=local_debt&as_of={day}").json()["items"]
        return {c["title"]: c["standing"]["code"] for c in found}

    assert standing("2030-01-01") == {}
    assert standing("2030-03-31") == {"清偿拖欠中小企业账款": "open"}
    assert standing("2030-04-01") == {"清偿拖欠中小企业账款": "overdue"}
    page = text_of(site.get("/commitments?as_of=2030-04-01").text)
    assert "本页为账本在 2030-04-01 当日所知的情况，其后撤下的内容不再显示" in page
    size = site.get("/commitments.json?as_of=2030-04-01").json()["size"]
    assert f"As of log size {size}, day 2030-04-01" in page


def test_a_list_can_be_narrowed_to_a_body_and_what_it_answers_for(site):
    """不得以政府换届、相关责任人更替等理由毁约"""
    assert titles(site.get(f"/commitments.json?body={INVESTMENT}")) == ["外商投资企业服务专班"]
    page = site.get(f"/commitments?body={INVESTMENT}&area=ppp")
    assert "没有符合条件的承诺" in page.text
    assert f'name="body" type="text" maxlength="200" value="{INVESTMENT}"' in page.text
    assert site.get("/commitments?body=nobody").status_code == 200


def test_a_commitments_page_says_everything(site, town):
    data = site.get(f"/commitments/{town.commitments['overdue']}.json").json()
    assert data["standing"] == {"code": "overdue", "zh": "已逾期", "en": "Overdue"}
    assert data["section"] == "二、主要任务及分工 （三）5."
    assert data["documents"][0]["sha256"] == hashlib.sha256(b"plan").hexdigest()
    assert data["target"]["value"] == "100"
    assert [(d["day"], d["payment"], d["state"]["code"]) for d in data["due_days"]] == [
        ("2030-03-31", "5,000,000.00 元", "overdue"),
        ("2030-06-30", None, "overdue"),
    ]
    page = text_of(site.get(f"/commitments/{town.commitments['overdue']}").text)
    for words in (
        "清偿全部拖欠账款",
        "示政发〔2030〕1号",
        data["documents"][0]["sha256"],
        "作出承诺",
        "示例市信用办公室",
    ):
        assert words in page


def test_a_broken_commitments_timeline_tells_who_signed_what_and_what_was_paid(site, town):
    own = town.commitments["broken"]
    data = site.get(f"/commitments/{own}.json").json()
    assert [(e["event"]["code"], e["signer"]["id"] == CITY) for e in data["events"]] == [
        ("CommitmentMade", False),
        ("CommitmentBroken", False),
        ("CompensationClaimed", False),
        ("CompensationDecided", True),
        ("CompensationPaid", True),
    ]
    page = text_of(site.get(f"/commitments/{own}").text)
    assert "所称理由 Reason given 政府换届" in page
    assert "50,000.00 元" in page
    assert "政府门户网站" in page  # required by its area and not recorded
    assert (
        '<time datetime="2030-07-10T01:30:00.000Z">2030-07-10 09:30:00（北京时间）'
        in site.get(f"/commitments/{own}").text
    )


def test_an_earlier_day_shows_what_the_ledger_knew_then(site, town):
    own = town.commitments["broken"]
    then = site.get(f"/commitments/{own}.json?as_of=2030-03-31").json()
    assert (then["standing"]["code"], len(then["events"])) == ("open", 1)
    assert site.get(f"/commitments/{own}?as_of=2030-01-01").status_code == 404


def test_a_recurring_commitment_lists_its_periods_and_the_next_one(site, town):
    data = site.get(f"/commitments/{town.commitments['recurring']}.json").json()
    assert data["recurrence"]["every"]["zh"] == "每半年"
    assert [(d["day"], d["state"]["code"]) for d in data["due_days"]] == [
        ("2030-06-30", "fulfilled"),
        ("2030-12-31", "open"),
        ("2031-06-30", "open"),
    ]
    assert data["next_due"] == "2030-12-31"


def test_a_commitment_taken_over_names_who_answers_for_it_now(site, town):
    data = site.get(f"/commitments/{town.commitments['taken_over']}.json").json()
    assert (data["promiser"]["id"], data["holder"]["id"], data["answers"]["id"]) == (COMMERCE, INVESTMENT, INVESTMENT)
    before = site.get(f"/commitments/{town.commitments['taken_over']}.json?as_of=2030-02-01").json()
    assert before["holder"]["id"] == COMMERCE


def test_terms_of_a_contract_and_of_services_are_shown(site, town):
    contract = site.get(f"/commitments/{town.commitments['contract']}.json").json()["contract"]
    assert (contract["value"], contract["counterparty"]["name"]) == ("12,345,678.90 元", "示例投资有限公司")
    services = text_of(site.get(f"/commitments/{town.commitments['services']}").text)
    for words in ("就业", "5 个工作日", "持续实施", "办事大厅", "https://example.invalid/news/1"):
        assert words in services
