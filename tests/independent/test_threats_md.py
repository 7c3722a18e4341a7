"""docs/threats.md names nothing that is not there: each command, option, test and kind of tampering."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.cli import app
from tests.audit.test_tamper_matrix import KINDS

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("threats", "verify")}
PAGE = PAGES["threats"]


def functions(file: Path) -> set[str]:
    """The names of all functions in a file."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    return {node.name for node in nodes if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE))))
def test_each_test_that_the_page_names_exists(named: str) -> None:
    """The last columns of its tables."""
    path, _, function = named.partition("::")
    assert (ROOT / path).exists()
    assert not function or function in functions(ROOT / path)


def test_each_kind_of_tampering_that_the_page_names_is_found_by_the_command_beside_it() -> None:
    """«…» stands for a kind of the matrix: the row has to name the command that finds it, with its option."""
    kinds = {kind.name: kind for kind in KINDS}
    checked = set()
    for row in PAGE.splitlines():
        named = re.findall("`jiannuo ([^`]+)`", row)
        commands = {command.removeprefix("audit ") for command in named}
        for name in re.findall("«([^»…]+)»", row):
            assert kinds[name].command.removesuffix(" two") in commands, row
            checked.add(name)
    assert len(checked) > 20


def unknown(command: str) -> list[str]:
    """The words of a command that the command line does not know."""
    found: Any = typer.main.get_command(app)
    words = command.split()[1:]
    while words and hasattr(found, "commands"):
        name = words.pop(0)
        if name not in found.commands:
            return [name]
        found = found.commands[name]
    options = {option for parameter in found.params for option in parameter.opts}
    return [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", PAGES)
def test_each_command_and_option_that_a_page_names_exists(page: str) -> None:
    """In words, and in blocks."""
    commands = re.findall(r"`(jiannuo [^`]+)`", PAGES[page]) + re.findall(r"^jiannuo .*$", PAGES[page], re.MULTILINE)
    assert commands
    assert [(command, wrong) for command in commands if (wrong := unknown(command))] == []


def test_a_command_that_is_none_is_noticed() -> None:
    """The test of the test."""
    assert unknown("jiannuo audit believe") == ["believe"]
    assert unknown("jiannuo audit verify --blindly") == ["--blindly"]
    assert unknown("jiannuo audit verify --json") == []


def test_each_row_of_the_tables_has_its_four_cells() -> None:
    """Who reads it on a page of a forge sees tables."""
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(rows) > 40
    assert [row for row in rows if row.count("|") != 5] == []
