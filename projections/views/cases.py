"""The list of cases that have no list of their own: records, complaints, projects, files of persons, commendations.

``PUBLIC`` are those that the public may see, on the day that is asked for and today: records while they are disclosed,
positive records of bodies while they stand. ``OFFICE`` is every one.

>>> PUBLIC.key, list(PUBLIC.orders)
('stream', ['newest'])
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Composable

from projections import cases
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.shown import commendation_shown, record_shown

_OFFICE = SQL("FROM {cases} t WHERE {held} AND t.kind <> 'commitment'").format(
    cases=name_of(cases.CASES), held=held("t")
)
_PUBLIC = SQL(
    """{office} AND t.kind IN ('record', 'commendation')
    AND CASE t.kind WHEN 'record' THEN {record_shown} ELSE {commended} END"""
).format(
    office=_OFFICE,
    record_shown=record_shown(SQL("t.stream"), SQL("false")),
    commended=commendation_shown(SQL("t.stream")),
)


def _listing(source: Composable, *reads: str) -> Listing:
    return Listing(
        "cases",
        source,
        (
            Column("stream", SQL("t.stream"), str, "Kind and id of the case", "案件类别与标识"),
            Column("log_index", SQL("t.log_index"), int, "Log index of its first event", "首个事件的日志序号"),
            Column("kind", SQL("t.kind"), str, "Kind of case", "案件类别"),
            Column("subject", SQL("t.subject"), str, "Body that it is about", "所涉单位", optional=True),
            Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "所涉单位行政区划代码", True),
            Column("begun_on", SQL("t.begun_on"), date, "Day of its first recording", "首次记载日期"),
        ),
        {
            "kind": SQL("t.kind = %(kind)s"),
            "not_kind": SQL("t.kind <> %(not_kind)s"),
            "region": within(SQL("t.region")),
            "body": SQL("t.subject IN {}").format(family("body")),
        },
        {"newest": Order((SQL("t.log_index"),), (int,), descending=True)},
        facets=("kind", "region"),
        reads=("cases", "bodies", *reads),
        key="stream",
    )


OFFICE = _listing(_OFFICE)
PUBLIC = _listing(_PUBLIC, "provenance")
