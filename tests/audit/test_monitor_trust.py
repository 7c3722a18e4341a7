"""The monitor asks for witnesses itself, and follows the log's key only where the old key handed over in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit import memory
from audit.monitor import Finding, Report, Watched, look, parse_config
from ledger.domain.body_terms import Revocation
from ledger.domain.event import LEDGER
from ledger.errors import ConfigurationError, FormatError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.event import parse_entry
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import consistency_proof, inclusion_proof
from ledger.proof.note import LogSigner, Verifier, sign, to_base64
from ledger.proof.quorum import Policy
from ledger.proof.rotation import rotated
from ledger.proof.tiles import NodesFromTiles
from ledger.proof.tlogproof import TlogProof
from tests.audit.logs import LOG, ROOT, MemorySource, Writer, every_tenth, filled, of
from tests.audit.servers import Answer, LogServer, log_server
from tests.audit.test_monitor import leaves

VKEY = Verifier.of(LOG).vkey
SIZE = 300
NOW = 1_790_000_000
NEW, THIRD, STRANGER = (LogSigner(LOG.name, PrivateKey.from_seed(bytes([n]) * 32)) for n in (31, 32, 33))
CITY, COURT = (Cosigner(f"{name}.example", PrivateKey.from_seed(name.encode().ljust(32)), NOW) for name in ("c", "d"))
POLICY = Policy.parse(
    f"log {VKEY}\nwitness c {Verifier.of(CITY).vkey}\nwitness d {Verifier.of(COURT).vkey}\n"
    "group both all c d\nquorum both\n"
)


def signed(log: MemorySource, *signers: Any) -> MemorySource:
    """The log with its newest checkpoint signed by these, and by nobody else."""
    size, note = max(log.stored_checkpoints)
    again = sign(note.partition("\n\n")[0] + "\n", signers).decode()
    return replace(log, stored_checkpoints=[*log.stored_checkpoints[:-1], (size, again)])


def rotating(writer: Writer, *steps: tuple[LogSigner, LogSigner], reason: Revocation = Revocation.SUPERSEDED) -> Writer:
    for old, new in steps:
        writer.write(LEDGER, ROOT, "body/ledger", rotated(old, new, reason))
    writer.promise(9000)
    return writer


Change = Callable[[str, bytes], bytes]


def proving(server: LogServer, keys: list[tuple[int, str]], change: Change) -> None:
    """Lets the server show consistency, its keys, events and proofs; ``change`` may turn them into something else."""
    log = server.log

    def hashes(found: list[bytes]) -> bytes:
        return "".join(to_base64(h) + "\n" for h in found).encode()

    def nodes(size: int) -> NodesFromTiles:
        return NodesFromTiles(lambda level, number, width: leaves(log, level, number, width), size)

    def true(path: str, answer: Answer) -> Answer:
        size, note = max(log.stored_checkpoints)
        if path.startswith("/log/consistency?from="):
            old, new = (int(part) for part in path.partition("from=")[2].split("&to="))
            return Answer(200, hashes(consistency_proof(old, new, nodes(new))))
        if path == "/log/keys":
            rows = [{"vkey": vkey, "from_size": index + 1} for index, vkey in keys]
            return Answer(200, json.dumps(rows).encode())
        if path.startswith("/events/"):
            row = log.stored[int(path[8:-5])]
            told = {
                "recorded_at": row[6].split(b"\n")[0].decode(),
                "jws": parse_entry(row[6])[1].decode(),
                "cause": None,
            }
            return Answer(200, json.dumps(told).encode())
        if path.startswith("/log/proof/"):
            index = int(path[11:])
            proof = tuple(inclusion_proof(index, size, nodes(size)))
            return Answer(200, TlogProof(index, proof, note.encode()).marshal())
        return answer

    def lie(path: str, answer: Answer) -> Answer:
        found = true(path, answer)
        body = change(path, found.body)
        return found._replace(body=body, status=404 if body == b"404" else found.status)

    server.lie = lie


def seeing(
    folder: Path,
    log: MemorySource,
    policy: Policy | None = None,
    keys: list[tuple[int, str]] | None = None,
    change: Change = lambda path, body: body,
) -> Report:
    with log_server(log) as server:
        proving(server, keys or [(0, VKEY)], change)
        (report,) = look(Watched(VKEY, (server.url,)), folder, policy)
        return report


def test_a_checkpoint_that_meets_the_policy_is_in_order(tmp_path: Path) -> None:
    report = seeing(tmp_path, signed(of(filled(SIZE)), LOG, CITY, COURT), POLICY)
    assert (report.finding, report.finding.exit_code) == (Finding.NEW, 0)


@pytest.mark.parametrize("signers", [(LOG,), (LOG, CITY), (LOG, COURT)])
def test_a_checkpoint_whose_witness_line_was_taken_out_is_found_and_kept(tmp_path: Path, signers: Any) -> None:
    """tlog-policy: it is still validly signed by the log; only who knows the policy can tell."""
    log = signed(of(filled(SIZE)), *signers)
    (tmp_path / "without").mkdir()
    assert seeing(tmp_path / "without", log).finding == Finding.NEW
    report = seeing(tmp_path, log, POLICY)
    assert (report.finding, report.finding.exit_code, report.size) == (Finding.QUORUM, 4, SIZE)
    assert report.evidence
    assert Path(report.evidence).read_text(encoding="utf-8") == max(log.stored_checkpoints)[1]
    assert not list(tmp_path.glob("*.json"))
    again = seeing(tmp_path, log, POLICY)
    assert again.evidence == report.evidence


def test_a_false_line_of_a_known_witness_is_found(tmp_path: Path) -> None:
    log = signed(of(filled(SIZE)), LOG, CITY, COURT)
    size, note = log.stored_checkpoints[-1]
    other = sign(Checkpoint(LOG.name, 1, bytes(32)).marshal(), [COURT]).decode().rpartition("\n\n")[2]
    false = "".join(line for line in note.splitlines(True) if "d.example" not in line) + other
    report = seeing(tmp_path, replace(log, stored_checkpoints=[(size, false)]), POLICY)
    assert report.finding == Finding.QUORUM
    assert report.detail
    assert "that verifies" in report.detail[0]


def test_a_fork_is_told_before_a_missing_witness(tmp_path: Path) -> None:
    seeing(tmp_path, signed(of(filled(SIZE)), LOG, CITY, COURT), POLICY)
    other = filled(SIZE - 1)
    other.promise(9001)
    assert seeing(tmp_path, signed(of(other), LOG), POLICY).finding == Finding.FORKED


def test_the_policy_has_to_be_this_log_s(tmp_path: Path) -> None:
    text = f"log {Verifier.of(STRANGER).vkey}\nquorum none\n"
    with pytest.raises(ConfigurationError, match=r"expected its key among the policy's logs"):
        seeing(tmp_path, of(filled(SIZE)), Policy.parse(text))


def test_a_configuration_may_name_a_policy() -> None:
    text = f'[[log]]\nkey = "{VKEY}"\nurls = ["https://log.example"]\npolicy = "witness.policy"\n'
    assert parse_config(text)[0].policy == "witness.policy"
    with pytest.raises(FormatError):
        parse_config(text.replace('"witness.policy"', "3"))


KEYS = [(0, VKEY), (SIZE, Verifier.of(NEW).vkey)]


def after_rotation() -> MemorySource:
    return signed(of(rotating(filled(SIZE), (LOG, NEW))), NEW)


def test_a_key_that_was_handed_over_in_the_log_is_followed_and_remembered(tmp_path: Path) -> None:
    seeing(tmp_path, of(filled(SIZE)))
    report = seeing(tmp_path, after_rotation(), keys=KEYS)
    assert (report.finding, report.finding.exit_code, report.size) == (Finding.CONTINUED, 0, SIZE + 2)
    assert report.key == Verifier.of(NEW).vkey
    (file,) = tmp_path.glob("*.json")
    found = memory.read(file)
    assert found is not None
    assert found.key == Verifier.of(NEW)
    again = seeing(tmp_path, after_rotation(), keys=KEYS, change=lambda path, body: b"404" if "keys" in path else body)
    assert (again.finding, again.key) == (Finding.UNCHANGED, None)


def test_two_changes_of_the_key_are_followed_at_once_also_by_who_sees_the_log_for_the_first_time(
    tmp_path: Path,
) -> None:
    log = signed(of(rotating(filled(SIZE), (LOG, NEW), (NEW, THIRD))), THIRD)
    keys = [*KEYS, (SIZE + 1, Verifier.of(THIRD).vkey)]
    report = seeing(tmp_path, log, keys=keys)
    assert (report.finding, report.key) == (Finding.NEW, Verifier.of(THIRD).vkey)


def test_the_new_key_s_checkpoint_needs_the_witnesses_too(tmp_path: Path) -> None:
    report = seeing(tmp_path, after_rotation(), POLICY, KEYS)
    assert report.finding == Finding.QUORUM
    log = signed(after_rotation(), NEW, CITY, COURT)
    assert seeing(tmp_path, log, POLICY, KEYS).finding == Finding.NEW


def test_a_rewritten_history_is_found_behind_a_change_of_the_key(tmp_path: Path) -> None:
    seeing(tmp_path, of(filled(SIZE)))
    other = filled(SIZE - 1)
    other.promise(9001)
    log = signed(of(rotating(other, (LOG, NEW))), NEW)
    assert seeing(tmp_path, log, keys=KEYS).finding == Finding.FORKED


def stolen() -> MemorySource:
    """A log that another key signs, and a rotation to it that the old key did not sign."""
    writer = filled(SIZE)
    fact = rotated(LOG, NEW, Revocation.SUPERSEDED)
    forged = rotated(STRANGER, STRANGER, Revocation.SUPERSEDED)
    fact = replace(forged, by_old=fact.by_old)
    writer.write(LEDGER, ROOT, "body/ledger", fact)
    return signed(MemorySource.of(writer.entries, every_tenth), STRANGER)


@pytest.mark.parametrize(
    ("log", "keys", "change"),
    [
        (stolen, [(0, VKEY), (SIZE, Verifier.of(STRANGER).vkey)], lambda path, body: body),
        (after_rotation, [(0, VKEY)], lambda path, body: body),
        (after_rotation, [(0, Verifier.of(STRANGER).vkey), KEYS[1]], lambda path, body: body),
        (after_rotation, [(0, VKEY), (SIZE, Verifier.of(THIRD).vkey)], lambda path, body: body),
        (after_rotation, [(0, VKEY), (SIZE - 1, KEYS[1][1])], lambda path, body: body),
        (after_rotation, KEYS, lambda path, body: b"404" if path == "/log/keys" else body),
        (after_rotation, KEYS, lambda path, body: b"[]" if path == "/log/keys" else body),
        (after_rotation, KEYS, lambda path, body: b'[{"vkey":1}]' if path == "/log/keys" else body),
        (after_rotation, KEYS, lambda path, body: b"[" * 9999 if path == "/log/keys" else body),
        (after_rotation, KEYS, lambda path, body: b"{}" if path.startswith("/events/") else body),
        (after_rotation, KEYS, lambda path, body: b"7" if path.startswith("/events/") else body),
        (after_rotation, KEYS, lambda path, body: body.replace(b"2026", b"2025") if "/events/" in path else body),
        (after_rotation, KEYS, lambda path, body: body.replace(b"index 3", b"index 4") if "/proof/" in path else body),
        (after_rotation, KEYS, lambda path, body: b"" if "/proof/" in path else body),
    ],
)
def test_a_key_that_was_not_handed_over_is_not_followed(
    tmp_path: Path, log: Callable[[], MemorySource], keys: list[tuple[int, str]], change: Change
) -> None:
    report = seeing(tmp_path, log(), keys=keys, change=change)
    assert (report.finding, report.finding.exit_code) == (Finding.UNSIGNED, 4)
    assert not list(tmp_path.iterdir())
