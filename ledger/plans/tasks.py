"""From a plan's outline to its tasks: which items are duties, whose they are, and when they are due.

Every numbered item of the sections of work is a task, at the deepest level that has text of its own. General
sections (指导思想, 基本原则, 总体要求 …) hold none; goals (工作目标, 主要目标) only where they set a date. Bodies come
from the item's own brackets, from its text (由A负责), from the heading above, or else the task is the issuing
government's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ledger.plans.dates import find_due
from ledger.plans.front import Front
from ledger.plans.marks import RANKS
from ledger.plans.outline import SECTION_NAMES, Node, title_of
from ledger.plans.pieces import Piece, cut, join
from ledger.plans.table import is_row, read_table
from ledger.plans.text import clean, is_han
from ledger.plans.units import Roles, roles_in_text

_WORK = re.compile("任务|措施|举措|分工")
_GENERAL = re.compile(
    "指导思想|基本原则|工作原则|总体要求|总体思路|总体目标|主要原则|(?:重大|重要)意义|(?:主体|适用|实施|治理|规划)范围$|(?:适用|实施|工作)对象$|编制依据"
    "|工作依据|术语|名词解释|^总则$|^附则$|^定义|^概述|^前言|^(?:工作|发展|基本|建设|面临|当前)?(?:背景|现状|形势|情况|基础)$"
)
_GOAL = re.compile("目标(?!任务|考核|责任|管理|绩效|体系)")
_AWARENESS = re.compile("(?:高度重视|充分认识|深刻认识|切实提高|提高认识|提高思想|统一思想|准确把握|深刻把握|深刻理解)")
_GENERIC = re.compile(rf"(?:强化|加强|健全|落实|完善)?(?:{SECTION_NAMES})")
_NO_DUTY = re.compile(
    r"^(?:本|此)[^，。]{1,12}(?:自|由|从|有效期)[^。]*(?:施行|实施|执行|解释|生效|有效期|为止|年)[^。]*。?(?:[^。]*废止。?)?$"
)
_STEP = re.compile("阶段|步骤|进度安排")
_DATED = re.compile(
    r"(?:到|至|在|截至|力争|确保|用)?(?:20\d\d|二〇[一二三四五]〇?[一二三四五六七八九]?)年[^，。；]{0,8}?(?=[，,]|前|底|末|建|实|完|基|全)"
)
_LASTING = re.compile(r"(?:^|[，。；])(?:并)?(?:长期坚持|长期实施|持续实施|持续推进|常态化推进)(?:[。；]|$)")


@dataclass(frozen=True, slots=True)
class Task:
    """One duty of a plan.

    ``title``: short, without number. ``text``: the whole task, without its number and assignment. ``section``: the
    path of headings, joined with " / ". ``lead``, ``responsible``, ``supporting``: 牵头, 责任 and 配合单位 as named; a
    task that names none is the issuer's. ``due``: "2024-12-31", yearly "--06-30", monthly "---05", in the text's
    order. ``continuous``: 持续实施, 长期坚持.
    """

    title: str
    text: str
    section: str
    lead: tuple[str, ...]
    responsible: tuple[str, ...]
    supporting: tuple[str, ...]
    due: tuple[str, ...]
    continuous: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A task before its bodies and dates are settled."""

    title: str
    text: str
    path: tuple[str, ...]
    roles: Roles


_NOBODY = Roles()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: headings above, what kind of section it is, and what the headings assigned."""

    path: tuple[str, ...] = ()
    kind: str = "work"
    roles: Roles = _NOBODY


def read_tasks(root: Node, front: Front) -> tuple[Task, ...]:
    """The tasks of a plan's outline, in its order."""
    year = int(front.issued_on[:4]) if front.issued_on else None
    named = re.search(r"(20\d\d)年(?!.*20\d\d)", front.title)
    standing: tuple[str, ...] = ()
    tasks = []
    for found in _walk(root):
        roles = found.roles
        if standing:
            roles = roles.joined(Roles(responsible=standing))
        if not roles.names_any():
            roles = replace(roles, responsible=(front.issuer,))
        standing = tuple(dict.fromkeys((*standing, *found.roles.later)))
        tasks.append(_task(found, roles, int(named[1]) if named else year, front.issued_on))
    return tuple(tasks)


def _task(found: _Found, roles: Roles, year: int | None, issued_on: str | None) -> Task:
    due = dict.fromkeys(find_due(found.text, year=year, issued_on=issued_on))
    for passage in roles.until:
        due |= dict.fromkeys(find_due(passage, year=year, issued_on=issued_on, labelled=True))
    if _STEP.search(" ".join((*found.path[-2:], found.title))):
        due |= dict.fromkeys(find_due(found.title, year=year, issued_on=issued_on, labelled=True))
    return Task(
        found.title,
        found.text,
        " / ".join(found.path),
        roles.lead,
        roles.responsible,
        roles.supporting,
        tuple(due),
        roles.continuous or bool(_LASTING.search(found.text)),
    )


def _walk(root: Node) -> Iterator[_Found]:
    rows = [p for p in root.body if is_row(p)]
    yield from _table(rows, _Place())
    if not root.children:
        yield from (f for f in _separate(cut([p for p in root.body if not is_row(p)]), _Place(), False))
    yield from _children(root, _Place(), 1)


def _children(node: Node, place: _Place, depth: int) -> Iterator[_Found]:
    shared = _shared_roles(node)
    below = replace(place, roles=shared) if shared else place
    for number, child in enumerate(node.children):
        yield from _item(child, below, depth, number)


def _shared_roles(node: Node) -> Roles | None:
    """The assignment that stands alone below the last of several small items (1., （1）, ①), none of which has its own:
    it is for all of them."""
    leaves = node.children
    if not (node.mark and node.mark.rank > RANKS["一、"] and leaves and leaves[0].rank > RANKS["（一）"]):
        return None
    if len(leaves) < 2 or any(child.children for child in leaves) or not leaves[-1].body:
        return None
    if any(p.roles for child in leaves[:-1] for p in cut([child.text, *child.body])):
        return None
    alone = cut([leaves[-1].body[-1]])
    return alone[0].roles if len(alone) == 1 and not alone[0].text else None


def _kind(node: Node, place: _Place, depth: int, number: int) -> str:
    title = node.title
    if _WORK.search(title) and not _GENERAL.match(title):
        return "work"
    if _GOAL.search(title) and len(title) <= 12:
        return "goal"
    if _GENERAL.search(title) and len(title) <= 30:
        return "goal" if re.search("总体(?:要求|思路)", title) and not node.children else "general"
    if depth == 1 and number == 0 and _AWARENESS.match(title):
        return "general"
    return place.kind


def _item(node: Node, place: _Place, depth: int, number: int) -> Iterator[_Found]:
    kind = _kind(node, place, depth, number)
    _absorb_enumeration(node)
    here = _Place((*place.path, node.label), kind, place.roles)
    rows = [p for p in node.body if is_row(p)]
    words = [node.text, *(p for p in node.body if not is_row(p))]
    pieces = cut(words)
    named = any(p.roles and p.roles.names_any() for p in pieces)
    if node.children:
        assigned = [p.roles for p in pieces if p.roles]
        if assigned and kind == "work" and len(pieces[0].text) > len(node.title) + 12:
            yield from _leaf(node, words, pieces, here)
        for roles in assigned:
            here = replace(here, roles=here.roles.joined(roles))
        yield from _children(node, here, depth + 1)
    elif kind == "goal" and not named:
        yield from _goals(words, pieces, here)
    elif (kind == "work" or named) and not (rows and len(words) == 1 and _only_heading(clean(node.text), node)):
        yield from _leaf(node, words, pieces, here)
    yield from _table(rows, here)


def _absorb_enumeration(node: Node) -> None:
    """Parts of one sentence (…以下工作：（1）…；（2）…。) are text of their item, not items."""
    before = (node.body or [node.text])[-1]
    parts = [join([child.text, *child.body]) for child in node.children]
    if len(parts) < 2 or not before.endswith("：") or any(child.children for child in node.children):
        return
    if all(part.rstrip()[-1:] in tuple("；;，") for part in parts[:-1]):
        for child in node.children:
            node.body += [(child.mark.label if child.mark else "") + child.text, *child.body]
        node.children = []


def _leaf(node: Node, words: Sequence[str], pieces: list[Piece], place: _Place) -> Iterator[_Found]:
    """The task or tasks of an item without items below."""
    assigned = [p for p in pieces if p.roles]
    generic = bool(_GENERIC.fullmatch(node.title)) and (len(place.path) == 1 or not node.mark)
    if generic and not node.has_own_text():
        return
    head = pieces[0] if pieces else None
    if head and head.paragraph == 0 and len(assigned) > 1 and _only_heading(head.text, node):
        if head.roles:
            place = replace(place, roles=place.roles.joined(head.roles))
            assigned = assigned[1:]
        if len(assigned) > 1:
            yield from _separate(pieces[1:], place, True)
            return
    if len(assigned) > 1:
        yield from _separate(pieces, place, True, node.title)
        return
    if generic and not assigned and len(words) > 2:
        yield from _separate(pieces[1:], place, True)
        return
    roles = Roles()
    for piece in assigned:
        roles = roles.joined(piece.roles or roles)
    texts = [p.text for p in pieces]
    if generic and len(texts) > 1 and _only_heading(texts[0], node):
        texts = texts[1:]
    text = join(texts)
    title = title_of(text.removeprefix(node.title).lstrip("。：\n ") or text) if generic else node.title
    yield from _settled(title or node.title, text, place, roles)


def _only_heading(text: str, node: Node) -> bool:
    return len(text.strip("。：； ")) <= len(node.title) + 1


def _separate(pieces: Sequence[Piece], place: _Place, numbered: bool, title: str = "") -> Iterator[_Found]:
    """A task for each assigned piece; under a heading also for each paragraph without assignment."""
    for at, piece in enumerate(pieces):
        if piece.text and (piece.roles or numbered):
            own = title if not at and title else title_of(piece.text)
            yield from _settled(own, piece.text, place, piece.roles or Roles())


def _settled(title: str, text: str, place: _Place, roles: Roles) -> Iterator[_Found]:
    """Fill in bodies from the text and from the headings above; drop what only says when a plan takes effect."""
    if not any(map(is_han, text)) or _NO_DUTY.match(text):
        return
    title = title or text.strip("。；，、： \n")[:60]
    if not roles.names_any():
        inside = roles_in_text(text)
        roles = roles.joined(inside if inside.names_any() else place.roles)
    elif place.roles.lead and not roles.lead and not place.roles.responsible:
        roles = replace(roles, lead=place.roles.lead)
    yield _Found(title, text.rstrip("；"), place.path, roles)


def _goals(words: Sequence[str], pieces: Sequence[Piece], place: _Place) -> Iterator[_Found]:
    """The dated goals of a section of goals: from each deadline to the next."""
    roles = Roles()
    for piece in pieces:
        roles = roles.joined(piece.roles or Roles())
    for text in (p.text for p in pieces):
        dated = [m for m in _DATED.finditer(text) if find_due(text[m.start() : m.end() + 6])]
        starts: dict[int, int] = {}
        for match in dated:
            starts.setdefault(_sentence_start(text, match.start()), match.end())
        for start, end in zip(starts, [*list(starts)[1:], len(text)], strict=False):
            goal = clean(text[start:end])
            words_only = text[starts[start] : end].lstrip("年底前末之以、， ")
            yield from _settled(title_of(_first_clause(words_only)), goal, place, roles)


def _sentence_start(text: str, at: int) -> int:
    return max(text.rfind(stop, 0, at) for stop in "。；") + 1


def _first_clause(text: str) -> str:
    clause = re.split("[，。；]", text, maxsplit=1)[0]
    return clause if len(clause) > 3 else text


def _table(lines: Sequence[str], place: _Place) -> Iterator[_Found]:
    for row in read_table(lines) if lines else ():
        path = (*place.path, row.category) if row.category else place.path
        title = title_of(row.title)
        yield from _settled(title, row.text, replace(place, path=path), row.roles)
