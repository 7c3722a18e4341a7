"""Complaints, positive records, persons and projects go any way that the rules let them, under every city's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from ledger.domain import commendation_rules, person_rules, project_rules
from ledger.domain.complaint import rules as complaint_rules
from ledger.domain.event import Said
from ledger.domain.kinds import fold
from ledger.domain.record.state import Record
from tests.domain import exemplars
from tests.domain.complaints import COMPLAINT
from tests.domain.exemplars_others import linked
from tests.domain.penalties import OFFICIAL
from tests.domain.records import LEAD, PERSON, RECOGNISED, RECOGNISER, SOURCE, TODAY
from tests.domain.running import PACKS, Field, Run

PROJECT = "project/0198c5a2-0000-7000-8000-000000000031"
CAME_OF_IT = Record(
    lead=Said(replace(LEAD.fact, project=PROJECT), SOURCE, TODAY), recognised=Said(RECOGNISED.fact, RECOGNISER, TODAY)
)
FIELDS: Mapping[str, Field] = {
    "complaint": Field(COMPLAINT, complaint_rules.STEPS, complaint_rules.offers),
    "commendation": Field(
        "commendation/0198c5a2-0000-7000-8000-000000000041",
        commendation_rules.STEPS,
        commendation_rules.offers,
        {PERSON: OFFICIAL},
    ),
    "person": Field(PERSON, person_rules.STEPS, person_rules.offers),
    "project": Field(
        PROJECT,
        project_rules.STEPS,
        project_rules.offers,
        {PERSON: OFFICIAL, **{linked(number): CAME_OF_IT for number in range(1, 40)}},
    ),
}


@pytest.mark.parametrize("kind", FIELDS)
@given(pack=st.sampled_from(PACKS), data=st.data())
def test_what_is_offered_is_admitted_and_nothing_else(kind: str, pack: str, data: st.DataObject) -> None:
    """And the same history folds to the same state, byte for byte."""
    run = Run(FIELDS[kind], pack, Random(data.draw(st.integers(0, 2**20), label="content")).choice)
    run.check_offers()
    for _ in range(data.draw(st.integers(1, 15), label="steps")):
        run.today += timedelta(data.draw(st.sampled_from([0, 0, 1, 20, 400]), label="days"))
        offered = run.offered()
        if not offered:
            break
        offer = data.draw(st.sampled_from(offered), label="offer")
        run.say(run.saying(run.field.cls(offer.event), offer.item, run.pick(run.roles(offer))))
        event(offer.event)
        run.check_offers()
    assert repr(fold(run.field.stream, run.history)) == repr(run.state)


@pytest.mark.parametrize("kind", FIELDS)
def test_every_event_that_can_be_submitted_has_an_exemplar(kind: str) -> None:
    assert {cls.__name__ for cls in FIELDS[kind].submitted if cls not in exemplars.covered()} == set()
