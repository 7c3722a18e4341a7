"""What a witness is asked, and every answer that tlog-witness gives (见证请求): C2SP tlog-witness, "add-checkpoint"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import Cosigner
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import EMPTY_ROOT, consistency_proof
from ledger.proof.note import LogSigner, Verifier, sign, to_base64
from ledger.proof.witness import AddCheckpoint, RefusedError, continues, signed
from tests.proof.implementations import all_nodes, mth

LOG = LogSigner("log.example", PrivateKey.from_seed(b"l" * 32))
OTHER = LogSigner("log.example", PrivateKey.from_seed(b"o" * 32))
ELSEWHERE = LogSigner("elsewhere.example", PrivateKey.from_seed(b"l" * 32))
KEYS = [Verifier.of(LOG)]
LARGEST = 40


def at(size, root=None):
    return Checkpoint(LOG.name, size, mth(0, size) if root is None else root)


def asking(old, new, proof=None, signers=(LOG,)):
    if proof is None:
        proof = consistency_proof(old, new.size, all_nodes(LARGEST)) if 0 < old < new.size else ()
    return AddCheckpoint(old, tuple(proof), sign(new.marshal(), signers))


def judged(request, before, keys=KEYS):
    """None where it may be cosigned, else the status."""
    try:
        continues(request, signed(request, keys), before)
    except RefusedError as error:
        return error.status
    except FormatError:
        return 400
    return None


def test_the_example_of_the_specification_is_read():
    text = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
""".encode()  # noqa: E501
    request = AddCheckpoint.parse(text)
    assert (request.old, len(request.proof), request.origin) == (20852014, 4, "example.com/behind-the-sofa")
    assert request.marshal() == text


@pytest.mark.parametrize("old", [*range(10), 31, 32, LARGEST])
def test_every_growth_that_is_proven_may_be_cosigned(old):
    for new in (n for n in (1, 7, 8, 9, 33, LARGEST) if n >= old):
        before = at(old) if old else None
        request = asking(old, at(new))
        assert judged(AddCheckpoint.parse(request.marshal()), before) is None


def test_every_answer_of_the_specification_is_given():
    before = at(7)
    wrong_root = at(7, bytes(32))
    proof = consistency_proof(7, 9, all_nodes(LARGEST))
    assert judged(asking(7, at(9), signers=[ELSEWHERE]), before, []) == 404
    assert judged(asking(7, at(9), signers=[OTHER]), before) == 403
    forged = asking(7, at(9)).note.replace(b"\n9\n", b"\n8\n")
    assert judged(AddCheckpoint(7, tuple(proof), forged), before) == 403
    assert judged(asking(10, at(9), ()), before) == 400
    assert (
        judged(asking(6, at(9)), before) == judged(asking(0, at(9)), before) == judged(asking(8, at(9)), before) == 409
    )
    assert judged(asking(1, at(9)), None) == 409
    assert judged(asking(7, at(9), proof[1:]), before) == judged(asking(7, at(9), [*proof, proof[0]]), before) == 422
    assert judged(asking(7, at(9, bytes(32))), before) == 422
    assert judged(asking(0, at(9), proof), None) == 422
    assert judged(asking(7, wrong_root), before) == 422
    assert judged(asking(7, at(7), proof), before) == 422
    assert judged(asking(7, at(7)), before) is None
    assert judged(asking(7, at(9)), before) is None


def test_the_empty_tree_has_one_root():
    """tlog-witness: "A checkpoint of size zero MUST have the root hash of the empty tree … Otherwise … 422"."""
    assert judged(asking(0, at(0)), None) is None
    assert judged(asking(0, at(0)), Checkpoint(LOG.name, 0, EMPTY_ROOT)) is None
    text = f"log.example\n0\n{to_base64(bytes(32))}\n"
    assert judged(AddCheckpoint(0, (), sign(text, [LOG])), None) == 422
    assert judged(AddCheckpoint(0, (), sign("log.example\n00\nAA==\n", [LOG])), None) == 400


def test_a_409_names_the_size_and_a_fork_is_told_from_a_bad_proof():
    with pytest.raises(RefusedError) as conflict:
        continues(asking(6, at(9)), at(9), at(7))
    assert (conflict.value.status, conflict.value.size, conflict.value.is_fork) == (409, 7, False)
    with pytest.raises(RefusedError) as fork:
        continues(asking(7, at(7, bytes(32))), at(7, bytes(32)), at(7))
    assert (fork.value.status, fork.value.is_fork) == (422, True)
    with pytest.raises(RefusedError) as bad:
        continues(asking(7, at(9), ()), at(9), at(7))
    assert (bad.value.status, bad.value.is_fork) == (422, False)


def test_a_cosignature_under_the_checkpoint_is_no_signature_of_the_log():
    witness = Cosigner(LOG.name, LOG.key, 7)
    assert judged(asking(0, at(3), signers=[witness]), None, [*KEYS, Verifier.of(witness)]) == 403
    assert judged(asking(0, at(3), signers=[LOG, witness]), None) is None


GOOD = asking(7, at(9)).marshal()
LINE = to_base64(bytes(32)).encode() + b"\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n\n",
        GOOD[:-1],
        GOOD[4:],
        GOOD.replace(b"old 7", b"old 07"),
        GOOD.replace(b"old 7", b"old  7"),
        GOOD.replace(b"old 7", b"old -7"),
        GOOD.replace(b"old 7", b"old 9223372036854775808"),
        GOOD.replace(b"old 7", b"Old 7"),
        GOOD.replace(b"old 7\n", b"old 7\n" + LINE[:-2] + b"\n"),
        GOOD.replace(b"old 7\n", b"old 7\n" + b"AAAA\n"),
        GOOD.replace(b"old 7\n", b"old 7\r\n"),
        b"old 7\n" + LINE * 64 + b"\n" + asking(7, at(9)).note,
        b"old 7\n\n" + b"x" * (1 << 20) + asking(7, at(9)).note,
    ],
)
def test_what_is_no_request_is_refused(body):
    with pytest.raises(FormatError):
        AddCheckpoint.parse(body)


def test_63_lines_of_proof_are_the_most():
    body = b"old 7\n" + LINE * 63 + b"\n" + asking(7, at(9)).note
    assert len(AddCheckpoint.parse(body).proof) == 63


@given(st.binary() | st.binary().map(lambda data: b"old 1\n\n" + data) | st.binary().map(lambda data: GOOD + data))
def test_any_bytes_are_a_request_or_refused_with_an_error_of_ours(body):
    try:
        request = AddCheckpoint.parse(body)
    except FormatError:
        return
    assert request.marshal() == body
    assert judged(request, None) in {None, 400, 403, 404, 409, 422}
