"""The processes of an audit: one that cannot start, or dies, ends the audit in words, and never leaves it waiting."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from audit.verify import verify
from tests.api.submitting import CHINESE
from tests.audit.logs import MemorySource, filled, of

SECONDS = 60  # far more than it takes; without the remedy it would take for ever
MUCH = 200_000  # bytes, more than fits into a pipe


@dataclass(frozen=True)
class Elsewhere(MemorySource):
    """A source that does something else where it is unpickled: in a process of the audit."""

    then: tuple = ()

    def __reduce__(self):
        return _call, (*self.then, "x" * MUCH)


def _call(function, argument, _):
    return function(argument)


def _raise(words):
    raise ImportError(words)


@pytest.mark.parametrize(
    ("then", "words"), [((_raise, "no module here"), "ImportError: no module here"), ((os._exit, 1), "was killed")]
)
def test_a_process_that_cannot_start_makes_the_verdict_incomplete(then, words):
    log = of(filled(60))
    source = Elsewhere(log.stored, log.stored_tiles, log.stored_checkpoints, log.hints, then)
    verdict = verify(source, processes=2)
    assert (verdict.exit_code, verdict.events) == (5, 0)
    [problem] = verdict.problems
    assert "could not start" in problem.en
    assert words in problem.en
    assert CHINESE.search(problem.zh)


SCRIPT = """
from audit.verify import verify
from tests.audit.logs import filled, of
verdict = verify(of(filled(400)), processes=2)
print(verdict.exit_code, verdict.problems[0].code)
"""


def test_a_program_whose_processes_break_off_at_once_is_not_left_waiting(tmp_path):
    """Without a main guard, each process starts the program again, and Python stops it before it reads anything."""
    root = Path(__file__).parents[2]
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        check=False,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.stdout == "5 unreadable\n"
