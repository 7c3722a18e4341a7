"""A log in memory with the interface of the store: what the Writer needs of PostgreSQL, and faults on demand.

It keeps what the tables keep and refuses what their constraints refuse. ``tests/ledger/test_fakes.py`` holds it to the
answers of the real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from eventsourcing.persistence import IntegrityError, OperationalError

from ledger.errors import NotFoundError, UnavailableError
from ledger.proof.merkle import TILE_WIDTH
from ledger.store.reader import Reader, StoredCheckpoint
from ledger.store.recorder import ATTEMPTS, Append, LedgerRecorder, Row, Transaction


class Fault(Enum):
    """When the connection of an append is lost."""

    BEFORE_COMMIT = "before"
    AFTER_COMMIT = "after"


@dataclass
class MemoryLog:
    """The tables."""

    rows: list[Row] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    jtis: dict[str, int] = field(default_factory=dict)
    streams: dict[str, list[Row]] = field(default_factory=dict)
    tiles: dict[tuple[int, int], tuple[bytes, bytes]] = field(default_factory=dict)
    checkpoints: list[StoredCheckpoint] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, compare=False)
    is_down: bool = False

    def copy(self) -> MemoryLog:
        """The same log, to go on from separately."""
        streams = {name: rows.copy() for name, rows in self.streams.items()}
        return MemoryLog(
            self.rows.copy(),
            self.leaves.copy(),
            self.jtis.copy(),
            streams,
            self.tiles.copy(),
            self.checkpoints.copy(),
        )

    def commit(self, appended: Append) -> None:
        """Adds what a transaction wrote, all of it or (IntegrityError) nothing."""
        if not appended.admitted:
            return
        events = [a.recorded.event for a in appended.admitted]
        size = len(self.rows)
        places = {(e.stream, e.version) for e in events}
        indexes = [a.recorded.index for a in appended.admitted]
        keys = [(tile.level, tile.number) for tile, _ in appended.tiles]
        is_sound = (
            len(places) == len(events)
            and not any((r.stream, r.version) in places for e in events for r in self.streams.get(e.stream, ()))
            and len({e.jti for e in events}) == len(events)
            and not any(e.jti in self.jtis for e in events)
            and len(set(indexes)) == len(indexes)
            and min(indexes) >= size
            and len(set(keys)) == len(keys)
            and not any(key in self.tiles for key in keys)
            and all(len(tile.data) == 8192 and len(root) == 32 for tile, root in appended.tiles)
            and appended.size in {i + 1 for i in indexes}
        )
        if not is_sound:
            raise IntegrityError("a constraint is violated")
        for admitted, event in zip(appended.admitted, events, strict=True):
            row = Row(admitted.recorded.index, event.stream, event.version, admitted.entry)
            self.rows.append(row)
            self.leaves.append(admitted.leaf)
            self.jtis[event.jti] = row.index
            self.streams.setdefault(event.stream, []).append(row)
        self.tiles |= {(tile.level, tile.number): (tile.data, root) for tile, root in appended.tiles}
        self.checkpoints.append(StoredCheckpoint(appended.size, appended.checkpoint))


class MemoryTransaction(Transaction):
    """The log's end under the lock."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def size(self) -> int:
        return self._log.rows[-1].index + 1 if self._log.rows else 0

    def page(self, index: int) -> list[Row]:
        return self._log.rows[index : index + 1000]

    def checkpoint(self) -> str:
        return self._log.checkpoints[-1].note

    def streams(self, ids: Iterable[str]) -> list[Row]:
        return [row for name in sorted(set(ids)) for row in self._log.streams.get(name, ())]

    def known(self, jtis: Iterable[str]) -> list[Row]:
        return [self._log.rows[self._log.jtis[jti]] for jti in set(jtis) if jti in self._log.jtis]


class MemoryRecorder(LedgerRecorder):
    """The recorder. ``faults`` are what befalls the next attempts, in order."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log
        self.faults: list[Fault] = []

    def append(self, decide: Callable[[Transaction], Append]) -> Append:
        for attempt in range(1, ATTEMPTS + 1):
            fault = self.faults.pop(0) if self.faults else None
            with self._log.lock:
                appended = decide(MemoryTransaction(self._log))
                if fault is not Fault.BEFORE_COMMIT:
                    self._log.commit(appended)
            if fault is None:
                return appended
            if attempt == ATTEMPTS:
                break
        raise OperationalError("the connection was lost")


class MemoryReader(Reader):
    """The reader."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    def newest(self, *, attempts: int = ATTEMPTS) -> StoredCheckpoint:
        return self._covering(len(self._up().rows) - 1, "newest")

    def covering(self, index: int) -> StoredCheckpoint:
        return self._covering(index, str(index))

    def _covering(self, index: int, what: str) -> StoredCheckpoint:
        found = [c for c in self._up().checkpoints if c.size > index]
        if not found:
            raise NotFoundError(f"checkpoint: the log has none for {what}", f"检查点：日志中没有（{what}）")
        return found[0]

    def entries(self, start: int, stop: int) -> list[Row]:
        return self._up().rows[start:stop]

    def by_jti(self, jti: str) -> Row:
        index = self._up().jtis.get(jti)
        if index is None:
            raise NotFoundError(f"event: there is none with the id {jti}", f"事件：没有标识为 {jti} 的事件")
        return self._log.rows[index]

    def stream(self, stream: str, *, after: int = 0) -> list[Row]:
        return [row for row in self.streams([stream]) if row.version > after]

    def streams(self, ids: Sequence[str]) -> list[Row]:
        return [row for name in sorted(set(ids)) for row in self._up().streams.get(name, ())]

    def scan(self, start: int = 0) -> Iterator[Row]:
        yield from self._up().rows[start:]

    def tile(self, level: int, number: int, width: int) -> bytes:
        stored = self._up().tiles.get((level, number))
        if stored:
            return stored[0][: 32 * width]
        first = number * TILE_WIDTH
        if level == 0:
            return b"".join(self._log.leaves[first : first + width])
        below = (self._log.tiles.get((level - 1, n)) for n in range(first, first + width))
        return b"".join(found[1] for found in below if found)

    def _up(self) -> MemoryLog:
        if self._log.is_down:
            raise UnavailableError("the database cannot be reached now; try again", "数据库暂时无法连接，请稍后重试")
        return self._log
