"""Logs, metrics and request ids: what an operator sees. No personal data: a route's pattern is logged, never a path's
values, a query or a body.

Logs are JSON lines on stderr (structlog). Metrics are in Prometheus' text format at ``/metrics``.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.errors import LedgerError, RuleError
from projections.tables import Place

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

REGISTRY = CollectorRegistry()
REQUESTS = Counter("jiannuo_http_requests_total", "HTTP requests", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "jiannuo_http_request_seconds",
    "Time to answer",
    ["route"],
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter("jiannuo_refusals_total", "Refused requests and events, by kind", ["code"], registry=REGISTRY)
WITNESSED_SIZE = Gauge(
    "jiannuo_witnessed_entries",
    "Entries of the newest checkpoint that has the cosignatures it needs",
    registry=REGISTRY,
)
WITNESS_FAILURES = Counter(
    "jiannuo_witness_failures_total",
    "Witnesses that were asked and did not cosign, by kind",
    ["kind"],
    registry=REGISTRY,
)
WEBHOOKS = Counter("jiannuo_webhooks_total", "Webhooks sent, by what came of it", ["outcome"], registry=REGISTRY)
PROJECTED = Gauge("jiannuo_projection_entries", "Entries in a projection", ["projection"], registry=REGISTRY)
PROJECTION_LAG = Gauge(
    "jiannuo_projection_lag_entries", "Entries that a projection lacks", ["projection"], registry=REGISTRY
)
PROJECTION_STOPPED = Gauge(
    "jiannuo_projection_stopped", "1 where a projection could not take an event", ["projection"], registry=REGISTRY
)
LOG_SIZE = Gauge("jiannuo_log_entries", "Entries of the newest checkpoint", registry=REGISTRY)


# Where it happened, and not with which values: they may be personal.
_TRACEBACKS = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure_logging(level: str) -> None:
    """JSON lines on stderr, from ``level`` on; the standard library's loggers speak the same way."""
    number = logging.getLevelName(level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(_TRACEBACKS),
            structlog.processors.JSONRenderer(serializer=_serialise),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=number, force=True)
    logging.getLogger("uvicorn.access").disabled = True


def _serialise(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=repr).decode()


class _Forward(logging.Handler):
    """Hands the standard library's log records on to structlog, without a traceback's local values."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        error = type(record.exc_info[1]).__name__ if record.exc_info and record.exc_info[1] else None
        log.log(record.levelno, record.getMessage(), logger=record.name, **({"error": error} if error else {}))


class Observed:
    """ASGI middleware: gives each request an id, logs it in one line and counts it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._log = structlog.get_logger("http")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 500

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, tagged)
        finally:
            self._record(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("request_id")

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST"} else "other"
        requests, duration = _measures(method, route, str(status))
        requests.inc()
        duration.observe(seconds)
        self._log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 2))


@cache  # bounded: a few methods, the application's routes, the statuses that there are
def _measures(method: str, route: str, status: str) -> tuple[Counter, Histogram]:
    """The metrics of one kind of request: looking them up by labels costs more than counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(route)


def refused(error: LedgerError) -> None:
    """Logs that something was refused: which kind of error and which rule, never the words, which may quote input."""
    rule = {"rule": error.rule} if isinstance(error, RuleError) else {}
    structlog.get_logger("refusal").info("refused", code=error.code, **rule)
    REFUSALS.labels(error.code).inc()


def projection_stopped(error: LedgerError) -> None:
    """Alarm: a projection could not take an event. The words name projection, index and kind of error, nothing else."""
    structlog.get_logger("projection").error("stopped", en=error.en, zh=error.zh)


def projected(places: Mapping[str, Place], size: int) -> list[str]:
    """Measures how far the projections of a log of ``size`` entries are; those that have stopped."""
    for name, place in places.items():
        PROJECTED.labels(name).set(place.position)
        PROJECTION_LAG.labels(name).set(max(0, size - place.position))
        PROJECTION_STOPPED.labels(name).set(place.failure is not None)
    return [name for name, place in places.items() if place.failure is not None]


_COUNTED_AS = {"look_up": "submit"}
"""A look-up is a submission: counted by itself it would tell, beside the public list of events, who was looked up."""


def _route(scope: Scope) -> str:
    """The route's pattern, or for a route that stands beside FastAPI's own the name of its function."""
    endpoint = scope.get("endpoint")
    name = getattr(endpoint, "__name__", type(endpoint).__name__) if endpoint else "unmatched"
    name = str(getattr(scope.get("route"), "path", name))
    return _COUNTED_AS.get(name, name)


def _request_id(scope: Scope) -> str:
    """The caller's X-Request-Id if it is a plain word, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                return str(text)
    return secrets.token_hex(8)
