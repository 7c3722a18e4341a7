"""docs/rules.md says what is, and all of it: nothing is listed as done that is not."""

from __future__ import annotations

import pytest

from ledger.domain.policy_keys import key_of
from tests import rulebook

ROWS = rulebook.rows()
HERE = [row.id for row in ROWS if row.where == "here"]


def test_the_page_is_as_made() -> None:
    assert rulebook.PAGE.read_text("utf-8") == rulebook.page(), "docs/rules.md is stale: make rules"


def test_every_requirement_stands_once_in_its_order() -> None:
    sizes = {"A": 13, "B": 23, "C": 26, "D": 22, "E": 18, "F": 19, "G": 15, "H": 10, "J": 21}
    assert [row.id for row in ROWS] == [f"{group}{n:02d}" for group, size in sizes.items() for n in range(1, size + 1)]


@pytest.mark.parametrize("row", HERE)
def test_what_is_held_here_has_an_event_a_rule_or_a_module(row: str) -> None:
    assert rulebook.events().get(row) or rulebook.rules().get(row) or rulebook.answers().get(row)


@pytest.mark.parametrize("row", HERE)
def test_what_is_held_here_has_a_test(row: str) -> None:
    assert rulebook.shown_by(row), f"no test's docstring begins with {row}"


def test_every_rule_is_one_that_a_test_expects() -> None:
    assert len(rulebook.every_rule()) > 200
    assert sorted(rulebook.every_rule() - rulebook.words()) == []


def test_what_is_not_held_here_says_where_or_why() -> None:
    assert [row.id for row in ROWS if row.where != "here" and not row.reason] == []
    assert {row.where for row in ROWS} <= {"here", "read side", "site", "not built"}


def test_tests_name_requirements_that_exist() -> None:
    known = {row.id for row in ROWS}
    wrong = [
        (test.file, test.name, row) for test in rulebook.showings() for row in test.rows if row[0] in rulebook.GROUPS
    ]
    assert [w for w in wrong if w[2] not in known] == []


def test_settings_are_keys_that_a_shipped_pack_settles() -> None:
    for row in ROWS:
        for key in row.keys:
            assert key_of(key)
            assert rulebook.settled_by(key), f"{row.id}: no shipped pack settles {key}"


def test_every_step_answers_a_requirement() -> None:
    assert [cls.__name__ for cls, step in rulebook.steps().items() if not rulebook.rows_in(step.rows)] == []


def test_every_event_of_a_kind_with_steps_has_one() -> None:
    kinds = {cls: kind for kind, of in rulebook.KINDS.items() for cls in of.facts.values()}
    with_table = {kinds[cls] for cls in rulebook.steps()}
    assert [cls.__name__ for cls, kind in kinds.items() if kind in with_table and cls not in rulebook.steps()] == []
