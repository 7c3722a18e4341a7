"""Collecting cosignatures: the ledger asks its policy's witnesses to cosign its newest checkpoint (C2SP tlog-witness).

A round takes the newest checkpoint and asks all witnesses for that one, at once; it ends when the quorum is met, or all
have answered. So under load the witnesses sign the same checkpoints, and what came meanwhile is covered by the next
round. A witness that does not answer is asked again later, after 1, 2, 4 … 60 seconds, and holds nobody up; whatever it
answers is verified before it is kept.

>>> sorted(kind.value for kind in Failure)
['ahead', 'false', 'refused', 'unreachable']
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from enum import StrEnum
from time import monotonic
from types import TracebackType

from ledger.application import Ledger
from ledger.errors import LedgerError, SignatureError, UnavailableError
from ledger.proof.checkpoint import parse_decimal
from ledger.proof.cosignature import cosigned_at
from ledger.proof.merkle import consistency_proof
from ledger.proof.note import read_note
from ledger.proof.quorum import Known, Policy
from ledger.proof.witness import SIZE_TYPE, AddCheckpoint
from ledger.store.reader import StoredCheckpoint

PERIOD = 0.5
"""Seconds between two looks at the log's end."""
TRIES = 3
"""How often a witness is asked in a row while it names another old size: others may ask it too."""
LONGEST = 60.0
"""Seconds after which a witness that fails is asked again at the latest."""

Answer = tuple[int, str, bytes]
"""HTTP status, content type, body."""
Post = Callable[[str, bytes], Answer]
"""Posts a body to a URL. Raises UnavailableError where there is no whole answer in good time."""
Keep = Callable[[int, str, str], None]
"""Keeps a line: size, vkey, line."""
Told = Callable[[Known, LedgerError | None], None]
"""Hears of a witness's answer: None for a cosignature that was kept, else why there is none."""


class Failure(StrEnum):
    """Why a witness did not cosign."""

    UNREACHABLE = "unreachable"  # no answer
    REFUSED = "refused"  # it does not cosign: unknown log, bad signature, bad proof
    AHEAD = "ahead"  # it has cosigned more than there is here: this ledger was rolled back, or is an old copy
    FALSE = "false"  # what it answered is not its cosignature


class NotCosignedError(LedgerError):
    """A witness did not cosign; ``failure`` is the kind."""

    code = "not-cosigned"

    def __init__(self, failure: Failure, en: str, zh: str) -> None:
        super().__init__(en, zh)
        self.failure = failure


class Witnessing:
    """See the module's docstring. Entered, it collects in the background until it is left."""

    def __init__(self, ledger: Ledger, policy: Policy, keep: Keep, post: Post, told: Told) -> None:
        self._ledger, self._policy, self._keep, self._post, self._told = ledger, policy, keep, post, told
        self.asked = tuple(witness for witness in policy.known_witnesses if witness.url)
        self._sizes: dict[str, int] = {}  # by vkey: the size that the witness cosigned last, as far as is known
        self._signed: dict[str, int] = {}  # by name: the largest size for which a line is kept
        self._resume: dict[str, tuple[float, float]] = {}  # by name: not before this moment; and the pause before it
        self._busy: set[str] = set()
        self._ended = threading.Event()
        self._pool = ThreadPoolExecutor(max(1, len(self.asked)), thread_name_prefix="witness")
        self._thread = threading.Thread(target=self._run, name="witnessing", daemon=True)

    def __enter__(self) -> Witnessing:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self.close()

    def close(self) -> None:
        """Waits for the answers that are still to come."""
        self._pool.shutdown(cancel_futures=True)

    def round(self, *, all_answers: bool = False) -> None:
        """Asks all witnesses that have not cosigned the newest checkpoint and are not to be left alone for a while.

        It ends when the quorum is met (with ``all_answers`` not before) or nobody is left to answer. Raises
        UnavailableError or NotFoundError where there is no checkpoint to be had.
        """
        stored = self._ledger.reader.newest(attempts=1)
        now = monotonic()
        due = [w for w in self.asked if w.name not in self._busy and self._is_due(w, stored.size, now)]
        self._busy.update(w.name for w in due)
        pending = {self._pool.submit(self._one, witness, stored) for witness in due}
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            _raise(done)
            signed = [name for name, size in self._signed.items() if size == stored.size]
            if self._policy.is_quorum(signed) and not all_answers:
                return

    def ask(self, witness: Known, stored: StoredCheckpoint) -> str:
        """The witness's line for a checkpoint, verified. Raises NotCosignedError, or UnavailableError of the store."""
        assert witness.url is not None
        vkey = witness.key.vkey
        self._sizes.setdefault(vkey, self._done(witness))
        for _ in range(TRIES):
            old = min(self._sizes[vkey], stored.size)
            proof = consistency_proof(old, stored.size, self._ledger.nodes(stored.size))
            body = AddCheckpoint(old, tuple(proof), stored.note.encode()).marshal()
            try:
                status, content_type, answer = self._post(witness.url.rstrip("/") + "/add-checkpoint", body)
            except UnavailableError as error:
                raise NotCosignedError(Failure.UNREACHABLE, error.en, error.zh) from None
            if status == 200:
                line = cosignature_in(answer, stored.note, witness)
                self._sizes[vkey] = stored.size
                return line
            if status != 409 or content_type.partition(";")[0].strip() != SIZE_TYPE:
                raise _refused(witness, status)
            self._sizes[vkey] = _size(witness, answer)
            if self._sizes[vkey] > stored.size:
                break
        seen = self._sizes[vkey]
        raise NotCosignedError(
            Failure.AHEAD,
            f"witness {witness.name}: expected it to have cosigned at most {stored.size} entries, got {seen}",
            f"见证者 {witness.name}：其已见证的条目数应不超过 {stored.size}，实为 {seen}",
        )

    def _is_due(self, witness: Known, size: int, now: float) -> bool:
        return self._done(witness) < size and now >= self._resume.get(witness.name, (0.0, 0.0))[0]

    def _done(self, witness: Known) -> int:
        """The largest size for which the witness's line is kept, by an earlier run maybe."""
        if witness.name not in self._signed:
            self._signed[witness.name] = self._ledger.reader.cosigned(witness.key.vkey)
        return self._signed[witness.name]

    def _one(self, witness: Known, stored: StoredCheckpoint) -> None:
        try:
            line = self.ask(witness, stored)
            self._keep(stored.size, witness.key.vkey, line)
        except LedgerError as error:
            pause = min(LONGEST, max(1.0, 2 * self._resume.get(witness.name, (0.0, 0.0))[1]))
            self._resume[witness.name] = monotonic() + pause, pause
            self._told(witness, error)
        else:
            self._signed[witness.name] = stored.size
            self._resume.pop(witness.name, None)
            self._told(witness, None)
        finally:
            self._busy.discard(witness.name)

    def _run(self) -> None:
        while not self._ended.wait(PERIOD):
            try:
                self.round()
            except LedgerError:  # the database is away, or the ledger not founded: a moment later it is there
                continue


def cosignature_in(answer: bytes, note: str, witness: Known) -> str:
    """The line of the witness for the checkpoint in ``note`` in its answer; lines of other keys are left out.

    Raises NotCosignedError where there is none that verifies.
    """
    try:
        text = answer.decode()
        if not text.startswith("\u2014 ") or not text.endswith("\n") or "\n\n" in text:
            raise SignatureError("expected signature lines", "应为签名行")
        (found,) = read_note((note + text).encode(), [witness.key]).signatures or (None,)
        if found is None or not cosigned_at(found.signature):
            raise SignatureError("expected its cosignature with a time", "应有其带时间的见证签名")
    except (UnicodeDecodeError, LedgerError) as error:
        detail = error if isinstance(error, LedgerError) else SignatureError("expected UTF-8", "应为 UTF-8")
        raise NotCosignedError(
            Failure.FALSE, f"witness {witness.name}: {detail.en}", f"见证者 {witness.name}：{detail.zh}"
        ) from None
    return found.line


def _size(witness: Known, answer: bytes) -> int:
    try:
        return parse_decimal(answer.decode("ascii", "replace").removesuffix("\n"), "size", "大小")
    except LedgerError as error:
        raise NotCosignedError(
            Failure.FALSE, f"witness {witness.name}: {error.en}", f"见证者 {witness.name}：{error.zh}"
        ) from None


def _refused(witness: Known, status: int) -> NotCosignedError:
    failure = Failure.UNREACHABLE if status >= 500 or status == 429 else Failure.REFUSED
    return NotCosignedError(
        failure,
        f"witness {witness.name}: expected a cosignature, got HTTP {status}",
        f"见证者 {witness.name}：应有见证签名，实为 HTTP {status}",
    )


def _raise(done: set[Future[None]]) -> None:
    """Raises what no witness should cause: a fault of this program."""
    for future in done:
        future.result()
