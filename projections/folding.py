"""Text as a search sees it: folded, so that writings that mean the same are the same, and cut into grams for an index.

Folding is Unicode NFKC (full and half width, compatibility forms), case folding, and letters and digits alone: marks
between them part words, but not Chinese ones. Simplified and traditional forms stay different characters.

Grams of a text are its pairs of Chinese characters that stand side by side (二元组) and its other words whole, so that
a word of two characters is found by an index of arrays. In the index stand their :func:`numbers`, which take a third of
the room and are compared faster.

>>> fold("《ＡＢＣ公司》示政发〔2030〕1号")
'abc公司示政发2030 1号'
>>> grams(fold("市发改委 HT-7号"))
('市发', '发改', '改委', 'ht', '7')
>>> numbers(grams("市发"))
(-2070535190,)
>>> terms("示例市 财政局，") == ("示例市", "财政局")
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import add
from zlib import crc32

_CHINESE = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MARKS = re.compile(r"[\W_]+")
_PARTED = re.compile(f"(?<=[{_CHINESE}]) | (?=[{_CHINESE}])")
_RUNS = re.compile(f"([{_CHINESE}]+)|([^{_CHINESE} ]+)")
_LONGEST_WORD = 40


def fold(text: str) -> str:
    """The text as it is compared: letters, digits and single spaces."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    return _PARTED.sub("", _MARKS.sub(" ", plain).strip())


def grams(folded: str) -> tuple[str, ...]:
    """What a folded text is found by, each once: pairs of Chinese characters, other words (cut at 40 characters).

    None for a single character: by it only what begins with it is found.
    """
    found: list[str] = []
    for chinese, word in _RUNS.findall(folded):
        if chinese:
            found.extend(map(add, chinese, chinese[1:]))
        else:
            found.append(word[:_LONGEST_WORD])
    return tuple(dict.fromkeys(found))


def numbers(found: Iterable[str]) -> tuple[int, ...]:
    """Grams as whole numbers of 32 bits, signed: the CRC-32 (ISO/IEC 13239) of their UTF-8.

    Some share a number: what is found by them has to be compared with the text itself.
    """
    return tuple([crc32(gram.encode()) - 2**31 for gram in found])


def terms(query: str) -> tuple[str, ...]:
    """What somebody types, folded, part by part: all of them are to be found, each side by side as it was typed."""
    found = (fold(part) for part in unicodedata.normalize("NFKC", query).split())
    return tuple(dict.fromkeys(part for part in found if part))
