"""Screening, described; the routes are in api/screening/routes.py.

>>> [operation.id for operation in OPERATIONS]
['screen', 'ruleOut', 'takeBack', 'screeningLog']
"""

from __future__ import annotations

from typing import Any

from api.screening.screen import MOST
from api.v1 import examples
from api.v1.operations import JSON, PROBLEMS, Answer, Content, Operation, Parameter, told
from ledger.domain.codec import USCC_PATTERN
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose
from projections.matching import Way
from projections.screening import Answer as Answered
from projections.screening import Cause

_TEXT, _DAY, _COUNT = {"type": "string"}, {"type": "string", "format": "date"}, {"type": "integer", "minimum": 0}


def _one_of(codes: Any, en: str = "", zh: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "enum": [str(code) for code in codes]}
    return {**found, "description": told(en, zh)} if en else found


def _text(en: str, zh: str, **more: str) -> dict[str, Any]:
    return {"type": "string", "description": told(en, zh), **more}


_MATCH: dict[str, Any] = {
    "type": "object",
    "description": told("Who it is, and how that is known", "对应的单位及依据"),
    "required": ["body", "name", "way", "sure"],
    "properties": {
        "body": _text("Id of the body", "单位标识"),
        "name": _TEXT,
        "way": _one_of(
            ["code", *Way],
            "Found by code, name, former name, short form or sound",
            "依据：代码、名称、曾用名、简称、读音",
        ),
        "sure": {"type": "boolean", "description": told("Whether a decision may rest on it", "可否据以决定")},
        "by": _text("The name of it that was found, where it is another", "据以对应的名称（与现名不同时）"),
        "answers_for_it": _text("Id of the body that answers for it", "承继单位的标识"),
        "its_name": _text("That body's name", "承继单位的名称"),
        "answer": _one_of(Answered, "Of a candidate: what would be answered for it", "候选单位的答复"),
    },
}
_REASON: dict[str, Any] = {
    "type": "object",
    "required": ["cause"],
    "properties": {
        "cause": _one_of(Cause, "Why; docs/screening.md", "原因"),
        "record": _text("Id of the record: /api/v1/records/<id>", "失信记录标识"),
        "penalty": _text("The penalty's name within the record", "惩戒在记录中的名称"),
        "measure": _text("Code of the measure in the list", "惩戒措施代码"),
        "kind": _TEXT,
        "zh": _text("The measure, in Chinese", "惩戒措施（中文）"),
        "en": _text("The measure, in English", "惩戒措施（英文）"),
        "starts": {**_DAY, "description": told("First day", "起始日")},
        "ends": {**_DAY, "description": told("Last day", "终止日")},
        "basis": _text("Where the measure stands", "措施依据"),
        "rule": _text("Why the court list blocks this purpose", "失信被执行人予以拦截的依据"),
        "held_by": {"type": "array", "items": _TEXT, "description": told("What suspends it", "暂不执行的原因")},
        "decision_number": _text("Number of the decision", "决定文号"),
        "imposed_by": _text("Id of the body that imposed it", "作出惩戒的单位"),
        "imposed_on": _DAY,
        "severity": _TEXT,
        "source": _TEXT,
        "recognised_on": _DAY,
        "court": _TEXT,
        "case_number": _text("Number of the court's case", "执行案号"),
        "listed_on": _DAY,
        "until": _DAY,
        "due": {**_DAY, "description": told("Rectification was due", "整改到期日")},
        "of": _text("Id of the body that it was imposed on", "所涉的被承继单位"),
        "why": {"type": "object", "description": told("The reason, as of that body", "该单位的原因")},
    },
}
_EXCLUDED = {
    "type": "object",
    "required": ["body"],
    "properties": {"body": _TEXT, "number": _COUNT, "confirmed_on": _DAY, "by": _TEXT, "reason": _TEXT},
}
_RESULT = {
    "type": "object",
    "required": ["given", "answer"],
    "properties": {
        "given": _text("What was asked for", "所查代码或名称"),
        "answer": _one_of(Answered),
        "match": _MATCH,
        "candidates": {
            "type": "array",
            "items": _MATCH,
            "description": told("Whom an unsure name may mean", "名称可能对应的单位"),
        },
        "reasons": {"type": "array", "items": _REASON},
        "excluded": {
            "type": "array",
            "items": _EXCLUDED,
            "description": told("Matches that an office ruled out", "已排除的误配"),
        },
    },
}
_PURPOSE, _FUND = _one_of(ScreeningPurpose, "What it is for", "用途"), _one_of(Fund, "For subsidies (D16)", "资金类别")
_ANSWER = {
    "type": "object",
    "required": ["answer", "jws"],
    "properties": {
        "answer": {
            "type": "object",
            "required": ["iss", "at", "size", "purpose", "on", "audience", "counts", "results"],
            "properties": {
                "iss": _text("Origin of the log", "日志名称"),
                "at": {"type": "string", "format": "date-time"},
                "on": _DAY,
                "size": {**_COUNT, "description": told("Log entries that the answer rests on", "答复所依据的日志条数")},
                "purpose": _PURPOSE,
                "fund": _FUND,
                "asked_by": _TEXT,
                "reference": _TEXT,
                "audience": _one_of(["public", "office"]),
                "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                "results": {
                    "type": "array",
                    "items": _RESULT,
                    "maxItems": MOST,
                    "description": told("In the order of the question", "与提问次序一致"),
                },
            },
        },
        "jws": _text(
            "The answer under the ledger's own signature (compact JWS, RFC 7515), typ jiannuo-screening+jwt",
            "账本签名的答复（紧凑 JWS，RFC 7515），typ 为 jiannuo-screening+jwt",
        ),
    },
}
_QUESTION = {
    "type": "object",
    "required": ["purpose", "subjects"],
    "additionalProperties": False,
    "properties": {
        "purpose": _PURPOSE,
        "subjects": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 200},
            "minItems": 1,
            "maxItems": MOST,
            "description": told("Unified social credit codes, or names", "统一社会信用代码或名称"),
        },
        "on": {**_DAY, "description": told("The day that counts; absent: today", "日期；缺省为今日")},
        "fund": _FUND,
        "asked_by": _text("The office that asks, for the log of queries", "查询单位代码", pattern=f"^{USCC_PATTERN}$"),
        "reference": {**_TEXT, "minLength": 1, "maxLength": 200, "description": told("Its letter", "公函文号或案号")},
    },
}
_WHY = {**_TEXT, "minLength": 1, "maxLength": 500, "description": told("Why; names no person", "理由，不涉个人")}
_BY = _text("USCC of the office that says so", "确认单位代码")
_RULING = {
    "type": "object",
    "required": ["name", "body", "reason", "by"],
    "additionalProperties": False,
    "properties": {
        "name": {
            **_TEXT,
            "minLength": 1,
            "maxLength": 200,
            "description": told("A name; never a code", "名称，不可为代码"),
        },
        "body": _text("Id of the body that it does not mean", "并非所指的单位"),
        "reason": _WHY,
        "by": _BY,
    },
}
_TAKING = {
    "type": "object",
    "required": ["number", "reason", "by"],
    "additionalProperties": False,
    "properties": {"number": {"type": "integer", "minimum": 1}, "reason": _WHY, "by": _BY},
}
_NUMBER = {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}}
_ASKED = {
    "type": "object",
    "required": ["number", "at", "audience", "purpose", "day", "size", "subjects", "answer"],
    "properties": {
        "number": _COUNT,
        "at": {"type": "string", "format": "date-time"},
        "audience": _one_of(["public", "office"]),
        "asked_by": _TEXT,
        "reference": _TEXT,
        "purpose": _PURPOSE,
        "day": _DAY,
        **dict.fromkeys(("size", "subjects", *map(str, Answered)), _COUNT),
        "answer": _text("SHA-256 of the signed answer, hex", "签名答复的 SHA-256"),
    },
}
_LOG = {
    "type": "object",
    "required": ["screenings"],
    "properties": {
        "screenings": {"type": "array", "items": _ASKED, "maxItems": 500},
        "next": {
            "type": "integer",
            "description": told("Pass it as before; absent: the last page", "作为 before 续页"),
        },
    },
}
_BODY = {
    413: Answer("Too large", "内容过大", PROBLEMS),
    415: Answer("Another content type is expected", "内容类型不符", PROBLEMS),
}
_OFFICE = {
    403: Answer("Only for holders of the auditors' token", "仅限持有审计令牌者", PROBLEMS),
    404: Answer("There is no such body or number", "没有该单位或编号", PROBLEMS),
    **_BODY,
}
_RULED = {
    "name": "示例建筑公司",
    "body": "11990000000001310N",
    "reason": "外地同名企业，已核对营业执照",
    "by": "1199000000000102XG",
}
_TAKEN = {"number": 1, "reason": "核对有误", "by": "1199000000000102XG"}

OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/screen",
        "screen",
        "screening",
        "Screen up to 10,000 bodies for a purpose: block, caution, clear or unknown, signed",
        "按用途批量筛查至多一万个单位：拦截、提示、无记录、未收录，附签名",
        accepts={JSON: Content(_QUESTION, {"purpose": "awards", "subjects": ["示例市建设局（虚构）", "市建设局"]})},
        answers={
            200: Answer(
                "The answer, and the same signed",
                "答复及其签名",
                {JSON: Content(_ANSWER, examples.ANSWERS["screening"])},
            ),
            **_BODY,
        },
        auditors="more",
    ),
    Operation(
        "POST",
        "/api/v1/screen/ruled-out",
        "ruleOut",
        "screening",
        "Rule out a match: this name does not mean that body",
        "排除误配：该名称不是该单位",
        accepts={JSON: Content(_RULING, _RULED)},
        answers={
            201: Answer("The number under which it is kept", "记录编号", {JSON: Content(_NUMBER, {"number": 1})}),
            **_OFFICE,
        },
        auditors="only",
    ),
    Operation(
        "POST",
        "/api/v1/screen/ruled-out/take-back",
        "takeBack",
        "screening",
        "Take back what was ruled out",
        "撤回排除",
        accepts={JSON: Content(_TAKING, _TAKEN)},
        answers={
            201: Answer("The number of this entry", "记录编号", {JSON: Content(_NUMBER, {"number": 2})}),
            409: Answer("It was taken back already", "已经撤回", PROBLEMS),
            **_OFFICE,
        },
        auditors="only",
    ),
    Operation(
        "GET",
        "/api/v1/screen/log",
        "screeningLog",
        "screening",
        "Who asked for screenings, for what and when, the newest first; never about whom",
        "筛查查询记录，最新在前，不含被查单位",
        (Parameter("before", "The next of the page before", "上一页给出的 next", int, least=1, example=100),),
        answers={
            200: Answer("A page of 500", "每页 500 条", {JSON: Content(_LOG, examples.ANSWERS["screeningLog"])}),
            403: _OFFICE[403],
        },
        auditors="only",
    ),
)
"""What api/v1/openapi.py describes."""
