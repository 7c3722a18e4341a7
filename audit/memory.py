"""What an auditor remembers of a log: its key and the newest checkpoint that was verified, in a small file.

A log that is consistent with itself may still be another than last month's: cut back, or written anew behind the same
address. Who remembers one checkpoint notices, because the log has to continue it (RFC 9162 §2.1.4), and has to be
signed with the same key. The file is JSON:

    {"format": "jiannuo-memory/1", "origin": …, "key": the log's vkey, "checkpoint": the signed note}

It holds no secret, but who can change it can make its owner forget: the note's signature is checked each time, and a
file that is not as it must be is refused and left alone.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from ledger.proof.checkpoint import sign_checkpoint
>>> from ledger.proof.keys import PrivateKey
>>> from ledger.proof.note import LogSigner
>>> log = LogSigner("log.example", PrivateKey.from_seed(bytes(32)))
>>> note = sign_checkpoint(Checkpoint("log.example", 3, bytes(32)), [log]).decode()
>>> with TemporaryDirectory() as folder:
...     write(Path(folder, "memory"), Memory(Verifier.of(log), note))
...     read(Path(folder, "memory")).checkpoint.size
3
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile

from audit.source import Session, Source, founding_key
from audit.verdict import VERIFIED, Verdict
from ledger.errors import ConfigurationError, LedgerError
from ledger.proof import strictjson
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.note import MAX_NOTE, Verifier

FORMAT = "jiannuo-memory/1"
_MEMBERS = {"format", "origin", "key", "checkpoint"}
_MOST = 4 * MAX_NOTE


@dataclass(frozen=True)
class Memory:
    """The log's key, and the newest checkpoint as the signed note."""

    key: Verifier
    note: str

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """What the note says. Raises SignatureError or FormatError where the key did not sign it."""
        return open_checkpoint(self.note.encode(errors="surrogatepass"), self.key.name, [self.key])


def read(path: Path) -> Memory | None:
    """What the file says; None where there is none yet.

    Raises ConfigurationError where it cannot be read, holds something else or is not to be believed, or where there is
    no folder that it could be written to.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except FileNotFoundError:
        if path.parent.is_dir():
            return None
        raise _refused(path, "its folder is not there", "其所在目录不存在") from None
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})", f"无法读取（{error.strerror}）") from None
    try:
        memory = _parse(path, data)
        _ = memory.checkpoint
    except ConfigurationError:
        raise
    except LedgerError as error:
        raise _corrupt(path, error.en, error.zh) from None
    return memory


def write(path: Path, memory: Memory) -> None:
    """Replaces the file, at once and whole: whoever reads it finds the old one or the new one.

    Raises ConfigurationError where it cannot be written.
    """
    found = {"format": FORMAT, "origin": memory.key.name, "key": memory.key.vkey, "checkpoint": memory.note}
    part: Path | None = None
    try:
        with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            part = Path(file.name)
            file.write(json.dumps(found, ensure_ascii=False, indent=1).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise _refused(path, f"cannot be written ({error.strerror})", f"无法写入（{error.strerror}）") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def verified(source: Source, verdict: Verdict, pinned: Verifier | None = None) -> Memory | None:
    """What there is to remember of a log that ``verdict`` found good; None where the verdict is another.

    The key is the newest of the log's; where the verdict names none, ``pinned``, or that of the founding event. Raises
    the LedgerError of a source that cannot be read any more.
    """
    size = verdict.checkpoint_size
    if verdict.exit_code != VERIFIED or size is None:
        return None
    with source.open() as session:
        key = Verifier.parse(verdict.log_key) if verdict.log_key else pinned or founding_key(session)
        if key is None:
            return None
        return _with_note(session, key, size, verdict)


def _with_note(session: Session, key: Verifier, size: int, verdict: Verdict) -> Memory | None:
    """The stored note of that size, if it says what the verdict says: the log was read again, maybe from a liar."""
    for _, note in session.checkpoints(size - 1, size):
        memory = Memory(key, note)
        found = memory.checkpoint
        if (found.size, found.root.hex()) == (verdict.events, verdict.root):
            return memory
    return None


def _parse(path: Path, data: bytes) -> Memory:
    if len(data) > _MOST:
        raise _corrupt(path, f"expected at most {_MOST} bytes, got more", f"应不超过 {_MOST} 字节，实则更多")
    found = strictjson.loads(data, "memory")
    if (
        type(found) is not dict
        or found.keys() != _MEMBERS
        or not all(type(value) is str for value in found.values())
        or found["format"] != FORMAT
    ):
        raise _corrupt(
            path,
            f"expected an object of format {FORMAT} with the texts origin, key and checkpoint",
            f"应为格式 {FORMAT} 的对象，含文本 origin、key、checkpoint",
        )
    key = Verifier.parse(found["key"])
    if key.name != found["origin"]:
        raise _corrupt(path, "expected the key of the origin, got another's", "公钥应属于该 origin，实属其他日志")
    return Memory(key, found["checkpoint"])


def _corrupt(path: Path, en: str, zh: str) -> ConfigurationError:
    return _refused(
        path,
        f"it is not what an auditor remembers: {en}; it is left as it is: look at it, or remember in another file",
        f"不是核验记忆：{zh}；文件保持原样：请检查，或另选文件",
    )


def _refused(path: Path, en: str, zh: str) -> ConfigurationError:
    return ConfigurationError(f"memory file {path}: {en}", f"记忆文件 {path}：{zh}")
