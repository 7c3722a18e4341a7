"""(i) Search at 200,000 records, beside ``ILIKE '%…%'`` over the same texts in the same PostgreSQL.

The texts are made by the projection itself from invented cases: bodies with names of the usual shape, commitments with
title and text, published records; a tenth of them each bodies and records. What is asked: words of two characters and
more, some of them everywhere, names, short names, pinyin, initials, credit codes, document numbers, single characters,
English, nonsense. Whoever has no index would ask ``ILIKE`` on title, text and number, and take the twenty shortest.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from psycopg.sql import SQL

from benchmarks.report import Figure, percentile
from ledger.domain import body, commitment
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind as BodyKind
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area, Kind
from ledger.domain.event import Document, Event, Recorded
from ledger.domain.identifiers import fictional_uscc
from ledger.store.database import Database, connect
from projections import bodies, records, search, tables
from projections.catalogue import PROJECTIONS
from projections.projection import OPEN, Case, Row, Version
from projections.reading import Moment, Reading
from projections.views.search import search as found

TODAY = date(2026, 11, 21)
AIM = 50.0
_AT = datetime(2026, 11, 21, tzinfo=UTC)
_CHARACTERS = "政务诚信建设推进优化营商环境项目工程企业民生教育医疗交通农村旧改水利生态文化体育养老就业数据平台"
_VERBS = ("推进", "建成", "完成", "清偿", "兑现", "公布", "改造", "新建")
_ORGANS = (
    "财政局",
    "发展和改革委员会",
    "人力资源和社会保障局",
    "住房和城乡建设局",
    "教育局",
    "市场监督管理局",
    "人民政府",
)
_ROWS = 5000


class Searching:
    """See the module's docstring. ``size`` records, ``rounds`` of every sort of question."""

    def __init__(self, database: Database, size: int, rounds: int) -> None:
        self._database, self._size, self._rounds = database, size, rounds
        self._chance = random.Random(7)
        self._words = [self._word() for _ in range(3000)]
        self._names = [f"{self._word()}{level}{organ}" for level in "市县区" for organ in _ORGANS for _ in range(60)]
        self._times: dict[str, list[float]] = {"ours": [], "plain": []}

    def run(self, say: Callable[[str], None]) -> None:
        """Fills both tables, and asks both the same."""
        say(f"(i) making the texts of {self._size:,} records")
        self._fill()
        questions = [q for _ in range(self._rounds) for q in self._questions()]
        say(f"(i) asking {len(questions)} questions")
        with Reading(self._database, pool_size=2) as reading:
            moment = Moment(self._size, TODAY, TODAY)
            for q in questions[:50]:
                found(reading, moment, q)
            for q in questions:
                self._time("ours", lambda q=q: found(reading, moment, q))
            plain = SQL(
                "SELECT id, title FROM bench.plain WHERE title ILIKE %(like)s OR text ILIKE %(like)s "
                "OR number ILIKE %(like)s ORDER BY length(title), id LIMIT 20"
            ).format()
            for q in questions[:: max(1, len(questions) // 60)]:
                self._time("plain", lambda q=q: reading.rows(plain, {"like": f"%{q}%"}))

    def figures(self) -> list[Figure]:
        """The slowest of a hundred, and the usual one, of both."""
        ours, plain = self._times["ours"], self._times["plain"]
        p99, p50 = percentile(ours, 99), percentile(ours, 50)
        with_like = (
            f"ILIKE '%…%' on the same texts: p99 {percentile(plain, 99):.0f} ms, p50 {percentile(plain, 50):.0f} ms"
        )
        size = f"{self._size:,} records"
        return [
            Figure("i1", f"search, p99, {size}", p99, "ms", with_like, AIM, at_most=True),
            Figure("i2", f"search, p50, {size}", p50, "ms", with_like),
            Figure("i3", "p99 of ILIKE / p99 of search", percentile(plain, 99) / p99, "×", with_like),
        ]

    def _time(self, name: str, ask: Callable[[], object]) -> None:
        began = time.perf_counter()
        ask()
        self._times[name].append((time.perf_counter() - began) * 1000)

    # --- texts -------------------------------------------------------------------------------------------------

    def _word(self) -> str:
        return "".join(self._chance.choices(_CHARACTERS, k=self._chance.choice((2, 2, 3, 4))))

    def _title(self, number: int) -> str:
        return f"{self._chance.choice(_VERBS)}{''.join(self._chance.choices(self._words, k=3))}第{number}号"

    def _prose(self) -> str:
        return "，".join("".join(self._chance.choices(self._words, k=4)) for _ in range(6)) + "。责任到人、限期办结。"

    def _questions(self) -> Iterator[str]:
        pick = self._chance.choice
        yield from (pick(self._words), pick(self._words)[:2], pick(self._words) + pick(self._words))
        yield from (pick(self._names), pick(_ORGANS), f"市{pick(_ORGANS)}", "发改委", "caizhengju", "rsj", "czj")
        yield from (fictional_uscc(self._chance.randrange(1, 900)), f"第{self._chance.randrange(self._size)}号")
        yield from (f"示政发〔2026〕{self._chance.randrange(500)}号", "限期办结", "责任", "推进", "市", "示", "s")
        yield from (f"{pick(self._words)} {pick(self._words)}", "public welfare", "不存在的词语组合", "zzzz", "2026")

    def _fill(self) -> None:
        owner = self._database.url("owner")
        with connect(owner) as connection:
            for projection in PROJECTIONS.values():
                tables.create(connection, projection, projection.schema)
            connection.execute("CREATE SCHEMA bench; GRANT USAGE ON SCHEMA bench TO jiannuo_reader")
            connection.execute("CREATE TABLE bench.plain (id text, title text, text text, number text)")
            connection.execute("GRANT SELECT ON bench.plain TO jiannuo_reader")
            for start in range(0, self._size, _ROWS):
                rows = [v for n in range(start, min(start + _ROWS, self._size)) for v in self._case(n)]
                for projection, table in (
                    (search.PROJECTION, search.TEXTS),
                    (bodies.PROJECTION, bodies.BODIES),
                    (records.PROJECTION, records.DISCLOSURES),
                ):
                    tables.insert(connection, projection.schema, table, [v for v in rows if v.table is table])
                plain = _plain([v.row for v in rows if v.table is search.TEXTS])
                with connection.cursor().copy("COPY bench.plain FROM STDIN") as copy:
                    for row in plain:
                        copy.write_row(row)
            for projection in PROJECTIONS.values():
                tables.index(connection, projection, projection.schema)
            connection.execute("VACUUM ANALYZE")

    def _case(self, number: int) -> list[Version]:
        """The rows of one case: of ten, one is a body, one a record, the rest commitments."""
        if number % 10 == 0:
            return self._body(number)
        rows = self._commitment(number)
        if number % 10 == 1:
            own = f"record/0198c5a2-0000-7000-8000-{number:012d}"
            texts = [r._replace(kind="record", id=own) for r in rows if r.sort in {"title", "number"}]
            return [*map(_version, texts), Version(records.DISCLOSURES, _disclosed(own, number), 0, OPEN)]
        return [_version(row) for row in rows]

    def _body(self, number: int) -> list[Version]:
        name, own = f"{self._chance.choice(self._names)}", fictional_uscc(number // 10 % 99_999 + 1)
        fact = BodyRegistered(name, BodyKind.DEPARTMENT, f"99{number % 20:02d}00")
        recorded = _recorded(f"body/{own}", fact, number)
        case = Case(
            f"body/{own}", recorded, recorded, body.evolve(body.EMPTY, recorded), own, fact.region, (), number, TODAY
        )
        row = bodies.BodyRow(own, number, "registered", name, "department", fact.region, None, None, None, False, ())
        return [Version(bodies.BODIES, row, number, OPEN), *map(_version, search.PROJECTION.rows(case))]

    def _commitment(self, number: int) -> list[search.TextRow]:
        fact = CommitmentMade(self._title(number), self._prose(), Kind.PLAN, Area.GENERAL, fictional_uscc(1))
        paper = Document("实施方案", f"{number % 500:064d}", f"示政发〔2026〕{number % 500}号")
        own = f"0198c5a2-0000-7000-8000-{number:012d}"
        recorded = _recorded(f"commitment/{own}", fact, number, paper)
        state = commitment.evolve(commitment.EMPTY, recorded)
        case = Case(f"commitment/{own}", recorded, recorded, state, fact.promiser, "990000", (), number, TODAY)
        return [row for row in search.PROJECTION.entries(case) if isinstance(row, search.TextRow)]


def _recorded(stream: str, fact: object, index: int, *basis: Document) -> Recorded:
    return Recorded(Event("ledger", 0, "", stream, 1, None, fact, basis), "", index, _AT, "")


def _disclosed(own: str, number: int) -> records.DisclosureRow:
    """A record that is shown today."""
    first, last = TODAY - timedelta(30), TODAY + timedelta(300)
    return records.DisclosureRow(
        stream=own,
        begins=first,
        ends=last,
        log_index=number,
        subject=fictional_uscc(1),
        region="990000",
        area=None,
        source="judgment",
        severity="serious",
        published_on=first,
        updated_on=first,
        expires_on=last,
        with_persons=False,
        fields="{}",
    )


def _version(row: Row) -> Version:
    return Version(search.TEXTS, row, row[0], OPEN)


def _plain(rows: Sequence[search.TextRow]) -> list[tuple[str, str, str, str]]:
    """The same as one row a thing: title, text, number."""
    found: dict[str, list[str]] = {}
    for row in rows:
        texts = found.setdefault(f"{row.kind}/{row.id}", [row.title, "", ""])
        if row.sort == "words":
            texts[1] = row.text
        elif row.sort == "number":
            texts[2] = row.text
    return [(own, title, text, number) for own, (title, text, number) in found.items()]
