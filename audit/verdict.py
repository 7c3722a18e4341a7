"""What an audit found: the problems, and the verdict over them.

>>> problems = Problems()
>>> problems.add("leaf", 7, "expected the leaf hash 00…, got 01…", "叶散列应为 00…，实为 01…")
>>> problems.add("uncovered", 3, "no valid checkpoint covers it", "没有有效的检查点覆盖它")
>>> [p.index for p in problems.sorted()], problems.exit_code, problems.first_bad_index
([3, 7], 3, 3)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import nsmallest

MOST_PROBLEMS = 100
"""So many problems are kept, those of the lowest index; the verdict is made over all."""

VERIFIED, FAILED, INCONSISTENT, INCOMPLETE = 0, 3, 4, 5
"""Exit codes. 1 (could not run) and 2 (usage) are for whoever calls: then there is no verdict."""

CODES: dict[str, int] = {
    # 3: an entry is not what its signer and the ledger made of it
    "malformed": FAILED,  # its bytes are no entry, no event, or no event that this version knows
    "founding": FAILED,  # the log does not begin with its founding, or was founded twice
    "signature": FAILED,  # the signature does not verify
    "key": FAILED,  # the key did not count for the signer at this position
    "authority": FAILED,  # a key or role was given by somebody who could not give it
    "stream": FAILED,  # the stream's versions have a gap, a double, or stand in another order than the log
    "prev": FAILED,  # it does not name the hash of the stream's event before
    "course": FAILED,  # the rules would not have let it come where it stands: its case cannot be folded over it
    "jti": FAILED,  # another event has the same id
    "time": FAILED,  # it was recorded before the entry before it
    "leaf": FAILED,  # the stored leaf hash is not that of its bytes
    "filed": FAILED,  # stored under another stream, version, topic or id than was signed
    # 4: entries, tree and checkpoints contradict each other
    "missing": INCONSISTENT,  # entries or tiles are not there
    "extra": INCONSISTENT,  # entries or tiles are there that no checkpoint accounts for
    "tile": INCONSISTENT,  # a stored tile is not what the entries give
    "checkpoint": INCONSISTENT,  # a stored checkpoint is malformed, badly signed, or of another tree
    "root": INCONSISTENT,  # the entries do not give the root that was signed
    "uncovered": INCONSISTENT,  # no valid checkpoint covers these entries
    "rolled-back": INCONSISTENT,  # the log is shorter than, or not a continuation of, what the caller remembers
    "quorum": INCONSISTENT,  # no checkpoint is cosigned as the caller's policy asks, or a witness's cosignature is bad
    "bundle": INCONSISTENT,  # a member of a bundle is not what its manifest lists, or what the entries give
    # 5: it cannot be told
    "unreadable": INCOMPLETE,  # a part of the log could not be read
    "interrupted": INCOMPLETE,  # the audit was stopped
    "unwitnessed": INCOMPLETE,  # the witnesses that the caller's policy asks for have not cosigned these entries yet
}
"""Every code of a problem, with its exit code. Of several, the most serious counts: 3 before 4 before 5."""

CONTENT = frozenset(("malformed", "signature", "key", "leaf", "missing", "extra", "tile"))
"""Problems that say which entry's bytes are hardly those that the tree was made of."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it must be. ``index`` is that of the entry at fault; None where none is."""

    index: int | None
    code: str
    en: str
    zh: str

    @property
    def exit_code(self) -> int:
        """What this problem alone would make of the verdict."""
        return CODES[self.code]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of an audit.

    ``events`` entries of ``streams`` streams were read; ``root`` (hex) is what they give, over all of them. ``origin``
    and ``checkpoint_size`` are the log's name and the size of the largest checkpoint that holds (None: none does).
    ``problems`` are at most 100, by index, those without one last. ``first_bad_index`` is the first entry at fault;
    where only a root is wrong, the first entry that no good checkpoint vouches for; None where no entry is at fault.
    ``seconds`` is how long it took. Entries from ``verified_from`` on were read now, those before it by an earlier
    audit. ``log_key`` (vkey) signs the log's newest checkpoints; None where none that counts is known.
    ``witnessed_size`` is the size of the largest checkpoint that holds and is cosigned as the policy asks; None where
    there was no policy or there is none.
    """

    events: int
    streams: int
    root: str
    origin: str | None
    checkpoint_size: int | None
    problems: tuple[Problem, ...]
    first_bad_index: int | None
    exit_code: int
    seconds: float
    verified_from: int = 0
    log_key: str | None = None
    witnessed_size: int | None = None


class Problems:
    """Gathers problems in bounded memory: keeps those of the lowest indexes, counts all."""

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self._worst: set[int] = set()

    def add(self, code: str, index: int | None, en: str, zh: str) -> None:
        """One more problem."""
        self.extend([Problem(index, code, en, zh)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """More problems."""
        for problem in problems:
            self._kept.append(problem)
            self._worst.add(problem.exit_code)
        if len(self._kept) >= 2 * MOST_PROBLEMS:
            self._kept = self.sorted()

    def merge(self, other: Problems) -> None:
        """All that another found."""
        self.extend(other._kept)
        self._worst |= other._worst

    def sorted(self) -> list[Problem]:
        """Those that are kept: of the lowest index first, those without one last."""
        return nsmallest(MOST_PROBLEMS, self._kept, key=_order)

    def first(self, codes: frozenset[str], start: int, stop: int | None = None) -> int | None:
        """The lowest index from ``start`` on, and below ``stop``, of a problem with one of these codes."""
        found = (p.index for p in self._kept if p.index is not None and p.code in codes)
        return min((i for i in found if start <= i and (stop is None or i < stop)), default=None)

    @property
    def first_bad_index(self) -> int | None:
        """The lowest index of a problem that is one of the log, not of the reading."""
        found = (p.index for p in self._kept if p.index is not None and p.exit_code != INCOMPLETE)
        return min(found, default=None)

    @property
    def exit_code(self) -> int:
        """0, or the most serious of 3, 4, 5."""
        return min(self._worst, default=VERIFIED)


def _order(problem: Problem) -> tuple[bool, int, str, str]:
    return (problem.index is None, problem.index or 0, problem.code, problem.en)
