"""Subscribing to webhooks: for a body, a key area, a region, or the log of takedowns.

POST   /api/v1/subscriptions               {"url": …, "topic": …} → 201 {id, token, …}, once the receiver agreed
GET    /api/v1/subscriptions/<id>          how it stands                            with its token
POST   /api/v1/subscriptions/<id>/renewal  90 days from now on; goes on where it rested    with its token
DELETE /api/v1/subscriptions/<id>          ends it                                  with its token

Before anything is sent the receiver is asked: a signed message with a ``challenge`` that its answer must hold
(``{"challenge": …}``, or the bare text), so that nobody subscribes somebody else. The token is shown once and kept as
its hash. What goes wrong at the receiver is told as a code, nothing of its answer: this is no way to look at networks.
Described in api/webhooks/described.py.
"""

from __future__ import annotations

import hmac
import re
import secrets
import threading
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.answers import PRIVATE
from api.limits import Rate, need
from api.moments import reading, today
from api.v1.operations import JSON
from api.webhooks.client import SECONDS, Target
from api.webhooks.delivery import deliver
from api.webhooks.described import PATH
from api.webhooks.messages import READS, Topic, challenge
from ledger.authoring import new_id, utc_now
from ledger.domain.event import LEDGER
from ledger.errors import FormatError, NotFoundError, RuleError, UnavailableError
from ledger.installation import Installation
from ledger.proof import strictjson
from ledger.proof.event import format_time
from ledger.proof.webhook import public_key
from ledger.store.subscriptions import LASTS, Subscription, hash_of, subscriptions
from projections.views.names import answering, called

MOST_BYTES = 4096
RATE, PER_SECONDS = 10, 60
"""Subscriptions that one address may ask for, in so many seconds."""
AT_ONCE = 4
"""Receivers that are asked at the same time."""
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_asking = threading.BoundedSemaphore(AT_ONCE)


async def subscribe(request: Request) -> Response:
    """``POST /api/v1/subscriptions``."""
    need(request.app.state.subscriptions_rate, request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        en, zh = f"Expected the content type {JSON}", f"内容类型应为 {JSON}"
        return problems.plain(415, "media-type", en, zh, PRIVATE)
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > MOST_BYTES:
            en, zh = f"Expected at most {MOST_BYTES} bytes", f"内容应不超过 {MOST_BYTES} 字节"
            return problems.plain(413, "too-large", en, zh, PRIVATE)
    return await run_in_threadpool(_subscribe, request, data)


def _subscribe(request: Request, data: bytes) -> Response:
    url, topic = _asked(data)
    Target.parse(url)
    _need_topic(request, Topic.parse(topic))
    installation, now = _installation(request), utc_now()
    own, token = UUID(new_id()), secrets.token_urlsafe(32)
    _confirm(installation, own, url, topic, now)
    made = Subscription(own, hash_of(token), url, topic, now, now + LASTS, installation.ledger.reader.newest().size)
    with subscriptions(installation.database.url("writer")) as store:
        store.add(made)
    return _json({**_shown(made), "token": token, "public_key": public_key(installation.ledger.public_key)}, 201)


def _asked(data: bytes) -> tuple[str, str]:
    found = strictjson.loads(data, "body")
    url, topic = (found.get("url"), found.get("topic")) if isinstance(found, dict) and len(found) == 2 else (None, None)
    if not isinstance(url, str) or not isinstance(topic, str):
        raise FormatError(
            'body: expected {"url": "https://…", "topic": "…"} and nothing else',
            '正文：应为 {"url": "https://…", "topic": "…"}，不含其他',
        )
    return url, topic


def _need_topic(request: Request, topic: Topic) -> None:
    """A body must be registered, and answer for itself: else nothing would ever come."""
    if (own := topic.filters.get("body")) is None:
        return
    read = reading(request)
    moment = read.moment(None, today(request), *READS)
    if own == LEDGER or own not in called(read, moment, [own]):
        raise NotFoundError("topic: there is no body with this id", "topic：没有该标识的单位")
    if (answers := answering(read, moment, own)) != own:
        raise RuleError(
            f"topic: expected the body that answers for this one, {answers}",
            f"topic：应为现由其承继的单位 {answers}",
            rule="answering-body",
            source="A12",
        )


def _confirm(installation: Installation, own: UUID, url: str, topic: str, now: datetime) -> None:
    """Asks the receiver. Raises UnavailableError where too many are being asked, RuleError where it does not agree."""
    if not _asking.acquire(blocking=False):
        raise UnavailableError(
            "too many receivers are being asked just now; try again", "正在确认的订阅过多，请稍后重试"
        )
    try:
        secret = secrets.token_urlsafe(32)
        body = challenge(str(own), topic, secret, now + LASTS, format_time(now))
        why, answer = deliver(installation, url, f"verification-{own}", body, now, SECONDS)
    finally:
        _asking.release()
    if why is None and _echoes(answer, secret):
        return
    reason = {"tls": "unreachable", "slow": "unreachable"}.get(why, why) if why else "challenge"
    raise RuleError(
        f"url: expected a receiver that answers 2xx and says the challenge again, it did not ({reason})",
        f"url：接收端应答复 2xx 并原样返回 challenge，实际没有（{reason}）",
        rule="receiver-agrees",
        source="docs/feeds.md",
    )


def _echoes(answer: bytes, secret: str) -> bool:
    try:
        found: Any = strictjson.loads(answer, "answer")
        said = found.get("challenge") if isinstance(found, dict) else found
    except FormatError:
        said = answer.decode("ascii", "replace").strip()
    return isinstance(said, str) and hmac.compare_digest(said.encode(), secret.encode())


# --- with the token ---------------------------------------------------------------------------------------------


def show(request: Request) -> Response:
    """``GET /api/v1/subscriptions/<id>``."""
    own, token = _credentials(request)
    with subscriptions(_installation(request).database.url("writer")) as store:
        return _json(_shown(store.of(own, token)))


def renew(request: Request) -> Response:
    """``POST /api/v1/subscriptions/<id>/renewal``."""
    own, token = _credentials(request)
    with subscriptions(_installation(request).database.url("writer")) as store:
        store.of(own, token)
        store.renew(own, utc_now() + LASTS)
        return _json(_shown(store.of(own, token)))


def end(request: Request) -> Response:
    """``DELETE /api/v1/subscriptions/<id>``."""
    own, token = _credentials(request)
    with subscriptions(_installation(request).database.url("writer")) as store:
        store.end(store.of(own, token).id)
    return Response(status_code=204, headers=PRIVATE)


def _credentials(request: Request) -> tuple[UUID, str]:
    """The subscription's id and token. Raises NotFoundError: who has no token does not learn which ids there are."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    own: str = request.path_params["own"]
    if scheme.lower() != "bearer" or not _UUID.fullmatch(own):
        raise NotFoundError("there is no subscription with this id and token", "没有该标识与令牌的订阅")
    return UUID(own), token.strip()


def _installation(request: Request) -> Installation:
    found: Installation = request.app.state.installation
    return found


def _shown(found: Subscription) -> dict[str, Any]:
    data = asdict(found)
    names = ("id", "topic", "url", "created_at", "expires_at", "position", "failures", "next_try", "disabled", "dead")
    shown = {name: data[name] for name in names}
    return {k: format_time(v) if isinstance(v, datetime) else v for k, v in shown.items()}


def _json(data: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, headers=PRIVATE, media_type=JSON)


def equip(app: FastAPI) -> None:
    """Gives the application the routes, and what they need."""
    app.state.subscriptions_rate = Rate(RATE, PER_SECONDS)
    app.router.routes.extend(routes)


routes = [
    Route(PATH, subscribe, methods=["POST"], name="subscribe"),
    Route(f"{PATH}/{{own}}/renewal", renew, methods=["POST"], name="renew"),
    Route(f"{PATH}/{{own}}", show, methods=["GET"], name="subscription"),
    Route(f"{PATH}/{{own}}", end, methods=["DELETE"], name="unsubscribe"),
]
