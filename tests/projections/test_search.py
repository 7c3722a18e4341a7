"""Part 7 of the read side: what somebody types is found, in Chinese and English, the likeliest first."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.sql import SQL

from ledger.domain.body import provisional_id
from ledger.domain.commendation import CommendationRecorded
from ledger.domain.event import Recorded, legal_day
from ledger.errors import FormatError
from ledger.installation import Installation
from ledger.position import recorded_of
from projections import records
from projections.folding import fold, grams, numbers, terms
from projections.pinyin import SPELLINGS, sort_key, spellings
from projections.projection import OPEN
from projections.reading import Reading, name_of
from projections.search import TEXTS, Sort
from projections.short_names import COMMON, short_names
from projections.views import search as views
from projections.views.search import KINDS, LIMIT, Found, Hit, search
from tests.conftest import read_side
from tests.projections.town import CITY, COMMERCE, FINANCE, INVESTMENT, REFORM, SHORT_FINANCE, TODAY, Town

Ask = Callable[..., Found]
TEXT = st.text(st.sampled_from("市发展改革委员会财政局ab1２Ａ 《》〔〕－-_%é字龘\U00020bb7"), max_size=40)


@pytest.fixture(scope="module")
def of_town(town: Town) -> Iterator[Ask]:
    with read_side(town.installation) as reading:
        yield lambda q, as_of=None, **more: search(reading, reading.moment(as_of, TODAY, *views.READS), q, **more)


@pytest.fixture(scope="module")
def reading(played: Installation) -> Iterator[Reading]:
    with read_side(played) as found:
        yield found


@pytest.fixture(scope="module")
def log(played: Installation) -> list[Recorded]:
    reader = played.ledger.reader
    return [recorded_of(row) for row in reader.entries(0, reader.newest().size)]


@pytest.fixture(scope="module")
def of_cases(reading: Reading, log: list[Recorded]) -> Ask:
    today = legal_day(log[-1].at) + timedelta(days=1)
    return lambda q, as_of=None, **more: search(reading, reading.moment(as_of, today, *views.READS), q, **more)


def first(found: Found) -> tuple[str, str]:
    return found.hits[0].kind, found.hits[0].id


def ids(found: Found) -> list[str]:
    return [hit.id for hit in found.hits]


# --- folding, pinyin, short names ---------------------------------------------------------------------------


@given(TEXT)
def test_what_is_folded_stays_folded_and_its_grams_stand_in_it(text: str):
    folded = fold(text)
    assert fold(folded) == folded
    assert all(gram in folded for gram in grams(folded))
    assert all(-(2**31) <= number < 2**31 for number in numbers(grams(folded)))


@given(TEXT, TEXT, TEXT)
def test_a_part_of_a_text_never_asks_for_a_gram_that_the_text_has_not(before: str, part: str, after: str):
    """Else the index would hide what contains the part; a word is cut only where the query has none of it whole."""
    chinese = "".join(c for c in part if c in "市发展改革委员会财政局")
    whole = fold(f"{before} {chinese} {after}")
    if chinese and fold(chinese) in whole:
        assert set(grams(fold(chinese))) <= set(grams(whole))


def test_writings_that_mean_the_same_are_one():
    assert fold("示政发〔2030〕１号") == fold("示政发[2030]1号") == fold("示政发（2030） 1 号")
    assert terms("  市财政局　２０３０ ") == ("市财政局", "2030")


def test_a_name_has_few_spellings_and_the_likeliest_is_first():
    assert spellings("重庆市人民政府")[0] == ("chongqingshirenminzhengfu", "cqsrmzf")
    for name in ("单县浚县台州丽水长子县乐清都匀蚌埠", "示例市发展和改革委员会"):
        assert 1 <= len(spellings(name)) <= SPELLINGS
        assert len(set(spellings(name))) == len(spellings(name))
    assert spellings("女子学校")[0].full == "nvzixuexiao"
    assert spellings("ABC") == ()


@given(TEXT)
def test_whatever_stands_in_a_name_is_spelt_the_same_each_time(text: str):
    assert spellings(text) == spellings(text)
    assert sort_key(text) == sort_key(text)


def test_names_sort_as_a_chinese_dictionary_sorts_them():
    names = ["税务局", "安监局", "财政局", "人社局", "重点办", "教育局"]
    assert sorted(names, key=sort_key) == ["安监局", "财政局", "教育局", "人社局", "税务局", "重点办"]


def test_an_end_of_the_table_is_shortened_as_the_table_says():
    for end, shorts in COMMON:
        found = short_names(f"示例市{end}")
        for short in shorts:
            assert f"示例市{short}" in found or f"示例市{short}" == f"示例市{end}", (end, short)


def test_no_short_name_says_nothing_or_is_the_name_itself():
    for end, _ in COMMON:
        name = f"示例市示范县{end}"
        assert name not in short_names(name)
        assert all(len(short) > 1 for short in short_names(name))
        assert not set(short_names(name)) & {"人民政府", "政府", "法院", "人民法院"}


def test_city_and_zone_are_no_region_where_they_are_part_of_a_word():
    assert "市城管局" in short_names("示例市城市管理局")
    assert short_names("城市管理局") == ("城管局",)
    assert "区管委会" not in short_names("示例经济技术开发区管理委员会")


# --- bodies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    [
        "示例市财政局",
        "市财政局",
        "财政局",
        "财政",
        "shilishicaizhengju",
        "caizhengju",
        "Cai Zheng Ju",
        "cai zheng",
        "czj",
        FINANCE,
    ],
)
def test_a_body_is_found_by_name_short_name_two_characters_pinyin_initials_and_code(of_town: Ask, q: str):
    assert first(of_town(q)) == ("body", FINANCE)


def test_a_body_is_found_by_the_beginning_of_its_code(of_town: Ask):
    assert FINANCE in {hit.id for hit in of_town(FINANCE[:8], kind="body", limit=LIMIT).hits}
    assert of_town(FINANCE[:-1]).hits[0].match == "beginning"


def test_width_and_case_do_not_matter(of_town: Ask):
    wide = "".join(chr(ord(c) + 0xFEE0) for c in FINANCE)
    assert first(of_town(wide)) == first(of_town(FINANCE.lower())) == ("body", FINANCE)


def test_what_is_found_by_a_former_name_comes_after_what_is_called_so_now_and_says_so(of_town: Ask):
    (hit,) = [h for h in of_town("示例市外经贸局").hits if h.kind == "body"]
    assert (hit.id, hit.title, hit.by, hit.status, hit.answers_to) == (
        *(COMMERCE, "示例市商务局", "former"),
        *("succeeded", INVESTMENT),
    )


def test_a_provisional_body_that_was_resolved_is_found_as_the_one_it_is(of_town: Ask):
    hits = of_town("市财政局", kind="body").hits
    assert [hit.id for hit in hits] == [FINANCE]
    assert of_town(SHORT_FINANCE).hits[0].answers_to == FINANCE


def test_one_that_was_not_resolved_yet_is_found_by_what_documents_call_it(of_town: Ask):
    assert first(of_town("市发改委")) == ("body", REFORM)
    assert provisional_id("示例市人民政府", "市发改委") == REFORM


def test_bodies_are_found_by_region(of_town: Ask):
    assert {FINANCE, CITY} <= {hit.id for hit in of_town("990000", kind="body", limit=LIMIT).hits}


# --- commitments --------------------------------------------------------------------------------------------


def test_commitments_are_found_by_title_by_words_and_by_id(of_town: Ask, town: Town):
    own = town.commitments["in_progress"]
    for q in ("完成老旧小区加装电梯一百部", "老旧小区", "电梯", "加装 老旧", own):
        assert ("commitment", own) in {(h.kind, h.id) for h in of_town(q).hits}, q
    assert of_town("责任到人", limit=LIMIT).hits[0].by == "words"


def test_parts_of_a_query_may_stand_in_any_order_but_each_side_by_side(of_town: Ask):
    assert of_town("电梯 老旧").hits
    assert not of_town("旧老").hits
    assert not of_town("电梯 不存在的词").hits


def test_commitments_are_found_by_document_number_however_its_brackets_are_written(of_town: Ask):
    for q in ("示政发〔2030〕1号", "示政发[2030]1号", "示政发（2030）1号"):
        found = of_town(q, kind="commitment")
        assert found.hits
        assert {h.by for h in found.hits} == {"number"}


def test_a_contract_is_found_by_its_number(of_town: Ask, town: Town):
    assert first(of_town("ht-2030-7")) == ("commitment", town.commitments["contract"])


def test_markup_and_wildcards_are_characters_like_others(of_town: Ask, town: Town):
    assert ("commitment", town.commitments["hostile"]) in {(h.kind, h.id) for h in of_town("<script>alert").hits}
    assert not of_town("财%局").hits
    assert not of_town("财_局").hits


# --- ranking ------------------------------------------------------------------------------------------------


def test_whole_comes_before_beginning_and_beginning_before_part(of_town: Ask):
    order = [hit.match for hit in of_town("示例市", limit=LIMIT).hits]
    assert order == sorted(order, key=["whole", "beginning", "part"].index)
    hits = of_town("财政局", limit=LIMIT).hits
    assert (hits[0].match, hits[0].by) == ("whole", "short")


@pytest.mark.parametrize("q", ["示例", "号承诺", "市", "s", "政务", "2030"])
def test_the_same_question_has_the_same_answer_and_a_shorter_list_is_its_beginning(of_town: Ask, q: str):
    whole = of_town(q, limit=LIMIT)
    for limit in (1, 3, 20):
        part = of_town(q, limit=limit)
        assert list(part.hits) == list(whole.hits)[:limit]
        assert part.more is (len(whole.hits) > limit or whole.more)


def test_nothing_is_found_twice(of_town: Ask):
    hits = of_town("市", limit=LIMIT).hits
    assert len({(h.kind, h.id, h.item) for h in hits}) == len(hits)


def test_what_is_in_very_many_texts_is_found_too_the_newest_first(of_town: Ask, monkeypatch: pytest.MonkeyPatch):
    """Beyond so many texts only the newest are ranked; what matches whole or by its beginning is found as always."""
    usual = ids(of_town("号承诺", limit=LIMIT))
    monkeypatch.setattr(views, "MOST", 5)
    found = of_town("号承诺", limit=LIMIT)
    assert found.more
    newest = [own for own in usual if own in set(sorted(usual)[-len(found.hits) :])]  # ids are in the order of time
    assert ids(found) == newest != usual
    assert first(of_town("示例市财政局")) == ("body", FINANCE)


def test_in_a_long_log_what_is_everywhere_is_found_without_counting_where(
    of_town: Ask, monkeypatch: pytest.MonkeyPatch
):
    usual = of_town("号承诺", limit=LIMIT)
    monkeypatch.setattr(views, "OFTEN", 10)
    monkeypatch.setattr(views, "SAMPLE", 100)
    monkeypatch.setattr(views, "WINDOW", 100)
    monkeypatch.setattr(views, "_USUAL", None)  # it is not asked
    found = of_town("号承诺", limit=LIMIT)
    assert found.more
    assert not usual.more
    assert [own for own in ids(usual) if own in ids(found)] == ids(found)


def test_what_the_newest_entries_have_not_is_asked_of_the_index(of_town: Ask, monkeypatch: pytest.MonkeyPatch):
    """Only a page of it there tells that it is everywhere."""
    usual = of_town("财政", limit=LIMIT)
    monkeypatch.setattr(views, "OFTEN", 0)
    monkeypatch.setattr(views, "SAMPLE", 10)
    monkeypatch.setattr(views, "WINDOW", 10)
    assert of_town("财政", limit=LIMIT) == usual


# --- past positions -----------------------------------------------------------------------------------------


def test_a_past_position_finds_what_was_there_and_nothing_that_came_later(of_town: Ask, town: Town):
    names = [("示例市外经贸局", "name"), ("示例市商务局", None)]
    renamed = next(
        r.index
        for r in map(recorded_of, town.installation.ledger.reader.stream(f"body/{COMMERCE}"))
        if r.event.name == "BodyRenamed"
    )
    for q, by in names:
        hits = [h for h in of_town(q, as_of=renamed - 1).hits if h.id == COMMERCE]
        assert [h.by for h in hits] == ([by] if by else [])
        assert all(h.title == "示例市外经贸局" for h in hits)
    assert not of_town("老旧小区", as_of=renamed - 1).hits
    assert of_town("示例市商务局", as_of=renamed).hits[0].by == "name"


# --- records ------------------------------------------------------------------------------------------------


def shown(reading: Reading, today: date) -> set[str]:
    """The records that the public may see today."""
    query = SQL("SELECT stream FROM {} WHERE retracted = %(now)s AND begins <= %(on)s AND ends >= %(on)s")
    return {
        row["stream"] for row in reading.rows(query.format(name_of(records.DISCLOSURES)), {"now": OPEN, "on": today})
    }


def every_text(reading: Reading) -> list[dict[str, Any]]:
    """All texts that ever were in the index of records and penalties."""
    query = SQL("SELECT * FROM {} WHERE kind IN ('record', 'penalty')").format(name_of(TEXTS))
    return reading.rows(query, {})


def test_records_and_penalties_are_found_while_they_are_shown_and_no_others(
    reading: Reading, of_cases: Ask, log: list[Recorded]
):
    """F01, E10: what is not shown is not found, by no text that the index ever held."""
    today = legal_day(log[-1].at) + timedelta(days=1)
    visible, seen = shown(reading, today), set()
    for row in every_text(reading):
        for q in {row["text"][:100], row["text"][:4], row["text"][-4:], *grams(row["text"])} - {""}:
            for hit in of_cases(q, limit=LIMIT).hits:
                if hit.kind in {"record", "penalty"}:
                    assert hit.id in visible
                    seen.add(hit.id)
    assert seen == visible & {row["id"] for row in every_text(reading)}
    assert seen


def test_on_no_past_day_is_found_what_may_no_longer_be_seen(reading: Reading, of_cases: Ask, log: list[Recorded]):
    today = legal_day(log[-1].at) + timedelta(days=1)
    visible = shown(reading, today)
    hidden = {row["text"][:100] for row in every_text(reading) if row["id"] not in visible}
    assert hidden
    for q, size in itertools.product(hidden, range(0, len(log), 40)):
        hits = of_cases(q, as_of=size, limit=LIMIT).hits
        assert {h.id for h in hits if h.kind in {"record", "penalty"}} <= visible


def test_a_day_on_which_a_record_was_not_shown_yet_does_not_find_it(
    reading: Reading, of_cases: Ask, log: list[Recorded]
):
    for row in every_text(reading):
        if row["sort"] == Sort.ID:
            published = next(r.index for r in log if r.event.stream == row["id"] and r.event.name == "RecordPublished")
            assert all(h.id != row["id"] for h in of_cases(row["text"], as_of=published - 1).hits)


def test_nothing_personal_is_in_the_index(reading: Reading):
    """F02: persons stand in no text; not even as a reference to their file."""
    assert not [row for row in every_text(reading) if "person" in row["text"]]


# --- events -------------------------------------------------------------------------------------------------


def test_any_event_is_found_by_its_hash_and_its_beginning_and_by_its_place(of_cases: Ask, log: list[Recorded]):
    for recorded in log[:: max(1, len(log) // 25)]:
        own = str(recorded.index)
        for q in (recorded.hash, recorded.hash[:12], recorded.hash.upper(), f"#{recorded.index}", own):
            assert ("event", own) in {(h.kind, h.id) for h in of_cases(q).hits}, q


def test_an_event_is_found_by_its_identifier_where_it_is_open(of_cases: Ask, log: list[Recorded]):
    for recorded in log[:: max(1, len(log) // 40)]:
        hits = [h for h in of_cases(recorded.event.jti).hits if h.kind == "event"]
        kind = recorded.event.stream.partition("/")[0]
        if kind in {"body", "commitment", "policy"}:
            assert [h.id for h in hits] == [str(recorded.index)]
        elif kind in {"complaint", "person", "project"}:
            assert hits == []


def test_of_a_closed_event_it_is_found_that_it_is_there(of_cases: Ask, log: list[Recorded]):
    opened = next(r for r in log if r.event.name == "SealOpened")
    (hit,) = of_cases(opened.hash, kind="event").hits
    assert (hit.title, hit.region) == ("NotPublic", None)


def test_what_is_not_in_the_log_yet_is_not_found(of_cases: Ask, log: list[Recorded]):
    assert not of_cases(log[20].hash, as_of=10).hits
    assert not of_cases("#999999", kind="event").hits
    assert not of_cases("ff" * 32).hits


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", ["", " ", "《》", "%", "_", "-", "字" * 101, "a b c d e f g h i", "\u3000"])
def test_a_query_that_asks_nothing_or_too_much_is_refused(of_town: Ask, q: str):
    with pytest.raises(FormatError, match="q: expected"):
        of_town(q)


def test_a_kind_or_number_that_there_is_not_is_refused(of_town: Ask):
    with pytest.raises(FormatError, match="kind: expected one of"):
        of_town("财政", kind="person")
    for limit in (0, LIMIT + 1):
        with pytest.raises(FormatError, match="limit: expected"):
            of_town("财政", limit=limit)


@given(st.text(max_size=60), st.sampled_from([None, *KINDS]))
def test_whatever_is_typed_is_answered_or_refused(of_town: Ask, q: str, kind: str | None):
    try:
        found = of_town(q, kind=kind)
    except FormatError:
        return
    assert all(isinstance(hit, Hit) and kind in {None, hit.kind} for hit in found.hits)
    assert all(re.fullmatch("whole|beginning|part", hit.match) for hit in found.hits)


def test_a_positive_record_that_was_taken_back_is_not_found_as_of_a_day_on_which_it_stood(
    of_cases: Ask, log: list[Recorded]
) -> None:
    """G09 F01: what was withdrawn is gone from past days too, as it is from the lists."""
    (withdrawn,) = [r for r in log if r.event.name == "CommendationWithdrawn"]
    given = next(r for r in log if r.event.stream == withdrawn.event.stream)
    assert isinstance(given.event.fact, CommendationRecorded)
    title = given.event.fact.title
    for as_of in (None, given.index, withdrawn.index - 1, legal_day(given.at)):
        for kind in (None, "commendation"):
            assert given.event.stream not in {hit.id for hit in of_cases(title, as_of, kind=kind).hits}, as_of
    standing = {r.event.stream for r in log if r.event.name == "CommendationRecorded"} - {given.event.stream}
    assert standing
