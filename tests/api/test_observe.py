"""What an operator sees: one JSON line a request with its id, metrics, health; and no personal data in any of it."""

from __future__ import annotations

import io
import json
import logging
import re
import sys

import pytest
import structlog

from api import observe
from ledger.errors import UnavailableError
from tests.api.submitting import JOSE, registration
from tests.conftest import caller_of

SECRET = "zhang-san-350000199001010000"


@pytest.fixture
def lines(monkeypatch):
    """The JSON lines that were logged, as configured by ``serve``."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    observe.configure_logging("info")
    logging.getLogger("httpx").setLevel("WARNING")  # the test's own client
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def logged(lines, app):
    """The application, made after logging was configured, and its lines."""
    return caller_of(app), lines


def test_each_request_is_one_json_line_with_its_id(logged):
    client, lines = logged
    answer = client.get("/log/checkpoint")
    (line,) = (line for line in lines() if line["event"] == "request")
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["status"], line["level"]) == ("GET", 200, "info")
    assert line["ms"] >= 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])


def test_no_value_of_a_path_a_query_a_header_or_a_body_is_logged(logged, installation):
    client, lines = logged
    client.get(f"/api/v1/streams/body/{SECRET}/head?{SECRET}={SECRET}")
    client.get(f"/log/proof/{SECRET}", headers={"authorization": f"Bearer {SECRET}", "cookie": SECRET})
    client.get(f"/{SECRET}", headers={"user-agent": SECRET})
    client.post("/api/v1/events", content=SECRET.encode(), headers=JOSE)
    client.post("/api/v1/events", content=registration(installation, 10, SECRET), headers=JOSE)
    client.request("X" + SECRET.upper(), "/")
    text = json.dumps(lines()).lower()
    assert text.count('"request"') >= 6
    assert SECRET not in text
    assert SECRET not in client.get("/metrics").text.lower()


def test_a_refusal_is_logged_by_its_kind_with_the_requests_id(logged):
    client, lines = logged
    one = client.post("/api/v1/events", content=b"no event", headers=JOSE)
    many = client.post("/api/v1/events", content=b"no event", headers={"content-type": "application/x-ndjson"})
    found = [(line["code"], line["request_id"]) for line in lines() if line["event"] == "refused"]
    assert found == [("malformed", answer.headers["x-request-id"]) for answer in (one, many)]
    assert 'jiannuo_refusals_total{code="malformed"}' in client.get("/metrics").text


def test_a_callers_request_id_is_kept_if_it_is_a_plain_word(client):
    assert client.get("/livez", headers={"x-request-id": "Abc.1_2-3"}).headers["x-request-id"] == "Abc.1_2-3"
    for bad in ("", "a b", "a" * 65, '"', "é".encode("latin-1"), b"a\tb"):
        answer = client.get("/livez", headers={"x-request-id": bad})
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])


def test_other_programs_logs_are_json_too_and_name_the_error_but_not_its_text(lines):
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    (line,) = lines()
    assert (line["event"], line["error"], line["logger"]) == (
        "Exception in ASGI application",
        "ValueError",
        "uvicorn.error",
    )
    assert SECRET not in json.dumps(line)


def test_what_nobody_foresaw_is_a_500_that_says_nothing_of_the_inside(logged, installation, monkeypatch):
    client, lines = logged

    def fail(**_):
        raise RuntimeError(SECRET)

    monkeypatch.setattr(installation.ledger.reader, "newest", fail)
    with pytest.raises(RuntimeError):
        client.get("/log/checkpoint")
    quiet = type(client)(client.app, raise_server_exceptions=False)
    answer = quiet.get("/log/checkpoint")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert SECRET not in answer.text
    assert SECRET not in json.dumps(lines())
    assert {line["status"] for line in lines() if line["event"] == "request"} == {500}


def test_alive_and_ready(client):
    for address in ("/livez", "/readyz"):
        assert (client.get(address).status_code, client.get(address).text) == (200, "ok\n")
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


def test_alive_but_not_ready_while_the_database_is_away(client, installation, monkeypatch):
    def away(**_):
        raise UnavailableError("the database cannot be reached now", "数据库暂时无法连接")

    monkeypatch.setattr(installation.ledger.reader, "newest", away)
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    answer = client.get("/log/checkpoint")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200


def test_an_error_page_says_what_its_status_obliges_to(client, installation, monkeypatch):
    """RFC 9110 §10.2.3, §15.5.6: when to come again, which methods are allowed; for people's browsers, too."""
    asked = {"accept": "text/html"}
    assert set(client.post("/bodies", headers=asked).headers["allow"].split(", ")) == {"GET", "HEAD"}

    def away(*_, **__):
        raise UnavailableError("the database cannot be reached now", "数据库暂时无法连接")

    monkeypatch.setattr(client.app.state.reading, "moment", away)
    answer = client.get("/bodies", headers=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert answer.headers["retry-after"] == "1"


def test_not_ready_when_the_database_does_not_answer(client, installation, databases):
    """The real thing: connections are refused."""
    name = installation.settings.database_url.rpartition("/")[2].partition("?")[0]
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    databases.disconnect(name)
    assert client.get("/readyz").status_code == 503
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    assert client.get("/readyz").status_code == 200


def test_not_ready_once_the_ledger_takes_no_more(client, installation):
    installation.ledger._writer.close()
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503
    answer = client.post("/api/v1/events", content=registration(installation, 10), headers=JOSE)
    assert answer.status_code == 503
    assert answer.json()["detail_zh"]


def test_metrics_count_requests_by_route_and_status(client, installation):
    def count(route, status):
        found = re.search(
            rf'jiannuo_http_requests_total{{method="GET",route="{re.escape(route)}",status="{status}"}} (\S+)',
            client.get("/metrics").text,
        )
        return float(found[1]) if found else 0.0

    before = {key: count(*key) for key in (("proof", 200), ("proof", 404), ("unmatched", 404), ("checkpoint", 200))}
    client.get("/log/proof/0")
    client.get("/log/proof/4")
    client.get("/log/proof/999")
    client.get("/log/checkpoint")
    client.get("/nothing/here/at/all.json")
    after = {key: count(*key) for key in before}
    assert {k: after[k] - before[k] for k in before} == {
        ("proof", 200): 2,
        ("proof", 404): 1,
        ("unmatched", 404): 1,
        ("checkpoint", 200): 1,
    }
    text = client.get("/metrics").text
    assert f"jiannuo_log_entries {float(installation.ledger.size)}" in text
    assert "jiannuo_http_request_seconds_bucket" in text


def series_of(client):
    lines = client.get("/metrics").text.splitlines()
    return {line.partition(" ")[0] for line in lines if "requests_total{" in line}


def test_any_number_of_addresses_and_methods_makes_few_series(client):
    before = series_of(client)
    for n in range(50):
        client.get(f"/api/v1/streams/body/{n}/head")
        client.get(f"/else/{n}")
        client.request(f"M{n}", f"/else/{n}")
    assert len(series_of(client) - before) < 10
