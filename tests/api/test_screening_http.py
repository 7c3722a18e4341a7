"""Screening over HTTP: bounded, strict, and closed where it has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest

from api.limits import Rate
from api.screening import routes as screening_routes
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation
from ledger.proof.attestation import SCREENING, verify_attestation
from tests.conftest import OPERATOR

if TYPE_CHECKING:
    from starlette.testclient import TestClient

ASK = {"purpose": "awards", "subjects": [OPERATOR.uscc, "查无此单位"]}


@pytest.fixture
def office(client: TestClient, installation: Installation) -> dict[str, str]:
    return {"authorization": f"Bearer {installation.token()}"}


def test_a_question_is_answered_and_signed(client: TestClient, installation: Installation) -> None:
    """G05 G06 bidder screening: never kept by a cache."""
    answer = client.post("/api/v1/screen", json=ASK)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [r["answer"] for r in found["answer"]["results"]] == ["clear", "unknown"]
    assert verify_attestation(found["jws"].encode(), installation.ledger.public_key, SCREENING) == found["answer"]
    assert found["answer"]["audience"] == "public"
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_makes_it_an_offices_question(client: TestClient, office: dict[str, str]) -> None:
    """G04 F15: audience and log say so; the log is closed to the public."""
    assert client.post("/api/v1/screen", json=ASK, headers=office).json()["answer"]["audience"] == "office"
    client.post("/api/v1/screen", json=ASK)
    rows = client.get("/api/v1/screen/log", headers=office).json()["screenings"]
    assert [(r["audience"], r["subjects"], r["unknown"]) for r in rows] == [("public", 2, 1), ("office", 2, 1)]
    assert client.get("/api/v1/screen/log").status_code == 403
    assert client.get("/api/v1/screen/log?before=x", headers=office).status_code == 400


def test_a_wrong_token_is_not_answered_as_the_public(client: TestClient) -> None:
    """G04 F15: an office whose token is wrong must not take the public's “clear” for its own."""
    wrong = {"authorization": "Bearer wrong"}
    for method, path in (("POST", ""), ("POST", "/ruled-out"), ("POST", "/ruled-out/take-back"), ("GET", "/log")):
        answer = client.request(method, f"/api/v1/screen{path}", json=ASK, headers=wrong)
        assert answer.status_code == 401, path
        assert answer.json()["detail_zh"] == "令牌不是审计令牌"


def test_only_an_office_rules_out_a_match(client: TestClient, office: dict[str, str]) -> None:
    """G05 confirmed false matches: 403 without the token, 404 for a body that is not there, 409 taken back twice."""
    ruling = {"name": "某某", "body": OPERATOR.uscc, "reason": "不是同一单位", "by": OPERATOR.uscc}
    assert client.post("/api/v1/screen/ruled-out", json=ruling).status_code == 403
    made = client.post("/api/v1/screen/ruled-out", json=ruling, headers=office)
    assert made.status_code == 201
    wrong = {**ruling, "body": fictional_uscc(999)}
    assert client.post("/api/v1/screen/ruled-out", json=wrong, headers=office).status_code == 404
    back = {"number": made.json()["number"], "reason": "有误", "by": OPERATOR.uscc}
    address = "/api/v1/screen/ruled-out/take-back"
    assert client.post(address, json=back).status_code == 403
    assert client.post(address, json=back, headers=office).status_code == 201
    twice = client.post(address, json=back, headers=office)
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/taken-back")
    assert "head" not in twice.json()  # no event, no stream: nothing to follow


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (orjson.dumps(ASK), "text/plain", 415),
        (orjson.dumps({**ASK, "subjects": ["x"] * 10_001}), "application/json", 400),
        (orjson.dumps({**ASK, "on": "1990-01-01"}), "application/json", 400),
        (orjson.dumps({**ASK, "purpose": "recruitment"}), "application/json", 400),
    ],
)
def test_anything_else_is_a_problem(client: TestClient, body: bytes, kind: str, status: int) -> None:
    """Issue 5: problem+json, no stack trace."""
    answer = client.post("/api/v1/screen", content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_body_beyond_the_bound_is_not_read(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issue 5: bounded body size."""
    monkeypatch.setattr(screening_routes, "MAX_BODY", 100)
    answer = client.post("/api/v1/screen", content=b" " * 101, headers={"content-type": "application/json"})
    assert answer.status_code == 413


def test_who_asks_too_often_is_told_when_to_come_back(client: TestClient) -> None:
    """Issue 5 part 6: rate limits with Retry-After."""
    client.app.state.screening_rate = Rate(2, 3600)
    answers = [client.post("/api/v1/screen", json=ASK) for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
