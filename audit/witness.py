"""A witness: it remembers the newest checkpoint that it cosigned of each log, and cosigns only what continues it.

Its folder holds ``witness.json``, which says whose memory this is (its keys), and a file for each log, named by the
SHA-256 of the origin: the checkpoint as it was signed, with the witness's own lines under it. A file is compared and
replaced under a lock, and is safe on the disk before the cosignature leaves: two requests at once, or a process that
is killed, never lead to two cosignatures that contradict each other (tlog-witness, "add-checkpoint").

A witness that forgot could be made to sign a second history. So a folder that is not there is never made up again for
keys that have signed: :func:`enrol` makes folder and keys together.

>>> from tempfile import TemporaryDirectory
>>> from ledger.proof.checkpoint import sign_checkpoint
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner
>>> log, own = LogSigner("log.example", PrivateKey.from_seed(bytes(32))), PrivateKey.from_seed(bytes([1]) * 32)
>>> note = sign_checkpoint(Checkpoint("log.example", 3, bytes(32)), [log])
>>> with TemporaryDirectory() as folder:
...     enrol(Path(folder), Enrolled(Verifier.of(Cosigner("w.example", own, 0)), "w.pem"))
...     witness = Witness(Path(folder), [("w.example", own)], [Verifier.of(log)], lambda: 1679315147)
...     line = witness.add_checkpoint(AddCheckpoint(0, (), note).marshal())
...     [checkpoint.size for checkpoint in witness.seen()]
[3]
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ledger.errors import ConfigurationError, LedgerError, SignatureError
from ledger.proof import strictjson
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import COSIGNATURES, Cosigner, CosigningKey
from ledger.proof.note import MAX_NOTE, Note, Signature, Verifier, read_note
from ledger.proof.witness import AddCheckpoint, RefusedError, continues, signed

FORMAT = "jiannuo-witness/1"
MARK = "witness.json"
_NAME = re.compile("[0-9a-f]{64}")
MOST_EVIDENCE = 100
"""So many forks are kept; a log that has signed more has been convicted."""


@dataclass(frozen=True)
class Enrolled:
    """A key of the witness: what checks its cosignatures, and the private key's file, seen from the folder."""

    key: Verifier
    file: str


def enrol(folder: Path, new: Enrolled) -> None:
    """Enters a key that was just made; the folder is made with the first. Raises ConfigurationError."""
    keys = [*(enrolled(folder) if (folder / MARK).exists() else ()), new]
    document = {"format": FORMAT, "keys": [{"vkey": one.key.vkey, "file": one.file} for one in keys]}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(folder / MARK, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    except OSError as error:
        raise _unusable(folder, error) from None


def enrolled(folder: Path) -> tuple[Enrolled, ...]:
    """The witness's keys. Raises ConfigurationError where the folder is no witness's."""
    try:
        document = strictjson.loads((folder / MARK).read_bytes()[:MAX_NOTE], MARK)
        if document["format"] != FORMAT:
            raise KeyError
        return tuple(Enrolled(Verifier.parse(k["vkey"], COSIGNATURES), str(k["file"])) for k in document["keys"])
    except FileNotFoundError:
        raise ConfigurationError(
            f"{folder}: no witness remembers here; `jiannuo witness key` makes one. If this folder was lost, its keys "
            "must not sign again: make new ones",
            f"{folder}：此处没有见证者的记忆；请用 `jiannuo witness key` 新建。"
            "如该目录曾丢失，原密钥不得再用，须另建新密钥",
        ) from None
    except OSError as error:
        raise _unusable(folder, error) from None
    except (LedgerError, KeyError, TypeError):
        raise ConfigurationError(
            f"{folder / MARK}: expected the keys of a witness, format {FORMAT}",
            f"{folder / MARK}：应为见证者的密钥，格式 {FORMAT}",
        ) from None


def remembered(folder: Path) -> list[Checkpoint]:
    """The newest checkpoint that was cosigned of each log, by origin. Raises ConfigurationError."""
    found = (_read(path) for path in folder.glob("?" * 64) if _NAME.fullmatch(path.name))
    return sorted((one[0] for one in found if one), key=lambda checkpoint: checkpoint.origin)


class Witness:
    """See the module's docstring. ``keys`` are names and keys, each enrolled in the folder; ``logs`` are whose
    checkpoints it looks at; ``clock`` gives POSIX seconds. It may be used from many threads, and by many processes.

    Raises ConfigurationError for a folder or a key that is not its own.
    """

    def __init__(
        self,
        folder: Path,
        keys: Sequence[tuple[str, CosigningKey]],
        logs: Sequence[Verifier],
        clock: Callable[[], int],
    ) -> None:
        self._folder, self._keys, self._clock = folder, tuple(keys), clock
        self.logs = tuple(logs)
        self.own = tuple(Verifier.of(Cosigner(name, key, 0)) for name, key in keys)
        self._check_folder()

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature lines for a request. What they cosign is on the disk when this returns.

        Raises RefusedError, FormatError (answer 400), or ConfigurationError where the folder cannot be read or written.
        """
        request = AddCheckpoint.parse(body)
        keys = [key for key in self.logs if key.name == request.origin]
        checkpoint = signed(request, keys)
        with self._locked(checkpoint.origin) as file:
            self._check_folder()  # each time: what it was mounted on may be gone, and an empty folder remembers nothing
            before = _read(file)
            try:
                continues(request, checkpoint, before and before[0])
            except RefusedError as error:
                if error.is_fork and before:
                    self._keep(before[1].encode(), request.note)
                raise
            note = read_note(request.note, keys)
            lines = self._cosigned(note)
            whole = (note.text + "\n" + "".join(one.line for one in note.signatures) + lines).encode()
            read_note(whole, self.own)  # a note that is too long with our lines could not be read again
            try:
                _replace(file, whole)
            except OSError as error:
                raise _unusable(self._folder, error) from None
        return lines

    def note(self, name: str) -> bytes | None:
        """The newest note that was cosigned of the log whose origin has the SHA-256 ``name`` (hexadecimal)."""
        found = _read(self._folder / name) if _NAME.fullmatch(name) else None
        return found[1].encode() if found else None

    def seen(self) -> list[Checkpoint]:
        """The newest checkpoint that was cosigned of each log, as far as there is one."""
        return remembered(self._folder)

    def forks(self) -> list[str]:
        """The names of the files that show that a log signed two trees of one size."""
        return sorted(path.name for path in self._folder.glob("fork-*.txt"))

    def _check_folder(self) -> None:
        known = {one.key for one in enrolled(self._folder)}
        if not self.own or not known.issuperset(self.own):
            raise ConfigurationError(
                f"{self._folder}: expected keys that remember here, got another; each witness has a folder of its own",
                f"{self._folder}：密钥应属于该目录的见证者，实为其他；每个见证者须有自己的目录",
            )

    def _cosigned(self, note: Note) -> str:
        text, now = note.text, self._clock()
        signers = [Cosigner(name, key, now) for name, key in self._keys]
        return "".join(_line(signer, text) for signer in signers)

    @contextmanager
    def _locked(self, origin: str) -> Iterator[Path]:
        """The file of a log, which is nobody else's meanwhile: no other thread's, and no other process's."""
        file = self._folder / _name(origin)
        try:
            lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unusable(self._folder, error) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(lock)

    def _keep(self, before: bytes, now: bytes) -> None:
        """Files two checkpoints that contradict each other."""
        data = before + b"\n---\n\n" + now
        name = f"fork-{sha256(data).hexdigest()[:16]}.txt"
        try:
            if len(self.forks()) < MOST_EVIDENCE:
                _replace(self._folder / name, data)
        except OSError as error:
            raise _unusable(self._folder, error) from None


def _read(file: Path) -> tuple[Checkpoint, str] | None:
    """What was cosigned last of a log, and its note. Raises ConfigurationError where it is not what was written."""
    try:
        with file.open("rb") as opened:
            data = opened.read(2 * MAX_NOTE)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(file.parent, error) from None
    try:
        note = read_note(data, [one.key for one in enrolled(file.parent)])
        checkpoint = Checkpoint.parse(note.text)
        if not note.signatures or _name(checkpoint.origin) != file.name:
            raise SignatureError("it is not cosigned", "未经见证")
    except LedgerError as error:
        raise ConfigurationError(
            f"{file}: expected what this witness cosigned last, got something else; it signs nothing more "
            f"until that is there again ({error.en})",
            f"{file}：应为本见证者上次见证的内容，实则不是；恢复之前不再见证（{error.zh}）",
        ) from None
    return checkpoint, data.decode()


def _line(signer: Cosigner, text: str) -> str:
    return Signature(signer.name, Verifier.of(signer).key_id, signer.sign(text.encode())).line


def _name(origin: str) -> str:
    """The name of a log's file, which is also its address (tlog-witness, "Monitor Retrieval Mechanism")."""
    return sha256(origin.encode()).hexdigest()


def _replace(path: Path, data: bytes) -> None:
    """Replaces a file, whole, and returns when it is safe on the disk. The caller holds the lock of the path."""
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unusable(folder: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"{folder}: cannot be used ({error.strerror})", f"{folder}：无法使用（{error.strerror}）")
