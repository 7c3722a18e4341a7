"""What ours is compared with: the words of the RFCs, the golden file, and Go's packages where they are."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from ledger.proof.merkle import EMPTY_ROOT, leaf_hash, node_hash, parents

HERE = Path(__file__).parent
GOLDEN_FILE = HERE / "golden" / "tlog.json"
# Debian's packages of Go sources put them here.
DEBIAN_GOPATH = Path("/usr/share/gocode")
HAS_GO = bool(shutil.which("go")) and (DEBIAN_GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir()


def entry(n: int) -> bytes:
    """Leaf n of every tree in these tests, and of the golden file."""
    return b"entry %d" % n


@cache
def leaves(size: int) -> list[bytes]:
    return [leaf_hash(entry(n)) for n in range(size)]


@cache
def all_nodes(size: int):
    """Nodes of the tree of `size` leaves, all kept."""
    rows = [leaves(size)]
    while len(rows[-1]) > 1:
        rows.append(parents(rows[-1]))
    return lambda level, n: rows[level][n]


# RFC 6962 §2.1, its definitions word for word: D[first:last] is the list of leaves.
def split(n: int) -> int:
    """The largest power of two smaller than n."""
    return 1 << (n - 1).bit_length() - 1


@cache
def mth(first: int, last: int) -> bytes:
    if first == last:
        return EMPTY_ROOT
    if last - first == 1:
        return leaf_hash(entry(first))
    k = split(last - first)
    return node_hash(mth(first, first + k), mth(first + k, last))


def path(m: int, first: int, last: int) -> list[bytes]:
    if last - first == 1:
        return []
    k = split(last - first)
    if m < k:
        return [*path(m, first, first + k), mth(first + k, last)]
    return [*path(m - k, first + k, last), mth(first, first + k)]


def subproof(m: int, first: int, last: int, is_known: bool) -> list[bytes]:
    if m == last - first:
        return [] if is_known else [mth(first, last)]
    k = split(last - first)
    if m <= k:
        return [*subproof(m, first, first + k, is_known), mth(first + k, last)]
    return [*subproof(m - k, first + k, last, False), mth(first, first + k)]


# RFC 9162 §2.1.3.2 and §2.1.4.2: the verifiers, step by step as written there.
def rfc_accepts_inclusion(index, size, leaf, proof, root) -> bool:
    if index >= size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def rfc_accepts_consistency(first, second, first_hash, second_hash, proof) -> bool:
    if first == second:
        return first_hash == second_hash and not proof
    if not proof:
        return False
    proof = [first_hash, *proof] if first & (first - 1) == 0 else proof
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_hash and sr == second_hash and sn == 0


def unbase64(values: list[str] | None) -> list[bytes]:
    return [base64.b64decode(value) for value in values or []]


def forgeries(proof: list[bytes]):
    """Proofs that are almost `proof`: a bit flipped, a hash removed, added or doubled, two swapped."""
    for at, value in enumerate(proof):
        for bit in range(0, 256, 11):
            flipped = int.from_bytes(value, "big") ^ 1 << bit
            yield [*proof[:at], flipped.to_bytes(32, "big"), *proof[at + 1 :]]
        yield proof[:at] + proof[at + 1 :]
        yield [*proof[: at + 1], *proof[at:]]
        for other in range(at):
            swapped = list(proof)
            swapped[at], swapped[other] = swapped[other], swapped[at]
            yield swapped
    for at in range(len(proof) + 1):
        yield [*proof[:at], bytes(32), *proof[at:]]


class GoTool:
    """golden/tlog_tool.go, or another of the programs there, built."""

    def __init__(self, folder: Path, name: str = "tlog_tool") -> None:
        self.binary = folder / name
        environment = {
            **os.environ,
            "GO111MODULE": "off",
            "GOPATH": str(DEBIAN_GOPATH),
            "GOCACHE": str(folder / "cache"),
            "GOFLAGS": "",
        }
        command = ["go", "build", "-o", str(self.binary), f"{name}.go"]
        subprocess.run(command, cwd=HERE / "golden", env=environment, check=True)

    def generate(self) -> Any:
        """What the golden file should hold."""
        return json.loads(subprocess.run([self.binary, "generate"], check=True, capture_output=True).stdout)

    def check(self, cases: list[dict[str, Any]]) -> list[str]:
        """For each case "" if Go accepts it, else its reason. Bytes are given in base64."""

        def encode(value: bytes) -> str:
            return base64.b64encode(value).decode()

        stdin = json.dumps(cases, default=encode).encode()
        done = subprocess.run([self.binary, "check"], input=stdin, check=True, capture_output=True)
        return json.loads(done.stdout)
