"""Who is to do a task: the brackets, lines and phrases that name responsible bodies.

Understood: labels (牵头单位：… 责任单位：…；配合单位：…), verbs (A牵头，B、C配合; A、B分别负责; A负责，B落实), bare
lists at the end of a sentence (A、B；持续实施), and in running text 由A负责 and A会同B负责. Deadlines and 持续实施 in
the bracket are taken out of the list; a bracket that is none of these is left in the text.

>>> found = read_roles("市发改委牵头，市财政局、市司法局配合；2024年底前完成")
>>> found.lead, found.supporting, found.until
(('市发改委',), ('市财政局', '市司法局'), ('2024年底前完成',))
>>> read_roles("社会福利、救助和扶贫资金除外") is None
True
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ledger.plans.names import specific, split_names, unit_like
from ledger.plans.text import brackets, outside

_LABEL = re.compile(
    r"(?P<name>[^，。；：、（）\s]{0,4}?(?:"
    r"(?P<time>(?:完成|办结|工作|推进|实施|整改)?(?:时限|时间|期限|节点|进度)(?:要求|安排|节点|进度)?)"
    r"|(?P<person>[^，。；：、（）\s]{0,4}领导|责任人|联系人|联系电话|责任科室)"
    r"|(?:(?P<lead>总?牵头|主办|主责|首要|第一责任)|(?P<help>配合|协办|协助|协同|参与|参加|支持|会办)|(?P<duty>责任|负责|落实|实施|承办|承担|完成|主管|执行|部门分工|责任分工|任务分工))"
    r"(?:（[^（）]{1,6}）)?(?:和责任|责任)?(?:单位|部门|主体|机构|机关|处室|地区|方|县区)?(?:及责任人)?))\s*：\s*"
)
_LABELLED_LINE = re.compile(
    r"\s*[^，。；：（）\s]{0,6}(?:单位|部门|主体|机构|机关|处室|领导|责任人|时限|期限|时间|分工)(?:及责任人)?\s*："
)
_VERB = re.compile(
    r"(?:(?:按照?|依|根据)(?:照|据)?(?:各自)?(?:工作)?(?:职责|职能|分工|责任)(?:分工|范围|权限)?)?"
    r"(?:共同|分别|具体|组织|各自|统一|分头|积极|按要求|协同|督促|督办|监督|指导)*"
    r"(?P<verb>牵头负责|负责牵头|牵头抓总|牵头落实|牵头组织实施|牵头实施|牵头|主办|配合落实|负责配合|配合|协助配合|协助|协办|参与配合|参与|参加|支持"
    r"|负责落实|负责实施|负责|抓好落实|贯彻落实|组织落实|落实|组织实施|承办|实施|执行)(?:等?工作)?$"
)
_ALONE = re.compile(r"(?:按照?|依|根据)(?:照|据)?(?:各自)?(?:工作)?(?:职责|职能|分工)(?:分工)?$")
_TIME = re.compile(
    r"\d{4}年|\d{1,2}月|[一二三四]季度|年底|年内|每年|每月|每季|月底|[上下]半年|长期|持续|常年|常态化|适时|即时|立即|立行立改|十四五|十五五"
)
_CONTINUOUS = re.compile(
    r"(?:长期|持续|常年|常态化?)(?:地)?(?:坚持|实施|推进|开展|落实|推动|执行|抓好|有效|性|进行)*(?:工作)?$"
)
_LATER = re.compile(
    r"以下(?:各?项?(?:任务|工作|内容|措施)?)(?:责任单位)?(?:均|都|全部|皆)?(?:还)?(?:需要?|须|由|应由?|包括|要求)?(?P<names>[^。；]{2,60}?)"
    r"(?:共同|分别|按职责|具体)?(?:落实|负责|配合|参与|执行|实施)?[，,。；、]?(?:不再(?:一一|逐一|逐项|另行|单独|重复)?(?:列出|列举|列明|标注|注明|赘述|说明|列))"
)
_IN_TEXT = re.compile(
    r"^(?:由)?(?P<names>[^：]{3,90}?)(?P<verb>牵头负责|负责牵头|牵头|共同负责|分别负责|负责|承办|主办|(?:予以|共同|积极)?(?:配合|协助)$)"
)
_LABELLED_SENTENCE = re.compile(
    r"^[^，：]{0,6}?(?:(?P<lead>牵头|主办)|(?P<help>配合|协办)|责任|承办|实施)(?:单位|部门|主体|机构)(?:为|是)(?P<names>.{2,200})$"
)
_ABOUT_THE_LIST = re.compile("下同|第一位|排名第一|首位")
_ASIDE = re.compile("含|包括|如|以下|即|不含|除|或|简称|原|下称|指|例如|详?见|注|其中|不再")
_BEGINS_DEED = re.compile(
    "(?<=[^对向将每要应于在])(?:[对向将每要应于在按依定共]|组织(?!部)|开展|加强|建立|制定|研究(?!室|院)|出台|完善|做好|统筹(?!办)|推进(?!办))"
)
_MOST = 800


@dataclass(frozen=True, slots=True)
class Roles:
    """An assignment. ``until`` holds the passages that speak of time, ``later`` the bodies of every later task."""

    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    supporting: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    continuous: bool = False

    def names_any(self) -> bool:
        """Whether any body is named for this task."""
        return bool(self.lead or self.responsible or self.supporting)

    def joined(self, other: Roles) -> Roles:
        """Both assignments together, without doubles."""
        return Roles(
            _union(self.lead, other.lead),
            _union(self.responsible, other.responsible),
            _union(self.supporting, other.supporting),
            _union(self.until, other.until),
            _union(self.later, other.later),
            self.continuous or other.continuous,
        )


def _union(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*left, *right)))


@dataclass(slots=True)
class _Draft:
    """Names as they are being gathered: those whose role is not known yet stand in ``waiting``."""

    lead: list[str] = field(default_factory=list)
    responsible: list[str] = field(default_factory=list)
    supporting: list[str] = field(default_factory=list)
    until: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    verbs: int = 0
    continuous: bool = False

    def settle(self, role: str) -> None:
        getattr(self, role).extend(self.waiting)
        self.waiting = []

    def roles(self) -> Roles:
        lead, duty = tuple(dict.fromkeys(self.lead)), tuple(dict.fromkeys(self.responsible))
        return Roles(lead, duty, tuple(dict.fromkeys(self.supporting)), tuple(self.until), (), self.continuous)


def read_roles(content: str, *, closing: bool = True) -> Roles | None:
    """The assignment that a bracket's content (or a line) makes; None if it makes none.

    ``closing``: the bracket closes a sentence, so that a bare list of bodies is an assignment too.
    """
    if len(content) > _MOST:
        return None
    content, later = _without_later(content.strip())
    labels = [m for m in _LABEL.finditer(content) if _is_label(content, m)]
    draft = _Draft()
    if labels:
        _clauses(content[: labels[0].start()], draft)
        draft.settle("responsible")
        for match, after in zip(labels, [*labels[1:], None], strict=True):
            _labelled(match, content[match.end() : after.start() if after else len(content)], draft)
    else:
        if not _ASIDE.match(content):
            _clauses(content, draft)
        if not _is_assignment(content, draft, closing):
            return Roles(later=later) if later else None
        draft.settle("responsible")
    found = draft.roles()
    if not (found.names_any() or found.until or found.continuous or later or labels):
        return None
    return replace(found, later=later)


def _is_label(content: str, match: re.Match[str]) -> bool:
    """A role's word with a colon begins the bracket or follows a separator or the end of a name."""
    before = content[: match.start()].rstrip()
    return not before or before[-1] in "；，。;, 、" or content[match.start() - 1].isspace() or unit_like(before[-30:])


def _without_later(content: str) -> tuple[str, tuple[str, ...]]:
    match = _LATER.search(content)
    if not match:
        return content, ()
    return content[: match.start()] + content[match.end() :], split_names(match["names"])


def _labelled(label: re.Match[str], text: str, draft: _Draft) -> None:
    text = text.strip(" ；，。")
    if label["person"]:
        return
    if label["time"]:
        _time(text, draft)
        return
    role = "lead" if label["lead"] else "supporting" if label["help"] else "responsible"
    if label["duty"] and re.search("牵头", label["name"]):
        role = "lead"
    _clauses(text, draft)
    draft.settle(role)


def _clauses(text: str, draft: _Draft) -> None:
    """Gather the names of a list; a verb at a clause's end gives their role to those that wait."""
    plain = outside(text)
    at = 0
    for end in [*(m.start() for m in re.finditer("[，；。,;]", plain)), len(text)]:
        clause = text[at:end].strip()
        at = end + 1
        if not clause or _ABOUT_THE_LIST.search(clause):
            continue
        if _TIME.search(clause) and not unit_like(clause):
            _timed(clause, draft)
            continue
        verb = _VERB.search(clause)
        if verb:
            _name(clause[: verb.start()], draft)
            draft.verbs += 1
            draft.settle(_role_of(verb["verb"]))
        elif _ALONE.match(clause):
            draft.verbs += 1
        else:
            _name(_ALONE.sub("", clause), draft)


def _name(text: str, draft: _Draft) -> None:
    draft.waiting.extend(split_names(text))


def _timed(clause: str, draft: _Draft) -> None:
    """A clause about time may still begin with names: A、B负责2024年底前完成."""
    match = re.match(r"(.+?)(?P<verb>牵头|负责|配合)[，,]?(?=\d|每|长期|持续|到|至)", clause)
    if match and all(map(unit_like, split_names(match[1]))):
        _name(match[1], draft)
        draft.verbs += 1
        draft.settle(_role_of(match["verb"]))
        clause = clause[match.end() :]
    _time(clause, draft)


def _time(text: str, draft: _Draft) -> None:
    if _CONTINUOUS.search(text.strip(" 。；")):
        draft.continuous = True
    if re.search(r"\d|底|年|月|季", text):
        draft.until.append(text)


def _role_of(verb: str) -> str:
    if "牵头" in verb or verb == "主办":
        return "lead"
    return "supporting" if re.match("配合|协|参|支持|负责配合", verb) else "responsible"


def _is_assignment(content: str, draft: _Draft, closing: bool) -> bool:
    """Without labels: all names must be names of bodies, and a verb, a time or the place at a sentence's end speak."""
    names = [*draft.lead, *draft.responsible, *draft.supporting, *draft.waiting]
    if not names:
        until = draft.until and re.search("前|底|末|完成|时限|每", content)
        return bool(draft.continuous or until) and closing and len(content) < 30
    likely = sum(map(unit_like, names))
    if draft.verbs:
        return likely == len(names) or (likely >= 2 and likely * 4 >= len(names) * 3)
    if likely < len(names):
        return False
    timed = bool(draft.continuous or draft.until)
    return (closing or timed) and (timed or any(map(_assigned_name, names)))


def _assigned_name(name: str) -> bool:
    return specific(name) or bool(re.match("各|市直|县直|区直|省直|州直", name))


def find_roles(text: str) -> list[tuple[int, int, Roles]]:
    """Every assignment in a paragraph as (start, end, roles): brackets, and a labelled tail without brackets."""
    found = []
    for start, end in brackets(text):
        before, after = text[max(0, start - 30) : start].rstrip(), text[end + 1 : end + 31].lstrip()
        closing = not before or before[-1] in "。！？；：）】" or not after or after[0] in "。；！？（【"
        roles = read_roles(text[start + 1 : end], closing=closing)
        if roles:
            found.append((start, end + 1, roles))
    tail = _labelled_tail(text, found[-1][1] if found else 0)
    return found + ([tail] if tail else [])


def _labelled_tail(text: str, floor: int) -> tuple[int, int, Roles] | None:
    """责任单位：A、B at the end of a paragraph, or as a line of its own; and a bracket that never closes."""
    plain = outside(text)
    for match in re.finditer(r"(?:^|(?<=[。；！？\s]))[（【—-]{0,2}(?=[^，。；：（）\s]{2,10}：)", plain):
        start = match.start()
        if start < floor or not _LABELLED_LINE.match(text[match.end() :]) or len(text) - start > _MOST:
            continue
        label = _LABEL.match(text, match.end())
        roles = read_roles(text[match.end() :].strip(" 。；）】")) if label else None
        named = [*roles.lead, *roles.responsible, *roles.supporting] if roles else []
        if roles and sum(map(unit_like, named)) * 2 >= len(named):
            return start, len(text), roles
    return None


def roles_in_text(text: str) -> Roles:
    """Bodies that a text without bracket makes responsible, if named one by one: 由A负责, A牵头, A会同B where a clause
    begins. Of A会同有关部门 only A is named."""
    found = Roles()
    plain = outside(text)
    for clause in re.split("[。；！？，\n]", plain):
        match = _IN_TEXT.match(clause.strip())
        role = _role_of(re.sub("^(?:予以|共同|积极)", "", match["verb"])) if match else "responsible"
        subject = match["names"] if match else _together(clause.strip())
        names = split_names(subject)
        chosen = tuple(name for name in names if specific(name))
        if chosen and specific(names[0]) and all(map(unit_like, names)):
            found = found.joined(_alone(role, chosen))
    for sentence in re.split("[。；！？\n]", plain):
        label = _LABELLED_SENTENCE.match(sentence.strip())
        names = split_names(label["names"]) if label else ()
        if label and names and all(map(unit_like, names)):
            role = "lead" if label["lead"] else "supporting" if label["help"] else "responsible"
            found = found.joined(_alone(role, names))
    return found if found.lead or found.responsible else replace(found, supporting=())


def _alone(role: str, names: tuple[str, ...]) -> Roles:
    if role == "lead":
        return Roles(lead=names)
    return Roles(supporting=names) if role == "supporting" else Roles(responsible=names)


def _together(clause: str) -> str:
    """The bodies before the verb of a clause that begins with A会同B; nothing for other clauses."""
    if not re.match("[^会]{3,40}会同", clause):
        return ""
    verbs = [m.start() for m in _BEGINS_DEED.finditer(clause[:90])]
    fitting = [at for at in verbs if all(map(unit_like, split_names(clause[:at]))) and "会同" in clause[:at]]
    return clause[: fitting[0]] if fitting else ""
