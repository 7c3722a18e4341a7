"""What a compromised key signed: listed by the ledger's time, with what followed from it; nothing hides in ``iat``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from audit.compromised import compromised, report
from ledger.domain.body import KeyAuthorised, KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.errors import NotFoundError
from ledger.proof.event import parse, parse_entry
from tests.audit.logs import (
    CITY,
    CITY_KEY,
    LEDGER_KEY,
    OPERATOR,
    OPERATOR_KEY,
    OTHER_KEY,
    ROOT,
    START,
    TOWN,
    TOWN_KEY,
    MemorySource,
    Writer,
    founded,
    made,
    of,
)


def at(index: int) -> Any:
    """When the entry at an index was recorded, as :class:`Writer` does."""
    return START + timedelta(seconds=index)


def listed(writer: Writer, kid: str = CITY_KEY.kid, since: Any = None) -> Any:
    return compromised(enumerate(writer.entries), kid, since)


def revoke(writer: Writer, since: Any = None, reason: Revocation = Revocation.COMPROMISED) -> int:
    seconds = None if since is None else int(since.timestamp())
    return writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyRevoked(CITY_KEY.kid, reason, seconds))


def test_every_event_recorded_from_the_claimed_time_to_the_revocation_is_listed() -> None:
    """F15 密钥泄露后列出其自声称时间起签署的全部事件。"""
    writer = founded()
    indexes = [writer.promise(number) for number in range(6)]
    others = [writer.promise(number + 100, TOWN, TOWN_KEY) for number in range(3)]
    revoked = revoke(writer, at(indexes[2]))
    found = listed(writer)
    assert [event.index for event in found.events] == indexes[2:]
    assert (found.revoked, found.reason, found.signed, found.body) == (revoked, "compromised", 6, CITY)
    assert found.claimed == found.since == "2026-01-01T00:00:10.000Z"
    assert all(event.verified and event.counted for event in found.events)
    assert found.exit_code == 0
    assert not {event.index for event in found.events} & set(others)


def test_a_time_of_ones_own_takes_the_place_of_the_claimed_one() -> None:
    writer = founded()
    indexes = [writer.promise(number) for number in range(4)]
    revoke(writer, at(indexes[3]))
    assert [e.index for e in listed(writer, since=at(indexes[1])).events] == indexes[1:]
    assert [e.index for e in listed(writer, since=at(0)).events] == indexes
    assert listed(writer, since=at(1000)).events == ()


def test_the_ledgers_time_counts_and_not_what_the_signer_says() -> None:
    """A thief can write any iat into what it signs."""
    writer = founded()
    before = writer.promise(0)
    thief = writer.promise(1, iat=int(at(0).timestamp()))
    future = writer.promise(2, iat=int(at(100_000).timestamp()))
    revoke(writer, at(thief))
    found = listed(writer)
    assert [event.index for event in found.events] == [thief, future]
    assert found.events[0].iat == "2026-01-01T00:00:00.000Z"
    assert before not in [event.index for event in found.events]


def test_consequences_of_listed_events_are_listed_with_them_and_those_of_others_are_not() -> None:
    """F15 失控期间事件的后果（如惩戒）一并列出。"""
    writer = founded()
    early, late = writer.promise(0), writer.promise(1)
    for cause, stream in ((early, "commitment/c0"), (late, "commitment/c1"), (late, "commitment/c2")):
        writer.write(LEDGER, LEDGER_KEY, stream, made(9), cause=writer.jtis[cause])
    deeper = writer.write(LEDGER, LEDGER_KEY, "commitment/c3", made(9), cause=writer.jtis[-1])
    found = listed(writer, since=at(late))
    assert [event.index for event in found.events] == [late]
    assert [c.stream for c in found.events[0].consequences] == ["commitment/c1", "commitment/c2", "commitment/c3"]
    assert found.events[0].consequences[-1].index == deeper


def test_the_consequence_key_and_root_have_their_reports_too() -> None:
    writer = founded()
    promise = writer.promise(0)
    writer.write(LEDGER, LEDGER_KEY, "commitment/c0", made(9), cause=writer.jtis[promise])
    assert [e.stream for e in listed(writer, LEDGER_KEY.kid, START).events] == ["commitment/c0"]
    assert listed(writer, ROOT.kid, START).events[0].index == 0
    assert all(e.counted for e in listed(writer, ROOT.kid, START).events)


def test_a_key_that_the_compromised_one_authorised_is_named() -> None:
    """Who has a body's key can give the body another, which the revocation of the first does not touch."""
    writer = founded()
    writer.write(CITY, CITY_KEY, f"body/{CITY}", KeyAuthorised(OTHER_KEY.public))
    revoke(writer, START)
    assert listed(writer).keys == (OTHER_KEY.kid,)


def test_what_the_key_signed_where_it_did_not_count_is_listed_and_marked() -> None:
    writer = founded()
    good = writer.promise(0)
    revoke(writer, START)
    late = writer.promise(1)
    found = listed(writer)
    assert [(e.index, e.counted) for e in found.events] == [(good, True), (late, False)]


def test_a_key_of_two_bodies_counts_for_each_as_its_own_stream_says_and_for_nobody_else() -> None:
    writer = founded()
    for body in (CITY, TOWN):
        writer.write(OPERATOR, OPERATOR_KEY, f"body/{body}", KeyAuthorised(OTHER_KEY.public))
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{CITY}", KeyRevoked(OTHER_KEY.kid, Revocation.COMPROMISED, 0))
    signed = [writer.promise(number, iss, OTHER_KEY) for number, iss in enumerate((CITY, TOWN, OPERATOR))]
    found = listed(writer, OTHER_KEY.kid)
    assert [(e.index, e.counted) for e in found.events] == list(zip(signed, (False, True, False), strict=True))
    assert found.body == CITY


def test_without_a_time_the_report_asks_for_one() -> None:
    writer = founded()
    writer.promise(0)
    with pytest.raises(NotFoundError, match="not revoked"):
        listed(writer)
    revoke(writer, None, Revocation.SUPERSEDED)
    with pytest.raises(NotFoundError, match="claims no time"):
        listed(writer)
    assert len(listed(writer, since=START).events) == 1


def test_a_revocation_in_another_bodys_stream_is_not_the_keys() -> None:
    writer = founded()
    writer.promise(0)
    stray = KeyRevoked(CITY_KEY.kid, Revocation.COMPROMISED, 0)
    writer.write(OPERATOR, OPERATOR_KEY, f"body/{OPERATOR}", stray)
    with pytest.raises(NotFoundError, match="not revoked"):
        listed(writer)


@pytest.mark.parametrize("kid", ["", "x", "k" * 43, OTHER_KEY.kid])
def test_a_key_that_the_log_does_not_know_is_told(kid: str) -> None:
    with pytest.raises(NotFoundError, match="this log authorised"):
        listed(founded(), kid, START)


def test_a_forged_signature_under_the_keys_name_is_a_problem_and_no_proof_against_the_key() -> None:
    writer = founded()
    index = writer.promise(0)
    moment, jws = parse_entry(writer.entries[index])
    head, _, signature = jws.rpartition(b".")
    forged = head + b"." + (b"B" if signature[:1] == b"A" else b"A") + signature[1:]
    writer.entries[index] = writer.entries[index].replace(jws, forged)
    found = listed(writer, since=START)
    assert [e.verified for e in found.events] == [False]
    assert [(p.code, p.index) for p in found.problems] == [("signature", index)]
    assert found.exit_code == 3
    assert moment == at(index)


def test_entries_that_are_none_are_problems_and_the_list_goes_on() -> None:
    writer = founded()
    writer.promise(0)
    writer.entries[3] = b"\xff\x00 nothing\n"
    last = writer.promise(1)
    found = listed(writer, since=START)
    assert [p.index for p in found.problems] == [3]
    assert found.events[-1].index == last


def test_missing_entries_are_told_for_the_list_may_lack_them() -> None:
    source = of(writer := founded())
    source = replace(source, stored=[row for row in source.stored if row[0] != 4])
    assert isinstance(source, MemorySource)
    found = report(source, CITY_KEY.kid, START)
    assert [(p.code, p.index) for p in found.problems] == [("missing", 4)]
    assert found.exit_code == 4
    whole = report(of(writer), CITY_KEY.kid, START)
    assert whole.exit_code == 0


def test_a_report_over_every_key_of_the_worked_cases_lists_every_event_once(played: Any) -> None:
    """Each event is signed by one key: the reports of all keys together are the log."""
    entries = [(row.index, row.entry) for row in played.ledger.reader.scan()]
    kids = {parse(parse_entry(entry)[1]).kid for _, entry in entries}
    seen: list[int] = []
    for kid in kids:
        found = compromised(entries, kid, datetime(2000, 1, 1, tzinfo=UTC))
        assert found.exit_code == 0
        assert all(event.counted and event.verified for event in found.events)
        seen += [event.index for event in found.events]
    assert sorted(seen) == [index for index, _ in entries]
