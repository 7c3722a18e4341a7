"""The verdict over a bundle of a part of a log.

Each entry is proven to be in the tree that the checkpoint signs (RFC 9162 §2.1.3.2), its signature is checked by a key
whose authorisation is itself among the proven entries, and each stream is whole from its first event to its last one
here. What a part cannot show is told in :data:`NOT_SHOWN`.

>>> [sentence.en.partition(":")[0] for sentence in NOT_SHOWN]
['that nothing came after', 'that nothing was left out', 'that no key was revoked', 'that the rest of the log is sound']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from audit.authority import Authority
from audit.bundle.check import Checked
from audit.bundle.extras import Extras
from audit.bundle.layout import CHECKPOINT, KEYS, About
from audit.bundle.members import add, check_members, check_signers
from audit.bundle.source import BundleSource, manifest_of
from audit.bundle.zip import Archive
from audit.entries import Entries, backwards
from audit.filing import row_of
from audit.links import Partitions, check_ids, check_streams, partitions_for
from audit.log_keys import LogKeys
from audit.verdict import Problems, Verdict
from ledger.domain.event import LEDGER
from ledger.errors import LedgerError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.merkle import leaf_hash, verify_inclusion
from ledger.proof.note import Verifier
from ledger.proof.quorum import Policy
from ledger.proof.tlogproof import TlogProof

CHUNK = 2048
"""Entries that are examined at once."""

Progress = Callable[[int, int], None]


class Sentence(NamedTuple):
    """Something said in both languages."""

    en: str
    zh: str


NOT_SHOWN = (
    Sentence(
        "that nothing came after: a stream can have further events behind its last one here, up to this checkpoint too",
        "其后无遗漏：各事件流在此处最后一个事件之后，直至本检查点，仍可能另有事件",
    ),
    Sentence(
        "that nothing was left out: a whole stream, of another case about the subject or one that this leads to, too",
        "无整条遗漏：关于该主体的其他案件，或由此引出的案件，可能整条未收入",
    ),
    Sentence(
        "that no key was revoked: a revocation behind the last event of a body's stream here would not be seen",
        "密钥未被撤销：单位事件流在此处最后一个事件之后的撤销无从得知",
    ),
    Sentence(
        "that the rest of the log is sound: only a whole log shows that (`jiannuo audit verify --url`)",
        "日志其余部分无误：须核验整个日志（`jiannuo audit verify --url`）",
    ),
)
"""What a part of a log cannot show, however good it is."""


def checked_part(
    source: BundleSource,
    *,
    pinned: Verifier | Sequence[Verifier] | None = None,
    policy: Policy | None = None,
    progress: Progress = lambda done, total: None,
) -> Checked:
    """The verdict over a bundle of a part of a log; its ``root`` and ``events`` are those of the checkpoint's tree that
    was proven into, and of the entries that were read.

    ``pinned`` and ``policy`` are those of :func:`audit.verify.verify`. Raises ConfigurationError where the file cannot
    be read, FormatError where it is no bundle.
    """
    started = perf_counter()
    with source.archive() as archive, TemporaryDirectory(prefix="jiannuo-verify-") as folder:
        about, manifest = manifest_of(archive)
        part = _Part(archive, about, Path(folder))
        interrupted = False
        try:
            part.run(progress)
        except LedgerError as error:
            add(part.problems, error.en, error.zh)
        except KeyboardInterrupt:
            interrupted = True
        keys = [pinned] if isinstance(pinned, Verifier) else list(pinned or [])
        log = part.log_keys([*((key,) for key in keys), *([policy.logs] if policy and policy.logs else [])])
        part.check_head(log, policy)
        signed_by = check_signers(manifest, log, part.problems)
        if interrupted:
            part.problems.add("interrupted", None, "the audit was interrupted", "核验被中断")
        return Checked(part.verdict(log, perf_counter() - started), about, signed_by)


class _Part:
    """The entries of a part, examined in the order of the log."""

    def __init__(self, archive: Archive, about: About, folder: Path) -> None:
        self.problems = Problems()
        self._archive, self._about, self._folder = archive, about, folder
        self._indexes = indexes_of(archive)
        self._note = archive.read(CHECKPOINT)
        self._head = _head(self._note, self.problems)
        self._extras, self._authority = Extras(), Authority()
        self._streams: set[str] = set()
        self._count = 0

    def run(self, progress: Progress) -> None:
        """Reads all of it."""
        told: dict[str, bytes] = {}

        def take(name: str, data: bytes) -> None:
            if name == KEYS or name.startswith("policies/"):
                told[name] = sha256(data).digest()

        check_members(self._archive, self._about, self.problems, take)
        self._check_names()
        for index in self._indexes:
            self._extras.take(index, self._archive.read(f"entries/{index}"))
        if {name: sha256(data).digest() for name, data in self._extras.members().items()} != told:
            add(
                self.problems, f"{KEYS}, policies: they are not what the entries say", f"{KEYS}、规则包：与条目所载不符"
            )
        public = self._extras.authority().public
        last: tuple[int, datetime] | None = None
        with Partitions(self._folder, partitions_for(len(self._indexes))) as partitions:
            for start in range(0, len(self._indexes), CHUNK):
                entries = self._examine(self._indexes[start : start + CHUNK], Entries(public, partitions))
                partitions.flush()
                if last and entries.first and entries.first[1] < last[1]:
                    self.problems.extend([backwards(*entries.first, *last)])
                last = entries.last or last
                self._authority.follow(entries.uses, entries.bodies)
                for unresolved in entries.unresolved:
                    wrong = unresolved.problem(self._authority.public.get(unresolved.kid))
                    self.problems.extend([wrong] if wrong else [])
                progress(min(start + CHUNK, len(self._indexes)), len(self._indexes))
        self.problems.merge(self._authority.problems)
        self._check_links()

    def _examine(self, indexes: Sequence[int], entries: Entries) -> Entries:
        for index in indexes:
            row = row_of(index, self._archive.read(f"entries/{index}"))
            self._streams.add(row[1])
            entries.examine(row)
            self._prove(index, row[6])
            self._count += 1
        entries.check_signatures()
        self.problems.merge(entries.problems)
        return entries

    def _prove(self, index: int, entry: bytes) -> None:
        """The entry is in the tree that the checkpoint signs; its proof is against that very checkpoint."""
        name = f"proofs/{index}.tlog-proof"
        if name not in self._archive.members or self._head is None:
            return
        try:
            proof = TlogProof.parse(self._archive.read(name))
            if proof.index != index or proof.checkpoint != self._note:
                add(self.problems, f"{name}: it is of another entry or checkpoint", f"{name}：属其他条目或检查点")
            verify_inclusion(index, self._head.size, leaf_hash(entry), proof.hashes, self._head.root)
        except LedgerError as error:
            self.problems.add("root", index, f"{name}: {error.en}", f"{name}：{error.zh}")

    def _check_names(self) -> None:
        """Each entry has a proof, nothing else is there, and the case that it is about is."""
        entries = {f"proofs/{index}.tlog-proof" for index in self._indexes}
        proofs = {name for name in self._archive.members if name.startswith("proofs/")}
        for name in sorted(entries ^ proofs):
            add(self.problems, f"{name}: expected a proof for each entry", f"{name}：条目与证明应一一对应")
        for name in self._archive.members:
            if name.startswith(("tile/", "checkpoints/")):
                add(self.problems, f"{name}: expected no such member in a part", f"{name}：部分数据包不应有此成员")
        if not self._indexes or self._indexes[0]:
            en, zh = "expected the founding of the log among the entries", "条目中应有日志的创立事件"
            self.problems.add("founding", 0, en, zh)

    def _check_links(self) -> None:
        for number in range(partitions_for(len(self._indexes))):
            self.problems.merge(check_streams(self._folder, number)[1])
            self.problems.merge(check_ids(self._folder, number))
        kind, _, stream = self._about.scope.partition(" ")
        if kind == "case" and stream not in self._streams:
            en, zh = f"expected the events of {stream}, got none", f"应有 {stream} 的事件，实则没有"
            self.problems.add("missing", None, en, zh)

    def log_keys(self, pinned: Sequence[Sequence[Verifier]]) -> list[Verifier]:
        """The key that signs a checkpoint of this size, as the entries tell it; of each group one is the log's."""
        keys = LogKeys(pinned)
        keys.follow(self._authority.body(LEDGER).log_keys)
        keys.conclude(self.problems)
        key = keys.at(self._head.size) if self._head else None
        return [key] if key else []

    def check_head(self, log: Sequence[Verifier], policy: Policy | None) -> None:
        """The checkpoint is signed by the log, cosigned as the policy asks, and the one that the manifest names."""
        if self._head is None:
            return
        if (self._head.origin, self._head.size) != (self._about.origin, self._about.size):
            add(self.problems, "checkpoint: it is not the one of the manifest", "检查点：与清单所述不符")
        try:
            open_checkpoint(self._note, log[0].name if log else self._head.origin, log)
        except LedgerError as error:
            self.problems.add("checkpoint", None, error.en, error.zh)
            return
        if policy is not None:
            try:
                policy.check(self._note, self._head.origin, log)
            except LedgerError as error:
                self.problems.add("quorum", None, error.en, error.zh)

    def verdict(self, log: Sequence[Verifier], seconds: float) -> Verdict:
        """The verdict over what was read."""
        return Verdict(
            events=self._count,
            streams=len(self._streams),
            root=self._head.root.hex() if self._head else "",
            origin=log[0].name if log else None,
            checkpoint_size=self._head.size if self._head else None,
            problems=tuple(self.problems.sorted()),
            first_bad_index=self.problems.first_bad_index,
            exit_code=self.problems.exit_code,
            seconds=seconds,
        )


def indexes_of(archive: Archive) -> list[int]:
    """The indexes of a part's entries, ascending."""
    return sorted(int(name[8:]) for name in archive.members if name.startswith("entries/"))


def _head(note: bytes, problems: Problems) -> Checkpoint | None:
    try:
        return Checkpoint.parse(note.decode(errors="replace").partition("\n\n")[0] + "\n")
    except LedgerError as error:
        problems.add("checkpoint", None, error.en, error.zh)
        return None
