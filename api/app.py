"""The web application: ``create_app()`` shows all of it.

/                        site (api/pages/site.py)              each page also as .json
/log/…                   checkpoint, tiles, proofs       (api/log.py)
/api/v1/events           submitting                      (api/events.py)
/api/v1/openings         looking up sealed fields; /api/v1/lookups, /my/lookups: who looked (api/openings.py)
/reports, /warnings      reports and their verification, early warnings (api/supervision/routes.py)
/feeds/…                 Atom feeds (api/feeds.py); /api/v1/subscriptions: webhooks (api/webhooks/routes.py)
/livez /readyz /metrics  for who runs it
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from api import events, feeds, log, openings, problems, search
from api.edge import Edge
from api.limits import Rate
from api.observe import LOG_SIZE, REGISTRY, WITNESSED_SIZE, Observed, projected, refused
from api.pages import site
from api.screening import routes as screening_routes
from api.supervision import routes as supervision
from api.v1 import serving
from api.webhooks import routes as webhooks
from ledger.errors import LedgerError
from ledger.installation import Installation
from ledger.witnesses import policy_file
from ledger.witnesses.witnessed import Witnessed
from projections.reading import Reading

HERE = Path(__file__).parent


def create_app(installation: Installation, reading: Reading) -> FastAPI:
    """The application on an open installation and its read side."""
    app = FastAPI(
        title="践诺 Jiannuo",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # What an operator sees is in api/observe.py; spans would hold addresses, and cost each request time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.installation = installation
    app.state.reading = reading
    app.state.auditor_token = installation.token()
    app.state.witnessed = Witnessed(installation.ledger, policy_file.of(installation.settings))
    app.state.lookups_rate = Rate(openings.MOST, openings.SECONDS)
    app.add_exception_handler(LedgerError, _ledger_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(Edge)
    app.add_middleware(Observed)
    app.router.routes.extend(events.routes)
    app.router.routes.extend(openings.routes)
    app.router.routes.extend(log.routes)
    serving.equip(app, installation, reading)
    screening_routes.equip(app, installation, reading)
    webhooks.equip(app)
    app.router.routes.extend((*search.routes, *feeds.routes, *supervision.routes))
    app.add_route("/livez", _live)
    app.add_route("/readyz", _ready)
    app.add_route("/metrics", _metrics)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(site.router())
    return app


def _wants_page(request: Request) -> bool:
    """Whether a person's browser asked: a site address, not an API's, and HTML accepted."""
    path = request.url.path
    is_data = path.startswith(("/api/", "/log/")) or path.endswith(".json")
    return not is_data and "text/html" in request.headers.get("accept", "")


def _ledger_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerError)
    refused(error)
    answer = problems.respond(error)
    if _wants_page(request):
        return _as_page(request, answer.status_code, error.en, error.zh, answer.headers)
    return answer


def _as_page(request: Request, status: int, en: str, zh: str, headers: Mapping[str, str] | None) -> Response:
    """An error as a page, with what its status obliges to say: when to come again, what is allowed, who may keep it."""
    page = site.error_page(request, status, en, zh)
    page.headers.update({k: v for k, v in (headers or {}).items() if k.lower() in _TOLD})
    return page


_TOLD = {"allow", "retry-after", "cache-control", "vary"}
_HTTP = {
    404: ("not-found", "There is nothing at this address", "此地址没有内容"),
    405: ("method", "This method is not allowed here", "此地址不接受该方法"),
}


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, en, zh = _HTTP.get(error.status_code, ("http", str(error.detail), str(error.detail)))
    if _wants_page(request):
        return _as_page(request, error.status_code, en, zh, error.headers)
    return problems.plain(error.status_code, code, en, zh, error.headers)


def _bug(request: Request, error: Exception) -> Response:
    """What no rule foresaw: the caller learns that it failed, the log which kind of error it was."""
    return problems.plain(500, "error", "Internal error", "内部错误")


async def _live(_: Request) -> Response:
    """Answered by the event loop itself: also while every thread waits for the database."""
    return PlainTextResponse("ok\n")


def _ready(request: Request) -> Response:
    """Ready means: the database answers, and the log can still be appended to."""
    try:
        LOG_SIZE.set(request.app.state.installation.ledger.check())
        WITNESSED_SIZE.set(request.app.state.witnessed.by()[0])
        stopped = _measure_projections(request)
    except LedgerError as error:
        return PlainTextResponse(f"not ready: {error.en}\n未就绪：{error.zh}\n", 503, headers={"retry-after": "1"})
    return PlainTextResponse("".join(("ok\n", *(f"projection {name} stopped\n" for name in stopped))))


def _measure_projections(request: Request) -> list[str]:
    """Those that have stopped: what they tell is old, and all else goes on."""
    state = request.app.state
    return projected(state.reading.places(), state.installation.ledger.size)


def _metrics(request: Request) -> Response:
    LOG_SIZE.set(request.app.state.installation.ledger.size)
    WITNESSED_SIZE.set(request.app.state.witnessed.size)
    with suppress(LedgerError):  # what is known without the database is told without it
        _measure_projections(request)
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_PLAIN_0_0_4)
