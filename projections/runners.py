"""The runners of an installation: one for each group of projections that wait for one another.

Where rules are adopted, the projections that depend on rules (:attr:`projections.projection.Projection.ruled`) ask all
cases under them again in one transaction: minutes where records are many. They have a runner of their own, so that
nothing else waits for that. What the public may not see meanwhile, though they do not contain it yet, says
:mod:`projections.relief`.

    with Runners(installation.database, ledger.reader, on_failure=alarm) as runners:
        for told in runners.begin():     # all that is in the log now is in the rows, or it is said why not
            print(told)
        ...                              # and from here on they follow

>>> [[p.name for p in group] for group in groups(PROJECTIONS.values())][1]
['records', 'penalties', 'remedies']
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import TracebackType
from typing import ClassVar

from ledger.errors import CorruptionError, LedgerError, UnavailableError
from ledger.store.database import Database
from ledger.store.reader import Reader
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.runner import Runner

_SECONDS = 600.0  # a log that is caught up with event by event is not longer: see projections.rebuild.LONG


def groups(projections: Collection[Projection]) -> list[list[Projection]]:
    """Projections that wait for one another: first those that no adoption of rules holds up, then those that one does;
    a group that would have none is left out.
    """
    both = ([p for p in projections if p.ruled is ruled] for ruled in (False, True))
    return [group for group in both if group]


class Runners:
    """See the module's docstring. ``on_failure`` as for :class:`projections.runner.Runner`; of any group.

    PATIENCE: seconds for which a start waits for the projections that depend on rules.
    """

    PATIENCE: ClassVar[float] = 10.0

    def __init__(
        self,
        database: Database,
        reader: Reader,
        projections: Collection[Projection] = tuple(PROJECTIONS.values()),
        *,
        on_failure: Callable[[LedgerError], None] = lambda _: None,
    ) -> None:
        self._runners = [
            (Runner(database, reader, group, on_failure=on_failure), group) for group in groups(projections)
        ]

    def begin(self) -> list[LedgerError]:
        """Starts all, and waits until the rows contain what the log has now. What was not waited for is returned in
        words: projections that stopped, and those that depend on rules if they still ask all cases again.

        Raises UnavailableError if the others take too long, CorruptionError if the log is shorter than what was
        applied.
        """
        for runner, _ in self._runners:
            runner.start()
        told = []
        for runner, group in self._runners:
            is_ruled = any(p.ruled for p in group)
            try:
                if not runner.wait(seconds=self.PATIENCE if is_ruled else _SECONDS):
                    told.append(_behind(group, is_ruled=is_ruled))
            except (UnavailableError, CorruptionError):
                raise
            except LedgerError as error:
                told.append(error)
        return told

    def close(self) -> None:
        """Ends all, each after the batch in hand; see :meth:`projections.runner.Runner.close`."""
        for runner, _ in self._runners:
            runner.stop()
        for runner, _ in self._runners:
            runner.close()

    def __enter__(self) -> Runners:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _behind(group: Collection[Projection], *, is_ruled: bool) -> LedgerError:
    """Says that projections are not at the log's end yet. Raises it where that is nothing to go on with."""
    names = ", ".join(p.name for p in group)
    if not is_ruled:
        raise UnavailableError(f"projections: not at the log's end yet: {names}", f"读模型：尚未到达日志末尾：{names}")
    return LedgerError(
        f"projections {names} still work through the cases under rules that were adopted; they follow after that",
        f"读模型 {names} 仍在按新通过的规则重新计算各案件，完成后自动跟进",
    )
