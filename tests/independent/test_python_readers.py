"""A whole log of ours, checked in Python by joserfc (JWS), pymerkle (tree and proofs) and libsodium (checkpoint).

pymerkle is under the GPL: it is asked in the tests alone. Nothing of ours takes part in a verdict here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable

import pymerkle
import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from tests.independent.mirror import Snapshot


class RefusedError(Exception):
    """What was read does not hold."""


def need(holds: bool, what: str) -> None:
    if not holds:
        raise RefusedError(what)


def opened(note: bytes, vkey: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint, by the words of C2SP signed-note and tlog-checkpoint."""
    name, _, typed = vkey.split("+", 2)
    key = base64.b64decode(typed)
    text, _, lines = note.rpartition(b"\n\n")
    own = [line.split(b" ") for line in lines.splitlines() if line.startswith(f"— {name} ".encode())]
    need(len(own) == 1, "checkpoint: not signed by the log")
    raw = base64.b64decode(own[0][2])
    need(raw[:4] == hashlib.sha256(name.encode() + b"\n" + key).digest()[:4], "checkpoint: another key")
    try:
        VerifyKey(key[1:]).verify(text + b"\n", raw[4:])
    except BadSignatureError:
        raise RefusedError("checkpoint: signature") from None
    origin, size, root = text.decode().split("\n")
    need(origin == name, "checkpoint: origin")
    return int(size), base64.b64decode(root)


def check_events(entries: list[bytes]) -> None:
    """Every signature, by joserfc, under keys that earlier events of the log name; and every stream's chain."""
    keys: dict[str, tuple[str, OKPKey]] = {}
    heads: dict[str, str] = {}
    for index, entry in enumerate(entries):
        _, compact, rest = entry.split(b"\n")
        claims = json.loads(base64.urlsafe_b64decode(compact.split(b".")[1] + b"=="))
        data, stream = claims["data"], claims["stream"]
        if index == 0:
            give(keys, "ledger", data["root_key"], data["ledger_key"])
        header = json.loads(base64.urlsafe_b64decode(compact.split(b".")[0] + b"=="))
        body, key = keys.get(header["kid"], ("", None))
        need(key is not None and body == claims["iss"] and not rest, f"entry {index}: key")
        assert key is not None
        try:
            found = jws.deserialize_compact(compact, key, algorithms=["Ed25519"])
        except JoseError:
            raise RefusedError(f"entry {index}: signature") from None
        need(json.loads(found.payload) == claims, f"entry {index}: payload")
        need(claims.get("prev") == heads.get(stream), f"entry {index}: prev")
        heads[stream] = hashlib.sha256(compact).hexdigest()
        if claims["event"] == "KeyAuthorised":
            give(keys, stream.partition("/")[2], data["key"])


def give(keys: dict[str, tuple[str, OKPKey]], body: str, *public: str) -> None:
    for x in public:
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
        keys[key.thumbprint()] = (body, key)


def check(log: Snapshot) -> None:
    """Raises RefusedError, or what a library raises, for a log that does not hold."""
    size, root = opened(log["/log/checkpoint"], log.vkey)
    entries = log.entries()
    need(len(entries) == size, "size")
    check_events(entries)
    tree = pymerkle.InmemoryTree.init_from_entries(entries, algorithm="sha256")
    need(tree.get_root() == root, "root")
    for index in range(size):
        head, _, note = log[f"/log/proof/{index}"].partition(b"\n\n")
        first, at, *hashes = head.decode().split("\n")
        need((first, at) == ("c2sp.org/tlog-proof@v1", f"index {index}"), f"proof {index}")
        need(opened(note, log.vkey) == (size, root), f"proof {index}: checkpoint")
        # pymerkle counts from 1, and puts the leaf first
        need([base64.b64decode(h) for h in hashes] == tree.prove_inclusion(index + 1).path[1:], f"proof {index}")


def test_joserfc_pymerkle_and_libsodium_verify_a_ledger_that_we_serve(snapshot: Snapshot) -> None:
    """A13 可验证：every signature, the root, every inclusion proof."""
    check(snapshot)


def character(path: str, at: int) -> Callable[[Snapshot], Snapshot]:
    def tamper(s: Snapshot) -> Snapshot:
        data = bytearray(s[path])
        data[at] = ord("A") if data[at] != ord("A") else ord("B")
        return s.with_(path, bytes(data))

    return tamper


def entry(index: int, new: Callable[[bytes, list[bytes]], bytes]) -> Callable[[Snapshot], Snapshot]:
    def tamper(s: Snapshot) -> Snapshot:
        entries = s.entries()
        entries[index] = new(entries[index], entries)
        return s.with_entries(entries)

    return tamper


def earlier(data: bytes) -> bytes:
    """The same event with another time in its payload, spelled as well as before."""
    first, compact, _ = data.split(b"\n")
    head, payload, signature = compact.split(b".")
    claims = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    claims["iat"] -= 1
    said = base64.urlsafe_b64encode(json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode())
    return b"\n".join([first, b".".join([head, said.rstrip(b"="), signature]), b""])


TAMPERINGS: dict[str, tuple[Callable[[Snapshot], Snapshot], str]] = {
    "the signature of an event": (entry(50, lambda e, _: e[:-12] + b"AAAA" + e[-8:]), "entry 50: signature"),
    "the payload of an event": (entry(50, lambda e, _: earlier(e)), "entry 50: signature"),
    "the time of recording": (entry(50, lambda e, _: b"2" + bytes([e[1] ^ 1]) + e[2:]), "root"),
    "an event in place of another": (entry(50, lambda _, all_: all_[51]), "prev"),
    "the checkpoint's signature": (character("/log/checkpoint", -20), "checkpoint"),
    "a proof": (character("/log/proof/70", 60), "proof 70"),
    "a proof's checkpoint": (character("/log/proof/70", -20), "checkpoint"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_they_refuse_a_ledger_that_was_tampered_with(snapshot: Snapshot, kind: str) -> None:
    """Issue 4: implementations that are not ours refuse the tampered ones."""
    tamper, words = TAMPERINGS[kind]
    with pytest.raises(RefusedError, match=words):
        check(tamper(snapshot))
