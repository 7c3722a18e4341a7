"""Screening many subjects at once: who they are, what stands about them, what follows; a handful of queries for all.

The public's answer rests on what may be shown (``records.disclosures``), that of offices on everything in the log. A
past day is answered from what the log said at its end, a day to come from what it says now. What relieves a body counts
at once, also where the projections that are read do not contain it yet (:mod:`projections.relief`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Literal

from ledger.domain.codec import PROVISIONAL_PATTERN, USCC_PATTERN
from ledger.domain.identifiers import check_uscc
from ledger.domain.policy import View
from ledger.errors import FormatError
from projections import bodies, court, matching, penalties, records, remedies
from projections.matching import Way, key_of, sounds_of
from projections.projection import OPEN
from projections.reading import Moment, Reading, held, name_of
from projections.relief import RELIEVING, STRUCK
from projections.screening import (
    Answer,
    Asked,
    Cause,
    Reason,
    Standing,
    answer_of,
    reasons_of,
    weakened,
)
from projections.views.shown import record_shown, untouched

READS = ("bodies", "matching", "penalties", "court", "records", "remedies")
"""The projections that a screening reads."""
MOST_CANDIDATES = 10
"""So many bodies are named for one subject; a short form that a thousand bodies share costs no more than that."""
_LIKE_CODE = re.compile(f"(?:{USCC_PATTERN}|{PROVISIONAL_PATTERN})")


@dataclass(frozen=True, slots=True)
class Match:
    """A body that a subject may be: how it was found, by which of its names, and whether that is sure enough."""

    body: str
    way: str  # code, or a matching.Way
    name: str

    @property
    def sure(self) -> bool:
        """Whether a decision may rest on it."""
        return self.way in {"code", Way.NAME, Way.FORMER}


@dataclass(frozen=True, slots=True)
class Body:
    """A body as screening needs it. ``answers_to`` leads to who answers for it."""

    id: str
    name: str
    status: str
    region: str | None
    answers_to: str | None


@dataclass(slots=True)
class Found:
    """What the queries gave."""

    bodies: dict[str, Body] = field(default_factory=dict)
    behind: dict[str, list[str]] = field(default_factory=dict)  # who a body answers for, at first hand
    standings: dict[str, Standing] = field(default_factory=dict)


Views = Callable[[str | None], View]
"""The rules of a region on the day of the screening."""


def screened(
    reading: Reading,
    moment: Moment,
    asked: Asked,
    subjects: Sequence[str],
    views: Views,
    *,
    public: bool,
    excluded: Mapping[tuple[str, str], Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The answer for each subject, in their order. ``excluded``: by key and body, which matches an office ruled out."""
    matches = matched(reading, moment, subjects)
    ids = {m.body for found in matches for m in found}
    found = _read(reading, moment, asked.day, ids, public=public)
    decided: dict[str, list[Reason]] = {}

    def reasons(body_id: str) -> list[Reason]:
        if body_id not in decided:
            decided[body_id] = list(_reasons(found, body_id, asked, views))
        return decided[body_id]

    return [_answered(s, m, found, reasons, excluded) for s, m in zip(subjects, matches, strict=True)]


def matched(reading: Reading, moment: Moment, subjects: Sequence[str]) -> list[list[Match]]:
    """Whom each subject may be: by its code, else by a name it has or had; only where that fails by what is like it."""
    keys = [_code(subject) if is_code(subject) else key_of(subject) for subject in subjects]
    result: list[list[Match]] = [[] for _ in subjects]
    places: dict[str, list[int]] = {}
    for number, key in enumerate(keys):
        places.setdefault(key, []).append(number)
    codes = [k for n, k in enumerate(keys) if is_code(subjects[n])]
    names = list({k for n, k in enumerate(keys) if k and not is_code(subjects[n])})
    hits = _by_code(reading, moment, codes) + _by_key(reading, moment, names, (Way.NAME, Way.FORMER))
    hit = {key for key, _ in hits}
    like: dict[str, set[str]] = {}
    for name in names:
        if name not in hit:
            for key in {name, *sounds_of(name)}:
                like.setdefault(key, set()).add(name)
    near = _by_key(reading, moment, list(like), (Way.SHORT, Way.SOUND))
    hits += [(name, match) for key, match in near for name in like[key] if match.way == Way.SOUND or name == key]
    for key, match in hits:
        for number in places[key]:
            some = result[number]
            if len(some) <= MOST_CANDIDATES and all(match.body != m.body for m in some):
                some.append(match)
    return result


def is_code(subject: str) -> bool:
    """Whether a subject is asked by its code, or by what looks like one."""
    return bool(_LIKE_CODE.fullmatch(_code(subject)))


def _code(subject: str) -> str:
    """A code as it is compared: its full-width characters made ordinary ones, in capitals unless it is provisional."""
    text = unicodedata.normalize("NFKC", subject).strip()
    return text if "-" in text else text.upper()


_CODES = """SELECT b.id AS key, b.id AS body, 'code' AS way, b.name FROM unnest(%(keys)s::text[]) AS g(key)
    JOIN {bodies} b ON b.id = g.key COLLATE "C" WHERE {held}"""
_KEYS = """SELECT g.key, k.body, k.way, k.name FROM unnest(%(keys)s::text[]) AS g(key) CROSS JOIN LATERAL (
        SELECT k.body, k.way, k.name FROM {keys} k
        WHERE k.key = g.key COLLATE "C" AND k.way = ANY(%(ways)s) AND {held} ORDER BY k.body LIMIT {most}
    ) AS k"""


def _by_code(reading: Reading, moment: Moment, codes: Sequence[str]) -> list[tuple[str, Match]]:
    query = SQL(_CODES).format(bodies=name_of(bodies.BODIES), held=held("b"))
    return _hits(reading.rows(query, {**moment.values(), "keys": list(codes)}) if codes else [])


def _by_key(reading: Reading, moment: Moment, keys: Sequence[str], ways: Sequence[Way]) -> list[tuple[str, Match]]:
    query = SQL(_KEYS).format(keys=name_of(matching.KEYS), held=held("k"), most=Literal(MOST_CANDIDATES + 1))
    values = {**moment.values(), "keys": list(keys), "ways": [str(way) for way in ways]}
    return _hits(reading.rows(query, values) if keys else [])


def _hits(rows: Iterable[DictRow]) -> list[tuple[str, Match]]:
    return [(row["key"], Match(row["body"], row["way"], row["name"])) for row in rows]


# --- what stands about them -----------------------------------------------------------------------------------


_FAMILY = """WITH RECURSIVE up(id) AS (
        SELECT unnest(%(ids)s::text[]) COLLATE "C"
        UNION SELECT b.answers_to FROM up JOIN {bodies} b ON b.id = up.id AND {held} WHERE b.answers_to IS NOT NULL
    ), down(id) AS (
        SELECT id FROM up
        UNION SELECT b.id FROM down JOIN {bodies} b ON b.answers_to = down.id AND {held}
    )
    SELECT b.id, b.name, b.status, b.region, b.answers_to FROM down JOIN {bodies} b ON b.id = down.id AND {held}"""
_OF = 'FROM unnest(%(ids)s::text[]) AS s(id) JOIN {table} t ON t.subject = s.id COLLATE "C" WHERE {held} AND {shown}'
_WEIGHED = "SELECT t.*, NOT {unrelieved} AS relieved "
_PENALTIES = (
    _WEIGHED + _OF + " AND NOT t.on_person AND t.lifted_on IS NULL AND t.starts <= %(day)s"
    " AND (t.ends IS NULL OR t.ends >= %(day)s) ORDER BY t.log_index, t.penalty"
)
_LISTINGS = (
    _WEIGHED + _OF + " AND t.listed_on <= %(day)s AND (t.removed_on IS NULL OR t.removed_on > %(day)s)"
    " AND (t.until IS NULL OR t.until >= %(day)s) ORDER BY t.log_index"
)
_RECORDS = (
    "SELECT t.*, EXISTS (SELECT FROM {remedies} r WHERE r.stream = t.stream AND r.sort = 'objection'"
    " AND r.state = ANY(%(open)s) AND NOT r.personal AND {held_r}) AS objected "
    'FROM unnest(%(ids)s::text[]) AS s(id) JOIN {table} t ON t.subject = s.id COLLATE "C" WHERE {held} AND {shown}'
    " AND t.standing = 'recorded' AND NOT t.person AND {unstruck} ORDER BY t.log_index"
)
# At or beyond where the rows are read.
_UNTOUCHED = {
    "unrelieved": untouched(SQL("t.stream"), RELIEVING, SQL("%(since)s")),
    "unstruck": untouched(SQL("t.stream"), STRUCK, SQL("%(since)s")),
}


def _read(reading: Reading, moment: Moment, day: date, ids: Iterable[str], *, public: bool) -> Found:
    """Bodies with those they answer for, and what stands about each of them on the day."""
    found = Found()
    if not (asked := sorted(ids)):
        return found
    family = SQL(_FAMILY).format(bodies=name_of(bodies.BODIES), held=held("b"))
    for row in reading.rows(family, {**moment.values(), "ids": asked}):
        found.bodies[row["id"]] = Body(**row)
        if row["answers_to"] is not None:
            found.behind.setdefault(row["answers_to"], []).append(row["id"])
    open_states = ["accepted"] if public else ["filed", "accepted"]
    # A past day's end was before all that the projections lack; of today they may lack what the log says already.
    since = moment.size if moment.on == moment.today else OPEN
    values = {**moment.values(), "ids": sorted(found.bodies), "day": day, "open": open_states, "since": since}
    shown = record_shown(SQL("t.stream"), SQL("false")) if public else SQL("true")

    def rows(template: str, table: Any) -> dict[str, list[DictRow]]:
        parts = {"table": name_of(table), "held": held("t"), "shown": shown, **_UNTOUCHED}
        more = {"remedies": name_of(remedies.REMEDIES), "held_r": held("r")}
        by_subject: dict[str, list[DictRow]] = {}
        for row in reading.rows(_formatted(template, parts | more), values):
            by_subject.setdefault(row["subject"], []).append(row)
        return by_subject

    of_penalties = rows(_PENALTIES, penalties.PENALTIES)
    of_records = rows(_RECORDS, records.RECORDS)
    of_listings = rows(_LISTINGS, court.COURT)
    for body in of_penalties.keys() | of_records.keys() | of_listings.keys():
        standing = of_penalties.get(body, ()), of_records.get(body, ()), of_listings.get(body, ())
        found.standings[body] = Standing(*standing)
    return found


def _formatted(template: str, parts: Mapping[str, Any]) -> Composed:
    return SQL(template).format(**parts)


def _reasons(found: Found, body_id: str, asked: Asked, views: Views) -> Iterable[Reason]:
    """Why the body that answers for this one is blocked, or to be looked at."""
    top = _answering(found, body_id)
    for other, same in _family(found, top):
        standing = found.standings.get(other)
        if standing is None:
            continue
        own = reasons_of(standing, asked, views(found.bodies[other].region))
        yield from own if same else (weakened(reason, other) for reason in own)


def _answering(found: Found, body_id: str) -> str:
    """The last of the bodies that answer for this one; admission makes sure that they do not go round."""
    while (body := found.bodies.get(body_id)) and body.answers_to in found.bodies:
        body_id = str(body.answers_to)
    return body_id


def _family(found: Found, top: str) -> Iterable[tuple[str, bool]]:
    """The body and those it answers for; True for what is the same body: itself, and names resolved to it."""
    todo = [(top, True)]
    while todo:
        body, same = todo.pop()
        yield body, same
        todo += [(b, same and found.bodies[b].status == "resolved") for b in found.behind.get(body, ())]


# --- the answer -----------------------------------------------------------------------------------------------


def _answered(
    subject: str,
    matches: Sequence[Match],
    found: Found,
    reasons: Callable[[str], list[Reason]],
    excluded: Mapping[tuple[str, str], Mapping[str, Any]],
) -> dict[str, Any]:
    key = "" if is_code(subject) else key_of(subject)  # a code means one body: no office rules that out
    ruled_out = [{**excluded[key, m.body], "body": m.body} for m in matches if (key, m.body) in excluded]
    left = [m for m in matches if (key, m.body) not in excluded]
    told: dict[str, Any] = {"given": subject}
    sure = [m for m in left if m.sure]
    if len({_answering(found, m.body) for m in sure}) == 1:
        why = reasons(sure[0].body)
        told |= {"answer": answer_of(why), "match": _matched(sure[0], found)}
    elif left:
        why = [Reason(Cause.AMBIGUOUS if len(left) > 1 else Cause.UNCERTAIN)]
        some = [_matched(m, found) | {"answer": answer_of(reasons(m.body))} for m in left[:MOST_CANDIDATES]]
        told |= {"answer": Answer.CAUTION, "candidates": some}
    else:
        why = [Reason(_missing(subject))]
        told |= {"answer": Answer.UNKNOWN}
    told["answer"] = str(told["answer"])
    for candidate in told.get("candidates", ()):
        candidate["answer"] = str(candidate["answer"])
    return told | ({"reasons": [r.data() for r in why]} if why else {}) | ({"excluded": ruled_out} if ruled_out else {})


def _missing(subject: str) -> Cause:
    """A code that no body can have, and what is no text at all, is said to be wrong rather than not found."""
    if is_code(subject) and "-" not in subject:
        try:
            check_uscc(_code(subject))
        except FormatError:
            return Cause.MALFORMED
    return Cause.NOT_FOUND if key_of(subject) else Cause.MALFORMED


def _matched(match: Match, found: Found) -> dict[str, Any]:
    """Who it is and how that is known, and who answers for it where that is another."""
    top = _answering(found, match.body)
    body = found.bodies[match.body]
    told = {"body": match.body, "name": body.name, "way": str(match.way), "sure": match.sure}
    told |= {"by": match.name} if match.name != body.name else {}
    return told | ({"answers_for_it": top, "its_name": found.bodies[top].name} if top != match.body else {})
