"""POST /api/v1/events: 201, 200, 409, 403, 422, receipts that prove themselves, many events at once."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from api.client import Client, RefusedError
from ledger.authoring import Author, utc_now
from ledger.domain.body import BodyRegistered as Registered
from ledger.domain.body import BodyRenamed, BodySucceeded, KeyAuthorised
from ledger.domain.body_terms import Kind, Manner
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import Head, UnavailableError
from ledger.proof.disclosure import MAX_PRESENTATION
from ledger.proof.event import MAX_JWS
from ledger.proof.keys import PrivateKey
from ledger.proof.note import Verifier
from ledger.proof.tlogproof import check
from tests.api.submitting import (
    JOSE,
    NDJSON,
    check_problem,
    claims,
    is_problem,
    key_of,
    operator,
    raw,
    registration,
)
from tests.conftest import OPERATOR

PAPER = (Document("会议纪要", "ab" * 32),)
STREAM = f"body/{fictional_uscc(10)}"


def post(client, event, **headers):
    return client.post("/api/v1/events", content=event, headers={**JOSE, **headers})


def post_many(client, *events, end=b"\n"):
    answer = client.post("/api/v1/events", content=end.join(events) + end, headers=NDJSON)
    return answer, [json.loads(line) for line in answer.content.splitlines()]


def log_key(client):
    return Verifier.parse(client.get("/log/key").text.strip())


def test_a_new_event_is_answered_with_201_and_a_receipt_that_proves_it(client, installation):
    event = registration(installation, 10)
    answer = post(client, event)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    receipt = answer.json()
    assert receipt["index"] == 5
    assert answer.headers["location"] == "/events/5"
    entry = f"{receipt['recorded_at']}\n".encode() + event + b"\n"
    key = log_key(client)
    assert check(receipt["proof"].encode(), entry, [key], key.name).size == 6
    assert receipt["entry_hash"] == hashlib.sha256(b"\x00" + entry).hexdigest()
    assert receipt["event_hash"] == hashlib.sha256(event).hexdigest()
    assert receipt["head"] == {"version": 1, "hash": receipt["event_hash"]}


def test_the_same_event_again_is_answered_with_200_and_the_same_receipt(client, installation):
    event = registration(installation, 10)
    first = post(client, event)
    for again in (event, event + b"~", event + b"\n", event + b"\r\n"):
        answer = post(client, again)
        assert answer.status_code == 200
        assert answer.json() == first.json()
    assert installation.ledger.reader.newest().size == 6


def test_the_receipt_stays_the_same_when_the_log_has_grown(client, installation):
    event = registration(installation, 10)
    first = post(client, event).json()
    post_many(client, *(registration(installation, n) for n in range(20, 320)))
    assert post(client, event).json() == first
    assert client.get(f"/api/v1/receipts/{first['jti']}").json() == first


def test_a_receipt_names_the_head_after_the_ledgers_own_consequences(client, installation):
    by_operator = operator(installation)
    head, key = Head(0, None), PrivateKey.from_seed(bytes(32))
    post(client, registration(installation, 11))
    for fact in (
        Registered("单位", Kind.DEPARTMENT),
        KeyAuthorised(key.public),
        BodySucceeded(fictional_uscc(11), Manner.MERGER),
    ):
        receipt = post(client, by_operator.write(STREAM, head, fact, PAPER)).json()
        head = Head(receipt["head"]["version"], receipt["head"]["hash"])
    assert (receipt["version"], head.version) == (3, 4)
    assert client.get(f"/api/v1/streams/{STREAM}/head").json() == {"stream": STREAM, "version": 4, "hash": head.hash}


def test_409_tells_the_head_and_one_can_go_on_from_it(client, installation):
    post(client, registration(installation, 10))
    event = operator(installation).write(STREAM, Head(5, "0" * 64), BodyRenamed("新名称"), PAPER)
    found = is_problem(post(client, event), 409)
    assert found["type"] == "/problems/conflict"
    head = Head(found["head"]["version"], found["head"]["hash"])
    assert post(client, operator(installation).write(STREAM, head, BodyRenamed("新名称"), PAPER)).status_code == 201


def test_409_for_an_id_that_names_another_event(client, installation):
    key = key_of(installation)
    first = claims(10)
    assert post(client, raw(key, first)).status_code == 201
    found = is_problem(post(client, raw(key, {**claims(11), "jti": first["jti"]})), 409)
    assert found["type"] == "/problems/jti-reused"
    assert "head" not in found


def test_403_for_a_key_that_is_not_authorised(client):
    stranger = Author(OPERATOR.uscc, PrivateKey.from_seed(bytes(32)))
    found = is_problem(post(client, stranger.write(STREAM, Head(0, None), Registered("单位", Kind.DEPARTMENT))), 403)
    assert found["type"] == "/problems/signature"


def test_422_names_the_rule_and_its_source(client, installation):
    post(client, registration(installation, 10))
    head = client.get(f"/api/v1/streams/{STREAM}/head").json()
    event = operator(installation).write(STREAM, Head(1, head["hash"]), BodyRenamed("新名称"))
    found = is_problem(post(client, event), 422)
    assert found["rule"] == "body.basis"
    assert found["source"]


def test_415_for_another_content_type_says_which_are_taken(client, installation):
    for kind in ("application/json", "text/plain", "", "application/jose+json", "multipart/form-data"):
        found = client.post("/api/v1/events", content=registration(installation, 10), headers={"content-type": kind})
        is_problem(found, 415)
        assert found.headers["accept-post"] == "application/jose, application/x-ndjson"
    parameters = {"content-type": "Application/JOSE; charset=utf-8"}
    assert client.post("/api/v1/events", content=registration(installation, 10), headers=parameters).status_code == 201


def test_413_where_the_body_is_longer_than_an_event_can_be(client):
    is_problem(post(client, b"a" * (MAX_PRESENTATION + 3)), 413)
    is_problem(client.post("/api/v1/events", content=(b"a" * 1000 for _ in range(400)), headers=JOSE), 413)
    is_problem(post(client, b"a", **{"content-length": "9" * 5000}), 413)
    is_problem(post(client, b"a" * (MAX_PRESENTATION + 2)), 400)


def test_an_event_of_the_greatest_size_is_taken(client, installation):
    key = key_of(installation)
    found = claims(10)
    spaces = (MAX_JWS - len(raw(key, found))) * 3 // 4 - 2
    event = raw(key, json.dumps(found, ensure_ascii=False).encode() + b" " * spaces)
    assert MAX_JWS - 8 < len(event) <= MAX_JWS
    assert post(client, event).status_code == 201
    is_problem(post(client, raw(key, json.dumps(claims(11)).encode() + b" " * (spaces + 12_000))), 400)


# --- many -----------------------------------------------------------------------------------------------------------


def test_many_events_are_answered_a_line_each_in_order(client, installation):
    events = [registration(installation, n) for n in range(20, 40)]
    answer, lines = post_many(client, *events)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert [line["index"] for line in lines] == list(range(5, 25))
    assert [line["event_hash"] for line in lines] == [hashlib.sha256(e).hexdigest() for e in events]
    answer, again = post_many(client, *events)
    assert answer.status_code == 200
    assert [{**line, "status": 201} for line in again] == lines


def test_a_mixture_is_answered_with_207_and_each_line_by_itself(client, installation):
    known = registration(installation, 20)
    post(client, known)
    stranger = Author(OPERATOR.uscc, PrivateKey.from_seed(bytes(32)))
    events = [
        registration(installation, 21),
        known,
        b"nonsense",
        stranger.write(STREAM, Head(0, None), Registered("单位", Kind.DEPARTMENT)),
        operator(installation).write(STREAM, Head(4, "0" * 64), BodyRenamed("新名称"), PAPER),
        operator(installation).write(STREAM, Head(0, None), BodyRenamed("新名称")),
        registration(installation, 22),
        registration(installation, 21),
    ]
    answer, lines = post_many(client, *events)
    assert answer.status_code == 207
    assert [line["status"] for line in lines] == [201, 200, 400, 403, 409, 422, 201, 409]
    for line in lines:
        if line["status"] >= 400:
            check_problem(line, line["status"])
    assert lines[4]["head"] == {"version": 0, "hash": None}
    assert lines[7]["head"] == lines[0]["head"]
    assert installation.ledger.reader.newest().size == 8


def test_one_event_twice_in_one_request_is_there_once(client, installation):
    event = registration(installation, 20)
    answer, (first, second) = post_many(client, event, event)
    assert answer.status_code == 201 or answer.status_code == 200
    assert (first["status"], second["status"]) == (201, 200)
    assert {**second, "status": 201} == first


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"])
def test_line_ends_and_empty_lines_do_not_matter(client, installation, end):
    answer, lines = post_many(client, registration(installation, 20), registration(installation, 21), end=end)
    assert answer.status_code == 201
    assert len(lines) == 2


@pytest.mark.parametrize("body", [b"", b"\n", b"\r\n\n\r\n"])
def test_no_event_at_all_is_refused(client, body):
    is_problem(client.post("/api/v1/events", content=body, headers=NDJSON), 400)


def test_413_for_more_than_a_request_may_hold(client):
    is_problem(client.post("/api/v1/events", content=b"x\n" * 40_001, headers=NDJSON), 413)
    is_problem(client.post("/api/v1/events", content=b"x" * (16 * 1024 * 1024 + 1), headers=NDJSON), 413)


# --- asking ---------------------------------------------------------------------------------------------------------


def test_the_head_of_a_stream_without_events_is_version_0(client):
    answer = client.get(f"/api/v1/streams/{STREAM}/head")
    assert answer.json() == {"stream": STREAM, "version": 0, "hash": None}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("stream", ["body/%00", "body/a%20b", "else/1", "body/" + "a" * 65, "body/%ff", "nothing/1"])
def test_the_head_of_what_is_no_stream_is_refused(client, stream):
    is_problem(client.get(f"/api/v1/streams/{stream}/head"), 400)


def test_the_receipt_of_no_event_is_404(client):
    is_problem(client.get("/api/v1/receipts/0198c5a2-0000-7000-8000-000000000001"), 404)
    is_problem(client.get("/api/v1/receipts/nonsense"), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(client, method):
    answer = client.request(method, "/api/v1/events")
    is_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


# --- time -----------------------------------------------------------------------------------------------------------


def test_a_signers_clock_may_be_five_minutes_ahead_and_no_more(client, installation):
    ahead = replace(operator(installation), clock=lambda: utc_now() + timedelta(seconds=290))
    far = replace(operator(installation), clock=lambda: utc_now() + timedelta(seconds=310))
    fact = Registered("单位", Kind.DEPARTMENT)
    found = is_problem(post(client, far.write(STREAM, Head(0, None), fact)), 422)
    assert found["rule"] == "event.iat"
    assert post(client, ahead.write(STREAM, Head(0, None), fact)).status_code == 201


def test_a_signers_clock_far_behind_does_not_matter(client, installation):
    behind = replace(operator(installation), clock=lambda: utc_now() - timedelta(days=9000))
    assert post(client, behind.write(STREAM, Head(0, None), Registered("单位", Kind.DEPARTMENT))).status_code == 201


# --- over the wire --------------------------------------------------------------------------------------------------


@pytest.fixture
def caller(served):
    """The Python client of the ledger."""
    with Client(served.url) as made:
        yield made


def test_the_client_signs_submits_and_goes_on(caller, served):
    author = operator(served.installation)
    receipt = caller.submit(author.write(STREAM, caller.head(STREAM), Registered("单位", Kind.DEPARTMENT)))
    assert caller.head(STREAM) == Head(1, receipt["event_hash"])
    with pytest.raises(RefusedError) as refused:
        caller.submit(author.write(STREAM, Head(0, None), Registered("单位", Kind.DEPARTMENT)))
    assert refused.value.problem["status"] == 409
    answers = list(caller.submit_many([registration(served.installation, 20), b"nonsense"]))
    assert answers[0]["status"] == 201
    assert isinstance(answers[1], RefusedError)


def test_the_client_says_in_words_that_the_ledger_is_not_there():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(url) as client, pytest.raises(UnavailableError, match="cannot be reached"):
            client.head(STREAM)


def test_many_clients_at_once_all_get_their_own_receipt(served):
    events = [registration(served.installation, n) for n in range(20, 84)]
    answers = {}

    def submit(part):
        with httpx.Client(base_url=served.url) as http:
            for event in part:
                answers[event] = http.post("/api/v1/events", content=event, headers=JOSE).json()

    threads = [threading.Thread(target=submit, args=(events[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a["index"] for a in answers.values()) == list(range(5, 69))
    for event, answer in answers.items():
        entry = f"{answer['recorded_at']}\n".encode() + event + b"\n"
        key = served.installation.ledger.log_key.verifier
        check(answer["proof"].encode(), entry, [key], key.name)


def request_head(length):
    return (
        f"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/jose\r\ncontent-length: {length}\r\n\r\n"
    ).encode()


def test_a_client_that_goes_away_in_the_middle_of_its_body_leaves_nothing_behind(served):
    event = registration(served.installation, 20)
    for part in (0, 1, len(event) // 2, len(event) - 1):
        with closing(socket.create_connection(served.address, timeout=5)) as connection:
            connection.sendall(request_head(len(event)) + event[:part])
    assert httpx.get(f"{served.url}/livez").status_code == 200
    assert served.installation.ledger.reader.newest().size == 5


def test_a_client_that_goes_away_before_the_answer_finds_its_event_recorded(served):
    event = registration(served.installation, 20)
    with closing(socket.create_connection(served.address, timeout=5)) as connection:
        connection.sendall(request_head(len(event)) + event)
    deadline = time.monotonic() + 5
    while served.installation.ledger.reader.newest().size == 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    answer = httpx.post(f"{served.url}/api/v1/events", content=event, headers=JOSE)
    assert (answer.status_code, answer.json()["index"]) == (200, 5)


def test_a_slow_client_keeps_nobody_waiting(served):
    slow, quick = registration(served.installation, 20), registration(served.installation, 21)
    with closing(socket.create_connection(served.address, timeout=5)) as connection:
        connection.sendall(request_head(len(slow)) + slow[:10])
        assert httpx.post(f"{served.url}/api/v1/events", content=quick, headers=JOSE).json()["index"] == 5
        for start in range(10, len(slow), 200):
            connection.sendall(slow[start : start + 200])
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
    assert served.installation.ledger.reader.newest().size == 7


def test_a_body_in_chunks_is_the_same_body(served):
    event = registration(served.installation, 20)
    pieces = (event[n : n + 100] for n in range(0, len(event), 100))
    assert httpx.post(f"{served.url}/api/v1/events", content=pieces, headers=JOSE).status_code == 201


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: \xb2\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/v1/events HTTP/1.1\r\nhost: x\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
        b"POST /api/v1/events\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
    ],
    ids=["negative length", "odd length", "two lengths", "many headers", "NUL", "TLS", "version"],
)
def test_what_is_no_http_harms_nobody(served, request_):
    with closing(socket.create_connection(served.address, timeout=5)) as connection:
        try:
            connection.sendall(request_)
            connection.shutdown(socket.SHUT_WR)
            status = connection.recv(1000)[9:12]
        except ConnectionError:
            status = b""
    assert status in {b"", b"400", b"404", b"413", b"414", b"415", b"431"}, status
    assert httpx.get(f"{served.url}/livez").status_code == 200
