"""(j) Screening 10,000 subjects at once, beside asking for them one by one, in the same PostgreSQL.

The ledger is made of invented rows: bodies, a tenth of them with a record and a penalty in force. A third of the
subjects is asked by code, a third by name, a tenth by a name that nobody has, the rest by a short form. Who has no
set-based query would ask four single queries for each subject: who it is, its penalties, its records, its listings.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from psycopg.sql import SQL

from benchmarks.report import Figure
from ledger import policies
from ledger.domain.calendar import Calendar
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.policy import View
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.proof.attestation import SCREENING, attest
from ledger.proof.keys import PrivateKey
from ledger.store.database import Database, connect
from projections import bodies, court, matching, penalties, records, tables
from projections.catalogue import PROJECTIONS
from projections.projection import OPEN, Table, Version
from projections.reading import Moment, Reading, held, name_of
from projections.screening import Asked
from projections.views.screening import screened

TODAY = date(2026, 11, 21)
AIM = 2.0
BODIES, SUBJECTS, NAIVE = 20_000, 10_000, 500
_ORGANS = ("财政局", "教育局", "水务局", "交通运输局", "发展和改革委员会", "人民政府", "建设局", "文化局")


class Screening:
    """See the module's docstring."""

    def __init__(self, database: Database, rounds: int) -> None:
        self._database, self._rounds = database, rounds
        self._chance = random.Random(11)
        self._codes = [fictional_uscc(n) for n in range(1, BODIES + 1)]
        self._ours: list[float] = []
        self._naive: list[float] = []

    def run(self, say: Callable[[str], None]) -> None:
        """Fills the tables, then asks both ways, round by round."""
        say(f"(j) making {BODIES:,} bodies")
        self._fill()
        view = View(policies.layers("huangshi"), Calendar(), TODAY)
        key = PrivateKey.from_seed(bytes(32))
        subjects = [self._subject() for _ in range(SUBJECTS)]
        moment = Moment(10 * BODIES, TODAY, TODAY)
        with Reading(self._database, pool_size=2) as reading:
            for round_ in range(self._rounds):
                say(f"(j) round {round_ + 1} of {self._rounds}: {SUBJECTS:,} subjects")
                began = time.perf_counter()
                asked = Asked(ScreeningPurpose.AWARDS, TODAY)
                found = screened(reading, moment, asked, subjects, lambda _: view, public=True, excluded={})
                attest(SCREENING, {"results": found}, key)
                self._ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                for subject in subjects[:NAIVE]:
                    self._one_by_one(reading, moment, subject)
                self._naive.append((time.perf_counter() - began) * SUBJECTS / NAIVE)

    def figures(self) -> list[Figure]:
        """The slowest round of ours, and the ratio to one by one in the same run."""
        worst, naive = max(self._ours), min(self._naive)
        told = f"one by one, of {NAIVE} subjects: {naive:.1f} s"
        return [
            Figure("j1", f"screening {SUBJECTS:,} subjects, signed", worst, "s", told, AIM, at_most=True),
            Figure("j2", "one by one / at once", naive / worst, "×", told),
        ]

    def _subject(self) -> str:
        number = self._chance.randrange(BODIES)
        sort = self._chance.random()
        if sort < 1 / 3:
            return self._codes[number]
        if sort < 2 / 3:
            return _name(number)
        return f"某某公司{number}" if sort < 2 / 3 + 0.1 else f"市{_ORGANS[number % len(_ORGANS)]}"

    def _one_by_one(self, reading: Reading, moment: Moment, subject: str) -> None:
        values = {**moment.values(), "key": matching.key_of(subject), "code": subject}
        query = "SELECT DISTINCT k.body FROM {} k WHERE (k.key = %(key)s OR k.body = %(code)s) AND {} LIMIT 1"
        who = reading.rows(SQL(query).format(name_of(matching.KEYS), held("k")), values)
        if who:
            for table in (penalties.PENALTIES, records.RECORDS, court.COURT):
                query = "SELECT t.* FROM {} t WHERE t.subject = %(body)s AND {}"
                reading.rows(SQL(query).format(name_of(table), held("t")), {**values, "body": who[0]["body"]})

    def _fill(self) -> None:
        owner = self._database.url("owner")
        tables.install(owner, PROJECTIONS.values())
        rows: dict[Table, list[Version]] = {}
        for number, code in enumerate(self._codes):
            for table, row in _rows(number, code):
                rows.setdefault(table, []).append(Version(table, row, number, OPEN))
        with connect(owner) as connection:
            for projection in PROJECTIONS.values():
                for table in projection.tables:
                    if table in rows:
                        tables.insert(connection, projection.schema, table, rows[table])
                        connection.execute(SQL("ANALYZE {}").format(name_of(table)))


def _name(number: int) -> str:
    return f"示例{number // len(_ORGANS)}市{_ORGANS[number % len(_ORGANS)]}"


def _rows(number: int, code: str) -> Iterator[tuple[Table, Any]]:
    name = _name(number)
    yield bodies.BODIES, _filled(bodies.BODIES, id=code, log_index=number, status="registered", name=name)
    for key, way, own in matching.keys_of(name, ()):
        yield matching.KEYS, matching.KeyRow(code, key, way, own)
    if number % 10:
        return
    stream = f"record/{number}"
    about = {"stream": stream, "log_index": number, "subject": code}
    yield records.RECORDS, _filled(records.RECORDS, **about, standing="recorded", severity="general")
    yield (
        records.DISCLOSURES,
        _filled(records.DISCLOSURES, **about, begins=date(2026, 1, 1), ends=date(2027, 1, 1), fields="{}"),
    )
    penalty = {"penalty": "p1", "measure": "award_exclusion", "kind": "award_exclusion", "starts": date(2026, 1, 1)}
    yield penalties.PENALTIES, _filled(penalties.PENALTIES, **about, **penalty)


def _filled(table: Table, **known: Any) -> NamedTuple:
    """A row with what is known, and nothing in particular in the rest."""
    empty = {"text": "", "bigint": 0, "boolean": False, "date": TODAY, "text[]": (), "timestamptz": TODAY}

    def nothing(kind: str) -> Any:
        return empty[kind.split(" ", maxsplit=1)[0]] if kind.endswith("NOT NULL") else None

    row: NamedTuple = table.row(**{n: known.get(n, nothing(kind)) for n, kind in table.columns.items()})
    return row
