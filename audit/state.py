"""Where an audit can go on: what the entries verified so far leave behind for those that follow, in a file.

It belongs to a size (a multiple of 256) and the root of the tree there, and holds what the checks of later entries ask
for: the newest event of each stream, every id, the bodies' entries (they are folded again), the right edge of the tree.
All of it is replaced in one transaction, so that a killed audit leaves what was before. It is written only while
nothing is wrong, and proves nothing by itself: who reads on from it finds out, at the next signed checkpoint, whether
the log is still the one that it was made of.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder, State.open(Path(folder, "ledger.state")) as state:
...     state.place is None
True
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Self, TypeVar

from audit.authority import Authority
from audit.links import Last, check_ends, first_ids, stream_names, taken_id
from audit.source import Extent
from audit.tree import UpperTree
from audit.verdict import Problems
from ledger.errors import LedgerError, UnavailableError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import TILE_WIDTH
from ledger.proof.quorum import Policy

FORMAT = "jiannuo-audit-state/1"
_AT_ONCE = 500
_BROKEN = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SCHEMA = """
    CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), told TEXT NOT NULL);
    CREATE TABLE streams (name BLOB PRIMARY KEY, version INTEGER NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE ids (jti BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE bodies (at INTEGER PRIMARY KEY, entry BLOB NOT NULL);
    CREATE TABLE tree (level INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
"""
_TABLES = ("place", "streams", "ids", "bodies", "tree")
T = TypeVar("T")
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an audit stands: ``size`` entries were read and nothing was wrong.

    ``witnessed`` is as of :class:`audit.tree.Heads`; ``last`` is the index and recorded time of the last entry;
    ``proved`` the checkpoint that the caller remembered and these entries continue (None: there was none, or it is
    beyond); ``policy`` says by which policy ``witnessed`` is.
    """

    size: int
    streams: int
    witnessed: int
    last: tuple[int, datetime]
    proved: tuple[int, bytes] | None
    policy: str
    tree: UpperTree
    authority: Authority

    def fits(self, remembered: Checkpoint | None) -> bool:
        """Whether who remembers that checkpoint can go on from here: these entries continue it, or what follows will
        show whether they do.
        """
        if remembered is None:
            return self.proved is None
        return remembered.size >= self.size or self.proved == (remembered.size, remembered.root)


class State:
    """The file of a :class:`Place`, open. Errors of the file are UnavailableError; one that is no such file is made
    anew, and ``lost`` says why.
    """

    def __init__(self, path: Path, tell: Tell) -> None:
        self._path, self._database, self._tell = path, _connect(path), tell
        self.place: Place | None = None
        self.lost: str | None = None

    @classmethod
    @contextmanager
    def open(cls, path: Path, tell: Tell = lambda en, zh: None) -> Iterator[Self]:
        """The file at ``path``, which is made where there is none. What was not kept is undone at the end.

        ``tell(en, zh)`` is told why the log is read from its beginning although there was something to go on from.
        """
        with _told(path):
            is_new = not path.exists()
            made, lost = None, None
            try:
                made = cls(path, tell)
                made.place = None if is_new else made._read()
            except (sqlite3.DatabaseError, LedgerError, ValueError, KeyError, TypeError) as error:
                code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
                if code & 0xFF not in _BROKEN:
                    raise  # locked, say, or not to be written
                lost = str(error).partition("\n")[0]
            if lost is not None:
                if made is not None:
                    made._database.close()
                path.unlink()
                made = cls(path, tell)
        assert made is not None, "it was opened"
        made.lost = lost
        try:
            if made.place is None:
                made.forget()
            yield made
        finally:
            with suppress(sqlite3.Error):
                made._database.rollback()
            made._database.close()

    def forget(self) -> None:
        """Empties it: the log is to be read from its beginning."""
        with _told(self._path):
            self._database.rollback()
            self._database.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                self._database.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in _SCHEMA.split(";"):
                self._database.execute(statement)
            self._commit()
        self.place = None

    def drop(self, en: str, zh: str) -> None:
        """Empties it, and says why."""
        self._tell(f"{en}: all is read", f"{zh}：全部核验")
        self.forget()

    def take(self, folder: Path, partitions: int) -> tuple[int, Problems]:
        """Moves on over a segment's files (:mod:`audit.links`); how many streams are new in it, and what is wrong."""
        problems, streams = Problems(), 0
        with _told(self._path):
            for number in range(partitions):
                known = self._ends(stream_names(folder, number))
                ends, wrong = check_ends(folder, number, known)
                streams += len(ends) - len(known)
                problems.merge(wrong)
                rows = sorted((name, *last) for name, last in ends.items())
                self._database.executemany("INSERT OR REPLACE INTO streams VALUES (?, ?, ?, ?)", rows)
                ids, wrong = first_ids(folder, number)
                problems.merge(wrong)
                before = self._database.total_changes
                self._database.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", ids)
                if self._database.total_changes - before < len(ids):
                    self._find_taken(ids, problems)
        return streams, problems

    def keep(self, place: Place) -> None:
        """Keeps what was taken so far, and that it ends there."""
        told = {
            "format": FORMAT,
            "size": place.size,
            "root": place.tree.root(b"").hex(),
            "streams": place.streams,
            "witnessed": place.witnessed,
            "last": [place.last[0], place.last[1].isoformat()],
            "proved": place.proved and [place.proved[0], place.proved[1].hex()],
            "policy": place.policy,
        }
        with _told(self._path):
            self._database.execute("INSERT OR REPLACE INTO place VALUES (1, ?)", (json.dumps(told),))
            self._database.execute("DELETE FROM tree")
            self._database.executemany("INSERT INTO tree VALUES (?, ?)", enumerate(place.tree.partials()))
            self._database.executemany("INSERT OR REPLACE INTO bodies VALUES (?, ?)", place.authority.folded)
            self._commit()
        place.authority.folded.clear()

    def _commit(self) -> None:
        self._database.commit()
        self._database.execute("BEGIN IMMEDIATE")

    def _read(self) -> Place | None:
        """What is kept. Raises for whatever is not as :meth:`keep` wrote it."""
        found = self._database.execute("SELECT told FROM place").fetchall()
        if not found:
            return None
        told = json.loads(found[0][0])
        size, proved, (index, at) = told["size"], told["proved"], told["last"]
        numbers = (size, told["streams"], told["witnessed"], index)
        _need(told["format"] == FORMAT, f"expected {FORMAT}")
        _need(all(type(number) is int for number in numbers), "expected numbers")
        _need(size > 0 and size % TILE_WIDTH == 0, "expected a size in whole tiles")
        partials = dict(self._database.execute("SELECT level, hashes FROM tree").fetchall())
        tree = UpperTree.of(size, lambda level: partials[level])
        [(ids,)] = self._database.execute("SELECT count(*) FROM ids").fetchall()
        [(streams,)] = self._database.execute("SELECT count(*) FROM streams").fetchall()
        fits = (tree.root(b"").hex(), ids, streams) == (told["root"], size, told["streams"])
        _need(fits, "expected parts that fit each other")
        authority = Authority.of(self._database.execute("SELECT at, entry FROM bodies ORDER BY at").fetchall())
        return Place(
            size,
            streams,
            told["witnessed"],
            (index, datetime.fromisoformat(at)),
            None if proved is None else (int(proved[0]), bytes.fromhex(proved[1])),
            str(told["policy"]),
            tree,
            authority,
        )

    def _ends(self, names: Iterable[bytes]) -> dict[bytes, Last]:
        found: dict[bytes, Last] = {}
        for some in _batches(names):
            marks = ", ".join("?" * len(some))
            query = f"SELECT name, version, last, hash FROM streams WHERE name IN ({marks})"  # noqa: S608 - marks alone
            found |= {row[0]: Last(*row[1:]) for row in self._database.execute(query, some)}
        return found

    def _find_taken(self, ids: list[tuple[bytes, int]], problems: Problems) -> None:
        for some in _batches(ids):
            marks = ", ".join("?" * len(some))
            query = f"SELECT jti, at FROM ids WHERE jti IN ({marks})"  # noqa: S608 - marks alone
            first = dict(self._database.execute(query, [jti for jti, _ in some]).fetchall())
            problems.extend(taken_id(index, first[jti]) for jti, index in some if first[jti] != index)


def go_on(state: State | None, remembered: Checkpoint | None, policy: Policy | None, extent: Extent) -> Place | None:
    """Where to go on; None where the log is to be read from its beginning: then the state is dropped."""
    if state is None:
        return None
    place = state.place
    if state.lost is not None:
        words = f"the state file was not as an audit leaves it ({state.lost})", f"状态文件有误（{state.lost}）"
    elif place is None and remembered is None:
        return None  # the first time
    elif place is None:
        words = "there is no state to go on from", "没有可续的状态"
    elif not place.fits(remembered):
        words = "the state is of another checkpoint than is remembered", "状态与所记的检查点不符"
    elif policy is not None and place.policy != repr(policy):
        words = "the state was made by another policy", "状态所依的见证策略不同"
    elif not place.size <= extent.end == extent.entries:
        words = "entries are missing that were there", "先前已有的条目缺失"
    else:
        return place
    state.drop(*words)
    return None


def _need(is_so: bool, words: str) -> None:
    if not is_so:
        raise ValueError(words)


def _connect(path: Path) -> sqlite3.Connection:
    """Open, alone, and in a transaction."""
    database = sqlite3.connect(path, timeout=1, isolation_level=None)
    try:
        database.execute("PRAGMA cache_size = -16384")  # 16 MiB
        database.execute("BEGIN IMMEDIATE")
    except sqlite3.Error:
        database.close()
        raise
    return database


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says of which file an error is."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise UnavailableError(f"state file {path}: {error}", f"状态文件 {path}：{error}") from None


def _batches(several: Iterable[T]) -> Iterator[Sequence[T]]:
    rest = iter(several)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
