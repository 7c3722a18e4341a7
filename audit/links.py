"""Streams and ids across the whole log, in bounded memory: every version once and in order, every id once.

What has to be compared may stand anywhere in the log, so it is sorted into *partitions* first: workers append a small
record for each event to one of some files, chosen by the hash of its stream, and one for its id. All records of a
stream are then in one partition, and a partition fits into memory, whatever the size of the log.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     with Partitions(Path(folder), 2) as partitions:
...         for index, version in enumerate((1, 3)):
...             partitions.add("body/ledger", version, index, bytes(32), "00" * 32, bytes([index]) * 16)
...         partitions.flush()
...     found = [check_streams(Path(folder), n) for n in range(2)]
>>> [problem.en for _, problems in found for problem in problems.sorted()]
['stream: expected version 2, got 3']
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from audit.verdict import Problem, Problems

MOST_PARTITIONS = 256
_EVENTS_OF_A_PARTITION = 32_768  # about 7 MB while it is checked
_LINK = Struct(">16sIQ32s32s")  # stream (hash, cut), version, index, own hash, hash of the event before
_ID = Struct(">16sQ")  # jti, index
_ID_SIZE = 16
_NO_HASH = bytes(32)


def partitions_for(entries: int) -> int:
    """A power of two: so many partitions that each stays small; with more than 8 million entries they grow."""
    return min(1 << (entries // _EVENTS_OF_A_PARTITION).bit_length(), MOST_PARTITIONS)


class Last(NamedTuple):
    """The newest event of a stream: its version, where it stands in the log, and its hash."""

    version: int
    position: int
    hash: bytes


_BEFORE = Last(0, -1, _NO_HASH)  # a stream's first event


class Partitions:
    """One process's files: ``<folder>/links.<n>.<pid>`` and ``ids.<n>.<pid>``. Records reach them by :meth:`flush`."""

    def __init__(self, folder: Path, count: int) -> None:
        self._mask = count - 1
        self._links = [bytearray() for _ in range(count)]
        self._ids = [bytearray() for _ in range(count)]
        self._files = [
            (self._open(folder, "links", n), self._open(folder, "ids", n), self._links[n], self._ids[n])
            for n in range(count)
        ]

    @staticmethod
    def _open(folder: Path, kind: str, number: int) -> BinaryIO:
        return (folder / f"{kind}.{number}.{os.getpid()}").open("ab", buffering=0)

    def add(self, stream: str, version: int, index: int, own: bytes, prev: str | None, jti: bytes) -> None:
        """Notes an event; ``own`` is its hash, ``prev`` (hex) that of the stream's event before."""
        name = sha256(stream.encode()).digest()[:16]
        before = _NO_HASH if prev is None else bytes.fromhex(prev)
        self._links[name[0] & self._mask] += _LINK.pack(name, version, index, own, before)
        self._ids[jti[-1] & self._mask] += _ID.pack(jti, index)

    def flush(self) -> None:
        """Writes what was noted: after each chunk, so that a chunk is there as a whole or not at all."""
        for links, ids, noted_links, noted_ids in self._files:
            for file, noted in ((links, noted_links), (ids, noted_ids)):
                if noted:
                    file.write(noted)
                    noted.clear()

    def close(self) -> None:
        """Closes the files; what was not flushed is dropped."""
        for links, ids, _, _ in self._files:
            links.close()
            ids.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def check_streams(folder: Path, number: int) -> tuple[int, Problems]:
    """How many streams a partition has, and what is wrong with their versions, hashes and order."""
    ends, problems = check_ends(folder, number, {})
    return len(ends), problems


def check_ends(folder: Path, number: int, known: Mapping[bytes, Last]) -> tuple[dict[bytes, Last], Problems]:
    """The newest event of each stream in a partition, and what is wrong; ``known`` are those of events before.

    A stream goes by :func:`stream_names`.
    """
    problems = Problems()
    ends: dict[bytes, Last] = {}
    last_name, last_version, last_index, last_hash = b"", 0, -1, _NO_HASH
    records = b"".join(sorted(_records(folder, "links", number, _LINK.size)))
    for name, version, index, own, before in _LINK.iter_unpack(records):
        if name != last_name:
            if last_name:
                ends[last_name] = Last(last_version, last_index, last_hash)
            last_name = name
            last_version, last_index, last_hash = known.get(name, _BEFORE)
        if version != last_version + 1 or before != last_hash or index < last_index:
            problems.extend(_wrong_link(version, index, before, last_version, last_index, last_hash))
            if version == last_version:
                continue  # of two of the same version the first in the log is the one that counts
        last_version, last_index, last_hash = version, index, own
    if last_name:
        ends[last_name] = Last(last_version, last_index, last_hash)
    return ends, problems


def stream_names(folder: Path, number: int) -> set[bytes]:
    """The streams of a partition: of each name the hash, cut."""
    return {record[:_ID_SIZE] for record in _records(folder, "links", number, _LINK.size)}


def _wrong_link(
    version: int, index: int, before: bytes, last_version: int, last_index: int, last_hash: bytes
) -> Iterator[Problem]:
    expected = last_version + 1
    if version != expected:
        yield Problem(
            index,
            "stream",
            f"stream: expected version {expected}, got {version}",
            f"事件流：应为第 {expected} 版，实为第 {version} 版",
        )
        return
    if index < last_index:
        yield Problem(
            index,
            "stream",
            f"stream: expected version {version} after its version {last_version}, which stands at index {last_index}",
            f"事件流：第 {version} 版应在第 {last_version} 版之后，而后者在序号 {last_index} 处",
        )
    if before != last_hash:
        yield Problem(
            index,
            "prev",
            f"prev: expected {last_hash.hex()}, the hash of version {last_version}, got {before.hex()}",
            f"prev：应为第 {last_version} 版的散列 {last_hash.hex()}，实为 {before.hex()}",
        )


def check_ids(folder: Path, number: int) -> Problems:
    """What ids of a partition name more than one event."""
    return first_ids(folder, number)[1]


def first_ids(folder: Path, number: int) -> tuple[list[tuple[bytes, int]], Problems]:
    """The ids of a partition in their order, each with the index of its first event; and what is wrong."""
    problems = Problems()
    records = _records(folder, "ids", number, _ID.size)
    firsts: list[tuple[bytes, int]] = []
    last, first_index = b"", 0
    for jti, index in _ID.iter_unpack(b"".join(sorted(records))):
        if jti == last:
            problems.extend([taken_id(index, first_index)])
        else:
            last, first_index = jti, index
            firsts.append((jti, index))
    return firsts, problems


def taken_id(index: int, first_index: int) -> Problem:
    """The event at ``index`` has the id of an earlier one."""
    return Problem(
        index,
        "jti",
        f"jti: expected an id of its own, got that of the event at index {first_index}",
        f"jti：应为独有的标识，实与序号 {first_index} 处的事件相同",
    )


def _records(folder: Path, kind: str, number: int, size: int) -> list[bytes]:
    data = b"".join(file.read_bytes() for file in folder.glob(f"{kind}.{number}.*"))
    return [data[start : start + size] for start in range(0, len(data), size)]
