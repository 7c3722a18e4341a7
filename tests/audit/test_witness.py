"""A witness never signs two histories: asked twice at once, killed, or with a memory that somebody changed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.witness import Enrolled, Witness, enrol, enrolled, remembered
from ledger.errors import ConfigurationError, FormatError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.cosignature import Cosigner, MlDsaKey
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import consistency_proof, leaf_hash, parents, root
from ledger.proof.note import MAX_NOTE, LogSigner, Verifier, read_note, sign
from ledger.proof.quorum import Policy
from ledger.proof.witness import AddCheckpoint, RefusedError
from tests.proof.implementations import all_nodes, mth

NOW = 1_790_000_000
LOG = LogSigner("log.example", PrivateKey.from_seed(b"l" * 32))
OTHER = LogSigner("other.example", PrivateKey.from_seed(b"o" * 32))
OWN, QUANTUM = PrivateKey.from_seed(b"w" * 32), MlDsaKey.from_seed(b"q" * 32)
NAME = "witness.example/w1"
LARGEST = 300
FILE = sha256(b"log.example").hexdigest()
POLICY = Policy.parse(f"witness w {Verifier.of(Cosigner(NAME, OWN, 0)).vkey}\nquorum w\n")


def request(old: int, new: int, root: bytes | None = None) -> bytes:
    note = sign(Checkpoint(LOG.name, new, root or mth(0, new)).marshal(), [LOG])
    proof = consistency_proof(old, new, all_nodes(LARGEST)) if 0 < old < new else ()
    return AddCheckpoint(old, tuple(proof), note).marshal()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "seen"
    enrol(path, Enrolled(Verifier.of(Cosigner(NAME, OWN, 0)), "witness.pem"))
    return path


def witness(folder: Path) -> Witness:
    return Witness(folder, [(NAME, OWN)], [Verifier.of(LOG)], lambda: NOW)


def test_what_it_cosigned_is_remembered_with_its_line_and_the_logs(folder: Path) -> None:
    lines = witness(folder).add_checkpoint(request(0, 7))
    note = (folder / FILE).read_bytes()
    assert note == sign(Checkpoint(LOG.name, 7, mth(0, 7)).marshal(), [LOG]) + lines.encode()
    assert POLICY.check(note, LOG.name, [Verifier.of(LOG)]).size == 7
    again = witness(folder)
    assert again.add_checkpoint(request(7, 9)).startswith(f"— {NAME} ")
    assert [one.size for one in again.seen()] == [one.size for one in remembered(folder)] == [9]
    assert again.note(FILE) is not None
    assert again.note("0" * 64) is again.note("witness.json") is again.note("../seen/" + FILE) is None


def test_rollback_and_fork_are_refused_and_a_fork_is_kept_as_evidence(folder: Path) -> None:
    one = witness(folder)
    one.add_checkpoint(request(0, 9))
    for body, status in ((request(0, 7), 409), (request(7, 9), 409), (request(9, 9, bytes(32)), 422)):
        with pytest.raises(RefusedError) as refused:
            one.add_checkpoint(body)
        assert refused.value.status == status
    assert [seen.size for seen in one.seen()] == [9]
    (name,) = one.forks()
    before, now = (folder / name).read_bytes().split(b"\n---\n\n")
    keys = [Verifier.of(LOG)]
    first, second = open_checkpoint(before, LOG.name, keys), open_checkpoint(now, LOG.name, keys)
    assert first.size == second.size
    assert first.root != second.root
    with pytest.raises(RefusedError):
        one.add_checkpoint(request(9, 9, bytes(32)))
    assert one.forks() == [name]


@pytest.mark.parametrize("left", [0, 20, 100])
def test_a_checkpoint_that_leaves_no_room_for_its_line_is_refused_and_stops_nobody(folder: Path, left: int) -> None:
    """A log's extension lines may fill a note; what was filed must be read again, or no log would be witnessed."""
    both = Witness(folder, [(NAME, OWN)], [Verifier.of(LOG), Verifier.of(OTHER)], lambda: NOW)
    head = Checkpoint(OTHER.name, 7, mth(0, 7), ("x",))
    room = MAX_NOTE - len(sign(head.marshal(), [OTHER])) - left
    note = sign(Checkpoint(OTHER.name, 7, mth(0, 7), ("x" * (1 + room),)).marshal(), [OTHER])
    with pytest.raises(FormatError, match="at most 1048576 bytes"):
        both.add_checkpoint(AddCheckpoint(0, (), note).marshal())
    assert both.seen() == []
    assert both.add_checkpoint(AddCheckpoint(0, (), sign(head.marshal(), [OTHER])).marshal())
    assert both.add_checkpoint(request(0, 7))
    assert len(both.seen()) == 2


def test_a_witness_with_two_keys_gives_two_lines_which_a_policy_may_ask_for_both(folder: Path) -> None:
    quantum = Verifier.of(Cosigner(NAME, QUANTUM, 0))
    enrol(folder, Enrolled(quantum, "pq.pem"))
    both = Witness(folder, [(NAME, OWN), (NAME, QUANTUM)], [Verifier.of(LOG)], lambda: NOW)
    lines = both.add_checkpoint(request(0, 7))
    note = sign(Checkpoint(LOG.name, 7, mth(0, 7)).marshal(), [LOG])
    assert len(read_note(note + lines.encode(), [*both.own]).signatures) == 2
    policy = Policy.parse(f"witness a {both.own[0].vkey}\nwitness b {quantum.vkey}\ngroup g all a b\nquorum g\n")
    assert policy.met(note + lines.encode())


def test_of_many_requests_at_once_the_cosigned_form_one_history(folder: Path) -> None:
    """tlog-witness: comparing and storing must be one step, else a later answer rolls an earlier one back."""
    shared = [witness(folder), witness(folder)]
    answered: list[int] = []
    lock, barrier = threading.Lock(), threading.Barrier(8)

    def run(worker: int) -> None:
        barrier.wait()
        for size in range(1, 80):
            old, asked = 0, shared[worker % 2]
            for _ in range(3):
                try:
                    with_line = asked.add_checkpoint(request(old, size))
                except RefusedError as error:
                    if error.size is None or error.size > size:
                        break
                    old = error.size
                else:
                    assert with_line
                    with lock:
                        answered.append(size)
                    break

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))
    assert [one.size for one in remembered(folder)] == [79]
    assert max(answered) == 79


def test_of_two_forks_at_once_only_one_is_cosigned(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        enrol(folder, Enrolled(Verifier.of(Cosigner(NAME, OWN, 0)), "witness.pem"))
        one = witness(folder)
        with ThreadPoolExecutor(2) as pool:
            done = [pool.submit(one.add_checkpoint, body) for body in (request(0, 7), request(0, 7, bytes(32)))]
        assert sum(future.exception() is None for future in done) == 1


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 12), st.booleans()), max_size=25))
def test_whatever_is_asked_in_whatever_order_all_that_it_cosigned_is_one_history(
    asked: list[tuple[int, int, bool]],
) -> None:
    """Two histories that part after three entries; each request is for one of them, from any size to any size."""
    forked = [leaf_hash(b"entry %d" % n) if n < 3 else leaf_hash(b"other %d" % n) for n in range(12)]
    trees = (all_nodes(12), all_nodes_of(forked))
    with TemporaryDirectory() as home:
        enrol(Path(home), Enrolled(Verifier.of(Cosigner(NAME, OWN, 0)), "witness.pem"))
        one, cosigned = witness(Path(home)), []
        for old, new, side in asked:
            head = Checkpoint(LOG.name, new, root(new, trees[side]))
            proof = consistency_proof(old, new, trees[side]) if 0 < old < new else ()
            try:
                one.add_checkpoint(AddCheckpoint(old, tuple(proof), sign(head.marshal(), [LOG])).marshal())
            except RefusedError:
                continue
            cosigned.append(head)
    sizes = [head.size for head in cosigned]
    assert sizes == sorted(sizes)
    assert any(all(head.root == root(head.size, tree) for head in cosigned) for tree in trees)


def all_nodes_of(row: list[bytes]) -> Callable[[int, int], bytes]:
    rows = [row]
    while len(rows[-1]) > 1:
        rows.append(parents(rows[-1]))
    return lambda level, n: rows[level][n]


CHILD = """
import sys
from pathlib import Path
from tests.audit.test_witness import request, witness
one = witness(Path(sys.argv[1]))
old = int(sys.argv[2])
print("ready", flush=True)
for size in range(old + 1, 300):
    line = one.add_checkpoint(request(old, size))
    print(size, line, end="", flush=True)
    old = size
"""


def test_killed_at_any_moment_it_remembers_all_that_it_has_answered(folder: Path) -> None:
    """kill -9 between comparing, storing and answering: what was answered is never forgotten."""
    old = 0
    for count in (1, 2, 5, 11, 23):
        command = [sys.executable, "-c", CHILD, str(folder), str(old)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            answered = [child.stdout.readline() for _ in range(count + 1)]
            child.send_signal(signal.SIGKILL)
            answered += child.stdout.readlines()
        sizes = [int(line.split()[0]) for line in answered[1:] if line.endswith("=\n")]
        (seen,) = remembered(folder)
        assert seen.size >= sizes[-1] >= old + count
        assert seen.root == mth(0, seen.size)
        old = seen.size
        with pytest.raises(RefusedError):
            witness(folder).add_checkpoint(request(old, old, bytes(32)))


@pytest.mark.parametrize("change", [lambda b: b[:-40], lambda b: b.replace(b"\n7\n", b"\n6\n"), lambda b: b"", None])
def test_a_changed_memory_stops_it(folder: Path, change) -> None:
    witness(folder).add_checkpoint(request(0, 7))
    file = folder / FILE
    if change is None:  # only the log's line is left: nobody can tell that this witness saw it
        note = file.read_bytes()
        change = lambda b: b"".join(line for line in note.splitlines(True) if NAME.encode() not in line)  # noqa: E731
    file.write_bytes(change(file.read_bytes()))
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match=r"it signs nothing more"):
        witness(folder).add_checkpoint(request(7, 9))
    assert file.read_bytes() == before


def test_a_memory_that_cannot_be_written_gives_no_cosignature(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = witness(folder)
    one.add_checkpoint(request(0, 7))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("audit.witness.os.fsync", full)
    with pytest.raises(ConfigurationError, match=r"No space left"):
        one.add_checkpoint(request(7, 9))
    monkeypatch.undo()
    assert [seen.size for seen in one.seen()] == [7]


def test_keys_and_memory_belong_together(folder: Path, tmp_path: Path) -> None:
    other = PrivateKey.from_seed(b"x" * 32)
    with pytest.raises(ConfigurationError, match=r"expected keys that remember here"):
        Witness(folder, [(NAME, other)], [Verifier.of(LOG)], lambda: NOW)
    with pytest.raises(ConfigurationError, match=r"expected keys that remember here"):
        Witness(folder, [], [Verifier.of(LOG)], lambda: NOW)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError, match=r"keys must not sign again"):
        witness(tmp_path / "empty")
    for text in ("", "{}", '{"format":"jiannuo-witness/2","keys":[]}', '{"format":"jiannuo-witness/1","keys":[{}]}'):
        (folder / "witness.json").write_text(text)
        with pytest.raises(ConfigurationError, match=r"expected the keys of a witness"):
            enrolled(folder)


def test_a_log_that_it_was_not_told_of_is_unknown(folder: Path) -> None:
    one = Witness(folder, [(NAME, OWN)], [Verifier("elsewhere.example", LOG.public_key)], lambda: NOW)
    with pytest.raises(RefusedError) as refused:
        one.add_checkpoint(request(0, 7))
    assert refused.value.status == 404
    assert sorted(path.name for path in folder.iterdir()) == ["witness.json"]


def test_a_folder_that_is_gone_while_it_runs_is_not_taken_for_an_empty_memory(folder: Path) -> None:
    one = witness(folder)
    one.add_checkpoint(request(0, 7))
    folder.rename(folder.with_name("away"))
    for there in (False, True):
        if there:
            folder.mkdir()
        with pytest.raises(ConfigurationError):
            one.add_checkpoint(request(0, 7, bytes(32)))
