"""Witnesses as processes of their own, run by the command."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

COMMAND = str(Path(sys.executable).with_name("jiannuo"))


@dataclass
class Process:
    """``jiannuo witness serve`` on a folder; ``port`` is kept when it is started again."""

    folder: Path
    log: str
    vkey: str
    port: int = 0
    running: subprocess.Popen[str] | None = field(default=None, repr=False)

    @classmethod
    def made(cls, folder: Path, name: str, log: str, *more: str) -> Process:
        """A new witness, running."""
        command = [COMMAND, "witness", "key", "--folder", str(folder), "--name", name, *more]
        vkey = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
        made = cls(folder, log, vkey)
        made.start()
        return made

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it can be asked."""
        command = [COMMAND, "witness", "serve", "--folder", str(self.folder), "--log", self.log, "--port"]
        self.running = subprocess.Popen([*command, str(self.port)], stderr=subprocess.PIPE, text=True)
        assert self.running.stderr is not None
        line = self.running.stderr.readline()
        assert "witness at http://127.0.0.1:" in line, line + self.running.stderr.read()
        self.port = int(line.partition("witness at http://127.0.0.1:")[2].split()[0])

    def end(self, how: int = signal.SIGKILL) -> int:
        """Ends it, and waits for that. The exit code."""
        assert self.running is not None
        with suppress(ProcessLookupError):
            self.running.send_signal(how)
        self.running.communicate(timeout=30)
        code, self.running = self.running.returncode, None
        return code
