"""Errors as RFC 9457 problems, in Chinese and English. The one table from exception to answer.

What HTTP alone knows has its errors here: :class:`TooManyError`, :class:`AuditorsOnlyError`.

{"type": "/problems/conflict", "title": "…", "title_zh": "…", "status": 409, "detail": "…", "detail_zh": "…", …}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from ledger.errors import (
    AlreadyOpenedError,
    ConfigurationError,
    ConflictError,
    CorruptionError,
    FormatError,
    IdentifierReusedError,
    LedgerError,
    NotFoundError,
    RuleError,
    SignatureError,
    TakenBackError,
    UnavailableError,
)


class TooManyError(LedgerError):
    """An address asked more often than it may; it may come again after ``seconds`` (RFC 6585 §4)."""

    code = "too-many"

    def __init__(self, wait: float) -> None:
        self.seconds = math.ceil(wait)
        super().__init__(
            f"Too many requests from this address; try again in {self.seconds} s",
            f"该地址的请求过多，请 {self.seconds} 秒后再试",
        )


class AuditorsOnlyError(LedgerError):
    """What only holders of the auditors' token may see; ``en`` and ``zh`` name it."""

    code = "auditors-only"

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(
            f"{en} is for holders of the auditors' token: expected a request with it (Authorization: Bearer)",
            f"{zh}须凭审计令牌：请求应带该令牌（请求头 Authorization: Bearer）",
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP status and title of a kind of error."""

    status: int
    en: str
    zh: str


ANSWERS: Mapping[type[LedgerError], Answer] = {
    FormatError: Answer(400, "Malformed input", "输入格式有误"),
    SignatureError: Answer(403, "Signature refused", "签名不被接受"),
    NotFoundError: Answer(404, "Not found", "未找到"),
    ConflictError: Answer(409, "Does not follow the stream's head", "与事件流的最新版本不衔接"),
    IdentifierReusedError: Answer(409, "Identifier already used", "事件标识已被使用"),
    AlreadyOpenedError: Answer(409, "Looked up already", "该次查询已经答复"),
    TakenBackError: Answer(409, "Taken back already", "已经撤回"),
    RuleError: Answer(422, "Refused by a rule", "依规则不予接受"),
    ConfigurationError: Answer(500, "Misconfigured", "配置有误"),
    CorruptionError: Answer(500, "Stored data contradict each other", "存储数据相互矛盾"),
    AuditorsOnlyError: Answer(403, "For holders of the auditors' token", "须凭审计令牌"),
    TooManyError: Answer(429, "Too many requests", "请求过多"),
    UnavailableError: Answer(503, "Temporarily unavailable", "暂时不可用"),
    LedgerError: Answer(500, "Internal error", "内部错误"),
}


def answer_to(error: LedgerError) -> Answer:
    """The answer of an error's nearest kind."""
    return next(ANSWERS[cls] for cls in type(error).__mro__ if cls in ANSWERS)


def problem(error: LedgerError) -> dict[str, Any]:
    """The problem's members (RFC 9457 §3.1), and ours: title_zh, detail_zh, rule, source, head."""
    answer = answer_to(error)
    found: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": answer.en,
        "title_zh": answer.zh,
        "status": answer.status,
        "detail": error.en,
        "detail_zh": error.zh,
    }
    if isinstance(error, RuleError):
        found |= {"rule": error.rule, "source": error.source}
    if isinstance(error, ConflictError):
        found["head"] = {"version": error.head.version, "hash": error.head.hash}
    return found


def headers_of(error: LedgerError) -> dict[str, str]:
    """What an error's answer has to say beside: when to come again (RFC 9110 §10.2.3), who may keep it."""
    if isinstance(error, TooManyError):
        return {"retry-after": str(error.seconds), "cache-control": "no-store"}
    if isinstance(error, AuditorsOnlyError):
        return {"cache-control": "private, no-store", "vary": "Authorization"}
    return {"retry-after": "1"} if answer_to(error).status == 503 else {}


def respond(error: LedgerError, headers: Mapping[str, str] | None = None) -> Response:
    """The HTTP answer to an error."""
    return custom(problem(error), {**headers_of(error), **(headers or {})})


def plain(status: int, code: str, en: str, zh: str, headers: Mapping[str, str] | None = None) -> Response:
    """A problem of HTTP itself (no route, wrong method, too large), in the same shape."""
    return custom(
        {
            "type": f"/problems/{code}",
            "title": en,
            "title_zh": zh,
            "status": status,
            "detail": en,
            "detail_zh": zh,
        },
        headers or {},
    )


def custom(found: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """A problem given by its members."""
    return Response(orjson.dumps(found), found["status"], headers=dict(headers), media_type="application/problem+json")
