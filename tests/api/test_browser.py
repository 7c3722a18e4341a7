"""The site in a real browser: headless Chromium against uvicorn on a free port of this machine.

Skipped, with the reason, where there is no Chromium; a failure where CI=true, because there it must be installed.
"""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.api.test_case_pages import PUBLISHED
from tests.conftest import lacking, serving
from tests.projections.town import FINANCE

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
MARGIN = 12
"""CSS pixels at the right edge of a phone's screen that stay empty: the page's padding is 16."""


@dataclass(frozen=True)
class Browser:
    """Runs Chromium once for each question."""

    program: str
    base: str
    folder: Path

    def dom(self, path: str) -> str:
        """The document as it is after loading."""
        return self._run("--dump-dom", self.base + path).stdout.decode()

    def screenshot(self, path: str, width: int, height: int) -> Image:
        """What is seen at the top of a page in a window of this size."""
        file = self.folder / "shot.png"
        file.unlink(missing_ok=True)
        self._run(f"--window-size={width},{height}", f"--screenshot={file}", self.base + path)
        return decode_png(file.read_bytes())

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        profile = f"--user-data-dir={self.folder / 'profile'}"
        return subprocess.run(
            [self.program, *OPTIONS, profile, *arguments], capture_output=True, timeout=60, check=True
        )


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


def decode_png(data: bytes) -> Image:
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
        before = unfiltered(raw[y * stride], bytearray(raw[y * stride + 1 : (y + 1) * stride]), before, channels)
        rows.append(bytes(before))
    return Image(width, channels, rows)


def unfiltered(kind: int, line: bytearray, above: bytearray, step: int) -> bytearray:
    """A row without its filter (ISO/IEC 15948 §9.2)."""
    if kind == 0:
        return line
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        if kind == 4:
            nearest = min((left, above[i], corner), key=lambda v: abs(left + above[i] - corner - v))
            predicted = nearest
        else:
            predicted = {1: left, 2: above[i], 3: (left + above[i]) // 2}[kind]
        line[i] = (line[i] + predicted) & 0xFF
    return line


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or lacking(f"no Chromium on PATH (looked for {', '.join(NAMES)})")


@pytest.fixture(scope="session")
def address(town_app) -> Iterator[str]:
    """The town's site as uvicorn serves it."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(town_app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def browser(chromium: str, address: str, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(chromium, address, tmp_path_factory.mktemp("browser"))


def test_the_front_page_is_shown_whole_without_scripts(browser):
    dom = browser.dom("/")
    assert '<h1>政务承诺公开账本 <span class="en" lang="en">' in dom
    assert "第59号承诺" in dom
    assert "<script" not in dom


def test_a_title_that_is_markup_becomes_no_element(browser, town):
    dom = browser.dom(f"/commitments/{town.commitments['hostile']}")
    assert "&lt;script&gt;alert('x')&lt;/script&gt;&lt;b&gt;" in dom
    assert "<script" not in dom
    assert "<b>" not in dom


PAGES: dict[str, Callable[..., str]] = {
    "home": lambda town: "/",
    "list": lambda town: "/commitments?order=due",
    "commitment": lambda town: f"/commitments/{town.commitments['broken']}",
    "body": lambda town: f"/bodies/{FINANCE}",
    "event": lambda town: "/events/40",
    "events": lambda town: "/events",
    "search": lambda town: "/search?q=示例市",
    "statistics": lambda town: "/statistics?by=area",
    "figures": lambda town: "/statistics",
    "bodies": lambda town: "/bodies?as_of=2030-02-01",
}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(browser, town, name):
    image = browser.screenshot(PAGES[name](town), 390, 1600)
    assert image.width == 390
    assert len(image.colours(0, 390 - MARGIN)) > 20, "the page is empty"
    assert len(image.colours(390 - MARGIN, 390)) == 1, "something reaches into the margin"


RECORDS = ("/records", f"/records/{PUBLISHED.partition('/')[2]}", "/penalties", "/takedowns")


@pytest.mark.parametrize("path", RECORDS)
def test_nothing_of_a_record_is_wider_than_a_phone(chromium, played, book_app, tmp_path, path):
    with serving(played, book_app) as served:
        image = Browser(chromium, served.url, tmp_path).screenshot(path, 390, 1600)
    assert len(image.colours(0, 390 - MARGIN)) > 20, "the page is empty"
    assert len(image.colours(390 - MARGIN, 390)) == 1, "something reaches into the margin"


def test_on_a_wide_screen_lines_stay_short_enough_to_read(browser):
    image = browser.screenshot("/", 1280, 800)
    assert len(image.colours(0, 160)) == len(image.colours(1120, 1280)) == 1
    assert len(image.colours(160, 1120)) > 20
