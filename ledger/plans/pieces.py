"""An item's paragraphs cut into pieces, one for each assignment.

A bracket that names bodies closes a piece; the full stop behind it stays with the piece. What follows in the same
paragraph without a bracket of its own belongs to the piece before.

>>> [(p.text, p.roles.responsible) for p in cut(["建立台账（市发改委负责），定期通报。公开目录（市司法局负责）。"])]
[('建立台账，定期通报。', ('市发改委',)), ('公开目录。', ('市司法局',))]
>>> [p.text for p in cut(["建立台账。（市发改委负责）公开目录。（市司法局负责）"])]
['建立台账。', '公开目录。']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.plans.text import clean
from ledger.plans.units import Roles, find_roles

_STOPS = "。；，！"


@dataclass(slots=True)
class Piece:
    """A passage with its assignment, if it has one, and the index of the paragraph in which it begins."""

    text: str
    roles: Roles | None
    paragraph: int


def cut(paragraphs: Sequence[str]) -> list[Piece]:
    """The pieces of an item's paragraphs, in order; texts are clean."""
    made: list[Piece] = []
    for number, paragraph in enumerate(paragraphs):
        _cut_one(paragraph, number, made)
    return made


def _cut_one(paragraph: str, number: int, made: list[Piece]) -> None:
    at = 0
    first = len(made)
    for start, end, roles in find_roles(paragraph):
        words = paragraph[at:start].strip()
        at = end
        stop = paragraph[end : end + 1]
        if stop and stop in _STOPS:
            words += "" if words[-1:] in tuple(_STOPS) else stop
            at += 1
        if words.strip(_STOPS + " "):
            _add(made, Piece(clean(words), roles, number), first)
        elif made:
            last = made[-1]
            last.roles = last.roles.joined(roles) if last.roles else roles
        else:
            made.append(Piece("", roles, number))
    rest = clean(paragraph[at:])
    if not rest.strip("。；， "):
        return
    if len(made) > first:
        made[-1].text = join((made[-1].text, rest))
    else:
        made.append(Piece(rest, None, number))


def _add(made: list[Piece], piece: Piece, first: int) -> None:
    """A new piece, less what still belongs to the sentence of the one before; the same bodies make one piece."""
    last = made[-1] if len(made) > first else None
    if last and last.text.endswith("，"):
        sentence = re.match("[^。；]*[。；]?", piece.text)
        ended = sentence[0] if sentence else ""
        last.text += ended
        piece.text = piece.text[len(ended) :]
    if last and piece.roles and last.roles and (last.roles == piece.roles or not piece.text):
        last.text = join((last.text, piece.text))
        last.roles = last.roles.joined(piece.roles)
        return
    made.append(piece)


def join(texts: Sequence[str]) -> str:
    """Passages as one text: a new line only where the one before does not end its sentence."""
    whole = ""
    for text in texts:
        if whole and text:
            whole += "" if whole[-1] in "。；！？，、：" else "\n"
        whole += text
    return whole
