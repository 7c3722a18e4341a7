"""From a file to its plans: the order in which the parts of this package work.

>>> plan, = read_plans("云岭市诚信方案\\n一、主要任务\\n1.建立台账。（市发改委负责）".encode())
>>> plan.issuer, plan.tasks[0].title, plan.tasks[0].responsible
('云岭市人民政府', '建立台账', ('市发改委',))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.plans.front import read_front
from ledger.plans.marks import read_mark
from ledger.plans.names import unit_like
from ledger.plans.order import in_order
from ledger.plans.outline import outline, split_lines, split_plans
from ledger.plans.pages import Line, Paragraph, paragraphs, read_lines
from ledger.plans.table import is_row
from ledger.plans.tasks import Task, read_tasks
from ledger.plans.text import canonical, clean, decode

_APPENDIX = re.compile(r"附\s*件?\s*(?:[\d一二三四五六七八九十]{0,2}\s*[：.、]|[\d一二三四五六七八九十]{0,2}$|表)")
_DATE = r"[12二][\d〇零○]{3}\s*年\s*[\d一二三四五六七八九十]{1,3}\s*月\s*[\d一二三四五六七八九十]{1,3}\s*日"
_CLOSING = re.compile(
    r"(?:本|此)[^，。]{0,14}(?:自|由|从)[^。]*(?:施行|实施|执行|解释|生效)[^。]*。(?:.*)?|(?:本|此)[^，。]{0,14}有效期.*|抄\s*[送报]：.*|主\s*[送题].*|（?(?:此件|联系人|公开方式|本文有删减|信息公开).*"
    rf"|联系(?:人|电话|方式|单位)：.*|.{{0,40}}{_DATE}\s*(?:印发|印制|发布)?|特此通知。?|(?:.*办公室|.*政府|.*委员会|.*领导小组)"
)
_FRONT = 30  # paragraphs before the first heading that may hold title, number and addressees


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan. ``number``: as 德政〔2019〕73号. ``issuer``: the issuing government. ``issued_on``: ISO date if the
    text states it. ``draft``: 征求意见稿. ``tasks``: in the text's order."""

    title: str
    number: str | None
    issuer: str
    issued_on: str | None
    draft: bool
    tasks: tuple[Task, ...]


def read_plans(data: bytes, *, issuer: str | None = None) -> tuple[Plan, ...]:
    """The plans in a text file, in its order; those without any task are left out unless all are.

    ``issuer`` overrides what the text says. Raises FormatError for bytes that are no Chinese text (see text.decode).
    """
    lines = split_lines(read_lines(canonical(decode(data))))
    if not lines:
        return ()
    plans: list[Plan] = []
    for part in split_plans(lines):
        plan = _read_plan(part, issuer, plans[-1] if plans else None)
        plans.append(plan)
    return tuple(plan for plan in plans if plan.tasks) or tuple(plan for plan in plans if plan.title)


def _read_plan(lines: Sequence[Line], issuer: str | None, notice: Plan | None) -> Plan:
    """One plan. ``notice`` is the plan before it: where that one only issues this one, its number and date hold."""
    main, after = _without_end(paragraphs(in_order(lines)))
    root = outline([*main, *(p for p in after if is_row(p.text))])
    front = read_front(root.body[:_FRONT], [p.text for p in main], [p.text for p in after])
    if notice and notice.title == front.title:
        number, date = front.number or notice.number, front.issued_on or notice.issued_on
        front = replace(front, number=number, issued_on=date, issuer=notice.issuer)
    if issuer:
        front = replace(front, issuer=issuer)
    return Plan(front.title, front.number, front.issuer, front.issued_on, front.draft, read_tasks(root, front))


def _without_end(whole: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Paragraph]]:
    """The plan, and what closes it: signature, printer's line, appendices."""
    first = next((at for at, p in enumerate(whole) if read_mark(p.text)), len(whole))
    end = len(whole)
    for at in range(first + 1, len(whole)):
        if _APPENDIX.match(whole[at].text):
            end = at
            break
    while end > min(first, 3) + 1 and _closes(whole[end - 1].text):
        end -= 1
    return list(whole[:end]), list(whole[end:])


def _closes(text: str) -> bool:
    text = clean(text)
    if read_mark(text) or is_row(text):
        return False
    signature = len(text) < 40 and not re.search("[，。；：]", text) and unit_like(text)
    return signature or bool(_CLOSING.fullmatch(text))
