"""The outline of a plan: headings, what stands under them, and the pieces of one file that are plans of their own.

Headings come in runs ("1. 建立机制。定期检查…" is a heading and its text), alone on a line, several on one line
("…（甲负责）2.…"), numbered or bare. The outline is a tree of :class:`Node`; a node without number is a bare heading.

>>> root = outline([Paragraph("一、主要任务"), Paragraph("1. 建立机制。定期检查。")])
>>> root.children[0].children[0].title, root.children[0].children[0].text
('建立机制', '建立机制。定期检查。')
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ledger.plans.marks import Mark, Numbering, read_mark
from ledger.plans.pages import TITLE_END, Line, Paragraph
from ledger.plans.text import HAN, clean, outside
from ledger.plans.units import find_roles

SECTION_NAMES = (
    "指导思想|基本原则|工作原则|总体(?:要求|思路|目标)|(?:工作|主要|总体|发展)?目标(?:任务)?|(?:主要|重点|工作|具体)任务(?:及分工|分工)?"
    "|(?:工作|主要|具体|重点|保障|组织|政策|推进)(?:措施|举措|内容|安排|步骤|保障|领域)|(?:工作|有关|相关|几点|具体)要求|组织(?:领导|实施|保障)"
    "|保障措施|实施步骤|进度安排|附则|总则|重点领域|监督(?:检查|体系|管理)|总体要求"
)
_SECTION_NAME = re.compile(rf"(?:强化|加强|健全|落实)?(?:{SECTION_NAMES})")
_INLINE = re.compile(r"(?<=[。！？）】；])\s*(?=[（\d一二三四五六七八九十①-⑳第])")
_RUN_IN = re.compile(
    rf"(?<=[{HAN}])\s*(?=（[一二三四五六七八九十]{{1,3}}）|第[一二三四五六七八九十]{{1,3}}[条节]|\d{{1,2}}\.|（\d{{1,2}}）)"
)
_GAP = re.compile(
    r"^([^\s，。；：、]{4,25}(?:机制|制度|体系|建设|管理|教育|领导|监督|考核|宣传|保障|落实|责任|服务|能力|平台))\s+(?=\S)"
)
_LONGEST_TITLE = 60
_ENDING = " 。；：，、！？.;:,—-"


@dataclass(slots=True)
class Node:
    """A heading (or the root): its mark, its words as a title, its own paragraph, the paragraphs after, what is below.

    ``text`` is the whole paragraph of the heading without the number; spaces are still those of the file.
    """

    mark: Mark | None
    title: str
    text: str
    body: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    rank: float = -1

    @property
    def label(self) -> str:
        """Number and title as they stand in a path of headings."""
        return (self.mark.label if self.mark else "") + self.title

    def has_own_text(self) -> bool:
        """Whether the item says more than its heading."""
        return bool(self.body) or len(bare(self.text)) > len(bare(self.title)) + 1


def bare(text: str) -> str:
    """A passage without its brackets, spaces and final punctuation, to compare lengths."""
    return re.sub(r"\s", "", outside(text)).strip(_ENDING)


def split_lines(lines: Sequence[Line]) -> list[Line]:
    """Lines that hold several numbered items, cut before each number that continues the numbering."""
    place = Numbering()
    made: list[Line] = []
    for line in lines:
        if "\t" in line.text or line.text.startswith("|"):
            made.append(line)
            continue
        start = 0
        mark = read_mark(line.text)
        place = place.after(mark) if mark else place
        for at, found in _inline_marks(line.text):
            if _begins_item(line.text, start, at, found, place):
                made.append(replace(line, text=line.text[start:at].strip(), gap=line.gap and not start))
                start, place = at, place.after(found)
        made.append(replace(line, text=line.text[start:].strip(), gap=line.gap and not start))
    return made


def _inline_marks(text: str) -> Iterator[tuple[int, Mark]]:
    spots = {m.end() for m in _INLINE.finditer(text)} | {m.end() for m in _RUN_IN.finditer(text)}
    for at in sorted(spots - {0}):
        mark = read_mark(text, at)
        if mark and mark.end < len(text):
            yield at, mark


def _begins_item(text: str, start: int, at: int, mark: Mark, place: Numbering) -> bool:
    """Whether a number inside a line begins an item: after a full stop or an assignment, or after a short heading."""
    if not place.fits(mark):
        return False
    open_level = mark.number == 1 or mark.style in dict(place.open)
    before = text[start:at].rstrip()
    own = read_mark(before)
    if before[-1] in "。！？":
        return open_level and (mark.number > 1 or _goes_on_to_two(text, mark))
    if before[-1] in "）】；":
        closed = before.rstrip("；")
        return (
            closed[-1:] in "）】" and mark.number > 1 and bool(re.search("单位|部门|负责|牵头|落实|配合", before[-80:]))
        )
    words = before[own.end :] if own else before
    deeper = own is not None and mark.rank > own.rank and mark.style != "1.1"
    return deeper and 1 < len(words) < 30 and not re.search("[。，；：、（）《》]|第.{0,3}$", words)


def _goes_on_to_two(text: str, mark: Mark) -> bool:
    for at, other in _inline_marks(text):
        if other.style == mark.style and other.number == 2 and text[:at].rstrip()[-1] in "。）】！？":
            return True
    return False


def split_plans(lines: Sequence[Line]) -> list[list[Line]]:
    """The plans of one file: a new one begins where the numbering begins again under a title."""
    starts = [0]
    top: int | None = None
    title: int | None = None
    for at, line in enumerate(lines):
        mark = read_mark(line.text)
        if not mark:
            if is_title(line.text):
                title = _title_start(lines, at, starts[-1])
            continue
        if mark.number == 1 and top is not None and mark.rank <= top and title is not None and title > starts[-1]:
            starts.append(title)
            top = None
        top = mark.rank if top is None else min(top, mark.rank)
        title = None
    return [list(lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _title_start(lines: Sequence[Line], at: int, floor: int) -> int:
    """The first line of a title that may be set on several, its document number and red head before it."""
    while at - 1 > floor and not re.search("[。；：]", lines[at - 1].text) and not read_mark(lines[at - 1].text):
        if re.search(r"日$|印发$", lines[at - 1].text):
            break
        if lines[at].gap and not re.search(r"文件$|〔\d{4}〕\d+号$", lines[at - 1].text):
            break
        at -= 1
    return at


def is_title(text: str) -> bool:
    """Whether a line looks like the title of a document."""
    text = clean(text)
    return 6 <= len(text) <= 80 and bool(TITLE_END.search(text)) and not re.search("[，。；：]", outside(text))


def outline(paragraphs: Sequence[Paragraph]) -> Node:
    """The tree of a plan's paragraphs; what stands before the first heading is the root's body."""
    root = Node(None, "", "")
    path = [root]
    numbered = any(read_mark(p.text) for p in paragraphs)
    for at, paragraph in enumerate(paragraphs):
        following = paragraphs[at + 1].text if at + 1 < len(paragraphs) else ""
        node = _heading(paragraph, following, numbered, bool(root.children))
        if node is None:
            path[-1].body.append(paragraph.text)
            continue
        while path[-1].rank >= node.rank:
            path.pop()
        path[-1].children.append(node)
        path.append(node)
    return root


def _heading(paragraph: Paragraph, following: str, numbered: bool, begun: bool) -> Node | None:
    mark = read_mark(paragraph.text)
    if mark:
        text = paragraph.text[mark.end :].strip()
        return Node(mark, title_of(text), text, rank=mark.rank)
    text = paragraph.text.strip()
    if len(text) > 30 or re.search("[，。；：！？|\t（]", text) or is_title(text) or not following:
        return None
    known = _SECTION_NAME.fullmatch(clean(text))
    if known and not numbered:
        return Node(None, clean(text), text, rank=1)
    if known and paragraph.hashes:
        return Node(None, clean(text), text, rank=3)
    if (paragraph.hashes and begun) or (not numbered and begun and len(following) > 2 * len(text) and len(text) <= 25):
        return Node(None, clean(text), text, rank=2 if not numbered else 4)
    return None


def title_of(text: str) -> str:
    """The short title of an item: its heading, or the wording of its first sentence.

    >>> title_of("完善机制：定期检查，及时通报。")
    '完善机制'
    """
    gap = _GAP.match(text)
    if gap and len(text) > gap.end() + 15 and "。" in text:
        return clean(gap[1])
    plain = outside(text)
    end = re.search("[。！？；]", plain)
    stop = end.start() if end else len(plain)
    colon = plain.find("：", 0, stop)
    if 2 <= colon <= 25 and not re.search("[，、]", plain[:colon]):
        stop = colon
    words = re.sub("^[一二三四五六七八九十]{1,2}是(?:要)?", "", without_brackets(text[:stop]))
    if len(words) > _LONGEST_TITLE:
        comma = outside(words).find("，", 6)
        words = words[:comma] if 0 < comma <= _LONGEST_TITLE else words
    return clean(words).strip(_ENDING)


def without_brackets(text: str) -> str:
    """The text without the brackets that name who is responsible or until when."""
    for start, end, _ in reversed(find_roles(text)):
        text = text[:start] + text[end:]
    return text
