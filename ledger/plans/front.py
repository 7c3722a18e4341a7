"""What a plan says about itself: title, document number, issuing government, date, and whether it is a draft.

The parts follow GB/T 9704-2012: red head (…文件), number (德政〔2019〕73号), title, addressees, signature and date,
and the printer's line (…办公室 2019年6月14日印发). Government sites put 发文机关, 发文字号 and 成文日期 before.

>>> front = read_front(["德化县人民政府文件", "德政〔2019〕73号", "德化县加强政务诚信建设实施方案"], [], [])
>>> front.issuer, front.number
('德化县人民政府', '德政〔2019〕73号')
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.plans.marks import chinese_number
from ledger.plans.names import unit_like
from ledger.plans.outline import is_title
from ledger.plans.text import HAN, clean

UNNAMED_ISSUER = "本级人民政府"

_NUMBER_LINE = re.compile(
    rf"(?:发文字号|文\s*号|文件编号)?[：\s]*([{HAN}]{{2,16}}〔\d{{4}}〕第?\d{{1,5}}号)(?:\s.*|签发.*)?$"
)
_FEW = r"([\d一二三四五六七八九十]{1,3})"
_DATE = rf"([12二][\d〇零○O一二三四五六七八九]{{3}})\s*年\s*{_FEW}\s*月\s*{_FEW}\s*日"
_PRINTED = re.compile(rf"{_DATE}\s*(?:印发|印制|发布|公布)")
_DATE_LINE = re.compile(rf"[（]?{_DATE}[）]?")
_LABELLED_DATE = re.compile(
    rf"(?:成文日期|发文日期|印发日期|发布日期|发布时间|公开日期)[：\s]*(?:{_DATE}|(20\d\d)[-./](\d{{1,2}})[-./](\d{{1,2}}))"
)
_LABELLED_ISSUER = re.compile(r"(?:发文机关|发布机构|发文单位|制发机关|印发机关|发布单位|公开主体)[：\s]+(\S{4,30})")
_HEAD = re.compile(r"(.{4,30}?)(?:文件|（文件）)$")
_NOTICE = re.compile(r"(.{3,30}?(?:政府(?:办公室|办公厅|办)?|委员会|办公室|局|领导小组))(?:关于|印发)")
_SIGNATURE = re.compile("[府会室局委部组]$")
_QUOTED = re.compile(r"《([^《》]+)》")
_ISSUING = re.compile(".*关于(?:印发|下发|转发)(.+)的通知")
_OF_A_GOVERNMENT = re.compile(r"(.*人民政府)(?:办公室|办公厅|办)$")
_DRAFT = re.compile(r"征求意见|征集意见|意见征集|草案|送审稿|讨论稿")
_DRAFT_NOTE = re.compile(r"[（【]?(?:公开)?(?:征求意见稿|草案|送审稿|讨论稿)[）】]?$")
_VERBS = "加快推强进关于建设开展立实施深化优全面一步完善贯彻落构印发创提升规范"
_LEVELS = "特别行政区|自治区|自治州|自治县|自治旗|地区|省|市|州|盟|县|区|旗|镇|乡|街道"
_PLACE = re.compile(rf"(?:(?![{_VERBS}市县区])[{HAN}]){{2,7}}?(?:{_LEVELS})(?!政府|直|级|委|域|块)")
_ZONE = re.compile(rf"((?:(?![{_VERBS}])[{HAN}]){{2,14}}?(?:开发区|高新区|经开区|示范区|新区|功能区))")
_ANY_PLACE = re.compile(rf"(?:(?![{_VERBS}和与及市县区省各级对全我本])[{HAN}]){{2,4}}[市县区州旗](?:人民)?政府")


@dataclass(frozen=True, slots=True)
class Front:
    """The facts about one plan; ``issued_on`` is an ISO date."""

    title: str
    number: str | None
    issuer: str
    issued_on: str | None
    draft: bool


def read_front(before: Sequence[str], body: Sequence[str], after: Sequence[str]) -> Front:
    """The facts, from the paragraphs before the first heading, those of the body, and the last ones."""
    outer = [clean(p) for p in (*before, *after)]
    title, noted = _title([clean(p) for p in before])
    issuer = _issuer(outer, [clean(p) for p in after], title) or _mentioned([*outer, *map(clean, body)])
    draft = noted or bool(_DRAFT.search(title)) or any(_DRAFT_NOTE.fullmatch(p) for p in outer)
    return Front(title, _number(outer), issuer or UNNAMED_ISSUER, _issued_on(outer), draft)


def _title(before: Sequence[str]) -> tuple[str, bool]:
    """The title nearest the text: the plan's own rather than the covering notice's."""
    titles = [p for p in before if is_title(p) and not _HEAD.match(p)]
    noted = bool(titles) and any(_DRAFT_NOTE.fullmatch(p) for p in before)
    if not titles:
        short = [p for p in before if len(p) <= 60 and not re.search("[。；：，]|〔|文件$|印发$", p)]
        titles = short[:1]
    title = titles[-1] if titles else ""
    quoted = _QUOTED.search(title)
    if quoted and "通知" in title[quoted.end() :]:
        title = quoted[1]
    issuing = _ISSUING.fullmatch(title)
    if issuing:
        title = issuing[1]
    bare = _DRAFT_NOTE.sub("", title).strip()
    return bare, noted or bare != title


def _number(outer: Sequence[str]) -> str | None:
    for paragraph in outer:
        line = _NUMBER_LINE.match(paragraph)
        if line:
            return line[1]
    return None


def _issued_on(outer: Sequence[str]) -> str | None:
    for pattern in (_PRINTED, _LABELLED_DATE, _DATE_LINE):
        for paragraph in outer:
            match = pattern.fullmatch(paragraph) if pattern is _DATE_LINE else pattern.search(paragraph)
            if match and len(paragraph) < 80:
                parts = [g for g in match.groups() if g]
                date = _iso(parts)
                if date:
                    return date
    for paragraph in outer:
        match = re.search(rf"{_DATE}$", paragraph)
        if match and len(paragraph) < 60 and unit_like(paragraph[: match.start()].strip()):
            return _iso(match.groups())
    return None


def _iso(parts: Sequence[str]) -> str | None:
    year, month, day = (chinese_number(re.sub("[零○O]", "〇", part)) or 0 for part in parts)
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _issuer(outer: Sequence[str], after: Sequence[str], title: str) -> str | None:
    """Label, red head, signature, the covering notice's title, the title's place: the first that says it."""
    for paragraph in outer:
        labelled = _LABELLED_ISSUER.search(paragraph)
        if labelled and unit_like(labelled[1]):
            return _government(labelled[1])
    for paragraph in outer:
        head = _HEAD.fullmatch(paragraph)
        if head and unit_like(head[1]):
            return _government(head[1].split(" ")[-1])
    for paragraph, following in zip(outer, [*outer[1:], ""], strict=False):
        signature = re.sub(rf"\s*{_DATE}(?:印发)?.*$", "", paragraph).strip()
        signed = signature != paragraph or re.match(_DATE, following) or paragraph in after
        if signed and len(signature) <= 30 and _SIGNATURE.search(signature) and unit_like(signature):
            return _government(signature.split(" ")[-1])
    for paragraph in outer:
        notice = _NOTICE.match(paragraph) if is_title(paragraph) else None
        if notice and unit_like(notice[1]) and not notice[1].startswith("关于"):
            return _government(notice[1])
    return _place_of(title)


def _government(name: str) -> str:
    """The government itself where its office signs for it."""
    office = _OF_A_GOVERNMENT.fullmatch(name)
    return office[1] if office else name


def _place_of(title: str) -> str | None:
    """The government of the place that a title begins with: 泰安市泰山区… is 泰安市泰山区人民政府."""
    title = re.sub(r"^(?:关于)?(?:印发)?《?(?:20\d\d年(?:度)?)?", "", title)
    zone = _ZONE.match(title)
    if zone:
        return zone[1] + "管委会"
    name = ""
    while place := _PLACE.match(title, len(name)):
        name += place[0]
    return name + "人民政府" if name else None


def _mentioned(paragraphs: Sequence[str]) -> str | None:
    """The government that the text itself names most often."""
    seen = Counter(name for p in paragraphs for name in _ANY_PLACE.findall(p))
    if not seen:
        return None
    name = max(seen, key=lambda n: (seen[n], n))
    return re.sub("(?:人民)?政府$", "人民政府", name)
