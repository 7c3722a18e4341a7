"""The description of ``/api/v1`` is valid, whole and true: whatever is sent is answered as it says."""

from __future__ import annotations

import os
import re
import warnings
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import orjson
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.v1 import examples, openapi
from api.v1.office import OFFICE
from api.v1.resources import RESOURCES
from api.webhooks.messages import READS, Topic, challenge, message_of, retraction, waiting
from ledger.domain.event import legal_day
from ledger.installation import Installation
from ledger.proof.event import format_time
from tests import examples as made

warnings.filterwarnings("ignore", module="schemathesis.*")
DOCUMENT = openapi.document()
OPERATIONS = list(openapi.operations())
ROUNDS = int(os.environ.get("SCHEMATHESIS_ROUNDS", "12"))
"""Cases of each operation; a longer run: SCHEMATHESIS_ROUNDS=1000 python -m pytest tests/api/test_openapi.py."""


def test_the_description_is_openapi_3_1() -> None:
    """Part 6: OpenAPI 3.1, and each schema in it is one of JSON Schema 2020-12."""
    OPENAPI_31_VALIDATOR.validate(DOCUMENT)
    for operation in OPERATIONS:
        for answer in operation.answers.values():
            for content in answer.content.values():
                assert jsonschema_rs.meta.is_valid(dict(content.schema))


def test_every_route_is_described_and_every_description_has_its_route(book_app: FastAPI) -> None:
    """Part 6: the description is whole."""
    described = {(o.method, re.sub(r"\{[^}]*\}", "{}", o.path)) for o in OPERATIONS}
    assert len(described) == len(OPERATIONS) == len({o.id for o in OPERATIONS})
    routes = {
        (method, re.sub(r"\{[^}]*\}", "{}", route.path))
        for route in book_app.router.routes
        for method in getattr(route, "methods", None) or ()
        if getattr(route, "path", "").startswith("/api/v1/") and method != "HEAD" and not route.path.endswith(".json")
    }
    assert routes == described - {("GET", "/api/v1/openapi.json")}


def test_every_text_is_in_both_languages() -> None:
    """Part 6: English and Chinese descriptions."""
    texts = [t for o in OPERATIONS for t in ((o.en, o.zh), *((p.en, p.zh) for p in o.parameters))]
    texts += [(a.en, a.zh) for o in OPERATIONS for a in o.answers.values()]
    for en, zh in texts:
        assert not re.search("[\u4e00-\u9fff]", en), en
        assert re.search("[\u4e00-\u9fff]|OpenAPI", zh), zh


def test_examples_are_what_the_worked_cases_answer(public: Any, played: Installation) -> None:
    """Part 6: examples are real."""
    now = made.pages(public, played.token())
    assert now.keys() == examples.PAGES.keys()
    for name, page in examples.PAGES.items():
        if name != "events":  # their hashes are of keys that every ledger makes anew
            assert page["items"] == now[name]["items"], "run python -m tests.examples"
    for resource in RESOURCES.values():
        own = examples.id_of(resource)
        if own and resource.single:
            assert public.get(f"/api/v1/{resource.name}/{own}").status_code == 200


def _valid(schema: Any, value: Any) -> None:
    jsonschema_rs.validator_for({**schema, "components": DOCUMENT["components"]}).validate(value)


def test_every_example_is_of_the_form_that_stands_beside_it() -> None:
    """Part 6: examples; of everything that is answered in JSON, and of every body that is taken in it."""
    without = set()
    for operation in OPERATIONS:
        for parameter in operation.parameters:
            if parameter.example is not None:
                _valid(parameter.schema(), parameter.example)
        bodies = [operation.accepts, *(a.content for status, a in operation.answers.items() if status < 300)]
        for media, content in (pair for body in bodies for pair in body.items()):
            if media == "application/json" and content.example is None:
                without.add(operation.id.removesuffix(".one"))
            elif media == "application/json":
                _valid(dict(content.schema), content.example)
    empty = {*RESOURCES, *OFFICE} - examples.PAGES.keys()  # these have no row in the worked cases
    assert without - empty == {"submit", "head", "ask_head", "receipt", "open", "lookups", "openapi"}


@pytest.mark.parametrize("auditor", [False, True])
def test_what_is_asked_by_the_examples_is_answered_as_described(public: Any, played: Any, *, auditor: bool) -> None:
    """Part 6: schemas and headers, for everybody and for holders of the auditors' token."""
    headers = {"authorization": f"Bearer {played.token()}"} if auditor else {}
    for path, methods in DOCUMENT["paths"].items():
        if "get" not in methods or "{own}" in path or path == "/api/v1/snapshot/{id}/{name}":
            continue
        asked, parameters = methods["get"], methods["get"]["parameters"]
        address = path.format(**{p["name"]: p.get("example", "x") for p in parameters if p["in"] == "path"})
        query = {p["name"]: p["example"] for p in parameters if p["required"] and p["in"] == "query"}
        query |= {"limit": 1} if any(p["name"] == "after" for p in parameters) else {}
        answer = public.get(address, params=query, headers=headers)
        assert answer.status_code in {200, 403, 404}, path
        told, media = asked["responses"][str(answer.status_code)], answer.headers["content-type"].partition(";")[0]
        if media.endswith("json"):
            _valid(told["content"][media]["schema"], answer.json())
        sent = {name for name in ("etag", "link", "content-disposition") if name in answer.headers}
        assert sent <= {name.lower() for name in told.get("headers", {})}, path
        if "etag" in sent:
            again = {**headers, "if-none-match": answer.headers["etag"]}
            assert public.get(address, params=query, headers=again).status_code == 304
            assert "304" in asked["responses"], path


def test_more_values_than_described_are_refused(public: Any) -> None:
    """Part 6: a parameter that takes several takes twenty."""
    assert public.get(f"/api/v1/bodies?facets={','.join(['kind'] * 20)}").status_code == 200
    assert public.get(f"/api/v1/bodies?facets={','.join(['kind'] * 21)}").status_code == 400


def test_whoever_is_refused_for_now_is_told_when_to_come_again() -> None:
    """Part 6: Retry-After, wherever 429 and 503 are answered."""
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            assert all("Retry-After" in operation["responses"][status]["headers"] for status in ("429", "503"))


def test_the_token_that_an_operation_needs_is_named() -> None:
    """Part 6: whose token it is: nobody sends the auditors' to ask for a subscription."""
    needed = {o.id: DOCUMENT["paths"][o.path][o.method.lower()]["security"] for o in OPERATIONS}
    subscribers = {own for own, security in needed.items() if security == [{"subscription": []}]}
    assert subscribers == {"subscription", "renew", "unsubscribe"}
    assert needed["screeningLog"] == [{"auditor": []}]


@pytest.mark.parametrize("topic", ["regions/990000", "areas/investment_promotion", "takedowns"])
def test_what_receivers_are_sent_is_described(book_app: FastAPI, topic: str) -> None:
    """Part 6: the messages of webhooks (OpenAPI 3.1 §4.8.1)."""
    reading, asked = book_app.state.reading, Topic.parse(topic)
    moment = reading.moment(None, legal_day(book_app.state.installation.clock()), *READS)
    described = DOCUMENT["webhooks"]["takedown" if topic == "takedowns" else "happening"]["post"]
    rows = waiting(reading, moment, asked, 0, 50)
    assert rows
    for row in rows:
        message = message_of(reading, moment, asked, row)
        _valid(described["requestBody"]["content"]["application/json"]["schema"], orjson.loads(message.body))


def test_what_receivers_are_asked_and_told_to_forget_is_described() -> None:
    """Part 6: the same of the question before a subscription, and of what is taken back."""
    day = datetime(2026, 11, 21, tzinfo=UTC)
    said = {
        "verification": challenge("…", "takedowns", "…", day, format_time(day)),
        "retracted": retraction("…", 7, format_time(day)).body,
    }
    for name, body in said.items():
        described = DOCUMENT["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
        _valid(described, orjson.loads(body))


def test_the_page_of_the_interface_lists_it_without_script(public: Any) -> None:
    """Part 6: the interface for people."""
    page = public.get("/api/v1")
    assert page.status_code == 200
    assert "<script" not in page.text
    for operation in OPERATIONS:
        assert operation.path in page.text


@schemathesis.serializer("application/jose", "application/sd-jwt", "application/x-ndjson")
def _as_text(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


# A day to come, a cursor of no page, an id of no kind of case: well-formed, and nothing that a schema could tell.
EXCLUDED = [positive_data_acceptance]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
_TELLS = re.compile(r"Traceback|psycopg|SELECT |FROM \w+_1\.|File \"|syntax error", re.IGNORECASE)


POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")  # its own use of chance
@pytest.mark.parametrize(
    ("operation", "mode"),
    [(o, POSITIVE) for o in OPERATIONS] + [(o, NEGATIVE) for o in OPERATIONS if o.parameters],
    ids=lambda value: getattr(value, "id", None) or value.value,
)
def test_whatever_is_sent_is_answered_as_described(operation: Any, mode: GenerationMode, book_app: FastAPI) -> None:
    """Must hold: schemathesis over the whole interface: no 5xx, no stack trace, no SQL in an answer."""
    SCHEMA.app = book_app
    found = SCHEMA[operation.path][operation.method]

    @settings(
        max_examples=ROUNDS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
    )
    @given(case=found.as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        answer = case.call()
        case.validate_response(answer, excluded_checks=EXCLUDED)
        assert answer.status_code < 500
        assert not _TELLS.search(answer.text)

    sent()
