"""Supervision over HTTP: reports and their verification, the report calendar, early warnings, evaluation.

/reports                                    who owes a report by which day, and a form to ask for one; .json
/reports/<body|region>/<period>.<form>      the report as html, pdf, json or csv; .jws: its code under the ledger's key
    ?at=<log index>  ?edition=office        the office's edition is for holders of the auditors' token
/reports/verify?code=                       whether a code is that of a report of this ledger; .json
/warnings, /api/v1/warnings                 for holders of the token
/api/v1/evaluations/<region>?on=            for them too, unless the region's pack says to publish

>>> content_policy("p{}")
"default-src 'none'; style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='; base-uri 'none'"
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import moments, query
from api.access import is_auditor
from api.answers import PRIVATE, PUBLIC, Finished, finished
from api.days import day_of
from api.problems import AuditorsOnlyError
from api.render import Data, respond
from api.supervision.data import calendar_data, evaluation_data, warnings_data
from api.supervision.files import MEDIA, STYLE, as_statement, file_of
from api.v1.lists import answered, as_json
from ledger.domain.calendar import months_after
from ledger.errors import FormatError, NotFoundError
from projections.reports import Edition, Report, parse_code
from projections.views import filings, reports, warnings
from projections.views.evaluation import evaluation

ATTESTED = "jws"
MOST = 500
"""Rows of the calendar on one page."""
_SUBJECT = re.compile("[0-9A-Z]{18}|p-[0-9a-f]{16}|[0-9]{6}")
_PERIOD = re.compile("20[0-9]{2}(?:H1)?")
_INDEX = re.compile("0|[1-9][0-9]{0,14}")


def content_policy(style: str) -> str:
    """The policy (CSP 3) of a report's page: its own style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'"


# --- reports ------------------------------------------------------------------------------------------------


async def report(request: Request) -> Response:
    """``GET /reports/<subject>/<period>.<form>``."""
    edition = query.code(request, "edition", Edition) or Edition.PUBLIC
    if edition is Edition.OFFICE and not is_auditor(request):
        raise AuditorsOnlyError("The office's edition", "内部版报告")
    return await answered(request, partial(_report, request, edition))


def _report(request: Request, edition: Edition) -> Finished:
    subject, period, form = (request.path_params[name] for name in ("subject", "period", "form"))
    if not _SUBJECT.fullmatch(subject) or not _PERIOD.fullmatch(period) or form not in {*MEDIA, ATTESTED}:
        raise NotFoundError(
            f"report: expected <body or region>/<period>.<{'|'.join((*MEDIA, ATTESTED))}>",
            f"报告：地址应为 <单位或行政区划>/<报告期>.<{'|'.join((*MEDIA, ATTESTED))}>",
        )
    ledger, today = query.ledger(request), moments.today(request)
    what = reports.asked(moments.reading(request), subject, period, edition, at=_at(request), today=today)
    found = reports.report(moments.reading(request), ledger, what)
    if form == ATTESTED:
        body, media = ledger.attest(*as_statement(found)), "application/jwt"
    else:
        body, media = file_of(found, form), MEDIA[form]
    headers = {**(PRIVATE if edition is Edition.OFFICE else PUBLIC), "content-security-policy": content_policy(STYLE)}
    if form != "html":
        headers["content-disposition"] = f'attachment; filename="{subject}-{period}-{what.size}.{form}"'
    return finished(body, media, headers, request.scope.get("endpoint"))


def _at(request: Request) -> int | None:
    text = query.text(request, "at")
    if text is not None and not _INDEX.fullmatch(text):
        raise FormatError(f"at: expected a log index, got {text[:40]!a}", f"at：应为日志序号，实为 {text[:40]!a}")
    return int(text) if text else None


def reports_page(request: Request) -> Response:
    """``GET /reports``: the report calendar of the last and the coming twelve months."""
    region, today = query.text(request, "region"), moments.today(request)
    at = moments.moment(request, *filings.READS)
    span = months_after(at.on, -12), months_after(at.on, 12)
    owed = filings.duties(moments.reading(request), query.ledger(request), at, *span, region=region)
    found = owed[:MOST]
    names = query.names(request, (duty.body for duty in found))
    data = {"size": at.size, "on": at.on, "region": region, "duties": calendar_data(found, names, at.on)}
    data["more"] = len(owed) - len(found)
    return respond(request, "reports.html", data, year=today.year, moment_on=at.on)


def verify(request: Request) -> Response:
    """``GET /reports/verify``: whether a code is that of a report of this ledger."""
    code = (request.query_params.get("code") or "").strip()
    if code and parse_code(code)[0].edition is Edition.OFFICE and not is_auditor(request):
        raise AuditorsOnlyError("Verifying an office edition", "核验内部版报告")
    data: Data = {"code": code or None, "genuine": None, "report": None}
    if code:
        data |= _verified(request, code)
    return respond(request, "report_verify.html", data)


def _verified(request: Request, code: str) -> Mapping[str, Any]:
    try:
        found = reports.verified(moments.reading(request), query.ledger(request), code, moments.today(request))
    except NotFoundError:  # the ledger never had such a body, or does not reach so far
        found = None
    return {"genuine": found is not None, "report": found and _about(found)}


def _about(found: Report) -> Data:
    asked = found.asked
    address = f"/reports/{asked.subject}/{asked.period}"
    return {
        "subject": asked.subject,
        "name": found.name,
        "period": asked.period,
        "edition": str(asked.edition),
        "size": asked.size,
        "on": asked.on,
        "origin": found.origin,
        "root": found.root,
        "address": f"{address}.html?at={asked.size - 1}",
    }


# --- warnings, evaluation -----------------------------------------------------------------------------------


def _warnings(request: Request) -> Data:
    at = moments.moment(request, *warnings.READS)
    found = warnings.all_warnings(moments.reading(request), query.ledger(request), at)
    bodies = {w.body for regional in found for w in regional.warnings}
    return {"size": at.size, "on": at.on, "regions": warnings_data(found, query.names(request, bodies))}


async def warnings_api(request: Request) -> Response:
    """``GET /api/v1/warnings``."""
    if not is_auditor(request):
        raise AuditorsOnlyError("Early warning", "监测预警")
    return await answered(request, lambda: as_json(request, _warnings(request)))


def warnings_page(request: Request) -> Response:
    """``GET /warnings``."""
    if not is_auditor(request):
        raise AuditorsOnlyError("Early warning", "监测预警")
    answer = respond(request, "warnings.html", _warnings(request))
    answer.headers.update(PRIVATE)
    return answer


async def evaluation_api(request: Request) -> Response:
    """``GET /api/v1/evaluations/<region>``."""
    return await answered(request, partial(_evaluation, request))


def _evaluation(request: Request) -> Finished:
    region, today = request.path_params["region"], moments.today(request)
    if not re.fullmatch("[0-9]{6}", region):
        raise NotFoundError("region: expected a code of 6 digits", "行政区划代码：应为 6 位数字")
    text = query.text(request, "on")
    on: date = today if text is None else day_of(text, "on")
    # The public's figures end with a day that is over, as its reports do (docs/adr/0024).
    last = today if is_auditor(request) else today - reports.DAY
    found = evaluation(moments.reading(request), query.ledger(request), region, min(on, last), today)
    if not found.published and not is_auditor(request):
        raise AuditorsOnlyError("The evaluation of this region", "该地区的评价结果")
    return as_json(request, evaluation_data(region, found, with_trace=is_auditor(request)))


routes = [
    Route("/reports/verify.json", verify),
    Route("/reports/verify", verify),
    Route("/reports/{subject}/{period}.{form}", report),
    Route("/reports.json", reports_page),
    Route("/reports", reports_page),
    Route("/warnings.json", warnings_page),
    Route("/warnings", warnings_page),
    Route("/api/v1/warnings", warnings_api),
    Route("/api/v1/evaluations/{region}", evaluation_api),
]
