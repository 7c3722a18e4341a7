"""Reports read from the projections: the figures of a body or region in a period, at a moment of the log.

A report on a body counts what it answers for too: its predecessors (A12). That on a region counts all regions in it.
Only public bodies are counted: an enterprise has no report, and what it promised is in none (国办发〔2026〕8号).
What a report counts and who may see it is decided by projections/reports.py.

    what = asked(reading, "350526", "2026H1", Edition.PUBLIC, today=today)
    report(reading, ledger, what).code

>>> "statistics" in READS
True
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier

from ledger.application import Ledger
from ledger.domain.body_terms import Kind
from ledger.domain.supervision_terms import days_of
from ledger.errors import FormatError, NotFoundError
from ledger.proof import merkle
from projections import bodies, commitments, penalties, records, remedies, statistics, takedowns
from projections.reading import Moment, Reading, held, name_of
from projections.reports import Asked, Edition, Extra, Figure, Report, completed, for_the_public, meaning, parse_code
from projections.views.names import family
from projections.views.regions import within

DAY = timedelta(days=1)
READS = ("bodies", "commitments", "penalties", "provenance", "records", "remedies", "statistics", "takedowns")


def asked(
    reading: Reading, subject: str, period: str, edition: Edition, *, at: int | None = None, today: date
) -> Asked:
    """Which report it is: of what was recorded up to the log index ``at``, or without it up to the period's last day.

    The public's edition ends with a day that is over: that of ``at`` is not counted. Else two reports, one entry apart,
    would tell what an entry is that is not public.

    Raises FormatError for a period that has not begun, NotFoundError for an index that is not there, and for a period
    by whose end nothing was recorded.
    """
    first, last = days_of(period)
    moment = reading.moment(min(last, today) if at is None else at, today, *READS)
    on = min(last, moment.on)
    if edition is Edition.PUBLIC and (at is not None or on == today):
        on = min(last, moment.on - DAY)
    if on < moment.on:  # what was recorded after the period, or on a day that is not over, is no part of it
        moment = reading.moment(on, today, *READS)
    if on < first:
        raise FormatError(
            f"period: expected one that has begun by {on}, got {period}", f"报告期：应在 {on} 前已开始，实为 {period}"
        )
    if moment.size == 0:
        raise NotFoundError(
            f"period: the ledger began after {on}, it has no report on {period}",
            f"报告期：截至 {on} 账本尚未建立，没有 {period} 的报告",
        )
    return Asked(subject, period, edition, moment.size, on)


def report(reading: Reading, ledger: Ledger, what: Asked) -> Report:
    """The report. Raises NotFoundError for a body or region not known by then, and a size that is not there."""
    position = reading.position(*READS)
    if not 0 < what.size <= position:
        raise NotFoundError(
            f"log: expected a size from 1 to {position}, got {what.size}",
            f"日志：条目数应为 1 至 {position}，实为 {what.size}",
        )
    moment = Moment(what.size, what.on, what.on)
    name = _region_name(reading, moment, what.subject) if what.of_region else _body_name(reading, moment, what.subject)
    figures = completed(_figures(reading, moment, what))
    if what.edition is Edition.PUBLIC:
        figures = for_the_public(figures, of_region=what.of_region)
    root = merkle.root(what.size, ledger.nodes(what.size)).hex()
    return Report(what, name, ledger.log_key.origin, root, figures)


def verified(reading: Reading, ledger: Ledger, code: str, today: date) -> Report | None:
    """The report that a code is of, computed again from the ledger; None where its data are others than the code says.

    Raises FormatError for what is no code, NotFoundError where the ledger does not reach so far or knows no such body.
    """
    what, _ = parse_code(code)
    if what.edition is Edition.PUBLIC and asked_at_end_of(reading, what, today) != what:
        return None  # no such report is ever made: whoever guesses its numbers learns nothing
    found = report(reading, ledger, what)
    return found if found.code == code.strip() else None


def asked_at_end_of(reading: Reading, what: Asked, today: date) -> Asked | None:
    """The public's report that ends with the same day; None where that day is not over, or not in the period."""
    first, last = days_of(what.period)
    if not first <= what.on <= last or what.on >= today:
        return None
    return replace(what, size=reading.moment(what.on, today, *READS).size)


def _region_name(reading: Reading, moment: Moment, region: str) -> str:
    """Its code. A region that nobody is of has no report: noughts would vouch for a place that was mistyped."""
    query = SQL("SELECT FROM {bodies} b WHERE {within} AND b.kind <> ALL(%(private)s) AND {held} LIMIT 1").format(
        bodies=_TABLES["bodies"], within=within(SQL("b.region")), held=held("b")
    )
    if not reading.rows(query, {**moment.values(), "region": region, "private": _PRIVATE}):
        raise NotFoundError(
            f"region: no public body of {region} was registered by entry {moment.size}",
            f"行政区划：到第 {moment.size} 条为止，没有 {region} 的已登记公共机构",
        )
    return region


def _body_name(reading: Reading, moment: Moment, body: str) -> str:
    query = SQL("SELECT b.name, b.kind FROM {bodies} b WHERE b.id = %(body)s AND {held}")
    found = reading.rows(query.format(bodies=_TABLES["bodies"], held=held("b")), {**moment.values(), "body": body})
    if not found or found[0]["kind"] in _PRIVATE:
        raise NotFoundError(
            f"body: {body} was no public body registered by entry {moment.size}",
            f"单位：到第 {moment.size} 条为止，{body} 不是已登记的公共机构",
        )
    return str(found[0]["name"])


# --- figures ------------------------------------------------------------------------------------------------

_PRIVATE = [str(Kind.ENTERPRISE), str(Kind.OTHER)]
_TABLES = {
    "bodies": name_of(bodies.BODIES),
    "clocks": name_of(remedies.CLOCKS),
    "commitments": name_of(commitments.COMMITMENTS),
    "flows": name_of(statistics.FLOWS),
    "penalties": name_of(penalties.PENALTIES),
    "records": name_of(records.RECORDS),
    "standings": name_of(commitments.STANDINGS),
    "takedowns": name_of(takedowns.TAKEDOWNS),
    **{f"{alias}_held": held(alias) for alias in ("t", "r")},
}
_SPLIT = {
    Extra.RECORDS_BY_SEVERITY: "severity",
    Extra.RECORDS_BY_SOURCE: "source",
    Extra.RECORDS_BY_AREA: "area",
    Extra.RECORDS_BY_FOCUS: "focus",
}


def _figures(reading: Reading, moment: Moment, what: Asked) -> Iterator[Figure]:
    """What the tables hold; lines without a row are left to :func:`projections.reports.completed`."""
    first, last = days_of(what.period)
    name = "region" if what.of_region else "body"
    bounds = {"first": first, "last": min(last, what.on), "private": _PRIVATE}
    values = {**moment.values(), **bounds, name: what.subject}

    def rows(text: LiteralString, subject: LiteralString = "t.subject", **more: Composable) -> list[dict[str, Any]]:
        if what.of_region:
            public = SQL(_PUBLIC).format(subject=SQL(subject), bodies=_TABLES["bodies"], b_held=held("b"))
            whose = SQL("{} AND {}").format(within(SQL("t.region")), public)
        else:
            whose = SQL("{} IN {}").format(SQL(subject), family("body"))
        query: Composed = SQL(text).format(**_TABLES, whose=whose, **more)
        return reading.rows(query, values)

    for row in rows(_FLOWS):
        stock = meaning(row["measure"]).stock
        before = row["before"] if stock else None
        yield Figure(row["measure"], int(row["moved"] + (before or 0)), tuple(row["trace"] or ()), before=before)
    for line, column in _SPLIT.items():
        yield from _split(line, rows(_RECOGNISED, part=Identifier("t", column)))
    yield from _split(Extra.TAKEDOWNS, rows(_TAKEN_DOWN))
    yield from _whole(Extra.COMMITMENTS_DUE, rows(_DUE, "t.holder"))
    yield from _whole(Extra.COMMITMENTS_OVERDUE, rows(_OVERDUE, "t.holder"))
    for line, held_by in ((Extra.PENALTIES_IN_FORCE, "="), (Extra.PENALTIES_HELD, "<>")):
        yield from _whole(line, rows(_PENALTIES, compare=SQL(held_by)))
    for row in rows(_PUBLICATIONS):
        yield Figure(row["line"], len(row["trace"]), tuple(row["trace"]))


def _split(line: Extra, rows: list[dict[str, Any]]) -> Iterator[Figure]:
    yield from (Figure(str(line), len(row["trace"]), tuple(row["trace"]), row["part"]) for row in rows)


def _whole(line: Extra, rows: list[dict[str, Any]]) -> Iterator[Figure]:
    trace = tuple(row["log_index"] for row in rows)
    yield Figure(str(line), len(trace), trace)


_PUBLIC: LiteralString = (
    "NOT EXISTS (SELECT FROM {bodies} b WHERE b.id = {subject} AND b.kind = ANY(%(private)s) AND {b_held})"
)
_FLOWS: LiteralString = (
    "SELECT t.measure, coalesce(sum(t.delta) FILTER (WHERE t.day < %(first)s), 0)::bigint AS before, "
    "coalesce(sum(t.delta) FILTER (WHERE t.day >= %(first)s), 0)::bigint AS moved, "
    "array_agg(t.log_index ORDER BY t.log_index) FILTER (WHERE t.day >= %(first)s) AS trace "
    "FROM {flows} t WHERE t.day <= %(last)s AND {t_held} AND {whose} GROUP BY t.measure"
)
_RECOGNISED: LiteralString = (
    "SELECT {part} AS part, array_agg(t.log_index ORDER BY t.log_index) AS trace FROM {records} t "
    "WHERE t.recognised_on BETWEEN %(first)s AND %(last)s AND {part} IS NOT NULL AND {t_held} AND {whose} GROUP BY 1"
)
_TAKEN_DOWN: LiteralString = (
    "SELECT t.what AS part, array_agg(t.log_index ORDER BY t.log_index) AS trace FROM {takedowns} t "
    "WHERE t.day BETWEEN %(first)s AND %(last)s AND {t_held} AND {whose} GROUP BY 1"
)
_DUE: LiteralString = (
    "SELECT t.log_index FROM {commitments} t WHERE t.due BETWEEN %(first)s AND %(last)s AND {t_held} AND {whose} "
    "ORDER BY 1"
)
_OVERDUE: LiteralString = (
    "SELECT t.log_index FROM {standings} t WHERE t.standing = 'overdue' AND t.begins <= %(on)s AND t.ends >= %(on)s "
    "AND {t_held} AND {whose} ORDER BY 1"
)
_PENALTIES: LiteralString = (
    "SELECT t.log_index FROM {penalties} t WHERE t.starts <= %(on)s AND (t.ends IS NULL OR t.ends >= %(on)s) "
    "AND (t.lifted_on IS NULL OR t.lifted_on > %(on)s) AND t.held_by {compare} ARRAY[]::text[] "
    "AND {t_held} AND {whose} ORDER BY 1"
)
_PUBLICATIONS: LiteralString = (
    "SELECT CASE WHEN t.met <= t.due THEN 'published_in_time' WHEN t.met > t.due THEN 'published_late' "
    "ELSE 'unpublished' END AS line, array_agg(r.log_index ORDER BY r.log_index) AS trace "
    "FROM {clocks} t JOIN {records} r ON r.stream = t.stream AND {r_held} "
    "WHERE t.rule = 'publication.days' AND t.due BETWEEN %(first)s AND %(last)s "
    "AND (t.met IS NOT NULL OR t.due < %(on)s) AND {t_held} AND {whose} GROUP BY 1"
)
