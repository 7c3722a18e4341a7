"""The list of commitments: what was promised, by whom, when it is due, where it stands on the day that is asked for.

>>> list(COMMITMENTS.orders), COMMITMENTS.facets
(['newest', 'due', 'open_due'], ('area', 'kind', 'standing', 'region'))
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import bodies, commitments
from projections.reading import held, name_of
from projections.views.listing import Changes, Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within

_NAMES = {
    "commitments": name_of(commitments.COMMITMENTS),
    "standings": name_of(commitments.STANDINGS),
    "parts": name_of(commitments.PARTS),
    "bodies": name_of(bodies.BODIES),
    "held_c": held("c"),
    "held_p": held("p"),
    "held_b": held("b"),
}
_ON_THE_DAY = SQL("FROM {standings} t WHERE t.begins <= %(on)s AND t.ends >= %(on)s").format(**_NAMES)
_SOURCE = SQL("{} AND t.log_index < %(size)s AND {}").format(_ON_THE_DAY, held("t"))
_CHANGES = Changes(
    "commitments",
    SQL("{} AND t.asserted >= %(_before)s AND t.asserted < %(size)s AND t.retracted >= %(size)s").format(_ON_THE_DAY),
    SQL("{} AND t.asserted < %(_before)s AND t.retracted >= %(_before)s AND t.retracted < %(size)s").format(
        _ON_THE_DAY
    ),
)
_DETAILS = SQL(
    "CROSS JOIN LATERAL (SELECT c.* FROM {commitments} c WHERE c.id = t.commitment AND {held_c} OFFSET 0) c"
).format(**_NAMES)
_HOLDER_NAME = SQL("(SELECT b.name FROM {bodies} b WHERE b.id = t.holder AND {held_b})").format(**_NAMES)
_INVOLVED = SQL(
    "t.commitment = ANY(ARRAY(SELECT p.commitment FROM {parts} p WHERE p.body = ANY(ARRAY{family}) AND {held_p}))"
)

COMMITMENTS = Listing(
    "commitments",
    _SOURCE,
    (
        Column("id", SQL("t.commitment"), str, "Id of the commitment", "承诺标识"),
        Column("log_index", SQL("t.log_index"), int, "Log index of its making", "作出承诺的日志序号"),
        Column("made_on", SQL("t.made_on"), date, "Day on which the ledger recorded it", "记载日期"),
        Column("title", SQL("c.title"), str, "Title", "标题"),
        Column("kind", SQL("t.kind"), str, "What sort of word was given", "承诺类别"),
        Column("area", SQL("t.area"), str, "Key area", "重点领域"),
        Column("promiser", SQL("c.promiser"), str, "Body that made it", "承诺单位"),
        Column("holder", SQL("t.holder"), str, "Body that it binds now", "现义务单位"),
        Column("holder_name", _HOLDER_NAME, str, "Name of that body", "现义务单位名称", optional=True),
        Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "行政区划代码", optional=True),
        Column(
            "due",
            SQL("t.promised_for"),
            date,
            "Due day of a one-off commitment, as last changed",
            "到期日",
            optional=True,
        ),
        Column("recurring", SQL("c.recurring"), bool, "Whether it falls due again and again", "是否周期性"),
        Column("standing", SQL("t.standing"), str, "Where it stands on the day asked for", "履行情况"),
        Column(
            "open_due",
            SQL("t.due"),
            date,
            "Oldest due day that is overdue, else the next one that nobody answered yet",
            "最早逾期的到期日，无逾期的为下一个待答复的到期日",
            optional=True,
        ),
        Column("progress_on", SQL("c.progress_on"), date, "Day of the newest report", "最近报告日期", optional=True),
        Column("percent", SQL("c.percent"), int, "Percent done, as last reported", "最近报告的进度", optional=True),
        Column("judged_on", SQL("c.judged_on"), date, "Day of the newest judgement", "最近评价日期", optional=True),
        Column("changed", SQL("c.changed"), int, "Log index of its newest event", "最近事件的日志序号"),
    ),
    {
        "area": SQL("t.area = %(area)s"),
        "kind": SQL("t.kind = %(kind)s"),
        "standing": SQL("t.standing = %(standing)s"),
        "region": within(SQL("t.region")),
        "body": _INVOLVED.format(**_NAMES, family=family("body")),
        "holder": SQL("t.holder = ANY(ARRAY{})").format(family("holder")),
        "made_from": SQL("t.made_on >= %(made_from)s"),
        "made_by": SQL("t.made_on <= %(made_by)s"),
        "due_from": SQL("coalesce(t.promised_for, date '9999-12-31') >= %(due_from)s"),
        "due_by": SQL("coalesce(t.promised_for, date '9999-12-31') <= %(due_by)s"),
        "open_due_from": SQL("coalesce(t.due, date '9999-12-31') >= %(open_due_from)s"),
        "open_due_by": SQL("coalesce(t.due, date '9999-12-31') <= %(open_due_by)s"),
    },
    {
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
        "due": Order((SQL("coalesce(t.promised_for, date '9999-12-31')"), SQL("t.log_index")), (date, int)),
        "open_due": Order((SQL("coalesce(t.due, date '9999-12-31')"), SQL("t.log_index")), (date, int)),
    },
    facets=("area", "kind", "standing", "region"),
    reads=("commitments", "bodies"),
    details=_DETAILS,
    changes=_CHANGES,
)
