"""Spans of a commitment of which nothing was said but progress are those that are found day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import commitment_due as due
from ledger.domain.commitment import Commitment
from ledger.domain.event import Said
from tests.domain.promises import CITY, MADE, PROGRESS

DAYS = st.dates(date(2024, 1, 1), date(2024, 3, 1))


@given(made=DAYS, promised=st.none() | DAYS | st.just(date.max), later=st.integers(0, 40), reports=st.integers(0, 2))
def test_plain_commitments_stand_as_others_do(made, promised, later, reports):
    """Requirement B04: the short way gives what looking at each day gives."""
    since = made + timedelta(later)
    said = tuple(Said(PROGRESS, CITY, since) for _ in range(reports))
    state = Commitment(Said(replace(MADE, due=promised, milestones=()), CITY, made), progress=said)
    assert due._is_plain(state)
    assert list(due.spans(state, since)) == list(due._spans_by_day(state, since))
