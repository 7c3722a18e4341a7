"""Writing a bundle: members one after the other, into a file beside the one that is asked for, which it then becomes.

Nothing half-written is ever found under the name that was asked for: a file appears there whole or not at all. The file
is for its owner alone (mode 0600), since entries are for auditors; who may have it is for its owner to decide.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     with writing(Path(folder, "one.bundle")) as members:
...         members.add("checkpoint", b"a note")
...         about = members.finish("ledger.example", 3, "whole", None)
...     sorted(path.name for path in Path(folder).iterdir()), about.length
(['one.bundle'], 77)
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from audit.bundle.layout import MANIFEST, MOST_FILES, SUMS, About, most_bytes, sums_line
from audit.bundle.zip import stored
from ledger.errors import ConfigurationError, FormatError
from ledger.proof.note import NoteSigner, sign


class Members:
    """The members of a bundle that is being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sums: list[tuple[str, str]] = []

    def add(self, name: str, data: bytes) -> None:
        """One more member. Raises FormatError for one that no reader would take."""
        most = most_bytes(name)
        if most is None or len(data) > most or len(self._sums) >= MOST_FILES - 2:
            raise FormatError(
                f"bundle: expected {name} to have at most {most} bytes and be one of at most {MOST_FILES}, got "
                f"{len(data)} bytes",
                f"数据包：{name} 应不超过 {most} 字节，成员不超过 {MOST_FILES} 个，实为 {len(data)} 字节",
            )
        self._sums.append((name, sha256(data).hexdigest()))
        self._archive.writestr(stored(name), data)

    def finish(self, origin: str, size: int, scope: str, signer: NoteSigner | None) -> About:
        """Adds the list of all members, and the manifest: signed, or a bare text where nobody signs."""
        lines = "".join(sums_line(digest, name) for name, digest in sorted(self._sums)).encode()
        about = About(origin, size, scope, sha256(lines).hexdigest(), len(lines))
        text = about.marshal()
        self._archive.writestr(stored(SUMS), lines)
        self._archive.writestr(stored(MANIFEST), sign(text, [signer]) if signer else text.encode())
        return about


@contextmanager
def writing(path: Path, *, force: bool = False) -> Iterator[Members]:
    """A bundle that stands at ``path`` when the block ends, and nothing does when it raises.

    Raises ConfigurationError where a file is there already (unless ``force``), or none can be written.
    """
    part: Path | None = None
    try:
        _need_free(path, force)
        with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            part = Path(file.name)
            with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
                yield Members(archive)
        _need_free(path, force)
        part.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"bundle {path}: cannot be written ({error.strerror})", f"数据包 {path}：无法写入（{error.strerror}）"
        ) from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _need_free(path: Path, force: bool) -> None:
    if not force and path.exists():
        raise ConfigurationError(
            f"bundle {path}: there is a file already; choose another name, or --force to replace it",
            f"数据包 {path}：文件已存在；请另选名称，或用 --force 覆盖",
        )
