"""What happened lately, for feeds and webhooks: of commitments, bodies, published records, positive records.

Only what the public may see, and only what somebody who follows a body, an area or a region wants to be told: no keys,
no roles, and of a record nothing that was said before it was published. A record that is taken down is gone from here
with everything about it; that it was is in :mod:`projections.views.takedowns`, without content.

>>> "CommitmentBroken" in NAMES and "LeadReceived" not in NAMES
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from psycopg.sql import SQL, Literal

from projections import commitments, provenance
from projections.reading import Moment, Reading, held, name_of
from projections.views import takedowns
from projections.views.events import PUBLIC
from projections.views.listing import MOST, Column, Listing, Order, page

OF_COMMITMENTS = (
    "CommitmentMade",
    "CommitmentPublished",
    "CommitmentTakenOver",
    "CommitmentHandedOver",
    "ProgressReported",
    "FulfilmentReported",
    "FulfilmentAppraised",
    "CommitmentLawfullyChanged",
    "CommitmentBroken",
    "CompensationDecided",
    "CompensationPaid",
)
OF_BODIES = ("BodyRegistered", "BodyRenamed", "BodySucceeded", "IntegrityReportFiled")
OF_RECORDS = (
    "RecordPublished",
    "RecordCorrected",
    "RecordSupplemented",
    "RectificationVerified",
    "RectificationFoundOverdue",
    "PenaltyImposed",
    "PenaltySuspended",
    "PenaltyResumed",
    "PenaltyMitigated",
    "PenaltyLifted",
)
OF_COMMENDATIONS = ("CommendationRecorded", "IncentiveGranted")
NAMES = (*OF_COMMITMENTS, *OF_BODIES, *OF_RECORDS, *OF_COMMENDATIONS)

_EVENTS = name_of(provenance.EVENTS)
_SOURCE = SQL(
    """{public} AND x.open AND t.name = ANY({names}) AND (t.kind <> 'record' OR EXISTS (
    SELECT FROM {events} p WHERE p.stream = t.stream AND p.name = 'RecordPublished' AND p.log_index <= t.log_index))"""
).format(public=PUBLIC.source, names=Literal(list(NAMES)), events=_EVENTS)
_TITLE = SQL(
    "(SELECT c.title FROM {commitments} c "
    "WHERE t.kind = 'commitment' AND c.id = split_part(t.stream, '/', 2) AND {held})"
).format(commitments=name_of(commitments.COMMITMENTS), held=held("c"))

HAPPENINGS = Listing(
    "happenings",
    _SOURCE,
    (
        Column("log_index", SQL("t.log_index"), int, "Index in the log, from 0", "日志序号，从 0 起"),
        Column("at", PUBLIC.column("at").sql, str, "Time of recording (UTC)", "入账时间（UTC）"),
        Column("day", SQL("t.day"), date, "Legal day of recording (UTC+8)", "入账日（北京时间）"),
        Column("name", SQL("t.name"), str, "What happened", "事件名称"),
        Column("kind", SQL("t.kind"), str, "Kind of case", "案卷类别"),
        Column("stream", SQL("t.stream"), str, "Case: kind/id", "案卷：类别/标识"),
        Column("title", _TITLE, str, "Title of the commitment", "承诺标题", True),
        Column("iss", SQL("t.iss"), str, "Body that signed it", "签署单位"),
        Column("subject", SQL("t.subject"), str, "Body that the case is about", "案卷所涉单位", True),
        Column("region", SQL("t.region"), str, "Its region (GB/T 2260)", "所涉单位行政区划代码", True),
        Column("area", SQL("t.area"), str, "Key area of the case", "重点领域", True),
        Column("jti", SQL("t.jti"), str, "Identifier given by the signer", "签署方所给标识"),
        Column("hash", SQL("t.hash"), str, "SHA-256 of the signed bytes", "签名原文的 SHA-256"),
    ),
    {
        **{name: PUBLIC.filters[name] for name in ("body", "region", "area")},
        "since": SQL("t.log_index >= %(since)s"),
        "indices": SQL("t.log_index = ANY(%(indices)s)"),
    },
    {
        "newest": Order((SQL("t.log_index"),), (int,), descending=True),
        "oldest": Order((SQL("t.log_index"),), (int,)),
    },
    reads=("provenance", "records", "bodies", "commitments"),
    key="log_index",
)

TAKEN_DOWN = replace(
    takedowns.PUBLIC,
    filters={"since": SQL("t.log_index >= %(since)s")},
    orders={"oldest": Order((SQL("t.log_index"),), (int,))},
)
"""The log of takedowns in the order of the log, from an index on."""


def touched(reading: Reading, moment: Moment, indices: Sequence[int], since: int) -> bool:
    """Whether from an index of the log on something was said in the cases of these events, or rules were adopted."""
    query = SQL(
        "SELECT EXISTS (SELECT FROM {events} t WHERE {held} AND t.log_index >= %(since)s AND (t.kind = 'policy' OR "
        "t.stream IN (SELECT e.stream FROM {events} e WHERE e.log_index = ANY(%(indices)s)))) AS found"
    ).format(events=_EVENTS, held=held("t"))
    (row,) = reading.rows(query, {**moment.values(), "indices": list(indices), "since": since})
    return bool(row["found"])


def visible(reading: Reading, moment: Moment, indices: Sequence[int]) -> set[int]:
    """Which of these happenings the public may see."""
    found: set[int] = set()
    for start in range(0, len(indices), MOST):
        part = list(indices[start : start + MOST])
        rows = page(reading, HAPPENINGS, moment, filters={"indices": part}, limit=MOST).rows
        found |= {row["log_index"] for row in rows}
    return found


def times(reading: Reading, indices: Sequence[int]) -> dict[int, str]:
    """When the entries of the log at these indices were recorded (RFC 3339, UTC)."""
    query = SQL("SELECT t.log_index, {at} AS at FROM {events} t WHERE t.log_index = ANY(%(indices)s)")
    found = query.format(at=PUBLIC.column("at").sql, events=_EVENTS)
    return {row["log_index"]: row["at"] for row in reading.rows(found, {"indices": list(indices)})}
