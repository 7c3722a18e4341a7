"""Keys that never leave their hardware module (HSM), over PKCS #11: Ed25519 for signing, AES for the vault.

A key file that holds a ``pkcs11:`` URI (:mod:`ledger.keys.pkcs11_uri`) stands for the key it names. Keys of one token
share one login. A session that was lost is opened again, once for each use; an operation that fails then raises
UnavailableError, so that whoever submitted may try again. A PIN that was not taken is not tried again: a token locks
after a few. Needs the extra ``hsm`` (python-pkcs11).

Mechanisms: CKM_EDDSA with keys of CKK_EC_EDWARDS (PKCS #11 v3.0 §6.3.16), CKM_AES_GCM.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass, exceptions
from pkcs11.exceptions import PKCS11Error
from pkcs11.mechanisms import GCMParams

from ledger.errors import ConfigurationError, CorruptionError, LedgerError, UnavailableError
from ledger.keys.passphrase import NONE, Passphrases, read_passphrase
from ledger.keys.pkcs11_uri import Pkcs11Uri
from ledger.proof.keys import Signer, b64url, verify

T = TypeVar("T")
_ED25519 = b"\x06\x03\x2b\x65\x70"
"""CKA_EC_PARAMS: the OID 1.3.101.112 (RFC 8410 §3)."""
_WRONG_PIN = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange, exceptions.PinLocked)
_CHALLENGE = b"jiannuo: is this the private key of that public key?\n"
_NONCE, _TAG = 12, 16
_KEPT = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}


class Token:
    """A login to a token. :meth:`use` may be called from several threads; it works for one at a time."""

    def __init__(self, uri: Pkcs11Uri, passphrases: Passphrases = NONE) -> None:
        self._uri, self._passphrases = uri, passphrases
        self._lock = threading.RLock()
        self._session: Any = None
        self._pin: str | None = None
        self._refused: ConfigurationError | None = None

    def use(self, work: Callable[[Any], T]) -> T:
        """What ``work`` makes of an open session; with a new one if the old is lost. Raises LedgerError."""
        with self._lock:
            if self._session is not None:
                try:
                    return work(self._session)
                except PKCS11Error:
                    self._forget()
            self._session = self._open()
            try:
                return work(self._session)
            except PKCS11Error as error:
                self._forget()
                raise _failed(self._uri, error) from error

    def _forget(self) -> None:
        session, self._session = self._session, None
        try:
            session.close()
        except PKCS11Error:
            return  # it was lost: nothing is there to be closed

    def _open(self) -> Any:
        if self._refused:
            raise self._refused
        token = _find_token(self._uri)
        if self._pin is None:
            self._pin = self._ask()
        try:
            return token.open(user_pin=self._pin, rw=True)
        except exceptions.UserAlreadyLoggedIn:  # by another part of this program: logins are the program's
            return token.open(rw=True)
        except _WRONG_PIN as error:
            self._refused = ConfigurationError(
                f"{self._uri}: the token does not take the PIN ({type(error).__name__})",
                f"{self._uri}：令牌不接受该 PIN（{type(error).__name__}）",
            )
            raise self._refused from None
        except PKCS11Error as error:
            raise _failed(self._uri, error) from error

    def _ask(self) -> str:
        source = self._uri.pin_source
        pin = read_passphrase(source) if source else self._passphrases.pin(str(self._uri))
        try:
            return pin.decode()
        except UnicodeDecodeError:
            raise ConfigurationError(f"{self._uri}: expected a PIN in UTF-8", f"{self._uri}：PIN 应为 UTF-8") from None


_tokens: dict[tuple[str, bytes], Token] = {}
_tokens_lock = threading.Lock()


def token_of(uri: Pkcs11Uri, passphrases: Passphrases = NONE) -> Token:
    """The login to the token that a URI names: one for a token, however it is named. Raises LedgerError."""
    serial = _find_token(uri).serial
    with _tokens_lock:
        return _tokens.setdefault((uri.module, serial), Token(uri, passphrases))


def _library(module: str) -> Any:
    try:
        return pkcs11.lib(module)
    except (PKCS11Error, RuntimeError, OSError) as error:
        raise ConfigurationError(
            f"PKCS #11 module {module}: it cannot be loaded ({type(error).__name__})",
            f"PKCS #11 模块 {module}：无法加载（{type(error).__name__}）",
        ) from None


def _find_token(uri: Pkcs11Uri) -> Any:
    library = _library(uri.module)
    try:
        found = [t for t in library.get_tokens(token_label=uri.token) if _is_meant(uri, t)]
    except PKCS11Error as error:
        raise _failed(uri, error) from error
    if len(found) != 1:
        raise ConfigurationError(
            f"{uri}: expected one such token in the module, got {len(found)}",
            f"{uri}：模块中应恰有一个这样的令牌，实有 {len(found)} 个",
        )
    return found[0]


def _is_meant(uri: Pkcs11Uri, token: Any) -> bool:
    said = (uri.serial, token.serial), (uri.manufacturer, token.manufacturer_id), (uri.model, token.model)
    return all(wanted is None or wanted == _string(has) for wanted, has in said)


def _string(text: str | bytes) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text


def _failed(uri: Pkcs11Uri, error: Exception) -> UnavailableError:
    """PKCS #11 says what is wrong by the name of its return value; it holds nothing secret."""
    name = type(error).__name__
    return UnavailableError(f"{uri}: the hardware module failed ({name})", f"{uri}：硬件模块出错（{name}）")


def _template(uri: Pkcs11Uri, kind: Any) -> dict[Any, Any]:
    said = {Attribute.CLASS: kind, Attribute.LABEL: uri.object, Attribute.ID: uri.id}
    return {name: value for name, value in said.items() if value is not None}


def _search(session: Any, uri: Pkcs11Uri, kind: Any) -> list[Any]:
    session.generate_random(64)  # a lost session shows here: a search in one leaves an exception that nobody can catch
    return list(session.get_objects(_template(uri, kind)))


def _one(session: Any, uri: Pkcs11Uri, kind: Any, what: str, zh: str) -> Any:
    found = _search(session, uri, kind)
    if len(found) != 1:
        raise ConfigurationError(
            f"{uri}: expected one {what} of that name in the token, got {len(found)}",
            f"{uri}：令牌中应恰有一个该名称的{zh}，实有 {len(found)} 个",
        )
    return found[0]


class _TokenKey:
    """A key of a token: looked up once for each session."""

    def __init__(self, uri: Pkcs11Uri, token: Token, kind: Any, what: str, zh: str) -> None:
        self.uri, self._token = uri, token
        self._look: Callable[[Any], Any] = lambda session: _one(session, uri, kind, what, zh)
        self._found: tuple[Any, Any] | None = None

    def use(self, work: Callable[[Any], T]) -> T:
        """What ``work`` makes of the key. Raises LedgerError."""

        def with_session(session: Any) -> T:
            if self._found is None or self._found[0] is not session:
                self._found = session, self._look(session)
            return work(self._found[1])

        return self._token.use(with_session)


class Pkcs11Signer(Signer):
    """An Ed25519 key in a hardware module."""

    def __init__(self, uri: Pkcs11Uri, passphrases: Passphrases = NONE) -> None:
        """Raises ConfigurationError where there is no such key, or it is none of Ed25519; UnavailableError."""
        self.uri = uri
        token = token_of(uri, passphrases)
        self._key = _TokenKey(uri, token, ObjectClass.PRIVATE_KEY, "private key", "私钥")
        self._key.use(lambda _: None)
        self._public = token.use(lambda session: _public_bytes(session, uri))
        if not verify(b64url(self._public), self.sign(_CHALLENGE), _CHALLENGE):
            raise ConfigurationError(
                f"{uri}: the private key is not that of the public key beside it, or none of Ed25519",
                f"{uri}：私钥与其旁的公钥不符，或不是 Ed25519 密钥",
            )

    @property
    def public_bytes(self) -> bytes:
        """The 32 bytes of the public key."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of ``message``. Raises UnavailableError where the module fails."""
        return bytes(self._key.use(lambda key: key.sign(message, mechanism=Mechanism.EDDSA)))


def _public_bytes(session: Any, uri: Pkcs11Uri) -> bytes:
    """CKA_EC_POINT: the key in a DER octet string (PKCS #11 v3.0), or bare, as some modules have it."""
    point = bytes(_one(session, uri, ObjectClass.PUBLIC_KEY, "public key", "公钥")[Attribute.EC_POINT])
    raw = point[2:] if point[:2] == b"\x04\x20" and len(point) == 34 else point
    if len(raw) != 32:
        raise ConfigurationError(
            f"{uri}: expected an Ed25519 key, got a public key of {len(raw)} bytes",
            f"{uri}：应为 Ed25519 密钥，公钥实为 {len(raw)} 字节",
        )
    return raw


class Pkcs11MasterKey:
    """The vault's master key in a hardware module: AES-256-GCM, as that of :class:`ledger.vault.vault.MasterKey`."""

    def __init__(self, uri: Pkcs11Uri, passphrases: Passphrases = NONE) -> None:
        """Raises ConfigurationError where there is no such key; UnavailableError."""
        self.uri = uri
        self._key = _TokenKey(uri, token_of(uri, passphrases), ObjectClass.SECRET_KEY, "AES key", "AES 密钥")
        # The key cannot be hashed: what it makes of fixed bytes under a nonce of its own tells it from others.
        made = self.wrap("\nid", bytes(32), bytes(_NONCE))
        self.id = hashlib.sha256(b"jiannuo vault master\n" + made).hexdigest()[:16]

    def wrap(self, stream: str, key: bytes, nonce: bytes) -> bytes:
        """A stream's data key, encrypted; it opens for this stream only. Raises UnavailableError."""
        params = GCMParams(nonce, _label(stream), _TAG * 8)
        return nonce + bytes(
            self._key.use(lambda aes: aes.encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=params))
        )

    def unwrap(self, stream: str, box: bytes) -> bytes:
        """The data key in a box of :meth:`wrap`. Raises CorruptionError, UnavailableError."""
        if len(box) <= _NONCE + _TAG:
            raise _does_not_open()
        params = GCMParams(box[:_NONCE], _label(stream), _TAG * 8)
        data = box[_NONCE:]
        try:
            return bytes(
                self._key.use(lambda aes: aes.decrypt(data, mechanism=Mechanism.AES_GCM, mechanism_param=params))
            )
        except UnavailableError as error:
            if isinstance(error.__cause__, _REFUSED) and self._answers():
                raise _does_not_open() from None
            raise

    def _answers(self) -> bool:
        """Whether the key works: then what it does not open is not its own."""
        try:
            self.wrap("\nid", bytes(32), bytes(_NONCE))
        except LedgerError:
            return False
        return True


_REFUSED = (exceptions.GeneralError, exceptions.EncryptedDataInvalid, exceptions.EncryptedDataLenRange)
"""What decryption says of a tag that does not fit; the first is SoftHSM's word."""


def _label(stream: str) -> bytes:
    return f"key\n{stream}".encode()


def _does_not_open() -> CorruptionError:
    return CorruptionError("vault: a box does not open with its key", "保管库：有内容无法用其密钥打开")


def generate(uri: Pkcs11Uri, passphrases: Passphrases = NONE) -> Pkcs11Uri:
    """Makes the key that ``uri`` names in its token, never to leave it: Ed25519, or AES-256 for ``type=secret-key``.

    The answer names it by its id too. Raises ConfigurationError where there is one of that name; UnavailableError.
    """
    token = token_of(uri, passphrases)
    made = uri.with_id(uri.id or secrets.token_bytes(8))
    kinds = (ObjectClass.SECRET_KEY,) if uri.secret else (ObjectClass.PRIVATE_KEY, ObjectClass.PUBLIC_KEY)

    def work(session: Any) -> None:
        if any(_search(session, uri, kind) for kind in kinds):
            raise ConfigurationError(
                f"{uri}: there is a key of that name in the token already; it is not replaced",
                f"{uri}：令牌中已有该名称的密钥，不予覆盖",
            )
        if uri.secret:
            session.generate_key(KeyType.AES, 256, id=made.id, label=made.object, store=True, template=_KEPT)
            return
        curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True)
        curve.generate_keypair(
            id=made.id,
            label=made.object,
            store=True,
            mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            private_template=_KEPT,
        )

    token.use(work)
    return made
