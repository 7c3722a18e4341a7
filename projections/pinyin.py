"""How Chinese names are spelt in pinyin (GB/T 16159, without tones): in full, by initials, and as a key to sort by.

A character may have several readings (多音字). Those that its words settle are settled (重庆 is chongqing); where they
do not (单县), each reading makes a spelling of its own, and so does reading every character alone, as somebody may who
does not know the place: at most SPELLINGS for a name, the likeliest first. ü is spelt v, as on a keyboard.

>>> spellings("财政局")
(Spelling(full='caizhengju', initials='czj'),)
>>> [s.full for s in spellings("单县")]
['danxian', 'chanxian', 'shanxian']
>>> [s.initials for s in spellings("重庆")]
['cq', 'zq']
>>> sort_key("财政局") < sort_key("发改委") < sort_key("人社局")
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

SPELLINGS = 6
_LONGEST = 60
"""Characters of a name that are spelt."""
_SETTLED = {"市": "shi"}
"""Characters whose other reading no name of an organ has, though a dictionary does (市 was once written for 巿, fú)."""


class Spelling(NamedTuple):
    """One way to spell a name: whole syllables, and the first letter of each."""

    full: str
    initials: str


@lru_cache(maxsize=20_000)
def spellings(name: str) -> tuple[Spelling, ...]:
    """The spellings of a name, the likeliest first; what is not Chinese stands as it is, in lower case.

    None for a name in which nothing is Chinese.
    """
    readings = _readings(name[:_LONGEST])
    if not any(len(options) > 1 or options[0] != own.lower() for own, options in readings):
        return ()
    found: dict[Spelling, None] = {}
    for syllables in _choices([options for _, options in readings]):
        pairs = zip(syllables, readings, strict=True)
        initials = "".join(syllable if syllable == own else syllable[:1] for syllable, (own, _) in pairs)
        found.setdefault(Spelling("".join(syllables), initials))
        if len(found) == SPELLINGS:
            break
    return tuple(found)


def sort_key(name: str) -> str:
    """By what names are sorted as a Chinese dictionary does: syllable by syllable, then by code point."""
    return " ".join([*(options[0] for _, options in _readings(name[:_LONGEST])), name])


def _choices(readings: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The usual readings; then one character after the other in its other readings, the rest as usual."""
    usual = tuple(options[0] for options in readings)
    yield usual
    for place, options in enumerate(readings):
        yield from ((*usual[:place], other, *usual[place + 1 :]) for other in options[1:])


def _readings(name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each character with its readings, the likeliest first; what is not Chinese reads as itself."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 (its dictionary takes a quarter of a second)

    each: Any = list  # what it does not know it hands over run by run
    together = pinyin(name, style=Style.NORMAL, heteronym=True, errors=each)
    return [
        (own, (_SETTLED[own],) if own in _SETTLED else tuple(dict.fromkeys(r.lower() for r in (*options, _alone(own)))))
        for own, options in zip(name, together, strict=True)
    ]


@lru_cache(maxsize=20_000)
def _alone(character: str) -> str:
    from pypinyin import Style, pinyin  # noqa: PLC0415 (as above)

    return str(pinyin(character, style=Style.NORMAL)[0][0])
