"""Operations as ``/api/v1/openapi.json`` describes them: each declared once, beside its route, as data.

A module with routes under ``/api/v1`` has a tuple ``OPERATIONS`` and is named in ``api/v1/openapi.py``; a test holds
that every route is described and every description has its route.

    OPERATIONS = (
        Operation(
            "GET", "/api/v1/search", "search", "search",
            "Search bodies, commitments and records", "检索单位、承诺与记录",
            (Parameter("q", "What is looked for", "检索词", example="财政局"), AS_OF),
            answers={200: Answer("What was found", "检索结果", {JSON: Content(HITS, EXAMPLE)})},
        ),
    )

``schema`` is JSON Schema (draft 2020-12), which OpenAPI 3.1 takes as it is. What goes wrong is always a problem (RFC
9457) and need not be declared, unless its status says something of its own. Examples are sent as they stand by the
tests, so they must be real.

>>> Parameter("due_from", "Due on or after", "到期日不早于", date, example="2026-01-01").schema()
{'type': 'string', 'format': 'date'}
>>> told("Page", "页")
'Page | 页'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

Schema = Mapping[str, Any]

JSON, CSV, JSONL, PROBLEM = "application/json", "text/csv", "application/jsonl", "application/problem+json"


MANY = 20
"""Most values of a parameter that takes several."""


def told(en: str, zh: str) -> str:
    """One text in both languages, for places of the description that hold one."""
    return f"{en} | {zh}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query (or of the path): its name, what it says, and which values it takes.

    ``type`` is str, int, bool or date. ``codes`` are the values that there are, if they are known; ``many`` allows
    several, separated by commas. ``pattern`` and ``most`` (characters, or the greatest number) bound what comes.
    """

    name: str
    en: str
    zh: str
    type: type = str
    codes: Sequence[str] = ()
    many: bool = False
    pattern: str | None = None
    least: int = 0
    most: int | None = None
    example: Any = None
    required: bool = False
    where: str = "query"

    def schema(self) -> dict[str, Any]:
        """Its values as JSON Schema."""
        one = self._one()
        return {"type": "array", "items": one, "minItems": 1, "maxItems": MANY} if self.many else one

    def _one(self) -> dict[str, Any]:
        if self.codes:
            return {"type": "string", "enum": [str(code) for code in self.codes]}
        if self.type is bool:
            return {"type": "boolean"}
        if self.type is int:
            return {"type": "integer", "minimum": self.least, "maximum": self.most or 10**15 - 1}
        if self.type is date:
            return {"type": "string", "format": "date"}
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": self.most or 200,
            "pattern": self.pattern or "^[^\\x00-\\x1f\\x7f-\\x9f]*$",
        }


@dataclass(frozen=True, slots=True)
class Content:
    """What a body holds: JSON Schema, and an example that is real."""

    schema: Schema
    example: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: what it means, what it holds by media type, and headers by name with their meaning."""

    en: str
    zh: str
    content: Mapping[str, Content] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation. ``path`` is written with its parameters in braces; ``tag`` groups operations; ``accepts`` is the
    body by media type. ``auditors``: ``""`` for everybody, ``"more"`` where holders of the auditors' token see more,
    ``"only"`` where nobody else is answered. ``subscriber``: with the token of the subscription that it is about.
    """

    method: str
    path: str
    id: str
    tag: str
    en: str
    zh: str
    parameters: Sequence[Parameter] = ()
    accepts: Mapping[str, Content] = field(default_factory=dict)
    answers: Mapping[int, Answer] = field(default_factory=dict)
    auditors: str = ""
    subscriber: bool = False


AS_OF = Parameter(
    "as_of",
    "As of when: a day up to today (as it stood when that day ended) or the index of a log entry; absent: now",
    "截至何时：不晚于今日的日期（该日终了时）或日志序号；缺省为现在",
    pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2}|0|[1-9][0-9]{0,14})$",
    example="2026-06-30",
)
"""The parameter that every question takes; see api/moments.py."""
ETAG = {"ETag": told("Strong ETag of the bytes", "字节的强 ETag")}
"""The header of what can be asked for again with If-None-Match (RFC 9110 §13.1.2)."""
NOT_CHANGED = Answer("Nothing has changed since the ETag that was given", "自所给 ETag 以来没有变化", headers=ETAG)
"""304, to such a question."""
PROBLEMS: Mapping[str, Content] = {PROBLEM: Content({"$ref": "#/components/schemas/Problem"})}
"""What an answer that tells what went wrong holds."""
RETRY = {"Retry-After": told("Seconds after which to come again", "再次请求前应等待的秒数")}
"""The header of 429 and 503 (RFC 9110 §10.2.3)."""
