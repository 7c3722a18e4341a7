"""The search index: by which texts a body, a commitment, a record, a penalty or a positive record is found.

One row is one text: a name, a short name, a spelling in pinyin, a title, a number. ``sort`` says what it is. Of records
and penalties it holds only what :mod:`projections.disclosed` discloses without persons, and only while the record is
published; on which days the public may find them is asked of ``records.disclosures``.

>>> from datetime import UTC, datetime
>>> from ledger.domain.body import EMPTY, BodyRegistered, evolve
>>> from ledger.domain.body_terms import Kind as BodyKind
>>> from ledger.domain.event import Event, Recorded
>>> fact = BodyRegistered("示例市财政局", BodyKind.DEPARTMENT, "990100")
>>> event = Event("ledger", 0, "", "body/11990100000000019A", 1, None, fact)
>>> begun = Recorded(event, "", 7, datetime(2026, 11, 21, tzinfo=UTC), "")
>>> case = Case(event.stream, begun, begun, evolve(EMPTY, begun), None, "990100", (), 7, date(2026, 11, 21))
>>> [row.text for row in _rows(case)][:4]
['11990100000000019a', '990100', '示例市财政局', 'shilishicaizhengju']
>>> [row.text for row in _rows(case) if row.sort == "short"]
['市财政局', '财政局']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from ledger.domain.body import AliasAdded, Body
from ledger.domain.body_terms import Status
from ledger.domain.commitment import CommitmentMade
from ledger.domain.event import Event
from projections.disclosed import fields_of
from projections.folding import fold, grams, numbers
from projections.pinyin import spellings
from projections.projection import Case, Projection, Row, Table
from projections.short_names import short_names

LONGEST_TEXT = 400
"""Characters of a text that are searched; names are shorter, and most titles and promises too."""
MOST_FORMER = 10
"""Former names of a body that are searched, the newest: with all of them each renaming would write all of them anew."""
KEY = 64
"""Characters of a text by which it is found whole, or by its beginning."""


class Sort(StrEnum):
    """What a text is, the likeliest to be meant first."""

    ID = "id"  # 标识
    NUMBER = "number"  # 文号
    NAME = "name"  # 现名
    SHORT = "short"  # 简称（推定，非登记名称）
    ALIAS = "alias"  # 文件中的称谓
    TITLE = "title"  # 标题
    PINYIN = "pinyin"  # 全拼
    INITIALS = "initials"  # 首字母
    FORMER = "former"  # 曾用名
    REGION = "region"  # 行政区划代码
    WORDS = "words"  # 正文


class TextRow(NamedTuple):
    """A text by which something is found; ``log_index`` is that of the event that said it, or of the case's first."""

    log_index: int
    number: int  # of texts that the event gives
    kind: str  # body, commitment, record, penalty, commendation
    id: str  # a body's or commitment's id, a record's or positive record's stream
    item: str | None  # the penalty's name within its record
    sort: str  # Sort
    text: str  # folded: projections.folding
    title: str  # what is found, as it is called
    region: str | None
    ends: date | None  # the last day on which it is found; None: no end
    parts: tuple[int, ...]  # projections.folding: numbers of its grams, where it is found by its parts


TEXTS = Table(
    "texts",
    TextRow,
    2,
    (
        f"(left(text, {KEY}), log_index, number) WHERE sort <> 'words'",
        # New texts wait in a list that every search reads whole: short, but enough to be merged by the hundred.
        "USING gin (parts) WITH (gin_pending_list_limit = 512)",
    ),
)


class _Text(NamedTuple):
    sort: Sort
    text: str
    item: str | None = None
    ends: date | None = None


_BY_PARTS = frozenset({Sort.NAME, Sort.SHORT, Sort.ALIAS, Sort.TITLE, Sort.FORMER, Sort.WORDS, Sort.NUMBER})
"""Texts that are found by their parts too."""


def _rows(case: Case) -> Iterable[Row]:
    kind = case.kind
    if kind == "body":
        return _made(case, case.begun.index, "body", case.id, case.state.name, _of_body(case))
    if kind == "record":
        return _of_record(case)
    if kind == "commendation" and case.state.stands and case.state.recorded.fact.person is None:
        title = case.state.recorded.fact.title
        return _made(case, case.begun.index, "commendation", case.stream, title, [_Text(Sort.TITLE, title)])
    return ()


def _entries(case: Case) -> Iterable[Row]:
    event: Event = case.last.event
    if isinstance(event.fact, AliasAdded):
        name = event.fact.name
        return _made(case, case.last.index, "body", case.id, name, _named(name, Sort.ALIAS))
    if case.kind == "commitment" and (event.basis or isinstance(event.fact, CommitmentMade)):
        title = case.state.terms.title
        return _made(case, case.last.index, "commitment", case.id, title, _of_commitment(case.id, event))
    return ()


def _made(case: Case, index: int, kind: str, own: str, title: str, texts: Any) -> Iterator[Row]:
    found = dict.fromkeys(_Text(t.sort, fold(t.text[:LONGEST_TEXT]), t.item, t.ends) for t in texts)
    for number, text in enumerate(t for t in found if t.text):
        parts = _parts(text.text) if text.sort in _BY_PARTS else ()
        place = "penalty" if text.item is not None else kind, own, text.item
        yield TextRow(index, number, *place, str(text.sort), text.text, title, case.region, text.ends, parts)


@lru_cache(maxsize=20_000)  # a case is asked again at each of its events, and says the same mostly
def _parts(text: str) -> tuple[int, ...]:
    return numbers(grams(text))


# --- bodies -------------------------------------------------------------------------------------------------


def _of_body(case: Case) -> Iterator[_Text]:
    body: Body = case.state
    yield _Text(Sort.ID, case.id)
    if body.status is Status.RESOLVED:
        return  # its name is an alias of the body that it was resolved to
    if case.region:
        yield _Text(Sort.REGION, case.region)
    yield from _named(body.name, Sort.FORMER if body.status is Status.SUCCEEDED else None)
    for name in body.former_names[-MOST_FORMER:]:
        if name != body.name:
            yield from _named(name, Sort.FORMER)


def _named(name: str, sort: Sort | None = None) -> Iterator[_Text]:
    """A name, how it is shortened, and how they are spelt; ``sort``: all of it is of one sort."""
    yield _Text(sort or Sort.NAME, name)
    shortened = short_names(name)
    for spelt in (*spellings(name), *(s for short in shortened for s in spellings(short)[:1])):
        yield _Text(sort or Sort.PINYIN, spelt.full)
        yield _Text(sort or Sort.INITIALS, spelt.initials)
    yield from (_Text(sort or Sort.SHORT, short) for short in shortened)


# --- commitments and records --------------------------------------------------------------------------------


def _of_commitment(own: str, event: Event) -> Iterator[_Text]:
    if isinstance(event.fact, CommitmentMade):
        yield _Text(Sort.ID, own)
        yield _Text(Sort.TITLE, event.fact.title)
        yield _Text(Sort.WORDS, event.fact.text)
        if event.fact.contract:
            yield _Text(Sort.NUMBER, event.fact.contract.number)
    yield from (_Text(Sort.NUMBER, paper.number) for paper in event.basis if paper.number)


def _of_record(case: Case) -> Iterator[Row]:
    record = case.state
    if record.recognised is None or not record.published or record.withdrawn or record.is_repaired:
        return
    fields = fields_of(record, case.day, with_persons=False)
    decision = fields["decision"] or {}
    title = decision.get("title") or fields["catalogue"]
    texts = [_Text(Sort.ID, case.id), _Text(Sort.TITLE, title), _Text(Sort.WORDS, fields["catalogue"])]
    if decision.get("number"):
        texts.append(_Text(Sort.NUMBER, decision["number"]))
    for penalty in fields["penalties"]:
        paper = penalty["decision"] or {}
        ends = date.fromisoformat(penalty["ends"]) if penalty["ends"] else None
        if paper:
            texts.append(_Text(Sort.TITLE, paper["title"], penalty["penalty"], ends))
        if paper.get("number"):
            texts.append(_Text(Sort.NUMBER, paper["number"], penalty["penalty"], ends))
    yield from _made(case, case.begun.index, "record", case.stream, title, texts)


PROJECTION = Projection(
    "search", 1, (TEXTS,), frozenset({"body", "commendation", "commitment", "record"}), _rows, _entries
)
