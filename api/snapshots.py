"""Everything public at one moment, as files with a signed manifest: made, kept while it is public, and no longer.

A snapshot is a folder ``snapshots/<id>`` of the home: ``manifest.jws``, and of each resource ``<name>.jsonl.gz``, the
lines that its export gives. The manifest is an attestation (ledger/proof/attestation.py, typ ``jiannuo-snapshot+jwt``):

    {"log": "<origin>", "size": 1234, "root": "<base64>", "on": "2026-11-21", "today": "2026-11-21",
     "files": [{"name": "bodies.jsonl.gz", "rows": 7, "bytes": 812, "sha256": "<hex>"}, …]}

The same moment gives the same bytes. A record that was taken down or changed after the snapshot was made takes the
snapshot with it (projections/views/snapshot.py): it is asked before each answer, the files are removed, and another one
is made when somebody asks. At most KEPT are kept.

>>> bool(ID.fullmatch("1234-2026-11-21-0123456789abcdef")), bool(ID.fullmatch("../1-2026-11-21-0123456789abcdef"))
(True, False)
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from api.v1.lists import exported
from api.v1.resources import RESOURCES, Resource
from ledger.application import Ledger
from ledger.errors import FormatError, UnavailableError
from ledger.proof.attestation import read_attestation
from ledger.proof.merkle import root
from ledger.proof.note import to_base64
from projections.catalogue import PROJECTIONS
from projections.reading import Moment, Reading
from projections.views.snapshot import still_public

TYP = "jiannuo-snapshot+jwt"
ID = re.compile("[0-9]{1,15}-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9a-f]{16}")
KEPT = 2
"""Snapshots that are kept; older ones go when one is made."""
_ATTEMPTS = 3
_MANIFEST = "manifest.jws"
_MAKING = ".making-"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was made; ``manifest`` is what ``attestation`` (a compact JWS) says."""

    id: str
    folder: Path
    manifest: Mapping[str, Any]
    attestation: bytes

    @classmethod
    def read(cls, folder: Path) -> Snapshot:
        """The snapshot in a folder. Raises FormatError, OSError."""
        attestation = (folder / _MANIFEST).read_bytes()
        return cls(folder.name, folder, read_attestation(attestation).payload, attestation)

    @property
    def size(self) -> int:
        """How many entries of the log it contains."""
        return int(self.manifest["size"])

    @property
    def today(self) -> date:
        """The day on which it was made: what may be seen was asked for that day."""
        return date.fromisoformat(self.manifest["today"])

    def file(self, name: str) -> tuple[Path, str] | None:
        """Path and SHA-256 (hex) of a file of it; None where it has none of this name."""
        digests = {file["name"]: file["sha256"] for file in self.manifest["files"]}
        return (self.folder / name, digests[name]) if name in digests else None


class Snapshots:
    """The snapshots in a folder. Safe to use from many threads and processes."""

    def __init__(self, folder: Path, reading: Reading, ledger: Ledger, today: Callable[[], date]) -> None:
        self._folder, self._reading, self._ledger, self._today = folder, reading, ledger, today
        self._lock = threading.Lock()
        self._making: Future[Snapshot] | None = None

    def find(self, own: str) -> Snapshot | None:
        """The snapshot of this id, if it is there and public; one that no longer is, is removed."""
        if not ID.fullmatch(own):
            return None
        try:
            found = Snapshot.read(self._folder / own)
        except (OSError, FormatError):
            return None
        if still_public(self._reading, found.size, found.today, self._today()):
            return found
        shutil.rmtree(found.folder, ignore_errors=True)
        return None

    def newest(self) -> Snapshot | None:
        """The newest snapshot of today that is public."""
        for own in self._ids():
            found = self.find(own)
            if found and found.today == self._today():
                return found
        return None

    def begin(self) -> Future[Snapshot]:
        """Has a snapshot made in a thread of its own, unless one is being made already."""
        with self._lock:
            if self._making is None or self._making.done():
                self._making = Future()
                self._making.set_running_or_notify_cancel()  # others wait for it, too: no impatience ends it
                threading.Thread(target=self._fulfil, args=(self._making,), name="snapshot", daemon=True).start()
            return self._making

    def make(self, progress: Callable[[Resource], object] = lambda _: None) -> Snapshot:
        """A new snapshot of now. Raises UnavailableError where what is public changes faster than it is read."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with _alone(self._folder):
            for left in self._folder.glob(f"{_MAKING}*"):  # by a process that was killed
                shutil.rmtree(left, ignore_errors=True)
            for _ in range(_ATTEMPTS):
                made = self._written(progress)
                if found := self.find(made):
                    self._tidy()
                    return found
        raise UnavailableError(
            "what is public changed while the snapshot was made; try again", "生成快照期间公开内容有变，请稍后重试"
        )

    def _fulfil(self, future: Future[Snapshot]) -> None:
        try:
            future.set_result(self.make())
        except Exception as error:  # whoever waits for it is told
            future.set_exception(error)

    def _ids(self) -> list[str]:
        """The ids of what is there, the one with most of the log first."""
        if not self._folder.is_dir():
            return []
        found = [path.name for path in self._folder.iterdir() if ID.fullmatch(path.name)]
        return sorted(found, key=lambda own: (int(own.partition("-")[0]), own), reverse=True)

    def _tidy(self) -> None:
        for own in self._ids()[KEPT:]:
            shutil.rmtree(self._folder / own, ignore_errors=True)

    def _written(self, progress: Callable[[Resource], object]) -> str:
        """Writes a snapshot and returns its id."""
        moment = self._reading.moment(None, self._today(), *PROJECTIONS)
        with tempfile.TemporaryDirectory(prefix=_MAKING, dir=self._folder, ignore_cleanup_errors=True) as folder:
            files = []
            for resource in RESOURCES.values():
                progress(resource)
                files.append(self._file(Path(folder), resource, moment))
            manifest = {
                "log": self._ledger.log_key.origin,
                "size": moment.size,
                "root": to_base64(root(moment.size, self._ledger.nodes(moment.size))),
                "on": moment.on.isoformat(),
                "today": moment.today.isoformat(),
                "files": files,
            }
            attestation = self._ledger.attest(TYP, manifest)
            (Path(folder) / _MANIFEST).write_bytes(attestation)
            own = f"{moment.size}-{moment.on}-{hashlib.sha256(attestation).hexdigest()[:16]}"
            if not (self._folder / own).exists():
                Path(folder).rename(self._folder / own)
        return own

    def _file(self, folder: Path, resource: Resource, moment: Moment) -> dict[str, Any]:
        """Writes the file of a resource; its line in the manifest."""
        path, rows = folder / f"{resource.name}.jsonl.gz", 0
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for piece in exported(self._reading, resource, moment, "jsonl"):
                rows += piece.count(b"\n")
                packed.write(piece)
        with path.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        return {"name": path.name, "rows": rows, "bytes": path.stat().st_size, "sha256": digest}


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder's lock: one process makes a snapshot at a time."""
    with (folder / ".lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
