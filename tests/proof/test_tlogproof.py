"""Proof files (证明文件, `.tlog-proof`): checked offline, and refused when anything in them was changed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError, LedgerError, ProofError, SignatureError
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import MAX_SIZE, inclusion_proof, root
from ledger.proof.note import LogSigner, Verifier
from ledger.proof.tlogproof import MAX_EXTRA, TlogProof, check
from tests.proof.implementations import all_nodes, entry, forgeries

ORIGIN = "ledger.example/log"
LOG = LogSigner(ORIGIN, PrivateKey.from_seed(b"l" * 32))
KEYS = [Verifier.of(LOG)]
SIZE, INDEX = 300, 137
HEAD = sign_checkpoint(Checkpoint(ORIGIN, SIZE, root(SIZE, all_nodes(SIZE))), [LOG])
PROOF = TlogProof(INDEX, tuple(inclusion_proof(INDEX, SIZE, all_nodes(SIZE))), HEAD)
FILE = PROOF.marshal()


def test_a_proof_file_is_laid_out_as_the_specification_says():
    hashes = "".join(base64.b64encode(value).decode() + "\n" for value in PROOF.hashes)
    assert f"c2sp.org/tlog-proof@v1\nindex 137\n{hashes}\n".encode() + HEAD == FILE
    with_extra = TlogProof(INDEX, PROOF.hashes, HEAD, b"hello").marshal()
    assert with_extra == FILE.replace(b"@v1\n", b"@v1\nextra aGVsbG8=\n")
    assert TlogProof.parse(with_extra).extra == b"hello"


def test_every_entry_of_a_tree_is_shown_to_be_in_it():
    for index in range(SIZE):
        proof = TlogProof(index, tuple(inclusion_proof(index, SIZE, all_nodes(SIZE))), HEAD).marshal()
        assert check(proof, entry(index), KEYS, ORIGIN) == Checkpoint(ORIGIN, SIZE, root(SIZE, all_nodes(SIZE)))


def test_a_proof_file_made_of_what_go_made_is_good(tlog):
    heads = {int(made["text"].split("\n")[1]): made for made in tlog["notes"] if made["names"] == [ORIGIN]}
    checked = 0
    for made in tlog["inclusion"]:
        if made["size"] not in heads:
            continue
        head = heads[made["size"]]
        lines = ["c2sp.org/tlog-proof@v1", f"index {made['index']}", *(made["proof"] or []), "", head["note"]]
        keys = [Verifier.parse(head["vkeys"][0])]
        assert check("\n".join(lines).encode(), entry(made["index"]), keys, ORIGIN).size == made["size"]
        checked += 1
    assert checked >= 7


def test_the_only_leaf_needs_no_hash():
    head = sign_checkpoint(Checkpoint(ORIGIN, 1, root(1, all_nodes(1))), [LOG])
    proof = TlogProof(0, (), head).marshal()
    assert proof.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n\nledger.example/log\n1\n")
    assert check(proof, entry(0), KEYS, ORIGIN).size == 1


def test_another_entry_index_or_hash_is_refused():
    with pytest.raises(ProofError, match=r"inclusion of leaf 137 in 300: expected root"):
        check(FILE, entry(INDEX + 1), KEYS, ORIGIN)
    for index in (INDEX - 1, INDEX + 1, 299, 300, 1 << 40):
        with pytest.raises(ProofError, match=rf"inclusion of leaf {index} in 300"):
            check(FILE.replace(b"index 137", b"index %d" % index), entry(INDEX), KEYS, ORIGIN)
    for forged in forgeries(list(PROOF.hashes)):
        with pytest.raises(ProofError):
            check(TlogProof(INDEX, tuple(forged), HEAD).marshal(), entry(INDEX), KEYS, ORIGIN)


def test_another_key_or_log_is_refused():
    other = Verifier.of(LogSigner(ORIGIN, PrivateKey.from_seed(b"o" * 32)))
    with pytest.raises(SignatureError, match=r"expected a signature by one of"):
        check(FILE, entry(INDEX), [other], ORIGIN)
    with pytest.raises(SignatureError, match=r"expected one of other.example signed by it"):
        check(FILE, entry(INDEX), KEYS, "other.example")


def test_every_flipped_bit_is_refused():
    for at in range(len(FILE)):
        for bit in (0, 1, 5, 7):
            changed = bytearray(FILE)
            changed[at] ^= 1 << bit
            with pytest.raises((FormatError, SignatureError, ProofError)):
                check(bytes(changed), entry(INDEX), KEYS, ORIGIN)


FIRST = b"c2sp.org/tlog-proof@v1\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        FIRST,
        FIRST + b"\n" + HEAD,
        FIRST + b"extra aGVsbG8=\n\n" + HEAD,
        FIRST + b"index 1",
        FIRST + b"index 1\n",
        b"\xef\xbb\xbf" + FILE,
        b"\n" + FILE,
        FILE.replace(b"@v1", b"@v2"),
        FILE.replace(b"\n", b"\r\n"),
        FILE.replace(b"index 137", b"index 0137"),
        FILE.replace(b"index 137", b"index  137"),
        FILE.replace(b"index 137", b"index -1"),
        FILE.replace(b"index 137", b"Index 137"),
        FILE.replace(b"index 137", b"index 137 "),
        FILE.replace(b"index 137", b"index 9223372036854775808"),
        FILE.replace(b"index 137", b"index \xc2\xb9"),
        FILE.replace(b"index 137\n", b"index 137\nindex 137\n"),
        FILE.replace(b"index 137\n", b"index 137\nextra aGVsbG8=\n"),
        FILE.replace(FIRST, FIRST + b"extra \n"),
        FILE.replace(FIRST, FIRST + b"extra aGVsbG9=\n"),
        FILE.replace(FIRST, FIRST + b"extra aGVsbG8=\nextra aGVsbG8=\n"),
        FILE.replace(b"index 137\n", b"index 137\nAAAA\n"),
        FILE.replace(b"index 137\n", b"index 137\n" + b"\xff" * 44 + b"\n"),
        FILE.replace(b"index 137\n", b"index 137\n" + b"A" * 43 + b"=\n" * 64),
        FIRST + b"index 1\n" + (b"A" * 43 + b"=\n") * 64 + b"\n" + HEAD,
        FIRST + b"extra " + b"AAAA" * (MAX_EXTRA // 3 + 1) + b"\nindex 1\n\n" + HEAD,
        FIRST + b"index 1\n" + b"A" * (1 << 18) + b"\n\n" + HEAD,
        FIRST + b"index 1\n\n" + b"A" * ((1 << 20) + 1),
    ],
)
def test_a_file_that_is_spelled_otherwise_is_refused(data):
    with pytest.raises(FormatError):
        TlogProof.parse(data)


def test_parts_that_no_file_may_hold_are_refused():
    for parts in (
        (-1, (), HEAD),
        (MAX_SIZE + 1, (), HEAD),
        (0, (bytes(32),) * 64, HEAD),
        (0, (bytes(31),), HEAD),
        (0, (), HEAD, bytes(MAX_EXTRA + 1)),
        (0, (), bytes((1 << 20) + 1)),
    ):
        with pytest.raises(FormatError, match=r"proof file: expected an index"):
            TlogProof(*parts)


hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)


@given(st.integers(0, MAX_SIZE), hashes, st.binary(), st.binary())
def test_a_proof_file_is_read_as_it_was_written(index, values, head, extra):
    proof = TlogProof(index, values, head, extra)
    assert TlogProof.parse(proof.marshal()) == proof


@given(st.binary() | st.binary().map(FIRST.__add__) | st.text("\n index0123AB+/=").map(lambda t: FIRST + t.encode()))
def test_any_bytes_are_a_canonical_file_or_refused(data):
    try:
        proof = TlogProof.parse(data)
    except FormatError:
        return
    assert proof.marshal() == data


@given(st.binary(max_size=200), st.integers(0, len(FILE)))
def test_any_bytes_put_into_a_good_file_are_refused_with_an_error_of_ours(data, at):
    changed = FILE[:at] + data + FILE[at + len(data) :]
    if changed == FILE:
        return
    with pytest.raises(LedgerError) as refused:
        check(changed, entry(INDEX), KEYS, ORIGIN)
    assert isinstance(refused.value, FormatError | SignatureError | ProofError)
