"""Stories: sentences that say all that an event says, in both languages, and what is due and may come next."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.casefile import CaseFile, streams_in
from api.story import DUTIES, case_data, story, teller_of
from api.story.phrases import PHRASES, fields_of, told
from api.story.values import LONGEST, Teller
from ledger.domain.body import Body
from ledger.domain.body_terms import Status
from ledger.domain.commitment import CommitmentTakenOver
from ledger.domain.event import LEDGER, Document, Recorded, Rules
from ledger.domain.kinds import fold
from ledger.domain.policy import view_of
from ledger.domain.record.course_facts import ExplanationFiled, PublicationEnded, RectificationOrdered
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.remedy_facts import (
    ObjectionFiled,
    PenaltyImposed,
    PenaltyLifted,
    PenaltySuspended,
)
from ledger.domain.record.remedy_terms import Hold, LiftReason, Point
from ledger.domain.record.terms import Conduct, PublicationEnd, SourceKind
from tests.domain.records import (
    CREDIT,
    DECISION,
    GRADED,
    LEAD,
    LETTER,
    ORDERED,
    PERSON,
    RECOGNISED,
    RECOGNISER,
    RECORD_WORLD,
    SUBJECT,
    VERIFIED,
    begun,
)
from tests.domain.scenario import CITY, HEIR, Saying, noon, said
from tests.strategies import every_fact_class, facts

CHINESE = re.compile("[\u4e00-\u9fff]")
CAUSE = "0198c5a2-0000-7000-8000-000000000000"
IMPOSED = said(
    PenaltyImposed("p1", "award_exclusion", "依法惩戒", date(2026, 5, 25), date(2027, 5, 24), repair_notice=LETTER[0]),
    RECOGNISER,
    DECISION,
    on=date(2026, 5, 25),
)
OBJECTED = said(ObjectionFiled("o1", (Point.CONTENT,), "事实有误"), SUBJECT, on=date(2026, 5, 26))
HELD = said(PenaltySuspended("p1", Hold.OBJECTION, "o1"), LEDGER, on=date(2026, 5, 27), cause=CAUSE)
COURSE = (LEAD, VERIFIED, RECOGNISED, GRADED, ORDERED, IMPOSED, OBJECTED, HELD)


def case(*sayings: Saying, on: date, world: Mapping[str, Body] = RECORD_WORLD) -> CaseFile:
    """A record with these events, under the national pack; that they are admitted is shown elsewhere."""
    scenario = begun()
    history = tuple(Recorded(scenario.event(s, n), "kid", n, noon(s.on), f"{n:064x}") for n, s in enumerate(sayings))
    state = fold(scenario.stream, history)
    rules = Rules(world, {}, scenario.policies)
    return CaseFile(scenario.stream, on, history, state, rules, view_of(scenario.policies, on))


def sentence(saying: Saying, *before: Saying) -> tuple[str, str]:
    """The last sentence of a story, in Chinese and in English."""
    found = case(*before, saying, on=saying.on)
    last = story(found.history, teller_of(found))[-1]
    return last["zh"], last["en"]


# --- sentences ----------------------------------------------------------------------------------------------


def test_a_sentence_tells_who_what_and_on_which_basis():
    """写明主体、事项、依据文件的标题、文号、机关和日期。"""
    zh, en = sentence(ORDERED, LEAD)
    assert zh == (
        "2026年5月24日，示例市监督局责令示例市建设局于2026年6月30日前完成整改：“限期改正”。"
        "依据：《函》（示函〔2026〕2号，示例市信用办，2026年5月21日）。"
    )
    assert en == (
        "2026-05-24: 示例市监督局 ordered 示例市建设局 to rectify by 2026-06-30: “限期改正”. "
        "Basis: 《函》 (示函〔2026〕2号, 示例市信用办, 2026-05-21)."
    )


def test_a_penalty_is_called_by_its_measure_as_the_list_stood_when_it_was_imposed():
    """D12 惩戒措施清单。"""
    zh, en = sentence(IMPOSED, LEAD)
    measure = view_of(begun().policies, IMPOSED.on).get("measure.award_exclusion")
    assert f"对示例市建设局实施惩戒（p1）：{measure.zh}，自2026年5月25日起至2027年5月24日" in zh
    assert f"imposed penalty p1 on 示例市建设局: {measure.en[0].lower()}{measure.en[1:]}" in en
    held, _ = sentence(HELD, LEAD, IMPOSED)
    assert f"账本据此自动暂不执行惩戒p1（{measure.zh}），原因为异议处理、核实期间（o1）。" in held


def test_what_the_ledger_states_by_itself_is_told_as_such():
    ended = said(PublicationEnded(PublicationEnd.REPAIRED), LEDGER, on=date(2026, 6, 1), cause=CAUSE)
    assert sentence(ended, LEAD) == (
        "2026年6月1日，账本据此自动终止公示（信用修复）。",
        "2026-06-01: the ledger, in consequence, ended the publication (repaired).",
    )


def test_a_person_stands_as_a_reference_only():
    """A04 惩戒到人。"""
    lead = LeadReceived(SUBJECT, SourceKind.SANCTION, (Conduct.INACTION,), "迟延", date(2026, 5, 1), person=PERSON)
    zh, en = sentence(said(lead, CREDIT))
    assert f"示例市建设局（{PERSON}）涉嫌懒政怠政" in zh
    assert f"({PERSON})" in en
    assert list(streams_in(lead)) == [PERSON]


def test_what_a_pattern_does_not_use_stands_after_it():
    lead = LeadReceived(SUBJECT, SourceKind.ARREARS, (Conduct.ARREARS,), "拖欠", date(2026, 5, 1), sentiment=True)
    zh, en = sentence(said(lead, CREDIT))
    assert zh.endswith("内容为“拖欠”（来自舆情：是）。")
    assert en.endswith("“拖欠” (seen in public opinion: yes).")


def test_who_says_something_of_itself_is_not_named_twice():
    teller = Teller(RECORD_WORLD)
    taken = CommitmentTakenOver(CITY, HEIR)
    assert told(taken, HEIR, teller, "zh") == "接续示例市人民政府的承诺"
    assert told(taken, CREDIT, teller, "zh") == "记载由示例市新区管委会接续示例市人民政府的承诺"
    assert told(taken, HEIR, teller, "en") == "took over the commitment of 示例市人民政府"


def test_a_long_text_is_cut_and_stays_on_one_line():
    zh, _ = sentence(said(ExplanationFiled("因\n故" * 2000), SUBJECT), LEAD)
    assert "\n" not in zh
    assert len(zh) < LONGEST + 60
    assert "…”。" in zh


def test_an_event_without_a_pattern_is_told_field_by_field(monkeypatch):
    monkeypatch.delitem(PHRASES, "RectificationOrdered")  # type: ignore[arg-type]
    order = RectificationOrdered("付款", date(2026, 6, 30))
    teller = Teller({})
    assert told(order, CREDIT, teller, "zh") == "记载“责令限期整改”：整改要求：付款；到期日：2026年6月30日"
    assert told(order, CREDIT, teller, "en") == "recorded “rectification ordered”: demands: 付款; due: 2026-06-30"


# --- patterns -----------------------------------------------------------------------------------------------


def by_name() -> dict[str, type]:
    return {cls.__name__: cls for cls in every_fact_class()}


@pytest.mark.parametrize("name", PHRASES)
def test_a_pattern_uses_only_fields_of_its_event_and_the_same_ones_in_both_languages(name):
    cls = by_name()[name]
    zh, en = PHRASES[name]
    assert fields_of(zh) == fields_of(en), name
    assert fields_of(zh) - {"_subject"} <= {f.name for f in dataclasses.fields(cls)}
    assert CHINESE.search(zh)
    assert not CHINESE.search(en)


@pytest.mark.parametrize("name", PHRASES)
def test_a_field_that_may_be_left_out_stands_in_brackets_of_its_own(name):
    optional = {f.name for f in dataclasses.fields(by_name()[name]) if f.default is not dataclasses.MISSING}
    for pattern in PHRASES[name]:
        outside = re.sub(r"\[[^\[\]]*\]", "", pattern)
        plain = re.findall(r"\{(\w+(?:\|\w+)*)\}", outside)
        assert not {names for names in plain if set(names.split("|")) <= optional}, pattern
        for group in re.findall(r"\[([^\[\]]*)\]", pattern):
            assert len(re.findall(r"\{[\w|]+@?\}", group)) == 1, group


def test_every_event_of_a_record_and_of_a_complaint_has_a_pattern():
    from ledger.domain.kinds import KINDS

    names = {cls.__name__ for kind in ("record", "complaint") for cls in KINDS[kind].facts.values()}
    assert names <= PHRASES.keys()


@pytest.mark.parametrize("cls", every_fact_class(), ids=lambda c: c.__name__)
def test_whatever_an_event_holds_it_can_be_told(cls):
    @given(facts(cls), st.sampled_from(["zh", "en"]))
    def tells(fact: Any, lang: Any) -> None:
        text = told(fact, CREDIT, Teller(RECORD_WORLD, subject=SUBJECT), lang)
        assert text
        assert "\n" not in text
        assert not re.search(r"\bNone\b", re.sub("“.*?”", "", text)) or "None" in repr(fact)

    tells()


# --- standing, deadlines, what may come next ----------------------------------------------------------------


def test_the_story_ends_with_where_the_case_stands():
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    data = case_data(case(*COURSE, on=date(2026, 6, 1)))
    lines = [line["zh"] for line in data["now"]]
    assert lines[:3] == ["现状：已认定，纳入记录。", "失信程度：一般。", "整改期限：2026年6月30日，尚未核查完成。"]
    assert lines[3].startswith("惩戒p1（")
    assert lines[3].endswith("）：暂不执行，期限至2027年5月24日。")
    assert "异议o1：已提出，尚未受理。" in lines
    lifted = said(PenaltyLifted("p1", LiftReason.ERROR), RECOGNISER, on=date(2026, 6, 1))
    after = case_data(case(*COURSE, lifted, on=date(2026, 6, 2)))
    assert any("：已解除" in line["zh"] for line in after["now"])
    assert any("已期满" in line["zh"] for line in case_data(case(*COURSE, on=date(2027, 6, 1)))["now"])


def test_a_deadline_names_its_rule_its_source_and_its_state_on_the_day():
    """D02 限期加以整改。"""

    def rectification(on: date) -> dict[str, Any]:
        found: list[dict[str, Any]] = case_data(case(*COURSE, on=on))["deadlines"]
        return next(d for d in found if d["rule"] == "record.rectification")

    running, over = rectification(date(2026, 6, 30)), rectification(date(2026, 7, 1))
    assert (running["state"]["zh"], over["state"]["zh"]) == ("期限未届满", "逾期未完成")
    assert over["zh"].startswith("完成整改：自2026年5月24日起算，期限2026年6月30日，逾期未完成。依据：D02: ")
    assert over["en"].startswith("Rectify: from 2026-05-24, due 2026-06-30, overdue. Source: D02: ")


def test_a_duty_without_a_number_of_days_says_so():
    data = case_data(case(*COURSE, on=date(2026, 6, 1)))
    notice = next(d for d in data["deadlines"] if d["rule"] == "record.notice")
    assert notice["due"] is None
    assert "未规定期限，尚未完成" in notice["zh"]
    assert "no day is set, not done" in notice["en"]


def test_a_deadline_past_the_years_known_is_provisional():
    """期限跨入尚未公布放假安排的年份时为暂定。"""
    decision = dataclasses.replace(RECOGNISED.basis[0], dated=date(2026, 12, 28))
    fact = dataclasses.replace(RECOGNISED.fact, effective_on=decision.dated)
    late = dataclasses.replace(RECOGNISED, fact=fact, basis=(decision,), on=date(2026, 12, 29))
    data = case_data(case(LEAD, VERIFIED, late, GRADED, on=date(2026, 12, 31)))
    published = next(d for d in data["deadlines"] if d["rule"] == "publication.days")
    assert published["provisional"]
    assert "（暂定，" in published["zh"]
    assert "provisional" in published["en"]


def test_what_may_come_next_names_the_roles_that_may_state_it():
    """谁可以说什么：按规则包的角色表。"""
    data = case_data(case(*COURSE, on=date(2026, 6, 1)))
    accept = next(o for o in data["next"] if o["event"]["code"] == "ObjectionAccepted")
    assert (accept["item"]["id"], {r["code"] for r in accept["roles"]}) == ("o1", {"credit_office", "case_recogniser"})
    assert accept["zh"] == "受理异议 o1——信用办、本案认定单位"
    assert accept["en"] == "Objection accepted, o1 — credit office, recognising body of this case"


def test_without_a_rule_pack_nothing_is_offered():
    found = case(LEAD, on=date(2026, 6, 1))
    bare = dataclasses.replace(found, rules=Rules(found.rules.bodies), view=view_of((), found.on))
    data = case_data(bare)
    assert (data["packs"], data["next"]) == ([], [])
    assert data["now"][0]["zh"] == "现状：线索待核实。"


def test_a_body_that_is_not_registered_goes_by_its_id():
    unknown = {SUBJECT: Body(SUBJECT, Status.UNREGISTERED)}
    data = case_data(case(LEAD, on=date(2026, 6, 1), world=unknown))
    assert SUBJECT in data["story"][0]["zh"]


def test_duties_are_those_of_rules_that_there_are():
    rules = {d["rule"] for on in (date(2026, 6, 1),) for d in case_data(case(*COURSE, on=on))["deadlines"]}
    assert {"record.lead", "record.rectification", "objection.accept_days", "penalty.until"} <= rules & DUTIES.keys()


def test_documents_are_told_with_number_organ_and_day():
    teller = Teller({})
    assert teller.text(Document("函", "0" * 64), "zh") == "《函》"
    assert teller.text(DECISION, "en") == "《行政处罚决定书》 (示罚字〔2026〕1号, 示例市监督局, 2026-05-20)"
