"""Rows of a ledger of any size, made by the projections from invented cases and stored with COPY.

Three quarters of the records are commitments, the rest dishonesty records that are public, each with a penalty; 2,000
bodies beside them. They stand before the log's first entry, so that the log need not be as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import psycopg

from ledger.authoring import utc_now
from ledger.domain import commitment
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Document, Event, Recorded, legal_day
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation
from ledger.store.database import connect
from projections import bodies, commitments, penalties, records, search, tables
from projections.projection import OPEN, Case, Projection, Row, Version
from projections.runner import Runner

TODAY = legal_day(utc_now())
BODIES, PART = 2_000, 5_000
FAR = 10**6
"""How far before the log's first entry the rows begin."""
_AT = datetime.combine(TODAY - timedelta(30), datetime.min.time(), UTC)
WORDS = (
    "道路修复",
    "租金补贴",
    "限时办结",
    "欠款清偿",
    "学校扩建",
    "污水治理",
    "老旧小区改造",
    "营商环境",
    "合同履行",
)
AREAS = tuple(Area)
REGIONS = tuple(f"99{city:02d}{county:02d}" for city in range(1, 11) for county in range(1, 6))
_KINDS = tuple(kind for kind in Kind if kind is not Kind.CONTRACT)


def promised_of(size: int) -> int:
    """How many of ``size`` records are commitments."""
    return size * 3 // 4


def fill(installation: Installation, size: int) -> None:
    """Stores the rows of ``size`` records beside those of the log. Only for an embedded database that is new."""
    database = installation.database
    assert database.embedded is not None
    Runner(database, installation.ledger.reader).catch_up()  # what is in the log is in the rows: no rebuild
    promised = promised_of(size)
    with connect(database.url("owner")) as connection:
        for start in range(0, promised, PART):
            _store(connection, [row for n in range(start, min(start + PART, promised)) for row in _promised(n)])
        for start in range(0, size - promised, PART):
            stop = min(start + PART, size - promised)
            _store(connection, [row for n in range(start, stop) for row in _recorded(n)])
        _store(connection, [row for n in range(1, BODIES + 1) for row in _body(n)])
    with connect(database.embedded.url("jiannuo_admin")) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def id_of(number: int) -> str:
    """The id of a commitment or record."""
    return f"0198c5a2-0000-7000-8000-{number:012d}"


def _store(connection: psycopg.Connection, rows: Sequence[tuple[Projection, Row]]) -> None:
    found: dict[tuple[str, object], list[Version]] = {}
    for projection, row in rows:
        table = projection.table(row)
        found.setdefault((projection.schema, table.name), []).append(Version(table, row, 0, OPEN))
    for (schema, _), versions in found.items():
        tables.insert(connection, schema, versions[0].table, versions)


def _promised(number: int) -> Iterator[tuple[Projection, Row]]:
    """The rows of a commitment."""
    body, stream = fictional_uscc(1 + number % BODIES), f"commitment/{id_of(number)}"
    due = TODAY + timedelta(number % 700 - 200)
    fact = CommitmentMade(
        f"{WORDS[number % len(WORDS)]}第{number}号",
        "对企业和群众作出的承诺，逾期未办结的说明原因并公布新的期限。",
        _KINDS[number % len(_KINDS)],
        AREAS[number * 7 % len(AREAS)],
        body,
        lead=(fictional_uscc(1 + number * 3 % BODIES),),
        due=due,
    )
    paper = Document("工作方案", f"{number % 500:064d}", f"示政发〔2026〕{number % 500}号")
    recorded = Recorded(Event(body, 0, id_of(number), stream, 1, None, fact, (paper,)), "", number - FAR, _AT, "")
    state = commitment.evolve(commitment.EMPTY, recorded)
    region = REGIONS[number % len(REGIONS)]
    case = Case(stream, recorded, recorded, state, body, region, (), number - FAR, TODAY)
    found = (commitments.PROJECTION, search.PROJECTION) if number % 10 == 0 else (commitments.PROJECTION,)
    for projection in found:  # search at this size is measured by itself, in (i)
        for row in (*projection.rows(case), *projection.entries(case)):
            yield projection, row


def _recorded(number: int) -> Iterator[tuple[Projection, Row]]:
    """The rows of a record that is public, with a penalty."""
    stream, region = f"record/{id_of(number)}", REGIONS[number % len(REGIONS)]
    subject, area = fictional_uscc(1 + number % BODIES), str(AREAS[number % len(AREAS)])
    begun = TODAY - timedelta(60)
    fields = {
        "findings": "经督促仍不履约",
        "conduct": ["breach_of_contract"],
        "decision": {"title": "认定书", "number": f"示监认〔2026〕{number}号", "organ": "示例局", "sha256": "0" * 64},
        "recognised_by": subject,
        "recognised_on": begun.isoformat(),
        "effective_on": begun.isoformat(),
        "rectification": {"state": "overdue", "due": begun.isoformat()},
        "penalties": [],
    }
    yield (
        records.PROJECTION,
        records.DisclosureRow(
            stream,
            begun,
            TODAY + timedelta(300),
            number - 2 * FAR,
            subject,
            region,
            area,
            "contract_breach",
            "serious",
            begun,
            begun,
            TODAY + timedelta(300),
            False,
            json.dumps(fields, ensure_ascii=False),
        ),
    )
    yield (
        penalties.PROJECTION,
        penalties.PenaltyRow(
            stream,
            "p1",
            number - 2 * FAR,
            subject,
            region,
            False,
            "award_exclusion",
            "award_exclusion",
            "取消评优资格",
            "Exclusion from awards",
            begun,
            date(2099, 12, 31),
            begun,
            subject,
            None,
            None,
            "测速",
            (),
            (),
            None,
            None,
        ),
    )


def _body(number: int) -> Iterator[tuple[Projection, Row]]:
    own, name = fictional_uscc(number), f"示例市第{number}局（虚构）"
    region = REGIONS[number % len(REGIONS)]
    if number > 1:  # the first is the operator's, and registered
        yield (
            bodies.PROJECTION,
            bodies.BodyRow(
                own, number - 3 * FAR, "registered", name, "department", region, None, None, None, False, ()
            ),
        )
