"""Key files: in the clear, under a passphrase, changed to another; what is wrong is told by the file's name alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from ledger.errors import ConfigurationError, FormatError
from ledger.installation import found, open_installation
from ledger.keys import keystore
from ledger.keys.keystore import Keyring
from ledger.keys.passphrase import Passphrases, read_passphrase, seal, unseal
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from tests.conftest import OPERATOR, Databases, Founded, needs

PASSPHRASE = "正确 马 电池 staple"
WRONG = "not that one"


@pytest.fixture
def passphrase_file(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return file


def of(text: str, folder: Path) -> Passphrases:
    file = folder / f"given{len(text)}"
    file.write_text(text, encoding="utf-8")
    return Passphrases(file)


def told_nothing_but_the_file(error: pytest.ExceptionInfo[BaseException], file: Path) -> None:
    """The message names the file and holds no passphrase, nor is one in the chain of what led to it."""
    assert str(file) in str(error.value)
    cause: BaseException | None = error.value
    while cause is not None:
        assert PASSPHRASE not in repr(cause)
        assert WRONG not in repr(cause)
        cause = cause.__cause__
    assert PASSPHRASE not in str(error.getrepr(showlocals=False, style="native"))


def test_a_key_under_a_passphrase_opens_with_it_alone(tmp_path: Path) -> None:
    """F15 私钥以口令加密保存（PKCS #8, RFC 5958）。"""
    file = tmp_path / "office.pem"
    key = keystore.create(file, PASSPHRASE.encode())
    assert file.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert keystore.load(file, of(PASSPHRASE, tmp_path)).public == key.public
    for passphrases in (of(WRONG, tmp_path), of(PASSPHRASE + " ", tmp_path), Passphrases(None, lambda _: WRONG)):
        with pytest.raises(ConfigurationError, match="does not open it") as error:
            keystore.load(file, passphrases)
        told_nothing_but_the_file(error, file)


def test_without_a_passphrase_at_hand_an_encrypted_key_says_where_to_give_it(tmp_path: Path) -> None:
    file = tmp_path / "office.pem"
    keystore.create(file, PASSPHRASE.encode())
    with pytest.raises(ConfigurationError, match="JIANNUO_PASSPHRASE_FILE") as error:
        keystore.load(file)
    told_nothing_but_the_file(error, file)


def test_openssl_opens_our_encrypted_key_and_we_open_one_of_openssl(tmp_path: Path, passphrase_file: Path) -> None:
    """RFC 5958: the file is not ours alone."""
    needs("openssl")
    ours, theirs = tmp_path / "ours.pem", tmp_path / "theirs.pem"
    key = keystore.create(ours, PASSPHRASE.encode())
    passin = f"file:{passphrase_file}"
    shown = ["openssl", "pkey", "-in", str(ours), "-passin", passin, "-pubout", "-outform", "DER"]
    assert subprocess.run(shown, capture_output=True, check=True).stdout[-32:] == key.public_bytes
    made = ["openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", passin, "-out", str(theirs)]
    subprocess.run(made, capture_output=True, check=True)
    public = ["openssl", "pkey", "-in", str(theirs), "-passin", passin, "-pubout", "-outform", "DER"]
    raw = subprocess.run(public, capture_output=True, check=True).stdout[-32:]
    assert keystore.load(theirs, Passphrases(passphrase_file)).public_bytes == raw


def test_an_encrypted_key_of_another_kind_is_not_taken(tmp_path: Path, passphrase_file: Path) -> None:
    needs("openssl")
    file = tmp_path / "ec.pem"
    kind = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass", f"file:{passphrase_file}"]
    subprocess.run(["openssl", "genpkey", *kind, "-out", str(file)], capture_output=True, check=True)
    with pytest.raises(ConfigurationError, match="does not open it"):
        keystore.load(file, Passphrases(passphrase_file))


def test_at_a_terminal_a_wrong_passphrase_may_be_tried_again_and_the_right_one_serves_the_next_file(
    tmp_path: Path,
) -> None:
    for name in ("one.pem", "two.pem"):
        keystore.create(tmp_path / name, PASSPHRASE.encode())
    answers, questions = iter([WRONG, PASSPHRASE]), list[str]()
    passphrases = Passphrases(None, lambda question: questions.append(question) or next(answers))
    keystore.load(tmp_path / "one.pem", passphrases)
    keystore.load(tmp_path / "two.pem", passphrases)
    assert len(questions) == 2
    assert all("one.pem" in question for question in questions)


def test_two_different_new_passphrases_make_no_key(tmp_path: Path) -> None:
    answers = iter([PASSPHRASE, WRONG])
    with pytest.raises(ConfigurationError, match="differ") as error:
        Keyring(Passphrases(None, lambda _: next(answers)), encrypt=True).create(tmp_path / "office.pem")
    told_nothing_but_the_file(error, tmp_path / "office.pem")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line", [b"", b"\n", b"\r\n", b"\nsecond line\n", b"x" * 1024])
def test_a_passphrase_file_without_a_usable_first_line_is_refused(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "p"
    file.write_bytes(line)
    with pytest.raises(ConfigurationError, match="1 to 1023 bytes"):
        read_passphrase(file)


def test_a_passphrase_is_the_first_line_without_its_end(tmp_path: Path) -> None:
    for content in (b"open sesame", b"open sesame\n", b"open sesame\r\nrest"):
        (tmp_path / "p").write_bytes(content)
        assert read_passphrase(tmp_path / "p") == b"open sesame"
    with pytest.raises(ConfigurationError, match="none"):
        read_passphrase(tmp_path / "none")


def test_end_of_input_at_the_prompt_is_no_passphrase(tmp_path: Path) -> None:
    def ended(_: str) -> str:
        raise EOFError

    with pytest.raises(ConfigurationError, match="1 to 1023"):
        Passphrases(None, ended).new(tmp_path / "office.pem")


# --- protect --------------------------------------------------------------------------------------------------------


def test_protecting_a_key_keeps_it_and_changes_what_opens_it(tmp_path: Path) -> None:
    file, first, second = tmp_path / "office.pem", of("first", tmp_path), of("second!", tmp_path)
    public = keystore.create(file).public
    keystore.protect(file, keystore.NONE, first)
    assert keystore.load(file, first).public == public
    keystore.protect(file, first, second)
    assert keystore.load(file, second).public == public
    with pytest.raises(ConfigurationError, match="does not open it"):
        keystore.load(file, first)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert {f.name for f in tmp_path.iterdir() if f.name[0] == "."} == set(), "nothing is left beside it"


def test_protecting_with_a_wrong_old_passphrase_changes_no_byte(tmp_path: Path) -> None:
    file = tmp_path / "office.pem"
    keystore.create(file, PASSPHRASE.encode())
    before = file.read_bytes()
    with pytest.raises(ConfigurationError, match="does not open it"):
        keystore.protect(file, of(WRONG, tmp_path), of("other", tmp_path))
    assert file.read_bytes() == before


def test_a_key_is_not_lost_where_the_new_file_cannot_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fails in the middle: the old file stands, and nothing beside it."""
    file = tmp_path / "keys" / "office.pem"
    keystore.create(file)
    before = file.read_bytes()
    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
            with pytest.raises(ConfigurationError, match="No space left"):
                keystore.protect(file, keystore.NONE, of("other", tmp_path))
        assert file.read_bytes() == before
        assert [f.name for f in file.parent.iterdir()] == ["office.pem"]


def test_protecting_through_a_link_replaces_the_key_and_not_the_link(tmp_path: Path) -> None:
    file, link = tmp_path / "office.pem", tmp_path / "link.pem"
    public = keystore.create(file).public
    link.symlink_to(file)
    keystore.protect(link, keystore.NONE, of("first", tmp_path))
    assert link.is_symlink()
    assert b"ENCRYPTED" in file.read_bytes()
    assert keystore.load(link, of("first", tmp_path)).public == public


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n", b"{}", b"\xff" * 40])
def test_what_is_no_key_file_is_not_protected(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "office.pem"
    file.write_bytes(content)
    with pytest.raises((ConfigurationError, FormatError)):
        keystore.protect(file, keystore.NONE, of("first", tmp_path))
    assert file.read_bytes() == content


# --- the vault's master key -----------------------------------------------------------------------------------------


def test_the_vaults_key_is_kept_under_a_passphrase_and_opens_with_it_alone(tmp_path: Path) -> None:
    """F15 保管库主密钥以口令加密（scrypt, RFC 7914；AES-256-GCM）。"""
    file = tmp_path / "vault.key"
    secret = keystore.create_secret(file)
    keystore.protect(file, keystore.NONE, of(PASSPHRASE, tmp_path))
    assert secret.hex().encode() not in file.read_bytes()
    assert keystore.load_secret(file, of(PASSPHRASE, tmp_path)) == secret
    with pytest.raises(ConfigurationError, match="does not open it") as error:
        keystore.load_secret(file, of(WRONG, tmp_path))
    told_nothing_but_the_file(error, file)
    with pytest.raises(ConfigurationError, match="it is encrypted"):
        keystore.load_secret(file)


def test_a_post_quantum_key_of_a_witness_is_under_a_passphrase_too(tmp_path: Path) -> None:
    """见证者的 ML-DSA-44 密钥同样可以口令加密。"""
    file, passphrase = tmp_path / "witness.pem", tmp_path / "passphrase"
    passphrase.write_text("correct horse\n")
    made = Keyring(Passphrases(passphrase), encrypt=True).create_ml_dsa(file)
    assert keystore.is_encrypted(file.read_bytes())
    assert keystore.load_ml_dsa(file, Passphrases(passphrase)).public_bytes == made.public_bytes
    for wrong in (Passphrases(), Passphrases(None, lambda _: "wrong horse")):
        with pytest.raises(ConfigurationError, match=r"witness\.pem"):
            keystore.load_ml_dsa(file, wrong)
    keystore.create(ed25519 := tmp_path / "ed25519.pem", b"correct horse")
    with pytest.raises(ConfigurationError, match=r"ed25519\.pem"):
        keystore.load_ml_dsa(ed25519, Passphrases(passphrase))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        keystore.load_ml_dsa(tmp_path / "none.pem")


def test_every_changed_byte_of_a_sealed_secret_is_noticed() -> None:
    data = seal(bytes(32), b"p", salt=bytes(16), nonce=bytes(12), n=4)
    for place in range(len(data) - 1):
        changed = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with contextlib.suppress(FormatError):
            assert unseal(changed, b"p") is None, place


@pytest.mark.parametrize("change", [(b'"n": 4', b'"n": 3'), (b'"n": 4', b'"n": 2097152'), (b'"r": 8', b'"r": 99')])
def test_parameters_beyond_bounds_are_refused_before_memory_is_taken(change: tuple[bytes, bytes]) -> None:
    data = seal(bytes(32), b"p", n=4)
    assert change[0] in data
    with pytest.raises(FormatError):
        unseal(data.replace(*change), b"p")


# --- installations --------------------------------------------------------------------------------------------------


def test_a_ledger_founded_with_encrypted_keys_opens_with_their_passphrase_alone(
    databases: Databases, tmp_path: Path, passphrase_file: Path
) -> None:
    """F15 全部私钥文件均以口令加密。"""
    name = databases.create()
    settings = Settings(tmp_path / "home", databases.url(name), passphrase_file=passphrase_file)
    with open_installation(settings, founding=True, encrypt=True) as installation:
        found(installation, OPERATOR)
        vkey = installation.ledger.log_key.verifier.vkey
    for file in settings.keys.iterdir():
        content = file.read_bytes()
        assert content.startswith((b"-----BEGIN ENCRYPTED", b'{"kdf"')), file
        assert PASSPHRASE.encode() not in content
    with open_installation(settings) as installation:
        assert installation.ledger.log_key.verifier.vkey == vkey
        assert installation.author("operator", OPERATOR.uscc).key.kid
    passphrase_file.write_text(WRONG)
    with pytest.raises(ConfigurationError, match="does not open it") as error, open_installation(settings):
        pass
    told_nothing_but_the_file(error, settings.keys / "log.pem")
    databases.drop(name)


def test_a_ledger_in_the_clear_is_protected_file_by_file(
    databases: Databases, founded: Founded, tmp_path: Path, passphrase_file: Path
) -> None:
    name = databases.create(founded.database)
    shutil.copytree(founded.home, tmp_path / "home")
    settings = Settings(tmp_path / "home", databases.url(name), passphrase_file=passphrase_file)
    first, *others = settings.keys.iterdir()
    for files in ([first], others):  # in the clear and encrypted side by side, and all encrypted
        for file in files:
            keystore.protect(file, keystore.NONE, Passphrases(passphrase_file))
        with open_installation(settings) as installation:
            assert installation.ledger.vault is not None
    databases.drop(name)


def test_no_key_shows_itself() -> None:
    key = PrivateKey.from_seed(bytes(range(32)))
    assert bytes(range(32)).hex() not in repr(key)
    assert PASSPHRASE not in repr(Passphrases(None, lambda _: PASSPHRASE))
