"""A row's line in COPY's text format is what psycopg itself would send (PostgreSQL, COPY, Text Format)."""

from __future__ import annotations

from datetime import UTC, date
from enum import StrEnum

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.copying import line

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["\\N", "\\", "\\.", "\t", "\n", "\r\n", '"', "{}", "NULL", "", " ", "\\t", "a\\b", "“甲”", "\x0b\x08"]
)
ROW = st.tuples(
    TEXT,
    st.none() | TEXT,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.booleans(),
    st.none() | st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.lists(TEXT, max_size=4).map(tuple),
    TEXT,
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4).map(tuple),
)


@pytest.fixture(scope="module")
def connection(databases, tmp_path_factory):
    name = databases.create()
    with psycopg.connect(databases.url(name), autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE row (n serial, a text NOT NULL, b text, c bigint, d boolean, e date, f timestamptz, "
            "g text[], h text, i integer[])"
        )
        yield connection
    databases.drop(name)


def test_lines_give_the_rows_that_psycopg_gives(connection):
    """Written by line and by psycopg's own write_row: read back the same, and as they were."""

    @settings(max_examples=150, deadline=None)
    @given(st.lists(ROW, min_size=1, max_size=8))
    def check(rows):
        connection.execute("TRUNCATE row RESTART IDENTITY")
        with connection.cursor() as cursor:
            for send in (
                lambda copy: copy.write("".join(map(line, rows))),
                lambda copy: [copy.write_row([list(v) if isinstance(v, tuple) else v for v in r]) for r in rows],
            ):
                with cursor.copy("COPY row (a, b, c, d, e, f, g, h, i) FROM STDIN") as copy:
                    send(copy)
        found = connection.execute("SELECT a, b, c, d, e, f, g, h, i FROM row ORDER BY n").fetchall()
        expected = [tuple(list(v) if isinstance(v, tuple) else v for v in r) for r in rows]
        assert found == expected * 2

    check()


def test_a_text_that_looks_like_null_is_a_text():
    assert line(("\\N", None)) == "\\\\N\t\\N\n"


def test_an_enum_is_its_value_and_what_no_column_holds_is_refused():
    class Part(StrEnum):
        LEAD = "lead"

    assert line((Part.LEAD, date(2026, 1, 2))) == "lead\t2026-01-02\n"
    with pytest.raises(TypeError, match="no column holds a float"):
        line((0.5,))
