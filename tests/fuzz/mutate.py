"""A small mutator: other bytes made of good ones, by steps that parsers are known to stumble over.

>>> made = Mutator(7, [b"size 5\\n", b"size 6\\n"], [b"\\xff"])
>>> made.next() == Mutator(7, [b"size 5\\n", b"size 6\\n"], [b"\\xff"]).next()
True
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

LONGEST = 1 << 18
"""Most bytes of an input: larger than any of ours but whole bundles."""
MOST_KEPT = 1500
"""Inputs that are kept because they were answered in a new way."""

NUMBERS = [
    b"0",
    b"-1",
    b"00",
    b"1e9",
    b"255",
    b"256",
    b"65535",
    b"65536",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551616",
    b"9" * 400,
    b"9" * 5000,
]
TOKENS = [
    b"\n",
    b"\n\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\x94 ",
    b"\xed\xa0\x80",
    b" ",
    b"\t",
    b"+",
    b"=",
    b"==",
    b"~",
    b".",
    b"/",
    b"%00",
    b"..",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"true",
    b"1.5",
    b"NaN",
    "承诺".encode(),
    "\u202e".encode(),
    "\u0661".encode(),
    "０".encode(),
]


class Mutator:
    """Makes inputs from ``seeds``, the same for the same number; ``tokens`` are words of the format."""

    def __init__(self, number: int, seeds: Sequence[bytes], tokens: Sequence[bytes] = ()) -> None:
        self._random = random.Random(number)
        self._seeds, self._kept = list(seeds), list[bytes]()
        self._tokens = [*TOKENS, *NUMBERS, *tokens, *tokens]
        self._steps: list[Callable[[bytearray], None]] = [
            *(self._flip, self._flip, self._byte, self._cut, self._cut, self._copy, self._insert, self._token),
            *(self._token, self._splice, self._swap, self._number, self._truncate, self._repeat, self._nest),
        ]

    def keep(self, data: bytes) -> None:
        """An input that was answered in a new way: others are made of it."""
        if len(self._kept) >= MOST_KEPT:
            self._kept[self._random.randrange(MOST_KEPT)] = data
        else:
            self._kept.append(data)

    def next(self) -> bytes:
        """The next input."""
        pool = self._kept if self._kept and self._random.random() < 0.6 else self._seeds
        data = bytearray(self._random.choice(pool))
        for _ in range(1 + int(self._random.expovariate(0.7))):
            self._random.choice(self._steps)(data)
            del data[LONGEST:]
        return bytes(data)

    def _span(self, data: bytearray, most: int = 64) -> slice:
        start = self._random.randint(0, len(data))
        length = self._random.randint(1, most) if self._random.random() < 0.9 else len(data)
        return slice(start, start + length)

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._random.randrange(len(data))] ^= 1 << self._random.randrange(8)

    def _byte(self, data: bytearray) -> None:
        if data:
            data[self._random.randrange(len(data))] = self._random.randrange(256)

    def _cut(self, data: bytearray) -> None:
        del data[self._span(data)]

    def _copy(self, data: bytearray) -> None:
        at = self._random.randint(0, len(data))
        data[at:at] = data[self._span(data)]

    def _insert(self, data: bytearray) -> None:
        at = self._random.randint(0, len(data))
        data[at:at] = self._random.randbytes(self._random.randint(1, 8))

    def _token(self, data: bytearray) -> None:
        at = self._random.randint(0, len(data))
        stop = at + (self._random.randint(0, 8) if self._random.random() < 0.5 else 0)
        data[at:stop] = self._random.choice(self._tokens)

    def _splice(self, data: bytearray) -> None:
        data[self._span(data)] = bytearray(self._random.choice(self._seeds))[self._span(data, 400)]

    def _swap(self, data: bytearray) -> None:
        lines = data.split(b"\n")
        a, b = (self._random.randrange(len(lines)) for _ in range(2))
        lines[a], lines[b] = lines[b], lines[a]
        data[:] = b"\n".join(lines)

    def _number(self, data: bytearray) -> None:
        found = list(re.finditer(rb"[0-9]+", data[:20_000]))
        if found:
            place = self._random.choice(found)
            data[place.start() : place.end()] = self._random.choice(NUMBERS)

    def _truncate(self, data: bytearray) -> None:
        del data[self._random.randint(0, len(data)) :]

    def _repeat(self, data: bytearray) -> None:
        span = self._span(data)
        data[span] = data[span] * min(1 << self._random.randint(1, 12), 1 + LONGEST // (1 + len(data[span])))

    def _nest(self, data: bytearray) -> None:
        opening = self._random.choice((b"[", b'{"a":', b"(", b"[[", b"a="))
        at = self._random.randint(0, len(data))
        data[at:at] = opening * (1 << self._random.randint(2, 13))
