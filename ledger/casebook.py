"""The casebook: worked cases written as files, played into a ledger of their own as if they happened on their days.

A file is TOML: a title in two languages, the documents that are relied on (with their text, whose SHA-256 is what the
events name), and sayings: on which day, by whom, in which stream, which event with which data. ``cast.toml`` names the
bodies, all of them invented, and the rule packs of their regions. In data, ``@name`` is a body of the cast,
``&kind/name`` a stream, ``#name`` a document.

Every saying is signed with a key of the body that says it and recorded at nine in the morning and some minutes of its
day, so the ledger is played with a clock that the script moves. Playing again adds nothing.

>>> book = parse_book([("a.toml", '''
... zh = "示例"
... en = "Example"
... [[say]]
... on = 2026-04-13
... by = "office"
... stream = "record/late-payment"
... event = "LeadVerified"
... data = { substantiated = true, grounds = "属实" }
... ''')], {"office": "11990000000000019A"})
>>> book.sayings[0].stream, book.sayings[0].fact.substantiated
('record/159e3689-c0af-8487-b23b-6e18152204d9', True)
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.domain import codec
from ledger.domain.body_terms import Kind, Role
from ledger.domain.event import Document, stream_kind
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.ids import uuid7, uuid8
from ledger.domain.kinds import fact_class
from ledger.errors import FormatError

_PERSONS_SINCE = 1_776_000_000_000  # 12 April 2026, in milliseconds
_ASIDE = frozenset({"body", "person", "policy"})
"""Kinds of stream that a file may have to begin with before it comes to its case."""
OPERATOR = "operator"
"""The name under which a script means the body that runs the ledger."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One event of the script: when, by which body, where, what, on which documents; ``seal`` is said under seal."""

    file: str
    number: int
    on: date
    by: str
    stream: str
    fact: Any
    basis: tuple[Document, ...] = ()
    seal: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells this saying from all others."""
        return f"casebook\n{self.file}\n{self.number}"


@dataclass(frozen=True, slots=True)
class Book:
    """All sayings in the order of their days; of each file its titles, in Chinese and English, and its case."""

    titles: Mapping[str, tuple[str, str, str]]
    sayings: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A body of the cast."""

    name: str
    uscc: str
    zh: str
    kind: Kind
    region: str | None = None
    superior: str | None = None
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class Adopted:
    """What an invented region of the cast adopts: a shipped pack under a name of its own, or some values."""

    region: str
    id: str
    zh: str
    en: str
    pack: str | None = None
    values: str = ""

    def text(self, shipped: Callable[[str], str]) -> str:
        """The pack's text; ``shipped`` gives that of a shipped one."""
        if self.pack is None:
            names = (f'{name} = "{getattr(self, name)}"' for name in ("id", "region", "zh", "en"))
            return "\n".join(("[pack]", *names, 'version = "example"', self.values))
        text = shipped(self.pack)
        for name in ("region", "id", "zh", "en"):
            text = re.sub(rf'(?m)^{name} = ".*"$', f'{name} = "{getattr(self, name)}"', text, count=1)
        return text


def parse_policies(text: str) -> tuple[Adopted, ...]:
    """The packs that the regions of ``cast.toml`` adopt."""
    return tuple(Adopted(**row) for row in tomllib.loads(text)["policy"])


def parse_cast(text: str, operator: str) -> tuple[Member, ...]:
    """The bodies of ``cast.toml``; ``superior`` names another of them. Raises FormatError."""
    rows = tomllib.loads(text)["body"]
    ids = {OPERATOR: operator, **{row["name"]: fictional_uscc(row["serial"]) for row in rows}}
    return tuple(
        Member(
            row["name"],
            ids[row["name"]],
            row["zh"],
            Kind(row["kind"]),
            row.get("region"),
            ids[row["superior"]] if "superior" in row else None,
            tuple(Role(role) for role in row.get("roles", ())),
        )
        for row in rows
    )


def parse_book(files: Iterable[tuple[str, str]], bodies: Mapping[str, str]) -> Book:
    """The sayings of all files, given as name and text. Raises FormatError that names file and saying."""
    titles: dict[str, tuple[str, str, str]] = {}
    sayings: list[Saying] = []
    for file, text in files:
        table = tomllib.loads(text)
        about = (row["stream"] for row in table["say"] if stream_kind(row["stream"]) not in _ASIDE)
        titles[file] = table["zh"], table["en"], stream_of(next(about))
        documents = {name: _document(found) for name, found in table.get("document", {}).items()}
        reader = _Reader(bodies, documents)
        for number, row in enumerate(table["say"]):
            try:
                sayings.append(reader.saying(file, number, row))
            except (FormatError, KeyError) as error:
                raise FormatError(f"{file}, saying {number}: {error}", f"{file} 第 {number} 条：{error}") from None
    return Book(titles, tuple(sorted(sayings, key=lambda s: s.on)))


def stream_of(alias: str) -> str:
    """The stream that a script calls ``kind/name``.

    A person's number must say nothing, so it has the version of random ones; of an invented person it may be made here.
    """
    kind, _, name = alias.partition("/")
    if kind == "person":
        return f"{kind}/{uuid7(_PERSONS_SINCE, hashlib.sha256(name.encode()).digest())}"
    return f"{kind}/{uuid8(f'casebook {alias}')}"


def _document(row: Mapping[str, Any]) -> Document:
    rest = {name: value for name, value in row.items() if name != "text"}
    return Document(sha256=hashlib.sha256(row["text"].encode()).hexdigest(), **rest)


@dataclass(frozen=True, slots=True)
class _Reader:
    bodies: Mapping[str, str]
    documents: Mapping[str, Document]

    def saying(self, file: str, number: int, row: Mapping[str, Any]) -> Saying:
        kind, _, name = row["stream"].partition("/")
        stream = f"{kind}/{self.bodies[name[1:]]}" if name.startswith("@") else self._stream(row["stream"])
        cls: Any = fact_class(stream_kind(stream), row["event"], 1)
        data = self._resolved(row.get("data", {}))
        seal = row.get("seal", {})
        if seal:  # in the place of digests that are made when the saying is signed
            data["_sd"] = [chr(ord("A") + n) + "A" * 42 for n in range(len(seal))]
        fact = codec.decode(cls, data, row["event"])
        basis = tuple(self.documents[name] for name in row.get("basis", ()))
        return Saying(file, number, row["on"], row["by"], stream, fact, basis, seal)

    def _stream(self, alias: str) -> str:
        return alias if stream_kind(alias) in {"body", "policy"} else stream_of(alias)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._resolved(v) for name, v in value.items()}
        if isinstance(value, list):
            return [self._resolved(v) for v in value]
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str) and value[:1] == "@":
            return self.bodies[value[1:]]
        if isinstance(value, str) and value[:1] == "&":
            return stream_of(value[1:])
        if isinstance(value, str) and value[:1] == "#":
            return codec.encode(self.documents[value[1:]])
        return value
