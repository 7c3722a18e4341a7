"""The text of a PDF as a reader would copy it: streams inflated, glyphs back to characters by the fonts' ToUnicode maps
(ISO 32000-1 §9.10.3). Only what typst writes: no object streams, fonts with two-byte codes.
"""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\[(.*?)\] ?TJ|(<[0-9A-Fa-f]*>|\((?:\\.|[^\\)])*\)) ?Tj|(ET)", re.DOTALL)
_STRING = re.compile(rb"<([0-9A-Fa-f]*)>|\(((?:\\.|[^\\)])*)\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """All text of all pages, in the order in which it is drawn."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts = {
        name: _characters(_inflated(objects[int(_found(rb"/ToUnicode (\d+) 0 R", objects[int(number)]))]))
        for body in objects.values()
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", body)
    }
    pages = re.findall(rb"/Contents (\d+) 0 R", pdf)
    return "\n".join(_drawn(_inflated(objects[int(page)]), fonts) for page in pages)


def _drawn(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    found, font = [], dict[int, str]()
    for name, many, one, end in _SHOWN.findall(content):
        if name:
            font = fonts[name]
        elif end:
            found.append("\n")
        for digits, literal in _STRING.findall(many or one):
            raw = bytes.fromhex(digits.decode()) if digits else _ESCAPED.sub(_unescaped, literal)
            codes = (int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2))
            found.append("".join(font.get(code, "\ufffd") for code in codes))
    return "".join(found)


def _unescaped(match: re.Match[bytes]) -> bytes:
    one = match[1]
    return bytes([int(one, 8)]) if one[:1].isdigit() else _PLAIN.get(one, one)


def _characters(cmap: bytes) -> dict[int, str]:
    """Codes and their characters, of a ToUnicode map."""
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap)
    return {int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs}


def _inflated(body: bytes) -> bytes:
    raw = _found(_STREAM.pattern, body)
    return zlib.decompress(raw) if b"/FlateDecode" in body else raw


def _found(pattern: bytes, data: bytes) -> bytes:
    match = re.search(pattern, data, re.DOTALL)
    assert match, pattern
    return match[1]
