"""Persons: who has an integrity file, what it holds, where they served; and that no event says who they are."""

from __future__ import annotations

import typing
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as draws
from hypothesis import strategies as st

from ledger.domain.codec import Sealed, encode
from ledger.domain.commitment_terms import Outcome
from ledger.domain.event import Event, Recorded, Rules
from ledger.domain.identifiers import check_id_number
from ledger.domain.kinds import KINDS
from ledger.domain.person import (
    EMPTY,
    AffiliationEnded,
    AffiliationWithdrawn,
    FileItemRecorded,
    Person,
    PersonAffiliated,
    PersonCorrected,
    PersonRegistered,
    ProjectPerformanceNoted,
    affiliated,
    evolve,
)
from ledger.domain.person_rules import STEPS, offers
from ledger.domain.record.terms import FileItem, PersonKind, Stage
from ledger.errors import FormatError, RuleError
from tests.domain.records import PERSON, RECORD_WORLD, SUBJECT, SUPERIOR, TODAY, policy
from tests.domain.scenario import (
    CITY,
    CREDIT,
    FIRM,
    HEIR,
    PAPER,
    STRANGER,
    UNKNOWN,
    Saying,
    Scenario,
    noon,
    said,
    succeeded,
)
from tests.strategies import every_fact_class

DIGEST, OTHER, THIRD = (letter * 42 + "A" for letter in "abc")
CITIES = ("yuncheng", "dehua", "huangshi", "taian", "yancheng")


def on_file(*sayings: Saying, packs: tuple[str, ...] = ()) -> Scenario:
    """A person's stream with a history, under the national pack and those named, the nearest first."""
    policies = tuple(policy(name) for name in (*packs, "national"))
    return Scenario(PERSON, RECORD_WORLD, (), policies).having(*sayings)


def registering(kind: PersonKind = PersonKind.CIVIL_SERVANT, body: str = SUBJECT) -> PersonRegistered:
    return PersonRegistered(kind, body, (DIGEST,))


REGISTERED = said(registering(), SUBJECT, on=TODAY)
SERVES = said(PersonAffiliated(SUBJECT, date(2020, 1, 1)), SUBJECT, on=TODAY)


# --- registration -------------------------------------------------------------------------------------------


def test_the_body_where_somebody_serves_begins_the_integrity_file() -> None:
    """A09 建立公务员诚信档案。"""
    state = on_file().when(registering(), SUBJECT, on=TODAY).then()
    assert (state.kind, state.body) == (PersonKind.CIVIL_SERVANT, SUBJECT)


def test_the_credit_office_may_begin_it_too_and_nobody_else() -> None:
    """A09 建立公务员诚信档案。"""
    on_file().when(registering(), CREDIT, on=TODAY).then()
    error = on_file().when(registering(), STRANGER, on=TODAY).refused("person.role")
    assert "credit_office" in error.en


def test_a_file_begins_once_and_with_its_registration() -> None:
    """A09 建立公务员诚信档案。"""
    on_file(REGISTERED).when(registering(), SUBJECT, on=TODAY).refused("person.once")
    on_file().when(SERVES.fact, SUBJECT, on=TODAY).refused("person.unbegun")
    on_file(REGISTERED).when(SERVES.fact, SUBJECT, on=TODAY).then()


def test_the_body_that_keeps_a_file_is_in_the_ledger() -> None:
    """A03 以统一社会信用代码和自然人身份证号码为基础。"""
    on_file().when(registering(body=UNKNOWN), CREDIT, on=TODAY).refused("person.body")
    gone = on_file().amid(succeeded(SUBJECT, HEIR, RECORD_WORLD))
    gone.when(registering(), CREDIT, on=TODAY).refused("person.body")
    gone.when(registering(body=HEIR), CREDIT, on=TODAY).then()


@pytest.mark.parametrize("own", ["1", "0198c5a2-0000-8000-8000-000000000022"])
def test_the_number_of_a_person_is_random_and_not_made_from_who_it_is(own: str) -> None:
    """A03 自然人身份证号码不作为公开编号。"""
    on_file().at(f"person/{own}").when(registering(), SUBJECT, on=TODAY).refused("person.stream")
    on_file().at(PERSON).when(registering(), SUBJECT, on=TODAY).then()


WHO_IS_SUBJECT = {
    "yuncheng": {PersonKind.CIVIL_SERVANT},
    "dehua": {PersonKind.CIVIL_SERVANT, PersonKind.INSTITUTION_STAFF},
    "huangshi": {PersonKind.CIVIL_SERVANT, PersonKind.INSTITUTION_STAFF, PersonKind.OTHER_STAFF},
    "taian": {PersonKind.CIVIL_SERVANT, PersonKind.CANDIDATE},
    "yancheng": {PersonKind.CIVIL_SERVANT},
}


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("kind", PersonKind)
def test_which_persons_are_subjects_differs_from_place_to_place(city: str, kind: PersonKind) -> None:
    """A02 公务人员（公务员、事业单位人员）、在其单位履行公职和从事相关事务的全体工作人员。"""
    trial = on_file(packs=(city,)).when(registering(kind), SUBJECT, on=TODAY)
    if kind in WHO_IS_SUBJECT[city]:
        assert trial.then().kind is kind
    else:
        assert "subject.person_kinds" in trial.refused("person.kind").source


def test_a_candidate_becomes_a_servant_by_entering_the_service_and_not_before() -> None:
    """C21 对有考试舞弊、替考等行为的考生，依法取消公务员录用资格。"""
    candidate = said(registering(PersonKind.CANDIDATE), SUBJECT, on=TODAY)
    filed = on_file(candidate, packs=("taian",))
    filed.when(SERVES.fact, SUBJECT, on=TODAY).refused("person.candidate")
    entered = PersonAffiliated(SUBJECT, date(2026, 5, 1), kind=PersonKind.CIVIL_SERVANT)
    assert filed.when(entered, SUBJECT, on=TODAY).then().kind is PersonKind.CIVIL_SERVANT
    other = PersonAffiliated(SUBJECT, date(2026, 5, 1), kind=PersonKind.OTHER_STAFF)
    filed.when(other, SUBJECT, on=TODAY).refused("person.kind")


# --- service ------------------------------------------------------------------------------------------------


def test_service_is_known_by_its_first_and_last_day() -> None:
    """A04 惩戒到人：相关责任人在何单位、自何时至何时任职。"""
    state = on_file(REGISTERED, SERVES).when(AffiliationEnded(SUBJECT, date(2023, 6, 30)), SUBJECT, on=TODAY).then()
    assert affiliated(state, SUBJECT, date(2020, 1, 1), date(2023, 6, 30))
    assert not affiliated(state, SUBJECT, date(2019, 12, 31), date(2023, 6, 30))
    assert not affiliated(state, SUBJECT, date(2020, 1, 1), date(2023, 7, 1))
    assert not affiliated(state, SUBJECT, date(2020, 1, 1), None)
    assert not affiliated(state, CITY, date(2020, 1, 1), date(2020, 1, 1))
    assert state.bodies_on(date(2023, 6, 30)) == (SUBJECT,)
    assert state.bodies_on(date(2023, 7, 1)) == ()


def test_no_day_at_one_body_is_recorded_twice() -> None:
    """A04 惩戒到人。"""
    filed = on_file(REGISTERED, SERVES)
    filed.when(PersonAffiliated(SUBJECT, date(2024, 1, 1)), SUBJECT, on=TODAY).refused("person.overlap")
    past = PersonAffiliated(SUBJECT, date(2019, 1, 1), date(2020, 1, 1))
    filed.when(past, SUBJECT, on=TODAY).refused("person.overlap")
    filed.when(PersonAffiliated(SUBJECT, date(2019, 1, 1), date(2019, 12, 31)), SUBJECT, on=TODAY).then()
    filed.when(PersonAffiliated(CITY, date(2024, 1, 1)), SUBJECT, on=TODAY).then()


def test_service_is_not_recorded_before_its_day_nor_backwards() -> None:
    """A04 惩戒到人。"""
    filed = on_file(REGISTERED)
    filed.when(PersonAffiliated(SUBJECT, TODAY + timedelta(1)), SUBJECT, on=TODAY).refused("person.future")
    filed.when(PersonAffiliated(SUBJECT, date(1900, 1, 1)), SUBJECT, on=TODAY).refused("person.future")
    ahead = PersonAffiliated(SUBJECT, date(2020, 1, 1), TODAY + timedelta(1))
    filed.when(ahead, SUBJECT, on=TODAY).refused("person.future")
    backwards = PersonAffiliated(SUBJECT, date(2020, 1, 2), date(2020, 1, 1))
    filed.when(backwards, SUBJECT, on=TODAY).refused("person.period")
    filed.when(PersonAffiliated(SUBJECT, TODAY, TODAY), SUBJECT, on=TODAY).then()
    filed.when(PersonAffiliated(UNKNOWN, TODAY), SUBJECT, on=TODAY).refused("person.body")


def test_what_ends_is_a_service_that_goes_on() -> None:
    """A04 惩戒到人。"""
    ended = AffiliationEnded(SUBJECT, date(2023, 6, 30))
    on_file(REGISTERED).when(ended, SUBJECT, on=TODAY).refused("person.affiliation")
    filed = on_file(REGISTERED, SERVES)
    filed.when(AffiliationEnded(CITY, date(2023, 6, 30)), SUBJECT, on=TODAY).refused("person.affiliation")
    filed.when(AffiliationEnded(SUBJECT, date(2019, 6, 30)), SUBJECT, on=TODAY).refused("person.period")
    filed.when(AffiliationEnded(SUBJECT, TODAY + timedelta(1)), SUBJECT, on=TODAY).refused("person.future")
    twice = filed.having(said(ended, SUBJECT, on=TODAY))
    twice.when(ended, SUBJECT, on=TODAY).refused("person.affiliation")


def test_a_service_recorded_in_error_is_withdrawn_on_a_document() -> None:
    """E05 经核实有误的应及时更正或撤销；A04 惩戒到人。"""
    withdrawn = AffiliationWithdrawn(SUBJECT, date(2020, 1, 1))
    filed = on_file(REGISTERED, SERVES)
    filed.when(withdrawn, SUBJECT, on=TODAY).refused("person.basis")
    wrong = AffiliationWithdrawn(SUBJECT, date(2020, 1, 2))
    filed.when(wrong, SUBJECT, PAPER, on=TODAY).refused("person.affiliation")
    state = filed.when(withdrawn, SUBJECT, PAPER, on=TODAY).then()
    assert not affiliated(state, SUBJECT, date(2021, 1, 1), date(2021, 1, 1))


def test_the_heir_of_a_body_goes_on_with_its_files_and_its_service_counts() -> None:
    """A04 A12 不得以政府换届、相关责任人更替等理由毁约：单位承继后，任职期间连续计算。"""
    state = on_file(REGISTERED, SERVES).state
    after = on_file().amid(succeeded(SUBJECT, HEIR, RECORD_WORLD))
    for fact in (AffiliationEnded(SUBJECT, date(2024, 3, 31)), PersonAffiliated(HEIR, date(2024, 4, 1))):
        saying = said(fact, HEIR, on=TODAY)
        assert after.judge(state, saying, 2) == ()
        state = after.grown(state, saying, 2)
    assert affiliated(state, HEIR, date(2021, 1, 1), None, also=(SUBJECT,))
    assert not affiliated(state, HEIR, date(2021, 1, 1), None)
    assert not affiliated(state, HEIR, date(2019, 1, 1), None, also=(SUBJECT,))


days = st.dates(date(2020, 1, 1), date(2020, 3, 31))


@st.composite
def services(draw: st.DrawFn) -> list[PersonAffiliated | AffiliationEnded]:
    """Services at two bodies, right and wrong, in any order."""
    body = st.sampled_from([SUBJECT, CITY])
    begun = st.builds(PersonAffiliated, body, days, st.none() | days)
    return draw(st.lists(begun | st.builds(AffiliationEnded, body, days), max_size=8))


@draws(services(), days, days)
def test_on_every_day_somebody_served_where_the_admitted_events_say(
    facts: list[PersonAffiliated | AffiliationEnded], start: date, until: date
) -> None:
    """A04 惩戒到人：任一日的任职以登记为准，期间不重叠。"""
    filed, state = on_file(REGISTERED), on_file(REGISTERED).state
    told: dict[str, set[date]] = {SUBJECT: set(), CITY: set()}  # day by day, the slow way
    going_on: dict[str, date] = {}
    for fact in facts:
        try:
            filed.judge(state, Saying(fact, SUBJECT, on=TODAY), 1)
        except RuleError:
            continue
        state = filed.grown(state, Saying(fact, SUBJECT, on=TODAY), 1)
        if isinstance(fact, AffiliationEnded):
            new = span(going_on.pop(fact.body), fact.on)
        elif fact.until is None:
            going_on[fact.body], new = fact.start, set()
        else:
            new = span(fact.start, fact.until)
        assert told[fact.body].isdisjoint(new), "a day was told twice"
        told[fact.body] |= new
    for body, known in told.items():
        every = known | (span(going_on[body], date(2020, 3, 31)) if body in going_on else set())
        for day in span(date(2020, 1, 1), date(2020, 3, 31)):
            assert (body in state.bodies_on(day)) is (day in every)
        if start <= until:
            assert affiliated(state, body, start, until) is (span(start, until) <= every)
            assert affiliated(state, body, start, None) is (
                body in going_on and span(start, date(2020, 3, 31)) <= every
            )


def span(start: date, until: date) -> set[date]:
    return {start + timedelta(n) for n in range((until - start).days + 1)}


# --- items of the file --------------------------------------------------------------------------------------

FILE_ITEMS = {
    "yuncheng": {FileItem.INTEGRITY, FileItem.AUDIT_CONCLUSION, FileItem.ANNUAL_ASSESSMENT, FileItem.VIOLATION},
    "dehua": {FileItem.COMMENDATION, FileItem.VIOLATION, FileItem.SOCIAL_MORALITY, FileItem.DAILY_LIFE},
    "huangshi": {
        *(FileItem.PERSONAL_MATTERS_REPORT, FileItem.INTEGRITY),
        *(FileItem.ANNUAL_ASSESSMENT, FileItem.VIOLATION),
    },
    "taian": {FileItem.INTEGRITY, FileItem.COMMENDATION, FileItem.VIOLATION, FileItem.SOCIAL_MORALITY},
}


@pytest.mark.parametrize("city", FILE_ITEMS)
@pytest.mark.parametrize("item", FileItem)
def test_what_a_file_holds_beside_dishonesty_differs_from_place_to_place(city: str, item: FileItem) -> None:
    """C03 廉政记录、审计结论、年度考核结果、违法违纪违约行为，个人事项报告，违反社会公德，荣誉表彰。"""
    fact = FileItemRecorded(item, TODAY, (OTHER,))
    trial = on_file(REGISTERED, packs=(city,)).when(fact, SUBJECT, PAPER, on=TODAY)
    if item in FILE_ITEMS[city] | {FileItem.TRAINING}:
        assert trial.then().items[-1].fact.item is item
    else:
        assert "record.file_items" in trial.refused("person.file-item").source


@pytest.mark.parametrize("city", CITIES)
def test_training_goes_into_the_file_everywhere(city: str) -> None:
    """J20 将信用建设纳入公务员培训和领导干部进修课程。"""
    fact = FileItemRecorded(FileItem.TRAINING, TODAY)
    assert on_file(REGISTERED, packs=(city,)).when(fact, SUBJECT, PAPER, on=TODAY).then().items


def test_an_item_rests_on_a_document_and_is_not_of_tomorrow() -> None:
    """C03 依法依规将廉政记录、审计结论、年度考核结果等记入档案。"""
    filed = on_file(REGISTERED)
    fact = FileItemRecorded(FileItem.INTEGRITY, TODAY)
    filed.when(fact, SUBJECT, on=TODAY).refused("person.basis")
    ahead = FileItemRecorded(FileItem.INTEGRITY, TODAY + timedelta(1))
    filed.when(ahead, SUBJECT, PAPER, on=TODAY).refused("person.future")
    filed.when(fact, FIRM, PAPER, on=TODAY).refused("person.role")
    filed.when(fact, SUPERIOR, PAPER, on=TODAY).then()


def test_only_the_ledger_notes_a_projects_performance() -> None:
    """I08 将项目守信履约情况与实施成效纳入项目政府方责任人信用记录。"""
    noted = ProjectPerformanceNoted(PERSON.replace("person", "project"), TODAY, Outcome.FULFILLED, Stage.FINANCING)
    on_file(REGISTERED).when(noted, CREDIT, on=TODAY).refused("person.consequence")
    state = on_file(REGISTERED).when(noted, "ledger", on=TODAY, cause="0198c5a2-0000-7000-8000-000000000000").then()
    assert state.performance[0].fact == noted


# --- what is sealed -----------------------------------------------------------------------------------------


def test_sealed_fields_are_put_right_on_a_document() -> None:
    """E05 经核实有误的应及时更正；A03 自然人身份证号码。"""
    corrected = PersonCorrected((OTHER,), replaces=(DIGEST,))
    filed = on_file(REGISTERED)
    filed.when(corrected, SUBJECT, on=TODAY).refused("person.basis")
    filed.when(PersonCorrected((OTHER,), (THIRD,)), SUBJECT, PAPER, on=TODAY).refused("person.replaces")
    state = filed.when(corrected, SUBJECT, PAPER, on=TODAY).then()
    assert state.digests == {OTHER}
    again = filed.having(said(corrected, SUBJECT, PAPER, on=TODAY))
    again.when(PersonCorrected((THIRD,), (DIGEST,)), SUBJECT, PAPER, on=TODAY).refused("person.replaces")


def test_no_digest_comes_twice_in_a_file() -> None:
    """A03 每个封存内容各有盐值。"""
    filed = on_file(REGISTERED)
    filed.when(PersonCorrected((DIGEST,)), SUBJECT, PAPER, on=TODAY).refused("person.digest-new")
    filed.when(PersonAffiliated(SUBJECT, TODAY, sealed=(DIGEST,)), SUBJECT, on=TODAY).refused("person.digest-new")
    item = FileItemRecorded(FileItem.INTEGRITY, TODAY, (DIGEST,))
    filed.when(item, SUBJECT, PAPER, on=TODAY).refused("person.digest-new")
    filed.when(PersonAffiliated(SUBJECT, TODAY, sealed=(OTHER,)), SUBJECT, on=TODAY).then()


def test_no_event_of_a_person_has_a_field_that_could_tell_who_it_is() -> None:
    """A09 公务员诚信档案：姓名、证件号码、岗位和事项详情只能封存。"""
    plain = {"body", "start", "until", "kind", "on", "item", "replaces", "project", "outcome", "stage", "_sd"}
    plain |= {"fields", "role", "purpose", "case_number", "requester", "digests", "ground"}  # look-ups and erasures
    for cls in KINDS["person"].facts.values():
        blank: Any = object.__new__(cls)
        names = set(typing.get_type_hints(cls)) - {"SCHEMA", "SEALS"}
        assert {"_sd" if name == "sealed" else name for name in names} <= plain
        assert plain.isdisjoint(getattr(blank, "SEALS", {}))


def test_whatever_seals_says_what_may_be_sealed_and_nothing_else_does() -> None:
    """A03 封存字段有明确的名称和格式。"""
    for cls in every_fact_class():
        hints = typing.get_type_hints(cls, include_extras=True)
        assert ("sealed" in hints) is hasattr(cls, "SEALS"), cls
        if "sealed" in hints:
            assert hints["sealed"] == Sealed
            assert not {"_sd", "...", *hints} & set(cls.SEALS), cls  # type: ignore[attr-defined]


def test_sealed_digests_stand_as_sd() -> None:
    """A03 封存字段以摘要形式记载（RFC 9901）。"""
    assert encode(registering()) == {"kind": "civil_servant", "body": SUBJECT, "_sd": [DIGEST]}


# GB 11643: the sample of the standard, and what a body may take for one.
NUMBER = "11010519491231002X"


@pytest.mark.parametrize("number", ["110105194912310021", "11010519491231002x", "1101051949123100", ""])
def test_an_identity_number_holds_by_its_check_character(number: str) -> None:
    """A03 自然人身份证号码：末位校验码（GB 11643）。"""
    check_id_number(NUMBER, TODAY)
    with pytest.raises(FormatError) as caught:
        check_id_number(number, TODAY)
    assert not number or number not in str(caught.value)


# --- what may come next -------------------------------------------------------------------------------------


def test_what_is_offered_follows_from_the_state() -> None:
    """A09 建立公务员诚信档案：下一步可记载的事项。"""
    none = on_file()
    rules = Rules(RECORD_WORLD, {}, none.policies)
    assert [o.event for o in offers(EMPTY, rules, TODAY)] == ["PersonRegistered"]
    state = on_file(REGISTERED, SERVES).state
    found = [(o.event, o.item) for o in offers(state, rules, TODAY)]
    assert ("AffiliationEnded", SUBJECT) in found
    assert "PersonRegistered" not in [name for name, _ in found]
    assert "ProjectPerformanceNoted" not in [name for name, _ in found]


def test_every_event_of_a_person_has_its_step_and_is_folded() -> None:
    """A09 诚信档案的每个事件都有规则。"""
    assert set(STEPS) == set(KINDS["person"].facts.values())
    facts = (registering(), SERVES.fact, AffiliationEnded(SUBJECT, TODAY), PersonCorrected((OTHER,)))
    state: Person = EMPTY
    for number, fact in enumerate(facts, start=1):
        event = Event(SUBJECT, 0, "", PERSON, number, None, fact)
        before, state = state, evolve(state, Recorded(event, "", number, noon(TODAY), ""))
        assert state != before
