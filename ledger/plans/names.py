"""Lists of bodies as plans write them, taken apart into names.

Separators are 、，；and spaces between whole names; 和, 及, 以及 and 会同 only where both sides are bodies of their
own. Brackets belong to their name (各县（市、区）人民政府), and so do the levels of a group
(各县、市、区政府和功能区管委). After 等 a group that says where it belongs (等市直相关部门) is a name; one that only
says "and such" (等有关部门) is none.

>>> split_names("市财政局、市司法局等有关部门，各县（市、区）人民政府")
('市财政局', '市司法局', '各县（市、区）人民政府')
>>> split_names("各县、市、区政府和功能区管委、市发展和改革委员会及市公安局")
('各县、市、区政府和功能区管委', '市发展和改革委员会', '市公安局')
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ledger.plans.text import HAN, clean, outside

_LEVEL = (
    "县|市|区|旗|州|盟|乡|镇|街道|街办|村|社区|县市|市县|县区|区县|开发区|园区|功能区|高新区|经开区|新区|地|部门|乡镇"
)
_BARE_LEVEL = re.compile(rf"(?:(?:[各全]|有关|相关|辖区)?各?(?:{_LEVEL}))")
_BARE_END = re.compile("(?:人民)?政府|部门|单位|机构")  # 各级党委、政府 is one group
_LEVEL_GOES_ON = re.compile(rf"(?:{_LEVEL})(?!直|委(?!会|$)|级|属)")
_PLACE = rf"(?:[市县区省州旗镇乡]|国家|中央|驻|人行|人民银行|中国人民银行|[{HAN}]{{2,10}}(?:市|县|区|州|旗))"
_ORGAN_END = (
    "委|局|办|厅|部|院|署|处|府|会|所|站|队|台|社|校|馆|室|组|中心|支行|分行|总行|公司|集团|银行|法院|检察院|法庭|机关|大队|支队|总队|"
    "管委|工委|党委|党组|纪委|监委|工会|妇联|团委|团市委|团县委|科协|侨联|工商联|文联|残联|人大|政协|海关|电视台|日报|大学|学院|医院|税务|人行|银保监|"
    "政府|管理办|中支|邮政|电力|供电|报社|联社"
)
_GROUP_END = (
    "单位|部门|机构|主体|街道|镇街|企业|协会|商会|学校|村居|街办|[县市区镇乡旗州盟省]"  # 区 stands for 开发区, 园区 …
)
_ORGAN = re.compile(rf"(?:{_ORGAN_END})$")
_UNIT = re.compile(rf"(?:{_ORGAN_END}|{_GROUP_END})$")
_SPECIFIC = re.compile(rf"{_PLACE}.*(?:{_ORGAN_END})$")
_GENERIC = re.compile("^各|各级|各有关|有关|相关|部门$|单位$|机构$|谁|专人|专职|第三方|本级|上级|下级|同级|机关$")
_NOT_BODIES = re.compile("[。？！“”《》]|负责人|责任人|领导干部|分管领导|工作人员|机制$|制度$")
_QUALIFIED_TAIL = re.compile(
    f"(?:市直|县直|区直|省直|州直|旗直|市级|县级|区级|省级|中央|驻|具有|承担|负有|市|县|区|省|[{HAN}]{{2}}市)"
)
_TAIL = re.compile(r"(?<![高平同初中优])等(?!级|次|额|离|同|学)")
_AND = re.compile("以及|会同|联合|及(?!其)|和|与|并由|并会同")
_SEPARATOR = re.compile(r"[、，,；;/\n]|\s+and\s+|(?<=\S)\s+(?=\S)")


def unit_like(name: str) -> bool:
    """Whether a name ends as the names of bodies and groups of bodies end."""
    core = outside(name).strip()
    return 2 <= len(core.replace(" ", "")) <= 40 and bool(_UNIT.search(core)) and not _NOT_BODIES.search(name)


def specific(name: str) -> bool:
    """Whether a name means one body: a place or level before, an organ at the end, no "relevant departments"."""
    core = outside(name).strip()
    return bool(_SPECIFIC.match(core)) and not _GENERIC.search(core) and not _NOT_BODIES.search(name)


def split_names(text: str) -> tuple[str, ...]:
    """The names in a list of bodies, in order, without doubles."""
    names: dict[str, None] = {}
    for part in _grouped(_cut(text)):
        for one in _conjoined(part):
            for name in _before_and_after_etc(one):
                tidy = _tidy(name)
                if len(tidy) > 1:
                    names[tidy] = None
    return tuple(names)


def _tidy(name: str) -> str:
    name = clean(name).strip(" 。.，、；：:;,\t-—|")
    return re.sub("^(?:由|并由|请|其中|会同|及|和|以及|或)(?=..)", "", name)


def _cut(text: str) -> list[tuple[str, str]]:
    """(separator before, part) pairs; brackets are never cut, and spaces cut only between whole names."""
    plain = outside(text)
    parts: list[tuple[str, str]] = []
    at, separator = 0, ""
    for match in _SEPARATOR.finditer(plain):
        if match[0].isspace() and not text[match.start() : match.end()].isspace():
            continue
        if match[0].isspace() and not _names_meet(text[at : match.start()], text[match.end() :]):
            continue
        parts.append((separator, text[at : match.start()]))
        at, separator = match.end(), match[0]
    parts.append((separator, text[at:]))
    return [(sep, part.strip()) for sep, part in parts if part.strip()]


def _names_meet(left: str, right: str) -> bool:
    return unit_like(left[-40:]) and bool(re.match(rf"各|{_PLACE}|有关|相关", right))


def _grouped(parts: Iterable[tuple[str, str]]) -> list[str]:
    """Put the levels of one group together again: 各县 + 市 + 区政府."""
    made: list[str] = []
    open_group = False
    for separator, part in parts:
        bare_end = separator == "、" and bool(made) and bool(_BARE_END.fullmatch(part))
        if bare_end or (open_group and separator == "、" and _LEVEL_GOES_ON.match(part)):
            made[-1] += "、" + part
        else:
            made.append(part)
        open_group = bool(_BARE_LEVEL.fullmatch(part)) and (part.startswith(("各", "全", "有", "相")) or open_group)
    return made


def _conjoined(part: str) -> list[str]:
    """Cut at "and" where a body stands on both sides."""
    plain = outside(part)
    for match in _AND.finditer(plain):
        left, right = part[: match.start()].strip(), part[match.end() :].strip()
        if len(left) > 1 and len(right) > 1 and _two_bodies(left, right, match[0]):
            return [left, *_conjoined(right)]
    return [part]


def _two_bodies(left: str, right: str, word: str) -> bool:
    if not unit_like(left) or not unit_like(right.split("等", maxsplit=1)[0]):
        return False
    if len(word) > 1:
        return True
    leveled = re.match(rf"各|{_PLACE}", right) and not re.fullmatch(rf"(?:{_LEVEL})+", right)
    organ = _ORGAN.search(outside(left).strip()) or re.search("单位$|部门$", left)
    if left.startswith("各"):
        return bool(
            organ
            and (right.startswith("各") or re.match("[市县区省州旗]直|[市县区省州旗](?=.*[局委办厅部院]$)", right))
        )
    return bool(leveled and (organ or re.search(f"^[{HAN}]{{1,4}}[市县区]$", left)))


def _before_and_after_etc(part: str) -> list[str]:
    part = part.strip(" 。.，、；")
    tail = _TAIL.search(part, 2)
    if not tail:
        return [part]
    first, rest = part[: tail.start()], part[tail.end() :].strip()
    return [first, rest] if _QUALIFIED_TAIL.match(rest) and unit_like(rest) else [first]
