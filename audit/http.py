"""A running ledger as a source: its log over HTTP, by the published paths and nothing else (C2SP tlog-tiles).

    /log/checkpoint                       the newest signed checkpoint
    /log/tile/<L>/<N>                     the finished tiles
    /log/tile/entries/<N>[.p/<W>]         the entries, with the auditors' bearer token

Nothing is claimed beside the bytes: where an entry belongs is read from the entry, and its leaf hash is made of it. Who
answers may be a liar, so every answer has a largest size and a latest moment, no redirect is followed (the token goes
to the ledger that was named, and nowhere else), and a size is believed no further than it is signed. What the server
does not have, or has cut short, is *missing* in the verdict; what it cannot have meant is a FormatError.

>>> HttpSource("https://ledger.example/", None).url
'https://ledger.example'
>>> HttpSource("ledger.example", None)
Traceback (most recent call last):
ledger.errors.ConfigurationError: URL: expected one like https://ledger.example, got 'ledger.example' | ...
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

import httpx

from audit.filing import body_fact_in, keys_in, row_of, tile_root
from audit.source import Filed, Row, Tile, founding_key
from ledger.domain.body import LogKeyRotated
from ledger.errors import (
    ConfigurationError,
    FormatError,
    LedgerError,
    NotFoundError,
    SignatureError,
    UnavailableError,
)
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.merkle import HASH_SIZE, TILE_WIDTH
from ledger.proof.note import MAX_NOTE, Verifier
from ledger.proof.rotation import successor
from ledger.proof.tiles import ENTRIES, MAX_ENTRY, split_bundle, tile_path, tile_width

TIMEOUT = 20.0
"""Seconds to wait for a connection, and for each next piece of an answer."""
DEADLINE = 120.0
"""Seconds that a whole answer may take."""
PAUSES = (0.2, 1.0)
"""Seconds to wait before each further attempt where the server cannot be reached, or says that it is busy."""
AT_ONCE = 8
"""Requests under way at a time, for each process."""
UNSIGNED = 8 * TILE_WIDTH
"""So many entries are looked at where the checkpoint is not signed by the log: then its size is anybody's."""
MOST_GAPS = 64
"""After so many bundles that are not there, a process asks for no more."""

_TILE_BYTES = HASH_SIZE * TILE_WIDTH
_BUSY = {429, 500, 502, 503, 504}


class Moment(NamedTuple):
    """How far the log went when it was first opened: entries that are served, and the newest checkpoint."""

    entries: int
    size: int
    newest: Filed | None


class HttpSource:
    """The log of the ledger at ``url``. ``token`` opens its entries (None: they are asked for without), ``key`` is the
    log's, if the caller knows it. It is the log at the moment when it was first opened, in every process.

    Raises ConfigurationError where ``url`` or ``token`` cannot be one.
    """

    def __init__(self, url: str, token: str | None, key: Verifier | None = None) -> None:
        self.url, self.token, self.key = url.rstrip("/"), token, key
        self.moment: Moment | None = None
        try:
            found = httpx.URL(self.url)
        except (httpx.InvalidURL, ValueError):
            found = httpx.URL("")
        if found.scheme not in {"http", "https"} or not found.host or found.userinfo or found.query or found.fragment:
            shown = ascii(url[:200]) if "@" not in url else "…"  # what stands before an @ may be a password
            raise ConfigurationError(
                f"URL: expected one like https://ledger.example, got {shown}",
                f"网址：应形如 https://ledger.example，实为 {shown}",
            )
        if token is not None and not (token.isascii() and token.isprintable() and token and " " not in token):
            raise ConfigurationError(
                "token: expected printable ASCII characters without spaces",
                "令牌：应为不含空格的可打印 ASCII 字符",
            )

    @contextmanager
    def open(self) -> Iterator[HttpSession]:
        """A client of its own. Raises NotFoundError where there is no log, ConfigurationError where the token is
        missing or wrong, UnavailableError where nobody answers, FormatError where what comes is no checkpoint.
        """
        with asyncio.Runner() as runner:
            client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
            try:
                session = HttpSession(self, runner, client)
                if self.moment is None:
                    self.moment = session.look()
                session.size = self.moment.size
                yield session
            finally:
                runner.run(client.aclose())


@contextmanager
def published(url: str) -> Iterator[Callable[[str, int], bytes]]:
    """Asks a ledger for what anybody may see of its log: ``ask(path, most)`` gives at most so many bytes at a path.

    It raises NotFoundError where the server has nothing there, FormatError for more bytes, UnavailableError where it
    does not answer. Raises ConfigurationError where ``url`` cannot be one.
    """
    source = HttpSource(url, None)
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False)
        session = HttpSession(source, runner, client)
        try:
            yield session.ask
        finally:
            runner.run(client.aclose())


class HttpSession:
    """Questions to the server. Each raises UnavailableError where it does not answer, or not usefully."""

    def __init__(self, source: HttpSource, runner: asyncio.Runner, client: httpx.AsyncClient) -> None:
        self.size = 0
        self._source, self._runner, self._client = source, runner, client
        self._gaps = 0
        self._kept: tuple[int, list[bytes]] = (-1, [])

    def look(self) -> Moment:
        """The newest checkpoint, and how many of the entries under it are there."""
        [data] = self._get([("/log/checkpoint", MAX_NOTE)])
        if data is None:
            raise NotFoundError(
                f"{self._source.url}: there is no log here (no /log/checkpoint)",
                f"{self._source.url}：此处没有日志（无 /log/checkpoint）",
            )
        _expect_at_most(data, MAX_NOTE, "/log/checkpoint")
        note, self.size = _size(data)
        if not self.size:
            return Moment(0, 0, None)
        most = self.size if self._is_signed(data) else min(self.size, UNSIGNED)
        return Moment(self._served(most), self.size, (self.size, note))

    def extent(self) -> tuple[int, int, Mapping[int, tuple[int, int]], Filed | None]:
        """How many entries, the same as the end, no claims about tiles, and the newest checkpoint."""
        moment = self._source.moment
        assert moment is not None, "it was opened"
        return moment.entries, moment.entries, {}, moment.newest

    def rows(self, start: int, stop: int) -> list[Row]:
        """The entries with ``start`` <= index < ``stop``, filed as what they are."""
        rows = []
        for number, entries in self._bundles(start // TILE_WIDTH, -(-min(stop, self.size) // TILE_WIDTH)):
            first = number * TILE_WIDTH
            kept = range(max(start, first), min(stop, first + len(entries)))
            rows += [row_of(index, entries[index - first]) for index in kept]
        return rows

    def tiles(self, level: int, start: int, stop: int) -> list[Tile]:
        """The tiles of a level with ``start`` <= number < ``stop``, each with the root that its hashes give."""
        found: list[Tile] = []
        for first in range(start, stop, AT_ONCE):
            numbers = range(first, min(stop, first + AT_ONCE))
            answers = self._get([(f"/log/{tile_path(level, number)}", _TILE_BYTES) for number in numbers])
            found += [
                (level, n, data, tile_root(data)) for n, data in zip(numbers, answers, strict=True) if data is not None
            ]
        return found

    def checkpoints(self, after: int, upto: int) -> list[Filed]:
        """The newest checkpoint, if its size is ``after`` < size <= ``upto``: there is no other to be had."""
        _, _, _, newest = self.extent()
        return [newest] if newest and after < newest[0] <= upto else []

    def public_keys(self) -> Iterator[str]:
        """The public keys that bodies' events name. It reads the whole log, once more than the audit does: without
        these keys one process alone would have to check every signature.
        """
        moment = self._source.moment
        assert moment is not None, "it was opened"
        try:
            for _, entries in self._bundles(0, -(-moment.entries // TILE_WIDTH)):
                for entry in entries:
                    yield from keys_in(entry)
        except LedgerError:
            return  # the audit will meet it too, and say so

    def _is_signed(self, note: bytes) -> bool:
        key = self._source.key or founding_key(self)
        if key is None or _opens(note, key):
            return key is not None
        # Another key of that name signed: the log's may have been handed over.
        return f"\n\u2014 {key.name} ".encode() in note and any(_opens(note, later) for later in self._later(key))

    def _later(self, key: Verifier) -> Iterator[Verifier]:
        """The keys that the log's was handed over to, one after the other. It reads the log as far as it is there."""
        try:
            for _, entries in self._bundles(0, -(-self.size // TILE_WIDTH)):
                for fact in map(body_fact_in, entries):
                    if isinstance(fact, LogKeyRotated):
                        with suppress(FormatError, SignatureError):
                            key = successor(key, fact)
                            yield key
        except UnavailableError:
            self._gaps = 0  # it ends here; whether it should is for the audit to say

    def _served(self, size: int) -> int:
        """How many of ``size`` entries are there: all of them, or where they end."""
        last = (size - 1) // TILE_WIDTH
        if found := self._bundle(last):
            return min(size, last * TILE_WIDTH + len(found))
        low, high = 0, last
        while low < high:
            middle = (low + high + 1) // 2
            if self._bundle(middle - 1):
                low = middle
            else:
                high = middle - 1
        return low * TILE_WIDTH

    def _bundle(self, number: int) -> list[bytes] | None:
        """The entries of a bundle, as far as they are there; None where the server has none."""
        return self._read([number])[0]

    def _bundles(self, start: int, stop: int) -> Iterator[tuple[int, list[bytes]]]:
        """The bundles with ``start`` <= number < ``stop`` that are there. The last one is kept: who looks up single
        entries goes through a bundle one by one.
        """
        if range(start, stop) == range(self._kept[0], self._kept[0] + 1):
            yield self._kept
            return
        for first in range(start, stop, AT_ONCE):
            numbers = range(first, min(stop, first + AT_ONCE))
            for number, entries in zip(numbers, self._read(numbers), strict=True):
                if entries is None:
                    self._note_gap()
                else:
                    self._kept = number, entries
                    yield number, entries

    def _note_gap(self) -> None:
        self._gaps += 1
        if self._gaps > MOST_GAPS:
            raise UnavailableError(
                f"{self._source.url}: more than {MOST_GAPS} bundles of entries are not there",
                f"{self._source.url}：超过 {MOST_GAPS} 个条目包不存在",
            )

    def _read(self, numbers: Sequence[int]) -> list[list[bytes] | None]:
        widths = [tile_width(ENTRIES, number, self.size) for number in numbers]
        paths = [f"/log/{tile_path(ENTRIES, n, width)}" for n, width in zip(numbers, widths, strict=True)]
        answers = self._get([(p, w * (2 + MAX_ENTRY)) for p, w in zip(paths, widths, strict=True)])
        return [
            None if data is None else _entries(data, width, path)
            for data, width, path in zip(answers, widths, paths, strict=True)
        ]

    def ask(self, path: str, most: int) -> bytes:
        """The bytes at a path; see :func:`published`."""
        [data] = self._get([(path, most)])
        if data is None:
            raise NotFoundError(f"{self._source.url} has no {path}", f"{self._source.url} 没有 {path}")
        if len(data) > most:
            raise FormatError(f"{path}: expected at most {most} bytes, got more", f"{path}：应不超过 {most} 字节")
        return data

    def _get(self, wanted: Sequence[tuple[str, int]]) -> list[bytes | None]:
        """The answers to paths, each with its most bytes; see :meth:`_answer`."""

        async def together() -> list[bytes | BaseException | None]:
            return await asyncio.gather(*(self._answer(*each) for each in wanted), return_exceptions=True)

        answers: list[bytes | None] = []
        for answer in self._runner.run(together()):
            if isinstance(answer, BaseException):
                raise answer
            answers.append(answer)
        return answers

    async def _answer(self, path: str, most: int) -> bytes | None:
        """The bytes at ``path``, no more than one beyond ``most``; None where the server has nothing there."""
        reason = ""
        for pause in (0.0, *PAUSES):
            await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(DEADLINE):
                    status, data = await self._ask(path, most)
            except TimeoutError:
                reason = f"no whole answer within {DEADLINE:.0f} s"
            except httpx.HTTPError as error:
                reason = type(error).__name__
            else:
                if status not in _BUSY:
                    return self._judge(path, status, data)
                reason = f"HTTP {status}"
        raise UnavailableError(
            f"the ledger at {self._source.url} does not answer {path} ({reason})",
            f"账本 {self._source.url} 对 {path} 没有应答（{reason}）",
        )

    async def _ask(self, path: str, most: int) -> tuple[int, bytes]:
        headers = {"accept-encoding": "identity"}  # so that a small answer cannot unfold into a huge one
        if self._source.token is not None and path.startswith("/log/tile/entries/"):
            headers["authorization"] = f"Bearer {self._source.token}"
        data = bytearray()
        async with self._client.stream("GET", self._source.url + path, headers=headers) as answer:
            if answer.status_code == 200:
                async for piece in answer.aiter_raw():
                    data += piece
                    if len(data) > most:
                        break
            return answer.status_code, bytes(data[: most + 1])

    def _judge(self, path: str, status: int, data: bytes) -> bytes | None:
        url = self._source.url
        if status in {404, 410}:
            return None
        if status in {401, 403}:
            raise ConfigurationError(
                f"{url}: entries are for auditors ({status}); give the token with --token-file"
                + ("" if self._source.token is None else ", the one that was given is not taken"),
                f"{url}：日志条目仅供审计（{status}）；请用 --token-file 提供令牌"
                + ("" if self._source.token is None else "，所给令牌未被接受"),
            )
        if status != 200:
            raise FormatError(
                f"{url}{path}: expected the bytes themselves (200), got {status}; redirects are not followed",
                f"{url}{path}：应直接给出内容（200），实为 {status}；不跟随重定向",
            )
        return data


def _opens(note: bytes, key: Verifier) -> bool:
    """Whether a checkpoint that names a size is signed by that key."""
    try:
        return bool(open_checkpoint(note, key.name, [key]).size)
    except LedgerError:
        return False


def _size(data: bytes) -> tuple[str, int]:
    """A checkpoint's note as text, and the size that it names, whoever signed it."""
    try:
        note = data.decode()
    except UnicodeDecodeError:
        raise FormatError("checkpoint: expected UTF-8", "检查点：应为 UTF-8") from None
    return note, Checkpoint.parse(note.partition("\n\n")[0] + "\n").size


def _expect_at_most(data: bytes, most: int, path: str) -> None:
    if len(data) > most:
        raise FormatError(f"{path}: expected at most {most} bytes, got more", f"{path}：应不超过 {most} 字节，实则更多")


def _entries(data: bytes, width: int, path: str) -> list[bytes]:
    """The entries of a bundle; fewer where it was cut short. Raises FormatError where it holds more."""
    _expect_at_most(data, width * (2 + MAX_ENTRY), path)
    entries, rest = split_bundle(data, width)
    if len(entries) == width and rest:
        raise FormatError(
            f"{path}: expected {width} entries, got {rest} more bytes",
            f"{path}：应恰有 {width} 个条目，实则多出 {rest} 字节",
        )
    return entries
