"""Keys in a hardware module, over PKCS #11, as SoftHSM has them: signing, lost sessions, many threads, the vault."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.authoring import Author
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import ConfigurationError, CorruptionError, FormatError, Head, UnavailableError
from ledger.installation import found, open_installation
from ledger.keys import keystore
from ledger.keys.passphrase import Passphrases
from ledger.keys.pkcs11_uri import Pkcs11Uri
from ledger.proof.event import parse
from ledger.proof.keys import PrivateKey, Signer, verify
from ledger.settings import Settings
from ledger.vault.vault import MasterKey
from tests.conftest import OPERATOR, Databases
from tests.ledger.softhsm import MODULE, PIN, SoftHsm, hsm, module, new_token

pytestmark = pytest.mark.usefixtures("module")
__all__ = ["hsm", "module", "new_token"]  # fixtures


def made(hsm: SoftHsm, name: str) -> Signer:
    return signer(keystore.create_in_token(hsm.uri(f"object={name}"), keystore.NONE)[1])


def signer(key: object) -> Signer:
    assert isinstance(key, Signer)
    return key


def pointer(folder: Path, uri: str, name: str = "office.pem") -> Path:
    file = folder / name
    file.write_text(uri + "\n")
    return file


def test_a_key_made_in_the_module_signs_as_ed25519_does(hsm: SoftHsm) -> None:
    """F15 密钥在密码机内生成与使用（PKCS #11 v3.0，CKM_EDDSA；RFC 8032）。"""
    key = made(hsm, "signs")
    for message in (b"", b"promise", bytes(100_000)):
        signature = key.sign(message)
        assert len(signature) == 64
        assert verify(key.public, signature, message)
    assert not verify(key.public, key.sign(b"promise"), b"excuse")
    assert key.sign(b"promise") == key.sign(b"promise"), "RFC 8032 §5.1.6: deterministic"


def test_the_private_key_cannot_be_taken_out(hsm: SoftHsm) -> None:
    """F15 私钥不可导出：CKA_EXTRACTABLE 为假，CKA_SENSITIVE 为真。"""
    from pkcs11 import Attribute, ObjectClass
    from pkcs11.exceptions import AttributeSensitive

    from ledger.keys.hsm import token_of

    made(hsm, "stays")
    uri = Pkcs11Uri.parse(hsm.uri("object=stays"))

    def look(session: object) -> None:
        (key,) = session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: "stays"})  # type: ignore[attr-defined]
        assert key[Attribute.EXTRACTABLE] is False
        assert key[Attribute.SENSITIVE] is True
        with pytest.raises(AttributeSensitive):
            key[Attribute.VALUE]

    token_of(uri).use(look)


def test_a_key_file_may_point_to_a_key_in_the_module(hsm: SoftHsm, tmp_path: Path) -> None:
    """RFC 7512: object, id, or both name it."""
    uri, key = keystore.create_in_token(hsm.uri("object=points"), keystore.NONE)
    public = signer(key).public
    assert uri.id is not None
    identity = "".join(f"%{b:02x}" for b in uri.id)
    for rest in ("object=points", f"id={identity}", f"object=points;id={identity}", "object=points;type=private"):
        assert keystore.load(pointer(tmp_path, hsm.uri(rest))).public == public
    assert keystore.load(pointer(tmp_path, uri.marshal() + "\n# a note")).public == public


def test_an_event_signed_in_the_module_is_like_any_other(hsm: SoftHsm) -> None:
    key = made(hsm, "events")
    author = Author(OPERATOR.uscc, key)
    jws = author.write("body/" + fictional_uscc(9), Head(0, None), BodyRegistered("示例单位", Kind.DEPARTMENT))
    assert parse(jws).verify(key.public)


def test_a_key_is_never_replaced_in_the_token(hsm: SoftHsm) -> None:
    key = made(hsm, "once")
    with pytest.raises(ConfigurationError, match="not replaced"):
        made(hsm, "once")
    assert made(hsm, "once-more").public != key.public


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("object=nobody", "one private key"),
        ("id=%ff%ff", "one private key"),
        ("object=x;serial=none", "one such token"),
    ],
)
def test_a_key_that_is_not_there_is_told(hsm: SoftHsm, tmp_path: Path, rest: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        keystore.load(pointer(tmp_path, hsm.uri(rest)))


def test_a_module_that_is_none_is_told(hsm: SoftHsm, tmp_path: Path) -> None:
    for path in (tmp_path / "none.so", Path(__file__)):
        uri = f"pkcs11:token=city;object=log?module-path={path}"
        with pytest.raises(ConfigurationError, match="cannot be loaded"):
            keystore.load(pointer(tmp_path, uri))


# --- sessions and threads -------------------------------------------------------------------------------------------


def test_a_lost_session_is_opened_again(hsm: SoftHsm) -> None:
    import pkcs11

    from ledger.keys.hsm import token_of

    key = made(hsm, "lost")
    token = token_of(Pkcs11Uri.parse(hsm.uri("object=lost")))
    token.use(lambda session: session.close())  # closed under our feet
    assert verify(key.public, key.sign(b"promise"), b"promise")
    pkcs11.lib(str(MODULE)).reinitialize()  # the whole library lost its memory
    assert verify(key.public, key.sign(b"promise"), b"promise")
    pkcs11.lib(str(MODULE)).finalize()
    assert verify(key.public, key.sign(b"promise"), b"promise")


def test_a_module_that_fails_twice_is_unavailable_and_works_again_later(
    hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pkcs11.exceptions import DeviceError

    from ledger.keys import hsm as module_of_ledger

    key = made(hsm, "fails")
    with monkeypatch.context() as patch:
        patch.setattr(module_of_ledger, "_one", lambda *_: (_ for _ in ()).throw(DeviceError()))
        module_of_ledger.token_of(Pkcs11Uri.parse(hsm.uri("object=fails")))._forget()
        with pytest.raises(UnavailableError, match="DeviceError"):
            key.sign(b"promise")
    assert verify(key.public, key.sign(b"promise"), b"promise")


def test_many_threads_sign_with_two_keys_of_one_token_while_its_session_is_lost_again_and_again(hsm: SoftHsm) -> None:
    from ledger.keys.hsm import token_of

    keys = [made(hsm, "thread-a"), made(hsm, "thread-b")]
    token = token_of(Pkcs11Uri.parse(hsm.uri("object=thread-a")))
    ended = threading.Event()

    def disturb() -> None:
        while not ended.wait(0.01):
            token.use(lambda session: session.close())

    def work(number: int) -> bool:
        key, message = keys[number % 2], str(number).encode()
        return verify(key.public, key.sign(message), message)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(800)))
    finally:
        ended.set()
        disturber.join()


# --- the PIN --------------------------------------------------------------------------------------------------------


def test_a_wrong_pin_is_told_without_it_and_not_tried_again(
    new_token: Callable[[str], SoftHsm], tmp_path: Path
) -> None:
    """A token locks after some wrong PINs: one answer, one try."""
    token = new_token("wrong-pin")
    token.pin.write_text("2468-wrong\n")
    file, messages = pointer(tmp_path, token.uri("object=log")), set()
    for _ in range(12):
        with pytest.raises(ConfigurationError, match="PinIncorrect") as error:
            keystore.load(file)
        messages.add(str(error.value))
        assert "2468" not in str(error.value)
    assert len(messages) == 1


def test_without_a_source_the_pin_is_asked_for_once(new_token: Callable[[str], SoftHsm], tmp_path: Path) -> None:
    token, questions = new_token("asked"), list[str]()
    asking = Passphrases(None, lambda question: questions.append(question) or PIN)
    keystore.create_in_token(token.uri("object=log", pin=False), asking)
    keystore.load(pointer(tmp_path, token.uri("object=log", pin=False)), asking)
    assert len(questions) == 1
    assert "token=asked" in questions[0]


def test_a_passphrase_is_never_tried_as_a_pin(new_token: Callable[[str], SoftHsm], tmp_path: Path) -> None:
    token = new_token("apart")
    (tmp_path / "p").write_text(PIN)
    with pytest.raises(ConfigurationError, match="pin-source"):
        keystore.load(pointer(tmp_path, token.uri("object=log", pin=False)), Passphrases(tmp_path / "p"))


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:",
        "pkcs11:token=a;object=b",
        "pkcs11:object=b?module-path=/x",
        "pkcs11:token=a?module-path=/x",
        "pkcs11:token=a;token=b;object=c?module-path=/x",
        "pkcs11:token=a;object=b;slot-id=1?module-path=/x",
        "pkcs11:token=a;object=b;type=cert?module-path=/x",
        "pkcs11:token=a;object=%zz?module-path=/x",
        "pkcs11:token=a;object=%ff?module-path=/x",
        "pkcs11:token=a;object=a b?module-path=/x",
        "pkcs11:token=a;object=b?module-path=/x&pin-source=|cat%20/etc/passwd",
        "pkcs11:token=a;object=b?module-path=/x&pin-source=https://pin.example",
        "pkcs11:token=a;object=b?module-path=/x&pin-source=relative",
        "pkcs11:token=a;object=b?module-path=/x&pin-value=2468",
        "pkcs11:token=a;object=b?module-path=/x;pin-value=2468",
        "pkcs11:token=a;object=b?module-path=%00",
        "pkcs11:token=" + "a" * 5000,
        "pkcs11:诺",
    ],
)
def test_a_uri_that_is_not_exactly_right_is_refused_and_not_repeated(tmp_path: Path, uri: str) -> None:
    """RFC 7512 §2.3; a PIN in it would be in every copy of it."""
    with pytest.raises((FormatError, ConfigurationError)) as error:
        keystore.load(pointer(tmp_path, uri))
    assert "2468" not in str(error.value)
    assert str(tmp_path) in str(error.value)


@given(st.text(max_size=80) | st.from_regex(r"pkcs11:([a-z-]{1,12}=[a-z%0-9]{0,6}[;?&]){0,6}", fullmatch=True))
def test_any_text_is_a_uri_or_a_format_error(text: str) -> None:
    try:
        uri = Pkcs11Uri.parse(text)
    except FormatError:
        return
    assert Pkcs11Uri.parse(uri.marshal()) == uri


@given(
    st.builds(
        Pkcs11Uri,
        st.text("/ab %?&诺", min_size=1),
        st.text("ab ;=%诺", min_size=1),
        object=st.text("ab;=?&%/诺", min_size=1),
        id=st.none() | st.binary(min_size=1, max_size=4),
        secret=st.booleans(),
        pin_source=st.sampled_from([None, Path("/etc/p in?&")]),
    )
)
def test_what_is_written_is_read_back(uri: Pkcs11Uri) -> None:
    assert Pkcs11Uri.parse(uri.marshal()) == uri


# --- the vault's master key -----------------------------------------------------------------------------------------


def test_the_vaults_master_key_in_the_module_wraps_and_unwraps_like_one_in_a_file(hsm: SoftHsm) -> None:
    """F15 保管库主密钥在密码机内（AES-256-GCM）。"""
    _, master = keystore.create_in_token(hsm.uri("object=vault;type=secret-key"), keystore.NONE)
    assert not isinstance(master, Signer)
    box = master.wrap("person/1", bytes(range(32)), b"nonce nonce!")
    assert len(box) == len(MasterKey(bytes(32)).wrap("person/1", bytes(32), bytes(12)))
    assert master.unwrap("person/1", box) == bytes(range(32))
    for label, wrong in (
        ("person/2", box),
        ("person/1", box[:-1] + bytes([box[-1] ^ 1])),
        ("person/1", b""),
        ("", box[:28]),
    ):
        with pytest.raises(CorruptionError, match="does not open"):
            master.unwrap(label, wrong)
    assert master.unwrap("person/1", box) == bytes(range(32))


def test_the_id_of_a_master_key_is_its_own_and_stays(hsm: SoftHsm, tmp_path: Path) -> None:
    ids = []
    for name in ("vault-a", "vault-b"):
        uri, master = keystore.create_in_token(hsm.uri(f"object={name};type=secret-key"), keystore.NONE)
        again = keystore.load_master(pointer(tmp_path, uri.marshal(), "vault.key"))
        assert not isinstance(master, Signer)
        assert again.id == master.id
        ids.append(master.id)
    assert len(set(ids)) == 2
    assert all(len(identity) == 16 for identity in ids)


# --- installations --------------------------------------------------------------------------------------------------


def test_a_ledger_whose_keys_are_all_in_the_module(databases: Databases, hsm: SoftHsm, tmp_path: Path) -> None:
    """F15 日志、账本、根、运营机构密钥与保管库主密钥都在密码机内。"""
    name = databases.create()
    settings = Settings(tmp_path / "home", databases.url(name))
    settings.keys.mkdir(parents=True)
    for key in ("log", "ledger", "root", "operator"):
        uri, _ = keystore.create_in_token(hsm.uri(f"object=all-{key}"), keystore.NONE)
        pointer(settings.keys, uri.marshal(), f"{key}.pem")
    uri, _ = keystore.create_in_token(hsm.uri("object=all-vault;type=secret-key"), keystore.NONE)
    pointer(settings.keys, uri.marshal(), "vault.key")
    with open_installation(settings, founding=True) as installation:
        found(installation, OPERATOR)
    with open_installation(settings) as installation:
        author = installation.author("operator", OPERATOR.uscc)
        stream = f"body/{fictional_uscc(11)}"
        fact = BodyRegistered("示例单位", Kind.DEPARTMENT)
        receipt = installation.ledger.submit(author.write(stream, Head(0, None), fact)).result()
        assert receipt.created
        assert (
            installation.ledger.log_key.open(installation.ledger.reader.newest().note).size == installation.ledger.size
        )
        assert installation.ledger.vault is not None
    assert not any(b"PRIVATE KEY" in file.read_bytes() for file in settings.keys.iterdir())
    databases.drop(name)


def test_a_passphrase_is_not_put_on_a_key_in_the_module(hsm: SoftHsm, tmp_path: Path) -> None:
    file = pointer(tmp_path, hsm.uri("object=any"))
    with pytest.raises(ConfigurationError, match="hardware module"):
        keystore.protect(file, keystore.NONE, Passphrases(None, lambda _: "x"))


def test_the_command_makes_a_key_in_the_module_and_signs_with_it(hsm: SoftHsm, tmp_path: Path) -> None:
    file = tmp_path / "office.pem"
    environment = {**os.environ, "JIANNUO_HOME": str(tmp_path)}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from api.cli import main; main()", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    made = run("key", "new", "--pkcs11", hsm.uri("object=command"), "--out", file)
    assert made.returncode == 0, made.stderr
    assert run("key", "show", file).stdout == made.stdout
    assert PIN not in file.read_text() + made.stdout + made.stderr
    assert keystore.load(file).public in made.stdout
    again = run("key", "new", "--pkcs11", hsm.uri("object=command"))
    assert (again.returncode, again.stdout) == (1, "")
    assert "not replaced" in again.stderr
    with_pin = run("key", "new", "--pkcs11", hsm.uri("object=other") + "&pin-value=2468")
    assert with_pin.returncode == 1
    assert "2468" not in with_pin.stderr


def test_a_key_in_a_file_needs_no_module() -> None:
    """The extra ``hsm`` is one: without it everything else works."""
    code = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "import tempfile, pathlib; from ledger.keys import keystore\n"
        "folder = pathlib.Path(tempfile.mkdtemp())\n"
        "keystore.create(folder / 'a.pem'); keystore.load(folder / 'a.pem')\n"
        "(folder / 'b.pem').write_text('pkcs11:token=a;object=b?module-path=/x')\n"
        "keystore.load(folder / 'b.pem')"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ConfigurationError" in ran.stderr
    assert "jiannuo[hsm]" in ran.stderr


def test_a_key_in_memory_and_one_in_the_module_are_both_signers(hsm: SoftHsm) -> None:
    assert isinstance(PrivateKey.from_seed(bytes(32)), Signer)
    assert len(made(hsm, "both").kid) == 43
