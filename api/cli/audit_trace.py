"""``jiannuo audit trace``: where a record, a penalty or any event comes from, as a tree, as JSON, or as PROV-JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from ledger.errors import ConfigurationError

if TYPE_CHECKING:
    from audit.source import Source
    from audit.trace import Link, Paper, Trace, Traced


def trace(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="kind/id, kind/id#item, an event's index or jti 事件流、事件流#事项、事件序号或 jti"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="the trace as JSON")] = False,
    as_prov: Annotated[bool, typer.Option("--prov", help="the trace as W3C PROV-JSON")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
) -> None:
    """Trace a record, penalty or event back to all that led to it: signers, keys, documents, causes. 溯源。

    Exit 0 all signatures count, 1 could not run, 2 usage, 3 an event is not what its signer made of it, 4 entries are
    missing, 5 interrupted. Whether the log is whole is for `jiannuo audit verify`.
    """
    if as_json and as_prov:
        raise typer.BadParameter("--json 与 --prov 只能选一 | expected --json or --prov, got both")
    with audited(url, token_file, bundle=bundle) as source:
        found = run_trace(source, wanted)
    report_trace(found, as_json=as_json, as_prov=as_prov)
    raise typer.Exit(found.exit_code)


def run_trace(source: Source, wanted: str) -> Trace:
    """The trace of an id in the log of a source, with a progress bar on stderr."""
    from tqdm import tqdm

    from audit.bundle.source import BundleSource
    from audit.bundle.trace import streams_of
    from audit.lookup import scanned
    from audit.trace import trace as run

    with tqdm(desc="查找 scanning", unit="entry", dynamic_ncols=True) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        opened = streams_of(source, progress) if isinstance(source, BundleSource) else scanned(source, progress)
        with opened as streams:
            if not streams.size:
                raise ConfigurationError(
                    "the log has no entries yet: found a ledger with `jiannuo init` (or `make demo`)",
                    "日志尚无条目：请先用 `jiannuo init`（或 `make demo`）创立账本",
                )
            return run(streams, wanted)


def report_trace(found: Trace, *, as_json: bool, as_prov: bool) -> None:
    """The trace on stdout: as JSON, as PROV-JSON, or as a tree with every problem below it."""
    import orjson

    from audit.prov import prov

    if as_json or as_prov:
        data: Any = prov(found) if as_prov else {**asdict(found), "exit_code": found.exit_code}
        typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo("\n".join(_drawn(_tree(found))))
    for problem in found.problems:
        where = "-" if problem.index is None else str(problem.index)
        typer.echo(f"[{where}] {problem.code}: {problem.zh} | {problem.en}", err=as_json or as_prov)


_DEEPEST = 12
"""So many streams hang below each other at most."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A line of the tree, and what hangs on it."""

    text: str
    below: list[_Node] = field(default_factory=list)


def _tree(found: Trace) -> _Node:
    """The stream that was asked for, each other stream below the first event that leads back to it, then the rules.

    What would hang deeper than a terminal can show stands beside the rules.
    """
    streams: dict[str, list[Traced]] = {}
    for event in found.events:
        streams.setdefault(event.stream, []).append(event)
    by_index = {event.index: event for event in found.events}

    def branch(stream: str, depth: int = 0) -> _Node:
        from api.words import case_word

        title = case_word(stream.partition("/")[0])
        node = _Node(f"{title.zh} {title.en} {stream}")
        for event in streams.pop(stream, ()):
            below = [_Node(line) for line in _lines(event, by_index)]
            origins = (*event.came_from, *((event.cause.stream,) if event.cause else ()))
            if depth < _DEEPEST:
                below += [branch(origin, depth + 1) for origin in origins if origin in streams]
            node.below.append(_Node(_head(event), below))
        return node

    root = _Node(f"溯源 Origin of {found.id}（{found.log or '-'}）", [branch(found.stream)])
    while streams:
        root.below.append(branch(next(iter(streams))))
    return root


def _head(event: Traced) -> str:
    from api.words import event_word

    word = event_word(event.event)
    items = "".join(f" #{item}" for item in event.items)
    return f"[{event.index}] {event.recorded} {word.zh} {event.event}{items}（第 {event.version} 版 version）"


def _lines(event: Traced, by_index: dict[int, Traced]) -> Iterator[str]:
    """What a trace says about one event."""
    key, jti = event.key, event.jti
    start = "-" if key.from_index is None else key.from_index
    until = "" if key.until_index is None else f" 至 until {key.until_index}"
    verdict = "签名有效 signature verifies" if key.verified else "签名无效 SIGNATURE DOES NOT VERIFY"
    counted = "" if key.counted else "；密钥在此无效 THE KEY DID NOT COUNT HERE"
    yield f"签署 signed by {event.signer}：{verdict}{counted}"
    yield f"密钥 key {key.kid} 自 from {start}{until}"
    yield from dict.fromkeys(f"文件 document {_cited(paper)} sha256 {paper.sha256}" for paper in event.documents)
    if event.cause:
        yield f"起因 cause {_linked(event.cause)}"
    for consequence in event.consequences:
        yield f"后果 consequence {_linked(consequence)}"
    for index in event.rules:
        pack = by_index[index].pack
        yield f"规则包 rules [{index}] {pack.zh}（{pack.version}）" if pack else f"规则包 rules [{index}]"
    if event.pack:
        yield f"规则包 rule pack {event.pack.zh} {event.pack.en}，施行 in force {event.pack.in_force}"
        yield f"规则包摘要 digest {event.pack.digest}"
    yield f"标识 jti {jti}"
    yield f"事件散列 hash {event.hash}"
    yield f"叶散列 leaf {event.leaf}"


def _cited(paper: Paper) -> str:
    """A document as it is cited: title, and in brackets what else is known of it."""
    known = [part for part in (paper.number, paper.organ, paper.dated and paper.dated.isoformat()) if part]
    return f"《{paper.title}》" + (f"（{'，'.join(known)}）" if known else "")


def _linked(link: Link) -> str:
    from api.words import event_word

    return f"[{link.index}] {event_word(link.event).zh} {link.event} {link.stream}"


def _drawn(node: _Node) -> Iterator[str]:
    """A tree as lines of text."""
    yield node.text
    for position, child in enumerate(node.below, 1):
        last = position == len(node.below)
        first, *rest = _drawn(child)
        yield ("└─ " if last else "├─ ") + first
        yield from (("   " if last else "│  ") + line for line in rest)
