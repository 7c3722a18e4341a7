"""Signed notes (签名文本): C2SP signed-note, against Go's note package and OpenSSL."""

import base64
import shutil
import subprocess
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.pages.howto import public_key_pem
from ledger.errors import ConfigurationError, FormatError, SignatureError
from ledger.proof.keys import PrivateKey
from ledger.proof.note import (
    MAX_NOTE,
    LogSigner,
    Verifier,
    from_base64,
    key_id,
    open_note,
    sign,
    to_base64,
)
from tests.proof.implementations import HAS_GO


def signer_of(name, seed=b"seed"):
    return LogSigner(name, PrivateKey.from_seed(seed.ljust(32, b"\x00")))


LOG = signer_of("ledger.example/log", b"log")
WITNESS = signer_of("witness.example", b"witness")
LOG_KEY, WITNESS_KEY = Verifier.of(LOG), Verifier.of(WITNESS)
TEXT = "践诺\n\nsecond part\n"
NOTE = sign(TEXT, [LOG])


def signature_line(name, raw):
    return f"— {name} {to_base64(raw)}\n".encode()


def test_the_example_of_the_specification_opens():
    vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    note = (
        "This is an example message.\n\n"
        "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72I"
        "neyaQM=\n"
    )
    assert open_note(note.encode(), [Verifier.parse(vkey)]).text == "This is an example message.\n"


def test_go_signs_the_same_bytes_and_ours_opens_them(tlog):
    assert len(tlog["notes"]) >= 7
    for made in tlog["notes"]:
        seeds = [base64.b64decode(seed) for seed in made["seeds"]]
        signers = [signer_of(name, seed) for name, seed in zip(made["names"], seeds, strict=True)]
        assert [Verifier.of(signer).vkey for signer in signers] == made["vkeys"]
        assert sign(made["text"], signers).decode() == made["note"]
        opened = open_note(made["note"].encode(), [Verifier.parse(vkey) for vkey in made["vkeys"]])
        assert opened.text == made["text"]
        assert [signature.name for signature in opened.signatures] == made["names"]


def test_a_note_opens_with_any_one_of_its_keys():
    note = sign(TEXT, [LOG, WITNESS])
    for keys, names in (
        ([LOG_KEY], ["ledger.example/log"]),
        ([WITNESS_KEY], ["witness.example"]),
        ([WITNESS_KEY, LOG_KEY, LOG_KEY], ["ledger.example/log", "witness.example"]),
    ):
        opened = open_note(note, keys)
        assert opened.text == TEXT
        assert [signature.name for signature in opened.signatures] == names


def test_keys_that_are_not_known_are_ignored_even_under_a_known_name_or_id():
    raw = LOG_KEY.key_id + bytes(64)
    same_name = signature_line(LOG.name, bytes(4) + bytes(64))
    same_id = signature_line("other.example", raw)
    unknown_kind = signature_line("witness.example", b"abcd" + bytes(72))
    opened = open_note(NOTE + same_name + same_id + unknown_kind, [LOG_KEY])
    assert [signature.name for signature in opened.signatures] == [LOG.name]
    for keys in ([], [WITNESS_KEY]):
        with pytest.raises(SignatureError, match=r"expected a signature by one of"):
            open_note(NOTE, keys)


def test_a_note_whose_known_key_fails_is_refused_whoever_else_signed():
    broken = signature_line(WITNESS.name, WITNESS_KEY.key_id + bytes(64))
    assert open_note(NOTE + broken, [LOG_KEY]).text == TEXT
    with pytest.raises(SignatureError, match=r"witness.example\+[0-9a-f]{8} that verifies"):
        open_note(NOTE + broken, [LOG_KEY, WITNESS_KEY])


def test_a_key_that_signed_twice_counts_once_and_both_are_checked():
    line = NOTE.rsplit(b"\n\n")[-1]
    assert len(open_note(NOTE + line, [LOG_KEY]).signatures) == 1
    for wrong in (bytes(64), bytes(63), b"\x00"):
        with pytest.raises(SignatureError):
            open_note(NOTE + signature_line(LOG.name, LOG_KEY.key_id + wrong), [LOG_KEY])


def test_every_flipped_bit_is_refused():
    for at in range(len(NOTE)):
        for bit in range(8):
            changed = bytearray(NOTE)
            changed[at] ^= 1 << bit
            with pytest.raises((FormatError, SignatureError)):
                open_note(bytes(changed), [LOG_KEY])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        NOTE[:-1],
        NOTE + b"\n",
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace("— ".encode(), b"- "),
        NOTE.replace("— ".encode(), "—".encode()),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE.replace(b"=\n", b"\n"),
        NOTE.replace(b"=\n", b"= \n"),
        NOTE.replace(b"second", b"sec\x00nd"),
        NOTE.replace(b"second", b"sec\tnd"),
        NOTE.replace(b"second", b"sec\x1fnd"),
        NOTE.replace(b"second", b"sec\xffnd"),
        NOTE.replace(b"second", b"sec\xed\xa0\x80nd"),
        b"\xff\xfe" + NOTE,
        NOTE + signature_line("a+b", bytes(9)),
        NOTE + signature_line("a\u3000b", bytes(9)),
        NOTE + signature_line("", bytes(9)),
        NOTE + signature_line("short", bytes(4)),
        NOTE + "— name AAAAAAAAAAB=\n".encode(),  # stray bits after the last byte
        NOTE + "— name AAAAAAA_AAA=\n".encode(),  # the URL alphabet
        NOTE + "— name\n".encode(),
        NOTE + "— name \n".encode(),
        NOTE + b"\n" + signature_line("name", bytes(9)),
    ],
)
def test_what_is_not_a_note_is_refused(data):
    with pytest.raises((FormatError, SignatureError)):
        open_note(data, [LOG_KEY])


def test_a_note_has_at_most_100_signatures_and_one_mebibyte():
    lines = b"".join(signature_line(f"w{n}", bytes(9)) for n in range(100))
    assert open_note(NOTE + lines[: lines.index("— w99".encode())], [LOG_KEY]).text == TEXT
    with pytest.raises(FormatError, match=r"at most 100 signatures, got 101"):
        open_note(NOTE + lines, [LOG_KEY])
    longest = "x" * (MAX_NOTE - len(sign("\n", [LOG]))) + "\n"
    note = sign(longest, [LOG])
    assert len(note) == MAX_NOTE == 1 << 20
    assert open_note(note, [LOG_KEY]).text == longest
    with pytest.raises(FormatError, match=r"at most 1048576 bytes, got 1048577"):
        sign("x" + longest, [LOG])
    with pytest.raises(FormatError, match=r"at most 1048576 bytes, got 1048577"):
        open_note(b"x" + note, [LOG_KEY])


@pytest.mark.parametrize("text", ["", "no newline", "a\n\tb\n", "a\rb\n", "a\x00b\n", "a\x1f\n", "\ud800\n"])
def test_a_text_that_could_not_be_opened_again_is_not_signed(text):
    with pytest.raises(FormatError, match=r"expected Unicode text that ends in a newline"):
        sign(text, [LOG])


def test_a_text_with_control_characters_is_refused_though_it_was_signed():
    for text in ("a\tb\n", "a\r\n", "\x00\n", "a\x1fb\n\n"):
        line = signature_line(LOG.name, LOG_KEY.key_id + LOG.sign(text.encode()))
        with pytest.raises(FormatError, match=r"no other control character"):
            open_note(text.encode() + b"\n" + line, [LOG_KEY])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u00a0b", "a\u2003b", "a\x00b", "\ud800"])
def test_a_key_has_no_name_that_would_break_a_line(name):
    with pytest.raises(FormatError, match=r"key name: expected one without spaces"):
        sign(TEXT, [signer_of(name)])
    with pytest.raises(FormatError):
        Verifier.parse(f"{name}+00000000+{LOG_KEY.vkey.rsplit('+', 1)[1]}")


def test_a_note_is_signed_by_at_least_one_key_and_by_each_once():
    for signers in ([], [LOG, LOG], [signer_of(f"key{n}") for n in range(101)]):
        with pytest.raises(FormatError, match=r"expected 1 to 100 different signers"):
            sign(TEXT, signers)


def test_a_signer_may_keep_its_key_elsewhere():
    @dataclass
    class Module:
        name: str
        public_key: bytes
        kind: int = 1

        def sign(self, message):
            asked.append(message)
            return LOG.sign(message)

    asked = []
    assert sign(TEXT, [Module(LOG.name, LOG.public_key)]) == NOTE
    assert asked == [TEXT.encode()]


def test_a_verifier_key_has_one_spelling():
    vkey = LOG_KEY.vkey
    name, identity, key = vkey.split("+", 2)
    assert Verifier.parse(vkey) == LOG_KEY
    raw = base64.b64decode(key)
    for wrong in (
        "",
        name,
        f"{name}+{identity}",
        f"{name}+{identity.upper()}+{key}",
        f"{name}+{int(identity, 16) ^ 1:08x}+{key}",
        f"{name}+0{identity}+{key}",
        f"other+{identity}+{key}",
        f"{name}+{identity}+{key}=",
        f"{name}+{identity}+{key}\n",
        f"{name}+{identity}+{key.rstrip('=')}" if key.endswith("=") else f"{name}+{identity}+{key[:-1]}",
        f"{name}+{key_id(name, raw[1:], 4).hex()}+{to_base64(bytes([4]) + raw[1:])}",
        f"{name}+{key_id(name, raw[1:-1]).hex()}+{to_base64(raw[:-1])}",
    ):
        with pytest.raises(FormatError):
            Verifier.parse(wrong)


def test_the_same_key_under_another_type_has_another_id():
    assert key_id("a", bytes(32)) != key_id("a", bytes(32), 4)
    assert len(key_id("a", bytes(32))) == 4


def test_two_keys_with_one_name_and_id_are_refused(monkeypatch):
    # Found by search in practice: ids have 32 bits.
    monkeypatch.setattr("ledger.proof.note.key_id", lambda *_: b"same")
    one, two = Verifier.of(signer_of("a", b"1")), Verifier.of(signer_of("a", b"2"))
    with pytest.raises(ConfigurationError, match=r"expected one key for a\+73616d65"):
        open_note(NOTE, [one, two])


lines = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=40)


names = lines.filter(lambda name: name and not any(c == "+" or c.isspace() for c in name))


@given(st.lists(lines, max_size=5), names)
def test_any_text_opens_as_it_was_signed(parts, name):
    text = "".join(f"{part}\n" for part in parts) or "\n"
    signer = signer_of(name)
    assert open_note(sign(text, [signer]), [Verifier.parse(Verifier.of(signer).vkey)]).text == text


@given(st.binary() | st.binary().map(lambda data: b"x\n\n\xe2\x80\x94 " + data + b"\n"))
def test_any_bytes_are_refused_with_an_error_of_ours(data):
    with pytest.raises((FormatError, SignatureError)):
        open_note(data, [LOG_KEY])


@given(st.text() | st.text("abAB01+/=", max_size=80).map("n+".__add__))
@example("a+00000000+\ud800")
def test_any_text_is_a_canonical_vkey_or_refused(text):
    try:
        verifier = Verifier.parse(text)
    except FormatError:
        return
    assert verifier.vkey == text


@given(st.text() | st.text("AB+/=", max_size=9))
def test_any_text_is_canonical_base64_or_refused(text):
    try:
        data = from_base64(text, "text", "文本")
    except FormatError:
        return
    assert to_base64(data) == text


if HAS_GO:

    def test_go_judges_notes_as_ours_does(go):
        both = sign(TEXT, [LOG, WITNESS])
        notes = [NOTE, both, NOTE[:-1], NOTE + b"\n", NOTE.replace(b"\n\n", b"\n")]
        notes += [bytes(both[:at]) + b"A" + both[at + 1 :] for at in range(len(TEXT.encode()), len(both), 3)]
        notes += [NOTE + signature_line("unknown", bytes(9)), NOTE + signature_line("a+b", bytes(9))]
        notes += [NOTE + signature_line(WITNESS.name, WITNESS_KEY.key_id + bytes(64))]
        cases, ours = [], []
        for note in notes:
            try:
                text = note.decode()
            except UnicodeDecodeError:
                continue
            for keys in ([LOG_KEY], [LOG_KEY, WITNESS_KEY]):
                cases.append({"kind": "note", "note": text, "vkeys": [key.vkey for key in keys]})
                try:
                    ours.append(open_note(note, keys).text)
                except (FormatError, SignatureError):
                    ours.append(None)
        assert [verdict == "" for verdict in go.check(cases)] == [text is not None for text in ours]
        assert ours.count(TEXT) > 4


def openssl_knows_ed25519():
    """OpenSSL from 3.0: LibreSSL and 1.1.1 lack `-rawin`, or Ed25519 with it."""
    if not shutil.which("openssl"):
        return False
    version = subprocess.run(["openssl", "version"], check=True, capture_output=True).stdout
    return version.startswith(b"OpenSSL 3")


if openssl_knows_ed25519():

    def test_openssl_verifies_the_signature_of_a_note(tmp_path):
        text, _, line = NOTE.decode().rpartition("\n\n")
        raw = base64.b64decode(line.split(" ")[2])
        (tmp_path / "key.pem").write_text(public_key_pem(LOG.key.public))
        (tmp_path / "signature").write_bytes(raw[4:])
        command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in text -sigfile signature"
        for signed, status in ((f"{text}\n", 0), (f"{text} \n", 1)):
            (tmp_path / "text").write_text(signed)
            assert subprocess.run(command.split(), check=False, cwd=tmp_path).returncode == status
