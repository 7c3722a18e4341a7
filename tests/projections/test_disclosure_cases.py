"""The table of cases that lawyers read is what the program does (docs/disclosure.md)."""

from __future__ import annotations

import pytest

from projections.disclosure import GROUNDS, Disclosed, Reason, Withheld
from tests.projections import disclosure_table as table

ROWS = [row for part in table.parts() for row in part.rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.zh} {row.who} {row.on}")
def test_a_case_comes_out_as_the_table_says(row: table.Row) -> None:
    """F01 F02 F03 公开与不公开案例表，逐行执行。"""
    found = table.answer(row)
    if isinstance(found, Withheld):
        assert row.result == f"不公开：{GROUNDS[found.reason].zh}"
        assert row.shows == ()
    else:
        assert row.result == "公开"
        assert set(row.shows) <= table.stated(found)


def test_every_reason_and_every_pack_has_a_case() -> None:
    """F03 每一种不公开的理由、每一个规则包都有案例。"""
    found = [table.answer(row) for row in ROWS]
    assert {answer.reason for answer in found if isinstance(answer, Withheld)} == set(Reason)
    assert {row.pack for row in ROWS} == set(table.PACKS)
    assert any(isinstance(answer, Disclosed) and answer.with_persons for answer in found)
    assert len({(row.zh, row.on) for row in ROWS}) == len(ROWS)


def test_the_page_is_as_made() -> None:
    assert table.PAGE.read_text("utf-8") == table.page(), "docs/disclosure.md is stale: make rules"
