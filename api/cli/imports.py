"""``jiannuo import court``, ``jiannuo import commitments``: lists that others hand over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from api.cli.local import say
from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.court_sweep import Candidate, Done, Plan
    from ledger.installation import Installation
    from ledger.sheets.court import CourtList
    from projections.reading import Moment, Reading
    from projections.views.screening import Match

T = TypeVar("T")
TO_DO = 5
"""Exit code where something is left for people: a row to decide, one that cannot be used or was refused."""


def court(
    file: Annotated[Path, typer.Argument(help="the court's list: XLSX, XLS, ODS, CSV, JSON 失信被执行人名单")],
    month: Annotated[str, typer.Option(help="the month of the list, such as 2026-10 月份")],
    courts: Annotated[
        list[str] | None,
        typer.Option("--court", help="this is the whole list of that court, also if no row names it 该法院的全部名单"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only show; nothing is recorded 只看不记")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print every row's outcome as JSON")] = False,
) -> None:
    """Sweep the courts' list of a month: new listings become leads, gone ones are told. 按月排查失信被执行人名单。

    Recorded also where the list is empty; the same file again changes nothing. Exit 0 done, 5 done and something is
    left to people, 1 could not run, 2 usage.
    """
    from ledger.court_sweep import CourtSweep, Done, Listing
    from ledger.domain.event import legal_day
    from ledger.sheets.court import case_number_of
    from projections.views import sweeps

    _check_month(month)
    with _opened() as (here, reading, moment):
        found = _read(file, moment.on)
        known = [
            Listing(r["stream"], r["subject"], r["court"], r["case_number"], r["listed_on"], r["way"])
            for r in sweeps.listings(reading, moment)
        ]
        decided = {
            (r["subject"], case_number_of(r["decision_number"])): r["stream"] for r in sweeps.recorded(reading, moment)
        }
        sweep = CourtSweep(here.ledger, known, decided)
        plan = sweep.plan(found, _candidates(here, reading, moment, found), courts or ())
        done = Done()
        if not dry_run:
            author = here.author("operator", here.operator())
            done = _followed(sweep.run(plan, found, month, author, legal_day(here.clock())), "排查 sweeping", done)
    _report(plan, found, done, as_json=as_json, dry_run=dry_run)
    raise typer.Exit(TO_DO if _left(plan, done) else 0)


def _check_month(month: str) -> None:
    from ledger.domain import codec
    from ledger.domain.sweep import Month

    codec.decode_as(Month, month, "--month")


def _read(file: Path, today: date) -> CourtList:
    """Raises ConfigurationError, FormatError."""
    from ledger.sheets.court import court_list, court_list_json
    from ledger.sheets.reading import read_sheet

    if file.suffix.lower() != ".json":
        return court_list(read_sheet(file), today)
    return court_list_json(_bytes(file), file.name, today)


@contextmanager
def _opened() -> Iterator[tuple[Installation, Reading, Moment]]:
    """The installation here with its read side, which has come up to the log."""
    from ledger.domain.event import legal_day
    from ledger.installation import open_installation
    from projections.catalogue import PROJECTIONS
    from projections.reading import Reading
    from projections.runner import Runner
    from projections.views.sweeps import READS

    with open_installation(Settings.from_environment()) as here:
        runner = Runner(here.database, here.ledger.reader, [PROJECTIONS[name] for name in READS])
        with runner, Reading(here.database, pool_size=1) as reading:
            runner.catch_up()
            yield here, reading, reading.moment(None, legal_day(here.clock()), *READS)


def _candidates(here: Installation, reading: Reading, moment: Moment, found: CourtList) -> list[tuple[Candidate, ...]]:
    """Whom each entry may mean: by its code and by its name, but whom an office ruled out for that name."""
    from ledger.court_sweep import Candidate, fitting
    from projections.matching import key_of
    from projections.views.screening import matched
    from projections.views.sweeps import same_bodies

    same = same_bodies(reading, moment)
    by_code = matched(reading, moment, [e.code or "-" for e in found.entries])
    by_name = matched(reading, moment, [e.name or "-" for e in found.entries])
    out = here.ledger.screenings.ruled_out({key_of(e.name) for e in found.entries if e.name})

    def candidates(matches: list[Match]) -> list[Candidate]:
        return [Candidate(same.get(m.body, m.body), m.name, str(m.way), m.sure) for m in matches]

    result = []
    for entry, coded, named in zip(found.entries, by_code, by_name, strict=True):
        allowed = [m for m in named if (key_of(entry.name), m.body) not in out]
        result.append(fitting(candidates(coded), candidates(allowed)))
    return result


def _followed(steps: Iterator[tuple[int, int, T]], what: str, begun: T) -> T:
    """Goes through the steps of a run, with a progress bar on stderr; what it did."""
    from tqdm import tqdm

    with tqdm(desc=what, unit="event", dynamic_ncols=True) as bar:
        for number, total, begun in steps:  # noqa: B007, PLR1704
            bar.total = total
            bar.update(number - bar.n)
    return begun


def _left(plan: Plan, done: Done) -> bool:
    """Whether something is left to people."""
    from ledger.court_sweep import Outcome

    open_ones = {Outcome.UNDECIDED, Outcome.UNUSABLE, Outcome.INCOMPLETE}
    return bool(plan.left or done.refused or any(row.outcome in open_ones for row in plan.rows))


_WORDS = {
    "stands": ("账本已载其列名", "its listing stands already"),
    "lead": ("登记为线索", "becomes a lead"),
    "pending": ("线索已登记，待认定", "is a lead already, or a closed file"),
    "enter": ("在已认定的记录中记载列名", "the listing is entered in its record"),
    "incomplete": (
        "已认定；名单缺执行依据或义务，请补记",
        "recorded; the list lacks basis or duty: add it",
    ),
    "undecided": ("对应单位待人工确认", "whom it means is to be decided"),
    "nobody": ("不是本账本的单位", "nobody of this ledger"),
    "unusable": ("该行有误，未能读取", "the row cannot be used"),
}


def _report(plan: Plan, found: CourtList, done: Done, *, as_json: bool, dry_run: bool) -> None:
    """Every row's outcome on stdout; names of those who are nobody here are not repeated: they may be persons."""
    data = _data(plan, found, done, dry_run=dry_run)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
        return
    for row in data["rows"]:
        zh, en = _WORDS[row["outcome"]]
        about = " ".join(str(row[name]) for name in ("case_number", "body", "stream") if row.get(name))
        typer.echo(f"{row['row']:>6}  {zh} {en}  {about}".rstrip())
        for candidate in row.get("candidates", ()):
            typer.echo(f"          ? {candidate['name']} {candidate['body']}（{candidate['way']}）")
    for gone in data["left"]:
        asked = f"，已提请删除 removal requested（{gone['requested']}）" if gone["requested"] else ""
        typer.echo(
            f"  不再列名，请法院确认 listed no longer, ask the court: {gone['case_number']} {gone['stream']}{asked}"
        )
    for note in found.notes:
        say(f"第 {note.row} 行 {note.column} 列：{note.zh}", f"{note.column}{note.row}: {note.en}")
    for number, error in done.refused:
        say(f"第 {number} 行：{error.zh}", f"row {number}: {error.en}")
    counts = "，".join(f"{_WORDS[str(o)][0]} {n}" for o, n in sorted(plan.counts.items())) or "名单为空"
    say(
        f"{'（只看不记）' if dry_run else ''}线索 {done.leads}，列名 {done.entered}，"
        f"{'已记载排查' if done.swept else '未新增排查记载'}；{counts}",
        f"leads {done.leads}, listings {done.entered}, sweep {'recorded' if done.swept else 'not recorded again'}",
    )


def _data(plan: Plan, found: CourtList, done: Done, *, dry_run: bool) -> dict[str, Any]:
    refused = dict(done.refused)
    return {
        "file": found.file,
        "sha256": found.sha256,
        "entries": found.rows,
        "dry_run": dry_run,
        "rows": [_row(row, refused) for row in plan.rows],
        "left": [
            {name: _plain(getattr(x, name)) for name in ("stream", "subject", "case_number", "listed_on", "requested")}
            for x in plan.left
        ],
        "notes": [asdict(note) for note in found.notes],
        "leads": done.leads,
        "entered": done.entered,
        "swept": done.swept,
    }


def _row(row: Any, refused: dict[int, Any]) -> dict[str, Any]:
    data = {"row": row.row, "outcome": str(row.outcome), "body": row.body, "stream": row.stream}
    if row.entry is not None and (row.body or row.candidates):
        data["case_number"] = row.entry.case_number
    if row.candidates:
        data["candidates"] = [{"body": c.body, "name": c.name, "way": c.way} for c in row.candidates]
    if row.row in refused:
        error = refused[row.row]
        data["refused"] = {"rule": error.rule, "en": error.en, "zh": error.zh}
    return {name: value for name, value in data.items() if value is not None}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def commitments(
    file: Annotated[Path, typer.Argument(help="commitments.csv or .jsonl, as exported or filled in 承诺清单")],
    bodies: Annotated[
        Path | None, typer.Option(help="bodies.csv or .jsonl, for bodies that are not here yet 单位清单")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only check; nothing is recorded 只查不记")] = False,
) -> None:
    """Import commitments that a ledger exported, or that were filled in by hand. 导入承诺清单。

    A file with a wrong row is not imported at all. The same file again adds nothing. Exit 0 done, 5 the rules refused
    some, 1 could not run or a row is wrong, 2 usage.
    """
    from ledger.installation import open_installation
    from ledger.promise_import import Imported, PromiseImport, read_bodies, read_promises

    promises = read_promises(_bytes(file), file.name)
    known = read_bodies(_bytes(bodies), bodies.name) if bodies else None
    with open_installation(Settings.from_environment()) as here:
        importing = PromiseImport(here.ledger, here.author("operator", here.operator()))
        events, problems = importing.plan(promises, known)
        problems = [*problems, *(known.wrong if known else ())]
        for line, error in problems:
            say(f"第 {line} 行：{error.zh}", f"line {line}: {error.en}")
        if problems:
            say("未导入任何内容", "nothing was imported")
            raise typer.Exit(1)
        done = Imported()
        if not dry_run:
            done = _followed(importing.run(promises, events), "导入 importing", done)
    for line, error in done.refused:
        say(f"第 {line} 行：{error.zh}", f"line {line}: {error.en}")
    if dry_run:
        say(f"待记载事件 {len(events)}，未记载任何内容", f"events to record: {len(events)}; nothing was recorded")
        return
    say(
        f"记载承诺 {done.commitments}，登记单位 {done.bodies}，已在账本 {done.present}，拒绝 {len(done.refused)}",
        f"commitments {done.commitments}, bodies {done.bodies}, there before {done.present}, "
        f"refused {len(done.refused)}",
    )
    if done.refused:
        raise typer.Exit(TO_DO)


def _bytes(file: Path) -> bytes:
    """Raises ConfigurationError where the file cannot be read."""
    from ledger.errors import ConfigurationError
    from ledger.promise_import import MAX_FILE

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror})", f"{file}：无法读取（{error.strerror}）"
        ) from None
