"""Quorum: which witnesses' cosignatures make a checkpoint one to believe (C2SP tlog-policy).

A witness's line can be taken out of a checkpoint, and what is left is still validly signed by the log. So whoever reads
has to know by itself which witnesses it asks for; that is a policy file, a line each:

    log <vkey> [<url>]                        a log that is known; may be left out where it is known otherwise
    witness <name> <vkey> [<url>]             a witness; the name counts within the file alone
    group <name> <n>|any|all <name>…          witnesses, when so many of these witnesses and groups did
    quorum <name>|none                        what is asked for; exactly one such line

Names are defined before they are used, so there is no circle; each stands in one group at most, so that a witness
counts once. Empty lines, and lines that begin with ``#``, are passed over.

>>> from ledger.proof.cosignature import Cosigner
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner, sign
>>> log = LogSigner("ledger.example", PrivateKey.from_seed(bytes([9]) * 32))
>>> city, court = (Cosigner(f"w{n}.example", PrivateKey.from_seed(bytes([n]) * 32), 1679315147) for n in (1, 2))
>>> policy = Policy.parse(
...     f"witness city {Verifier.of(city).vkey}\\nwitness court {Verifier.of(court).vkey}\\n"
...     "group both all city court\\nquorum both\\n"
... )
>>> text = "ledger.example\\n0\\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\\n"
>>> policy.met(sign(text, [log, city])), policy.met(sign(text, [log, city, court]))
(False, True)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from ledger.errors import FormatError, SignatureError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.cosignature import COSIGNATURES
from ledger.proof.curve import is_strong
from ledger.proof.keys import b64url
from ledger.proof.note import Verifier, read_note

MAX_POLICY = 1 << 18
"""Most bytes of a policy."""
MOST = 64
"""Most logs, most witnesses and most groups; tlog-policy asks that 32 be taken at least."""
NONE = "none"
"""The quorum that asks for no witness."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SPACE = re.compile("[ \t]+")
_COUNT = re.compile("[1-9][0-9]{0,3}")


@dataclass(frozen=True)
class Known:
    """A log or witness of a policy: its name there (a log's is its origin), its key, and where it answers."""

    name: str
    key: Verifier
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """Witnesses when at least ``least`` of its members (witnesses, groups) do."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """A policy file. ``quorum`` names a witness, a group, or :data:`NONE`. Every name is defined before it is used."""

    known_logs: tuple[Known, ...]
    known_witnesses: tuple[Known, ...]
    groups: tuple[Group, ...]
    quorum: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The policy in ``text``. Raises FormatError, which names the line."""
        return cls(*_Reading(text).parts())

    @property
    def logs(self) -> tuple[Verifier, ...]:
        """The keys of the logs that it names."""
        return tuple(known.key for known in self.known_logs)

    @property
    def witnesses(self) -> tuple[Verifier, ...]:
        """The keys of its witnesses."""
        return tuple(known.key for known in self.known_witnesses)

    def by(self, note: bytes) -> tuple[str, ...]:
        """The names of the witnesses that cosigned the note, in the policy's order.

        Raises FormatError where it is no note, SignatureError where a cosignature of a known witness fails.
        """
        signed = {(one.name, one.key_id) for one in read_note(note, self.witnesses).signatures}
        return tuple(w.name for w in self.known_witnesses if (w.key.name, w.key.key_id) in signed)

    def met(self, note: bytes) -> bool:
        """Whether the cosignatures in the note satisfy the quorum. Raises as :meth:`by`."""
        return self.is_quorum(self.by(note))

    def is_quorum(self, names: Sequence[str]) -> bool:
        """Whether the witnesses of these names satisfy the quorum."""
        said = {NONE, *names}
        for group in self.groups:
            if sum(member in said for member in group.members) >= group.least:
                said.add(group.name)
        return self.quorum in said

    def check(self, note: bytes, origin: str, log: Sequence[Verifier]) -> Checkpoint:
        """The checkpoint in ``note``, if ``log`` (empty: the policy's logs) signed it and the quorum is met.

        Raises FormatError where it is no checkpoint, SignatureError where it is not to be believed.
        """
        checkpoint = open_checkpoint(note, origin, log or self.logs)
        names = self.by(note)
        if not self.is_quorum(names):
            by = ", ".join(names) or "-"
            raise SignatureError(
                f"quorum: expected a checkpoint cosigned as '{self.quorum}' asks, got size {checkpoint.size} by {by}",
                f"见证：检查点应满足“{self.quorum}”的见证要求，实得大小 {checkpoint.size}、见证者 {by}",
            )
        return checkpoint


class _Reading:
    """A policy while it is read. ``names`` are those defined so far, ``free`` those in no group yet."""

    def __init__(self, text: str) -> None:
        size = len(text.encode(errors="surrogatepass"))
        if size > MAX_POLICY or _CONTROL.search(text) or not text.endswith("\n"):
            raise FormatError(
                f"policy: expected up to {MAX_POLICY} bytes of lines, each with its newline, without other control "
                f"characters, got {size} bytes",
                f"见证策略：应为至多 {MAX_POLICY} 字节、每行以换行结尾且不含其他控制字符的文本，实为 {size} 字节",
            )
        self._lines = text.split("\n")[:-1]
        self._at = 0
        self._logs: list[Known] = []
        self._witnesses: list[Known] = []
        self._groups: list[Group] = []
        self._quorum: str | None = None
        self._names: set[str] = set()
        self._free: set[str] = set()

    def parts(self) -> tuple[tuple[Known, ...], tuple[Known, ...], tuple[Group, ...], str]:
        """Logs, witnesses, groups, quorum."""
        kinds: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum_line,
        }
        for word, items in self._split():
            if word not in kinds:
                raise self._wrong("log, witness, group or quorum", "log、witness、group 或 quorum", word)
            kinds[word](items)
        if self._quorum is None:
            raise self._wrong("exactly one quorum line", "恰有一行 quorum", "none")
        return tuple(self._logs), tuple(self._witnesses), tuple(self._groups), self._quorum

    def _split(self) -> Iterator[tuple[str, list[str]]]:
        for number, line in enumerate(self._lines, 1):
            self._at = number
            words = _SPACE.split(line.strip(" \t"))
            if words[0] and not words[0].startswith("#"):
                yield words[0], words[1:]

    def _log(self, items: list[str]) -> None:
        if len(items) not in {1, 2}:
            raise self._wrong("log <vkey> [<url>]", "log <vkey> [<url>]", " ".join(items))
        key = Verifier.parse(items[0])
        self._add(self._logs, Known(key.name, key, *items[1:]))

    def _witness(self, items: list[str]) -> None:
        if len(items) not in {2, 3}:
            raise self._wrong("witness <name> <vkey> [<url>]", "witness <名称> <vkey> [<url>]", " ".join(items))
        self._define(items[0])
        self._add(self._witnesses, Known(items[0], Verifier.parse(items[1], COSIGNATURES), *items[2:]))

    def _add(self, to: list[Known], known: Known) -> None:
        key = known.key
        is_weak = len(key.public_key) == 32 and not is_strong(b64url(key.public_key))
        if is_weak or any(key.public_key == other.key.public_key for other in (*self._logs, *self._witnesses)):
            raise self._wrong("a key that is strong and stands here once", "未曾出现且强度足够的公钥", key.vkey)
        if len(to) == MOST:
            raise self._wrong(f"at most {MOST} of a kind", f"每类至多 {MOST} 个", key.vkey)
        to.append(known)

    def _group(self, items: list[str]) -> None:
        if len(items) < 3:
            raise self._wrong("group <name> <n>|any|all <name>…", "group <名称> <n>|any|all <名称>…", " ".join(items))
        name, count, *members = items
        least = {"any": "1", "all": str(len(members))}.get(count, count)
        if not _COUNT.fullmatch(least) or int(least) > len(members):
            raise self._wrong(f"any, all or 1 to {len(members)}", f"any、all 或 1 至 {len(members)}", count)
        for member in members:
            if member not in self._free:
                raise self._wrong("a name that was defined, in one group at most", "已定义且仅属一组的名称", member)
            self._free.remove(member)
        self._define(name)
        if len(self._groups) == MOST:
            raise self._wrong(f"at most {MOST} groups", f"至多 {MOST} 组", name)
        self._groups.append(Group(name, int(least), tuple(members)))

    def _define(self, name: str) -> None:
        if name in self._names or name == NONE:
            raise self._wrong("a name that is new", "未使用过的名称", name)
        self._names.add(name)
        self._free.add(name)

    def _quorum_line(self, items: list[str]) -> None:
        if len(items) != 1 or self._quorum is not None or (items[0] != NONE and items[0] not in self._names):
            expected, zh = (
                "one quorum line, with a name that was defined, or none",
                "一行 quorum，其名称已定义或为 none",
            )
            raise self._wrong(expected, zh, " ".join(items))
        self._quorum = items[0]

    def _wrong(self, en: str, zh: str, got: str) -> FormatError:
        return FormatError(
            f"policy, line {self._at}: expected {en}, got {got[:80]!a}",
            f"见证策略第 {self._at} 行：应为{zh}，实为 {got[:80]!a}",
        )
