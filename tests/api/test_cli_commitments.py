"""``jiannuo import commitments``: what one ledger exports another imports, and says there the same promises."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.commitment_sheet import PROMISE
from ledger.installation import Installation, open_installation
from ledger.settings import Settings
from tests.api.commanding import Ran, Run, runner
from tests.conftest import OPERATOR, application, caller_of

PLANS = Path(__file__).parents[2] / "examples" / "plans"
HAND = {
    "title": "限时办结",
    "text": "三个工作日内办结",
    "kind": "quality",
    "area": "general",
    "promiser": OPERATOR.uscc,
}


def exported(installation: Installation, kind: str) -> tuple[bytes, bytes]:
    """The export of commitments and of bodies."""
    with application(installation) as app:
        client = caller_of(app)
        commitments, bodies = (client.get(f"/api/v1/{name}.{kind}") for name in ("commitments", "bodies"))
    assert (commitments.status_code, bodies.status_code) == (200, 200)
    return commitments.content, bodies.content


def promises(data: bytes, kind: str) -> dict[str, dict[str, Any]]:
    """What was promised, by id; documents aside: what one body said for itself another says with the file."""
    if kind == "jsonl":
        rows = [json.loads(line) for line in data.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    kept = [name for name in PROMISE if name != "basis"]
    return {row["id"]: {name: row.get(name) for name in kept} for row in rows}


@pytest.fixture
def fresh(settings_of: Callable[[], Settings]) -> Settings:
    return settings_of()


@pytest.fixture
def jiannuo(fresh: Settings, monkeypatch, capsys) -> Run:
    run = runner(monkeypatch, capsys, fresh.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(fresh.database_url))
    return run


def imported(run: Run, folder: Path, rows: list[dict[str, Any]], *more: object) -> Ran:
    path = folder / "commitments.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return run("import", "commitments", path, *more)


@pytest.fixture
def planned(settings_of: Callable[[], Settings], monkeypatch, capsys) -> Settings:
    """A ledger into which a plan was read: many promises, of bodies that have no code yet."""
    made = settings_of()
    run = runner(monkeypatch, capsys, made.home)
    monkeypatch.setenv("JIANNUO_DATABASE_URL", str(made.database_url))
    assert run("import", "plan", next(PLANS.glob("000_*.txt"))).code == 0
    return made


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("source", ["a plan", "worked cases"])
def test_an_export_is_imported_and_exported_again(
    planned: Settings, jiannuo: Run, fresh: Settings, played: Installation, tmp_path: Path, kind: str, source: str
) -> None:
    """Issue 5 part 6: import format equals export format."""
    if source == "a plan":
        with open_installation(planned) as installation:
            commitments, bodies = exported(installation, kind)
    else:
        commitments, bodies = exported(played, kind)
    (tmp_path / f"commitments.{kind}").write_bytes(commitments)
    (tmp_path / f"bodies.{kind}").write_bytes(bodies)
    command = ("import", "commitments", tmp_path / f"commitments.{kind}", "--bodies", tmp_path / f"bodies.{kind}")
    ran = jiannuo(*command)
    assert ran.code == 0, ran.err
    before = promises(commitments, kind)
    assert len(before) > (20 if source == "a plan" else 1)
    with open_installation(fresh) as installation:
        assert promises(exported(installation, kind)[0], kind) == before
        size = installation.ledger.size
    again = jiannuo(*command)
    assert f"there before {len(before)}" in again.err
    with open_installation(fresh) as installation:
        assert installation.ledger.size == size


def test_without_its_bodies_nothing_of_it_is_stored(jiannuo: Run, fresh, played, tmp_path: Path) -> None:
    """Issue 5: errors by row, in both languages; nothing half-stored."""
    (tmp_path / "commitments.csv").write_bytes(exported(played, "csv")[0])
    with open_installation(fresh) as installation:
        size = installation.ledger.size
    ran = jiannuo("import", "commitments", tmp_path / "commitments.csv")
    assert ran.code == 1
    assert "尚未在账本登记" in ran.err
    assert "is not; register it" in ran.err
    with open_installation(fresh) as installation:
        assert installation.ledger.size == size


def test_rows_filled_in_by_hand_are_imported_once(jiannuo: Run, tmp_path: Path) -> None:
    """Issue 5: an id of its content where there is none."""
    assert imported(jiannuo, tmp_path, [HAND, {**HAND, "title": "首问负责"}], "--dry-run").code == 0
    assert "commitments 2," in imported(jiannuo, tmp_path, [HAND, {**HAND, "title": "首问负责"}]).err
    assert "there before 2" in imported(jiannuo, tmp_path, [HAND, {**HAND, "title": "首问负责"}]).err


def test_a_file_with_a_wrong_row_is_not_imported_at_all(jiannuo: Run, fresh: Settings, tmp_path: Path) -> None:
    """Issue 5: every wrong row is told with its line."""
    wrong = [HAND, {**HAND, "kind": "wish"}, {**HAND, "more": "x"}, {"title": "x"}, HAND]
    ran = imported(jiannuo, tmp_path, wrong)
    assert ran.code == 1
    for line in (2, 3, 4, 5):
        assert f"第 {line} 行：" in ran.err
        assert f"line {line}: " in ran.err
    assert "nothing was imported" in ran.err
    with open_installation(fresh) as installation:
        assert not [row for row in installation.ledger.reader.entries(0, 50) if row.stream.startswith("commitment/")]


def test_an_id_is_one_promise(jiannuo: Run, tmp_path: Path) -> None:
    """Issue 5: another promise under the id of one that the ledger has is refused."""
    assert imported(jiannuo, tmp_path, [{**HAND, "id": "a-1"}]).code == 0
    ran = imported(jiannuo, tmp_path, [{**HAND, "id": "a-1", "title": "另一承诺"}])
    assert ran.code == 1
    assert "is another promise" in ran.err.replace("the ledger has another promise", "is another promise")


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b'{"title":', b'"a\n', b"id,title\na", b"id,title\na,b,c", b"[]", b'{"a":1}', b"{}"]
)
def test_what_is_no_list_of_promises_is_refused(jiannuo: Run, tmp_path: Path, data: bytes) -> None:
    """Issue 5: no other error than ours."""
    (tmp_path / "x.csv").write_bytes(data)
    assert jiannuo("import", "commitments", tmp_path / "x.csv").code == 1


def test_what_the_rules_refuse_is_told_by_line(jiannuo: Run, tmp_path: Path) -> None:
    """Issue 5: the rules of a promise hold for an import too; exit 5."""
    dated = {**HAND, "due": "2026-12-31", "recurrence": {"every": "month"}}
    ran = imported(jiannuo, tmp_path, [HAND, dated])
    assert ran.code == 5
    assert "第 2 行" in ran.err
