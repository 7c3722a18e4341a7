"""The board as a pure function, and the questions that it answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.body import BodyProvisionallyRegistered, BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.commitment import CommitmentMade
from ledger.domain.commitment_terms import Area
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Event, Recorded
from ledger.domain.kinds import KINDS
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.terms import Conduct, SourceKind
from ledger.errors import FormatError
from projections.board import Part, changes
from projections.board_projection import Change, Insert, Update, merged
from projections.board_runner import Runner
from projections.board_views import PAGE, Board, Order
from tests.projections.town import CITY, COMMERCE, FINANCE, HOSTILE, INVESTMENT, MANY, REFORM, SHORT_FINANCE, Town
from tests.strategies import every_fact_class, facts

Tables = dict[tuple[Any, ...], dict[str, Any]]


def recorded(stream: str, fact: Any, index: int = 5, at: datetime = datetime(2030, 1, 2, tzinfo=UTC)) -> Recorded:
    return Recorded(Event("ledger", 0, "", stream, 1, None, fact), "kid", index, at, "hash")


def applied(made: list[Change], tables: Tables | None = None) -> Tables:
    """What a database would hold after these changes."""
    tables = {} if tables is None else tables
    for change in made:
        place = (change.table, *change.key.values())
        if isinstance(change, Insert):
            assert place not in tables
            tables[place] = dict(change.values)
        else:
            tables[place].update(change.values)
    return tables


@pytest.fixture(scope="module")
def board(town: Town) -> Iterator[Board]:
    Runner(town.installation.database, town.installation.ledger.reader).catch_up()
    with Board(town.installation.database) as found:
        yield found


# --- pure ---------------------------------------------------------------------------------------------------


def test_a_registered_body_is_one_row_and_one_name():
    made = changes(recorded("body/1", BodyRegistered("示例市财政局", Kind.DEPARTMENT, "990000")))
    assert [(c.table, c.values["name"]) for c in made] == [("bodies", "示例市财政局"), ("body_names", "示例市财政局")]
    assert made[0].values["status"] == "registered"


def test_a_body_known_by_a_short_name_only_is_marked_provisional():
    made = changes(recorded("body/p-1", BodyProvisionallyRegistered("市发改委", Kind.DEPARTMENT, "示例市人民政府")))
    assert (made[0].values["status"], made[0].values["named_by"]) == ("provisional", "示例市人民政府")


def test_a_renamed_body_keeps_its_old_name_to_be_found_by():
    history = [
        recorded("body/1", BodyRegistered("示例市外经贸局", Kind.DEPARTMENT), 5),
        recorded("body/1", BodyRenamed("示例市商务局"), 9),
    ]
    tables = applied([c for r in history for c in changes(r)])
    assert tables["bodies", "1"]["name"] == "示例市商务局"
    assert [row["name"] for place, row in tables.items() if place[0] == "body_names"] == [
        "示例市外经贸局",
        "示例市商务局",
    ]


def test_a_commitment_is_found_under_every_body_it_names_once():
    fact = CommitmentMade(
        "限时办结", "五日内办结", Sort.PLAN, Area.GENERAL, CITY, lead=(REFORM, REFORM), responsible=(REFORM, CITY)
    )
    made = changes(recorded("commitment/1", fact))
    links = [(c.key["body"], c.key["role"]) for c in made if c.table == "commitment_bodies"]
    assert links == [(CITY, "promiser"), (REFORM, "lead"), (REFORM, "responsible"), (CITY, "responsible")]


def test_a_commitment_belongs_to_the_day_on_which_it_was_recorded_in_china():
    late = datetime(2030, 1, 1, 16, 0, tzinfo=UTC)
    fact = CommitmentMade("限时办结", "五日内办结", Sort.PLAN, Area.GENERAL, CITY)
    assert changes(recorded("commitment/1", fact, at=late))[0].values["made_on"] == date(2030, 1, 2)


def test_a_policy_is_no_case_to_list():
    assert changes(recorded("policy/1", None)) == []


def test_a_case_is_listed_under_the_body_that_it_is_about():
    lead = LeadReceived(CITY, SourceKind.ARREARS, (Conduct.ARREARS,), "拖欠工程款", date(2030, 1, 1))
    (made,) = changes(recorded("record/1", lead))
    assert (made.table, made.key, made.values["subject"]) == ("cases", {"stream": "record/1"}, CITY)


@pytest.mark.parametrize("cls", every_fact_class(), ids=lambda c: c.__name__)
def test_every_fact_is_taken_and_nothing_that_depends_on_today_is_stored(cls):
    @given(facts(cls))
    def takes(fact: Any) -> None:
        kind = next(name for name, kind in KINDS.items() if cls in kind.facts.values())
        made = changes(recorded(f"{kind}/1", fact))
        assert all(c.table for c in made)
        assert not {"standing", "overdue", "next_due"} & {column for c in made for column in c.values}

    takes()


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.sampled_from("abc"), st.integers()), max_size=30))
def test_merged_changes_leave_the_same_rows_as_each_change_in_turn(steps):
    made: list[Change] = []
    for known, (_, row, column, value) in enumerate(steps):
        exists = any(c.key == {"id": row} for c in made)
        made.append((Update if exists else Insert)("t", {"id": row}, {column: value, "at": known}))
    assert applied(merged(made)) == applied(made)
    assert len({tuple(c.key.values()) for c in merged(made)}) == len(merged(made))


# --- questions ----------------------------------------------------------------------------------------------


def every(board: Board, **filters: Any) -> list[str]:
    """The titles of all pages of a list of commitments."""
    titles: list[str] = []
    after = None
    while True:
        page = board.commitments(after=after, **filters)
        assert len(page.rows) <= PAGE
        titles += [row.title for row in page.rows]
        after = page.after
        if after is None:
            return titles


def test_pages_follow_each_other_without_a_gap_or_a_double(board):
    newest, by_due = every(board), every(board, order=Order.DUE)
    assert len(newest) == MANY + 15
    assert newest[0] == f"第{MANY - 1}号承诺"
    assert sorted(newest) == sorted(by_due)
    assert len(set(newest)) == len(newest)


def test_by_due_lists_the_earliest_first_and_those_without_a_day_last(board):
    page = board.commitments(order=Order.DUE)
    days = [row.due or date.max for row in page.rows]
    assert days == sorted(days)
    assert page.rows[0].due == date(2030, 3, 31)


def test_a_lawful_change_moves_the_due_day(board):
    row = next(r for r in board.commitments(area="general", order=Order.DUE).rows if r.title == "建成城市信用广场")
    assert row.due == date(2030, 12, 31)


def test_a_body_answers_for_what_its_provisional_registration_was_given(board):
    """临时登记认领后，承诺归于正式单位。"""
    own, provisional = set(every(board, body=FINANCE)), set(every(board, body=SHORT_FINANCE))
    assert "建成政务诚信档案" in provisional
    assert own - provisional == {"外商投资企业服务专班"}
    assert provisional < own


def test_a_successor_answers_for_its_predecessor_but_not_the_reverse(board):
    """不得以政府换届、相关责任人更替等理由毁约。"""
    assert every(board, body=INVESTMENT) == every(board, body=COMMERCE) == ["外商投资企业服务专班"]
    found = board.commitments(body=INVESTMENT).rows[0].id
    assert board.parts(INVESTMENT, [found]) == {found: [(COMMERCE, Part.PROMISER)]}
    assert board.parts(FINANCE, [found]) == {found: [(FINANCE, Part.SUPPORTING)]}


def test_filters_narrow_and_combine(board):
    assert every(board, area="local_debt") == ["清偿拖欠中小企业账款"]
    assert every(board, kind="quality", area="local_debt") == []
    assert len(every(board, kind="quality")) == MANY
    assert every(board, made_by=date(2030, 1, 1)) == []
    assert HOSTILE in every(board, made_by=date(2030, 1, 2))


def test_bodies_are_found_by_present_former_and_provisional_name_and_by_code(board):
    def named(text: str) -> list[str]:
        return [row.name for row in board.bodies(name=text).rows]

    assert named("外经贸") == named("商务局") == ["示例市商务局"]
    assert named("市财政局") == ["示例市财政局", "市财政局"]
    assert named(FINANCE) == ["示例市财政局"]
    assert named("%") == named("_") == []


def test_bodies_are_filtered_by_status_and_kind_and_the_ledger_is_none_of_them(board):
    assert [row.id for row in board.bodies(status="provisional").rows] == [REFORM]
    assert [row.name for row in board.bodies(kind="enterprise").rows] == ["示例投资有限公司"]
    assert "ledger" not in {row.id for row in board.bodies().rows}
    assert board.by_id(["ledger", CITY, "nobody"]).keys() == {"ledger", CITY}


def test_counts_add_up_to_what_is_listed(board):
    counts = board.counts()
    assert sum(counts.bodies.values()) == len(board.bodies().rows)
    assert sum(counts.commitments.values()) == MANY + 15


@pytest.mark.parametrize("cursor", ["", "x", "-1", "1' OR 1=1", "9" * 20, "2030-13-01.1", "2030-01-01", "none.", "٣"])
@pytest.mark.parametrize("order", Order)
def test_a_cursor_that_no_page_gave_is_refused(board, order, cursor):
    with pytest.raises(FormatError, match="after: expected"):
        board.commitments(order=order, after=cursor)
