"""The events that are submitted: commitments and the reports on them, signed beforehand.

A stream here is one commitment: it is made, then progress is reported. A client that owns its streams submits each in
order, and no two clients touch the same one. All is signed by the operator, who promises for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ledger.authoring import new_id, utc_now
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Document, Event
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.kinds import topic
from ledger.installation import Operator
from ledger.proof.event import sign
from ledger.proof.keys import PrivateKey

PER_STREAM = 4
OPERATOR = Operator(fictional_uscc(1), "测速信用办公室（虚构）")
_TEXT = "对企业和群众到窗口办理的事项实行一次性告知、限时办结，逾期未办结的由主要负责人向社会说明原因并公布新的期限。"
_EVIDENCE = (Document("政务服务窗口运行月报", "5d" * 32, organ="测速信用办公室（虚构）"),)


class Task(NamedTuple):
    """Work for one process: that many whole streams, signed with the key of this PEM."""

    pem: bytes
    streams: int


class Written(NamedTuple):
    """A signed event (compact JWS) and under what the store files it."""

    jws: bytes
    stream: str
    version: int
    topic: str
    jti: str


def write_streams(task: Task) -> list[Written]:
    """The events of a task, stream after stream, each stream in order."""
    key, iss = PrivateKey.from_pem(task.pem), OPERATOR.uscc
    made = CommitmentMade(
        "窗口事项限时办结", _TEXT, Kind.TIME_LIMIT, Area.GENERAL, iss, lead=(iss,), due=date(2099, 12, 31)
    )
    found = []
    for _ in range(task.streams):
        stream, prev = f"commitment/{new_id()}", None
        for version in range(1, PER_STREAM + 1):
            fact = made if version == 1 else ProgressReported(_TEXT, _EVIDENCE, percent=10 * version)
            jti = new_id()
            jws = sign(Event(iss, int(utc_now().timestamp()), jti, stream, version, prev, fact), key)
            prev = hashlib.sha256(jws).hexdigest()
            found.append(Written(jws, stream, version, topic(fact), jti))
    return found


def tasks(pem: bytes, events: int, size: int = 5_000) -> list[Task]:
    """Tasks of up to ``size`` events which make at least ``events`` together."""
    streams, each = -(-events // PER_STREAM), size // PER_STREAM
    return [Task(pem, min(each, streams - start)) for start in range(0, streams, each)]


def jws_of(parts: Iterable[list[Written]]) -> list[bytes]:
    """The bytes to submit."""
    return [written.jws for part in parts for written in part]


def dealt(events: list[bytes], clients: int) -> list[list[bytes]]:
    """The events by client: whole streams, the same number for each; what is left over is dropped."""
    each = len(events) // PER_STREAM // clients * PER_STREAM
    return [events[n * each : (n + 1) * each] for n in range(clients)]
