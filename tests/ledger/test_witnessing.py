"""The ledger collects cosignatures and shows what the witnesses saw (见证收集): the client of C2SP tlog-witness."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from audit.witness import Enrolled, Witness, enrol
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import FormatError, LedgerError, NotFoundError, UnavailableError
from ledger.installation import Installation
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, sign
from ledger.proof.quorum import Policy
from ledger.proof.tlogproof import TlogProof, check
from ledger.proof.witness import SIZE_TYPE, AddCheckpoint, RefusedError
from ledger.store.cosignatures import Cosignatures
from ledger.store.recorder import datastore
from ledger.store.source import PostgresSource
from ledger.witnesses import witnessing
from ledger.witnesses.witnessed import Witnessed
from ledger.witnesses.witnessing import Answer, Failure, NotCosignedError, Witnessing

NOW = 1_790_000_000
NAMES = ("city", "court", "press")


@dataclass
class World:
    """Three witnesses, a ledger, and what lies between. ``down`` do not answer, ``lies`` change what one answers."""

    installation: Installation
    witnesses: dict[str, Witness]
    policy: Policy
    store: Cosignatures
    down: set[str] = field(default_factory=set)
    lies: dict[str, Callable[[Answer], Answer]] = field(default_factory=dict)
    told: list[tuple[str, LedgerError | None]] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    def post(self, url: str, body: bytes) -> Answer:
        name = url.removeprefix("https://").removesuffix(".example/add-checkpoint")
        self.asked.append((name, AddCheckpoint.parse(body).old))
        if name in self.down:
            raise UnavailableError("no answer", "没有应答")
        try:
            answer = 200, "text/plain", self.witnesses[name].add_checkpoint(body).encode()
        except RefusedError as error:
            shown = b"" if error.size is None else b"%d\n" % error.size
            answer = error.status, SIZE_TYPE if error.size is not None else "text/plain", shown
        except FormatError:
            answer = 400, "text/plain", b""
        return self.lies.get(name, lambda same: same)(answer)

    def collecting(self) -> Witnessing:
        return Witnessing(
            self.installation.ledger, self.policy, self.store.add, self.post, lambda w, e: self.told.append((w.name, e))
        )

    def round(self) -> None:
        asking = self.collecting()
        asking.round(all_answers=True)
        asking.close()

    def failures(self) -> dict[str, Failure]:
        return {name: e.failure for name, e in self.told if isinstance(e, NotCosignedError)}

    def grow(self, number: int) -> None:
        author = self.installation.author("operator", self.installation.operator())
        stream, fact = f"body/{fictional_uscc(number)}", BodyRegistered(f"示例局{number}（虚构）", Kind.DEPARTMENT)
        ledger = self.installation.ledger
        ledger.submit(author.write(stream, ledger.head(stream), fact)).result()

    @property
    def newest(self) -> int:
        return self.installation.ledger.reader.newest().size

    def shown(self) -> bytes:
        return Witnessed(self.installation.ledger, self.policy).newest().note.encode()

    def shown_size(self) -> int:
        key = self.installation.ledger.log_key
        return self.policy.check(self.shown(), key.origin, [key.verifier]).size


@pytest.fixture
def world(installation: Installation, tmp_path: Path) -> Iterator[World]:
    log = installation.ledger.log_key.verifier
    witnesses, lines = {}, []
    for number, name in enumerate(NAMES, 1):
        key, folder = PrivateKey.from_seed(bytes([number]) * 32), tmp_path / name
        verifier = Verifier.of(Cosigner(f"{name}.example", key, 0))
        enrol(folder, Enrolled(verifier, "witness.pem"))
        witnesses[name] = Witness(folder, [(f"{name}.example", key)], [log], lambda: NOW)
        lines.append(f"witness {name} {verifier.vkey} https://{name}.example/\n")
    policy = Policy.parse("".join(lines) + f"group some 2 {' '.join(NAMES)}\nquorum some\n")
    store = datastore(installation.database.url("writer"), pool_size=3)
    try:
        yield World(installation, witnesses, policy, Cosignatures(store))
    finally:
        store.close()


def test_all_witnesses_cosign_the_newest_checkpoint_and_it_is_shown_with_their_lines(world: World) -> None:
    world.round()
    assert sorted(world.told) == [(name, None) for name in NAMES]
    assert world.shown_size() == world.newest
    assert world.policy.by(world.shown()) == NAMES
    world.grow(21)
    world.grow(22)
    assert world.shown_size() == world.newest - 2
    world.round()
    assert world.shown_size() == world.newest
    assert Witnessed(world.installation.ledger, world.policy).by() == (world.newest, NAMES)


def test_before_the_quorum_is_met_nothing_is_shown_and_afterwards_nothing_newer(world: World) -> None:
    with pytest.raises(UnavailableError, match=r"no checkpoint has the cosignatures"):
        world.shown()
    assert Witnessed(world.installation.ledger, world.policy).by() == (0, ())
    world.down = {"city", "press"}
    world.round()
    with pytest.raises(UnavailableError):
        world.shown()
    assert world.failures() == dict.fromkeys(("city", "press"), Failure.UNREACHABLE)
    world.down = {"city"}
    world.round()
    seen = world.newest
    world.down = {"city", "press"}
    for number in range(21, 25):
        world.grow(number)
        world.round()
        assert world.shown_size() == seen
    world.down = set()
    world.round()
    assert world.shown_size() == world.newest == seen + 4


def test_without_a_policy_the_newest_checkpoint_is_shown_as_it_was_signed(world: World) -> None:
    world.round()
    ledger = world.installation.ledger
    assert Witnessed(ledger, None).newest() == ledger.reader.newest()
    none = Policy.parse(f"witness w {world.policy.witnesses[0].vkey}\nquorum none\n")
    assert Witnessed(ledger, none).newest().note.count("\u2014") == 2
    world.grow(21)
    assert Witnessed(ledger, none).newest().size == world.newest


def test_proofs_lead_to_the_shown_checkpoint_or_where_that_is_too_old_to_the_newest(world: World) -> None:
    ledger, key = world.installation.ledger, world.installation.ledger.log_key
    assert check(Witnessed(ledger, world.policy).proof(0), ledger.reader.entry(0).entry, [key.verifier], key.origin)
    world.round()
    old = world.newest
    world.grow(21)
    shown = Witnessed(ledger, world.policy)
    for index, size in ((0, old), (old - 1, old), (old, old + 1)):
        proof = shown.proof(index)
        assert check(proof, ledger.reader.entry(index).entry, [key.verifier], key.origin).size == size
        assert world.policy.met(TlogProof.parse(proof).checkpoint) == (size == old)
    with pytest.raises(NotFoundError):
        shown.proof(old + 1)


def test_a_witness_that_saw_another_size_names_it_and_is_asked_again(world: World) -> None:
    world.round()
    world.grow(21)
    world.asked.clear()
    fresh = world.collecting()
    fresh._sizes.update(dict.fromkeys((w.key.vkey for w in world.policy.known_witnesses), 0))
    fresh.round(all_answers=True)
    fresh.close()
    assert sorted(world.asked) == sorted((name, old) for name in NAMES for old in (0, world.newest - 1))
    assert world.shown_size() == world.newest


def test_a_rolled_back_ledger_is_told_that_its_witnesses_saw_more(world: World) -> None:
    ledger = world.installation.ledger
    old = ledger.reader.newest()
    world.grow(21)
    world.round()
    for witness in world.policy.known_witnesses:
        with pytest.raises(NotCosignedError) as refused:
            world.collecting().ask(witness, old)
        assert refused.value.failure == Failure.AHEAD


def test_a_fork_is_refused_by_all_witnesses(world: World) -> None:
    world.round()
    stored = world.installation.ledger.reader.newest()
    signer = LogSigner(world.installation.ledger.log_key.origin, world.installation.ledger._keys.log.key)
    forged = sign(Checkpoint(signer.name, stored.size, bytes(32)).marshal(), [signer]).decode()
    from ledger.store.reader import StoredCheckpoint

    for witness in world.policy.known_witnesses:
        with pytest.raises(NotCosignedError) as refused:
            world.collecting().ask(witness, StoredCheckpoint(stored.size, forged))
        assert refused.value.failure == Failure.REFUSED
    assert [len(one.forks()) for one in world.witnesses.values()] == [1, 1, 1]


def lie(status: int = 200, body: Callable[[bytes], bytes] = lambda same: same, kind: str | None = None):
    return lambda answer: (status, answer[1] if kind is None else kind, body(answer[2]))


ANOTHER = sign("other.example\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", [
    Cosigner("city.example", PrivateKey.from_seed(bytes([1]) * 32), NOW)
]).partition(b"\n\n")[2]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        (lie(body=lambda b: b""), Failure.FALSE),
        (lie(body=lambda b: b[:-1]), Failure.FALSE),
        (lie(body=lambda b: b"\xff" + b), Failure.FALSE),
        (lie(body=lambda b: b"\n" + b), Failure.FALSE),
        (lie(body=lambda b: b"\n\n" + b), Failure.FALSE),
        (lie(body=lambda b: b + b"\n" + b), Failure.FALSE),
        (lie(body=lambda b: b.replace(b"city", b"tiny")), Failure.FALSE),
        (lie(body=lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:]), Failure.FALSE),
        (lie(body=lambda b: ANOTHER), Failure.FALSE),
        (lie(409, lambda b: b"1x\n", SIZE_TYPE), Failure.FALSE),
        (lie(409, lambda b: b"1\n", "text/plain"), Failure.REFUSED),
        (lie(409, lambda b: b"1\n", SIZE_TYPE), Failure.AHEAD),
        (lie(409, lambda b: b"9999999\n", SIZE_TYPE), Failure.AHEAD),
        (lie(404), Failure.REFUSED),
        (lie(302), Failure.REFUSED),
        (lie(503), Failure.UNREACHABLE),
    ],
)
def test_whatever_a_false_witness_answers_is_not_kept(world: World, change, failure: Failure) -> None:
    world.lies = {"city": change}
    world.round()
    assert world.failures() == {"city": failure}
    assert world.policy.by(world.shown()) == ("court", "press")


def test_lines_of_other_keys_are_left_out(world: World) -> None:
    more = "\u2014 other.example AAAAAAAAAAAA\n".encode()
    world.lies = {"city": lie(body=lambda b: more + b + more)}
    world.round()
    assert world.failures() == {}
    assert b"other.example" not in world.shown()


def test_a_witness_that_fails_is_left_alone_for_a_while_and_holds_nobody_up(world: World) -> None:
    world.down = {"city"}
    asking = world.collecting()
    for _ in range(5):
        asking.round(all_answers=True)
    assert [name for name, _ in world.asked].count("city") == 1
    assert world.shown_size() == world.newest
    asking._resume["city"] = 0.0, 1.0
    asking.round(all_answers=True)
    assert asking._resume["city"][1] == 2.0
    asking.close()


def test_a_slow_witness_does_not_hold_up_a_round_that_the_others_complete(world: World) -> None:
    goes_on = threading.Event()

    def slow(answer: Answer) -> Answer:
        goes_on.wait()
        return answer

    world.lies = {"press": slow}
    asking = world.collecting()
    asking.round()
    assert world.shown_size() == world.newest
    world.grow(21)
    asking.round()
    assert world.shown_size() == world.newest
    assert [name for name, _ in world.asked].count("press") == 1
    goes_on.set()
    asking.close()


def test_it_collects_in_the_background_while_the_ledger_grows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnessing, "PERIOD", 0.01)
    reached = threading.Event()

    def told(witness: object, error: LedgerError | None) -> None:
        if Witnessed(world.installation.ledger, world.policy).by()[0] == last:
            reached.set()

    last = world.newest + 15
    with Witnessing(world.installation.ledger, world.policy, world.store.add, world.post, told):
        for number in range(21, 36):
            world.grow(number)
        assert reached.wait(20)
    assert world.shown_size() == last


def test_the_auditor_s_source_gives_the_notes_with_their_lines(world: World) -> None:
    world.round()
    with PostgresSource(world.installation.database.url("reader")).open() as session:
        newest = session.extent()[3]
        assert newest is not None
        assert newest[1].encode() == world.shown()
        stored = dict(session.checkpoints(0, world.newest))
    assert stored[world.newest].encode() == world.shown()
    assert stored[1].count("\u2014") == 1


def test_a_false_line_in_the_table_is_not_shown_and_none_can_be_changed(world: World) -> None:
    world.down = {"press"}
    world.round()
    vkey = world.policy.witnesses[2].vkey
    for bad in ("\u2014 press.example AAAAAAAAAAAA\n", "x", "\n\n\u2014 x\n"):
        world.grow(len(bad) + 30)
        world.store.add(world.newest, vkey, bad)
        world.down = {"press"}
        world.round()
        assert world.policy.by(world.shown()) == ("city", "court")
        assert world.shown_size() == world.newest
    url = world.installation.database.url("owner")
    for statement in ("UPDATE ledger.cosignatures SET line = ''", "DELETE FROM ledger.cosignatures"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.Error):
            connection.execute(statement)


def test_a_line_comes_once_and_a_stripped_one_is_noticed_by_the_policy_alone(world: World) -> None:
    world.round()
    key = world.installation.ledger.log_key
    note = world.shown()
    world.store.add(world.newest, world.policy.witnesses[0].vkey, "another\n")
    assert world.shown() == note
    stripped = b"".join(
        line for line in note.splitlines(True) if b"city.example" not in line and b"court.example" not in line
    )
    assert open_checkpoint(stripped, key.origin, [key.verifier]).size == world.newest
    with pytest.raises(LedgerError, match=r"quorum: expected"):
        world.policy.check(stripped, key.origin, [key.verifier])
