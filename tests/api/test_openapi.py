"""The description of ``/api/v1`` is valid, whole and true: whatever is sent is answered as it says."""

from __future__ import annotations

import os
import re
import warnings
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from api.v1 import examples, openapi
from api.v1.resources import RESOURCES
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


def test_examples_are_what_the_worked_cases_answer(public: Any) -> None:
    """Part 6: examples are real."""
    now = made.pages(public)
    assert now.keys() == examples.PAGES.keys()
    for name, page in examples.PAGES.items():
        if name != "events":  # their hashes are of keys that every ledger makes anew
            assert page["items"] == now[name]["items"], "run python -m tests.examples"
    for resource in RESOURCES.values():
        own = examples.id_of(resource)
        if own and resource.single:
            assert public.get(f"/api/v1/{resource.name}/{own}").status_code == 200


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
