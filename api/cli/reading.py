"""The read side for a command: the installation here, and projections that were brought up to the log's end first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ledger.settings import Settings

if TYPE_CHECKING:
    from datetime import date

    from ledger.installation import Installation
    from projections.reading import Reading


class Here(NamedTuple):
    """The installation, what reads its projections, and the legal day."""

    installation: Installation
    reading: Reading
    today: date


@contextmanager
def read_here(*names: str) -> Iterator[Here]:
    """The projections of these names, up to the log's end. Raises ConfigurationError where there is no ledger."""
    from ledger.domain.event import legal_day
    from ledger.installation import open_installation
    from projections import tables
    from projections.catalogue import PROJECTIONS
    from projections.reading import Reading
    from projections.runner import Runner

    with open_installation(Settings.from_environment()) as installation:
        tables.install(installation.database.url("owner"), PROJECTIONS.values())  # what is shown asks others too
        runner = Runner(installation.database, installation.ledger.reader, [PROJECTIONS[name] for name in names])
        with runner, Reading(installation.database, pool_size=1) as reading:
            runner.catch_up()
            yield Here(installation, reading, legal_day(installation.clock()))
