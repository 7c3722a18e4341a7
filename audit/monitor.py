"""A monitor: asks ledgers again and again for their newest checkpoint, and whether it continues what was seen before.

Who only ever looks at one checkpoint believes any history. A monitor remembers the newest one that it saw of each log
(``audit.memory``) and asks for proof that the next continues it (RFC 9162 §2.1.4); a log that is asked at several
addresses has to be the same at all of them. So it finds out a log that was cut back (*rolled-back*), written anew
(*forked*), or shown to one differently from another (*split-view*), and keeps both signed checkpoints: together they
are the proof that the operator broke its word, for anybody who knows the log's key.

With a policy it also asks for witnesses' cosignatures: a checkpoint without its witnesses' lines is still validly
signed (*quorum*). A key that the log handed over is followed (``audit.handover``), and remembered from then on.

It reads no entries and needs no token. What the entries say is for ``audit.verify``.

>>> judge(None, Checkpoint("log.example", 3, bytes(32)), lambda old, new: [])
<Finding.NEW: 'new'>
>>> judge(Checkpoint("log.example", 5, bytes(32)), Checkpoint("log.example", 3, bytes(32)), lambda old, new: [])
<Finding.ROLLED_BACK: 'rolled-back'>
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from audit import memory
from audit.handover import Ask, follow
from audit.http import published
from audit.memory import Memory
from audit.verdict import INCOMPLETE, INCONSISTENT, VERIFIED
from ledger.domain import codec, toml
from ledger.domain.codec import Many, Text
from ledger.errors import ConfigurationError, FormatError, LedgerError, ProofError, SignatureError, UnavailableError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.merkle import HASH_SIZE, verify_consistency
from ledger.proof.note import MAX_NOTE, Verifier
from ledger.proof.quorum import Policy

MOST_PROOF = 8192
"""Bytes of a consistency proof in base64, a hash a line: 64 hashes are enough for 2^63 entries."""

Proof = Callable[[int, int], Sequence[bytes]]


class Finding(StrEnum):
    """What a look at a log found."""

    NEW = "new"  # seen for the first time
    UNCHANGED = "unchanged"  # the same as before
    CONTINUED = "continued"  # grown, and shown to continue what was seen
    BEHIND = "behind"  # smaller than what another address of the same log just showed, which continues it
    ROLLED_BACK = "rolled-back"  # smaller than what was seen
    FORKED = "forked"  # it does not continue what was seen
    SPLIT_VIEW = "split-view"  # another address of the same log just showed another
    UNSIGNED = "unsigned"  # not a checkpoint of the log's key
    QUORUM = "quorum"  # not cosigned as the policy asks, or a witness's cosignature is bad
    UNREACHABLE = "unreachable"  # no answer, or no proof

    @property
    def exit_code(self) -> int:
        """0 in order, 4 the log contradicts itself, 5 it cannot be told."""
        if self in {Finding.NEW, Finding.UNCHANGED, Finding.CONTINUED, Finding.BEHIND}:
            return VERIFIED
        return INCOMPLETE if self is Finding.UNREACHABLE else INCONSISTENT


@dataclass(frozen=True, slots=True)
class Watched:
    """A log to watch: its key, the addresses at which it is served, and the file of the policy that it has to meet."""

    key: Annotated[str, Text(300)]
    urls: Annotated[tuple[Annotated[str, Text(500)], ...], Many(20)]
    policy: Annotated[str, Text(500)] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One look at one address. ``size`` is what it showed (None: nothing to be believed), ``detail`` why, if wrong.

    ``evidence`` is the file with both signed checkpoints where the log broke its word, or the one that is not cosigned.
    ``key`` is the log's vkey where it changed since it was seen last.
    """

    origin: str
    url: str
    finding: Finding
    size: int | None = None
    detail: tuple[str, str] | None = None
    evidence: str | None = None
    key: str | None = None


def judge(before: Checkpoint | None, seen: Checkpoint, proof: Proof) -> Finding:
    """What it means that ``seen`` came after ``before``. ``proof(old, new)`` asks for a consistency proof."""
    if before is None:
        return Finding.NEW
    if seen.size < before.size:
        return Finding.ROLLED_BACK
    if seen.size == before.size:
        return Finding.UNCHANGED if seen.root == before.root else Finding.FORKED
    try:
        verify_consistency(before.size, seen.size, before.root, seen.root, proof(before.size, seen.size))
    except ProofError:
        return Finding.FORKED
    return Finding.CONTINUED


def parse_config(text: str) -> tuple[Watched, ...]:
    """The logs to watch, from TOML: tables ``log`` with ``key`` (vkey) and ``urls``. Raises FormatError."""
    tables = toml.loads(text, "monitor", "监测配置")
    rows = tables.get("log")
    if set(tables) != {"log"} or type(rows) is not list or not rows:
        raise FormatError("monitor: expected a list of tables log", "监测配置：应有列表 log，且只有它")
    found = tuple(codec.decode(Watched, row, f"log[{number}]") for number, row in enumerate(rows))
    for watched in found:
        Verifier.parse(watched.key)
    return found


def look(watched: Watched, folder: Path, policy: Policy | None = None) -> Iterator[Report]:
    """Looks at every address of a log once; what was seen is remembered in ``folder``. ``policy`` has to be met.

    Raises ConfigurationError where the memory there cannot be read or written, or the policy is another log's.
    """
    pinned = Verifier.parse(watched.key)
    if policy and policy.logs and pinned not in policy.logs:
        raise ConfigurationError(
            f"policy of {pinned.name}: expected its key among the policy's logs, got others",
            f"{pinned.name} 的见证策略：其 log 行中应有该日志的公钥，实则没有",
        )
    name = sha256(watched.key.encode()).hexdigest()[:16]
    watch = _Watch(folder, name, policy)
    shown: str | None = None  # the address that showed what is remembered, if it was in this round
    for url in watched.urls:
        before = memory.read(folder / f"{name}.json")
        report, now = watch.look(url, before.key if before else pinned, before, shown)
        if now is not None:
            memory.write(folder / f"{name}.json", now)
            shown = url
        yield report


@dataclass(frozen=True, slots=True)
class _Watch:
    """How one log is looked at: ``folder`` and ``name`` say where evidence goes."""

    folder: Path
    name: str
    policy: Policy | None

    def look(self, url: str, key: Verifier, before: Memory | None, shown: str | None) -> tuple[Report, Memory | None]:
        """The report of one address, and what there is to remember after it (None: what was remembered stays).

        ``shown``: the address that showed ``before`` in this round (None: it is from an earlier one).
        """
        try:
            with published(url) as ask:
                now = _seen(ask, key)
                seen = now.checkpoint
                finding = judge(before.checkpoint if before else None, seen, _asking(ask))
            if finding is Finding.ROLLED_BACK and before and shown:
                finding = _behind(before.checkpoint, seen, shown)
        except (SignatureError, FormatError, UnicodeDecodeError) as error:
            return Report(key.name, url, Finding.UNSIGNED, None, _words(error)), None
        except ConfigurationError:
            raise
        except LedgerError as error:
            return Report(key.name, url, Finding.UNREACHABLE, None, _words(error)), None
        if finding.exit_code != VERIFIED:
            assert before is not None
            if shown:
                finding = Finding.SPLIT_VIEW
            size = before.checkpoint.size
            detail = (f"seen before: size {size}, now {seen.size}", f"此前所见大小 {size}，现为 {seen.size}")
            evidence = _keep(self.folder, before.note, now.note)
            return Report(key.name, url, finding, seen.size, detail, str(evidence)), None
        if lacking := self._lacking(now):
            evidence = _write(self.folder / f"quorum-{self.name}.txt", now.note)
            return Report(key.name, url, Finding.QUORUM, seen.size, lacking, str(evidence)), None
        if finding is Finding.BEHIND:
            return Report(key.name, url, finding, seen.size), None
        if now.key == key:
            return Report(key.name, url, finding, seen.size), now
        return Report(key.name, url, finding, seen.size, _CHANGED, None, now.key.vkey), now

    def _lacking(self, now: Memory) -> tuple[str, str] | None:
        """What the checkpoint lacks of the policy."""
        if self.policy is None:
            return None
        try:
            self.policy.check(now.note.encode(), now.key.name, [now.key])
        except LedgerError as error:
            return error.en, error.zh
        return None


_CHANGED = (
    "the log handed over to another key; it is followed, and the configuration may stay as it is",
    "日志已更换密钥；监测随之继续，配置可保持不变",
)


def _seen(ask: Ask, key: Verifier) -> Memory:
    """What is shown now, signed by ``key`` or one that it handed over to. Raises LedgerErrors, UnicodeDecodeError."""
    found = Memory(key, ask("/log/checkpoint", MAX_NOTE).decode())
    try:
        _ = found.checkpoint
    except SignatureError as error:
        try:
            followed = follow(ask, key)
        except UnavailableError:
            raise
        except LedgerError:
            followed = None
        if followed is None:
            raise error from None
        return Memory(followed.key, followed.note.decode())
    return found


def _behind(newest: Checkpoint, seen: Checkpoint, shown: str) -> Finding:
    """An address may be a moment behind another (a copy, a cache). The other, ``shown``, has to prove that it is."""
    with published(shown) as ask:
        is_before = judge(seen, newest, _asking(ask)) is Finding.CONTINUED
    return Finding.BEHIND if is_before else Finding.ROLLED_BACK


def _asking(ask: Ask) -> Proof:
    def proof(old: int, new: int) -> Sequence[bytes]:
        data = ask(f"/log/consistency?from={old}&to={new}", MOST_PROOF)
        try:
            hashes = [binascii.a2b_base64(line, strict_mode=True) for line in data.splitlines()]
        except binascii.Error:
            hashes = []
        if any(len(found) != HASH_SIZE for found in hashes):
            raise ProofError(
                "consistency: expected hashes of 32 bytes, a line each", "一致性证明：应为每行一个 32 字节散列"
            )
        return hashes

    return proof


def _keep(folder: Path, before: str, now: str) -> Path:
    """Files both signed checkpoints, once. Raises ConfigurationError where it cannot be written."""
    text = f"{before}\n---\n\n{now}"
    return _write(folder / f"evidence-{sha256(text.encode()).hexdigest()[:16]}.txt", text)


def _write(path: Path, text: str) -> Path:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", f"{path}：无法写入（{error.strerror}）"
        ) from None
    return path


def _words(error: Exception) -> tuple[str, str]:
    if isinstance(error, LedgerError):
        return error.en, error.zh
    return "the checkpoint is not UTF-8 text", "检查点不是 UTF-8 文本"
