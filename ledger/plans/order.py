"""Pages in their right order.

Some files hold the pages of a document in a wrong order, and the breaks fall in mid-sentence. The order is looked for
only where the numbering of headings does not run on. Then the text is cut at each break that may be a page's edge,
and the pieces are laid so that numbers follow each other, sentences that break off find a continuation whose
characters stand together elsewhere too, brackets close, a heading gets text of its own words, and neighbours
stay neighbours where nothing speaks against it. No dictionary, no chance: a beam search over costs, ties by position.

>>> from ledger.plans.pages import Line
>>> shuffled = ["一、甲领域建设", "甲要做好。", "二、乙领域建设", "乙要做好。", "四、丁领域", "丁要做好。",
...             "三、丙领域建设", "丙要做好。"]
>>> [line.text[:2] for line in in_order([Line(text) for text in shuffled])][::2]
['一、', '二、', '三、', '四、']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ledger.plans.marks import Mark, Numbering, read_mark
from ledger.plans.pages import Line, is_open, line_width
from ledger.plans.text import is_han

_MOST_PIECES = 40
_BEAM = 128
_WRONG_NUMBER = 4.0
_RESUMED_NUMBER = 1.5
_COUNTED_THROUGH = ("条", "1.", "节")  # styles that may count through all sections
_CUT_SENTENCE = 6.0
_OPEN_BRACKET = 3.0
_NEW_NEIGHBOUR = 1.0
_LONE_PARAGRAPH = 2.0
_HEADING_WITHOUT_TEXT = 2.0
_OTHER_BEGINNING = 2.0
_SEEN_TOGETHER = 0.8
_OWN_WORDS = 1.5


@dataclass(frozen=True, slots=True)
class _Piece:
    at: int
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    breaks_off: bool
    depth: int  # brackets left open, or closed without an opening (negative)
    topic: str  # text of its last heading, or ""


def in_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of one plan in the order in which they were written. In-order input comes back as it is."""
    marks = [read_mark(line.text) for line in lines]
    breaks = _number_breaks(marks)
    if not breaks:
        return list(lines)
    seen = _seen_pairs(lines)
    pieces = _pieces(lines, _cuts(lines, marks, breaks, seen))
    if not 2 <= len(pieces) <= _MOST_PIECES:
        return list(lines)
    ordered = [line for at in _best_order(pieces, seen) for line in pieces[at].lines]
    left = len(_number_breaks([read_mark(line.text) for line in ordered]))
    torn = any(piece.breaks_off for piece in pieces[:-1])
    return ordered if left == 0 or (torn and left < len(breaks)) else list(lines)


def _number_breaks(marks: Sequence[Mark | None]) -> list[tuple[int, int]]:
    """Stretches between two headings (indexes of their lines) whose numbers do not follow each other."""
    place, before = Numbering(), 0
    breaks = []
    for at, mark in enumerate(marks):
        if mark:
            if not place.fits(mark):
                breaks.append((before, at))
            place, before = place.after(mark), at
    return breaks


def _cuts(
    lines: Sequence[Line], marks: Sequence[Mark | None], breaks: list[tuple[int, int]], seen: Counter[str]
) -> list[int]:
    """Indexes of lines that may begin a page, few enough to be searched. What stands before the first heading is
    one piece with it."""
    width = line_width(lines)
    first = next(at for at, mark in enumerate(marks) if mark)
    edges = range(first + 1, len(lines))
    torn = {at for at in edges if is_open(lines[at - 1].text, marks[at - 1] is not None, width)}
    stretches = [set(range(start + 1, end + 1)) for start, end in breaks]
    whole = {at for stretch in stretches if not stretch & torn for at in stretch}
    for wanted in (
        torn | whole | _strays(lines, marks, torn, seen),
        torn | whole,
        {at for at in torn | whole if lines[at].gap},
        {at for at in torn | whole if lines[at].page},
    ):
        if len(wanted) < _MOST_PIECES:
            return sorted(wanted)
    return []


def _strays(lines: Sequence[Line], marks: Sequence[Mark | None], torn: set[int], seen: Counter[str]) -> set[int]:
    """Unnumbered lines after a finished one that would fit well where some sentence breaks off."""
    if len(torn) > _MOST_PIECES:
        return set()
    first = next(at for at, mark in enumerate(marks) if mark)
    ends = [lines[at - 1].text for at in sorted(torn)]
    return {
        at
        for at in range(1, len(lines))
        if at not in torn and not marks[at] and at > first
        if _closes_first(lines[at].text) or any(_known_joint(e, lines[at].text, seen) > _SEEN_TOGETHER for e in ends)
    }


def _pieces(lines: Sequence[Line], cuts: list[int]) -> list[_Piece]:
    edges = [0, *cuts, len(lines)]
    return [_piece(at, tuple(lines[a:b])) for at, (a, b) in enumerate(pairwise(edges))]


def _piece(at: int, lines: tuple[Line, ...]) -> _Piece:
    marks = [read_mark(line.text) for line in lines]
    topics = [line.text for line, mark in zip(lines, marks, strict=True) if mark]
    last = lines[-1].text
    depth = sum(line.text.count("（") - line.text.count("）") for line in lines)
    headed = marks[-1] is not None
    return _Piece(at, lines, tuple(m for m in marks if m), is_open(last, headed), depth, topics[-1] if topics else "")


def _seen_pairs(lines: Sequence[Line]) -> Counter[str]:
    """How often two neighbouring characters, and three, stand together inside lines."""
    seen: Counter[str] = Counter()
    for line in lines:
        text = line.text
        seen.update(text[i : i + 2] for i in range(len(text) - 1))
        seen.update(text[i : i + 3] for i in range(len(text) - 2))
    return seen


def _joint(left: _Piece, right: _Piece, seen: Counter[str]) -> float:
    """The cost of setting ``right`` after ``left``; the numbering is counted elsewhere."""
    cost = 0.0 if right.at == left.at + 1 else _NEW_NEIGHBOUR
    first = right.lines[0]
    begins_heading = bool(read_mark(first.text)) or first.hashes > 0
    if left.breaks_off:
        if begins_heading:
            return cost + (_CUT_SENTENCE if right.at != left.at + 1 else _HEADING_WITHOUT_TEXT)
        cost -= _known_joint(left.lines[-1].text, first.text, seen)
    elif _closes_first(first.text):
        cost += _CUT_SENTENCE
    ends_heading = bool(read_mark(left.lines[-1].text)) and not left.breaks_off and "。" not in left.lines[-1].text
    if begins_heading:
        deeper = ends_heading and right.marks and left.marks and right.marks[0].rank > left.marks[-1].rank
        return cost + (_HEADING_WITHOUT_TEXT if ends_heading and not deeper else 0.0)
    if not ends_heading and not left.breaks_off and right.at != left.at + 1:
        cost += _LONE_PARAGRAPH
    if left.depth > 0 and not _closes_first(first.text):
        cost += _OPEN_BRACKET
    if ends_heading or left.breaks_off:
        cost -= _OWN_WORDS * _own_words(left.topic, first.text)
    return cost


def _known_joint(left: str, right: str, seen: Counter[str]) -> float:
    """How familiar the characters on the two sides of a joint are together."""
    grams = (left[-1:] + right[:1], left[-2:] + right[:1], left[-1:] + right[:2])
    return sum(_SEEN_TOGETHER for gram in grams if all(map(is_han, gram)) and seen[gram] > 0)


def _closes_first(text: str) -> bool:
    closing, opening = text.find("）"), text.find("（")
    return closing >= 0 and (opening < 0 or closing < opening)


def _own_words(heading: str, text: str) -> float:
    """The share of a heading's character pairs that come back in the text below it."""
    mark = read_mark(heading)
    words = heading[mark.end if mark else 0 :][:30]
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def _best_order(pieces: list[_Piece], seen: Counter[str]) -> tuple[int, ...]:
    joints = [[_joint(a, b, seen) if a is not b else 0.0 for b in pieces] for a in pieces]
    size = len(pieces)
    beam: list[tuple[float, tuple[int, ...], Numbering]] = []
    for piece in pieces:
        cost, place = _numbered(piece, Numbering())
        beam.append((cost + (_OTHER_BEGINNING if piece.at else 0.0), (piece.at,), place))
    for _ in range(size - 1):
        grown = []
        for cost, path, place in sorted(beam, key=lambda state: state[:2])[:_BEAM]:
            used = set(path)
            for piece in pieces:
                if piece.at not in used:
                    wrong, there = _numbered(piece, place)
                    grown.append((cost + wrong + joints[path[-1]][piece.at], (*path, piece.at), there))
        beam = grown
    finished = [(cost + (_CUT_SENTENCE if pieces[path[-1]].breaks_off else 0.0), path) for cost, path, _ in beam]
    return min(finished)[1]


def _numbered(piece: _Piece, place: Numbering) -> tuple[float, Numbering]:
    cost = 0.0
    for mark in piece.marks:
        if not place.fits(mark):
            cost += _WRONG_NUMBER
        elif mark.number > 1 and mark.style not in _COUNTED_THROUGH and mark.style not in dict(place.open):
            cost += _RESUMED_NUMBER
        place = place.after(mark)
    return cost, place
