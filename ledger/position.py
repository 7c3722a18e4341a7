"""The log's end as one process knows it: tree, time, and the cases it used lately.

Another process may have appended since; so before anything is decided, under the append lock, the position is brought
up to the log's end (:meth:`Position.catch_up`). It only ever moves over committed entries.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from ledger.admission import Case, empty_case, grown
from ledger.domain.body import LogKeyRotated
from ledger.domain.event import LEDGER, Recorded
from ledger.errors import CorruptionError, LedgerError
from ledger.keys.log_key import LogKey
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.event import parse, parse_entry
from ledger.proof.merkle import TILE_HEIGHT, TILE_WIDTH, Tree, leaf_hash
from ledger.store.reader import Reader
from ledger.store.recorder import Row, Transaction

MOST_CASES = 20_000
"""How many cases stay in memory; the least lately used go first."""


def recorded_of(row: Row) -> Recorded:
    """The event in a stored row. Raises CorruptionError if it is none, or is filed elsewhere than it was signed for."""
    at, jws = parse_entry(row.entry)
    try:
        signed = parse(jws)
    except LedgerError as error:
        raise CorruptionError(f"entry {row.index}: {error.en}", f"第 {row.index} 号条目：{error.zh}") from error
    if (signed.event.stream, signed.event.version) != (row.stream, row.version):
        raise CorruptionError(
            f"entry {row.index}: filed as {row.stream} {row.version}, "
            f"signed as {signed.event.stream} {signed.event.version}",
            f"第 {row.index} 号条目：存为 {row.stream} 第 {row.version} 版，"
            f"签署的是 {signed.event.stream} 第 {signed.event.version} 版",
        )
    return Recorded(signed.event, signed.kid, row.index, at, hashlib.sha256(signed.jws).hexdigest())


def cases_of(rows: Iterable[Row]) -> dict[str, Case]:
    """The cases of whole streams, given all their rows, each stream's in order."""
    found: dict[str, Case] = {}
    for stream, history in groupby(rows, lambda row: row.stream):
        case = empty_case(stream)
        for row in history:
            case = grown(case, recorded_of(row))
        found[stream] = case
    return found


class Position:
    """See the module's docstring. Used by one thread at a time. ``key`` is the log's at this position."""

    def __init__(self, key: LogKey, tree: Tree, at: datetime) -> None:
        self.tree = tree
        self.at = at
        self.key = key
        self._cases: OrderedDict[str, Case] = OrderedDict()
        self._checked = tree.size  # up to here the tree is known to be what was signed

    @classmethod
    def start(cls, key: LogKey) -> Position:
        """Before the first entry."""
        return cls(key, Tree(), datetime.fromtimestamp(0, UTC))

    @classmethod
    def restore(cls, reader: Reader) -> Position:
        """The position at the newest checkpoint. Raises CorruptionError if the tree's root is not the one it signed."""
        newest, stream = reader.newest(), f"body/{LEDGER}"
        case = cases_of(reader.stream(stream)).get(stream) or empty_case(stream)
        key = LogKey.of(case.state, newest.size)  # the stream may have grown since
        checkpoint = key.open(newest.note)
        size = checkpoint.size

        def partial(level: int) -> bytes:
            width = (size >> TILE_HEIGHT * level) % TILE_WIDTH
            return reader.tile(level, size >> TILE_HEIGHT * (level + 1), width)

        tree = Tree.restore(size, partial)
        _check_root(tree, checkpoint)
        at, _ = parse_entry(reader.entry(size - 1).entry)
        return cls(key, tree, at)

    @property
    def size(self) -> int:
        """How many entries this process has seen."""
        return self.tree.size

    def catch_up(self, transaction: Transaction) -> None:
        """Moves to the log's end over what others appended.

        Raises CorruptionError if the log became shorter, or what was appended is not what was signed.
        """
        end = transaction.size()
        if end < self.size:
            raise CorruptionError(
                f"the log has {end} entries, this process has seen {self.size}: it was rolled back",
                f"日志现有 {end} 条，本进程已见 {self.size} 条：日志被回退",
            )
        while self.size < end:
            self._follow(transaction.page(self.size))
        if self.size != self._checked:
            _check_root(self.tree, self.key.open(transaction.checkpoint()))
            self._checked = self.size

    def _follow(self, rows: Sequence[Row]) -> None:
        tree, at, key = self.tree.copy(), self.at, self.key
        cases: dict[str, Case] = {}
        for row in rows:
            if row.index != tree.size:
                raise CorruptionError(f"entry {tree.size} is missing from the log", f"日志缺少第 {tree.size} 号条目")
            tree.append(leaf_hash(row.entry))
            recorded = recorded_of(row)
            at = recorded.at
            if isinstance(recorded.event.fact, LogKeyRotated):
                key = key.rotated(recorded.index, recorded.event.fact.log_key)
            case = cases.get(row.stream) or self._cases.get(row.stream)
            if case:
                cases[row.stream] = grown(case, recorded)
        self.tree, self.at, self.key = tree, at, key
        self._keep(cases)

    def load(self, transaction: Transaction, streams: Iterable[str]) -> None:
        """Has the cases of these streams at hand, reading those it has not in one query."""
        wanted = [s for s in dict.fromkeys(streams) if s not in self._cases]
        if wanted:
            found = cases_of(transaction.streams(wanted))
            self._keep({s: found.get(s) or empty_case(s) for s in wanted})

    def case(self, stream: str) -> Case:
        """A case that was loaded."""
        self._cases.move_to_end(stream)
        return self._cases[stream]

    def knows(self, stream: str) -> bool:
        """Whether the case is at hand."""
        return stream in self._cases

    def moved(self, tree: Tree, at: datetime, key: LogKey, cases: Mapping[str, Case]) -> None:
        """Takes over what a committed transaction did."""
        self.tree, self.at, self.key, self._checked = tree, at, key, tree.size
        self._keep(cases)

    def _keep(self, cases: Mapping[str, Case]) -> None:
        for stream, case in cases.items():
            self._cases[stream] = case
            self._cases.move_to_end(stream)

    def trim(self) -> None:
        """Lets go of the cases least lately used, down to the bound."""
        while len(self._cases) > MOST_CASES:
            self._cases.popitem(last=False)


def _check_root(tree: Tree, checkpoint: Checkpoint) -> None:
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise CorruptionError(
            f"checkpoint of size {checkpoint.size}: signed root {checkpoint.root.hex()}, "
            f"the entries give {tree.root().hex()} at size {tree.size}",
            f"大小 {checkpoint.size} 的检查点：签署的根为 {checkpoint.root.hex()}，"
            f"由条目算得大小 {tree.size} 的根为 {tree.root().hex()}",
        )
