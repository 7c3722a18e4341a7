"""Common short names of organs, derived from their official names: what people type, and what documents print.

These are no names that anybody registered: a search finds by them, and says that it did (``short``). They come from two
rules and a table, never from a guess. A region's name in front may be left out, in whole or but for the last character
of its level (示例市财政局: 市财政局, 财政局), as documents of a region call its own organs; the end of the name, the
organ proper, may be shortened as :data:`COMMON` says. Each form of the table is one that government documents print.

>>> short_names("示例市发展和改革委员会")
('市发展和改革委员会', '发展和改革委员会', '示例市发改委', '市发改委', '发改委')
>>> short_names("示例市示范县人民政府")
('县人民政府', '示例市示范县政府', '县政府')
>>> short_names("示例投资有限公司")
()
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_REGION = re.compile(
    "^(?:.{2,8}?(?:省|自治区))?(?:.{1,8}?(?:(?<!城)市|自治州|州|盟|地区))?"
    "(?:.{1,8}?(?:自治县|县|(?<!开发)(?<!高新)(?<!园)(?<!社)区|(?<!城)市|旗))?"
)
"""Province, prefecture, county in front of a name; 城市, 开发区, 高新区, 园区, 社区 are no levels."""
_LEVEL = re.compile("(?:自治)?([省市州盟县区旗])$")
_TOO_GENERAL = frozenset(
    {"人民政府", "政府", "政府办公室", "人民政府办公室", "政府办", "人民法院", "人民检察院", "法院"}
)
"""What says nothing without its region: there is one in each."""

COMMON: tuple[tuple[str, tuple[str, ...]], ...] = (
    # First characters of the joined words (并列词各取一字): the usual way, written so in the documents' 责任单位.
    ("发展和改革委员会", ("发改委",)),
    ("发展和改革局", ("发改局",)),
    ("发展改革委员会", ("发改委",)),
    ("工业和信息化局", ("工信局",)),
    ("工业和信息化委员会", ("工信委",)),
    ("人力资源和社会保障局", ("人社局", "人力资源社会保障局")),
    ("住房和城乡建设局", ("住建局", "住房城乡建设局")),
    ("住房和城乡建设委员会", ("住建委",)),
    ("自然资源和规划局", ("资规局", "自规局", "自然资源规划局")),
    ("文化和旅游局", ("文旅局",)),
    ("文化广电和旅游局", ("文广旅局",)),
    ("教育体育局", ("教体局",)),
    ("卫生健康委员会", ("卫健委", "卫生健康委")),
    ("卫生健康局", ("卫健局",)),
    ("民族宗教事务局", ("民宗局",)),
    ("民族宗教事务委员会", ("民宗委",)),
    ("国有资产监督管理委员会", ("国资委",)),
    ("国有资产监督管理局", ("国资局",)),
    ("退役军人事务局", ("退役军人局",)),
    ("科学技术局", ("科技局",)),
    ("科学技术协会", ("科协",)),
    ("工商业联合会", ("工商联",)),
    ("残疾人联合会", ("残联",)),
    ("政务服务管理局", ("政务局", "政务服务局")),
    ("政务服务和大数据管理局", ("政数局",)),
    ("行政审批服务局", ("审批局", "行政审批局")),
    # The word for what kind of organ it is, left out (省去通称): 监督管理、管理、事务、服务.
    ("市场监督管理局", ("市监局", "市场监管局")),
    ("应急管理局", ("应急局",)),
    ("城市管理局", ("城管局",)),
    ("城市管理综合行政执法局", ("城管局", "综合执法局")),
    ("综合行政执法局", ("综合执法局",)),
    ("交通运输局", ("交通局",)),
    ("医疗保障局", ("医保局",)),
    ("机关事务管理局", ("机管局", "机关事务局")),
    ("地方金融监督管理局", ("金融监管局", "金融局")),
    ("大数据管理局", ("大数据局",)),
    ("公共资源交易中心", ("交易中心",)),
    ("住房公积金管理中心", ("公积金中心",)),
    ("社会信用体系建设领导小组办公室", ("信用办",)),
    ("信用办公室", ("信用办",)),
    # The organs of state power, administration and justice (宪法第三章), as everybody calls them.
    ("人民代表大会常务委员会", ("人大常委会", "人大")),
    ("中国人民政治协商会议", ("政协",)),
    ("人民政府办公室", ("政府办公室", "政府办")),
    ("人民政府办公厅", ("政府办公厅", "政府办")),
    ("人民政府", ("政府",)),
    ("高级人民法院", ("高院",)),
    ("中级人民法院", ("中院", "中级法院")),
    ("人民法院", ("法院",)),
    ("人民检察院", ("检察院",)),
    ("街道办事处", ("街道办",)),
    ("经济技术开发区管理委员会", ("经开区管委会",)),
    ("高新技术产业开发区管理委员会", ("高新区管委会",)),
    ("开发区管理委员会", ("开发区管委会",)),
    ("管理委员会", ("管委会",)),
    ("村民委员会", ("村委会",)),
    ("居民委员会", ("居委会",)),
)
"""Ends of official names and how they are shortened; the longest end that fits counts, so it stands before others."""


@lru_cache(maxsize=20_000)  # a body's names are asked for again at each of its events
def short_names(name: str) -> tuple[str, ...]:
    """The short names of an organ, in an order that never changes, without the name itself."""
    whole = re.split("[（(]", name)[0].strip()
    found = dict.fromkeys(_forms(whole))
    return tuple(short for short in found if short != name and short not in _TOO_GENERAL)


def _forms(name: str) -> Iterator[str]:
    end = next((e for e in sorted(COMMON, key=lambda e: -len(e[0])) if name.endswith(e[0])), None)
    region = _REGION.match(name)
    place = region[0] if region else ""
    if len(place) == len(name) or not (end or re.search("[局委厅办院会处室队站所]$|中心$|委员会$|政府$", name)):
        return
    yield from _placed(place, name[len(place) :])
    if end and len(place) <= len(name) - len(end[0]):
        for short in end[1]:
            yield from (name[: -len(end[0])] + short, *_placed(place, name[len(place) : -len(end[0])] + short))


def _placed(place: str, organ: str) -> Iterator[str]:
    """The organ after the last character of its region's level, and alone."""
    level = _LEVEL.search(place)
    if level and len(organ) > 1:
        yield level[1] + organ
        yield organ
