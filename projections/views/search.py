"""Search: from what somebody types to bodies, commitments, records, penalties, positive records and events.

Found by the whole text, by its beginning, and by its parts (every part of the query in the same text), in this order;
within it present names before former ones, what is likelier meant before what is less so
(:class:`projections.search.Sort`), short texts before long ones, newer before older: the same question at the same
moment has one answer.

What is in very many texts is bounded: of those that match whole or by their beginning EACH are looked at; of those with
the parts in them the newest MOST are ranked, and where the newest entries are so full of them that there must be more
than OFTEN, the newest WIDE of the newest WINDOW entries. So a word that is everywhere takes no longer.

>>> looks_like("A1B2C3D4"), looks_like("#1234"), looks_like("0198c5a2-0000-7000-8000-000000000001")
(('hash', 'a1b2c3d4'), ('log_index', '1234'), ('jti', '0198c5a2-0000-7000-8000-000000000001'))
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow
from psycopg.sql import SQL, Composed, Literal

from ledger.errors import FormatError
from projections import search as index
from projections.folding import fold, grams, numbers, terms
from projections.reading import Moment, Reading, held, name_of
from projections.search import KEY, Sort
from projections.views import events
from projections.views.listing import one, page
from projections.views.names import Called, called
from projections.views.shown import commendation_shown, record_shown_each

READS = ("search", "bodies", "provenance")
"""The projections that a search reads. Records decide what is shown, and no search waits for them."""
KINDS = ("body", "commitment", "record", "penalty", "commendation", "event")
USUAL, LIMIT = 20, 100
LONGEST_QUERY = 100
MOST, EACH, WIDE = 500, 500, 200
SAMPLE, WINDOW = 1_000, 3_000
"""Entries of the log, the newest ones, that tell what is everywhere, and in which that is then looked for."""
OFTEN = 4_000
"""Texts from which on looking through the newest entries is quicker than gathering all places from the index."""
_MOST_PARTS = 8

_HASH = re.compile("[0-9a-f]{8,64}")
_INDEX = re.compile("#?(0|[1-9][0-9]{0,14})")
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SPELT = re.compile("[a-z]+(?: [a-z]+)+")
_STREAM = re.compile("^(?:body|commendation|commitment|record)/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found, by which sort of text (``by``), and how: whole, beginning or part.

    ``id`` is a body's or commitment's id, a record's or positive record's stream, an event's index in the log; ``item``
    a penalty's name within its record. ``status`` and ``answers_to`` are a body's.
    """

    kind: str
    id: str
    item: str | None
    title: str
    by: str
    match: str
    region: str | None = None
    status: str | None = None
    answers_to: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, the best first; ``more``: there is, or may be, more than these."""

    query: str
    moment: Moment
    hits: Sequence[Hit]
    more: bool


def search(reading: Reading, moment: Moment, q: str, *, kind: str | None = None, limit: int = USUAL) -> Found:
    """What the public may find at a moment. ``kind`` is one of KINDS; at most LIMIT hits.

    Raises FormatError for a query without a letter or digit, of more than LONGEST_QUERY characters or too many parts,
    and for another kind or limit.
    """
    parts = _checked(q, kind, limit)
    hits, bounded = _events(reading, moment, q) if kind in {None, "event"} else [], False
    if kind != "event":
        found, bounded = _texts(reading, moment, q, parts, kind, limit + 1)
        if not found and _SPELT.fullmatch(fold(q)):  # pinyin with spaces between the syllables
            joined = fold(q).replace(" ", "")
            found, bounded = _texts(reading, moment, joined, (joined,), kind, limit + 1)
        hits += found
    return Found(q, moment, hits[:limit], bounded or len(hits) > limit)


def _checked(q: str, kind: str | None, limit: int) -> tuple[str, ...]:
    parts = terms(q)
    if not parts or len(q) > LONGEST_QUERY or len(parts) > _MOST_PARTS:
        raise FormatError(
            f"q: expected letters or digits, at most {LONGEST_QUERY} characters in at most {_MOST_PARTS} parts",
            f"q：应含文字或数字，不超过 {LONGEST_QUERY} 个字符、{_MOST_PARTS} 个词",
        )
    if kind not in {None, *KINDS}:
        known = ", ".join(KINDS)
        raise FormatError(f"kind: expected one of {known}, got {kind!a}", f"kind：应为 {known} 之一，实为 {kind!a}")
    if not 1 <= limit <= LIMIT:
        raise FormatError(f"limit: expected 1 to {LIMIT}, got {limit}", f"limit：应为 1 至 {LIMIT}，实为 {limit}")
    return parts


# --- texts --------------------------------------------------------------------------------------------------

_SORTS = [str(sort) for sort in Sort]
_SHOWN = SQL(
    "{held} AND (t.ends IS NULL OR (t.ends >= %(on)s AND t.ends >= %(today)s)) "
    "AND (%(kind)s::text IS NULL OR t.kind = %(kind)s) "
    "AND (t.kind NOT IN ('record', 'penalty') OR {record_shown}) AND (t.kind <> 'commendation' OR {commended})"
).format(held=held("t"), record_shown=record_shown_each(SQL("t.id")), commended=commendation_shown(SQL("t.id")))
_VALUES = {
    "texts": name_of(index.TEXTS),
    "columns": SQL(
        "t.kind, t.id, t.item, t.sort, t.title, t.region, t.log_index, t.number, length(t.text) AS length, "
        "t.ends, t.asserted, t.retracted"
    ),
    "start": SQL("left(t.text, {})").format(Literal(KEY)),
    "key": SQL("left(%(key)s, {})").format(Literal(KEY)),
    "each": Literal(EACH),
    "last": Literal("\U0010ffff"),
}
# Each of these reads so many rows in the order of an index and no more. What is not shown is left out afterwards: with
# it among the conditions the planner expects to find nothing, and reads all there is rather than to the limit.
_WHOLE = SQL(
    "SELECT CASE WHEN t.text = %(key)s THEN 0 ELSE 1 END AS place, starts_with(t.text, %(key)s) AS fits, {columns} "
    "FROM {texts} t WHERE {start} = {key} AND t.sort <> 'words' "
    "ORDER BY t.log_index, t.number LIMIT {each}"
).format(**_VALUES)
_BEGINNING = SQL(
    "SELECT 1 AS place, starts_with(t.text, %(key)s) AS fits, {columns} FROM {texts} t "
    "WHERE {start} > {key} AND {start} < {key} || {last} AND t.sort <> 'words' "
    "ORDER BY {start}, t.log_index, t.number LIMIT {each}"
).format(**_VALUES)
# OFFSET 0 keeps the two steps apart: it would else go through the log from its end until it has so many.
_PARTS = SQL(
    "SELECT 2 AS place, true AS fits, t.* FROM (SELECT {columns} FROM {texts} t "
    "WHERE t.parts @> %(parts)s::integer[] AND t.text LIKE ALL(%(like)s) AND t.log_index < %(size)s OFFSET 0) t "
    "ORDER BY t.log_index DESC, t.number DESC LIMIT %(most)s::integer + 1"
).format(**_VALUES)
_AMONG_NEWEST = SQL(
    "FROM {texts} t WHERE t.log_index >= %(since)s AND t.log_index < %(size)s "
    "AND t.text LIKE ALL(%(like)s) AND t.parts <> '{{}}'"
).format(**_VALUES)
_NEWEST = SQL(
    "SELECT 2 AS place, true AS fits, {columns} {among} ORDER BY t.log_index DESC, t.number DESC LIMIT %(wide)s"
).format(among=_AMONG_NEWEST, **_VALUES)
_RANKED = SQL(
    """WITH found AS MATERIALIZED ({branches}),
    ranked AS (
        SELECT t.kind, t.id, t.item, t.sort, t.title, t.region, t.place, t.log_index, t.number, t.length,
            CASE WHEN t.place = 0 AND t.sort IN ('id', 'number') THEN -1 ELSE t.place END AS rank,
            array_position(%(sorts)s, t.sort) AS likely
        FROM found t WHERE t.fits AND {shown}),
    each AS (
        SELECT DISTINCT ON (kind, id, item) * FROM ranked
        ORDER BY kind, id, item, rank, sort = 'former', likely, length, number)
    SELECT kind, id, item, sort, title, region, place, (SELECT count(*) FROM found WHERE place = 2) AS parts FROM each
    ORDER BY rank, sort = 'former', likely, length, log_index DESC, kind, id, item LIMIT %(limit)s"""
)


def _query(*branches: Composed) -> Composed:
    return _RANKED.format(branches=SQL(" UNION ALL ").join(SQL("({})").format(b) for b in branches), shown=_SHOWN)


_USUAL = _query(_WHOLE, _BEGINNING, _PARTS)
_FREQUENT = _query(_WHOLE, _BEGINNING, _NEWEST)
_SINGLE = _query(_WHOLE, _BEGINNING)
_SAMPLE = SQL("SELECT count(*) AS n {}").format(_AMONG_NEWEST)
_COUNT = SQL("SELECT count(*) AS n FROM ({}) AS p").format(_PARTS)


def _texts(
    reading: Reading, moment: Moment, q: str, parts: Sequence[str], kind: str | None, limit: int
) -> tuple[list[Hit], bool]:
    """What is found by its texts, and whether there may be more than was looked at."""
    wanted = tuple(dict.fromkeys(gram for part in parts for gram in grams(part)))
    values = {
        **moment.values(),
        "key": fold(_STREAM.sub("", q)),
        "kind": kind,
        "parts": list(numbers(wanted)),
        "like": [f"%{part}%" for part in parts],
        "sorts": _SORTS,
        "most": MOST,
        "wide": WIDE,
        "limit": limit,
    }
    bounded = bool(wanted) and _is_everywhere(reading, moment, values)
    if bounded:
        rows = reading.rows(_FREQUENT, {**values, "since": moment.size - WINDOW})
    else:
        rows = reading.rows(_USUAL if wanted else _SINGLE, values)
        bounded = bool(wanted) and (rows[0]["parts"] if rows else reading.rows(_COUNT, values)[0]["n"]) > MOST
    names = called(reading, moment, [row["id"] for row in rows if row["kind"] == "body"])
    return [_hit(row, names) for row in rows], bounded


def _is_everywhere(reading: Reading, moment: Moment, values: Mapping[str, Any]) -> bool:
    """Whether the newest entries are full of it, a page of them at least, and with them surely the log: then the index
    of parts is not asked, which would first gather all places where it stands.
    """
    if moment.size < WINDOW:
        return False
    (row,) = reading.rows(_SAMPLE, {**values, "since": moment.size - SAMPLE})
    found = int(row["n"])
    return found >= USUAL and found * moment.size >= OFTEN * SAMPLE


_MATCHES = {0: "whole", 1: "beginning", 2: "part"}


def _hit(row: DictRow, names: Mapping[str, Called]) -> Hit:
    body = names.get(row["id"]) if row["kind"] == "body" else None
    title = body.name if body else row["title"]
    found: dict[str, Any] = {"status": body.status, "answers_to": body.answers_to} if body else {}
    place = row["kind"], row["id"], row["item"]
    return Hit(*place, title, row["sort"], _MATCHES[row["place"]], row["region"], **found)


# --- events -------------------------------------------------------------------------------------------------


def looks_like(q: str) -> tuple[str, str] | None:
    """By what of an event somebody asks: its hash (or the beginning, 8 digits at least), its identifier (``jti``), its
    index in the log (with # in front, or plain digits); None where it can be none of them.
    """
    text = q.strip().lower()
    if _UUID.fullmatch(text):
        return "jti", text
    if found := _INDEX.fullmatch(text):
        return "log_index", found[1]
    return ("hash", text) if _HASH.fullmatch(text) else None


def _events(reading: Reading, moment: Moment, q: str) -> list[Hit]:
    asked = looks_like(q)
    if asked is None:
        return []
    by, value = asked
    if by == "log_index":
        row = one(reading, events.PUBLIC, moment, value)
        rows: Sequence[DictRow] = [row] if row else []
        if _HASH.fullmatch(value):
            rows = [*rows, *page(reading, events.PUBLIC, moment, filters={"hash": value}, limit=5).rows]
    else:
        rows = page(reading, events.PUBLIC, moment, filters={by: value}, limit=5).rows
    return [
        Hit("event", str(row["log_index"]), None, row["name"] or "NotPublic", by, "whole", row["region"])
        for row in rows
    ]
