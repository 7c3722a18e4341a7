"""What a bundle says for convenience, made of its entries alone: whose keys counted where, and the rule packs' texts.

Nobody has to believe it: the same entries give the same bytes, and who verifies a bundle makes them again. ``keys``
has a JSON object a line:

    {"vkey": …, "from": i}                                     the log's key for checkpoints of a size beyond i
    {"body": …, "purpose": …, "from": i, "until": j, "jwk": {…}}   a body's key: it counts from i on and before j

>>> extras = Extras()
>>> extras.take(0, b"promised")
>>> extras.members()
{'keys': b''}
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from audit.authority import Authority
from audit.bundle.layout import KEYS
from audit.entries import BodyEntry
from audit.filing import keys_in, kind_in
from ledger.domain.body import Key, thumbprint
from ledger.domain.body_terms import Purpose
from ledger.domain.policy import PolicyAdopted
from ledger.errors import LedgerError
from ledger.proof.event import Signed, parse, parse_entry

_LONGEST_LINE = 2048


class Extras:
    """Gathers from entries, given in the order of the log; memory grows with bodies and rule packs only."""

    def __init__(self) -> None:
        self._bodies: dict[str, None] = {}
        self._statements: list[tuple[int, bytes, Signed]] = []
        self._packs: dict[str, str] = {}

    def take(self, index: int, entry: bytes) -> None:
        """Notes the next entry, if it is of a body or a policy; whatever its bytes are."""
        kind = kind_in(entry)
        if kind not in {"body", "policy"}:
            return
        try:
            signed = parse(parse_entry(entry)[1])
        except (LedgerError, ValueError):
            return
        if isinstance(signed.event.fact, PolicyAdopted):
            self._packs[signed.event.fact.digest] = signed.event.fact.text
        elif kind == "body":
            self._bodies[signed.event.stream.partition("/")[2]] = None
            self._statements.append((index, entry, signed))

    def authority(self) -> Authority:
        """The bodies after all entries, by those of their events whose signatures verify and count."""
        public = {thumbprint(key): key for _, entry, _ in self._statements for key in keys_in(entry)}
        found = Authority()
        found.follow(
            [],
            [
                BodyEntry(index, entry, signed.kid in public and signed.verify(public[signed.kid]))
                for index, entry, signed in self._statements
            ],
        )
        return found

    def members(self) -> dict[str, bytes]:
        """The members by name."""
        found = {KEYS: "".join(f"{line}\n" for line in self._lines()).encode()}
        return found | {f"policies/{digest}.toml": text.encode() for digest, text in self._packs.items()}

    def _lines(self) -> Iterator[str]:
        authority = self.authority()
        for since in authority.body("ledger").log_keys:
            yield json.dumps({"vkey": since.vkey, "from": since.index}, ensure_ascii=False)
        for own in sorted(self._bodies):
            for key in authority.body(own).keys:
                yield json.dumps(_described(own, key))


def _described(own: str, key: Key) -> dict[str, object]:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": key.public, "kid": key.kid}
    first = key.from_index + (key.purpose is not Purpose.ROOT)
    return {"body": own, "purpose": key.purpose, "from": first, "until": key.until_index, "jwk": jwk}


def public_keys(text: bytes) -> Iterator[str]:
    """The public keys (a JWK's ``x``, a log's vkey) that a ``keys`` member names, as far as it can be read: hints, from
    anybody.
    """
    for line in text.splitlines():
        try:
            found = json.loads(line) if len(line) <= _LONGEST_LINE else None
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict):
            jwk = found.get("jwk")
            values = (found.get("vkey"), jwk.get("x") if isinstance(jwk, dict) else None)
            yield from (value for value in values if isinstance(value, str))
