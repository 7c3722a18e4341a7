"""``jiannuo list``: the lists of the read side for the office, the ones that are never public among them (H03, I08)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.local import say
from ledger.errors import FormatError

if TYPE_CHECKING:
    from api.v1.resources import Resource
    from api.words.table import Word
    from projections.views.listing import Listing

    Codes = Mapping[str, Mapping[str, Word]]
    """The words of the codes that a column may have, by the column's name."""


class Name(StrEnum):
    """What can be listed."""

    BODIES = "bodies"  # 单位
    COMMITMENTS = "commitments"  # 承诺
    RECORDS = "records"  # 失信记录（含未公开）
    PENALTIES = "penalties"  # 惩戒措施（含未公开）
    OBJECTIONS = "objections"  # 异议
    DUTIES = "duties"  # 待办事项与期限
    LATENESS = "lateness"  # 是否按时公开
    COURT = "court"  # 失信被执行人名单信息
    TAKEDOWNS = "takedowns"  # 撤下与修复
    COMPLAINTS = "complaints"  # 投诉举报工作台账
    DUPLICATES = "duplicates"  # 台账编号重复的投诉举报
    PROJECTS = "projects"  # 项目
    RESPONSIBLE = "responsible"  # 项目责任人（责任回溯）
    SEALED = "sealed"  # 封存内容的查询与抹除
    STATISTICS = "statistics"  # 统计流量
    COMPARISON = "comparison"  # 各单位对照（不排名）


class Form(StrEnum):
    """How rows are written."""

    TEXT = "text"
    CSV = "csv"
    JSONL = "jsonl"


def lists(
    name: Annotated[Name, typer.Argument(help="which list 清单")],
    where: Annotated[list[str] | None, typer.Option(help="a filter, as name=value; may be repeated 筛选条件")] = None,
    as_of: Annotated[str, typer.Option(help="a day or log index; else now 某日或日志序号")] = "",
    form: Annotated[Form, typer.Option("--format", help="jsonl: an object a line 格式")] = Form.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="the same as --format jsonl")] = False,
) -> None:
    """Print a list of the read side as the office sees it. 输出清单（供信用办、审计使用）。"""
    import sys

    from api.cli.reading import read_here
    from api.moments import as_of_text
    from api.v1.formats import csv_of, jsonl_of
    from projections.views import listing

    resource = _resource(name)
    found, codes = resource.listing(auditor=True), resource.codes
    filters = dict(_filter(found, text, codes) for text in where or ())
    written = 0

    def counted(rows: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield row

    with read_here(*found.reads, "provenance") as here:
        at = here.reading.moment(as_of_text(as_of, here.today), here.today, *found.reads)
        with listing.export(here.reading, found, at, filters) as rows:
            if as_json or form is Form.JSONL:
                sys.stdout.buffer.writelines(jsonl_of(counted(rows)))
            elif form is Form.CSV:
                sys.stdout.buffer.writelines(csv_of(counted(rows), [column.name for column in found.columns]))
            else:
                for row in counted(rows):
                    typer.echo(_text(found, row, codes))
    say(f"共 {written} 行", f"{written} rows")


def _resource(name: Name) -> Resource:
    from api.v1.office import OFFICE
    from api.v1.resources import RESOURCES

    return {**RESOURCES, **OFFICE}[name]


_DAYS = ("_from", "_by", "day", "from", "to")
_FLAGS: Mapping[str, bool] = {"true": True, "false": False}


def _filter(found: Listing, text: str, codes: Codes) -> tuple[str, Any]:
    """A filter by its name. Raises FormatError for what is none, or has another type of value, or an unknown code."""
    name, equal, value = text.partition("=")
    if not equal or name not in found.filters:
        known = ", ".join(found.filters)
        raise FormatError(
            f"--where: expected name=value with one of {known}, got {text[:60]!r}",
            f"--where：应为 名称=值，名称为 {known} 之一，实为 {text[:60]!r}",
        )
    columns = {column.name: column.type for column in found.columns}
    kind = columns.get(name, bool if name == "open" else date if name.endswith(_DAYS) else str)
    try:
        if kind is date:
            return name, date.fromisoformat(value)
        if kind in {bool, int}:
            return name, _FLAGS[value] if kind is bool else int(value)
    except (ValueError, KeyError):
        expected = {date: "YYYY-MM-DD", bool: "true, false", int: "123"}[kind]
        raise FormatError(
            f"--where {name}: expected {expected}, got {value[:60]!r}",
            f"--where {name}：应为 {expected}，实为 {value[:60]!r}",
        ) from None
    if name in codes and value not in codes[name]:
        known = ", ".join(codes[name])
        raise FormatError(
            f"--where {name}: expected one of {known}, got {value[:60]!r}",
            f"--where {name}：应为 {known} 之一，实为 {value[:60]!r}",
        )
    return name, value


def _text(found: Listing, row: Mapping[str, Any], codes: Codes) -> str:
    """A row for people: each value that there is, under its Chinese and English name; a code with its words."""
    lines = []
    for column in found.columns:
        value = row[column.name]
        if value is not None and value not in ([], {}):
            words = codes.get(column.name, {})
            told = "、".join(_told(one, words) for one in (value if isinstance(value, list) else [value]))
            lines.append(f"{column.zh} {column.name}: {told}")
    return "\n".join(lines) + "\n"


def _told(value: Any, words: Mapping[str, Word]) -> str:
    """A value with its words, if it has any: the code stays, since ``--where`` asks for it."""
    if isinstance(value, bool):
        return "是 true" if value else "否 false"
    return (
        f"{value}（{words[value].zh} {words[value].en}）" if isinstance(value, str) and value in words else str(value)
    )
