"""From canonical text to lines of content, and from lines to paragraphs.

Page numbers, running heads and tables of contents are no content and are dropped. A paragraph that a page or a fixed
line width broke is put together again: a sentence that has begun goes on; a heading stands alone.

>>> [p.text for p in paragraphs(read_lines("一、主要任务\\n建立机制，加强\\n\\n- 3 -\\n\\n监督。（甲局负\\n责）"))]
['一、主要任务', '建立机制，加强监督。（甲局负责）']
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.plans.marks import read_mark
from ledger.plans.table import rejoin_cells
from ledger.plans.text import CLOSERS, SENTENCE_ENDS, is_han

TITLE_KINDS = (
    "方案|意见|计划|规划|办法|规定|细则|措施|要点|通知|纲要|条例|规则|制度|清单|工程|规程|举措|若干措施|任务分解|分工"
)
TITLE_END = re.compile(rf"(?:{TITLE_KINDS})(?:（[^（）]{{1,16}}）)*$")

_PAGE_NUMBER = re.compile(
    r"[-—–－─―·•~]{1,3}\s*\d{1,4}\s*[-—–－─―·•~]{1,3}|第\s*\d{1,4}\s*页(?:\s*[,，/（]?\s*共\s*\d{1,4}\s*页）?)?|\d{1,3}\s*/\s*\d{1,3}"
    r"|[Pp]age\s*\d+(?:\s*of\s*\d+)?|\d{1,3}|[-—_=*─━]{3,}"
)
_BULLET = re.compile(r"^[-*•●▪■◆◇○·]\s+(?=\S)")
_LEADERS = re.compile(r"(?:\.{3,}|…+|·{3,}|—{2,}|(?:\. ){3,}|_{3,})\s*\d{1,4}$|\t+\d{1,4}$")
_CONTENTS = re.compile(r"目\s*[录次]")
_NOT_A_HEAD = re.compile(r"[：:，。；、（）|\t]|单位|部门|时限")
_ROLE_LINE = re.compile(r"[^，。；：（）\s]{0,6}(?:单位|部门|领导|时限|分工|责任人|责任主体)：")
_ABOUT = re.compile(
    r"(?:索\s*引\s*号|发文机关|发布机构|发文单位|制发机关|公开主体|发文字号|文\s*号|标\s*题|名\s*称|主题词|主题分类|体裁分类|"
    r"有\s*效\s*性|成文日期|发文日期|发布日期|发布时间|公开日期|生效日期|来\s*源|信息来源|分\s*类)\s*[：\s]"
)
_YEARS = re.compile(r"（[^（）]{2,16}）")
_CONNECTIVES = "和与及或的对将把为在以从向由并等、，"
_STARTS_INSIDE = "，。；、：！？）》”】〉’"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of content. ``gap``: an empty line stood before it; ``page``: a page's edge did; ``indent``: it began
    with the two empty squares of a paragraph; ``hashes``: the number of Markdown heading signs taken off."""

    text: str
    gap: bool = False
    page: bool = False
    indent: bool = False
    hashes: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A whole paragraph; ``hashes`` as in its first line, ``lines`` the number of lines it was made of."""

    text: str
    hashes: int = 0
    lines: int = 1


def read_lines(text: str) -> list[Line]:
    """The lines of content of a canonical text."""
    lines: list[Line] = []
    gap = page = False
    for raw in rejoin_cells(text.split("\n")):
        body = raw.strip(" \u3000\f\r")
        if raw == "\f" or (_PAGE_NUMBER.fullmatch(body) and not body.startswith("|")):
            gap = page = True
            continue
        if not body.strip():
            gap = True
            continue
        hashes = len(body) - len(body.lstrip("#"))
        body = body[hashes:].strip(" \u3000").replace("\u3000", " ")
        body = _BULLET.sub("", body)
        indent = raw.startswith(("\u3000\u3000", "    "))
        if body:
            lines.append(Line(body, gap, page, indent, hashes))
            gap = page = False
    return _with_whole_lists(_without_contents(_without_running_heads(lines)))


def _with_whole_lists(lines: list[Line]) -> list[Line]:
    """A list of appendices (附件：1.… and 2.… below) as one line: its numbers are no headings."""
    made: list[Line] = []
    number = 0
    for line in lines:
        mark = read_mark(line.text)
        if number and mark and mark.style == "1." and mark.number == number + 1 and "。" not in line.text:
            made[-1] = replace(made[-1], text=f"{made[-1].text} {line.text}")
            number += 1
            continue
        listed = re.match(r"附\s*件\s*：\s*(?=1[.、．])", line.text)
        number = 1 if listed else 0
        made.append(line)
    return made


def _without_running_heads(lines: list[Line]) -> list[Line]:
    """Short bare lines that come back on three pages or more, or at the edge of two, are the pages' heads. One that
    stands before the first heading also tells the issuer, and stays there."""
    seen = Counter(line.text for line in lines if len(line.text) < 40 and not _NOT_A_HEAD.search(line.text))
    inside = {line.text for line in lines if not line.page}
    heads = {text for text, count in seen.items() if (count > 2 or (count > 1 and text not in inside))}
    heads = {text for text in heads if not read_mark(text)}
    first = next((at for at, line in enumerate(lines) if read_mark(line.text)), 0)
    kept: dict[str, Line] = {}
    for at, line in enumerate(lines[:first]):
        kept.setdefault(line.text if line.text in heads else f"{at} {line.text}", line)
    return [*kept.values(), *_after_heads(lines[first:], heads)]


def _after_heads(lines: list[Line], heads: set[str]) -> list[Line]:
    """The lines that are no page's head; what follows a head stands at a page's edge."""
    kept: list[Line] = []
    edge = False
    for line in lines:
        if line.text in heads:
            edge = True
        else:
            kept.append(replace(line, gap=True, page=True) if edge else line)
            edge = False
    return kept


def _without_contents(lines: list[Line]) -> list[Line]:
    """Drop a table of contents: lines with dot leaders, and the bare entries after the word 目录."""
    kept: list[Line] = []
    entries: set[str] | None = None
    for line in lines:
        if _CONTENTS.fullmatch(line.text):
            entries = set()
            continue
        leaders = _LEADERS.search(line.text[-60:])
        if entries is not None:
            entry = re.sub(r"\d{0,4}$", "", line.text[:100]).rstrip(" .…·—_\t")
            bare = len(entry) < 50 and not re.search("[。；：]", entry) and read_mark(entry)
            if entry not in entries and (leaders or bare):
                entries.add(entry)
                continue
            entries = None if not leaders else entries
        if leaders and read_mark(line.text) and "。" not in line.text:
            continue
        kept.append(line)
    return kept


def line_width(lines: Sequence[Line]) -> int:
    """The width at which the text was wrapped, in half-width columns; 0 if its lines are whole paragraphs."""
    widths = sorted(_columns(line.text) for line in lines)
    if len(widths) < 6:
        return 0
    counts = Counter(widths)
    best, share = 0, 0
    for width in counts:
        if 40 <= width <= 130:
            near = sum(counts[w] for w in range(width - 4, width + 1))
            best, share = max((best, share), (width, near), key=lambda pair: (pair[1], pair[0]))
    return best if share * 10 >= len(widths) * 3 and widths[int(len(widths) * 0.9)] <= best + 6 else 0


def _columns(text: str) -> int:
    return sum(1 if c.isascii() else 2 for c in text)


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """The paragraphs of ordered lines."""
    width = line_width(lines)
    made: list[Paragraph] = []
    parts: list[str] = []
    depth, hashes, previous = 0, 0, ""
    for line in lines:
        if parts and _goes_on(parts, previous, line, depth, width):
            glue = " " if previous[-1:].isascii() and line.text[:1].isascii() else ""
            parts.append(glue + line.text)
        else:
            if parts:
                made.append(Paragraph("".join(parts), hashes, len(parts)))
            parts, depth, hashes = [line.text], 0, line.hashes
        depth = max(0, depth + line.text.count("（") - line.text.count("）"))
        previous = line.text
    if parts:
        made.append(Paragraph("".join(parts), hashes, len(parts)))
    return made


def _goes_on(parts: list[str], previous: str, line: Line, depth: int, width: int) -> bool:
    """Whether this line continues the paragraph made of ``parts``, whose last line is ``previous``."""
    if "\t" in line.text or "\t" in previous or "|" in (line.text[0], previous[0]):
        return False
    if line.text[0] in _STARTS_INSIDE:
        return True
    if line.hashes or read_mark(line.text) or (_ROLE_LINE.match(line.text) and not depth):
        return False
    if _ABOUT.match(line.text) or _ABOUT.match(previous):
        return False
    if depth and len(parts) < 20:
        return True
    if len(parts) < 4 and _is_whole_title("".join(parts)):
        return bool(_YEARS.fullmatch(line.text)) and "年" in line.text and not line.gap
    if not is_open(previous, len(parts) == 1, width):
        return _bare_title_goes_on(parts, line)
    return not line.indent


def _is_whole_title(text: str) -> bool:
    return (
        len(text) <= 80 and not re.search("[。，；：]", text) and bool(TITLE_END.search(text)) and not read_mark(text)
    )


def _bare_title_goes_on(parts: list[str], line: Line) -> bool:
    """A title set on two lines: neither has punctuation, and the first does not end as titles end."""
    whole = "".join(parts)
    plain = not re.search("[。，；：、〔]", whole + line.text)
    return (
        plain
        and not line.gap
        and len(whole) < 60
        and len(parts) < 3
        and not read_mark(whole)
        and not TITLE_END.search(whole)
        and bool(TITLE_END.search(line.text))
        and not whole.startswith(("（", "附件"))
        and not whole.endswith(("文件", "号", "目录", "日"))
    )


def is_open(text: str, first: bool = True, width: int = 0) -> bool:
    """Whether a line breaks off in mid-sentence. ``first``: it begins its paragraph and may be a heading."""
    last = text.rstrip()[-1]
    if (
        text.endswith(("印发", "发布", "日"))
        or last in SENTENCE_ENDS
        or (last in CLOSERS and text.count("（") <= text.count("）"))
    ):
        return False
    full = bool(width) and _columns(text) > width - 5
    if last in "，、" or full:
        return True
    mark = read_mark(text)
    if first and mark:
        bare = not re.search("[。；：]", text)
        return not (bare and len(text) <= 45 and (last not in _CONNECTIVES))
    if first:
        return bool(re.search("[。，；：、]", text)) and is_content(last)
    return True


def is_content(char: str) -> bool:
    """Whether the character can stand inside a sentence that goes on."""
    return is_han(char) or char.isalnum() or char in "“《（"
