"""(d): what one event costs in a short log and in a long one.

The long log is made by the ledger's own functions (entries, tree, tiles, signed checkpoints) and stored with COPY by
the writer's role: quicker than submitting, and the ledger that is opened on it finds what it would have written itself.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from multiprocessing.pool import Pool
from pathlib import Path
from uuid import UUID

import psycopg

from benchmarks.report import Figure, median_ratio, percentile
from benchmarks.service import founded
from benchmarks.workload import Written, jws_of, tasks, write_streams
from ledger.application import Ledger
from ledger.authoring import utc_now
from ledger.installation import open_installation
from ledger.keys import keystore
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.proof.event import entry
from ledger.proof.merkle import Tree, leaf_hash
from ledger.proof.note import LogSigner, Verifier
from ledger.settings import Settings
from ledger.store.database import Database, connect

GROUP = 500
"""Events under one checkpoint, as where many gather for one commit."""

BLOCK = 100
_EVENTS = (
    "COPY ledger.events (originator_id, originator_version, topic, state, notification_id, jti, leaf_hash) "
    "FROM STDIN WITH (FORMAT BINARY)"
)
Say = Callable[[str], None]


def long_log(home: Path, events: int, pool: Pool, say: Say) -> None:
    """Founds a ledger in ``home`` whose log then has ``events`` more entries."""
    pem = founded(home)
    with Database(Settings(home)) as database:
        with connect(database.url("writer")) as connection:
            tree, signer = _found(connection, home)
            for part in pool.imap(write_streams, tasks(pem, events)):
                _store(connection, tree, signer, part)
                if tree.size // 100_000 > (tree.size - len(part)) // 100_000:
                    say(f"{tree.size:,} events are in it")
        assert database.embedded is not None
        with connect(database.embedded.url("jiannuo_admin")) as connection:
            # As autovacuum and the checkpointer would leave it in time: their work is not what is measured.
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")


def more(home: Path, events: int, pool: Pool) -> None:
    """Adds so many entries to the log of the ledger in ``home``."""
    pem = (home / "keys" / "operator.pem").read_bytes()
    with Database(Settings(home)) as database, connect(database.url("writer")) as connection:
        tree, signer = _found(connection, home)
        for part in pool.imap(write_streams, tasks(pem, events)):
            _store(connection, tree, signer, part)


def _found(connection: psycopg.Connection, home: Path) -> tuple[Tree, LogSigner]:
    """The tree of a small log, and the log's signer."""
    row = connection.execute("SELECT note FROM ledger.checkpoints ORDER BY size DESC LIMIT 1").fetchone()
    assert row is not None
    origin = row[0].partition("\n")[0]
    signer = LogSigner(origin, keystore.load(home / "keys" / "log.pem"))
    tree = Tree()
    for (leaf,) in connection.execute("SELECT leaf_hash FROM ledger.events ORDER BY notification_id").fetchall():
        tree.append(leaf)
    assert open_checkpoint(row[0].encode(), origin, [Verifier.of(signer)]).root == tree.root()
    return tree, signer


def _store(connection: psycopg.Connection, tree: Tree, signer: LogSigner, part: Sequence[Written]) -> None:
    """One transaction: the entries of ``part``, the tiles that they finish, a checkpoint after each group."""
    tiles, checkpoints = [], []
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(_EVENTS) as copy:
            copy.set_types(["text", "int8", "text", "bytea", "int8", "uuid", "bytea"])
            for start in range(0, len(part), GROUP):
                at = utc_now()
                for e in part[start : start + GROUP]:
                    data = entry(at, e.jws)
                    leaf = leaf_hash(data)
                    tiles += [(t, tree.nodes()(8 * (t.level + 1), t.number)) for t in tree.append(leaf)]
                    copy.write_row((e.stream, e.version, e.topic, data, tree.size, UUID(e.jti), leaf))
                note = sign_checkpoint(Checkpoint(signer.name, tree.size, tree.root()), [signer])
                checkpoints.append((tree.size, note.decode()))
        cursor.executemany(
            "INSERT INTO ledger.tiles (level, n, hashes, root) VALUES (%s, %s, %s, %s)",
            [(t.level, t.number, t.data, root) for t, root in tiles],
        )
        cursor.executemany("INSERT INTO ledger.checkpoints (size, note) VALUES (%s, %s)", checkpoints)


class Appending:
    """(d): blocks of single appends, one at a time, to the short and to the long log by turns."""

    def __init__(self, logs: Sequence[tuple[int, Path]], blocks: int) -> None:
        self._logs, self._blocks = logs, blocks
        self.latencies: list[list[list[float]]] = [[] for _ in logs]  # by log and block

    def run(self, pool: Pool, say: Say) -> None:
        """The first block of each log only warms it up."""
        with ExitStack() as stack:
            work = []
            for _, home in self._logs:
                ledger = stack.enter_context(open_installation(Settings(home))).ledger
                pem = (home / "keys" / "operator.pem").read_bytes()
                work.append((ledger, jws_of(pool.imap(write_streams, tasks(pem, BLOCK * (self._blocks + 1))))))
            for number in range(self._blocks + 1):
                for (ledger, events), found in zip(work, self.latencies, strict=True):
                    block = _append(ledger, events[number * BLOCK : (number + 1) * BLOCK])
                    if number:
                        found.append(block)
        for (size, _), found in zip(self._logs, self.latencies, strict=True):
            say(f"(d) at {size:,} events: median {_ms(found, 50):.2f} ms, 99 % {_ms(found, 99):.2f} ms")

    def figures(self) -> list[Figure]:
        """The ratio of the medians, and each log's median and 99th percentile."""
        (short, _), (long, _) = self._logs
        first, second = self.latencies
        ratio = median_ratio([statistics.median(b) for b in second], [statistics.median(b) for b in first])
        what = "one Ledger.submit after another, in one process"
        found = [
            Figure("d", f"append at {long:,}", ratio, "×", f"at {short:,}, median of blocks", aim=1.2, at_most=True)
        ]
        for (size, _), blocks in zip(self._logs, self.latencies, strict=True):
            found.append(Figure("d", f"  at {size:,}, median", _ms(blocks, 50), "ms", what))
            found.append(Figure("d", f"  at {size:,}, 99 %", _ms(blocks, 99), "ms", what))
        return found


def _append(ledger: Ledger, events: Iterable[bytes]) -> list[float]:
    """Seconds from submitting each event to having its receipt."""
    found = []
    for event in events:
        started = time.perf_counter()
        ledger.submit(event).result()
        found.append(time.perf_counter() - started)
    return found


def _ms(blocks: Sequence[Sequence[float]], percent: int) -> float:
    return percentile([value for block in blocks for value in block], percent) * 1000
