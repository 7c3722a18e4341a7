"""``jiannuo screen``: a list of bodies, as a spreadsheet, screened for a purpose; here, or by a running ledger.

Exit 0 every row is clear; 3 something blocks; 5 nothing blocks, but a person has to look: a caution, a body that is not
known, a row that could not be asked, or whose code and name are not the same body's, a second sheet, which is not
read. 1 and 2 as everywhere: could not run, usage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import TokenFile, Url, read_token
from api.cli.local import say
from ledger.domain.record.remedy_terms import Fund
from ledger.domain.screening_terms import ScreeningPurpose
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.sheets.reading import Sheet
    from ledger.sheets.subjects import Subject, Subjects

Ask = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Asks a question as POST /api/v1/screen takes it."""

BLOCKED, LOOK = 3, 5


def screen(
    file: Annotated[Path, typer.Argument(help="list of bodies: XLSX, XLS, ODS, CSV 单位名单")],
    *,
    purpose: Annotated[ScreeningPurpose, typer.Option(help="what it is for 用途")] = ScreeningPurpose.ADMINISTRATION,
    on: Annotated[str | None, typer.Option(help="the day that counts, YYYY-MM-DD; today without it 日期")] = None,
    fund: Annotated[Fund | None, typer.Option(help="for subsidies: which fund (D16) 资金类别")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    public: Annotated[bool, typer.Option("--public", help="as the public is answered 按公开范围答复")] = False,
    asked_by: Annotated[str | None, typer.Option(help="USCC of the office that asks 查询单位代码")] = None,
    reference: Annotated[str | None, typer.Option(help="letter or case number 公函文号或案号")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print all as JSON")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="print every row as CSV")] = False,
    out: Annotated[Path | None, typer.Option(help="file for the signed answers (JSON) 签名答复存入文件")] = None,
) -> None:
    """Screen a list of bodies: block, caution, clear or unknown for each row, with reasons, signed. 批量筛查名单。

    Exit 0 all clear, 3 something blocks, 5 something to look at, 1 could not run, 2 usage.
    """
    from ledger.sheets.reading import read_sheet
    from ledger.sheets.subjects import subjects_in

    if as_json and as_csv:
        raise typer.BadParameter("--json 与 --csv 只能选一 | expected --json or --csv, got both")
    if url is None and token_file is not None:
        raise typer.BadParameter("--token-file 须与 --url 一起使用 | --token-file goes with --url")
    sheet = read_sheet(file)
    found = subjects_in(sheet)
    more = {"purpose": purpose, "on": on, "fund": fund, "asked_by": asked_by, "reference": reference}
    question = {name: str(value) for name, value in more.items() if value is not None}
    with _asking(url, token_file, public=public) as ask:
        answers = list(_asked(ask, question, list(dict.fromkeys(s.asked for s in found.subjects))))
    data = _gathered(sheet, found, answers)
    if out is not None:
        _write(out, data)
    report(data, found, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(exit_code(data))


def exit_code(data: Mapping[str, Any]) -> int:
    """See the module's docstring."""
    answers = {row["answer"] for row in data["rows"]}
    if "block" in answers:
        return BLOCKED
    serious = data["unread"] or any(note["serious"] for note in data["notes"])
    return LOOK if serious or answers - {"clear"} or not answers else 0


@contextmanager
def _asking(url: str | None, token_file: Path | None, *, public: bool) -> Iterator[Ask]:
    if url is not None:
        from api.client import Client

        token = read_token(token_file) if token_file and not public else None
        with Client(url) as client:
            yield lambda question: client.screen(question, token)
        return
    import orjson

    from api.screening.screen import Desk, read_question
    from ledger.installation import open_installation
    from projections.catalogue import PROJECTIONS
    from projections.reading import Reading
    from projections.runner import Runner
    from projections.views.screening import READS

    with open_installation(Settings.from_environment()) as here:
        needed = [PROJECTIONS[name] for name in (*READS, "provenance")]
        with (
            Runner(here.database, here.ledger.reader, needed) as runner,
            Reading(here.database, pool_size=1) as reading,
        ):
            runner.catch_up()
            desk = Desk(here.ledger, reading, here.clock)
            yield lambda question: desk.screen(read_question(orjson.dumps(question)), public=public).json()


def _asked(ask: Ask, question: Mapping[str, Any], subjects: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The signed answers, one for every 10,000 subjects, with a progress bar on stderr."""
    from tqdm import tqdm

    from api.screening.screen import MOST

    with tqdm(total=len(subjects), desc="筛查 screening", unit="subject", dynamic_ncols=True) as bar:
        for start in range(0, len(subjects), MOST):
            some = subjects[start : start + MOST]
            yield ask({**question, "subjects": some})
            bar.update(len(some))


def _gathered(sheet: Sheet, found: Subjects, answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """All that is told: each row with its answer, what was wrong with cells, and the signed answers."""
    from api.screening.screen import contradicted

    of = {result["given"]: result for each in answers for result in each["answer"]["results"]}
    return {
        "file": sheet.file,
        "sha256": sheet.sha256,
        "sheet": sheet.name,
        "unread": list(sheet.others),
        "counts": dict(Counter(of[s.asked]["answer"] for s in found.subjects)),
        "rows": [_row(subject, of[subject.asked]) for subject in found.subjects],
        "notes": [asdict(note) for note in (*found.notes, *contradicted(found, of))],
        "answers": list(answers),
    }


def _row(subject: Subject, result: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in result.items() if name != "given"}
    return {"row": subject.row, "code": subject.code, "name": subject.name, "asked": subject.asked, **rest}


def _write(path: Path, data: Mapping[str, Any]) -> None:
    """Keeps the answers. Raises ConfigurationError where the file cannot be written."""
    import orjson

    from ledger.errors import ConfigurationError

    try:
        path.write_bytes(orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", f"{path}：无法写入（{error.strerror}）"
        ) from None
    say(f"签名答复已存入 {path}", f"the signed answers are in {path}")


def report(data: Mapping[str, Any], found: Subjects, *, as_json: bool, as_csv: bool) -> None:
    """The rows on stdout: as JSON, as CSV, or as lines for people; what was wrong with cells on stderr."""
    import sys

    from api.v1.formats import csv_of

    if as_json:
        import orjson

        typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
        return
    if as_csv:
        sys.stdout.buffer.writelines(csv_of(_table(data), _COLUMNS))
    else:
        typer.echo("\n".join(_lines(data)))
    if data["unread"]:
        names = "、".join(data["unread"])
        say(f"! 只读取工作表“{data['sheet']}”，未读取：{names}", f"only “{data['sheet']}” was read, not: {names}")
    for note in data["notes"]:
        mark = "!" if note["serious"] else "·"
        say(
            f"{mark} 第 {note['row']} 行 {note['column']} 列：{note['zh']}",
            f"{note['column']}{note['row']}: {note['en']}",
        )


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    """What is not clear row by row, the gravest first; then how many of each."""
    from api.words import word
    from projections.screening import Answer, Cause

    order = [str(answer) for answer in Answer]
    for row in sorted(data["rows"], key=lambda r: (order.index(r["answer"]), r["row"])):
        if row["answer"] == "clear":
            continue
        said = word(Answer(row["answer"]))
        who = row.get("match", {}).get("name") or row["name"] or row["asked"]
        yield f"{row['row']:>6}  {said.zh} {said.en:<8} {who}  {row['code']}".rstrip()
        for reason in row.get("reasons", ()):
            yield f"          {_reason(reason, word(Cause(reason['cause'])))}"
        for candidate in row.get("candidates", ()):
            yield f"          ? {candidate['name']} {candidate['body']}（{candidate['way']}，{candidate['answer']}）"
    counts = (f"{word(a).zh} {word(a).en} {data['counts'].get(str(a), 0)}" for a in Answer)
    yield "；".join(counts)


def _reason(reason: Mapping[str, Any], said: Any) -> str:
    details = [
        reason[name]
        for name in ("zh", "basis", "decision_number", "court", "case_number", "due")
        if reason.get(name) is not None
    ]
    if "starts" in reason:
        details.append(f"{reason['starts']}–{reason.get('ends', '')}")
    return f"{said.zh} {said.en}" + (f"：{'，'.join(map(str, details))}" if details else "")


_COLUMNS = ("row", "code", "name", "answer", "body", "way", "causes", "measures", "problem")


def _table(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Each row, one that was not asked too: then the answer is empty, and ``problem`` says what is wrong."""
    wrong: dict[int, list[str]] = {}
    for note in data["notes"]:
        if note["serious"]:
            wrong.setdefault(note["row"], []).append(f"{note['column']}{note['row']} {note['zh']} | {note['en']}")
    rows = {**{number: _NOT_ASKED | {"row": number} for number in wrong}, **{row["row"]: row for row in data["rows"]}}
    for number, row in sorted(rows.items()):
        yield dict(zip(_COLUMNS, (*_cells(row), "; ".join(wrong.get(number, ()))), strict=True))


_NOT_ASKED = {"code": "", "name": "", "answer": ""}


def _cells(row: Mapping[str, Any]) -> Sequence[object]:
    match, reasons = row.get("match", {}), row.get("reasons", ())
    causes = " ".join(reason["cause"] for reason in reasons)
    measures = " ".join(reason["measure"] for reason in reasons if "measure" in reason)
    who = match.get("body", ""), match.get("way", "")
    return (row["row"], row["code"], row["name"], row["answer"], *who, causes, measures)
