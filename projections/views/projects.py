"""Projects of public and private capital, and who answered for them when (I06–I09, D19): for the office, because it
says who held which post.

>>> PROJECTS.facets, RESPONSIBLE.key
(('stage', 'area', 'region'), 'id')
"""

from __future__ import annotations

from datetime import date

from psycopg.sql import SQL

from projections import projects
from projections.reading import held, name_of
from projections.views.listing import Column, Listing, Order
from projections.views.names import family
from projections.views.regions import within

_NAMES = {
    "projects": name_of(projects.PROJECTS),
    "responsible": name_of(projects.RESPONSIBLE),
    "performance": name_of(projects.PERFORMANCE),
    "breaches": name_of(projects.BREACHES),
    "held_t": held("t"),
    "held_j": held("j"),
    "held_p": held("p"),
    "held_b": held("b"),
}

PROJECTS = Listing(
    "projects",
    SQL("FROM {projects} t WHERE {held_t}").format(**_NAMES),
    (
        Column("stream", SQL("t.stream"), str, "The project: kind/id", "项目：类别/标识"),
        Column("log_index", SQL("t.log_index"), int, "Log index of its first event", "首个事件的日志序号"),
        Column("title", SQL("t.title"), str, "Title", "项目名称"),
        Column("body", SQL("t.body"), str, "Body on the government's side", "政府方单位"),
        Column("region", SQL("t.region"), str, "Region of that body, GB/T 2260", "行政区划代码", optional=True),
        Column("area", SQL("t.area"), str, "Key area", "重点领域"),
        Column("started_on", SQL("t.started_on"), date, "First day", "开始日期"),
        Column("stage", SQL("t.stage"), str, "Stage that began last", "当前阶段", optional=True),
        Column("closed_on", SQL("t.closed_on"), date, "Last day", "结束日期", optional=True),
        Column(
            "performance",
            SQL(
                "(SELECT coalesce(jsonb_object_agg(x.outcome, x.n), '{{}}') FROM (SELECT p.outcome, count(*) AS n "
                "FROM {performance} p WHERE p.stream = t.stream AND {held_p} GROUP BY 1) x)"
            ).format(**_NAMES),
            dict,
            "How the contract was kept so far, by outcome",
            "守信履约情况（按结论计数）",
        ),
        Column(
            "records",
            SQL(
                "ARRAY(SELECT b.record FROM {breaches} b WHERE b.stream = t.stream AND {held_b} "
                "ORDER BY b.day, b.record)"
            ).format(**_NAMES),
            tuple,
            "Dishonesty records that came out of it",
            "关联的失信记录",
        ),
    ),
    {
        "body": SQL("t.body IN {}").format(family("body")),
        "region": within(SQL("t.region")),
        "area": SQL("t.area = %(area)s"),
        "stage": SQL("t.stage = %(stage)s"),
        "open": SQL("(t.closed_on IS NULL OR t.closed_on >= %(on)s) = %(open)s"),
    },
    {"newest": Order((SQL("t.log_index"),), (int,), descending=True)},
    facets=("stage", "area", "region"),
    reads=("projects", "bodies"),
    key="stream",
)

RESPONSIBLE = Listing(
    "responsible",
    SQL("FROM {responsible} t JOIN {projects} j ON j.stream = t.stream WHERE {held_t} AND {held_j}").format(**_NAMES),
    (
        Column("id", SQL("(t.stream || '/' || t.assignment)"), str, "Project and assignment", "项目与任职标识"),
        Column("stream", SQL("t.stream"), str, "The project", "项目"),
        Column("title", SQL("j.title"), str, "Its title", "项目名称"),
        Column("stage", SQL("t.stage"), str, "Stage; none: all of them", "阶段（空为全部）", optional=True),
        Column("body", SQL("t.body"), str, "Body", "单位"),
        Column("post", SQL("t.post"), str, "Post", "职务", optional=True),
        Column("person", SQL("t.person"), str, "Reference to the file of an official", "人员档案引用", optional=True),
        Column("starts", SQL("t.starts"), date, "First day", "起始日期"),
        Column("ends", SQL("t.ends"), date, "Last day; none: goes on", "截止日期", optional=True),
    ),
    {
        "stream": SQL("t.stream = %(stream)s"),
        "stage": SQL("(t.stage IS NULL OR t.stage = %(stage)s)"),
        "body": SQL("t.body IN {}").format(family("body")),
        "person": SQL("t.person = %(person)s"),
        "day": SQL("(t.starts <= %(day)s AND (t.ends IS NULL OR t.ends >= %(day)s))"),
    },
    {"project": Order((SQL("j.log_index"), SQL("t.starts"), SQL("t.assignment")), (int, date, str))},
    reads=("projects", "bodies"),
)
"""Responsibility traced back (责任回溯, I08): with ``stage`` and ``day``, who answered for that stage on that day."""
