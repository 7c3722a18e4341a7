"""Events: every one that the log holds, found by case, signer, body, region, area, day, document or hash.

``OFFICE`` is for who may read the log's entries. ``PUBLIC`` is for anybody: of an event whose case the public may not
see it says that it is there, what it is called, who signed it, when, and its hash, so that its proof can be asked for;
of some not even what it is called (``projections.disclosure.UNNAMED``), nor who signed it, which is never said of the
body that the case is about. What is hidden is not found by it either: a closed event comes with no filter but its own
name and signer, as far as they are told, day and hash.

>>> PUBLIC.column("stream").optional, OFFICE.column("stream").optional
(True, False)
>>> sorted(PUBLIC.filters) == sorted(OFFICE.filters)
True
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL, Composable, Literal

from projections import provenance
from projections.disclosure import UNNAMED
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within
from projections.views.shown import commendation_shown, record_shown

_EVENTS, _DOCUMENTS, _MENTIONS = map(name_of, (provenance.EVENTS, provenance.DOCUMENTS, provenance.MENTIONS))

_OPEN = SQL(
    """CASE t.kind WHEN 'body' THEN true WHEN 'commitment' THEN true WHEN 'policy' THEN true
    WHEN 'commendation' THEN {commended} WHEN 'record' THEN {record_shown} ELSE false END"""
).format(commended=commendation_shown(SQL("t.stream")), record_shown=record_shown(SQL("t.stream"), SQL("t.personal")))
"""What was shown at the moment that is asked for and may be shown today."""

_SOURCE = SQL("FROM {events} t WHERE {held}").format(events=_EVENTS, held=held("t"))
_PUBLIC_SOURCE = SQL(
    """FROM {events} t CROSS JOIN LATERAL (SELECT {open} AS open) AS x
    CROSS JOIN LATERAL (SELECT x.open OR t.name <> ALL({unnamed}) AS named) AS y
    CROSS JOIN LATERAL (SELECT x.open OR (y.named AND t.iss IS DISTINCT FROM t.subject) AS signed) AS z WHERE {held}"""
).format(events=_EVENTS, open=_OPEN, unnamed=Literal(sorted(UNNAMED)), held=held("t"))

_DOCUMENTS_OF = SQL(
    "ARRAY(SELECT d.sha256 FROM {documents} d WHERE d.log_index = t.log_index ORDER BY d.number_in_event)"
).format(documents=_DOCUMENTS)
_BODIES_OF = SQL("ARRAY(SELECT m.body FROM {mentions} m WHERE m.log_index = t.log_index ORDER BY m.body)").format(
    mentions=_MENTIONS
)
_AT = SQL("""to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""")


def _columns(*, public: bool) -> tuple[Column, ...]:
    def seen(sql: Composable) -> Composable:
        return SQL("CASE WHEN x.open THEN {} END").format(sql) if public else sql

    def named(sql: Composable) -> Composable:
        return SQL("CASE WHEN y.named THEN {} END").format(sql) if public else sql

    iss = SQL("CASE WHEN z.signed THEN t.iss END") if public else SQL("t.iss")
    return (
        Column("log_index", SQL("t.log_index"), int, "Index in the log, from 0", "日志序号，从 0 起"),
        Column("at", _AT, str, "Time of recording (UTC)", "入账时间（UTC）"),
        Column("day", SQL("t.day"), date, "Legal day of recording (UTC+8)", "入账日（北京时间）"),
        Column("iss", iss, str, "Body that signed it; none: hidden", "签署单位；空：不公开", public),
        Column("hash", SQL("t.hash"), str, "SHA-256 of the signed bytes", "签名原文的 SHA-256"),
        Column("open", SQL("x.open") if public else SQL("true"), bool, "Whether it may be seen", "是否公开"),
        Column("kind", named(SQL("t.kind")), str, "Kind of case; none: hidden", "案卷类别；空：不公开", public),
        Column("name", named(SQL("t.name")), str, "What happened; none: hidden", "事件名称；空：不公开", public),
        Column("stream", seen(SQL("t.stream")), str, "Case: kind/id", "案卷：类别/标识", public),
        Column("version", seen(SQL("t.version")), int, "Place in its case, from 1", "案卷内序次，从 1 起", public),
        Column("jti", seen(SQL("t.jti")), str, "Identifier given by the signer", "签署方所给标识", public),
        Column("subject", seen(SQL("t.subject")), str, "Body that the case is about", "案卷所涉单位", True),
        Column("region", seen(SQL("t.region")), str, "Its region (GB/T 2260)", "所涉单位行政区划代码", True),
        Column("area", seen(SQL("t.area")), str, "Key area of the case", "重点领域", True),
        Column("bodies", seen(_BODIES_OF), tuple, "Bodies that it names", "事件中提到的单位", public),
        Column("documents", seen(_DOCUMENTS_OF), tuple, "SHA-256 of its documents", "所依据文件的 SHA-256", public),
    )


_OF_BODY = SQL(
    """(t.log_index IN (SELECT e.log_index FROM {events} e WHERE e.iss IN {family}
    UNION SELECT e.log_index FROM {events} e WHERE e.subject IN {family}
    UNION SELECT m.log_index FROM {mentions} m WHERE m.body IN {family}) AND {seen})"""
)
_OF_DOCUMENT = SQL(
    "t.log_index IN (SELECT d.log_index FROM {documents} d WHERE d.sha256 = %(document)s OR d.number = %(document)s)"
).format(documents=_DOCUMENTS)


def _filters(*, public: bool) -> dict[str, Composable]:
    """Conditions by parameter. ``region`` is a GB/T 2260 code and stands for all below it; ``document`` a SHA-256 or a
    number; ``hash`` may be a beginning; ``from`` and ``until`` are days, both included.
    """

    def seen(sql: Composable) -> Composable:
        return SQL("({} AND x.open)").format(sql) if public else sql

    def named(sql: Composable) -> Composable:
        return SQL("({} AND y.named)").format(sql) if public else sql

    return {
        # A stream begins with its kind: events of a kind of which there are few are found by their streams.
        "kind": named(SQL("t.kind = %(kind)s AND t.stream > %(kind)s || '/' AND t.stream < %(kind)s || '0'")),
        "name": named(SQL("t.name = %(name)s")),
        "iss": SQL("(t.iss = %(iss)s AND z.signed)") if public else SQL("t.iss = %(iss)s"),
        "body": _OF_BODY.format(
            events=_EVENTS,
            mentions=_MENTIONS,
            family=family("body"),
            seen=SQL("((z.signed AND t.iss IN {}) OR x.open)").format(family("body")) if public else SQL("true"),
        ),
        "stream": seen(SQL("t.stream = %(stream)s")),
        "region": seen(within(SQL("t.region"))),
        "area": seen(SQL("t.area = %(area)s")),
        "from": SQL("t.day >= %(from)s"),
        "until": SQL("t.day <= %(until)s"),
        "document": seen(_OF_DOCUMENT),
        "jti": seen(SQL("t.jti = %(jti)s")),
        "hash": SQL("(t.hash >= %(hash)s AND t.hash < %(hash)s || 'g')"),
    }


def _listing(name: str, source: Composable, *, public: bool) -> Listing:
    key = (SQL("t.log_index"),)
    return Listing(
        name,
        source,
        _columns(public=public),
        _filters(public=public),
        {"newest": Order(key, (int,), True), "oldest": Order(key, (int,))},
        # Records decide what is open, and nothing else here waits for them (projections/runners.py).
        reads=("provenance", "bodies"),
        key="log_index",
    )


PUBLIC = _listing("events", _PUBLIC_SOURCE, public=True)
OFFICE = _listing("events", _SOURCE, public=False)
