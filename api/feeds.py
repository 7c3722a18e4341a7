"""Atom feeds (RFC 4287): the newest happenings of a body, a key area, a region, and the log of takedowns.

/feeds/bodies/<id>.atom      a body with all that it answers for; one that another answers for is redirected (308)
/feeds/areas/<area>.atom     a key area (I01)
/feeds/regions/<code>.atom   a region (GB/T 2260) with all below it
/feeds/takedowns.atom        what was taken down, corrected, repaired: that it was, never what or about whom

An entry says what happened, about what and by whom, in Chinese and English, and leads to the event; what is said in it
stands there. A record that may no longer be seen is gone from every feed at once. Ids never change: they are tag URIs
(RFC 4151) of the log's name, the day of its founding, and the event's index. All addresses are relative, so that a feed
is the same whatever name the site is asked under.

>>> text("财政局\\ufffe<b>")
'财政局\\ufffd<b>'
>>> tag("log.example/city", date(2026, 4, 12), "events/7")
'tag:log.example,2026-04-12:city/events/7'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import moments, query
from api.answers import PUBLIC, Finished, finished
from api.v1.asked import values_of
from api.v1.lists import answered
from api.v1.resources import BODY_ID
from api.words import event_word, word
from api.words.common import CASES
from api.words.table import Word
from ledger.domain.commitment_terms import Area
from ledger.domain.event import LEDGER, legal_day
from ledger.domain.record.terms import PublicationEnd, WithdrawalGround
from ledger.proof.event import format_time
from projections.reading import Moment
from projections.views import takedowns
from projections.views.happenings import HAPPENINGS, times
from projections.views.listing import page
from projections.views.names import Called, answering, called

Row = Mapping[str, Any]
ATOM = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
ENTRIES = 50
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REGION = re.compile("[0-9]{6}")
_REASONS: Mapping[str, Word] = {str(code): word(code) for codes in (PublicationEnd, WithdrawalGround) for code in codes}


def text(value: str) -> str:
    """A text that XML 1.0 can hold (§2.2): what it forbids is replaced. Escaping is the writer's."""
    return _FORBIDDEN.sub("\ufffd", value)


def tag(origin: str, founded: date, own: str) -> str:
    """The tag URI (RFC 4151) of something of this log."""
    authority, _, path = origin.partition("/")
    return f"tag:{authority},{founded}:" + quote(f"{path}/{own}" if path else own, safe="/-._~")


@dataclass(frozen=True, slots=True)
class Source:
    """The log that feeds are of: its name, the day and time of its founding."""

    origin: str
    founded: date
    since: str

    def tag(self, own: str) -> str:
        """See :func:`tag`."""
        return tag(self.origin, self.founded, own)


def source_of(request: Request) -> Source:
    """The log that the application serves."""
    ledger = query.ledger(request)
    since = ledger.case(f"body/{LEDGER}").state.since
    return Source(ledger.log_key.origin, legal_day(since), format_time(since))


# --- feeds --------------------------------------------------------------------------------------------------


async def of_body(request: Request) -> Response:
    """``GET /feeds/bodies/<id>.atom``."""
    return await answered(request, partial(_of_body, request))


async def of_area(request: Request) -> Response:
    """``GET /feeds/areas/<area>.atom``."""
    return await answered(request, partial(_of_area, request))


async def of_region(request: Request) -> Response:
    """``GET /feeds/regions/<code>.atom``."""
    return await answered(request, partial(_of_region, request))


async def of_takedowns(request: Request) -> Response:
    """``GET /feeds/takedowns.atom``."""
    return await answered(request, partial(_of_takedowns, request))


def _of_body(request: Request) -> Finished:
    own: str = request.path_params["own"]
    moment = _moment(request, *HAPPENINGS.reads)
    reading = moments.reading(request)
    found = called(reading, moment, [own]) if re.fullmatch(BODY_ID, own) else {}
    if own not in found:
        raise query.missing("body", "单位", own)
    answers = answering(reading, moment, own)
    if answers != own:
        headers = {**PUBLIC, "location": f"/feeds/bodies/{quote(answers, safe='')}.atom"}
        return Finished(b"", headers, "", 308, request.scope.get("endpoint"))
    return _happenings(request, moment, {"body": own}, Word(found[own].name, found[own].name))


def _of_area(request: Request) -> Finished:
    own: str = request.path_params["own"]
    if own not in set(Area):
        raise query.missing("area", "领域", own)
    return _happenings(request, _moment(request, *HAPPENINGS.reads), {"area": own}, word(Area(own)))


def _of_region(request: Request) -> Finished:
    own: str = request.path_params["own"]
    if not _REGION.fullmatch(own):
        raise query.missing("region", "行政区划", own)
    title = Word(f"行政区划 {own}", f"Region {own}")
    return _happenings(request, _moment(request, *HAPPENINGS.reads), {"region": own}, title)


def _happenings(request: Request, moment: Moment, filters: Mapping[str, str], title: Word) -> Finished:
    reading = moments.reading(request)
    rows = page(reading, HAPPENINGS, moment, filters=filters, limit=ENTRIES).rows
    names = called(reading, moment, {body for row in rows for body in (row["iss"], row["subject"])})
    source = source_of(request)
    return _finished(request, source, title, [_happened(source, row, names) for row in rows])


def _of_takedowns(request: Request) -> Finished:
    moment = _moment(request, *takedowns.PUBLIC.reads, "bodies", "provenance")
    reading = moments.reading(request)
    rows = page(reading, takedowns.PUBLIC, moment, limit=ENTRIES).rows
    names = called(reading, moment, {row["by"] for row in rows})
    at = times(reading, [row["log_index"] for row in rows])
    source = source_of(request)
    title = Word("撤下、更正与修复日志", "Takedowns, corrections and repairs")
    return _finished(request, source, title, [_taken_down(source, row, names, at) for row in rows])


def _moment(request: Request, *reads: str) -> Moment:
    values_of(request, ())
    return moments.moment(request, *reads)


# --- entries ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed: its title and summary in both languages."""

    id: str
    updated: str
    title: Word
    summary: Word
    author: str
    category: str
    href: str


def headline(row: Row, names: Mapping[str, Called]) -> Word:
    """What happened and about what, in both languages."""
    what, about = event_word(row["name"]), _about(row, names)
    return Word(f"{what.zh}：{about.zh}", f"{what.en}: {about.en}")


def _about(row: Row, names: Mapping[str, Called]) -> Word:
    subject = name_of(row["subject"], names)
    if row["kind"] == "commitment":
        return Word(f"{subject}《{row['title']}》", f"{subject}, “{row['title']}”")
    if row["kind"] == "body":
        return Word(subject, subject)
    kind = CASES[row["kind"]]
    return Word(f"{subject}（{kind.zh}）", f"{subject} ({kind.en})")


def name_of(body: str | None, names: Mapping[str, Called]) -> str:
    """What a body is called; its id where that is not known."""
    return names[body].name if body and body in names else body or ""


def _happened(source: Source, row: Row, names: Mapping[str, Called]) -> Entry:
    by = name_of(row["iss"], names)
    return Entry(
        source.tag(f"events/{row['log_index']}"),
        row["at"],
        headline(row, names),
        Word(f"{row['day']}，由{by}记载。", f"Recorded on {row['day']} by {by}."),
        by,
        row["name"],
        f"/events/{row['log_index']}",
    )


def _taken_down(source: Source, row: Row, names: Mapping[str, Called], at: Mapping[int, str]) -> Entry:
    what, by = event_word(row["what"]), name_of(row["by"], names)
    reason = _REASONS.get(row["reason"] or "")
    because = Word(f"，理由：{reason.zh}", f"; ground: {reason.en}") if reason else Word("", "")
    return Entry(
        source.tag(f"takedowns/{row['log_index']}"),
        at[row["log_index"]],
        what,
        Word(f"{row['day']}，由{by}记载{because.zh}。", f"Recorded on {row['day']} by {by}{because.en}."),
        by,
        row["what"],
        "/takedowns",
    )


def _finished(request: Request, source: Source, title: Word, entries: list[Entry]) -> Finished:
    path = request.url.path
    feed = ET.Element("feed", {"xmlns": NAMESPACE})
    _add(feed, "id", source.tag(path.strip("/").removesuffix(".atom")))
    _add(feed, "title", f"{title.zh} · 践诺" if title.zh == title.en else f"{title.zh} · {title.en} · 践诺")
    _add(feed, "updated", max((entry.updated for entry in entries), default=source.since))
    _add(feed, "link", rel="self", type=ATOM, href=quote(path))
    _add(feed, "generator", "践诺 Jiannuo")
    _add(_add(feed, "author"), "name", source.origin)
    for entry in entries:
        _write(_add(feed, "entry"), entry)
    body = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return finished(body, f"{ATOM}; charset=utf-8", PUBLIC, request.scope.get("endpoint"))


def _write(element: ET.Element, entry: Entry) -> None:
    _add(element, "id", entry.id)
    _add(element, "title", f"{entry.title.zh} | {entry.title.en}")
    _add(element, "updated", entry.updated)
    _add(element, "link", rel="alternate", type="text/html", href=entry.href)
    _add(element, "category", term=entry.category)
    _add(element, "summary", f"{entry.summary.zh} | {entry.summary.en}")
    if entry.author:
        _add(_add(element, "author"), "name", entry.author)


def _add(parent: ET.Element, name: str, value: str | None = None, **attributes: Any) -> ET.Element:
    found = ET.SubElement(parent, name, {key: text(str(v)) for key, v in attributes.items()})
    found.text = None if value is None else text(value)
    return found


routes = [
    Route("/feeds/bodies/{own}.atom", of_body, name="feed.body"),
    Route("/feeds/areas/{own}.atom", of_area, name="feed.area"),
    Route("/feeds/regions/{own}.atom", of_region, name="feed.region"),
    Route("/feeds/takedowns.atom", of_takedowns, name="feed.takedowns"),
]
