"""Subscriptions and what is sent to them, described; the routes are in api/webhooks/routes.py.

>>> [operation.id for operation in OPERATIONS], list(MESSAGES)
(['subscribe', 'subscription', 'renew', 'unsubscribe'], ['verification', 'happening', 'takedown', 'retracted'])
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.v1.operations import JSON, PROBLEMS, Answer, Content, Operation, Parameter, told
from api.webhooks.client import LONGEST

PATH = "/api/v1/subscriptions"
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer", "minimum": 0}
_MAYBE = {"type": ["string", "null"]}
SHOWN: dict[str, Any] = {
    "type": "object",
    "required": ["id", "topic", "url", "created_at", "expires_at", "position"],
    "properties": {
        **dict.fromkeys(("id", "topic", "url", "created_at", "expires_at"), _TEXT),
        "position": {**_NUMBER, "description": told("Log entries that it was told of", "已告知的日志条数")},
        "failures": {**_NUMBER, "description": told("Attempts that failed since one did not", "连续失败次数")},
        "next_try": _MAYBE,
        "disabled": {**_MAYBE, "description": told("Why it rests until it is renewed", "暂停原因；续期后恢复")},
        "dead": {**_NUMBER, "description": told("Messages that were given up", "已放弃的消息数")},
    },
}
MADE: dict[str, Any] = {
    **SHOWN,
    "required": [*SHOWN["required"], "token", "public_key"],
    "properties": {
        **SHOWN["properties"],
        "token": {**_TEXT, "description": told("Shown this once", "仅此一次显示")},
        "public_key": {**_TEXT, "description": told("Verifies every message", "用于核验每条消息"), "pattern": "^whpk_"},
    },
}
_ASKED = {
    "type": "object",
    "required": ["url", "topic"],
    "additionalProperties": False,
    "properties": {"url": {**_TEXT, "maxLength": LONGEST}, "topic": {**_TEXT, "maxLength": 80}},
}
_EXAMPLE = {
    "id": "01a200a3-493f-7f37-8841-73aed60eff99",
    "topic": "areas/ppp",
    "url": "https://receiver.example/hook",
    "created_at": "2026-11-22T01:02:03.000Z",
    "expires_at": "2027-02-20T01:02:03.000Z",
    "position": 284,
    "failures": 0,
    "next_try": None,
    "disabled": None,
    "dead": 0,
}
_OWN = Parameter("own", "Id of the subscription", "订阅标识", where="path", required=True, example=_EXAMPLE["id"])
_NONE = {404: Answer("No subscription with this id and token", "没有该标识与令牌的订阅", PROBLEMS)}

OPERATIONS = (
    Operation(
        "POST",
        PATH,
        "subscribe",
        "webhooks",
        "Subscribe a receiver to a body, area, region, or the takedowns",
        "为接收端订阅单位、领域、地区或撤下日志",
        accepts={JSON: Content(_ASKED, {"url": "https://receiver.example/hook", "topic": "areas/ppp"})},
        answers={
            201: Answer(
                "Subscribed; the receiver agreed",
                "已订阅，接收端已确认",
                {JSON: Content(MADE, {**_EXAMPLE, "token": "<shown once>", "public_key": "whpk_" + "A" * 43 + "="})},
            ),
            404: Answer("There is no such body", "没有该单位", PROBLEMS),
            413: Answer("Too large", "内容过大", PROBLEMS),
            415: Answer("Another content type is expected", "内容类型不符", PROBLEMS),
            422: Answer("The receiver did not agree", "接收端未确认", PROBLEMS),
        },
    ),
    Operation(
        "GET",
        f"{PATH}/{{own}}",
        "subscription",
        "webhooks",
        "How a subscription stands; with its token as a bearer token",
        "查看订阅（以其令牌为 Bearer）",
        (_OWN,),
        subscriber=True,
        answers={200: Answer("How it stands", "订阅状态", {JSON: Content(SHOWN, _EXAMPLE)}), **_NONE},
    ),
    Operation(
        "POST",
        f"{PATH}/{{own}}/renewal",
        "renew",
        "webhooks",
        "Renew a subscription for 90 days; one that rested goes on",
        "续期 90 天；暂停者恢复",
        (_OWN,),
        subscriber=True,
        answers={200: Answer("How it stands", "订阅状态", {JSON: Content(SHOWN, _EXAMPLE)}), **_NONE},
    ),
    Operation(
        "DELETE",
        f"{PATH}/{{own}}",
        "unsubscribe",
        "webhooks",
        "End a subscription",
        "退订",
        (_OWN,),
        subscriber=True,
        answers={204: Answer("Ended and forgotten", "已退订"), **_NONE},
    ),
)

# --- messages ---------------------------------------------------------------------------------------------------

_BODY = {"type": ["object", "null"], "required": ["id", "name"], "properties": {"id": _TEXT, "name": _TEXT}}
_SIGNED = (
    Parameter("webhook-id", "The same however often it is sent", "消息标识，重发不变", where="header", required=True),
    Parameter(
        "webhook-timestamp", "Seconds since 1970 of this attempt", "本次发送时刻（秒）", where="header", required=True
    ),
    Parameter(
        "webhook-signature",
        "v1a, and Ed25519 over <webhook-id>.<webhook-timestamp>.<body> by public_key, base64",
        "v1a,加以 public_key 对应私钥对“标识.时刻.正文”的 Ed25519 签名（base64）",
        where="header",
        required=True,
    ),
)
_HAPPENED: dict[str, Any] = {
    **dict.fromkeys(("hash", "event", "kind", "stream", "title_zh", "title_en", "address"), _TEXT),
    "log_index": _NUMBER,
    "day": {"type": "string", "format": "date"},
    "signer": _BODY,
    "subject": _BODY,
    "region": _MAYBE,
    "area": _MAYBE,
}
_TAKEN_DOWN: dict[str, Any] = {
    **{name: _HAPPENED[name] for name in ("log_index", "event", "day", "title_zh", "title_en")},
    **{name: _HAPPENED[name] for name in ("signer", "region", "address")},
    "reason": _MAYBE,
}
_TOLD = {
    204: Answer("Taken; so is any other 2xx", "已接收；其他 2xx 同"),
    410: Answer("No more, please: the subscription rests", "不再接收：订阅暂停"),
    500: Answer("Anything else: it is sent again later", "其他：稍后重发"),
}


def _message(kind: dict[str, Any], data: dict[str, Any]) -> dict[str, Content]:
    return {
        JSON: Content(
            {
                "type": "object",
                "required": ["type", "timestamp", "data"],
                "properties": {
                    "type": {**_TEXT, **kind},
                    "timestamp": {**_TEXT, "format": "date-time", "description": told("Recorded at", "记载时刻")},
                    "data": {"type": "object", "required": list(data), "properties": data},
                },
            }
        )
    }


def _sent(
    own: str, en: str, zh: str, kind: dict[str, Any], data: dict[str, Any], answers: Mapping[int, Answer] = _TOLD
) -> Operation:
    return Operation("POST", own, f"message.{own}", "webhooks", en, zh, _SIGNED, _message(kind, data), answers)


MESSAGES = {
    message.path: message
    for message in (
        _sent(
            "verification",
            "The receiver is asked, before it is subscribed",
            "订阅前向接收端确认",
            {"const": "subscription.verification"},
            {
                **dict.fromkeys(("subscription", "topic", "challenge"), _TEXT),
                "expires": {"type": "string", "format": "date"},
            },
            {
                200: Answer(
                    "It agrees: the challenge again, as JSON or as bare text",
                    "同意：原样返回 challenge（JSON 或纯文本）",
                    {JSON: Content({"type": "object", "required": ["challenge"], "properties": {"challenge": _TEXT}})},
                ),
                500: Answer("Anything else: nobody is subscribed", "其他：不予订阅"),
            },
        ),
        _sent(
            "happening",
            "What happened: the kind of case and the event, as commitment.commitment_made",
            "发生的事件：案件类别与事件，如 commitment.commitment_made",
            {"pattern": "^(body|commitment|record|commendation)\\.[a-z_]+$"},
            _HAPPENED,
        ),
        _sent(
            "takedown",
            "What was taken down, corrected or repaired: that it was, never what or about whom",
            "撤下、更正或修复：只告知此事，不含内容与对象",
            {"pattern": "^takedown\\.[a-z_]+$"},
            _TAKEN_DOWN,
        ),
        _sent(
            "retracted",
            "An earlier message is taken back: delete what it said",
            "收回先前的消息：请删除其内容",
            {"const": "retracted"},
            {"message": {**_TEXT, "description": told("webhook-id of that message", "先前消息的 webhook-id")}},
        ),
    )
}
"""What is sent to receivers, by name: OpenAPI 3.1 §4.8.1, ``webhooks``."""
