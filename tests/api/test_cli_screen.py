"""``jiannuo screen`` and ``jiannuo verify-attestation``: a spreadsheet in, answers out, signed and checked offline."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation, open_installation
from tests.api.commanding import Ran, Run, runner
from tests.conftest import Served, application, serving

BUILDING, TRAFFIC = fictional_uscc(111), fictional_uscc(115)


@pytest.fixture
def jiannuo(played: Installation, monkeypatch, capsys) -> Run:
    """The command on the ledger of the worked cases."""
    run = runner(monkeypatch, capsys, played.settings.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(played.settings.database_url))
    return run


@pytest.fixture(scope="module")
def served_cases(played: Installation) -> Iterator[Served]:
    with (
        open_installation(played.settings) as installation,
        application(installation) as app,
        serving(installation, app) as made,
    ):
        yield made


def read_csv(ran: Ran) -> list[dict[str, str]]:
    """The rows of a CSV file as a program reads them, which begins as spreadsheets want it."""
    assert ran.out.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(ran.out.removeprefix("\ufeff"), newline="")))


def written(folder: Path, *rows: tuple[object, ...]) -> Path:
    """A spreadsheet with a title, an empty row, and these rows."""
    book = openpyxl.Workbook()
    book.active.append(("政府采购投标单位名单",))
    book.active.append(())
    for row in rows:
        book.active.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return written(
        tmp_path,
        ("序号", "单位名称", "统一社会信用代码"),
        (1, "示例市建设局（虚构）", BUILDING),
        (2, "示例市交通运输局（虚构）", ""),
        (3, "=cmd()", None),
        (4, "某某公司", "12345"),
        (5, "——", "无"),
    )


def test_a_spreadsheet_is_screened_row_by_row(jiannuo: Run, mixed: Path) -> None:
    """G05 part 8 of issue 5: header found, dirty cells by row and column, blocked first; exit 3."""
    ran = jiannuo("screen", mixed, "--purpose", "awards")
    assert ran.code == 3
    lines = ran.out.splitlines()
    assert lines[0].split()[:4] == ["4", "拦截", "Block", "示例市建设局（虚构）"]
    assert "2026-06-01–2028-05-31" in ran.out
    assert "拦截 Block 1；" in lines[-1]
    assert "! 第 7 行 C 列：应为 18 位，实为 5 位 | C7: expected 18 characters, got 5" in ran.err
    assert "! 第 8 行 C 列：既无代码也无名称" in ran.err


def test_the_exit_code_tells_whether_anything_blocks(jiannuo: Run, tmp_path: Path) -> None:
    """G05: 0 all clear, 3 something blocks, 5 something to look at."""
    assert jiannuo("screen", written(tmp_path, ("uscc",), (TRAFFIC,))).code == 0
    assert jiannuo("screen", written(tmp_path, ("uscc",), (TRAFFIC,), (fictional_uscc(999),))).code == 5
    assert jiannuo("screen", written(tmp_path, ("uscc",), (TRAFFIC,), ("123",))).code == 5
    assert jiannuo("screen", written(tmp_path, ("uscc",), (BUILDING,)), "--purpose", "awards").code == 3
    assert jiannuo("screen", written(tmp_path, ("甲", "乙"), (1, 2))).code == 1
    assert jiannuo("screen", tmp_path / "none.xlsx").code == 1
    assert jiannuo("screen", written(tmp_path, ("uscc",), (TRAFFIC,)), "--purpose", "recruitment").code == 2


def test_a_name_that_is_not_its_codes_is_for_a_person(jiannuo: Run, tmp_path: Path) -> None:
    """G05: the code counts, and it is said; a short form or another way to write the name contradicts nothing."""
    head = ("单位名称", "统一社会信用代码")
    ran = jiannuo("screen", written(tmp_path, head, ("示例市水务局", TRAFFIC), ("市交通运输局", TRAFFIC)))
    assert ran.code == 5
    assert "! 第 4 行 A 列：与代码" in ran.err
    assert ran.err.count("不符") == 1
    assert jiannuo("screen", written(tmp_path, head, ("示例市交通运输局(虚构)", TRAFFIC))).code == 0


def test_a_program_that_reads_the_csv_learns_what_is_wrong(jiannuo: Run, mixed: Path, tmp_path: Path) -> None:
    """G05 自动拦截: a name that is not its code's stands beside the answer, rows not asked are there."""
    rows = read_csv(jiannuo("screen", mixed, "--purpose", "awards", "--csv"))
    assert [int(row["row"]) for row in rows] == [4, 5, 6, 7, 8]
    assert [row["row"] for row in rows if not row["answer"]] == ["6", "8"]
    assert [row["row"] for row in rows if row["problem"]] == ["6", "7", "8"]
    crossed = written(tmp_path, ("单位名称", "统一社会信用代码"), ("示例市建设局（虚构）", TRAFFIC))
    ran = jiannuo("screen", crossed, "--purpose", "awards", "--csv")
    (row,) = read_csv(ran)
    assert (ran.code, row["answer"]) == (5, "clear")
    assert "不符" in row["problem"]


def test_a_second_sheet_is_not_passed_over_in_silence(jiannuo: Run, tmp_path: Path) -> None:
    """G05: one sheet is read; of another with something in it people and programs are told, and the exit code is 5."""
    path = written(tmp_path, ("uscc",), (TRAFFIC,))
    book = openpyxl.load_workbook(path)
    book.create_sheet("空表")
    book.save(path)
    assert jiannuo("screen", path).code == 0
    book.create_sheet("第二包").append(["uscc", BUILDING])
    book.save(path)
    ran = jiannuo("screen", path)
    assert ran.code == 5
    assert "未读取：第二包" in ran.err
    assert json.loads(jiannuo("screen", path, "--json").out)["unread"] == ["第二包"]


def test_programs_get_every_row(jiannuo: Run, mixed: Path) -> None:
    """Issue 5 part 8: JSON with the signed answers; CSV in which no cell is a formula."""
    data = json.loads(jiannuo("screen", mixed, "--purpose", "awards", "--json").out)
    assert [row["row"] for row in data["rows"]] == [4, 5, 7]  # row 6 has a formula without a value
    assert {note["row"] for note in data["notes"] if note["serious"]} == {6, 7, 8}
    assert data["counts"] == {"block": 1, "clear": 1, "unknown": 1}
    rows = read_csv(jiannuo("screen", mixed, "--purpose", "awards", "--csv"))
    assert (rows[0]["answer"], rows[0]["measures"].split()[0]) == ("block", "award_exclusion")


def test_a_running_ledger_answers_the_same(jiannuo: Run, mixed: Path, served_cases: Served, tmp_path: Path) -> None:
    """Issue 5 part 8: here or by URL; as the public, and as an office that has the token."""
    own = json.loads(jiannuo("screen", mixed, "--purpose", "awards", "--json").out)
    token = tmp_path / "token"
    token.write_text(served_cases.installation.token())
    out = tmp_path / "answers.json"  # the server of the test writes its log where the command writes
    asked = ("screen", mixed, "--purpose", "awards", "--out", out, "--url", served_cases.url)
    jiannuo(*asked, "--token-file", token)
    assert json.loads(out.read_text())["rows"] == own["rows"]
    jiannuo(*asked)
    assert json.loads(out.read_text())["answers"][0]["answer"]["audience"] == "public"


def test_an_answer_is_verified_by_whoever_has_it(jiannuo: Run, mixed: Path, tmp_path: Path, played) -> None:
    """Issue 5, the answer is signed: by the log's first entry, or offline by the key; a changed one gives 3."""
    out = tmp_path / "answers.json"
    jiannuo("screen", mixed, "--purpose", "awards", "--out", out)
    ran = jiannuo("verify-attestation", out, "--typ", "jiannuo-screening+jwt")
    assert (ran.code, json.loads(ran.out)["counts"]["block"]) == (0, 1)
    key = played.ledger.public_key
    assert jiannuo("verify-attestation", out, "--ledger-key", key).code == 0
    assert jiannuo("verify-attestation", out, "--ledger-key", key, "--typ", "jiannuo-report+jwt").code == 3
    assert jiannuo("verify-attestation", out, "--ledger-key", "A" * 43).code == 3
    assert jiannuo("verify-attestation", out, "--ledger-key", "short").code == 1
    alone = tmp_path / "answer.jws"
    jws = json.loads(out.read_text())["answers"][0]["jws"]
    alone.write_text(jws + "\n")
    assert jiannuo("verify-attestation", alone, "--ledger-key", key).code == 0
    alone.write_text(jws[:-9] + ("A" if jws[-9] != "A" else "B") + jws[-8:])
    assert jiannuo("verify-attestation", alone, "--ledger-key", key).code == 3
    alone.write_text("{}")
    assert jiannuo("verify-attestation", alone, "--ledger-key", key).code == 1
    assert jiannuo("verify-attestation", tmp_path / "none", "--ledger-key", key).code == 1


def test_what_stands_beside_the_signature_is_what_was_signed(jiannuo: Run, mixed: Path, tmp_path: Path, played) -> None:
    """Issue 5, the answer is signed: whoever reads the JSON reads what the ledger said, or is told."""
    out = tmp_path / "answers.json"
    jiannuo("screen", mixed, "--purpose", "awards", "--out", out)
    data = json.loads(out.read_text())
    data["answers"][0]["answer"]["results"][0]["answer"] = "clear"
    out.write_text(json.dumps(data))
    ran = jiannuo("verify-attestation", out, "--ledger-key", played.ledger.public_key)
    assert ran.code == 3
    assert "the file says something else than what was signed" in ran.err


def test_anybody_verifies_against_a_running_ledger(
    jiannuo: Run, mixed: Path, tmp_path: Path, served_cases: Served
) -> None:
    """Issue 5 parts 6, 8: a signed answer and the snapshot's manifest; the founding event is everybody's to read."""
    out = tmp_path / "answers.json"
    jiannuo("screen", mixed, "--purpose", "awards", "--out", out)
    assert jiannuo("verify-attestation", out, "--url", served_cases.url).code == 0
    manifest = {"log": "x", "size": 7}
    signed = served_cases.installation.ledger.attest("jiannuo-snapshot+jwt", manifest).decode()
    out.write_text(json.dumps({"id": "7", "manifest": manifest, "attestation": signed}))
    ran = jiannuo("verify-attestation", out, "--url", served_cases.url)
    assert ran.code == 0
    assert "jiannuo-snapshot+jwt" in ran.err
    out.write_text(json.dumps({"id": "7", "manifest": manifest | {"size": 8}, "attestation": signed}))
    assert jiannuo("verify-attestation", out, "--url", served_cases.url).code == 3
    assert jiannuo("verify-attestation", out, "--url", f"{served_cases.url}/feeds").code == 1
