"""Which cosignatures make a checkpoint one to believe (见证法定数): C2SP tlog-policy and tlog-cosignature."""

import base64
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.howto import public_key_pem
from ledger.errors import FormatError, SignatureError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.cosignature import COSIGNATURES, MAX_TIME, Cosigner, MlDsaKey, cosigned_at
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier, key_id, open_note, read_note, sign, to_base64
from ledger.proof.quorum import MAX_POLICY, MOST, Policy
from ledger.proof.rotation import statement
from tests.conftest import needs

NOW = 1_790_000_000
LOG = LogSigner("log.example/ledger", PrivateKey.from_seed(b"l" * 32))
TEXT = Checkpoint(LOG.name, 20852163, bytes(range(32))).marshal()


def witness(n, time=NOW):
    return Cosigner(f"w{n}.example", PrivateKey.from_seed(bytes([n]) * 32), time)


ONE, TWO, THREE = map(witness, (1, 2, 3))
POST_QUANTUM = Cosigner("pq.example", MlDsaKey.from_seed(b"q" * 32), NOW)


def lines(*witnesses):
    return "".join(f"witness {w.name.partition('.')[0]} {Verifier.of(w).vkey}\n" for w in witnesses)


TWO_OF_THREE = lines(ONE, TWO, THREE) + "group towns 2 w1 w2 w3\nquorum towns\n"


def test_a_cosignature_is_what_the_specification_says_byte_for_byte():
    """tlog-cosignature, "Format" and "Ed25519 signed message", written out by hand."""
    raw = ONE.sign(TEXT.encode())
    message = b"cosignature/v1\ntime 1790000000\n" + TEXT.encode()
    assert raw == (1790000000).to_bytes(8, "big") + ONE.key.sign(message)
    assert key_id(ONE.name, ONE.public_key, 4) == Verifier.of(ONE).key_id
    assert base64.b64decode(Verifier.of(ONE).vkey.split("+", 2)[2]) == b"\x04" + ONE.public_key


def test_a_cosignature_of_ml_dsa_44_is_over_the_structure_of_the_specification():
    """tlog-cosignature, "ML-DSA-44 signed message", written out by hand."""
    raw = POST_QUANTUM.sign(TEXT.encode())
    assert len(raw) == 8 + 2420
    parts = [b"subtree/v1\n\x00", b"\x0apq.example", (1790000000).to_bytes(8, "big"), b"\x12log.example/ledger"]
    message = b"".join([*parts, bytes(8), (20852163).to_bytes(8, "big"), bytes(range(32))])
    POST_QUANTUM.key.key.public_key().verify(raw[8:], message)
    vkey = Verifier.of(POST_QUANTUM).vkey
    assert base64.b64decode(vkey.split("+", 2)[2]) == b"\x06" + POST_QUANTUM.public_key
    assert Verifier.parse(vkey, COSIGNATURES) == Verifier.of(POST_QUANTUM)


def test_openssl_verifies_a_cosignature(tmp_path):
    needs("openssl")
    (tmp_path / "key.pem").write_text(public_key_pem(ONE.key.public))
    raw = ONE.sign(TEXT.encode())
    (tmp_path / "signature").write_bytes(raw[8:])
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
    for time, status in ((cosigned_at(raw), 0), (cosigned_at(raw) + 1, 1)):
        (tmp_path / "text").write_text(f"cosignature/v1\ntime {time}\n{TEXT}")
        assert subprocess.run(command.split(), check=False, cwd=tmp_path).returncode == status


@pytest.mark.parametrize("cosigner", [ONE, POST_QUANTUM])
def test_every_changed_byte_of_a_cosigned_checkpoint_is_refused(cosigner):
    key = Verifier.of(cosigner)
    raw = bytearray(cosigner.sign(TEXT.encode()))
    assert key.verify(TEXT.encode(), bytes(raw))
    for at in range(0, len(raw), 1 + len(raw) // 80):
        raw[at] ^= 1
        assert not key.verify(TEXT.encode(), bytes(raw))
        raw[at] ^= 1
    text = TEXT.encode()
    for at in range(len(text)):
        assert not key.verify(text[:at] + bytes([text[at] ^ 1]) + text[at + 1 :], bytes(raw))
    for wrong in (b"", bytes(raw[:7]), bytes(raw[:-1]), bytes(raw) + b"\0", b"\xff" * 8 + bytes(raw[8:])):
        assert not key.verify(text, wrong)


def test_extension_lines_are_cosigned_with_ed25519_and_are_not_with_ml_dsa():
    """tlog-cosignature: "checkpoint extension lines are not included in the signed message for ML-DSA-44"."""
    longer = TEXT + "an extension\n"
    assert not Verifier.of(ONE).verify(longer.encode(), ONE.sign(TEXT.encode()))
    assert Verifier.of(POST_QUANTUM).verify(longer.encode(), POST_QUANTUM.sign(TEXT.encode()))


@pytest.mark.parametrize("text", ["", "\n", "a\n", "a\n1\n", "a\n01\nAA==\n", "a\n1\nAA==\n", TEXT[:-1], "\n" + TEXT])
def test_only_a_checkpoint_is_cosigned(text):
    with pytest.raises(FormatError, match=r"expected a checkpoint"):
        ONE.sign(text.encode())


def test_a_time_is_from_0_to_2_to_the_63_less_1():
    for time in (0, MAX_TIME):
        assert Verifier.of(ONE).verify(TEXT.encode(), witness(1, time).sign(TEXT.encode()))
    for time in (-1, MAX_TIME + 1):
        with pytest.raises(FormatError):
            witness(1, time).sign(TEXT.encode())


def test_a_witness_never_stands_in_for_the_log_even_under_its_name_or_with_its_key():
    """tlog-checkpoint: the log's own key of type 1 has to sign."""
    namesake = Cosigner(LOG.name, PrivateKey.from_seed(b"n" * 32), NOW)
    same_key = Cosigner(LOG.name, LOG.key, NOW)
    for cosigner in (ONE, namesake, same_key, POST_QUANTUM):
        keys = [Verifier.of(LOG), Verifier.of(cosigner)]
        note = sign(TEXT, [cosigner])
        assert open_note(note, keys).text == TEXT
        with pytest.raises(SignatureError, match=r"expected one of log.example/ledger"):
            open_checkpoint(note, LOG.name, keys)
        assert open_checkpoint(sign(TEXT, [LOG, cosigner]), LOG.name, keys).size == 20852163


def test_a_vkey_of_a_witness_is_no_key_of_a_log_nor_the_other_way_round():
    for cosigner in (ONE, POST_QUANTUM):
        with pytest.raises(FormatError, match=r"expected type 1, got"):
            Verifier.parse(Verifier.of(cosigner).vkey)
    with pytest.raises(FormatError, match=r"expected type 4, 6, got 1"):
        Verifier.parse(Verifier.of(LOG).vkey, COSIGNATURES)
    with pytest.raises(FormatError, match=r"type 6 and 32"):
        Verifier("a", bytes(32), 6)
    assert statement(Verifier.of(LOG), Verifier.of(LOG))


def test_two_of_three_witnesses_are_asked_for_and_a_stripped_line_is_noticed():
    policy = Policy.parse(TWO_OF_THREE)
    full = sign(TEXT, [LOG, ONE, THREE])
    assert policy.check(full, LOG.name, [Verifier.of(LOG)]).size == 20852163
    assert policy.by(full) == ("w1", "w3")
    stripped = b"".join(line for line in full.splitlines(keepends=True) if b"w3.example" not in line)
    assert open_checkpoint(stripped, LOG.name, [Verifier.of(LOG)]).size == 20852163
    assert not policy.met(stripped)
    with pytest.raises(SignatureError, match=r"quorum: expected a checkpoint cosigned as 'towns' asks.* by w1"):
        policy.check(stripped, LOG.name, [Verifier.of(LOG)])


def test_a_witness_that_signed_twice_counts_once_and_a_false_line_spoils_the_note():
    policy = Policy.parse(TWO_OF_THREE)
    note = sign(TEXT, [LOG, ONE])
    again = read_note(sign(TEXT, [witness(1, NOW + 5)]), [Verifier.of(ONE)]).signatures[0].line.encode()
    assert not policy.met(note + again)
    false = f"— {TWO.name} {to_base64(Verifier.of(TWO).key_id + bytes(72))}\n".encode()
    for ask in (policy.met, lambda data: policy.check(data, LOG.name, [Verifier.of(LOG)])):
        with pytest.raises(SignatureError, match=r"that verifies"):
            ask(note + false)


def test_groups_of_groups_are_counted_as_the_specification_s_example():
    """tlog-policy, "Example policy"."""
    x, y = [witness(n) for n in (1, 2, 3)], [witness(n) for n in (4, 5, 6)]
    text = lines(*x, *y) + "group X 2 w1 w2 w3\ngroup Y any w4 w5 w6\ngroup X-and-Y all X Y\nquorum X-and-Y\n"
    policy = Policy.parse(text)
    assert policy.met(sign(TEXT, [LOG, x[0], x[2], y[1]]))
    for cosigners in ([], x, y, [x[0], y[0]], [x[0], *y]):
        assert not policy.met(sign(TEXT, [LOG, *cosigners]))


def test_a_policy_may_ask_for_one_witness_or_for_none_and_may_name_the_log():
    one = Policy.parse(
        f"# who\n\n \t\nlog {Verifier.of(LOG).vkey} https://log.example\n{lines(ONE, TWO)}\tquorum  w2 \n"
    )
    assert one.known_logs[0].url == "https://log.example"
    assert one.check(sign(TEXT, [LOG, TWO]), LOG.name, []).origin == LOG.name
    assert not one.met(sign(TEXT, [LOG, ONE]))
    assert Policy.parse("quorum none\n").met(sign(TEXT, [LOG]))


def test_32_witnesses_groups_and_logs_are_taken_and_64_are_the_most():
    """tlog-policy, "Implementation limits"."""
    below = ["w1", *(f"g{n}" for n in range(MOST))]
    names = "".join(f"group g{n} any {below[n]}\n" for n in range(MOST))
    many = lines(*(witness(n) for n in range(1, MOST + 1)))
    policy = Policy.parse(f"{many}{names}quorum g{MOST - 1}\n")
    assert policy.met(sign(TEXT, [LOG, ONE]))
    assert not policy.met(sign(TEXT, [LOG, TWO]))
    for more in (lines(witness(MOST + 1)), f"group more any g{MOST - 1}\n"):
        with pytest.raises(FormatError, match=r"at most 64"):
            Policy.parse(f"{many}{names}{more}quorum none\n")


V1, V2, VLOG = Verifier.of(ONE).vkey, Verifier.of(TWO).vkey, Verifier.of(LOG).vkey
WEAK = Verifier("weak.example", bytes([1] + [0] * 31), 4).vkey
SAME = Cosigner("other.example", ONE.key, NOW)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "quorum none",
        "quorum none\r\n",
        "quorum none\n\0",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none none\n",
        "quorum w1\n",
        f"quorum w1\nwitness w1 {V1}\n",
        f"witness w1 {V1}\n",
        f"Witness w1 {V1}\nquorum none\n",
        f"witness w1 {V1} url more\nquorum none\n",
        f"witness {V1}\nquorum none\n",
        f"witness none {V1}\nquorum none\n",
        f"witness w1 {VLOG}\nquorum none\n",
        f"witness w1 {WEAK}\nquorum none\n",
        f"log {V1}\nquorum none\n",
        f"log {VLOG}\nlog {VLOG}\nquorum none\n",
        f"log {VLOG}\nwitness w1 {Verifier.of(Cosigner('a', LOG.key, NOW)).vkey}\nquorum none\n",
        f"log {VLOG} url more\nquorum none\n",
        f"witness w1 {V1}\nwitness w1 {V2}\nquorum w1\n",
        f"witness w1 {V1}\nwitness w2 {Verifier.of(SAME).vkey}\nquorum w1\n",
        f"witness w1 {V1}\ngroup w1 any w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup none any w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g any\nquorum w1\n",
        f"witness w1 {V1}\ngroup g 0 w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g 2 w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g 01 w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g -1 w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g ANY w1\nquorum w1\n",
        f"witness w1 {V1}\ngroup g any w1 w1\nquorum g\n",
        f"witness w1 {V1}\ngroup g any none\nquorum g\n",
        f"witness w1 {V1}\ngroup g any g\nquorum g\n",
        f"witness w1 {V1}\ngroup g any h\ngroup h any g\nquorum g\n",
        f"witness w1 {V1}\ngroup g any w1\ngroup h any w1\nquorum g\n",
        f"witness w1 {V1}\ngroup g any W1\nquorum g\n",
        f"witness w1\u3000x {V1}\nquorum none\n#" + "x" * MAX_POLICY + "\n",
    ],
)
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(FormatError):
        Policy.parse(text)


WORDS = st.sampled_from(["log", "witness", "group", "quorum", "none", "any", "all", "1", "2", "g", "w1", "w2", V1, V2])


@given(st.text() | st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=8).map("\n".join).map("{}\n".format))
def test_any_text_is_a_policy_or_refused_with_an_error_of_ours(text):
    try:
        policy = Policy.parse(text)
    except FormatError:
        return
    names = [known.name for known in policy.known_witnesses]
    assert policy.is_quorum(names)  # whatever is asked for, all witnesses together give it
    assert policy.is_quorum([]) == (policy.quorum == "none")
