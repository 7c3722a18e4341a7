"""What the tests of submitting share: signed events of the operator, raw JWS, and what a refusal must look like."""

from __future__ import annotations

import base64
import itertools
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx

from ledger.authoring import Author, new_id
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import Head
from ledger.installation import Installation
from ledger.keys import keystore
from ledger.proof.keys import PrivateKey
from tests.conftest import OPERATOR

JOSE = {"content-type": "application/jose"}
NDJSON = {"content-type": "application/x-ndjson"}
_numbers = itertools.count(100_000)
CHINESE = re.compile("[\u4e00-\u9fff]")


def operator(installation: Installation) -> Author:
    """Signs as the operator."""
    return installation.author("operator", OPERATOR.uscc)


def registration(installation: Installation, number: int, name: str = "示例单位") -> bytes:
    """The registration of body number ``number``."""
    stream = f"body/{fictional_uscc(number)}"
    return operator(installation).write(stream, Head(0, None), BodyRegistered(f"{name}{number}", Kind.DEPARTMENT))


def new_uscc() -> str:
    """A body that was not named before."""
    return fictional_uscc(next(_numbers))


def key_of(installation: Installation) -> PrivateKey:
    """The operator's key."""
    return keystore.load(installation.settings.keys / "operator.pem")


def b64(data: bytes) -> bytes:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def header(key: PrivateKey) -> dict[str, Any]:
    """The only header that is right."""
    return {"alg": "Ed25519", "kid": key.kid, "typ": "jiannuo-event+sd-jwt"}


def claims(number: int | None = None) -> dict[str, Any]:
    """The claims of a registration by the operator: of body ``number``, or of one that was not named before."""
    number = next(_numbers) if number is None else number
    return {
        "iss": OPERATOR.uscc,
        "iat": 1_790_000_000 - 40_000_000,
        "jti": new_id(),
        "stream": f"body/{fictional_uscc(number)}",
        "version": 1,
        "event": "BodyRegistered",
        "schema": 1,
        "data": {"name": "示例单位", "kind": "department"},
    }


def raw(key: PrivateKey, payload: bytes | Mapping[str, Any], head: bytes | Mapping[str, Any] | None = None) -> bytes:
    """A compact JWS of any bytes, rightly signed."""
    if head is None:
        head = header(key)
    parts = [p if isinstance(p, bytes) else json.dumps(p, ensure_ascii=False).encode() for p in (head, payload)]
    signing_input = b".".join(map(b64, parts))
    return signing_input + b"." + b64(key.sign(signing_input))


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The answer is an RFC 9457 problem of this status, in Chinese and English."""
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    return check_problem(answer.json(), status)


def check_problem(found: dict[str, Any], status: int) -> dict[str, Any]:
    """The members of a problem are complete (RFC 9457 §3.1) and in both languages."""
    assert found["status"] == status
    assert found["type"].startswith("/problems/")
    for member in ("title", "detail"):
        assert found[member], member
        assert CHINESE.search(found[f"{member}_zh"]), found
        assert len(found[member]) < 1200, "a refusal repeats no long input"
    assert "Traceback" not in json.dumps(found)
    assert 'File "' not in json.dumps(found)
    return found
