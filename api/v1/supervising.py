"""Early warnings and evaluation, described. The routes are in api/supervision/routes.py.

>>> [operation.id for operation in OPERATIONS]
['warnings', 'evaluation']
"""

from __future__ import annotations

from datetime import date
from typing import Any

from api.v1 import examples
from api.v1.operations import AS_OF, ETAG, JSON, NOT_CHANGED, PROBLEMS, Answer, Content, Operation, Parameter, told
from ledger.domain.supervision_terms import Indicator
from projections.evaluation import Missing
from projections.warnings import Rule

_TEXT, _MAYBE, _DAY = {"type": "string"}, {"type": ["string", "null"]}, {"type": "string", "format": "date"}
_COUNT = {"type": "integer", "minimum": 0}
_INDICES: dict[str, Any] = {
    "type": "array",
    "items": _COUNT,
    "description": told("Log indices that it rests on", "所依据的日志序号"),
}


def _coded(codes: list[str]) -> dict[str, Any]:
    """A code with its words."""
    return {
        "type": "object",
        "required": ["code", "zh", "en"],
        "properties": {"code": {"type": "string", "enum": codes}, "zh": _TEXT, "en": _TEXT},
    }


_WARNING: dict[str, Any] = {
    "type": "object",
    "required": ["rule", "zh", "en", "body", "since", "log_indices", "streams", "source"],
    "properties": {
        "rule": _coded([str(rule) for rule in Rule]),
        "zh": _TEXT,
        "en": _TEXT,
        "body": {"type": ["object", "null"], "properties": {"id": _TEXT, "name": _MAYBE}},
        "area": _MAYBE,
        "since": _DAY,
        "due": {"type": ["string", "null"], "format": "date"},
        "about": {
            **_MAYBE,
            "description": told("The clock, month or period that it is about", "所涉期限、月份或报告期"),
        },
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "log_indices": _INDICES,
        "streams": {"type": "array", "items": _TEXT},
        "source": {**_TEXT, "description": told("Where the rule stands", "规则来源")},
    },
}
_REGION: dict[str, Any] = {
    "type": "object",
    "required": ["region", "warnings", "unsettled"],
    "properties": {
        "region": _MAYBE,
        "warnings": {"type": "array", "items": _WARNING},
        "unsettled": {
            "type": "array",
            "description": told("Rules that do not run, since no rule pack settles them", "规则包未定、不运行的规则"),
            "items": {"type": "object", "properties": {"rule": _TEXT, "zh": _TEXT, "en": _TEXT}},
        },
    },
}
_WARNINGS: dict[str, Any] = {
    "type": "object",
    "required": ["size", "on", "regions"],
    "properties": {"size": _COUNT, "on": _DAY, "regions": {"type": "array", "items": _REGION}},
}
_FIGURE: dict[str, Any] = {
    "type": "object",
    "required": ["line", "count", "zh", "en"],
    "properties": {
        "line": _TEXT,
        "part": _MAYBE,
        "zh": _TEXT,
        "en": _TEXT,
        "count": {"type": "integer"},
        "trace": {**_INDICES, "type": ["array", "null"]},
    },
}
_MARK: dict[str, Any] = {
    "type": "object",
    "required": ["indicator", "points", "full", "missing", "source", "figures"],
    "properties": {
        "indicator": _coded([str(indicator) for indicator in Indicator]),
        "points": {**_MAYBE, "description": told("A decimal number; null: see missing", "十进制数；空则见 missing")},
        "full": {"type": ["integer", "null"]},
        "missing": {"oneOf": [_coded([str(reason) for reason in Missing]), {"type": "null"}]},
        "source": _TEXT,
        "figures": {"type": "array", "items": _FIGURE},
        "rating": {
            "type": ["object", "null"],
            "description": told("What a third party found", "第三方的评价"),
            "properties": {"indicator": _TEXT, "points": _TEXT, "full": {"type": "integer"}, "log_index": _COUNT},
        },
    },
}
_EVALUATION: dict[str, Any] = {
    "type": "object",
    "required": ["region", "period", "size", "on", "published", "indicators"],
    "properties": {
        "region": _TEXT,
        "period": _TEXT,
        "size": _COUNT,
        "on": _DAY,
        "published": {"type": "boolean"},
        "report": {
            **_MAYBE,
            "description": told("Code of the report that the points come from", "计分所据报告的核验码"),
        },
        "indicators": {"type": "array", "items": _MARK},
    },
}
_CLOSED = Answer("Only for holders of the auditors' token", "仅限持有审计令牌者", PROBLEMS)

OPERATIONS = (
    Operation(
        "GET",
        "/api/v1/warnings",
        "warnings",
        "supervision",
        "Early warnings of all regions, by the rules of their packs; nothing follows from them by itself",
        "各地区按其规则包得出的预警；预警只提示，不产生任何惩戒",
        (AS_OF,),
        answers={
            200: Answer(
                "The warnings, by region",
                "各地区的预警",
                {JSON: Content(_WARNINGS, examples.ANSWERS["warnings"])},
                ETAG,
            ),
            304: NOT_CHANGED,
            403: _CLOSED,
        },
        auditors="only",
    ),
    Operation(
        "GET",
        "/api/v1/evaluations/{region}",
        "evaluation",
        "supervision",
        "Evaluation of a region's public bodies for a year, up to a day; enterprises are never evaluated",
        "对一地公共机构的年度政务诚信评价，截至某日；不评价企业",
        (
            Parameter(
                "region",
                "The region's code, GB/T 2260",
                "行政区划代码",
                pattern="^[0-9]{6}$",
                most=6,
                example="990200",
                where="path",
            ),
            Parameter("on", "Up to which day; absent: today", "截至日期；缺省为今日", date, example="2026-06-30"),
        ),
        answers={
            200: Answer(
                "Indicators and their points",
                "评价内容及得分",
                {JSON: Content(_EVALUATION, examples.ANSWERS["evaluation"])},
                ETAG,
            ),
            304: NOT_CHANGED,
            403: _CLOSED,
        },
        auditors="more",
    ),
)
