"""Running ``jiannuo`` in the test's own process, as ``main`` does, without a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from api import cli

ENVIRONMENT = (
    *("JIANNUO_DATABASE_URL", "JIANNUO_WRITER_URL", "JIANNUO_READER_URL", "JIANNUO_ORIGIN", "PORT", "HOST"),
    "JIANNUO_PASSPHRASE_FILE",
)


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


def runner(patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Runs a command whose JIANNUO_HOME is ``home``."""
    for name in ENVIRONMENT:
        patch.delenv(name, raising=False)
    patch.setenv("JIANNUO_HOME", str(home))
    patch.setattr("ledger.keys.passphrase.terminal", lambda: None)

    def call(*arguments: object, stdin: bytes = b"") -> Ran:
        patch.setattr(sys, "argv", ["jiannuo", *map(str, arguments)])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        return Ran(code, *capsys.readouterr())

    return call
