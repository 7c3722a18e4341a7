"""check.js in Node: what it finds in evidence, and evidence on made-up logs with witnesses and rotated keys."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.domain.body import AliasAdded, BodyRenamed, KeyAuthorised, LedgerFounded
from ledger.domain.event import Event
from ledger.domain.identifiers import fictional_uscc
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import Cosigner, MlDsaKey
from ledger.proof.event import entry, sign
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import Tree, inclusion_proof, leaf_hash
from ledger.proof.note import LogSigner, NoteSigner, Verifier
from ledger.proof.note import sign as sign_note
from ledger.proof.tlogproof import TlogProof
from tests.conftest import needs

SCRIPT = Path(__file__).parents[2] / "api" / "static" / "check.js"
RUNNER = Path(__file__).with_name("check_runner.mjs")


@dataclass(frozen=True)
class Result:
    """What a check came to."""

    outcome: str
    groups: list[Any]

    def codes(self, outcome: str) -> set[str]:
        """The codes of all findings with this outcome."""
        return {f["code"] for g in self.groups for f in g["findings"] if f["outcome"] == outcome}

    @property
    def failed(self) -> set[str]:
        return self.codes("failed")

    def count(self) -> Counter[str]:
        return Counter(f["outcome"] for g in self.groups for f in g["findings"])


def checks(evidence: Sequence[Any], folder: Path) -> list[Result]:
    """What check.js finds in each."""
    needs("node")
    module = folder / "check.mjs"
    shutil.copy(SCRIPT, module)
    done = subprocess.run(
        ["node", str(RUNNER), str(module)], input=json.dumps(list(evidence)).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    assert found["obstacle"] is None
    return [Result(**result) for result in found["results"]]


# --- a made-up log ------------------------------------------------------------------------------------------

ORIGIN = "ledger.example/check"
ROOT, CONSEQUENCES, OPERATOR, BODY, STRANGER = (PrivateKey.from_seed(bytes([n]) * 32) for n in range(1, 6))
LOG, NEXT_LOG = (LogSigner(ORIGIN, PrivateKey.from_seed(bytes([n]) * 32)) for n in (6, 7))
CITY, COURT, PRESS = (
    Cosigner(f"w{n}.example", PrivateKey.from_seed(bytes([n]) * 32), 1_900_000_000) for n in (8, 9, 10)
)
QUANTUM = Cosigner("w11.example", MlDsaKey.from_seed(bytes([11]) * 32), 1_900_000_001)
WITNESSES = {"city": CITY, "court": COURT, "press": PRESS, "quantum": QUANTUM}
OFFICE, BUREAU = fictional_uscc(1), fictional_uscc(2)
AT = datetime(2030, 1, 2, 1, 30, tzinfo=UTC)


def policy(quorum: str, *names: str) -> str:
    """A policy file with these witnesses."""
    lines = [f"witness {name} {Verifier.of(WITNESSES[name]).vkey}" for name in names]
    return "\n".join([*lines, *quorum.split("; ")]) + "\n"


TWO = policy("group both all city court; quorum both", "city", "court")


@dataclass(frozen=True)
class MadeLog:
    """Entries by (fact, signer's id, its key): the founding first."""

    entries: tuple[bytes, ...]

    @classmethod
    def usual(cls, more: int = 4) -> MadeLog:
        """Founding (0), operator's key (1), bureau's key (2), ``more`` events of the bureau, one consequence."""
        founding = LedgerFounded(ORIGIN, ROOT.public, CONSEQUENCES.public, Verifier.of(LOG).vkey)
        said = [
            ("ledger", founding, "ledger", ROOT, None),
            (OFFICE, KeyAuthorised(OPERATOR.public), "ledger", ROOT, None),
            (BUREAU, KeyAuthorised(BODY.public), OFFICE, OPERATOR, None),
            *((BUREAU, BodyRenamed(f"示例局{n}"), BUREAU, BODY, None) for n in range(more)),
            (BUREAU, AliasAdded("p-0000000000000000", "示例局"), "ledger", CONSEQUENCES, JTI),
        ]
        return cls(tuple(cls.entry(*one) for one in said))

    @staticmethod
    def entry(own: str, fact: Any, iss: str, key: PrivateKey, cause: str | None = None) -> bytes:
        event = Event(iss, 1_900_000_000, JTI, f"body/{own}", 1, None, fact, (), cause)
        return entry(AT, sign(event, key))

    def evidence(
        self,
        index: int,
        *,
        signers: Sequence[NoteSigner] = (LOG, CITY, COURT),
        policy: str | None = TWO,
        log_keys: Sequence[tuple[int, LogSigner]] = ((0, LOG),),
        closed: bool = False,
    ) -> Any:
        """As the server would answer it for the event at ``index``."""
        tree = Tree()
        for one in self.entries:
            tree.append(leaf_hash(one))
        note = sign_note(Checkpoint(ORIGIN, tree.size, tree.root()).marshal(), signers)

        def item(at: int) -> Any:
            hashes = tuple(inclusion_proof(at, tree.size, tree.nodes()))
            time, jws = self.entries[at].decode().splitlines()
            key, given = SIGNED_BY.get(at, (BODY, 2)) if at < tree.size - 1 else (CONSEQUENCES, 0)
            return {
                "index": at,
                "recorded_at": time,
                "jws": jws,
                "key": {"kty": "OKP", "crv": "Ed25519", "x": key.public},
                "authorised_at": given,
                "revoked_at": None,
                "proof": TlogProof(at, hashes, note).marshal().decode(),
            }

        event = item(index)
        if closed:
            event = {"index": index, "leaf": leaf_hash(self.entries[index]).hex(), "proof": event["proof"]}
        keys = [{"index": since, "vkey": Verifier.of(key).vkey} for since, key in log_keys]
        pinned = {"origin": ORIGIN, "log_keys": keys, "policy": policy, "at": "", "url": ""}
        return {"pinned": pinned, "events": [event], "authorities": [item(at) for at in range(3)]}


JTI = "0198c5a2-0000-7000-8000-000000000001"
SIGNED_BY = {0: (ROOT, 0), 1: (ROOT, 0), 2: (OPERATOR, 1)}
