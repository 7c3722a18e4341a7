"""``/screen``: a list of bodies pasted into a form and screened, without script; answered as the public is.

What is pasted is read as ``jiannuo screen`` reads a file (ledger/sheets): a column of names or codes, or rows out of a
spreadsheet with their header. Nothing of it is kept; that it was asked is (api/screening/screen.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.days import day_of
from api.limits import need
from api.observe import refused
from api.query import is_unfit
from api.render import HEADERS, page
from api.screening.screen import Desk, Question, contradicted
from api.words import word
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.errors import FormatError, LedgerError
from ledger.sheets.reading import parse_sheet
from ledger.sheets.subjects import subjects_in
from projections.matching import Way
from projections.screening import Answer, Cause

MOST_ROWS = 500
"""Most rows of a page; longer lists are for the command and the interface."""
MAX_FORM = 256 * 1024
PRIVATE = {**HEADERS, "cache-control": "no-store"}
FORM = "application/x-www-form-urlencoded"


def form(request: Request) -> Response:
    """``GET /screen``: the form."""
    return _page(request, {"found": None, "error": None, "asked": _EMPTY})


async def asked(request: Request) -> Response:
    """``POST /screen``: the answer as a page."""
    asked = _EMPTY
    try:
        need(request.app.state.screening_rate, request)
        asked = _fields(await _body(request))
        found = await run_in_threadpool(_screened, request.app.state.desk, asked)
    except _ToldError as error:
        return _page(request, {"found": None, "error": {"zh": error.zh, "en": error.en}, "asked": asked}, error.status)
    except LedgerError as error:
        refused(error)
        told = {"zh": error.zh, "en": error.en}
        answer = _page(request, {"found": None, "error": told, "asked": asked}, problems.answer_to(error).status)
        answer.headers.update({**problems.headers_of(error), **PRIVATE})
        return answer
    return _page(request, {"found": found, "error": None, "asked": asked})


_EMPTY: Mapping[str, str] = {"subjects": "", "purpose": str(ScreeningPurpose.ADMINISTRATION), "on": ""}


class _ToldError(Exception):
    """A request that is answered before it is looked at."""

    def __init__(self, status: int, en: str, zh: str) -> None:
        super().__init__(en)
        self.status, self.en, self.zh = status, en, zh


def _told(status: int, en: str, zh: str) -> _ToldError:
    return _ToldError(status, en, zh)


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise _told(415, f"Expected the content type {FORM}", f"内容类型应为 {FORM}")
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > MAX_FORM:
                raise _told(413, f"Expected at most {MAX_FORM} bytes", f"内容应不超过 {MAX_FORM} 字节")
            parts.append(part)
    except ClientDisconnect:
        raise _told(400, "The body ended before its end", "正文未传完即中断") from None
    return b"".join(parts)


def _fields(body: bytes) -> Mapping[str, str]:
    """The form's fields. Raises FormatError for what no form of ours sends."""
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=5, errors="strict")
    except ValueError:
        raise FormatError("form: expected the form's fields in UTF-8", "表单：应为 UTF-8 编码的表单字段") from None
    fields = {name: found[name][0] if name in found else given for name, given in _EMPTY.items()}
    if any(map(is_unfit, fields.values())):
        raise FormatError("form: expected no control characters", "表单：不应含控制字符")
    return fields


def _screened(desk: Desk, asked: Mapping[str, str]) -> dict[str, Any]:
    """The rows with their answers. Raises LedgerError."""
    if asked["purpose"] not in set(ScreeningPurpose):
        raise FormatError("purpose: expected one of the list", "用途：应为列表之一")
    on: date | None = day_of(asked["on"].strip(), "on") if asked["on"].strip() else None
    listed = subjects_in(parse_sheet(asked["subjects"].encode(), "list"))
    if len(listed.subjects) > MOST_ROWS:
        raise FormatError(
            f"list: expected at most {MOST_ROWS} rows here; longer ones by `jiannuo screen` or the interface",
            f"名单：此处至多 {MOST_ROWS} 行；更长的请用 `jiannuo screen` 或数据接口",
        )
    if not listed.subjects:
        raise FormatError("list: expected at least one name or code", "名单：应至少有一个名称或代码")
    subjects = tuple(dict.fromkeys(s.asked for s in listed.subjects))
    answer = desk.screen(Question(ScreeningPurpose(asked["purpose"]), subjects, on), public=True).answer
    of = {result["given"]: result for result in answer["results"]}
    notes = (*listed.notes, *contradicted(listed, of))
    return {
        "on": answer["on"],
        "size": answer["size"],
        "purpose": _word(ScreeningPurpose(answer["purpose"])),
        "counts": [{**_word(a), "n": sum(of[s.asked]["answer"] == a for s in listed.subjects)} for a in Answer],
        "rows": [_row(s.row, of[s.asked]) for s in listed.subjects],
        "notes": [{"row": n.row, "column": n.column, "zh": n.zh, "en": n.en} for n in notes],
    }


def _row(number: int, result: Mapping[str, Any]) -> dict[str, Any]:
    match = result.get("match")
    return {
        "row": number,
        "given": result["given"],
        "answer": _word(Answer(result["answer"])),
        "body": {"id": match["body"], "name": match["name"], "way": _way(match["way"])} if match else None,
        "reasons": [_reason(reason) for reason in result.get("reasons", ())],
        "candidates": [
            {"id": c["body"], "name": c["name"], "way": _way(c["way"])} for c in result.get("candidates", ())
        ],
    }


def _reason(reason: Mapping[str, Any]) -> dict[str, Any]:
    told = [reason[n] for n in ("zh", "basis", "decision_number", "court", "case_number", "due") if reason.get(n)]
    if reason.get("starts"):
        told.append(f"{reason['starts']} – {reason.get('ends', '')}")
    return {**_word(Cause(reason["cause"])), "details": told, "record": reason.get("record")}


def _way(way: str) -> dict[str, str]:
    return _word(Way(way)) if way != "code" else {"code": "code", "zh": "代码相符", "en": "Its code"}


def _word(code: Any) -> dict[str, str]:
    return {"code": str(code), **word(code)._asdict()}


def _page(request: Request, data: dict[str, Any], status: int = 200) -> Response:
    purposes = [_word(purpose) for purpose in ScreeningPurpose]
    return page(request, "screen.html", {**data, "purposes": purposes, "most": MOST_ROWS}, status, PRIVATE)


routes = [Route("/screen", form, methods=["GET"]), Route("/screen", asked, methods=["POST"])]
