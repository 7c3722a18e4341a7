"""Identifiers: UUIDv7 (RFC 9562 §5.7), from a time and randomness that arrive as arguments.

>>> uuid7(1790000000000, bytes(10))
'01a0c450-6c00-7000-8000-000000000000'
"""

from __future__ import annotations

import hashlib


def uuid7(milliseconds: int, random: bytes) -> str:
    """The version 7 UUID of a time in milliseconds since 1970 and 10 random bytes, in lower case."""
    number = (milliseconds & (2**48 - 1)) << 80 | int.from_bytes(random[:10], "big")
    return _stamp(number, 7)


def uuid8(name: str) -> str:
    """The version 8 UUID (RFC 9562 §5.8) of a name: the same for the same name, by SHA-256."""
    return _stamp(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"), 8)


def _stamp(number: int, version: int) -> str:
    number = number & ~(0xF << 76) | version << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    text = f"{number:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
