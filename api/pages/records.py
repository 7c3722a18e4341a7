"""The pages of dishonesty records, penalties and takedowns: what projections/disclosure.py shows whoever asks.

/records         ?severity= &source= &area= &region= &body= &order= &after=      ?as_of=
/records/<id>    one record, with its days, penalties, and where each fact comes from; 404 for what is withheld
/penalties       the register: ?state= &kind= &measure= &region= &body= &after=  ?as_of=
/takedowns       what was corrected, withdrawn, repaired or taken down, and nothing of what it said

A record that is withheld is not found, in the same words as one that never was. Holders of the auditors' token see
every record, with why the public does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import query
from api.access import is_auditor, sight
from api.moments import moment, reading
from api.pages import show
from api.pages.casefile import CaseFile, is_stream, open_case
from api.pages.lists import Filter, Row, coded, shown
from api.render import Data, respond_at
from api.words import EVENTS, field_word
from api.words.public import HOLDS, PENALTY_STATES, RECTIFICATION_STATES, TAKEDOWN_REASONS
from api.words.table import Word
from ledger.domain.commitment_terms import Area
from ledger.domain.record.remedy_terms import MeasureKind
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import Conduct, FocusField, Severity, SourceKind
from ledger.errors import LedgerError, NotFoundError
from projections.disclosed import CORRECTED
from projections.disclosure import GROUNDS, Audience, Disclosed, Reason, disclose
from projections.reading import Moment
from projections.views import penalties, records, takedowns
from projections.views.listing import one, page
from projections.views.names import called

_REASONS = {str(reason): Word(ground.zh, ground.en) for reason, ground in GROUNDS.items()}
_FILTERS = (
    Filter("severity", "失信程度", "Severity", coded(Severity)),
    Filter("source", "信息来源", "Source", coded(SourceKind)),
    Filter("area", "领域", "Area", coded(Area)),
    Filter("region", "行政区划代码", "Region code"),
    Filter("body", "信用主体的标识", "Id of the body"),
)
_OFFICE = (
    Filter("standing", "现状", "Standing", coded(Standing)),
    Filter("reason", "不公开的理由", "Why withheld", _REASONS),
)
ORDERS = (
    ("newest", "最新记载在前", "Newest first"),
    ("updated", "最近更新在前", "Last updated first"),
    ("expires", "按公示截止日期", "By last day of publicity"),
)
OFFICE_ORDERS = (("newest", "最新记载在前", "Newest first"), ("changed", "最近变动在前", "Last changed first"))
PENALTY_FILTERS = (
    Filter("state", "状态", "State", PENALTY_STATES),
    Filter("kind", "措施类型", "What it does", coded(MeasureKind)),
    Filter("measure", "措施代码", "Code of the measure"),
    Filter("region", "行政区划代码", "Region code"),
    Filter("body", "信用主体的标识", "Id of the body"),
)
PENALTY_ORDERS = (("newest", "最新实施在前", "Newest first"), ("ends", "按截止日期", "By last day"))
TAKEDOWN_FILTERS = (
    Filter("what", "事件", "Event", EVENTS),
    Filter("reason", "理由", "Ground", TAKEDOWN_REASONS),
    Filter("region", "行政区划代码", "Region code"),
    Filter("from", "自", "From", is_day=True),
    Filter("until", "至", "Until", is_day=True),
)


# --- records ------------------------------------------------------------------------------------------------


def records_list(request: Request) -> Response:
    """``GET /records``."""
    trusted = is_auditor(request)
    found = shown(
        request, records.OFFICE if trusted else records.PUBLIC, (*_FILTERS, *_OFFICE) if trusted else _FILTERS
    )
    names = called(reading(request), found.moment, (row["subject"] for row in found.rows))
    data = {**found.data, "items": [item(row, names) for row in found.rows]}
    orders = OFFICE_ORDERS if trusted else ORDERS
    return respond_at(request, found.moment, "records.html", data, form=found.form, orders=orders)


def item(row: Row, names: show.Names) -> Data:
    """A record in a list: for the office also where it stands, and why the public does not see it."""
    reason, standing = row.get("reason"), row.get("standing")
    return {
        "id": row["id"],
        "address": f"/records/{row['id']}",
        "subject": show.named(row["subject"], names),
        "source": show.coded(SourceKind(row["source"])),
        "severity": show.coded(Severity(row["severity"])) if row["severity"] else None,
        "area": show.coded(Area(row["area"])) if row["area"] else None,
        "published_on": row["published_on"],
        "updated_on": row.get("updated_on"),
        "expires_on": row["expires_on"],
        "under_objection": row.get("under_objection"),
        "standing": show.coded(Standing(standing)) if standing else None,
        "withheld": {"code": reason, **_REASONS[reason]._asdict()} if reason else None,
    }


def record(request: Request) -> Response:
    """``GET /records/<id>``."""
    at, own = moment(request, "records", "penalties", "bodies"), request.path_params["id"]
    stream = f"record/{own}"
    unknown = query.missing("record", "失信记录", own)
    if not is_stream(stream):
        raise unknown
    found = _case(request, stream, at, unknown)
    seen = _seen(request, found, at)
    if seen is None:
        raise unknown
    fields = seen["fields"]
    read = reading(request)
    register = penalties.OFFICE if is_auditor(request) else penalties.PUBLIC
    imposed = page(read, register, at, filters={"stream": stream}).rows
    wanted = (fields["subject"], fields["recognised_by"], *(row["imposed_by"] for row in imposed))
    names: show.Names = {**found.names, **called(read, at, wanted)}
    data = {
        "id": own,
        **_facts(fields, names),
        **{k: v for k, v in seen.items() if k != "fields"},
        "penalties": [penalty_item(row, names) for row in imposed],
        "sources": _sources(found.state),
        "events": [show.event(recorded, names) for recorded in found.history],
    }
    return respond_at(request, at, "record.html", data)


def _case(request: Request, stream: str, at: Moment, unknown: LedgerError) -> CaseFile:
    """The case behind a record as far as whoever asks may see its events; raises ``unknown`` where that is nothing."""
    sees = sight(request, [stream])
    if not sees.of_case(stream):
        raise unknown
    try:
        return open_case(query.ledger(request), stream, at.on, sees.of_event, at.size)
    except NotFoundError:
        raise unknown from None


def _seen(request: Request, found: CaseFile, at: Moment) -> Data | None:
    """What may be seen of a record: for the public the row that is disclosed, for auditors all, with why it is not."""
    days = ("published_on", "updated_on", "expires_on")
    if not is_auditor(request):
        row = one(reading(request), records.PUBLIC, at, found.stream)
        return {**{d: row[d] for d in days}, "fields": row["fields"], "withheld": None} if row else None
    answer = disclose(found.state, found.view, Audience.OFFICE, at.on)
    public = disclose(found.state, found.view, Audience.PUBLIC, at.on)
    assert isinstance(answer, Disclosed), "the office sees everything"
    withheld = None if isinstance(public, Disclosed) else _withheld(public.reason, public.source)
    return {**{d: getattr(answer, d) for d in days}, "fields": answer.fields, "withheld": withheld}


def _withheld(reason: Reason, source: str) -> Data:
    return {"code": str(reason), **_REASONS[reason]._asdict(), "source": source}


def _facts(fields: Mapping[str, Any], names: show.Names) -> Data:
    """The facts of a record as disclosed, with words and names."""
    rectification = fields["rectification"]
    return {
        "subject": show.named(fields["subject"], names),
        "source": show.coded(SourceKind(fields["source"])) if fields["source"] else None,
        "conduct": [show.coded(Conduct(code)) for code in fields["conduct"]],
        "area": show.coded(Area(fields["area"])) if fields["area"] else None,
        "focus": show.coded(FocusField(fields["focus"])) if fields["focus"] else None,
        "severity": show.coded(Severity(fields["severity"])) if fields["severity"] else None,
        "rectification": {**rectification, "state": _worded(rectification["state"], RECTIFICATION_STATES)},
        "recognised_by": show.named(fields["recognised_by"], names),
        "decision": _document(fields["decision"]),
        **{name: fields[name] for name in _PLAIN},
        "corrections": [{**one, "what": _corrected(one["field"])} for one in fields["corrections"]],
        "persons": fields.get("persons", []),
    }


_PLAIN = ("findings", "catalogue", "effective_on", "recognised_on", "additions", "under_objection")


def _corrected(field: str) -> Data:
    """The field that was corrected, in words; as the correction calls it where that is no field of the record."""
    return {"code": field, **(field_word(field) if field in CORRECTED else Word(field, ""))._asdict()}


def _document(found: Mapping[str, str] | None) -> Data | None:
    names = ("title", "number", "organ", "dated", "sha256")
    return {name: found.get(name) for name in names} if found else None


def _worded(code: str, words: Mapping[str, Word]) -> Data:
    return {"code": code, **words.get(code, Word(code, code))._asdict()}


def _sources(state: Record) -> dict[str, int]:
    """In which event of the log each fact was said last: what was corrected, in its correction."""
    said = {
        "subject": state.lead,
        "findings": state.recognised,
        "catalogue": state.recognised,
        "severity": state.grades[-1] if state.grades else None,
        "published": state.publications[-1] if state.publications else None,
        "rectification": (state.checks or state.extensions or state.orders or (None,))[-1],
        "corrections": state.corrections[-1] if state.corrections else None,
        **{c.field: said for said in state.corrections for c in said.fact.corrections if c.field in CORRECTED},
    }
    return {name: found.index for name, found in said.items() if found is not None}


# --- penalties ----------------------------------------------------------------------------------------------


def penalties_list(request: Request) -> Response:
    """``GET /penalties``."""
    found = shown(request, penalties.OFFICE if is_auditor(request) else penalties.PUBLIC, PENALTY_FILTERS)
    ids: Iterable[str] = (row[key] for row in found.rows for key in ("subject", "imposed_by"))
    names = called(reading(request), found.moment, ids)
    data = {**found.data, "items": [penalty_item(row, names) for row in found.rows]}
    return respond_at(request, found.moment, "penalties.html", data, form=found.form, orders=PENALTY_ORDERS)


def penalty_item(row: Row, names: show.Names) -> Data:
    """A penalty in a list: one that is suspended stands as suspended, with what suspends it."""
    return {
        "record": f"/records/{row['stream'].partition('/')[2]}",
        "penalty": row["penalty"],
        "index": row["log_index"],
        "subject": show.named(row["subject"], names),
        "on_person": row["on_person"],
        "measure": {"code": row["measure"], "zh": row["measure_zh"], "en": row["measure_en"]},
        "basis": row["basis"],
        "state": _worded(row["state"], PENALTY_STATES),
        "held_by": [_worded(held.partition(":")[0], HOLDS) for held in row["held_by"]],
        "starts": row["starts"],
        "ends": row["ends"],
        "imposed_on": row["imposed_on"],
        "imposed_by": show.named(row["imposed_by"], names),
        "decision_number": row["decision_number"],
        "decision_title": row["decision_title"],
    }


# --- takedowns ----------------------------------------------------------------------------------------------


def takedowns_list(request: Request) -> Response:
    """``GET /takedowns``."""
    found = shown(request, takedowns.PUBLIC, TAKEDOWN_FILTERS)
    names = called(reading(request), found.moment, (row["by"] for row in found.rows))
    items = [
        {
            "index": row["log_index"],
            "day": row["day"],
            "what": show.happened(row["what"]),
            "reason": _worded(row["reason"], TAKEDOWN_REASONS) if row["reason"] else None,
            "by": show.named(row["by"], names),
            "region": row["region"],
        }
        for row in found.rows
    ]
    data, feed = {**found.data, "items": items}, "/feeds/takedowns.atom"
    return respond_at(request, found.moment, "takedowns.html", data, form=found.form, feed=feed)
