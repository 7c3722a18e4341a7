"""What a target is; the tables of them are :mod:`tests.fuzz.targets`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A parser, inputs that it takes, and words of its format. ``call`` may raise a LedgerError and nothing else."""

    name: str
    call: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...] = ()
