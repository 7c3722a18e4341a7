"""The monitor: a log that goes on is in order; one cut back, written anew or shown in two ways is found out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from audit import memory
from audit.monitor import Finding, Report, Watched, look, parse_config
from ledger.errors import ConfigurationError, FormatError
from ledger.proof.merkle import consistency_proof
from ledger.proof.note import Verifier, to_base64
from ledger.proof.tiles import NodesFromTiles
from tests.audit.logs import LOG, MemorySource, filled, of
from tests.audit.servers import Answer, LogServer, log_server

VKEY = Verifier.of(LOG).vkey
SIZE = 600


def log_of(size: int, *more: int) -> MemorySource:
    """A log of so many entries, and promises of these numbers after them."""
    writer = filled(size)
    for number in more:
        writer.promise(number)
    return of(writer)


def proving(server: LogServer) -> None:
    """Lets the server answer for consistency, from its own tiles."""

    def lie(path: str, answer: Answer) -> Answer:
        if not path.startswith("/log/consistency?from="):
            return answer
        old, new = (int(part) for part in path.partition("from=")[2].split("&to="))

        def tile(level: int, number: int, width: int) -> bytes:
            return leaves(server.log, level, number, width)

        hashes = consistency_proof(old, new, NodesFromTiles(tile, new))
        return Answer(200, "".join(to_base64(h) + "\n" for h in hashes).encode())

    server.lie = lie


def leaves(log: MemorySource, level: int, number: int, width: int) -> bytes:
    """The hashes of a tile, full or not, computed from the entries."""
    from ledger.proof.merkle import leaf_hash, parents

    row = [leaf_hash(stored[6]) for stored in log.stored]
    for _ in range(8 * level):
        row = parents(row[: len(row) // 2 * 2])
    return b"".join(row[256 * number : 256 * number + (width or 256)])


Looking = Callable[..., list[Report]]


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    """Serves these logs at addresses of their own and looks at each of them once."""

    def run(*logs: MemorySource, change: Callable[[LogServer], None] = proving) -> list[Report]:
        with ExitStack() as stack:
            servers = [stack.enter_context(log_server(log)) for log in logs]
            for server in servers:
                change(server)
            return list(look(Watched(VKEY, tuple(s.url for s in servers)), tmp_path))

    return run


def remembered(folder: Path) -> int:
    (file,) = folder.glob("*.json")
    found = memory.read(file)
    assert found is not None
    return found.checkpoint.size


def test_a_log_that_goes_on_is_in_order(looking: Looking, tmp_path: Path) -> None:
    assert [r.finding for r in looking(log_of(SIZE))] == [Finding.NEW]
    assert [r.finding for r in looking(log_of(SIZE))] == [Finding.UNCHANGED]
    (grown,) = looking(log_of(SIZE, 9001, 9002))
    assert (grown.finding, grown.size) == (Finding.CONTINUED, remembered(tmp_path))
    assert remembered(tmp_path) == SIZE + 2


def test_a_log_that_was_cut_back_is_found_out_and_both_checkpoints_are_kept(looking: Looking, tmp_path: Path) -> None:
    looking(log_of(SIZE, 9001))
    (report,) = looking(log_of(SIZE))
    assert (report.finding, report.finding.exit_code) == (Finding.ROLLED_BACK, 4)
    assert remembered(tmp_path) == SIZE + 1
    assert report.evidence
    before, _, now = Path(report.evidence).read_text(encoding="utf-8").partition("\n---\n\n")
    assert [part.splitlines()[1] for part in (before, now)] == [str(SIZE + 1), str(SIZE)]


@pytest.mark.parametrize("more", [(9002,), (9002, 9003, 9004)])
def test_a_log_that_was_written_anew_is_found_out(looking: Looking, more: tuple[int, ...]) -> None:
    looking(log_of(SIZE, 9001))
    (report,) = looking(log_of(SIZE, *more))
    assert (report.finding, report.finding.exit_code) == (Finding.FORKED, 4)


def test_a_log_that_shows_two_faces_is_found_out(looking: Looking) -> None:
    reports = looking(log_of(SIZE, 9001), log_of(SIZE, 9002))
    assert [r.finding for r in reports] == [Finding.NEW, Finding.SPLIT_VIEW]


def test_an_address_that_is_a_moment_behind_another_is_in_order_if_that_continues_it(
    looking: Looking, tmp_path: Path
) -> None:
    """A copy, a cache: both tell one history, and no evidence accuses the log."""
    reports = looking(log_of(SIZE, 9001, 9002), log_of(SIZE, 9001), log_of(SIZE, 9001, 9002))
    assert [r.finding for r in reports] == [Finding.NEW, Finding.BEHIND, Finding.UNCHANGED]
    assert {r.finding.exit_code for r in reports} == {0}
    assert remembered(tmp_path) == SIZE + 2
    assert not list(tmp_path.glob("evidence-*"))


def test_a_shorter_history_that_is_another_is_a_split_view_all_the_same(looking: Looking) -> None:
    reports = looking(log_of(SIZE, 9001, 9002), log_of(SIZE, 9003))
    assert [r.finding for r in reports] == [Finding.NEW, Finding.SPLIT_VIEW]
    assert reports[1].evidence


def test_another_log_behind_the_address_is_not_taken_for_it(looking: Looking, tmp_path: Path) -> None:
    def other(server: LogServer) -> None:
        server.lie = lambda path, answer: Answer(200, answer.body.replace(b"log.example", b"log.elsewhere"))

    (report,) = looking(log_of(SIZE), change=other)
    assert (report.finding, report.finding.exit_code) == (Finding.UNSIGNED, 4)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("path", "answer", "finding"),
    [
        ("/log/checkpoint", Answer(404), Finding.UNREACHABLE),
        ("/log/checkpoint", Answer(200, b"\xff\xfe"), Finding.UNSIGNED),
        ("/log/checkpoint", Answer(200, b"x" * 2_000_000), Finding.UNSIGNED),
        ("/log/consistency", Answer(404), Finding.UNREACHABLE),
        ("/log/consistency", Answer(200, b"nonsense\n"), Finding.FORKED),
        ("/log/consistency", Answer(200, b""), Finding.FORKED),
    ],
)
def test_what_a_server_answers_instead_is_told_and_not_remembered(
    looking: Looking, tmp_path: Path, path: str, answer: Answer, finding: Finding
) -> None:
    def lying(server: LogServer) -> None:
        proving(server)
        honest = server.lie
        server.lie = lambda asked, true: answer if asked.startswith(path) else honest(asked, true)

    looking(log_of(SIZE))
    (report,) = looking(log_of(SIZE, 9001), change=lying)
    assert report.finding is finding
    assert remembered(tmp_path) == SIZE


def test_one_address_that_is_down_does_not_hide_the_others(tmp_path: Path) -> None:
    with log_server(log_of(SIZE)) as server:
        reports = list(look(Watched(VKEY, ("http://127.0.0.1:9", server.url)), tmp_path))
    assert [r.finding for r in reports] == [Finding.UNREACHABLE, Finding.NEW]


def test_a_memory_that_is_corrupt_is_left_alone(looking: Looking, tmp_path: Path) -> None:
    looking(log_of(SIZE))
    (file,) = tmp_path.glob("*.json")
    file.write_text("{}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="not what an auditor remembers"):
        looking(log_of(SIZE))
    assert file.read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("text", ["", "[[log]]\nkey = 1\nurls = []", 'x = 1\n[[log]]\nkey = "a"\nurls = ["b"]', "[["])
def test_a_wrong_configuration_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_config(text)


def test_a_configuration_names_logs_and_addresses() -> None:
    (watched,) = parse_config(f'[[log]]\nkey = "{VKEY}"\nurls = ["https://a.example", "https://b.example"]\n')
    assert watched.urls == ("https://a.example", "https://b.example")
