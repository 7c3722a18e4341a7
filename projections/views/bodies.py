"""The list of bodies, but for the ledger itself; whom it answers for is in :mod:`projections.views.names`.

>>> BODIES.facets, list(BODIES.orders)
(('kind', 'region', 'status'), ['registered', 'newest'])
"""

from __future__ import annotations

from psycopg.sql import SQL

from projections import bodies
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within

_NAMED = {"names": name_of(bodies.NAMES), "held_n": held("n")}
_FORMER = SQL(
    "ARRAY(SELECT n.name FROM {names} n WHERE n.body = t.id AND {held_n} AND n.name <> t.name ORDER BY n.log_index)"
).format(**_NAMED)
_CALLED = SQL(
    "(t.id = %(name)s OR t.id IN (SELECT n.body FROM {names} n WHERE strpos(lower(n.name), lower(%(name)s)) > 0 "
    "AND {held_n}))"
).format(**_NAMED)

BODIES = Listing(
    "bodies",
    SQL("FROM {bodies} t WHERE {held_t} AND t.kind IS NOT NULL").format(
        bodies=name_of(bodies.BODIES), held_t=held("t")
    ),
    (
        Column(
            "id",
            SQL("t.id"),
            str,
            "Unified social credit code, or id of a provisional body",
            "统一社会信用代码或临时标识",
        ),
        Column("log_index", SQL("t.log_index"), int, "Log index of its registration", "登记的日志序号"),
        Column("status", SQL("t.status"), str, "Where the body stands", "状态"),
        Column("name", SQL("t.name"), str, "Name", "名称"),
        Column("other_names", _FORMER, tuple, "Former names and names of its aliases", "曾用名与别名"),
        Column("kind", SQL("t.kind"), str, "Kind of body", "单位类别"),
        Column("region", SQL("t.region"), str, "Region, GB/T 2260", "行政区划代码", optional=True),
        Column("superior", SQL("t.superior"), str, "Superior body", "上级单位", optional=True),
        Column("named_by", SQL("t.named_by"), str, "Whose document names it", "文件发布单位", optional=True),
        Column("answers_to", SQL("t.answers_to"), str, "Body that answers for it", "承继单位", optional=True),
        Column(
            "acting_for_government",
            SQL("t.acting_for_government"),
            bool,
            "Whether it does government work without being government",
            "是否承担政府相关事务",
        ),
        Column("roles", SQL("t.roles"), tuple, "Roles in this ledger", "在本账本中的角色"),
    ),
    {
        "status": SQL("t.status = %(status)s"),
        "kind": SQL("t.kind = %(kind)s"),
        "region": within(SQL("t.region")),
        "superior": SQL("t.superior = %(superior)s"),
        "role": SQL("%(role)s = ANY(t.roles)"),
        "name": _CALLED,
        "body": SQL("t.id IN {}").format(family("body")),
    },
    {
        "registered": Order((SQL("t.log_index"),), (int,)),
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
    },
    facets=("kind", "region", "status"),
    reads=("bodies",),
)
