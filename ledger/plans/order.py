"""Pages in their right order.

Some files hold the pages of a document in a wrong order, and the breaks fall in mid-sentence. The order is looked for
only where the numbering of headings does not run on. Then the text is cut at each break that may be a page's edge,
and the pieces are laid so that numbers follow each other, sentences that break off find a continuation whose
characters stand together elsewhere too, brackets close, a heading gets text of its own words, and neighbours
stay neighbours where nothing speaks against it. No chance: a beam search over costs, ties by position.

>>> from ledger.plans.pages import Line
>>> shuffled = ["一、甲领域建设", "甲要做好。", "二、乙领域建设", "乙要做好。", "四、丁领域", "丁要做好。",
...             "三、丙领域建设", "丙要做好。"]
>>> [line.text[:2] for line in in_order([Line(text) for text in shuffled])][::2]
['一、', '二、', '三、', '四、']
"""

from __future__ import annotations

import re
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
_SURE = 3.5  # one number that is a slip of the pen gains less, two pages exchanged gain more
_OTHER_BEGINNING = 2.0
_SEEN_TOGETHER = 0.8
_OWN_WORDS = 1.5
_WORDS = """
提高 提升 加强 强化 建立 健全 完善 推进 推动 促进 深入 开展 落实 贯彻 实施 执行 履行 履职 监督 监管 检查 督促
督导 考核 评价 评估 评议 评选 管理 服务 机制 制度 体系 平台 系统 信息 信用 诚信 政务 政府 政策 行政 行为 行业
部门 单位 机构 机关 组织 人员 公务 公开 公示 公布 公众 公共 公平 公正 承诺 践诺 失信 守信 惩戒 激励 奖励 表彰
处罚 处分 处理 问责 追究 责任 记录 归集 共享 采集 报送 推送 应用 查询 修复 异议 投诉 举报 档案 目录 清单 台账
标准 规范 规定 规章 法律 法规 法治 依法 依规 依托 领域 采购 招标 投标 招商 引资 债务 统计 街道 乡镇 社区 村民
居民 委员 会议 领导 干部 培训 教育 宣传 引导 营造 氛围 环境 经济 社会 发展 改革 创新 优化 营商 企业 市场 主体
项目 合同 协议 资金 财政 审计 审批 审查 审核 许可 权力 权益 保护 保障 措施 任务 工作 目标 要求 原则 思想 指导
重点 重大 重要 全面 全市 全县 全省 全国 国家 人民 群众 利益 合法 安全 质量 效率 效能 能力 水平 意识 形象 作用
作为 及时 定期 有效 有关 相关 按照 根据 通过 进行 实现 确保 防范 风险 预警 监测 协调 配合 联合 联动 网站 门户
媒体 微信 微博 客户 热线 电话 渠道 方式 方案 办法 意见 通知 文件 情况 问题 结果 过程 环节 范围 内容 事项 期限
时限 长效 试点 示范 创建 典型 经验 总结 推广 探索 鼓励 支持 舆论 第三 三方 政协 人大 代表 提案 建议 法院 检察
司法 判决 裁判 名单 对象 纳入
"""
_CLOSES_PLAN = re.compile("本(?:办法|方案|意见|通知|计划|规定|细则|规划)[^，。]{0,8}(?:自|由)|（此件|抄送|.{0,40}印发$")


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
    gain, order = _best_order(pieces, seen)
    ordered = [line for at in order for line in pieces[at].lines]
    return ordered if gain > _SURE else list(lines)


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
    closed = {at for at in edges if _CLOSES_PLAN.match(lines[at - 1].text) and not _CLOSES_PLAN.match(lines[at].text)}
    torn = closed | {at for at in edges if is_open(lines[at - 1].text, marks[at - 1] is not None, width)}
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
        if _goes_on(lines[at].text) or any(_known_joint(e, lines[at].text, seen) > _SEEN_TOGETHER for e in ends)
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
    """How often two neighbouring characters, and three, stand together inside lines and in common words."""
    seen: Counter[str] = Counter(_WORDS.split())
    for line in lines:
        text = line.text
        seen.update(text[i : i + 2] for i in range(len(text) - 1))
        seen.update(text[i : i + 3] for i in range(len(text) - 2))
    return seen


def _joint(left: _Piece, right: _Piece, seen: Counter[str]) -> float:
    """The cost of setting ``right`` after ``left``; the numbering is counted elsewhere."""
    cost = 0.0 if right.at == left.at + 1 else _NEW_NEIGHBOUR
    first = right.lines[0]
    begins_heading = bool(read_mark(first.text)) or first.hashes > 0 or bool(_CLOSES_PLAN.match(first.text))
    if left.breaks_off:
        if begins_heading:
            return cost + (_CUT_SENTENCE if right.at != left.at + 1 else _HEADING_WITHOUT_TEXT)
        cost -= _known_joint(left.lines[-1].text, first.text, seen)
    elif _goes_on(first.text):
        cost += _CUT_SENTENCE if right.at != left.at + 1 else _HEADING_WITHOUT_TEXT
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
    if right[0] in "，。；、：":
        return _SEEN_TOGETHER
    return sum(_SEEN_TOGETHER for gram in grams if all(map(is_han, gram)) and seen[gram] > 0)


def _closes_first(text: str) -> bool:
    closing, opening = text.find("）"), text.find("（")
    return closing >= 0 and (opening < 0 or closing < opening)


def _goes_on(text: str) -> bool:
    """Whether a line can only be the rest of a sentence."""
    return text[0] in "，。；、：" or _closes_first(text)


def _own_words(heading: str, text: str) -> float:
    """The share of a heading's character pairs that come back in the text below it."""
    mark = read_mark(heading)
    words = heading[mark.end if mark else 0 :][:30]
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def _best_order(pieces: list[_Piece], seen: Counter[str]) -> tuple[float, tuple[int, ...]]:
    """The cheapest order found, and how much cheaper it is than the file's."""
    joints = [[_joint(a, b, seen) if a is not b else 0.0 for b in pieces] for a in pieces]
    beam: list[tuple[float, tuple[int, ...], Numbering]] = []
    for piece in pieces:
        cost, place = _numbered(piece, Numbering())
        beam.append((cost + (_OTHER_BEGINNING if piece.at else 0.0), (piece.at,), place))
    as_it_is = beam[0]
    for piece in pieces[1:]:
        as_it_is = _with_next(as_it_is, piece, joints)
    for _ in range(len(pieces) - 1):
        kept = sorted(beam, key=lambda state: state[:2])[:_BEAM]
        beam = [_with_next(state, piece, joints) for state in kept for piece in pieces if piece.at not in state[1]]
    cost, path = min((cost + _ending(pieces[path[-1]]), path) for cost, path, _ in beam)
    return as_it_is[0] + _ending(pieces[-1]) - cost, path


def _with_next(
    state: tuple[float, tuple[int, ...], Numbering], piece: _Piece, joints: list[list[float]]
) -> tuple[float, tuple[int, ...], Numbering]:
    cost, path, place = state
    wrong, there = _numbered(piece, place)
    return cost + wrong + joints[path[-1]][piece.at], (*path, piece.at), there


def _ending(piece: _Piece) -> float:
    """The cost of a plan that ends in mid-sentence, or with a heading."""
    last = piece.lines[-1].text
    return _CUT_SENTENCE if piece.breaks_off or (read_mark(last) and "。" not in last) else 0.0


def _numbered(piece: _Piece, place: Numbering) -> tuple[float, Numbering]:
    cost = 0.0
    for mark in piece.marks:
        if not place.fits(mark):
            cost += _WRONG_NUMBER
        elif mark.number > 1 and mark.style not in _COUNTED_THROUGH and mark.style not in dict(place.open):
            cost += _RESUMED_NUMBER
        place = place.after(mark)
    return cost, place
