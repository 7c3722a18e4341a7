"""Screening: who blocks, who is to be looked at, who is not known; signed, remembered, and fair to false matches."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from api.screening.screen import Desk, Question, RulingOut, TakingBack, read_question
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.screening_terms import ScreeningPurpose as Purpose
from ledger.errors import FormatError, LedgerError, NotFoundError, TakenBackError
from ledger.installation import Installation
from ledger.proof.attestation import SCREENING, verify_attestation
from projections.matching import key_of
from tests.conftest import read_side

BUILDING, HOUSING, WATER, TRAFFIC, TOWN, COMMERCE = (fictional_uscc(n) for n in (111, 112, 114, 115, 118, 113))
OFFICE = fictional_uscc(102)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
NAME = "示例市建设局（虚构）"


@pytest.fixture(scope="module")
def desk(played: Installation) -> Iterator[Desk]:
    """A desk on the worked cases, on a fixed day."""
    with read_side(played) as reading:
        yield Desk(played.ledger, reading, lambda: NOW)


def one(
    desk: Desk, subject: str, purpose: Purpose = Purpose.AWARDS, on: date | None = None, **more: Any
) -> dict[str, Any]:
    """The answer for one subject, as an office gets it."""
    public = more.pop("public", False)
    (found,) = desk.screen(Question(purpose, (subject,), on, **more), public=public).answer["results"]
    return found


def causes(found: dict[str, Any]) -> list[str]:
    return [reason["cause"] for reason in found.get("reasons", ())]


# --- what blocks ----------------------------------------------------------------------------------------------


def test_a_penalty_in_force_blocks_what_the_rule_pack_says_it_blocks(desk: Desk) -> None:
    """G02 G05 评优评先中开展政务信用记录查询；自动比对、自动拦截: with basis, dates and decision."""
    found = one(desk, BUILDING)
    assert found["answer"] == "block"
    penalty = next(r for r in found["reasons"] if r["cause"] == "penalty")
    assert (penalty["measure"], penalty["starts"], penalty["ends"]) == ("award_exclusion", "2026-06-01", "2028-05-31")
    assert penalty["basis"].startswith("HS 四(八)")
    assert penalty["decision_number"]


def test_the_same_penalty_is_a_hint_where_the_purpose_is_another(desk: Desk) -> None:
    """G05 D15 D18: exclusion from awards keeps nobody from a tender."""
    found = one(desk, BUILDING, Purpose.TENDERING)
    assert found["answer"] == "caution"
    assert {"other_penalty", "record"} <= set(causes(found))
    assert one(desk, BUILDING, Purpose.ADMINISTRATION)["answer"] == "caution"


def test_penalties_on_officials_say_nothing_about_their_body(desk: Desk) -> None:
    """G03: whoever is to be appointed is looked up in his own file, never by the name of his body."""
    penalties = [r["measure"] for r in one(desk, BUILDING)["reasons"] if "measure" in r]
    assert "appraisal_limit" not in penalties


def test_a_suspended_penalty_does_not_block(desk: Desk) -> None:
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    during = one(desk, WATER, on=date(2026, 5, 20))
    assert during["answer"] == "caution"
    assert {"suspended", "objection"} <= set(causes(during))
    assert one(desk, WATER, on=date(2026, 6, 10))["answer"] == "block"


def test_a_penalty_blocks_on_its_days_alone(desk: Desk) -> None:
    """D11 惩戒期限: not before it begins, not after it ended."""
    assert one(desk, BUILDING, on=date(2026, 5, 31))["answer"] == "caution"
    assert one(desk, BUILDING, on=date(2026, 6, 1))["answer"] == "block"
    assert one(desk, WATER, on=date(2027, 4, 22))["answer"] == "block"
    assert one(desk, WATER, on=date(2027, 4, 23))["answer"] == "caution"


def test_what_was_repaired_is_nowhere(desk: Desk) -> None:
    """E10 F01: repaired means that nobody is told any more, an office neither, nor for a past day the public."""
    assert one(desk, TRAFFIC) == {
        "given": TRAFFIC,
        "answer": "clear",
        "match": {"body": TRAFFIC, "name": "示例市交通运输局（虚构）", "way": "code", "sure": True},
    }
    assert one(desk, TRAFFIC, on=date(2026, 6, 15), public=True)["answer"] == "clear"
    assert one(desk, TRAFFIC, on=date(2026, 6, 15))["answer"] == "block"


def test_a_court_entry_stands_until_it_is_removed(desk: Desk) -> None:
    """C04 G05 失信被执行人: a hint where the pack of the region does not say that it blocks."""
    assert "listed" in causes(one(desk, WATER, Purpose.TENDERING, on=date(2026, 5, 30)))
    assert "listed" not in causes(one(desk, WATER, Purpose.TENDERING, on=date(2026, 6, 30)))


def test_a_record_without_a_penalty_is_a_hint(desk: Desk) -> None:
    """G04 在行政管理中主动查询信用记录: also a minor one, which the public is not shown."""
    assert causes(one(desk, TOWN)) == ["record"]
    assert one(desk, TOWN, public=True)["answer"] == "clear"


def test_the_public_is_answered_from_what_is_shown(desk: Desk) -> None:
    """F01 F02: a record that is not published is for offices; of one that is, the public is told the same."""
    assert one(desk, WATER, public=True)["answer"] == "clear"
    assert one(desk, WATER)["answer"] == "block"
    assert one(desk, BUILDING, public=True)["answer"] == "block"


# --- who it is ------------------------------------------------------------------------------------------------


def test_names_are_found_as_people_write_them(desk: Desk) -> None:
    """G05: full-width, spaces and other brackets are the same name."""
    for written in (NAME, "示例市建设局(虚构)", " 示例市 建设局（虚构）", "「示例市建设局」（虚构）"):
        found = one(desk, written)
        assert (found["answer"], found["match"]["way"], found["match"]["body"]) == ("block", "name", BUILDING)


def test_a_former_name_means_the_body_that_had_it(desk: Desk) -> None:
    """A12: a new name does not rid of a record."""
    found = one(desk, "示例市商务局（虚构）")
    assert (found["match"]["way"], found["match"]["body"]) == ("former", COMMERCE)
    assert found["match"]["name"] == "示例市商务和招商局（虚构）"
    assert one(desk, "示例市商务局（虚构）")["answer"] == one(desk, COMMERCE)["answer"]


def test_who_answers_for_a_body_that_ended_is_told(desk: Desk) -> None:
    """A12 承继: a merged body, and a short name in a document that was claimed, lead to who answers for them."""
    merged, claimed = one(desk, "示例市文化局（虚构）")["match"], one(desk, "镇政府")
    assert merged["its_name"] == "示例市文化和旅游局（虚构）"
    assert claimed["match"]["answers_for_it"] == TOWN
    assert causes(claimed) == causes(one(desk, TOWN)) == ["record"]


def test_a_short_form_that_many_share_names_a_few(desk: Desk) -> None:
    """G05: at most ten candidates and one more, so that no name makes the answer endless."""
    assert len(one(desk, "信用办")["candidates"]) <= 11


def test_nobody_is_blocked_by_a_short_form_or_by_sound(desk: Desk) -> None:
    """G05: a name that is only like it is for people to decide; each candidate says what would be answered."""
    for like, way in (("市建设局", "short"), ("示例市建社局（虚构）", "sound")):
        found = one(desk, like)
        assert found["answer"] == "caution"
        assert causes(found) in (["uncertain"], ["ambiguous"])
        candidate = next(c for c in found["candidates"] if c["body"] == BUILDING)
        assert (candidate["way"], candidate["sure"], candidate["answer"]) == (way, False, "block")


def test_who_is_not_found_is_not_clear(desk: Desk) -> None:
    """G05: unknown is its own answer; a code that no body can have is said to be wrong."""
    unknown = fictional_uscc(999)
    assert one(desk, unknown) == {"given": unknown, "answer": "unknown", "reasons": [{"cause": "not_found"}]}
    wrong = unknown[:-1] + ("0" if unknown[-1] != "0" else "1")
    assert causes(one(desk, wrong)) == ["malformed"]
    assert causes(one(desk, "查无此单位")) == ["not_found"]
    assert causes(one(desk, "《》")) == ["malformed"]


def test_each_subject_is_answered_in_its_place(desk: Desk) -> None:
    """G05: doubles and strangers among them do not shift the answers."""
    subjects = (BUILDING, "查无此单位", NAME, BUILDING, TRAFFIC, BUILDING.lower())
    found = desk.screen(Question(Purpose.AWARDS, subjects), public=False).answer
    assert [r["given"] for r in found["results"]] == list(subjects)
    assert [r["answer"] for r in found["results"]] == ["block", "unknown", "block", "block", "clear", "block"]
    assert found["counts"] == {"block": 4, "clear": 1, "unknown": 1}


# --- the answer -----------------------------------------------------------------------------------------------


def test_the_answer_is_signed_and_names_its_position(desk: Desk, played: Installation) -> None:
    """G05 part 8 of issue 5: whoever has the answer can check it without us."""
    found = desk.screen(Question(Purpose.AWARDS, (BUILDING,)), public=True)
    assert verify_attestation(found.jws, played.ledger.public_key, SCREENING) == found.answer
    assert (found.answer["size"], found.answer["on"]) == (played.ledger.size, "2026-11-20")
    assert found.answer["iss"] == played.ledger.log_key.origin


def test_that_it_was_asked_is_remembered_and_about_whom_is_not(desk: Desk, played: Installation) -> None:
    """G04 F15 查询记录: purpose, day, office, counts and the answer's digest; no subject."""
    question = Question(Purpose.AWARDS, (BUILDING, NAME), asked_by=OFFICE, reference="示函〔2026〕9号")
    found = desk.screen(question, public=False)
    row = played.ledger.screenings.log(most=1)[0]
    assert row["answer"] == hashlib.sha256(found.jws).hexdigest()
    assert (row["purpose"], row["asked_by"], row["subjects"], row["block"]) == ("awards", OFFICE, 2, 2)
    assert BUILDING not in str(row)
    assert NAME not in str(row)


def test_days_out_of_bounds_are_refused(desk: Desk) -> None:
    """Issue 5: a day that nobody can mean."""
    for day in (date(1999, 12, 31), date(2028, 1, 1)):
        with pytest.raises(FormatError, match="on"):
            one(desk, BUILDING, on=day)


# --- false matches --------------------------------------------------------------------------------------------


def test_a_match_that_an_office_ruled_out_is_never_asked_again(desk: Desk) -> None:
    """G05 confirmed false matches: remembered with who and when, shown, and taken back where that was wrong."""
    like = "示例市建社局（虚构）"
    number = desk.rule_out(RulingOut(like, BUILDING, "另一单位，已核对证照", OFFICE))
    found = one(desk, " 示例市 建社局(虚构)")
    assert found["answer"] == "unknown"
    assert "candidates" not in found
    assert found["excluded"] == [
        {
            "number": number,
            "confirmed_on": "2026-11-20",
            "by": OFFICE,
            "reason": "另一单位，已核对证照",
            "body": BUILDING,
        }
    ]
    public = one(desk, like, public=True)  # who asked about whom, when and why is the offices' business
    assert (public["answer"], public["excluded"]) == ("unknown", [{"body": BUILDING}])
    desk.take_back(TakingBack(number, "核对有误", OFFICE))
    assert one(desk, like)["answer"] == "caution"
    with pytest.raises(TakenBackError):
        desk.take_back(TakingBack(number, "核对有误", OFFICE))


def test_only_the_body_that_was_ruled_out_is_left_out(desk: Desk) -> None:
    """G05: another name of it, and another body under the name, are found as before."""
    number = desk.rule_out(RulingOut("市建设局", WATER, "不相干", OFFICE))
    assert [c["body"] for c in one(desk, "市建设局")["candidates"]] == [BUILDING]
    desk.take_back(TakingBack(number, "测试", OFFICE))


@pytest.mark.parametrize(
    "code", [BUILDING, BUILDING.lower(), f" {BUILDING} ", "".join(chr(ord(c) + 0xFEE0) for c in BUILDING)]
)
def test_nobody_rules_out_that_a_code_means_its_body(desk: Desk, played: Installation, code: str) -> None:
    """G05, F16: whoever has the office's token cannot take a body out of the screening; what was ruled out before that
    was refused says nothing.
    """
    with pytest.raises(FormatError, match="code"):
        desk.rule_out(RulingOut(code, BUILDING, "…", OFFICE))
    past = played.ledger.screenings.rule_out(key_of(code), BUILDING, reason="…", by=OFFICE, at=NOW)
    found = one(desk, code)
    assert (found["answer"], found["match"]["body"]) == ("block", BUILDING)
    assert "excluded" not in found
    desk.take_back(TakingBack(past, "…", OFFICE))


def test_what_is_ruled_out_twice_is_taken_back_at_once(desk: Desk) -> None:
    """G05: one pair has one number while it stands, so that taking it back leaves nothing."""
    ruling = RulingOut("示例市建社局（虚构）", BUILDING, "另一单位", OFFICE)
    number = desk.rule_out(ruling)
    assert desk.rule_out(ruling) == number
    desk.take_back(TakingBack(number, "…", OFFICE))
    assert one(desk, ruling.name)["answer"] == "caution"
    again = desk.rule_out(ruling)
    assert again != number
    desk.take_back(TakingBack(again, "…", OFFICE))


def test_what_is_not_there_is_neither_ruled_out_nor_taken_back(desk: Desk) -> None:
    """Issue 5: both bodies are registered, and the number is one that was given."""
    with pytest.raises(NotFoundError):
        desk.rule_out(RulingOut("某局", fictional_uscc(999), "…", OFFICE))
    with pytest.raises(NotFoundError):
        desk.rule_out(RulingOut("某局", BUILDING, "…", fictional_uscc(999)))
    with pytest.raises(NotFoundError):
        desk.take_back(TakingBack(10**9, "…", OFFICE))


# --- what is asked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"purpose":"awards"}',
        b'{"purpose":"awards","subjects":[]}',
        b'{"purpose":"recruitment","subjects":["x"]}',
        b'{"purpose":"awards","subjects":["x"],"on":"2026-02-30"}',
        b'{"purpose":"awards","subjects":["x"],"more":1}',
        b'{"purpose":"awards","subjects":[1]}',
        b'{"purpose":"awards","subjects":["a\\u0000"]}',
        b'{"purpose":"awards","purpose":"awards","subjects":["x"]}',
        orjson.dumps({"purpose": "awards", "subjects": ["x"] * 10_001}),
        orjson.dumps({"purpose": "awards", "subjects": ["x" * 201]}),
    ],
)
def test_what_is_not_exactly_a_question_is_refused(body: bytes) -> None:
    """Issue 5: strict and bounded."""
    with pytest.raises(LedgerError):
        read_question(body)


def test_ten_thousand_subjects_are_one_question(desk: Desk) -> None:
    """G05 part 8 of issue 5: up to 10,000; all at once."""
    subjects = [*(fictional_uscc(n) for n in range(1, 5000)), *(f"某单位{n}" for n in range(5000)), NAME]
    found = desk.screen(Question(Purpose.AWARDS, tuple(subjects)), public=True)
    assert len(found.answer["results"]) == 10_000
    assert found.answer["results"][-1]["answer"] == "block"
