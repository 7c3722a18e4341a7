"""A whole log of ours, checked by Go (x/mod/sumdb, crypto/ed25519) with docs/verify/logcheck.go."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.keys import keystore
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, sign
from tests.conftest import Served
from tests.independent.mirror import Snapshot, base64_of, served, tree_hash

Tampering = Callable[[Snapshot], Snapshot]


@pytest.fixture
def check(logcheck: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs logcheck on what an address serves."""

    def run(url: str, key: str, token: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "token").write_text(token + "\n")
        command = [str(logcheck), "-url", url, "-key", key, "-token", str(tmp_path / "token")]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_go_verifies_a_ledger_that_we_serve(played_site: Served, snapshot: Snapshot, check) -> None:
    """A13 可验证：other programs come to the same root from the entries, over HTTP."""
    done = check(played_site.url, snapshot.vkey, snapshot.token)
    assert done.returncode == 0, done.stdout
    root = base64.b64decode(snapshot["/log/checkpoint"].split(b"\n")[2]).hex()
    assert done.stdout == f"verified {snapshot.size} entries, root {root}\n"


def changed(index: int, new: Callable[[bytes], bytes]) -> Tampering:
    def tamper(s: Snapshot) -> Snapshot:
        entries = s.entries()
        assert new(entries[index]) != entries[index]
        entries[index] = new(entries[index])
        return s.with_entries(entries)

    return tamper


def swapped(first: int, second: int) -> Tampering:
    def tamper(s: Snapshot) -> Snapshot:
        entries = s.entries()
        entries[first], entries[second] = entries[second], entries[first]
        return s.with_entries(entries)

    return tamper


def flipped(path: str, at: int) -> Tampering:
    return of(path, lambda data, s: bit(data, at % len(data)))


def bit(data: bytes, at: int) -> bytes:
    """The same with one bit flipped."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def other(data: bytes, at: int) -> bytes:
    """The same with another character of base64url."""
    return data[:at] + (b"A" if data[at : at + 1] != b"A" else b"B") + data[at + 1 :]


def other_key_same_name(s: Snapshot) -> Snapshot:
    """The checkpoint, signed by another key of the same name."""
    text = s["/log/checkpoint"].decode().partition("\n\n")[0] + "\n"
    forger = LogSigner(s.vkey.split("+")[0], PrivateKey.from_seed(bytes(32)))
    return s.with_("/log/checkpoint", sign(text, [forger]))


def doubled(s: Snapshot) -> Snapshot:
    """The last event again in place of the one before: a valid signature at a wrong place."""
    entries = s.entries()
    entries[-2] = entries[-1]
    return s.with_entries(entries)


def truncated(s: Snapshot) -> Snapshot:
    """The bundle ends within its last entry."""
    path = max(p for p in s.answers if p.startswith("/log/tile/entries/"))
    return s.with_(path, s[path][:-1])


def other_proof(s: Snapshot) -> Snapshot:
    """The proof of another entry."""
    return s.with_("/log/proof/7", s["/log/proof/8"].replace(b"index 8\n", b"index 7\n"))


def old_checkpoint_in_a_proof(s: Snapshot) -> Snapshot:
    """A proof whose own checkpoint was not signed so."""
    return s.with_("/log/proof/9", resized(s["/log/proof/9"], s))


def resized(note: bytes, s: Snapshot) -> bytes:
    """A checkpoint that names another size than was signed."""
    return note.replace(b"\n%d\n" % s.size, b"\n%d\n" % (s.size - 1))


def of(path: str, new: Callable[[bytes, Snapshot], bytes]) -> Tampering:
    """Another answer to a path, in which SIZE and REST stand for those of the log."""

    def tamper(s: Snapshot) -> Snapshot:
        there = path.replace("SIZE", str(s.size)).replace("REST", str(s.size % 256))
        return s.with_(there, new(s[there], s))

    return tamper


TAMPERINGS: dict[str, tuple[Tampering, str]] = {
    "a bit of a payload": (changed(100, lambda e: bit(e, 300)), "entry 100"),
    "a character of a signature": (changed(-1, lambda e: other(e, len(e) - 40)), "signature does not verify"),
    "a recorded time that runs backwards": (changed(60, lambda e: b"2001" + e[4:]), "entry 60"),
    "a recorded time, a little": (changed(0, lambda e: b"2001" + e[4:]), "is not what the entries give"),
    "two entries of one stream swapped": (swapped(0, 1), "entry 0"),
    "an entry in place of another": (doubled, "does not follow version"),
    "a bundle that is cut off": (truncated, "the bundle ends before it"),
    "a byte after the bundle's last entry": (
        of("/log/tile/entries/000", lambda data, s: data + b"x"),
        "after its last entry",
    ),
    "a bit of a full tile": (flipped("/log/tile/0/000", 40 * 32 + 5), "/log/tile/0/000"),
    "a bit of a partial tile": (flipped("/log/tile/0/001.p/REST", -1), "/log/tile/0/001"),
    "a bit of an upper tile": (flipped("/log/tile/1/000.p/1", 0), "/log/tile/1/000"),
    "another size in the checkpoint": (of("/log/checkpoint", resized), "checkpoint"),
    "a checkpoint of another key": (other_key_same_name, "checkpoint"),
    "a checkpoint without its signature": (
        of("/log/checkpoint", lambda data, s: data.partition(b"\xe2\x80\x94")[0]),
        "checkpoint",
    ),
    "a bit of an inclusion proof": (flipped("/log/proof/5", len("c2sp.org/tlog-proof@v1\nindex 5\n") + 4), "proof 5"),
    "the proof of another entry": (other_proof, "proof 7"),
    "a proof with another checkpoint": (old_checkpoint_in_a_proof, "proof 9"),
    "a bit of a consistency proof": (flipped("/log/consistency?from=100&to=SIZE", 4), "consistency from 100"),
    "a consistency proof that is missing": (
        of("/log/consistency?from=101&to=SIZE", lambda data, s: b""),
        "consistency from 101",
    ),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_go_refuses_a_ledger_that_was_tampered_with(snapshot: Snapshot, check, kind: str) -> None:
    """Issue 4: implementations that are not ours refuse the tampered ledger, and say where."""
    tamper, words = TAMPERINGS[kind]
    with served(tamper(snapshot)) as url:
        done = check(url, snapshot.vkey, snapshot.token)
    assert done.returncode == 1, done.stdout
    assert done.stdout.startswith("FAILED ")
    assert words in done.stdout


def test_go_refuses_a_history_written_anew_by_who_holds_the_logs_key(
    played_site: Served, snapshot: Snapshot, check
) -> None:
    """Tree, tiles' root and checkpoint fit each other: the signature of the body whose event was changed does not."""
    entries = snapshot.entries()
    entries[100] = bit(entries[100], 300)
    origin = snapshot.vkey.split("+")[0]
    text = f"{origin}\n{snapshot.size}\n{base64_of(tree_hash(entries))}\n"
    key = LogSigner(origin, keystore.load(played_site.installation.settings.keys / "log.pem"))
    forged = snapshot.with_entries(entries).with_("/log/checkpoint", sign(text, [key]))
    with served(forged) as url:
        done = check(url, Verifier.of(key).vkey, snapshot.token)
    assert done.returncode == 1
    assert "entry 100" in done.stdout


def test_go_trusts_the_pinned_key_alone(played_site: Served, snapshot: Snapshot, check) -> None:
    """Another ledger's key opens nothing here, whatever the server says its key is."""
    other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    with served(snapshot.with_("/log/key", other.encode() + b"\n")) as url:
        assert check(url, other, snapshot.token).returncode == 1
        assert check(url, snapshot.vkey, snapshot.token).returncode == 0
        assert check(url, snapshot.vkey, "another-token").returncode == 1
