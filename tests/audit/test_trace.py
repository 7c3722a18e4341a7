"""The trace of a record, a penalty or an event: what led to it, and what is found where a byte was changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from audit.lookup import scanned
from audit.source import Row
from audit.trace import trace
from ledger import policies
from ledger.casebook import stream_of
from ledger.domain.body import KeyAuthorised, KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.domain.commitment import ProgressReported
from ledger.domain.event import LEDGER
from ledger.domain.ids import uuid7
from ledger.domain.record.course_facts import CourtListRemoved
from ledger.domain.record.terms import CourtExit
from ledger.errors import NotFoundError
from ledger.proof.event import parse, parse_entry
from ledger.proof.merkle import leaf_hash
from ledger.store.source import PostgresSource
from tests.audit.logs import (
    CITY,
    CITY_KEY,
    DOCUMENT,
    LEDGER_KEY,
    OPERATOR,
    OPERATOR_KEY,
    OTHER_KEY,
    TOWN,
    TOWN_KEY,
    MemorySource,
    founded,
    made,
    of,
)

RECORD = stream_of("record/unpaid-project")
COMPLAINT = stream_of("complaint/unpaid-project")
PENALISED = stream_of("record/water-penalty")


@pytest.fixture(scope="session")
def log(played) -> MemorySource:
    """The played ledger's entries, in memory."""
    with PostgresSource(played.database.url("reader")).open() as session:
        return MemorySource(session.rows(0, session.extent()[1]), (), ())


def traced(source, wanted):
    with scanned(source) as streams:
        return trace(streams, wanted)


def codes(found):
    return [(problem.index, problem.code) for problem in found.problems]


def one(found, event):
    """The one event of that name."""
    [only] = [e for e in found.events if e.event == event]
    return only


def of_stream(found, stream):
    return [e.event for e in found.events if e.stream == stream]


# --- what leads to a record, a penalty, an event ------------------------------------------------------------


def test_a_record_that_came_out_of_a_complaint_leads_back_to_it(log):
    """H10 投诉举报转为失信线索。"""
    found = traced(log, RECORD)
    assert (found.exit_code, found.problems) == (0, ())
    assert of_stream(found, RECORD) == ["LeadReceived", "LeadVerified", "RectificationUrged", "LeadClosed"]
    # Up to what turned it into a lead, and nothing that came later.
    assert of_stream(found, COMPLAINT) == [
        *("ComplaintReceived", "ComplaintAccepted", "ComplaintTransferred"),
        *("ComplaintUrged", "ComplaintAnswered", "ComplaintSubstantiated"),
    ]
    lead, substantiated = one(found, "LeadReceived"), one(found, "ComplaintSubstantiated")
    assert lead.came_from == (COMPLAINT,)
    assert (lead.cause.index, lead.cause.jti) == (substantiated.index, substantiated.jti)
    assert [(c.index, c.stream) for c in substantiated.consequences] == [(lead.index, RECORD)]
    assert [e.index for e in found.events] == sorted({e.index for e in found.events})


def test_the_documents_of_the_complaint_stand_in_the_trace_with_their_hashes(log):
    """H06 核实举报所依据的文件。"""
    [paper] = one(traced(log, RECORD), "ComplaintAnswered").documents
    text = "办理情况报告（虚构文本，仅供演示）"
    assert (paper.where, paper.title, paper.organ) == ("basis", "办理情况报告", "示例市人民政府")
    assert paper.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_each_event_names_the_rule_packs_that_were_in_force_and_their_adoption_is_part_of_the_trace(log):
    found = traced(log, RECORD)
    by_index = {e.index: e for e in found.events}
    lead = one(found, "LeadReceived")
    assert [by_index[i].stream for i in lead.rules] == ["policy/990100", "policy/national"]
    national = by_index[lead.rules[-1]]
    assert national.event == "PolicyAdopted"
    assert national.pack.digest == hashlib.sha256(policies.text("national").encode()).hexdigest()
    assert national.index < lead.index


def test_each_event_names_its_signer_and_from_where_its_key_counts(log):
    found = traced(log, RECORD)
    lead, urged = one(found, "LeadReceived"), one(found, "RectificationUrged")
    assert (lead.signer, lead.key.from_index, lead.key.until_index) == ("ledger", 0, None)
    assert all(e.key.verified and e.key.counted for e in found.events)
    row = log.stored[urged.key.from_index]
    fact = parse(parse_entry(row[6])[1]).event.fact
    assert isinstance(fact, KeyAuthorised)
    assert row[1] == f"body/{urged.signer}"


def test_hash_and_leaf_are_those_of_the_bytes(log):
    for event in traced(log, RECORD).events:
        _, jws = parse_entry(log.stored[event.index][6])
        assert event.hash == hashlib.sha256(jws).hexdigest()
        assert event.leaf == leaf_hash(log.stored[event.index][6]).hex()


def test_a_penalty_shows_what_suspended_and_resumed_it_and_the_recognition_it_rests_on(log):
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    found = traced(log, f"{PENALISED}#p1")
    assert (found.exit_code, found.stream, found.item) == (0, PENALISED, "p1")
    assert of_stream(found, PENALISED) == [
        *("BreachRecognised", "PenaltyImposed", "ObjectionFiled", "ObjectionAccepted"),
        *("PenaltySuspended", "ObjectionDismissed", "PenaltyResumed"),
    ]
    assert one(found, "PenaltySuspended").cause.event == "ObjectionAccepted"
    assert one(found, "PenaltyResumed").cause.event == "ObjectionDismissed"
    assert {p.where for p in one(found, "PenaltyImposed").documents} == {"basis", "repair_notice"}


def test_an_objection_is_traced_as_an_item_too(log):
    """E01 异议。"""
    found = traced(log, f"{PENALISED}#o3")
    assert of_stream(found, PENALISED) == ["BreachRecognised", "ObjectionFiled", "ObjectionWithdrawn"]


def test_an_event_is_traced_by_its_index_and_by_its_jti_up_to_itself(log):
    whole = traced(log, RECORD)
    verified = one(whole, "LeadVerified")
    found = traced(log, str(verified.index))
    assert of_stream(found, RECORD) == ["LeadReceived", "LeadVerified"]
    assert of_stream(found, COMPLAINT) == of_stream(whole, COMPLAINT)
    assert traced(log, verified.jti).events == found.events


def test_every_stream_of_the_ledger_can_be_traced_without_a_problem(log):
    with scanned(log) as streams:
        for stream in sorted({row[1] for row in log.stored}):
            assert trace(streams, stream).problems == (), stream


@pytest.mark.parametrize(
    "wanted",
    [
        "record/0198c5a2-0000-7000-8000-000000009999",
        "0198c5a2-0000-7000-8000-000000009999",
        f"{PENALISED}#p9",
        f"{PENALISED}#",
        "999999",
        "-1",
        "",
        "record/",
        "thing/1",
        "record/\x1b[31m",
    ],
)
def test_an_unknown_id_is_said_to_be_unknown(log, wanted):
    with pytest.raises(NotFoundError, match="溯源") as error:
        traced(log, wanted)
    assert "\x1b" not in str(error.value)


# --- what is found ------------------------------------------------------------------------------------------


def test_a_changed_byte_of_any_event_of_the_trace_is_found(log):
    """每一条被改动的记录都会被发现。"""
    for event in traced(log, RECORD).events:
        data = bytearray(log.stored[event.index][6])
        for place in (3, len(data) // 2, len(data) - 40):  # recorded time, payload, signature
            data[place] ^= 1
            found = traced(log.with_entry(event.index, bytes(data)), RECORD)
            assert found.exit_code == 3, (event.event, place)
            assert event.index in {problem.index for problem in found.problems}, (event.event, place)
            data[place] ^= 1


def test_a_changed_byte_of_what_does_not_lead_to_it_is_not_its_problem(log):
    last = [row for row in log.stored if row[1] == COMPLAINT][-1]
    data = bytearray(last[6])
    data[-40] ^= 1
    assert traced(log.with_entry(last[0], bytes(data)), RECORD).problems == ()
    assert codes(traced(log.with_entry(last[0], bytes(data)), COMPLAINT))[0][0] == last[0]


def test_an_event_that_was_taken_out_of_the_stream_is_missed(log):
    [_, taken, after, *_] = [row for row in log.stored if row[1] == RECORD]
    source = replace(log, stored=[row for row in log.stored if row is not taken])
    found = traced(source, RECORD)
    assert codes(found) == [(taken[0], "missing"), (after[0], "stream")]
    assert found.exit_code == 3


def test_the_last_event_of_a_stream_that_was_taken_out_of_the_log_is_missed(log):
    last = [row for row in log.stored if row[1] == RECORD][-1]
    found = traced(replace(log, stored=[row for row in log.stored if row is not last]), RECORD)
    assert (codes(found), found.exit_code) == ([(last[0], "missing")], 4)


def test_entries_that_are_signed_for_and_are_not_there_are_missed(writer):
    writer.promise(1)
    whole = of(writer)
    cut = replace(whole, stored=whole.stored[:-1])
    found = traced(cut, f"body/{CITY}")
    assert (codes(found), found.exit_code) == ([(len(whole.stored) - 1, "missing")], 4)


def test_a_missing_cause_is_told(log):
    lead = one(traced(log, RECORD), "LeadReceived")
    source = replace(log, stored=[row for row in log.stored if row[0] != lead.cause.index])
    found = traced(source, RECORD)
    assert (lead.index, "missing") in codes(found)
    assert one(found, "LeadReceived").cause is None
    assert found.exit_code == 4


def test_a_cause_that_comes_afterwards_is_none(writer):
    later = uuid7(1_767_225_600_000, bytes(range(10)))
    index = writer.write(LEDGER, LEDGER_KEY, "commitment/1", made(1), cause=later)
    writer.write(CITY, CITY_KEY, "commitment/1", ProgressReported("已完成", (DOCUMENT,)), jti=later)
    assert codes(traced(of(writer), "commitment/1")) == [(index, "missing")]


@pytest.fixture
def writer():
    return founded()


def test_a_promise_signed_with_the_key_of_another_body_is_found(writer):
    index = writer.promise(1, CITY, TOWN_KEY)
    found = traced(of(writer), "commitment/1")
    assert (codes(found), found.exit_code) == ([(index, "key")], 3)
    [event] = found.events
    assert (event.key.verified, event.key.counted, event.key.from_index) == (True, False, None)


def test_a_key_counts_until_it_is_revoked_and_the_trace_says_until_where(writer):
    writer.promise(1)
    revoked = writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyRevoked(CITY_KEY.kid, Revocation.COMPROMISED))
    late = writer.report(1)
    found = traced(of(writer), "commitment/1")
    assert codes(found) == [(late, "key")]
    assert [(e.key.counted, e.key.until_index) for e in found.events] == [(True, revoked), (False, revoked)]


def test_a_key_that_somebody_gave_who_could_not_give_it_does_not_count(writer):
    given = writer.write(TOWN, TOWN_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    signed = writer.promise(1, CITY, OTHER_KEY)
    assert codes(traced(of(writer), "commitment/1")) == [(signed, "key")]
    assert (given, "authority") in codes(traced(of(writer), f"body/{CITY}"))


def test_a_key_that_nobody_gave_does_not_count(writer):
    index = writer.promise(1, CITY, OTHER_KEY)
    found = traced(of(writer), "commitment/1")
    assert codes(found) == [(index, "key")]
    assert not found.events[0].key.verified


def test_an_event_that_gives_a_key_and_was_signed_with_one_that_does_not_count_gives_none(writer):
    given = writer.write(OPERATOR, OTHER_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    index = writer.promise(1, CITY, OTHER_KEY)
    assert codes(traced(of(writer), "commitment/1")) == [(index, "key")]
    assert (given, "key") in codes(traced(of(writer), f"body/{CITY}"))


def test_an_event_that_gives_a_key_and_whose_signature_was_changed_gives_none(writer):
    given = writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    index = writer.promise(1, CITY, OTHER_KEY)
    assert codes(traced(of(writer), "commitment/1")) == []
    data = bytearray(writer.entries[given])
    data[-40] ^= 1
    source = of(writer).with_entry(given, bytes(data))
    assert codes(traced(source, "commitment/1")) == [(index, "key")]
    assert (given, "signature") in codes(traced(source, f"body/{CITY}"))


def changed(source, index, **columns) -> MemorySource:
    """The same with other claims beside an entry."""
    row = list(source.stored[index])
    for name, value in columns.items():
        row[{"stream": 1, "leaf": 5}[name]] = value
    stored: list[Row] = list(source.stored)
    stored[index] = (row[0], row[1], row[2], row[3], row[4], row[5], row[6])
    return replace(source, stored=stored)


def test_an_entry_filed_elsewhere_is_found_from_both_sides(writer):
    index = writer.promise(1)
    writer.promise(2)
    source = changed(of(writer), index, stream="commitment/2")
    assert codes(traced(source, "commitment/1")) == [(index, "filed")]
    assert codes(traced(source, "commitment/2")) == [(index, "filed")]


def test_another_leaf_hash_beside_an_entry_is_found(writer):
    index = writer.promise(1)
    assert codes(traced(changed(of(writer), index, leaf=bytes(32)), "commitment/1")) == [(index, "leaf")]


def test_an_event_that_does_not_follow_the_one_before_is_found(writer):
    writer.promise(1)
    index = writer.report(1, prev="0" * 64)
    assert codes(traced(of(writer), "commitment/1")) == [(index, "prev")]


def test_an_event_with_a_disclosure_sign_behind_it_is_none_and_gives_no_key(writer):
    given = writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    index = writer.promise(1, CITY, OTHER_KEY)
    source = of(writer).with_entry(given, writer.entries[given][:-1] + b"~\n")
    assert codes(traced(source, "commitment/1")) == [(index, "key")]
    assert (given, "malformed") in codes(traced(source, f"body/{CITY}"))


@pytest.mark.parametrize("data", [b"", b"promised", b"2026-01-01T00:00:00.000Z\nx.y.z\n", bytes(100)])
def test_bytes_that_are_no_event_are_found_where_they_are_filed(writer, data):
    index = writer.promise(1)
    source = of(writer).with_entry(index, data)
    for wanted in ("commitment/1", str(index)):
        found = traced(source, wanted)
        assert (found.events, codes(found), found.exit_code) == ((), [(index, "malformed")], 3)


def test_a_case_that_does_not_follow_its_own_rules_is_traced_all_the_same(writer):
    """账本未必按规则接纳过这些事件：溯源仍然给出它们。"""
    writer.write(CITY, CITY_KEY, "commitment/1", ProgressReported("未作承诺即报进展", (DOCUMENT,)))
    writer.write(CITY, CITY_KEY, "commitment/1", made(1))
    assert [e.event for e in traced(of(writer), "commitment/1").events] == ["ProgressReported", "CommitmentMade"]


def test_events_that_a_fold_cannot_follow_are_told(writer):
    writer.write(CITY, CITY_KEY, "record/1", CourtListRemoved(CourtExit.PERFORMED, date(2026, 1, 1)))
    index = writer.write(CITY, CITY_KEY, "record/1", CourtListRemoved(CourtExit.PERFORMED, date(2026, 1, 1)))
    found = traced(of(writer), "record/1")
    assert codes(found) == [(index - 1, "malformed")]
    assert len(found.events) == 2


def test_two_rows_at_one_index_do_not_disturb_the_trace(writer):
    writer.promise(1)
    source = of(writer)
    doubled = replace(source, stored=[*source.stored, source.stored[-1]])
    assert len(traced(doubled, "commitment/1").events) == 1
