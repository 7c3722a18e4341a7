"""The ledger's side of the witnesses over HTTP: posts to them, within bounds, and collects while the service runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType

import httpx
import structlog

from api.observe import WITNESS_FAILURES
from ledger.errors import LedgerError, UnavailableError
from ledger.installation import Installation
from ledger.proof.quorum import Known
from ledger.store.cosignatures import Cosignatures
from ledger.store.recorder import datastore
from ledger.witnesses import policy_file
from ledger.witnesses.witnessing import Answer, NotCosignedError, Told, Witnessing

DEADLINE = 5.0
"""Seconds for a whole answer."""
MOST = 1 << 16
"""Bytes of an answer: lines of sixteen keys, ML-DSA-44 ones too."""


class Poster:
    """Posts to witnesses over connections that are kept open. No redirect is followed. Safe to use from threads."""

    def __init__(self) -> None:
        self._http = httpx.Client(timeout=DEADLINE, follow_redirects=False)

    def __call__(self, url: str, body: bytes) -> Answer:
        """Status, content type and body of the answer. Raises UnavailableError."""
        end, data = monotonic() + DEADLINE, bytearray()
        headers = {"content-type": "text/plain; charset=utf-8", "accept-encoding": "identity"}
        try:
            with self._http.stream("POST", url, content=body, headers=headers) as answer:
                for piece in answer.iter_raw():
                    data += piece
                    if len(data) > MOST or monotonic() > end:
                        raise httpx.ReadError("too long")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:  # a policy's URL may be any bytes
            reason = type(error).__name__
            raise UnavailableError(
                f"{url}: expected a whole answer within {DEADLINE:.0f} s, got none ({reason})",
                f"{url}：应在 {DEADLINE:.0f} 秒内完整应答，实则没有（{reason}）",
            ) from None
        return answer.status_code, answer.headers.get("content-type", ""), bytes(data)

    def __enter__(self) -> Poster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()


@contextmanager
def witnessing(installation: Installation, told: Told) -> Iterator[Witnessing | None]:
    """What asks the policy's witnesses, not started yet; None where the installation has no policy, or nobody to ask.

    ``told`` hears of each answer. Raises ConfigurationError or FormatError for a policy file that is none.
    """
    policy = policy_file.of(installation.settings)
    if policy is None or not any(witness.url for witness in policy.known_witnesses):
        yield None
        return
    store = datastore(installation.database.url("writer"), pool_size=len(policy.known_witnesses))
    try:
        with Poster() as post:
            yield Witnessing(installation.ledger, policy, Cosignatures(store).add, post, told)
    finally:
        store.close()


@contextmanager
def collecting(installation: Installation) -> Iterator[None]:
    """Asks the witnesses in the background meanwhile."""
    with witnessing(installation, _told) as asking:
        if asking is None:
            yield
            return
        with asking:
            yield


def _told(witness: Known, error: LedgerError | None) -> None:
    log = structlog.get_logger("witness")
    if error is None:
        log.debug("cosigned", witness=witness.name)
        return
    kind = error.failure.value if isinstance(error, NotCosignedError) else error.code
    WITNESS_FAILURES.labels(kind).inc()
    log.warning("not cosigned", witness=witness.name, kind=kind, reason=error.en)
