"""Every parser of bytes on made-up inputs: no crash, no hang, no memory blow-up (issue 4); here in short.

``python -m tests.fuzz --seconds 600`` is the long run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import FormatError
from tests.fuzz import runner
from tests.fuzz.mutate import LONGEST, Mutator
from tests.fuzz.runner import answered, run
from tests.fuzz.target import Target
from tests.fuzz.targets import targets

INPUTS = 60
ROOT = Path(__file__).parents[2]


def test_no_parser_does_what_it_must_not_on_made_up_inputs() -> None:
    """Issue 4, fuzzing: all targets, the same inputs each time, in a process with little memory."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--inputs", str(INPUTS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout[-5000:]
    ran = dict(re.findall(r"(?m)^([^\t]+)\t([0-9]+) inputs", done.stdout))
    assert ran == {target.name: str(INPUTS) for target in targets()}


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.name)
def test_each_target_takes_what_it_starts_from(target: Target) -> None:
    """An input is made of good ones, so that it comes past the first checks."""
    good = [data for data in target.seeds if answered(target, data) == ()]
    assert good or target.name in {"consistency proof", "add-checkpoint request", "quorum of a note", "key file"}


def refusing(data: bytes) -> None:
    raise FormatError("expected nothing", "应无内容")


def crashing(data: bytes) -> None:
    if len(data) > 20:
        raise ValueError("too long for me")


def hanging(data: bytes) -> None:
    while b"\xff" in data:
        pass


def gluttonous(data: bytes) -> None:
    if b"\n\n" in data:
        raise MemoryError


@pytest.mark.parametrize(
    ("call", "what"), [(refusing, None), (crashing, "ValueError"), (hanging, "HangError"), (gluttonous, "MemoryError")]
)
def test_what_a_parser_must_not_do_is_found(monkeypatch: pytest.MonkeyPatch, call, what: str | None) -> None:
    """The fuzzer itself."""
    monkeypatch.setattr(runner, "SECONDS", 0.05)
    result = run(Target("made up", call, (b"what was promised",)), inputs=300)
    assert [find.what.partition(" ")[0] for find in result.finds[:1]] == ([what] if what else [])


def test_memory_is_limited() -> None:
    """The fuzzer itself: a parser that asks for gigabytes does not get them."""
    program = "from tests.fuzz.runner import limit_memory; limit_memory(); bytearray(2 << 30)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "MemoryError"


def test_the_same_number_makes_the_same_inputs_and_none_is_huge() -> None:
    """Reproducible finds."""
    seeds = [b"size 5\n" * 1000, b"", b"0"]
    one, same, other = (Mutator(number, seeds) for number in (3, 3, 4))
    made = [one.next() for _ in range(500)]
    assert made == [same.next() for _ in range(500)]
    assert made != [other.next() for _ in range(500)]
    assert max(map(len, made)) <= LONGEST
