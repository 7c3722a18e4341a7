"""Evaluation: points come from the pack's rules and a report's lines, and from nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger import policies
from ledger.domain.calendar import Calendar
from ledger.domain.pack import parse_pack
from ledger.domain.policy import View
from ledger.domain.supervision_terms import Indicator
from ledger.errors import FormatError
from projections.evaluation import Mark, Missing, Rating, evaluate
from projections.reports import Figure, completed

ON = date(2026, 12, 31)
HEAD = '[pack]\nid = "example"\nregion = "990000"\nzh = "示例"\nen = "Example"\nversion = "1"\n'
ROW = '[[value]]\nkey = "{}"\nvalue = {}\nsource = "示例办法第{}条"\nfrom = 2026-01-01\nconfidence = "high"\n'
FIGURES = completed(
    [
        Figure("records_recognised", 3, (1, 2, 3)),
        Figure("records_by_source", 2, (1, 2), "statistics_fraud"),
        Figure("records_by_source", 1, (3,), "arrears"),
        Figure("judged_fulfilled", 9, (8, 9), before=7),
        Figure("judged_broken", 1, (7,), before=0),
        Figure("records_open", 1, (4, 5), before=3),
    ]
)


def marks(*scores: str) -> dict[str, Mark]:
    """The marks of a place with these rules, by indicator."""
    named = ", ".join(f'"{indicator}"' for indicator in Indicator)
    rows = [ROW.format("evaluation.indicators", f"[{named}]", 1)]
    if scores:
        rows.append(ROW.format("evaluation.scores", f"[{', '.join(scores)}]", 2))
    view = View((parse_pack(HEAD + "".join(rows)),), Calendar(), ON)
    return {mark.indicator: mark for mark in evaluate(view, FIGURES)}


def test_each_of_a_line_costs_points_down_to_none() -> None:
    """J01 J03 每件扣分: three records at two points each of ten; at five none is left."""
    found = marks('{ indicator = "lawful_administration", full = 10, line = "records_recognised", each = 2 }')
    mark = found[Indicator.LAWFUL_ADMINISTRATION]
    assert (mark.points, mark.full, mark.source) == (Decimal(4), 10, "示例办法第2条 (evaluation.scores)")
    assert mark.figures[0].trace == (1, 2, 3)
    none = marks('{ indicator = "lawful_administration", full = 10, line = "records_recognised", each = 5 }')
    assert none[Indicator.LAWFUL_ADMINISTRATION].points == 0


def test_a_stock_that_falls_earns_no_more_than_all_points() -> None:
    """J03 C09 清存量: two records less are no fourteen of ten, and nothing to have a share of."""
    found = marks(
        '{ indicator = "lawful_administration", full = 10, line = "records_open", each = 2 }',
        '{ indicator = "satisfaction", full = 10, line = "records_open", of = ["records_open"] }',
    )
    assert found[Indicator.LAWFUL_ADMINISTRATION].points == 10
    assert found[Indicator.SATISFACTION].missing is Missing.NO_DATA


def test_a_part_of_a_line_is_counted_by_itself_and_without_one_all_parts() -> None:
    """J03 统计数据质量: two records of statistics fraud, three of any source."""
    rule = '{{ indicator = "statistics_quality", full = 10, line = "records_by_source", {}each = 1 }}'
    fraud, all_of_them = marks(rule.format('part = "statistics_fraud", ')), marks(rule.format(""))
    assert fraud[Indicator.STATISTICS_QUALITY].points == 8
    assert all_of_them[Indicator.STATISTICS_QUALITY].points == 7
    assert [f.part for f in fraud[Indicator.STATISTICS_QUALITY].figures] == ["statistics_fraud"]


def test_a_share_gives_its_share_of_the_points() -> None:
    """J03 社会诚信状况: of a stock what came in the period: two kept, one broken; two thirds of twenty, rounded."""
    rule = (
        '{ indicator = "social_integrity", full = 20, line = "judged_fulfilled", '
        'of = ["judged_fulfilled", "judged_broken"] }'
    )
    assert marks(rule)[Indicator.SOCIAL_INTEGRITY].points == Decimal("13.33")


def test_where_there_is_nothing_to_count_there_are_no_points() -> None:
    """J03: a share of nothing is not full marks."""
    rule = '{ indicator = "satisfaction", full = 5, line = "complainants_satisfied", of = ["complainants_satisfied"] }'
    mark = marks(rule)[Indicator.SATISFACTION]
    assert (mark.points, mark.missing) == (None, Missing.NO_DATA)


def test_a_rule_about_a_line_that_reports_have_not_gives_no_points() -> None:
    """J03: and says so."""
    mark = marks('{ indicator = "satisfaction", full = 5, line = "smiles", each = 1 }')[Indicator.SATISFACTION]
    assert (mark.points, mark.missing) == (None, Missing.UNKNOWN_LINE)


def test_a_rating_gives_its_share_of_the_points_and_the_newest_counts() -> None:
    """J03 J06 人民群众满意度: 87.5 of 100 is 4.38 of 5; a rating on another indicator is none on this."""
    score = '{ indicator = "satisfaction", full = 5, line = "rated" }'
    rules = ROW.format("evaluation.indicators", '["satisfaction", "food_safety"]', 1) + ROW.format(
        "evaluation.scores", f"[{score}, {score.replace('satisfaction', 'food_safety')}]", 2
    )
    view = View((parse_pack(HEAD + rules),), Calendar(), ON)
    newest = Rating("satisfaction", "87.5", 100, 12)
    satisfied, food = evaluate(view, FIGURES, [newest, Rating("satisfaction", "10", 100, 7)])
    assert (satisfied.points, satisfied.rating) == (Decimal("4.38"), newest)
    assert (food.points, food.missing) == (None, Missing.NO_DATA)


def test_an_indicator_without_a_rule_has_no_points() -> None:
    """J03: no weight is invented; the twelve stand in the document's order."""
    found = marks()
    assert list(found) == list(Indicator)
    assert {mark.missing for mark in found.values()} == {Missing.UNSCORED}


@pytest.mark.parametrize(("name", "count"), [(n, 12 if n == "yancheng" else 0) for n in policies.shipped()])
def test_only_yancheng_names_what_is_evaluated_and_nobody_says_how(name: str, count: int) -> None:
    """J03 依法行政、政务公开…和人民群众满意度等工作纳入政务诚信评价内容: YN 四(一) alone, without weights."""
    found = evaluate(View(policies.layers(name), Calendar(), ON), FIGURES)
    assert [mark.points for mark in found] == [None] * count


@pytest.mark.parametrize(
    "rule",
    [
        '{ indicator = "profits", full = 5, line = "arrears", each = 1 }',
        '{ indicator = "labour", full = 0, line = "arrears", each = 1 }',
        '{ indicator = "labour", full = 5, line = "arrears", each = 0 }',
        '{ indicator = "labour", full = 5, line = "Arrears; DROP", each = 1 }',
        '{ indicator = "labour", full = 5 }',
    ],
)
def test_a_rule_of_another_shape_is_refused_with_the_pack(rule: str) -> None:
    """J03."""
    with pytest.raises(FormatError):
        marks(rule)
