"""Replay: what the entries come to, folded from bytes alone; the same bytes give the same states, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256

import pytest

from audit.replay import EntryError, canonical, events, length, plain, read, replay
from ledger.domain import kinds
from ledger.domain.body_terms import Role
from ledger.domain.event import legal_day
from ledger.domain.record.terms import Conduct
from ledger.position import recorded_of
from ledger.proof.event import entry as entry_of
from ledger.proof.event import parse, parse_entry, sign
from ledger.proof.keys import PrivateKey
from ledger.store.source import PostgresSource


@pytest.fixture(scope="module")
def entries(played):
    """The entries of the played ledger as an auditor reads them."""
    with PostgresSource(played.database.url("reader")).open() as session:
        return list(read(session, length(session)))


@pytest.fixture(scope="module")
def history(played):
    """What the ledger itself makes of its rows."""
    return [recorded_of(row) for row in played.ledger.reader.scan()]


def folded(history):
    """The states that the ledger's own fold gives."""
    streams = {recorded.event.stream for recorded in history}
    return {s: kinds.fold(s, [r for r in history if r.event.stream == s]) for s in streams}


def states(replayed):
    return {stream: case.state for stream, case in replayed.cases.items()}


def test_all_cases_of_the_played_ledger_are_folded_as_the_ledger_folds_them(entries, history):
    found = replay(entries)
    assert states(found) == folded(history)
    assert set(kinds.KINDS) <= {stream.partition("/")[0] for stream in found.cases}
    assert (found.entries, found.at) == (len(entries), history[-1].at)
    assert list(found.cases) == sorted(found.cases)
    for stream, case in found.cases.items():
        newest = [r for r in history if r.event.stream == stream][-1]
        assert (case.stream, case.version, case.index) == (stream, newest.event.version, newest.index)


def test_a_replay_to_a_day_is_what_the_ledger_knew_at_its_end(entries, history):
    days = sorted({legal_day(recorded.at) for recorded in history})
    assert len(days) > 20
    for day in (days[0], days[len(days) // 3], days[len(days) // 2], days[-1], days[-1] + timedelta(1)):
        known = [recorded for recorded in history if legal_day(recorded.at) <= day]
        found = replay(entries, day)
        assert states(found) == folded(known)
        assert found.entries == len(known)


def test_before_the_first_day_there_is_nothing(entries, history):
    found = replay(entries, legal_day(history[0].at) - timedelta(1))
    assert (found.entries, found.at, found.cases) == (0, None, {})


def test_a_replay_to_an_index_ends_with_it(entries, history):
    for index in (0, 7, len(entries) - 1):
        found = replay(entries, index)
        assert states(found) == folded(history[: index + 1])
        assert found.entries == index + 1


def test_an_entry_after_the_index_is_not_looked_at(entries):
    assert replay([*entries[:10], (10, b"promised")], 9).entries == 10


def test_the_same_bytes_give_the_same_hashes(entries):
    first, second = replay(entries), replay(iter(list(entries)))
    assert [c.digest for c in first.cases.values()] == [c.digest for c in second.cases.values()]
    assert len({c.digest for c in first.cases.values()}) == len(first.cases)


def test_hashes_do_not_depend_on_the_process(entries, tmp_path):
    """Sets have another order in each process; their canonical form has not."""
    import os
    import subprocess
    import sys

    (tmp_path / "entries").write_text(json.dumps([e.decode("latin-1") for _, e in entries]), "utf-8")
    program = (
        "import json, sys; from audit.replay import replay; "
        "found = replay(enumerate(e.encode('latin-1') for e in json.load(open(sys.argv[1])))); "
        "print(json.dumps([c.digest for c in found.cases.values()]))"
    )
    here = [c.digest for c in replay(entries).cases.values()]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "entries")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert json.loads(done.stdout) == here


def test_another_state_has_another_hash(entries, history):
    changed = next(r for r in reversed(history) if r.event.version > 1)
    stream = changed.event.stream
    before, after = replay(entries, changed.index - 1), replay(entries, changed.index)
    assert before.cases[stream].digest != after.cases[stream].digest
    others = [s for s in after.cases if s != stream]
    assert [before.cases[s].digest for s in others] == [after.cases[s].digest for s in others]


def test_the_hash_is_that_of_the_canonical_bytes_which_json_reads_back(entries):
    for case in replay(entries).cases.values():
        data = canonical(case.state)
        assert sha256(data).hexdigest() == case.digest
        assert json.loads(data) == plain(case.state)
        again = json.dumps(json.loads(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert again.encode() == data


@dataclass(frozen=True)
class Left:
    value: int


@dataclass(frozen=True)
class Right:
    value: int


def test_what_differs_in_kind_differs_in_its_bytes():
    assert canonical(Left(1)) == b'{"@type":"Left","value":1}'
    assert canonical(Left(1)) != canonical(Right(1))
    assert canonical(Role.OPERATOR) == b'"operator"'
    assert canonical(frozenset({Conduct.BREACH_OF_CONTRACT})) == canonical([str(Conduct.BREACH_OF_CONTRACT)])
    assert canonical({2026: date(2026, 1, 1)}) == b'{"2026":"2026-01-01"}'
    for strange in (1.5, b"", object(), {(1,): 2}):
        with pytest.raises(TypeError, match="no canonical form"):
            canonical(strange)


def refused(entries, to=None):
    """Index and code of the problem for which a replay is refused."""
    with pytest.raises(EntryError) as caught:
        replay(entries, to)
    problem = caught.value.problem
    assert f"entry {problem.index}: " in problem.en
    assert f"第 {problem.index} 号条目" in problem.zh
    return problem.index, problem.code, problem.exit_code


def resigned(entry, **changes):
    """The entry with another event in it, signed anew by somebody else."""
    at, jws = parse_entry(entry)
    return entry_of(at, sign(replace(parse(jws).event, **changes), PrivateKey.from_seed(bytes(32))))


@pytest.mark.parametrize(
    "data", [b"", b"promised", b"2026-04-01T00:00:00.000Z\nx.y.z\n", b"2026-04-01T00:00:00.000Z\n\xff\n"]
)
def test_what_is_no_event_is_refused_with_its_index(entries, data):
    assert refused([*entries[:12], (12, data), *entries[13:]]) == (12, "malformed", 3)


def test_an_event_with_a_disclosure_mark_is_not_what_was_signed(entries):
    data = entries[12][1]
    assert refused([*entries[:12], (12, data[:-1] + b"~\n")]) == (12, "malformed", 3)


def test_a_missing_and_a_doubled_entry_are_refused(entries):
    assert refused([*entries[:12], *entries[13:]]) == (12, "missing", 4)
    assert refused(entries[1:]) == (0, "missing", 4)
    assert refused([*entries[:12], entries[11]]) == (11, "extra", 4)


def test_an_event_that_does_not_continue_its_stream_is_refused(entries, history):
    later = next(r for r in history if r.event.version > 1)
    index = later.index
    before, data = entries[:index], entries[index][1]
    assert refused([*before, (index, resigned(data, version=later.event.version + 1))]) == (index, "stream", 3)
    assert refused([*before, (index, resigned(data, prev="0" * 64))]) == (index, "prev", 3)


def test_an_event_recorded_before_the_one_before_it_is_refused(entries):
    at, jws = parse_entry(entries[12][1])
    assert refused([*entries[:12], (12, entry_of(at - timedelta(days=9000), jws))]) == (12, "time", 3)


def test_an_event_that_cannot_be_folded_is_refused(entries, history):
    """Nobody admitted it: a rule pack whose text is none."""
    adopted = next(r for r in history if r.event.name == "PolicyAdopted")
    index, fact = adopted.index, adopted.event.fact
    forged = resigned(entries[index][1], fact=replace(fact, text="promised"))
    assert refused([*entries[:index], (index, forged)]) == (index, "course", 3)


class Session:
    """A source that has some entries and claims more."""

    def __init__(self, entries, end, signed):
        self.entries = dict(entries)
        self.reach = (len(self.entries), end, {}, (signed, "") if signed else None)

    def extent(self):
        return self.reach

    def rows(self, start, stop):
        return [(i, "", 1, "", b"", b"", self.entries[i]) for i in range(start, stop) if i in self.entries]


def test_a_source_that_leaves_out_entries_is_found_out(entries):
    assert length(Session(entries, len(entries), len(entries))) == len(entries)
    with pytest.raises(EntryError) as caught:
        length(Session(entries[:50], 50, len(entries)))
    assert (caught.value.problem.index, caught.value.problem.code) == (50, "missing")
    for gap in (0, 20, 49):
        left = [e for e in entries[:50] if e[0] != gap]
        with pytest.raises(EntryError) as caught:
            list(events(read(Session(left, 50, None), 50)))
        assert (caught.value.problem.index, caught.value.problem.code) == (gap, "missing")


def test_a_source_is_read_in_pages_and_progress_is_told(entries, monkeypatch):
    monkeypatch.setattr("audit.replay.PAGE", 16)
    pages = []
    assert list(read(Session(entries, len(entries), None), 50, pages.append)) == entries[:50]
    assert pages == [16, 16, 16, 2]
