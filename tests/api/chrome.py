"""Headless Chromium, driven as a person would: pages opened, buttons pressed, what is then on the page read.

The DevTools protocol over two pipes (``--remote-debugging-pipe``): JSON messages that end in a zero byte.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.api.test_browser import OPTIONS


class Page:
    """One tab."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers, self._rest, self._number = commands, answers, b"", 0
        self.events: list[Any] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    _session: str | None = None

    def send(self, method: str, **parameters: Any) -> Any:
        """The answer to a command."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self._number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def _read(self) -> Any:
        while b"\0" not in self._rest:
            more = os.read(self._answers, 1 << 20)
            assert more, "Chromium has ended"
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, address: str) -> None:
        """Goes to an address and waits until all is loaded, scripts too."""
        self.events.clear()
        self.send("Page.navigate", url=address)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._read())

    def value(self, script: str) -> Any:
        """What an expression comes to, or its promise."""
        found = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self) -> None:
        """Presses the button as the keyboard does, and waits for the result."""
        self.value("document.getElementById('check-run').focus()")
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13
            )
        self.outcome()

    def outcome(self) -> str:
        """Waits until the check is done; how it ended."""
        return str(
            self.value(
                """new Promise((done) => {
                  const summary = document.getElementById("check-summary");
                  const look = () => {
                    const outcome = summary.getAttribute("data-outcome");
                    if (outcome && outcome !== "running") done(outcome); else setTimeout(look, 20);
                  };
                  look();
                })"""
            )
        )

    def text(self, selector: str) -> str:
        """The text of an element, as it is seen."""
        return str(self.value(f"document.querySelector({json.dumps(selector)}).innerText"))

    def complaints(self) -> list[str]:
        """What the browser complained of since the page was opened: scripts refused, errors."""
        self.value("0")
        logged = [e["params"]["entry"]["text"] for e in self.events if e.get("method") == "Log.entryAdded"]
        thrown = [json.dumps(e["params"]) for e in self.events if e.get("method") == "Runtime.exceptionThrown"]
        return logged + thrown

    def screenshot(self, file: Path, width: int) -> None:
        """The whole page in a window of this width, as PNG."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))


def _pipe(theirs: int) -> tuple[int, ...]:
    """A pipe whose end number ``theirs`` is not one of the descriptors that it is to become."""
    ends = list(os.pipe())
    moved = fcntl.fcntl(ends[theirs], fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(ends[theirs])
    ends[theirs] = moved
    return tuple(ends)


@contextmanager
def chromium_page(program: str, profile: Path, *options: str) -> Iterator[Page]:
    """A tab of a browser that ends with the block."""
    (theirs_in, ours_out), (ours_in, theirs_out) = map(_pipe, (0, 1))
    shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'  # the protocol's two file descriptors
    arguments = [program, *OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={profile}", *options]
    process = subprocess.Popen(
        ["bash", "-c", shell, "bash", *arguments],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        page = Page(ours_out, ours_in)
        yield page
    finally:
        os.close(ours_out)  # with its pipe the browser ends
        os.close(ours_in)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
