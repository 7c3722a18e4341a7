"""docs/rules.md, made from the sources: each requirement → events and rules → settings of the packs → tests.

``python -m tests.rulebook`` (or ``make rules``) writes it; tests/test_rulebook.py fails where it is stale, where a
requirement that is said to be held here has no event or rule or no test, and where a name leads nowhere.

Nothing is written twice. Which events answer a requirement stands in ``Step.rows`` of the tables of steps, and for the
kinds without such a table (body, commitment, policy) in the docstrings of their facts; which rules, in the source that
a refusal gives; which modules answer it from the cases, in their docstrings; which tests, at the beginning of a test's
docstring.

>>> sorted(rows_in("C15 C16 根据…损失情况")), sorted(rows_in("penalties (D04-D06)"))
(['C15', 'C16'], ['D04', 'D05', 'D06'])
>>> leading("E03 E05 异议处理、核实期间 (B10)")
('E03', 'E05')
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import ledger.domain
from ledger.domain.kinds import KINDS
from ledger.domain.pack import Pack, parse_pack
from ledger.domain.policy_keys import key_of
from ledger.domain.steps import Rulebook

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "rules.md"
GROUPS = {
    "A": "Subjects, identifiers, roles 主体、标识与角色",
    "B": "Commitments 守信践诺",
    "C": "Dishonesty records 失信记录",
    "D": "Rectification and penalties 整改与惩戒",
    "E": "Objections, remedies, repair 异议、救济与修复",
    "F": "Disclosure, sharing, security 公开、共享与安全",
    "G": "Look-ups and screening 信用查询与筛查",
    "H": "Complaints 投诉举报",
    "J": "Supervision, evaluation, reports 监督、评价与报送",
}
_ROW = re.compile(r"\b([A-K])(\d\d)(?:[-–]\1(\d\d))?")
_LEADING = re.compile(r"(?:[A-K]\d\d[ ,、]*)+")
_RULE = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)?")


@dataclass(frozen=True)
class Row:
    """A requirement: its words, the documents it comes from, the part of the product that holds it, and why there.

    ``limit``: what of it is not held, though the rest is. ``keys``: what a rule pack settles about it.
    """

    id: str
    en: str
    zh: str
    seeds: str
    where: str
    reason: str = ""
    limit: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shown:
    """A test that shows requirements."""

    file: str
    name: str
    rows: tuple[str, ...]


Found = Mapping[str, tuple[str, ...]]
"""For each requirement, what answers it."""


@cache
def rows() -> tuple[Row, ...]:
    """The requirements, in their order."""
    tables = tomllib.loads((ROOT / "docs" / "requirements.toml").read_text("utf-8"))["row"]
    return tuple(Row(**{**table, "keys": tuple(table.get("keys", ()))}) for table in tables)


def rows_in(text: str) -> set[str]:
    """All requirements that a text names; ``D04-D06`` names three."""
    found = set()
    for group, first, last in _ROW.findall(text):
        found |= {f"{group}{number:02d}" for number in range(int(first), int(last or first) + 1)}
    return found


def leading(text: str) -> tuple[str, ...]:
    """The requirements named at the very beginning of a text."""
    start = _LEADING.match(text)
    return tuple(re.findall(r"[A-K]\d\d", start.group())) if start else ()


# --- events -------------------------------------------------------------------------------------------------


@cache
def modules() -> tuple[ModuleType, ...]:
    """All modules of the domain, by name."""
    found = pkgutil.walk_packages(ledger.domain.__path__, "ledger.domain.")
    return tuple(importlib.import_module(m.name) for m in sorted(found, key=lambda m: m.name))


@cache
def steps() -> Mapping[type, Any]:
    """The steps of all kinds, by the class of the fact."""
    tables = (getattr(kind.admit, "__self__", None) for kind in KINDS.values())
    return {cls: step for table in tables if isinstance(table, Rulebook) for cls, step in table.steps.items()}


@cache
def events() -> Found:
    """The events that answer each requirement, as ``kind: Event``."""
    found: dict[str, list[str]] = {}
    for kind, of in KINDS.items():
        classes = list(of.facts.values())
        has_table = any(cls in steps() for cls in classes)
        for cls in classes:
            named = steps()[cls].rows if cls in steps() else "" if has_table else cls.__doc__ or ""
            for row in rows_in(named):
                found.setdefault(row, []).append(f"{kind}: {cls.__name__}")
    return {row: tuple(names) for row, names in found.items()}


# --- rules --------------------------------------------------------------------------------------------------


@cache
def rules() -> Found:
    """The rules whose refusals give a requirement as their source, as ``kind.rule``."""
    found: dict[str, set[str]] = {}
    for module in modules():
        for call in _calls(_tree(module)):
            arguments = [*call.args, *(k.value for k in call.keywords)]
            for row in {row for a in arguments for row in rows_in(_text(module, a))}:
                found.setdefault(row, set()).update(_rules(module, call))
    return {row: tuple(sorted(names)) for row, names in found.items() if names}


@cache
def every_rule() -> frozenset[str]:
    """All rules by which the domain refuses, as ``kind.rule``."""
    calls = ((module, call) for module in modules() for call in _calls(_tree(module)))
    refusals = ((m, call) for m, call in calls if "refuse" in _name(call.func) or _name(call.func) == "RuleError")
    return frozenset(_rule(module, call) for module, call in refusals) - {""}


def _rules(module: ModuleType, call: ast.Call) -> set[str]:
    """The rules by which a call may refuse: its own, or those of a function that is given the source."""
    if "refuse" in _name(call.func) or _name(call.func) == "RuleError":
        return {rule for rule in (_rule(module, call),) if rule}
    target = getattr(module, _name(call.func), None)
    return set(_helpers().get((getattr(target, "__module__", ""), _name(call.func)), ()))


@cache
def _helpers() -> Mapping[tuple[str, str], set[str]]:
    """Functions that refuse with the source that they are given: by module and name, their rules."""
    found: dict[tuple[str, str], set[str]] = {}
    given = [
        (module, node)
        for module in modules()
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.FunctionDef) and "source" in {a.arg for a in node.args.args}
    ]
    for _ in range(2):  # the second time finds those that call one of the first
        for module, node in given:
            if "refuse" in node.name:
                continue
            for call in _calls(node):
                target = getattr(module, _name(call.func), None)
                known = found.get((getattr(target, "__module__", ""), _name(call.func)), set())
                own = {_rule(module, call)} - {""} if "refuse" in _name(call.func) else known
                found.setdefault((module.__name__, node.name), set()).update(own)
    return found


@cache
def _tree(module: ModuleType) -> ast.Module:
    assert module.__file__
    return ast.parse(Path(module.__file__).read_text("utf-8"))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _name(node: ast.expr) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", "")


def _text(module: ModuleType, node: ast.expr) -> str:
    """The literal text of an argument: a constant of the module, a string, the parts of a formatted one."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Name(id=name):
            value = getattr(module, name, "")
            return value if isinstance(value, str) else ""
        case ast.JoinedStr(values=values):
            return "".join(_text(module, v.value if isinstance(v, ast.FormattedValue) else v) for v in values)
    return ""


def _rule(module: ModuleType, call: ast.Call) -> str:
    """The rule that a refusal names, with its kind; "" for none."""
    given = [k.value for k in call.keywords if k.arg == "rule"] or call.args[:1]
    rule = _text(module, given[0]) if given else ""
    if not _RULE.fullmatch(rule):
        return ""
    return rule if "." in rule else f"{_kind(module)}.{rule}"


def _kind(module: ModuleType) -> str:
    """The kind of case of a module: ``commitment_change`` and ``record.lead`` are of commitment and record."""
    return next((kind for kind in KINDS if kind in re.split(r"[._]", module.__name__)), "record")


# --- modules that answer from the cases ---------------------------------------------------------------------


@cache
def answers() -> Found:
    """The modules beyond the domain whose docstrings name a requirement: what they compute or show answers it."""
    found: dict[str, list[str]] = {}
    paths = (path for place in ("ledger/proof", "projections", "audit", "api") for path in (ROOT / place).rglob("*.py"))
    for path in sorted(paths):
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for row in rows_in(said):
            found.setdefault(row, []).append(name)
    return {row: tuple(names) for row, names in found.items()}


# --- tests and packs ----------------------------------------------------------------------------------------


@cache
def showings() -> tuple[Shown, ...]:
    """The tests whose docstrings begin with requirements."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = leading(ast.get_docstring(node) or "")
                if named:
                    found.append(Shown(str(path.relative_to(ROOT)), node.name, named))
    return tuple(found)


@cache
def words() -> frozenset[str]:
    """All texts that stand in the tests by themselves, the rules that they expect among them."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(node.value for node in nodes if isinstance(node.value, str))


def shown_by(row: str) -> tuple[Shown, ...]:
    """The tests that show a requirement."""
    return tuple(t for t in showings() if row in t.rows)


@cache
def packs() -> tuple[Pack, ...]:
    """The packs that are shipped, the national one first."""
    found = (path.read_text("utf-8") for path in sorted((ROOT / "ledger" / "policies").glob("*.toml")))
    read = [parse_pack(text) for text in found if text.find("\n[pack]") >= 0]
    return tuple(sorted(read, key=lambda p: (p.region is not None, p.about.id)))


def settled_by(key: str) -> tuple[str, ...]:
    """The packs that settle a key (``measure.*``: any measure), each by its id."""
    start = key.removesuffix("*")
    return tuple(
        p.about.id for p in packs() if any(k == key or (key != start and k.startswith(start)) for k in p.values)
    )


# --- page ---------------------------------------------------------------------------------------------------

_HEAD = """# Rules 规则对照表

Made by `make rules` from docs/requirements.toml, the tables of steps, the sources that refusals give, and the
docstrings of modules and tests. A requirement that is said to be held here and has no event, rule or module, or no
test, fails the build.
本页由 `make rules` 生成：每项要求 → 事件与规则 → 规则包的键 → 证明它的测试。

YC 运城, DH 德化, HS 黄石, TA-A and TA-B 泰安, YN 盐城 (a draft for comment).
"""


def page() -> str:
    """The text of docs/rules.md."""
    return "\n".join([_HEAD, *_summary(), *(line for group in GROUPS for line in _group(group))])


def _summary() -> Iterator[str]:
    places = dict.fromkeys(row.where for row in rows())
    yield "| group | " + " | ".join(places) + " |"
    yield "|---|" + "---|" * len(places)
    for group, name in GROUPS.items():
        counts = [sum(r.id[0] == group and r.where == place for r in rows()) for place in places]
        yield f"| {group} {name} | " + " | ".join(str(n) if n else "" for n in counts) + " |"
    yield ""


def _group(group: str) -> Iterator[str]:
    yield f"## {group}. {GROUPS[group]}\n"
    for row in rows():
        if row.id[0] == group:
            yield f"### {row.id} {row.en}\n"
            yield f"{row.zh} ({row.seeds})\n"
            yield from (_held(row) if row.where == "here" else (f"- **{row.where}**: {row.reason}",))
            yield ""


def _held(row: Row) -> Iterator[str]:
    if row.limit:
        yield f"- **limit**: {row.limit}"
    if named := events().get(row.id):
        yield "- events: " + ", ".join(f"`{name}`" for name in named)
    if named := rules().get(row.id):
        yield "- rules: " + ", ".join(f"`{name}`" for name in named)
    if named := answers().get(row.id):
        yield "- answered by: " + ", ".join(f"`{name}`" for name in named)
    for key in row.keys:
        yield f"- setting `{key}` ({key_of(key).zh}): {', '.join(settled_by(key)) or 'no pack yet'}"
    by_file: dict[str, list[str]] = {}
    for test in shown_by(row.id):
        by_file.setdefault(test.file, []).append(test.name.removeprefix("test_").replace("_", " "))
    for file, names in by_file.items():
        yield f"- shown in `{file}`: " + "; ".join(names)


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
