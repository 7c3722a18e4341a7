"""The board: which bodies, commitments and other cases there are, and which belong together, so that a page can list
them.

It is an index, not an archive: what a case says is folded from its stream in the log, and what depends on a day (due,
overdue, in what standing) is computed when it is asked, never stored. A commitment is found under every body that it
names; that a body answers for others (A12: successors; provisional registrations that were resolved to it) is one
column, ``answers_to``, which the reader follows.

>>> from datetime import UTC, datetime
>>> from ledger.domain.event import Event
>>> event = Event("ledger", 0, "", "body/p-8e6b4f2a6c7a6671", 2, None, ProvisionalBodyResolved("11990000000000019A"))
>>> changes(Recorded(event, "kid", 7, datetime(2026, 11, 21, tzinfo=UTC), "hash"))[0].values
{'status': 'resolved', 'answers_to': '11990000000000019A', 'changed': 7}
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, assert_never

from ledger.domain import body, commitment
from ledger.domain.body import (
    AliasAdded,
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    Countersigned,
    KeyAuthorised,
    KeyRevoked,
    LedgerFounded,
    LogKeyRotated,
    PredecessorAdded,
    ProvisionalBodyResolved,
    RoleGranted,
    RoleWithdrawn,
)
from ledger.domain.body_terms import Status
from ledger.domain.commitment import CommitmentLawfullyChanged, CommitmentMade
from ledger.domain.event import Recorded, legal_day, stream_kind
from ledger.domain.filing import IntegrityReportFiled
from ledger.domain.kinds import KINDS
from ledger.domain.sweep import CourtListSwept
from projections.board_projection import Change, Insert, Projection, Update


class Part(StrEnum):
    """As what a body appears in a commitment."""

    PROMISER = "promiser"  # 承诺单位
    LEAD = "lead"  # 牵头单位
    RESPONSIBLE = "responsible"  # 责任单位
    SUPPORTING = "supporting"  # 配合单位


TABLES = """
CREATE TABLE bodies (
    id         text COLLATE "C" PRIMARY KEY,
    index      bigint NOT NULL UNIQUE,   -- of its registration
    status     text   NOT NULL,
    name       text   NOT NULL,
    kind       text,                     -- NULL: the ledger itself
    region     text,
    named_by   text,                     -- whose document names a provisional body
    answers_to text COLLATE "C",         -- its successor, or the body that it was resolved to
    changed    bigint NOT NULL           -- index of the newest event
);
CREATE INDEX ON bodies (answers_to);

CREATE TABLE body_names (                -- all names that a body ever had, its aliases' included
    body  text COLLATE "C" NOT NULL,
    index bigint NOT NULL,               -- where the log says so
    name  text   NOT NULL,
    alias text COLLATE "C",              -- NULL: its own name
    PRIMARY KEY (body, index)
);

CREATE TABLE commitments (
    id        text COLLATE "C" PRIMARY KEY,
    index     bigint NOT NULL UNIQUE,    -- of CommitmentMade
    made_on   date   NOT NULL,           -- the legal day of its recording
    title     text   NOT NULL,
    kind      text   NOT NULL,
    area      text   NOT NULL,
    due       date,                      -- the one day, as last changed; NULL: recurring, or without a day
    changed   bigint NOT NULL
);
CREATE INDEX ON commitments (coalesce(due, date '9999-12-31'), index);

CREATE TABLE commitment_bodies (
    commitment text COLLATE "C" NOT NULL,
    body       text COLLATE "C" NOT NULL,
    role       text NOT NULL,
    PRIMARY KEY (commitment, body, role)
);
CREATE INDEX ON commitment_bodies (body, commitment);

CREATE TABLE cases (                     -- records, complaints, projects, persons' files, commendations
    stream   text COLLATE "C" PRIMARY KEY,
    index    bigint NOT NULL UNIQUE,     -- of its first event
    kind     text   NOT NULL,
    subject  text COLLATE "C",           -- the body that it is about
    begun_on date   NOT NULL,            -- the legal day of its first recording
    changed  bigint NOT NULL
);
CREATE INDEX ON cases (kind, index);
CREATE INDEX ON cases (subject, index);
"""


def changes(recorded: Recorded) -> list[Change]:
    """The changes of rows that a recorded event makes; none for a policy."""
    match stream_kind(recorded.event.stream):
        case "body":
            return list(_of_body(recorded))
        case "commitment":
            return list(_of_commitment(recorded))
        case "policy":
            return []
        case kind:
            return [_of_case(kind, recorded)]


BOARD = Projection("board", 2, TABLES, changes)


def _of_case(kind: str, recorded: Recorded) -> Change:
    event = recorded.event
    if event.version > 1:
        return Update("cases", {"stream": event.stream}, {"changed": recorded.index})
    values = {
        "index": recorded.index,
        "kind": kind,
        "subject": KINDS[kind].subject(KINDS[kind].initial, event),
        "begun_on": legal_day(recorded.at),
        "changed": recorded.index,
    }
    return Insert("cases", {"stream": event.stream}, values)


def _of_body(recorded: Recorded) -> Iterator[Change]:
    fact: body.Fact = recorded.event.fact
    key = {"id": recorded.event.stream.partition("/")[2]}
    match fact:
        case LedgerFounded():
            yield _body(key, recorded, Status.REGISTERED, fact.origin)
            yield _name(key["id"], recorded, fact.origin)
        case BodyRegistered():
            yield _body(key, recorded, Status.REGISTERED, fact.name, kind=str(fact.kind), region=fact.region)
            yield _name(key["id"], recorded, fact.name)
        case BodyProvisionallyRegistered():
            yield _body(key, recorded, Status.PROVISIONAL, fact.name, kind=str(fact.kind), named_by=fact.named_by)
            yield _name(key["id"], recorded, fact.name)
        case ProvisionalBodyResolved():
            yield _changed(key, recorded, status=str(Status.RESOLVED), answers_to=fact.uscc)
        case AliasAdded():
            yield _changed(key, recorded)
            yield _name(key["id"], recorded, fact.name, alias=fact.alias)
        case BodyRenamed():
            yield _changed(key, recorded, name=fact.name)
            yield _name(key["id"], recorded, fact.name)
        case BodySucceeded():
            yield _changed(key, recorded, status=str(Status.SUCCEEDED), answers_to=fact.successor)
        case (
            LogKeyRotated()
            | PredecessorAdded()
            | KeyAuthorised()
            | KeyRevoked()
            | RoleGranted()
            | RoleWithdrawn()
            | Countersigned()
            | CourtListSwept()
            | IntegrityReportFiled()
        ):
            yield _changed(key, recorded)
        case _:
            assert_never(fact)


def _body(key: dict[str, str], recorded: Recorded, status: Status, name: str, **more: Any) -> Insert:
    values = {"index": recorded.index, "status": str(status), "name": name, "changed": recorded.index}
    return Insert("bodies", key, {**values, **more})


def _changed(key: dict[str, str], recorded: Recorded, **values: Any) -> Update:
    return Update("bodies", key, {**values, "changed": recorded.index})


def _name(body_id: str, recorded: Recorded, name: str, alias: str | None = None) -> Insert:
    return Insert("body_names", {"body": body_id, "index": recorded.index}, {"name": name, "alias": alias})


def _of_commitment(recorded: Recorded) -> Iterator[Change]:
    fact: commitment.Fact = recorded.event.fact
    own = recorded.event.stream.partition("/")[2]
    if isinstance(fact, CommitmentMade):
        yield _commitment(own, recorded, fact)
        yield from _parts(own, fact)
    elif isinstance(fact, CommitmentLawfullyChanged) and fact.due:
        yield Update("commitments", {"id": own}, {"due": fact.due, "changed": recorded.index})
    else:
        yield Update("commitments", {"id": own}, {"changed": recorded.index})


def _commitment(own: str, recorded: Recorded, fact: CommitmentMade) -> Insert:
    values = {
        "index": recorded.index,
        "made_on": legal_day(recorded.at),
        "title": fact.title,
        "kind": str(fact.kind),
        "area": str(fact.area),
        "due": fact.due,
        "changed": recorded.index,
    }
    return Insert("commitments", {"id": own}, values)


def _parts(own: str, fact: CommitmentMade) -> Iterator[Insert]:
    """Under which bodies the commitment is found. A takeover adds none: who takes over answers for the body before."""
    named = {
        Part.PROMISER: (fact.promiser,),
        Part.LEAD: fact.lead,
        Part.RESPONSIBLE: fact.responsible,
        Part.SUPPORTING: fact.supporting,
    }
    for part, ids in named.items():
        for body_id in dict.fromkeys(ids):
            key = {"commitment": own, "body": body_id, "role": str(part)}
            yield Insert("commitment_bodies", key, {})
