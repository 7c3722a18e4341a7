"""Headless Chromium, driven as a person would: pages opened, buttons pressed, what is then on the page read.

The DevTools protocol over two pipes (``--remote-debugging-pipe``): JSON messages that end in a zero byte.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import struct
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from operator import add, and_
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MARGIN = 12
"""CSS pixels at the right edge of a phone's screen that stay empty: the page's padding is 16."""
NOT_LOCAL = "ledger.example"
"""A name that the browser is told to find on this machine: to it a page from there came over plain http."""
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    f"--host-resolver-rules=MAP {NOT_LOCAL} 127.0.0.1",
)


class Chromium:
    """A browser, by the two ends of its pipes. One thing is asked at a time."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers, self._rest, self._number = commands, answers, b"", 0

    def send(self, events: list[Any], session: str | None, method: str, parameters: dict[str, Any]) -> Any:
        """The answer to a command; what happens until it comes is added to ``events``."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self._number:
            events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def read(self) -> Any:
        """The next message."""
        while b"\0" not in self._rest:
            more = os.read(self._answers, 1 << 20)
            assert more, "Chromium has ended"
            self._rest += more
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)


class Page:
    """One tab."""

    def __init__(self, browser: Chromium) -> None:
        self._browser = browser
        self.events: list[Any] = []
        self._session: str | None = None
        self._target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=self._target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        """The tab is gone."""
        self._session = None
        self.send("Target.closeTarget", targetId=self._target)

    def send(self, method: str, **parameters: Any) -> Any:
        """The answer to a command."""
        return self._browser.send(self.events, self._session, method, parameters)

    def open(self, address: str) -> None:
        """Goes to an address and waits until all is loaded, scripts too."""
        self.events.clear()
        self.send("Page.navigate", url=address)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._browser.read())

    def document(self) -> str:
        """The document as it is now."""
        return str(self.value("document.documentElement.outerHTML"))

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

    def screenshot(self, width: int, height: int = 900, *, whole: bool = False) -> Image:
        """What is seen at the top of the page in a window of this size; ``whole``: and all that is below it."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        shot = self.send("Page.captureScreenshot", captureBeyondViewport=whole, optimizeForSpeed=True)
        return _decoded(base64.b64decode(shot["data"]))


@dataclass(frozen=True)
class Image:
    """Rows of pixels, ``channels`` bytes each."""

    width: int
    channels: int
    rows: list[bytes]

    def colours(self, first: int, last: int) -> set[bytes]:
        """All colours between two columns."""
        n = self.channels
        return {row[x * n : x * n + 3] for row in self.rows for x in range(first, last)}


def _decoded(data: bytes) -> Image:
    """An 8-bit PNG without interlacing (ISO/IEC 15948 §9): what Chromium writes."""
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    channels = {2: 3, 6: 4}[colour]
    assert depth == 8
    compressed, at = b"", 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            compressed += data[at + 8 : at + 8 + size]
        at += size + 12
    raw, stride = zlib.decompress(compressed), width * channels + 1
    rows, before = [], bytearray(width * channels)
    for y in range(height):
        before = _unfiltered(raw[y * stride], bytearray(raw[y * stride + 1 : (y + 1) * stride]), before)
        rows.append(bytes(before))
    return Image(width, channels, rows)


def _unfiltered(kind: int, line: bytearray, above: bytearray) -> bytearray:
    """A row without its filter (ISO/IEC 15948 §9.2)."""
    if kind == 0:
        return line
    assert kind == 2, "Chromium, when it is to be quick, writes each row as what differs from the one above"
    return bytearray(map(and_, map(add, line, above), repeat(0xFF)))


def _pipe(theirs: int) -> tuple[int, ...]:
    """A pipe whose end number ``theirs`` is not one of the descriptors that it is to become."""
    ends = list(os.pipe())
    moved = fcntl.fcntl(ends[theirs], fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(ends[theirs])
    ends[theirs] = moved
    return tuple(ends)


@contextmanager
def running(program: str, profile: Path) -> Iterator[Chromium]:
    """A browser that ends with the block."""
    (theirs_in, ours_out), (ours_in, theirs_out) = map(_pipe, (0, 1))
    shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'  # the protocol's two file descriptors
    arguments = [program, *_OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        ["bash", "-c", shell, "bash", *arguments],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Chromium(ours_out, ours_in)
    finally:
        os.close(ours_out)  # with its pipe the browser ends
        os.close(ours_in)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
