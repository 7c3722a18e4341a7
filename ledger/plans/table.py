"""Tables of tasks, flattened to lines whose cells are parted by tabs or by upright strokes, under a header row.

>>> head = "| 序号 | 工作任务 | 责任单位 | 完成时限 |"
>>> rows = read_table([head, "|---|---|---|---|", "| 1 | 建立台账 | 市发改委 | 2024年底 |"])
>>> rows[0].text, rows[0].roles.responsible, rows[0].roles.until
('建立台账', ('市发改委',), ('2024年底',))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.plans.names import split_names, unit_like
from ledger.plans.text import clean
from ledger.plans.units import Roles, read_roles

_COLUMNS = (
    ("number", re.compile("序号|编号|^号$|^№$")),
    ("person", re.compile("责任人|责任领导|联系人|联系电话|备注|说明")),
    ("until", re.compile("时限|时间|期限|节点|进度")),
    ("lead", re.compile("牵头|主办|主责")),
    ("supporting", re.compile("配合|协办|协助|参与|参加|支持")),
    ("responsible", re.compile("责任|负责|承办|落实单位|实施单位|^单位$|部门$")),
    ("category", re.compile("类别|领域|类型|分类|方面|板块|维度|一级")),
    ("detail", re.compile("内容|措施|举措|要求|目标|标准|具体|做法|成果|任务分解|二级")),
    ("title", re.compile("任务|事项|项目|工作|名称|指标|要点")),
)
_TIME = re.compile("\\d|底|长期|持续|每")
_LABELS = {"lead": "牵头单位", "responsible": "责任单位", "supporting": "配合单位", "until": "完成时限"}


@dataclass(slots=True)
class Row:
    """One task of a table: its category (or ""), its text as paragraphs, and its assignment."""

    category: str
    title: str
    text: str
    roles: Roles


def is_row(paragraph: str) -> bool:
    """Whether a paragraph is a line of a table."""
    return paragraph.startswith("|") or "\t" in paragraph


def read_table(lines: Sequence[str]) -> list[Row]:
    """The tasks of a table's lines; none if no header names a task and a body."""
    rows: list[dict[str, str]] = []
    columns: list[str] | None = None
    category = ""
    for line in lines:
        cells = _cells(line)
        header = _header(cells)
        if header:
            columns, category = header, ""
        elif columns and any(cells) and not all(re.fullmatch("[-: ]*", cell) for cell in cells):
            filled = [cell for cell in cells if cell]
            if len(filled) == 1 and len(cells) > 1 and not rows_open(columns, cells):
                category = filled[0]
                continue
            _take(rows, columns, cells, category)
    return [_row(row) for row in rows if row.get("title") or row.get("detail")]


def rejoin_cells(lines: Sequence[str]) -> list[str]:
    """Lines of text in which a table stands with one cell a line, from its header 序号 on, with that table's rows put
    on lines of their own, cells parted by tabs. Other lines stay as they are.

    >>> rejoin_cells(["序号", "任务", "责任单位", "1", "建立台账", "市发改委", "2", "公开", "市司法局", "附"])
    ['序号\\t任务\\t责任单位', '1\\t建立台账\\t市发改委', '2\\t公开\\t市司法局', '附']
    """
    made: list[str] = []
    at = 0
    while at < len(lines):
        columns = _cell_header(lines, at) if re.fullmatch(r"序\s*号", lines[at].strip()) else []
        if not columns:
            made.append(lines[at])
            at += 1
            continue
        cells, at = _next_filled(lines, at, len(columns))
        made.append("\t".join(cells))
        number = 1
        while at < len(lines):
            start = _skip_empty(lines, at)
            if start >= len(lines) or lines[start].strip() != str(number):
                break
            cells, at = _row_cells(lines, start, columns, number + 1)
            made.append("\t".join(cells))
            number += 1
    return made


def _cell_header(lines: Sequence[str], at: int) -> list[str]:
    """The kinds of the columns of a header set one cell a line; none where none stands."""
    cells: list[str] = []
    while at < len(lines) and len(cells) < 10:
        cell = lines[at].strip()
        if cell and (len(cell) > 10 or not any(pattern.search(cell) for _, pattern in _COLUMNS)):
            break
        if cell:
            cells.append(cell)
        at += 1
    return (_header(cells) or []) if len(cells) > 2 else []


def _skip_empty(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _next_filled(lines: Sequence[str], at: int, count: int) -> tuple[list[str], int]:
    cells: list[str] = []
    while at < len(lines) and len(cells) < count:
        if lines[at].strip():
            cells.append(lines[at].strip())
        at += 1
    return cells, at


def _row_cells(lines: Sequence[str], at: int, columns: list[str], following: int) -> tuple[list[str], int]:
    """One row's cells. A cell may be set on several lines: the row goes on to the next row's number, or, in the last
    row, to its time."""
    width = len(columns)
    ahead, _ = _next_filled(lines, at, 4 * width)
    size = min(width, len(ahead))
    if str(following) in ahead[width:]:
        size = ahead.index(str(following), width)
    elif columns[-1] == "until":
        size = next((n + 1 for n in range(width - 1, len(ahead)) if _TIME.search(ahead[n])), size)
    cells, end = _next_filled(lines, at, size)
    return (_folded(cells, columns) if size > width else cells), end


def _folded(cells: list[str], columns: list[str]) -> list[str]:
    """More lines than columns: from the end, a time is one line, bodies are lines of names, the rest is words."""
    tail: list[str] = []
    rest, left = list(cells[1:]), list(columns[1:])
    while len(left) > 1 and rest and left[-1] in (*_LABELS, "person"):
        kind = left.pop()
        taken = [rest.pop()]
        while kind in ("lead", "responsible", "supporting") and len(rest) > len(left) and _names(rest[-1]):
            taken.insert(0, rest.pop())
        tail.insert(0, "、".join(part.strip("、") for part in taken))
    surplus = len(rest) - len(left)
    words = [*rest[: len(left) - 1], "".join(rest[len(left) - 1 :])] if surplus > 0 else rest
    return [cells[0], *words, *tail]


def _names(line: str) -> bool:
    return all(map(unit_like, split_names(line)))


def rows_open(columns: list[str], cells: list[str]) -> bool:
    """Whether a line with one filled cell goes on with the row above: the cell stands in a column of words."""
    at = next(i for i, cell in enumerate(cells) if cell)
    return 0 < at < len(columns) and columns[at] not in ("number", "category")


def _cells(line: str) -> list[str]:
    line = re.sub(r"<br\s*/?>", "", line)
    if line.startswith("|"):
        return [clean(cell) for cell in line.strip().strip("|").split("|")]
    return [clean(cell) for cell in line.split("\t")]


def _header(cells: list[str]) -> list[str] | None:
    if len(cells) < 2 or any(len(cell) > 16 for cell in cells):
        return None
    kinds = []
    for cell in cells:
        bare = re.sub(r"[\s（）]", "", cell)
        kinds.append(next((kind for kind, pattern in _COLUMNS if pattern.search(bare)), ""))
    words = {"title", "detail"} & set(kinds)
    return kinds if words and {"lead", "responsible", "until"} & set(kinds) else None


def _take(rows: list[dict[str, str]], columns: list[str], cells: list[str], category: str) -> None:
    """Add a line's cells as a row, or to the row above where number and task are empty (a cell set on two lines)."""
    row: dict[str, str] = {}
    for kind, cell in zip(columns, cells, strict=False):
        if kind and cell:
            row[kind] = row[kind] + ("；" if kind in _LABELS else "\n") + cell if kind in row else cell
    goes_on = rows and not row.get("number") and not row.get("title") and "number" in columns
    if goes_on:
        above = rows[-1]
        for kind, cell in row.items():
            above[kind] = above.get(kind, "") + cell
        return
    if "category" in columns:
        row.setdefault("category", rows[-1].get("category", "") if rows else category)
        if "title" in columns and "detail" in columns and not row.get("title") and rows:
            row["title"] = rows[-1].get("title", "")
    else:
        row["category"] = category
    rows.append(row)


def _row(row: dict[str, str]) -> Row:
    title, detail = row.get("title", ""), row.get("detail", "")
    roles = Roles()
    for kind, label in _LABELS.items():
        if row.get(kind):
            roles = roles.joined(read_roles(f"{label}：{row[kind]}") or Roles())
    return Row(row.get("category", ""), title or detail, "\n".join(filter(None, (title, detail))), roles)
