"""More than two hundred wrong steps, over all kinds of case: each is refused by its rule, with the rule's source.

The tables are in ``wrong_*.py``. What a refusal must be (both languages, a source, the state untouched) is checked by
``Trial.refused``; each row differs from every other in state, event or rule.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.domain import (
    wrong_bodies,
    wrong_commitments,
    wrong_complaints,
    wrong_course,
    wrong_objections,
    wrong_penalties,
    wrong_people,
    wrong_records,
)
from tests.domain.wrong import Wrong

TABLES = (
    *(wrong_bodies, wrong_commitments, wrong_complaints, wrong_people),
    *(wrong_records, wrong_course, wrong_penalties, wrong_objections),
)
ALL = [wrong for table in TABLES for wrong in table.WRONG]


@pytest.mark.parametrize("wrong", ALL, ids=lambda w: f"{w.rule}: {w.what}")
def test_a_wrong_step_is_refused_with_rule_and_source(wrong: Wrong) -> None:
    saying = wrong.saying
    wrong.given.when(saying.fact, saying.by, saying.basis, saying.on, saying.cause).refused(wrong.rule)


def test_there_are_two_hundred_of_them_and_each_is_another() -> None:
    counted = Counter(wrong.triple for wrong in ALL)
    assert [triple for triple, count in counted.items() if count > 1] == []
    assert len(counted) >= 200
