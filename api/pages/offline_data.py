"""What a browser needs to check events without us (api/static/check.js), as plain data.

    pinned       origin; the log's keys (vkey), each with the index after which it signs; witness policy; when, where
    events       index, recorded_at, jws, key (JWK), authorised_at, revoked_at, proof (C2SP tlog-proof)
                 of an event that is not public: index, leaf hash and proof alone
    authorities  the events that authorised these keys, and theirs, down to the log's first: of the same form

Proofs are against the newest checkpoint that the witnesses have seen. Bodies' events are public for ever, so what
authorised a key may always be shown.

>>> inline({"title": "</script><script>alert(1)</script>"})
Markup('{"title":"\\\\u003c/script>\\\\u003cscript>alert(1)\\\\u003c/script>"}')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import orjson
from markupsafe import Markup

from ledger.application import Ledger
from ledger.domain.body import Body, Key
from ledger.domain.event import LEDGER
from ledger.proof.event import format_time, parse, parse_entry
from ledger.proof.merkle import leaf_hash
from ledger.proof.quorum import Policy
from ledger.store.recorder import Row

Data = dict[str, Any]


def pinned(ledger: Ledger, policy: Policy | None, at: str, url: str) -> Data:
    """What who checks relies on: it is worth as much as the place that it was got from."""
    state: Body = ledger.case(f"body/{LEDGER}").state
    keys = [{"index": key.index, "vkey": key.vkey} for key in state.log_keys]
    text = None if policy is None else policy_text(policy)
    return {"origin": state.origin, "log_keys": keys, "policy": text, "at": at, "url": url}


def policy_text(policy: Policy) -> str:
    """A tlog-policy of the witnesses and their quorum: without the file's comments and the witnesses' addresses."""
    lines = (
        *(f"witness {witness.name} {witness.key.vkey}" for witness in policy.known_witnesses),
        *(f"group {group.name} {group.least} {' '.join(group.members)}" for group in policy.groups),
        f"quorum {policy.quorum}",
    )
    # Names are opaque bytes in a policy, and text in JSON.
    return "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape").decode(errors="replace")


def evidence(ledger: Ledger, rows: Iterable[tuple[Row, bool]], prove: Callable[[int], bytes]) -> Data:
    """``events`` and ``authorities`` for entries that come with whether they may be shown; ``prove`` makes the proof
    file of an index.
    """

    @cache
    def body(own: str) -> Body:
        found: Body = ledger.case(f"body/{own}").state
        return found

    def item(row: Row, *, is_open: bool) -> Data:
        proof = prove(row.index).decode()
        if not is_open:
            return {"index": row.index, "leaf": leaf_hash(row.entry).hex(), "proof": proof}
        return {**_signed(row, body), "proof": proof}

    events = [item(row, is_open=is_open) for row, is_open in rows]
    wanted = {e["authorised_at"] for e in events if "jws" in e}
    authorities: dict[int, Data] = {}
    while wanted - authorities.keys():  # each is authorised by an earlier one; the first authorises itself
        index = (wanted - authorities.keys()).pop()
        authorities[index] = item(ledger.reader.entry(index), is_open=True)
        wanted.add(authorities[index]["authorised_at"])
    return {"events": events, "authorities": [authorities[index] for index in sorted(authorities)]}


def _signed(row: Row, body: Any) -> Data:
    at, jws = parse_entry(row.entry)
    signed = parse(jws)
    key: Key | None = body(signed.event.iss).key(signed.kid)
    assert key is not None, "an event in the log was signed by a key that the log knows"
    return {
        "index": row.index,
        "recorded_at": format_time(at),
        "jws": jws.decode("ascii"),
        "key": {"kty": "OKP", "crv": "Ed25519", "x": key.public},
        "authorised_at": key.from_index,
        "revoked_at": key.until_index,
    }


def inline(data: Data) -> Markup:
    """JSON that may stand in a ``<script type="application/json">``: nothing in it can end the element."""
    return Markup(orjson.dumps(data).decode().replace("<", "\\u003c"))  # noqa: S704
