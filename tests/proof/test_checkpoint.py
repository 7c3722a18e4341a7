"""Checkpoints (检查点): C2SP tlog-checkpoint, one spelling each."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import FormatError, SignatureError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, parse_decimal, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import EMPTY_ROOT, MAX_SIZE, root
from ledger.proof.note import LogSigner, Verifier, sign
from tests.proof.implementations import all_nodes

ORIGIN = "ledger.example/log"
LOG = LogSigner(ORIGIN, PrivateKey.from_seed(b"l" * 32))
WITNESS = LogSigner("witness.example", PrivateKey.from_seed(b"w" * 32))
LOG_KEY, WITNESS_KEY = Verifier.of(LOG), Verifier.of(WITNESS)
ROOT = bytes(range(32))
TEXT = f"{ORIGIN}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_a_checkpoint_is_three_lines():
    assert Checkpoint(ORIGIN, 7, ROOT).marshal() == TEXT
    assert Checkpoint.parse(TEXT) == Checkpoint(ORIGIN, 7, ROOT)


def test_the_example_of_the_specification_is_read():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.marshal() == text


def test_go_signs_the_same_checkpoints(tlog):
    found = []
    for made in tlog["notes"]:
        if made["names"] != [ORIGIN]:
            continue
        checkpoint = open_checkpoint(made["note"].encode(), ORIGIN, [Verifier.parse(made["vkeys"][0])])
        assert checkpoint.root == root(checkpoint.size, all_nodes(70_000))
        seed = base64.b64decode(made["seeds"][0])
        signer = LogSigner(ORIGIN, PrivateKey.from_seed(seed))
        assert sign_checkpoint(checkpoint, [signer]).decode() == made["note"]
        found.append(checkpoint.size)
    assert found == [1, 300, 70_000]


def test_extension_lines_are_kept():
    text = TEXT + "one\ntwo 二\n"
    assert Checkpoint.parse(text) == Checkpoint(ORIGIN, 7, ROOT, ("one", "two 二"))
    assert Checkpoint.parse(text).marshal() == text
    note = sign(text, [LOG])
    assert open_checkpoint(note, ORIGIN, [LOG_KEY]).extensions == ("one", "two 二")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        TEXT[:-1],
        TEXT + "\n",
        TEXT + "extension",
        TEXT + "\nextension\n",
        TEXT.replace(ORIGIN, ""),
        TEXT.replace(ORIGIN, "a\tb"),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", "\n\n"),
        TEXT.replace("\n7\n", "\n+7\n"),
        TEXT.replace("\n7\n", "\n-7\n"),
        TEXT.replace("\n7\n", "\n 7\n"),
        TEXT.replace("\n7\n", "\n7.0\n"),
        TEXT.replace("\n7\n", "\n1_0\n"),
        TEXT.replace("\n7\n", "\n0x7\n"),
        TEXT.replace("\n7\n", "\n７\n"),
        TEXT.replace("\n7\n", "\n9223372036854775808\n"),
        TEXT.replace("\n7\n", "\n" + "9" * 5000 + "\n"),
        TEXT.replace("\n7\n", "\n0\n"),  # size 0 has one root alone
        TEXT.replace("Hh8=", "Hh8"),
        TEXT.replace("Hh8=", "Hh9="),  # stray bits after the last byte
        TEXT.replace("Hh8=", "Hg=="),  # 31 bytes
        TEXT.replace("Hh8=", "Hh8g"),  # 33 bytes
        TEXT.replace("AAEC", "AA EC"),
        TEXT.replace("AAEC", "_-EC"),
    ],
)
def test_a_checkpoint_that_is_spelled_otherwise_is_refused(text):
    with pytest.raises(FormatError):
        Checkpoint.parse(text)


def test_the_smallest_and_the_largest_size_are_taken():
    for size, top in ((0, EMPTY_ROOT), (MAX_SIZE, ROOT)):
        checkpoint = Checkpoint(ORIGIN, size, top)
        assert Checkpoint.parse(checkpoint.marshal()) == checkpoint
    for size in (-1, MAX_SIZE + 1):
        with pytest.raises(FormatError, match=r"size of a checkpoint"):
            Checkpoint(ORIGIN, size, ROOT)


def test_a_checkpoint_is_signed_by_keys_of_its_own_name_alone():
    with pytest.raises(FormatError, match=r"expected a key named ledger.example/log, got witness.example"):
        sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), [LOG, WITNESS])


def test_a_checkpoint_opens_if_its_own_log_signed_it():
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, ROOT), [LOG])
    assert open_checkpoint(note, ORIGIN, [WITNESS_KEY, LOG_KEY]) == Checkpoint(ORIGIN, 7, ROOT)
    both = sign(TEXT, [WITNESS, LOG])
    assert open_checkpoint(both, ORIGIN, [WITNESS_KEY, LOG_KEY]) == Checkpoint(ORIGIN, 7, ROOT)


def test_a_witness_cannot_stand_in_for_the_log():
    for note in (sign(TEXT, [WITNESS]), sign(TEXT, [WITNESS, LOG])):
        with pytest.raises(SignatureError, match=r"expected one of ledger.example/log signed by it"):
            open_checkpoint(note, ORIGIN, [WITNESS_KEY])
    with pytest.raises(SignatureError, match=r"checkpoint: expected one of"):
        open_checkpoint(sign(TEXT, [WITNESS]), ORIGIN, [WITNESS_KEY, LOG_KEY])


def test_a_checkpoint_of_another_log_is_refused_even_if_our_key_signed_it():
    other = TEXT.replace(ORIGIN, "other.example")
    with pytest.raises(SignatureError, match=r"got 'other.example' signed by ledger.example/log"):
        open_checkpoint(sign(other, [LOG]), ORIGIN, [LOG_KEY])
    with pytest.raises(SignatureError):
        open_checkpoint(sign(TEXT, [LOG]), "other.example", [LOG_KEY])


def test_a_note_of_something_else_is_no_checkpoint():
    with pytest.raises(FormatError, match=r"checkpoint: expected at least 3 lines"):
        open_checkpoint(sign("hello\n", [LOG]), ORIGIN, [LOG_KEY])


lines = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1)


@given(lines, st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_a_checkpoint_is_read_as_it_was_written(origin, size, top, extensions):
    checkpoint = Checkpoint(origin, size, top, tuple(extensions))
    assert Checkpoint.parse(checkpoint.marshal()) == checkpoint


@given(st.text() | st.text("\n0123456789AB+/=a").map(lambda text: TEXT[: len(text)] + text))
@example("\ud800\n1\n" + TEXT.split("\n")[2] + "\n")
def test_any_text_is_a_canonical_checkpoint_or_refused(text):
    try:
        checkpoint = Checkpoint.parse(text)
    except FormatError:
        return
    assert checkpoint.marshal() == text


@given(st.text() | st.text("0123456789", max_size=25))
@example("9223372036854775807")
@example("9223372036854775808")
def test_any_text_is_a_canonical_number_or_refused(text):
    try:
        number = parse_decimal(text, "number", "数")
    except FormatError:
        assert not text.isascii() or not text.isdigit() or str(int(text)) != text or int(text) > MAX_SIZE
    else:
        assert str(number) == text
        assert 0 <= number <= MAX_SIZE
