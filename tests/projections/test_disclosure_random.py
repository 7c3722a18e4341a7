"""Whatever way a record's case goes, under whichever city's rules: what the public is answered on any day at all."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.event import Recorded
from ledger.domain.policy import view_of
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import PublicationScope
from projections import court, penalties, records, remedies, takedowns
from projections.disclosed import text_of
from projections.disclosure import FOR_EVER, GROUNDS, Audience, Disclosed, Reason, Withheld, disclose, spans
from projections.projection import Case, Projection
from tests.domain.records import PERSON
from tests.domain.running import PACKS, Run
from tests.domain.test_record_random import played

DAYS = st.dates(date(2023, 1, 1), date(2032, 1, 1))
packs = st.sampled_from(PACKS)


def policies(run: Run) -> tuple[Any, ...]:
    return tuple(run.rules.policies)


def answer(run: Run, on: date, audience: Audience = Audience.PUBLIC) -> Disclosed | Withheld:
    return disclose(run.state, view_of(policies(run), on), audience, on)


def case_of(run: Run) -> Case:
    begun: Recorded = run.history[0]
    subject = run.state.subject
    return Case(
        run.field.stream,
        begun,
        run.history[-1],
        run.state,
        subject,
        "990000",
        policies(run),
        run.history[-1].index,
        run.today,
    )


@given(packs, st.data())
def test_every_day_has_the_answer_of_its_span(pack: str, data: st.DataObject) -> None:
    """F01 F03 每一天的公开与不公开，均与当日规则下的判断一致。"""
    for run in played(pack, data):
        record: Record = run.state
        found = list(spans(record, policies(run)))
        if record.recognised is None:
            assert found == []
            continue
        assert found[0].begins == record.recognised.day
        assert found[-1].ends == FOR_EVER
        assert all(a.ends + timedelta(1) == b.begins and a.answer != b.answer for a, b in pairwise(found))
        edges = [d for s in found for d in (s.begins, s.ends)]
        days = [*edges, *data.draw(st.lists(DAYS, max_size=4), label="days"), run.today]
        for day in (d for d in days if d >= record.recognised.day):
            span = next(s for s in found if s.begins <= day <= s.ends)
            assert span.answer == answer(run, day), (day, run.told())


@given(packs, st.data())
def test_what_is_repaired_withdrawn_or_over_is_public_on_no_day_at_all(pack: str, data: st.DataObject) -> None:
    """F01 E05 E10 修复、撤销、屏蔽、公示期届满即刻不再公开，过去和将来的任何一天都不再可见。"""
    for run in played(pack, data):
        record = run.state
        ended = {Standing.REPAIRED: Reason.REPAIRED, Standing.WITHDRAWN: Reason.WITHDRAWN}.get(record.standing)
        for day in (run.today, date(2023, 6, 2), *data.draw(st.lists(DAYS, max_size=3), label="days")):
            given_ = answer(run, day)
            if ended or not record.published or day > record.publications[-1].fact.until:
                assert isinstance(given_, Withheld), (day, run.told())
            if ended and record.recognised and day >= record.recognised.day:
                assert isinstance(given_, Withheld)
                assert given_.reason is ended
        if ended:
            assert not [s for s in spans(record, policies(run)) if isinstance(s.answer, Disclosed)]


@given(packs, st.data())
def test_no_person_stands_in_what_the_public_sees_where_bodies_are_published(pack: str, data: st.DataObject) -> None:
    """F01 F02 只公开单位的地方，公开内容中没有任何人员的引用；公开人员的地方，也须公示时一并公示。"""
    for run in played(pack, data):
        for span in spans(run.state, policies(run)):
            if not isinstance(span.answer, Disclosed):
                continue
            scope = view_of(policies(run), span.begins).get("publication.scope")
            allowed = scope is PublicationScope.BODIES_AND_PERSONS and run.state.publications[-1].fact.persons
            assert span.answer.with_persons == allowed
            if not allowed:
                assert "person" not in text_of(span.answer.fields)
                assert PERSON not in text_of(span.answer.fields)


@given(packs, st.data())
def test_withholding_has_a_reason_and_a_source(pack: str, data: st.DataObject) -> None:
    """F03 以公开为常态，不公开为例外：不公开须有理由和依据。"""
    for run in played(pack, data):
        for audience in Audience:
            given_ = answer(run, data.draw(DAYS, label="day"), audience)
            if isinstance(given_, Withheld):
                assert GROUNDS[given_.reason].zh
                assert given_.source


@given(packs, st.data())
def test_whoever_has_the_task_sees_more_than_the_public_and_never_less(pack: str, data: st.DataObject) -> None:
    """E17 F03 公众可见的，信用主体本人、信用办必可见。"""
    for run in played(pack, data):
        if isinstance(answer(run, run.today), Disclosed):
            for audience in (Audience.SUBJECT, Audience.OFFICE):
                assert isinstance(answer(run, run.today, audience), Disclosed)


@settings(max_examples=25)
@given(packs, st.data())
def test_rows_of_a_case_have_keys_of_their_own_and_their_columns_types(pack: str, data: st.DataObject) -> None:
    """The read side: rows as the tables of records, penalties, court entries, remedies and takedowns want them."""
    found: tuple[Projection, ...] = tuple(m.PROJECTION for m in (records, penalties, court, remedies, takedowns))
    for run in played(pack, data):
        if not run.history:
            continue
        case = case_of(run)
        for projection in found:
            rows = [*projection.rows(case), *projection.entries(case)]
            keys = Counter((projection.table(row).name, projection.table(row).key_of(row)) for row in rows)
            assert set(keys.values()) <= {1}, run.told()
            assert all(projection.table(row).key_of(row) for row in rows)
            for row in rows:
                for name, sql in projection.table(row).columns.items():
                    value = getattr(row, name)
                    assert (value is not None) or not sql.endswith("NOT NULL"), (name, row)
                    if value is not None:
                        kind = {"text": str, "bigi": int, "bool": bool, "date": date}[sql[:4]]
                        assert isinstance(value, tuple if "[]" in sql else kind), (name, value)
        for row in records.PROJECTION.rows(case):
            if isinstance(row, records.DisclosureRow):
                assert json.loads(row.fields)["subject"] == case.subject
