"""The service under test: a home of its own, founded, and ``jiannuo serve`` on it in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from benchmarks.workload import OPERATOR
from ledger.installation import found, open_installation
from ledger.settings import Settings

SERVE = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
PATIENCE = 30.0  # seconds


def founded(home: Path) -> bytes:
    """Founds a ledger in ``home``; gives the operator's key as PEM."""
    with open_installation(Settings(home), founding=True) as installation:
        found(installation, OPERATOR)
    return (home / "keys" / "operator.pem").read_bytes()


@contextmanager
def serving(home: Path, **more: str) -> Iterator[int]:
    """Runs the service on ``home``; gives its port. ``more`` is added to its environment.

    Raises RuntimeError with what it said if it does not come up.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JIANNUO_")}
    environment |= {"JIANNUO_HOME": str(home), "HOST": "127.0.0.1", "PORT": str(port), **more}
    said = home / "serve.log"
    with said.open("wb") as log:
        process = subprocess.Popen(SERVE, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait(process, port, said)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/livez", timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the service did not come up: {said.read_text(errors='replace')[-2000:]}")
