"""Presentations of ours (``<JWS>~<disclosure>~…~``), checked in Node by npm ``@sd-jwt/core`` and ``jose``."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from typing import Any

import pytest

from ledger.errors import FormatError
from ledger.installation import Installation
from ledger.proof.disclosure import parse_presentation
from tests.independent.mirror import Snapshot

Judge = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def judge(node) -> Judge:
    """The verdicts of Node on tokens, of a kind, under a public key."""

    def run(kind: str, x: str, iat: int, *tokens: str) -> list[dict[str, Any]]:
        cases = [{"kind": kind, "token": token, "x": x, "iat": iat} for token in tokens]
        done = node("presentation.mjs", stdin=json.dumps(cases))
        assert done.returncode == 0, done.stderr
        found: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(found) == len(tokens)
        return found

    return run


class Sealed:
    """An event with sealed fields, its signer's public key, and what opens it."""

    def __init__(self, index: int, snapshot: Snapshot, disclosures: Mapping[str, str]) -> None:
        told = json.loads(snapshot[f"/events/{index}.json"])
        self.jws, self.x, self.claims = told["jws"], told["key"]["public"], told["payload"]
        own = {digest_of(d): d for d in disclosures.values()}
        self.disclosures = {json.loads(unpadded(own[d]))[1]: own[d] for d in self.claims["data"]["_sd"]}

    def presented(self, *names: str) -> str:
        return "~".join([self.jws, *(self.disclosures[name] for name in names), ""])


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def digest_of(disclosure: str) -> str:
    return base64url(sha256(disclosure.encode()).digest())


@pytest.fixture(scope="module")
def complaint(played: Installation, snapshot: Snapshot) -> Sealed:
    """The worked complaint with three sealed fields."""
    events = [json.loads(snapshot[f"/events/{i}.json"]) for i in range(snapshot.size)]
    told = next(e for e in events if len(e["payload"]["data"].get("_sd", ())) == 3)
    vault = played.ledger.vault
    assert vault is not None
    opened = vault.open_(told["payload"]["stream"])
    return Sealed(told["index"], snapshot, {o.digest: o.disclosure for o in opened})


def test_npm_sd_jwt_verifies_our_presentation_and_shows_what_is_disclosed(judge: Judge, complaint: Sealed) -> None:
    """A03 封存字段可选择性披露，任何 SD-JWT 程序均可核验。"""
    verify = partial(judge, "sd-jwt", complaint.x, complaint.claims["iat"])
    shown = ([], ["contact"], ["complainant", "text"], ["complainant", "contact", "text"])
    for names, verdict in zip(shown, verify(*(complaint.presented(*n) for n in shown)), strict=True):
        data = verdict["payload"]["data"]
        assert {name for name in complaint.disclosures if name in data} == set(names)
        assert all(data[name] == json.loads(unpadded(complaint.disclosures[name]))[2] for name in names)
        rest = {key: value for key, value in complaint.claims["data"].items() if key != "_sd"}
        assert {key: value for key, value in data.items() if key not in complaint.disclosures} == rest


def rewritten(disclosure: str, value: str) -> str:
    salt, name, _ = json.loads(unpadded(disclosure))
    return base64url(json.dumps([salt, name, value], ensure_ascii=False).encode())


def test_npm_sd_jwt_refuses_what_was_tampered_with(judge: Judge, complaint: Sealed) -> None:
    """Issue 4: a changed header, payload or signature, and a disclosure that belongs to no digest."""
    head, payload, signature = complaint.jws.split(".")
    said = {**complaint.claims, "iat": complaint.claims["iat"] - 1}
    other = base64url(json.dumps(said, ensure_ascii=False).encode())
    broken = [
        f"{head}.{other}.{signature}~",
        f"{head}.{payload}.{base64url(bytes(64))}~",
        f"{head}.{payload}.{signature[:-4]}AAAA~",
        f"{head[:-4]}AAAA.{payload}.{signature}~",
        f"{head}.{payload}.~",
        complaint.presented("text").replace(complaint.disclosures["text"], complaint.disclosures["text"][:-4]),
    ]
    verdicts = judge("sd-jwt", complaint.x, complaint.claims["iat"], *broken)
    assert [token for token, verdict in zip(broken, verdicts, strict=True) if "error" not in verdict] == []


def test_npm_sd_jwt_never_shows_a_value_that_was_not_signed(judge: Judge, complaint: Sealed) -> None:
    """RFC 9901 §7.1 wants a disclosure without a digest refused; the library leaves it out, and ours refuses it.

    So a reader goes by the payload that the library returns, never by the disclosures that came (docs/verify.md).
    """
    true = complaint.disclosures["text"]
    forged = complaint.presented("text").replace(true, rewritten(true, "另一内容"))
    (verdict,) = judge("sd-jwt", complaint.x, complaint.claims["iat"], forged)
    assert "text" not in verdict["payload"]["data"]
    with pytest.raises(FormatError, match="digest"):
        parse_presentation(forged.encode())


def test_npm_jose_verifies_every_event_of_the_worked_cases(judge: Judge, snapshot: Snapshot, node) -> None:
    """RFC 9864: Ed25519 by its own name."""
    events = [json.loads(snapshot[f"/events/{i}.json"]) for i in range(snapshot.size)]
    cases = [{"kind": "jws", "token": e["jws"], "x": e["key"]["public"]} for e in events]
    done = node("presentation.mjs", stdin=json.dumps(cases))
    assert [verdict.get("payload") for verdict in json.loads(done.stdout)] == [e["payload"] for e in events]


def test_npm_jose_refuses_what_was_tampered_with(judge: Judge, complaint: Sealed, snapshot: Snapshot) -> None:
    """Changed bytes, another key, another algorithm, none."""
    head, payload, signature = complaint.jws.split(".")
    names = {"alg": "none", "typ": "jiannuo-event+sd-jwt"}
    broken = [
        f"{head}.{payload[:-4]}AAAA.{signature}",
        f"{head}.{payload}.{base64url(bytes(64))}",
        f"{head}.{payload}.",
        f"{base64url(json.dumps(names).encode())}.{payload}.",
        f"{base64url(json.dumps({**names, 'alg': 'HS256'}).encode())}.{payload}.{signature}",
        f"{payload}.{head}.{signature}",
    ]
    assert all("error" in verdict for verdict in judge("jws", complaint.x, 0, *broken))
    founder = json.loads(snapshot["/events/0.json"])["key"]["public"]
    assert founder != complaint.x
    for kind, token in (("jws", complaint.jws), ("sd-jwt", complaint.presented("text"))):
        (verdict,) = judge(kind, founder, complaint.claims["iat"], token)
        assert "error" in verdict
