"""Examples for the description, out of the worked cases (examples/cases): bodies and papers in them are invented.

``examples.json`` is made by ``python -m tests.examples``; a test holds that each is of the described form and that the
worked cases still say it.

>>> from api.v1.resources import RESOURCES
>>> id_of(RESOURCES["bodies"])
'11990000000000019A'
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

import orjson

from api.v1.resources import Resource

_FOUND: Mapping[str, Any] = orjson.loads(resources.files("api.v1").joinpath("examples.json").read_bytes())
PAGES: Mapping[str, Any] = _FOUND["pages"]
"""A page of each resource, by its name."""
FILES: Mapping[str, Mapping[str, str]] = _FOUND["files"]
"""The beginning of the exports of each resource, by its name and by form (csv, jsonl)."""
ANSWERS: Mapping[str, Any] = _FOUND["answers"]
"""What else is answered, by what tests/examples.py calls it; signatures and hashes are of keys made for it."""


def id_of(resource: Resource) -> str | None:
    """The id of the resource's row, as it stands in its address; None where the worked cases have no row."""
    page = PAGES.get(resource.name)
    return str(page["items"][0][resource.public.key]).removeprefix(resource.prefix) if page else None


def one_of(resource: Resource) -> Any:
    """The same row, as it is answered alone."""
    page = PAGES.get(resource.name)
    return {"item": page["items"][0], **{n: page[n] for n in ("size", "on", "checkpoint", "labels")}} if page else None
