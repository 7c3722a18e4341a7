"""``jiannuo policy``: what the rule packs say on a day and where that stands; adopting packs and years' calendars."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ledger.errors import FormatError
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.domain.event import Document
    from ledger.domain.pack import Pack, Value
    from ledger.domain.policy import View
    from ledger.installation import Installation

app = typer.Typer(no_args_is_help=True)


@app.command("show")
def show(
    name: Annotated[str, typer.Argument(help="a pack's name, or a region's code 规则包名称或行政区划代码")],
    on: Annotated[str | None, typer.Option(help="the day, YYYY-MM-DD; today without it 日期")] = None,
    adopted: Annotated[
        bool, typer.Option("--adopted", help="what the ledger here adopted, not what is shipped 本账本已采纳的")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Print each rule in force on a day: value, source, dates, confidence, and whose pack it is. 查看规则包。"""
    from api.days import day_of
    from ledger import policies
    from ledger.authoring import utc_now
    from ledger.domain.calendar import Calendar
    from ledger.domain.event import legal_day
    from ledger.domain.policy import View

    day = legal_day(utc_now()) if on is None else day_of(on, "--on")
    view = _adopted(name, day) if adopted else View(policies.layers(name), Calendar(), day)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(_as_json(view), option=orjson.OPT_INDENT_2).decode())
        return
    for pack in view.layers:
        typer.echo(f"# {_title(pack)}")
    typer.echo(f"# {day} 施行的规则 | rules in force on {day}")
    for value in view.settled():
        typer.echo("\n".join(_lines(value)))


@app.command("adopt")
def adopt(
    pack: Annotated[str, typer.Argument(help="a shipped pack's name, or a TOML file 规则包名称或文件")],
    in_force: Annotated[
        str | None,
        typer.Option(help="first day in force, YYYY-MM-DD; without it that of the pack's first value 施行日"),
    ] = None,
) -> None:
    """Adopt a rule pack in the ledger here, signed with the operator's key. Repeatable. 采纳规则包。"""
    from api.days import day_of
    from ledger import policies
    from ledger.installation import open_installation

    text = policies.text(pack) if pack in policies.shipped() else _read(Path(pack))
    found = policies.adoption(text, None if in_force is None else day_of(in_force, "--in-force"))
    with open_installation(Settings.from_environment()) as installation:
        state = installation.ledger.case(found.stream).state
        present = state.holds(found.fact.digest, found.fact.in_force)
        if not present:
            _submit(installation, found.stream, found.fact, found.document)
    typer.echo(f"{found.stream}\t{found.pack.about.id}\t{found.fact.in_force}\t{found.fact.digest}")
    _say(*(("此前已采纳，未作改动", "adopted before, nothing added") if present else ("已采纳", "adopted")))


@app.command("calendar")
def calendar(
    file: Annotated[Path | None, typer.Argument(help="a TOML file; without it the years shipped 放假安排文件")] = None,
) -> None:
    """Import the official arrangements of years, so that deadlines are firm. Repeatable. 导入放假安排。"""
    from ledger import policies
    from ledger.domain.calendar import Year
    from ledger.domain.policy import NATIONAL
    from ledger.installation import open_installation

    years = policies.arranged(policies.text(policies.CALENDAR) if file is None else _read(file))
    added = 0
    with open_installation(Settings.from_environment()) as installation:
        known = installation.ledger.case(NATIONAL).state.years
        for arranged in years:
            fact = arranged.fact
            if known.get(fact.year) != Year(frozenset(fact.off), frozenset(fact.worked)):
                _submit(installation, NATIONAL, fact, arranged.notice)
                added += 1
            typer.echo(f"{fact.year}\t{arranged.notice.number or ''}")
    _say(f"导入 {added} 年，此前已有 {len(years) - added} 年", f"{added} imported, {len(years) - added} there before")


def _submit(installation: Installation, stream: str, fact: Any, document: Document) -> None:
    author = installation.author("operator", installation.operator())
    head = installation.ledger.head(stream)
    installation.ledger.submit(author.write(stream, head, fact, (document,))).result()


def _adopted(name: str, day: date) -> View:
    """What the ledger here goes by. Raises RuleError where no pack is in force."""
    from ledger import policies
    from ledger.domain.event import Rules
    from ledger.domain.policy import view
    from ledger.installation import open_installation

    streams = policies.streams_of(name)
    with open_installation(Settings.from_environment()) as installation:
        return view(Rules(policies=tuple(installation.ledger.case(stream).state for stream in streams)), day)


def _title(pack: Pack) -> str:
    about = pack.about
    draft = "；征求意见稿 draft for comment" if about.draft else ""
    return f"{about.zh} | {about.en} ({about.id}, {about.region or 'national'}, {about.version}{draft})"


def _lines(value: Value) -> tuple[str, ...]:
    """A rule for people to read."""
    from ledger.domain.policy_keys import key_of

    key = key_of(value.key)
    until = f" 至 until {value.until}" if value.until else ""
    return (
        f"\n{value.key}  {key.zh} | {key.en}",
        f"  {_shown(value)}",
        f"  来源 source: {value.source}",
        f"  {value.start} 起 from{until}；可信程度 confidence: {_words(value.confidence)}；规则包 pack: {value.pack}",
        *((f"  注 note: {value.note}",) if value.note else ()),
    )


_LABELS = {
    "zh": "名称",
    "en": "英文",
    "kind": "种类",
    "basis": "法律依据",
    "targets": "适用对象",
    "severities": "适用程度",
    "most_months": "最长（月）",
    "least_months": "最短（月）",
    "lifelong": "终身",
    "exempt": "例外",
    "published": "公示",
    "start": "起算",
    "item": "行为",
    "points": "记分",
    "drop": "下降百分点",
    "months": "月数",
    "least": "至少评定件数",
    "count": "次数",
    "indicator": "指标",
    "full": "满分",
    "line": "统计项",
    "part": "分项",
    "each": "每件扣分",
    "of": "占比分母",
}
"""What the parts of a measure, a publicity period, a demerit item, a threshold and a score are called."""


def _shown(value: Value) -> str:
    if value.left_out:
        return "（文件未列，不适用上一级的规定 left out here: what a wider pack says does not hold）"
    if value.value is None:
        return "（无人能确认，待采纳地区确定 nobody could confirm it）"
    if value.key.startswith("roles."):
        from api.words import event_word

        return "\n  ".join(f"{event_word(name.rpartition('/')[2]).zh} {name}" for name in value.value)
    return _words(value.value)


def _words(plain: Any) -> str:
    """A value in Chinese, with the code that a pack is written in."""
    from dataclasses import fields, is_dataclass
    from enum import StrEnum

    from api.words import word

    if isinstance(plain, StrEnum):
        return f"{word(plain).zh} {plain}"
    if isinstance(plain, bool):
        return "是 yes" if plain else "否 no"
    if isinstance(plain, tuple):
        return "，".join(map(_words, plain))
    if is_dataclass(plain):
        rows = ((f, getattr(plain, f.name)) for f in fields(plain))
        told = (f"{_LABELS[f.name]} {f.name}: {_words(v)}" for f, v in rows if v != f.default)
        return "\n  ".join(told)
    return str(plain)


def _as_json(view: View) -> dict[str, Any]:
    from ledger.domain import codec

    return {
        "on": view.on.isoformat(),
        "packs": [codec.encode(pack.about) for pack in view.layers],
        "values": [_value_as_json(value) for value in view.settled()],
    }


def _value_as_json(value: Value) -> dict[str, Any]:
    from ledger.domain import codec
    from ledger.domain.policy_keys import key_of

    key = key_of(value.key)
    return {
        "key": value.key,
        "zh": key.zh,
        "en": key.en,
        "value": codec.encode(value.value),
        "left_out": value.left_out,
        "source": value.source,
        "from": codec.encode(value.start),
        "until": codec.encode(value.until),
        "confidence": str(value.confidence),
        "note": value.note,
        "pack": value.pack,
    }


def _read(file: Path) -> str:
    """A file's text. Raises FormatError where it cannot be read as UTF-8."""
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise FormatError(
            f"{file}: no shipped rule pack has this name, and as a file it cannot be read ({error.strerror})",
            f"{file}：没有此名称的规则包，作为文件也无法读取（{error.strerror}）",
        ) from None
    except UnicodeDecodeError:
        raise FormatError(f"{file}: expected UTF-8", f"{file}：应为 UTF-8 文本") from None


def _say(zh: str, en: str) -> None:
    typer.echo(f"{zh} | {en}", err=True)
