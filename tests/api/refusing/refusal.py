"""What every refusal must be: a problem in both languages, below 500, and nothing half-stored."""

from __future__ import annotations

import json
import re

from ledger.errors import Head
from tests.api.submitting import JOSE, NDJSON, check_problem, is_problem, operator


def head_of(client):
    answer = client.get("/log/checkpoint")
    assert answer.status_code == 200
    return answer.text


def refused(client, event, status, *said):
    """The event is refused alone and among others, says why, and leaves nothing behind."""
    before = head_of(client)
    answer = client.post("/api/v1/events", content=event, headers=JOSE)
    found = is_problem(answer, status)
    for word in said:
        assert re.search(word, found["detail"]), found["detail"]
    if b"\n" not in event and event.strip():
        many = client.post("/api/v1/events", content=event + b"\n", headers=NDJSON)
        assert many.status_code == 207
        (line,) = [json.loads(text) for text in many.content.splitlines()]
        assert check_problem(line, status)["detail"] == found["detail"]
    assert head_of(client) == before, "something was stored"
    return found


def submit(client, installation, stream, fact, basis=()):
    head = client.get(f"/api/v1/streams/{stream}/head").json()
    event = operator(installation).write(stream, Head(head["version"], head["hash"]), fact, basis)
    answer = client.post("/api/v1/events", content=event, headers=JOSE)
    assert answer.status_code == 201, answer.text
    return answer.json()
