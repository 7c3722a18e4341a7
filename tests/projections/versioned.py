"""What a projection's tables hold, and what the log says that they should."""

from __future__ import annotations

from ledger.position import recorded_of
from ledger.store.database import connect
from projections import tables
from projections.history import World, versions
from projections.projection import Projection, Row
from tests.projections.town import Town


def stored(town: Town, projection: Projection) -> dict[str, set[Row]]:
    """All versions of rows that a projection's tables hold, by table."""
    found = {}
    with connect(town.installation.database.url("reader")) as connection:
        for table in projection.tables:
            rows = connection.execute(f"SELECT * FROM {projection.schema}.{table.name}").fetchall()
            found[table.name] = {tuple(tuple(v) if isinstance(v, list) else v for v in row) for row in rows}
            assert len(found[table.name]) == len(rows)
    return found


def expected(town: Town, projection: Projection, size: int | None = None) -> dict[str, set[Row]]:
    """All versions of rows that the log gives: each case's by itself."""
    events = [recorded_of(row) for row in town.installation.ledger.reader.scan()][:size]
    world, histories = World(), {}
    for recorded in events:
        world.take(recorded)
        histories.setdefault(recorded.event.stream, []).append(recorded)
    found = {table.name: set() for table in projection.tables}
    for stream, history in histories.items():
        if stream.partition("/")[0] in projection.kinds:
            for version in versions(projection, history, world):
                found[version.table.name].add((*version.row, version.asserted, version.retracted))
    return found


def place(town: Town, projection: Projection) -> tables.Place:
    with connect(town.installation.database.url("reader")) as connection:
        return tables.places(connection, [projection])[projection.name]
