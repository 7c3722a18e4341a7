"""What the README and docs/ tell people to type works: each snippet marked ``<!-- run -->``, and each doctest."""

from __future__ import annotations

import doctest
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.importing import Importer, read_source
from tests.conftest import OPERATOR, Served, needs

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MARKED = re.compile(r"<!-- run -->\n```(sh|python)\n(.*?)```", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def snippets(language: str) -> list[str]:
    return [code for page in PAGES for kind, code in MARKED.findall(page.read_text("utf-8")) if kind == language]


@pytest.fixture
def ledger_with_a_plan(served: Served) -> Served:
    """A served ledger with the first of the example documents in it."""
    installation = served.installation
    source = read_source(sorted((ROOT / "examples/plans").glob("*.txt"))[0])
    *_, (_, _, summary) = Importer(installation.ledger, installation.author("operator", OPERATOR.uscc)).run([source])
    assert summary.commitments == len(source.plans[0].tasks)
    return served


def test_shell_snippets_verify_an_event_with_curl_and_openssl(ledger_with_a_plan: Served, tmp_path: Path) -> None:
    needs("bash", "curl", "openssl")
    found = snippets("sh")
    assert found
    for code in found:
        script = code.replace("http://127.0.0.1:8000", ledger_with_a_plan.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Signature Verified Successfully" in done.stdout
        assert "BodyProvisionallyRegistered" in done.stdout


def test_python_snippets_submit_an_event(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = snippets("python")
    assert found
    shutil.copy(served.installation.settings.keys / "operator.pem", tmp_path / "office.pem")
    monkeypatch.chdir(tmp_path)
    for code in found:
        names: dict[str, object] = {}
        exec(code.replace("http://127.0.0.1:8000", served.url).replace("11990000…", OPERATOR.uscc), names)
        assert names["receipt"]["stream"] == f"body/{OPERATOR.uscc}"  # type: ignore[index]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_doctests_of_a_page(page: Path) -> None:
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_shows_both_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in text
    assert "make test" in text
