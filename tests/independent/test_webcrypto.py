"""One event of ours, checked by WebCrypto in Node, without any library: docs/verify/check.mjs as people get it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Served, needs
from tests.independent.mirror import Snapshot, served

SCRIPT = Path(__file__).parents[2] / "docs" / "verify" / "check.mjs"
EVENT = 9  # a role, granted by the operator, whose key root authorised: three events are looked at


def check(url: str, index: int, vkey: str) -> subprocess.CompletedProcess[str]:
    needs("node")
    command = ["node", str(SCRIPT), url, str(index), vkey]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_webcrypto_verifies_an_event_and_who_gave_its_key_down_to_the_founding(
    played_site: Served, snapshot: Snapshot
) -> None:
    """A13 可验证：without a library and without us."""
    done = check(played_site.url, EVENT, snapshot.vkey)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1:2]] == ["RoleGranted", "KeyAuthorised", "LedgerFounded"]
    assert lines[-1].startswith("verified down to the founding")


def edited(path: str, old: str, new: str) -> Callable[[Snapshot], Snapshot]:
    return lambda s: s.with_(path, s[path].decode().replace(old, new, 1).encode())


def moved(path: str, step: int) -> Callable[[Snapshot], Snapshot]:
    """The answer to a path changed by one character in its middle, or at a place."""

    def tamper(s: Snapshot) -> Snapshot:
        data = bytearray(s[path])
        data[step] = ord("A") if data[step] != ord("A") else ord("B")
        return s.with_(path, bytes(data))

    return tamper


def resized(s: Snapshot) -> Snapshot:
    """A checkpoint of another size than was signed."""
    path = f"/log/proof/{EVENT}"
    return s.with_(path, s[path].replace(b"\n%d\n" % s.size, b"\n%d\n" % (s.size + 1)))


def other_key(s: Snapshot) -> Snapshot:
    """The site says that another body's key is the signer's: thumbprints tell."""
    told = json.loads(s[f"/events/{EVENT}.json"])
    told["key"] = json.loads(s["/events/0.json"])["key"]
    return s.with_(f"/events/{EVENT}.json", json.dumps(told).encode())


def other_origin_of_the_key(s: Snapshot) -> Snapshot:
    """The site says that another event gave the key."""
    told = json.loads(s[f"/events/{EVENT}.json"])
    told["key"]["from_index"] = 6
    return s.with_(f"/events/{EVENT}.json", json.dumps(told).encode())


def other_event(s: Snapshot) -> Snapshot:
    """Another event of the log, with its own signature, under this number."""
    changed = s.with_(f"/events/{EVENT}.jws", s["/events/10.jws"])
    return changed.with_(f"/events/{EVENT}.json", s["/events/10.json"])


TAMPERINGS: dict[str, tuple[Callable[[Snapshot], Snapshot], str]] = {
    "a character of the signature": (moved(f"/events/{EVENT}.jws", -10), "signature does not verify"),
    "a character of the payload": (moved(f"/events/{EVENT}.jws", 250), "signature does not verify"),
    "the time of recording": (edited(f"/events/{EVENT}.json", "01:04:00", "01:05:00"), "is not in the signed tree"),
    "a hash of the proof": (moved(f"/log/proof/{EVENT}", 60), "is not in the signed tree"),
    "the index of the proof": (edited(f"/log/proof/{EVENT}", "index 9", "index 8"), "not its proof"),
    "the signature of the checkpoint": (moved(f"/log/proof/{EVENT}", -20), "checkpoint's signature"),
    "the size in the checkpoint": (resized, "checkpoint's signature"),
    "another key": (other_key, "not the key that it names"),
    "another origin of the key": (other_origin_of_the_key, "does not authorise the key"),
    "another event": (other_event, "is not in the signed tree"),
    "the event that gave the key": (moved("/events/2.jws", -10), "event 2: the signature"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_webcrypto_refuses_an_event_that_was_tampered_with(snapshot: Snapshot, kind: str) -> None:
    """Issue 4: implementations that are not ours refuse the tampered ones."""
    tamper, words = TAMPERINGS[kind]
    with served(tamper(snapshot)) as url:
        done = check(url, EVENT, snapshot.vkey)
    assert done.returncode == 1, done.stdout
    assert "FAILED" in done.stdout
    assert words in done.stdout.splitlines()[-1]


def test_webcrypto_trusts_the_pinned_key_alone(snapshot: Snapshot) -> None:
    """Another key, and a key that is none."""
    other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    renamed = snapshot.vkey.split("+")[0] + other.removeprefix("example.com/foo")
    with served(snapshot) as url:
        for vkey, words in ((other, "is not signed by VKEY"), (renamed, "is no vkey"), ("", "is no vkey")):
            done = check(url, EVENT, vkey)
            assert (done.returncode, words in done.stdout) == (1, True), done.stdout
