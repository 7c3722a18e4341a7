"""Private keys in files, one key a file, readable by its owner only.

A key file holds one of three: PKCS #8 PEM, PKCS #8 PEM under a passphrase, or a line ``pkcs11:…`` (RFC 7512) that says
where in a hardware module the key is. The vault's key file holds 32 bytes in hexadecimal, or the same under a
passphrase (:func:`ledger.keys.passphrase.seal`), or such a line.

>>> import tempfile
>>> from pathlib import Path
>>> folder = Path(tempfile.mkdtemp())
>>> key = create(folder / "office.pem")
>>> load(folder / "office.pem").kid == key.kid
True
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.errors import ConfigurationError, FormatError
from ledger.keys.passphrase import NONE, Passphrases, is_sealed, seal, unseal
from ledger.keys.pkcs11_uri import Pkcs11Uri
from ledger.proof.cosignature import MlDsaKey
from ledger.proof.keys import NOT_READ, PrivateKey, Signer

if TYPE_CHECKING:
    from ledger.vault.vault import Master

_SECRET = 32
_LONGEST = 1 << 16
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


def load(path: Path, passphrases: Passphrases = NONE) -> Signer:
    """The key in a file, or that it points to.

    Raises ConfigurationError if there is none, or it cannot be had; FormatError if the file holds something else.
    """
    data = read_key_file(path)
    if is_pointer(data):
        signer: Signer = _hsm().Pkcs11Signer(_uri(path, data), passphrases)
        return signer
    return _opened(path, data, passphrases)


def load_master(path: Path, passphrases: Passphrases = NONE) -> Master:
    """The vault's master key in a file, or that it points to. Raises ConfigurationError, FormatError."""
    data = read_key_file(path)
    if is_pointer(data):
        master: Master = _hsm().Pkcs11MasterKey(_uri(path, data), passphrases)
        return master
    from ledger.vault.vault import MasterKey  # noqa: PLC0415 (it brings the database along, and who signs needs none)

    return MasterKey(load_secret(path, passphrases))


def create_in_token(text: str, passphrases: Passphrases) -> tuple[Pkcs11Uri, Signer | Master]:
    """Makes the key that a ``pkcs11:`` URI names, in its token; and the URI with its id, for a key file.

    Raises FormatError for what is no such URI, ConfigurationError, UnavailableError.
    """
    hsm = _hsm()
    uri = hsm.generate(Pkcs11Uri.parse(text), passphrases)
    return uri, hsm.Pkcs11MasterKey(uri, passphrases) if uri.secret else hsm.Pkcs11Signer(uri, passphrases)


def _hsm() -> Any:
    """The module of hardware keys: an extra, that is imported where a key asks for it."""
    try:
        from ledger.keys import hsm  # noqa: PLC0415 (python-pkcs11 need not be installed)
    except ImportError:
        raise ConfigurationError(
            "keys in a hardware module need python-pkcs11: install jiannuo[hsm]",
            "使用硬件模块中的密钥需要 python-pkcs11：请安装 jiannuo[hsm]",
        ) from None
    return hsm


def _uri(path: Path, data: bytes) -> Pkcs11Uri:
    try:
        return Pkcs11Uri.parse(data.decode("ascii").splitlines()[0].strip())
    except (UnicodeDecodeError, FormatError) as error:  # neither repeats what is in the file
        en, zh = (error.en, error.zh) if isinstance(error, FormatError) else ("expected ASCII", "应为 ASCII")
        raise ConfigurationError(f"key file {path}: {en}", f"密钥文件 {path}：{zh}") from None


def _opened(path: Path, data: bytes, passphrases: Passphrases) -> PrivateKey:
    if is_encrypted(data):
        return passphrases.unlock(path, lambda passphrase: _decrypted(data, passphrase))
    return PrivateKey.from_pem(data)


def _decrypted(pem: bytes, passphrase: bytes) -> PrivateKey | None:
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except NOT_READ:  # a wrong passphrase makes bytes that are nothing
        return None
    return PrivateKey(key) if isinstance(key, Ed25519PrivateKey) else None


def load_ml_dsa(path: Path, passphrases: Passphrases = NONE) -> MlDsaKey:
    """A witness's ML-DSA-44 key in a file. Raises ConfigurationError, FormatError as :func:`load`."""
    data = read_key_file(path)
    return passphrases.unlock(path, lambda p: _ml_dsa(data, p)) if is_encrypted(data) else MlDsaKey.from_pem(data)


def _ml_dsa(pem: bytes, passphrase: bytes) -> MlDsaKey | None:
    try:
        return MlDsaKey.from_pem(pem, passphrase)
    except FormatError:
        return None


def read_key_file(path: Path) -> bytes:
    """What is in a key file. Raises ConfigurationError if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"key file {path}: cannot be read ({error.strerror})",
        f"密钥文件 {path}：无法读取（{error.strerror}）",
    )


def create(path: Path, passphrase: bytes | None = None) -> PrivateKey:
    """A new key from the system's random source, in a file of mode 0600. Never writes over a file."""
    key = PrivateKey.from_seed(secrets.token_bytes(32))
    write_private(path, pem(key, passphrase))
    return key


def pem(key: PrivateKey, passphrase: bytes | None = None) -> bytes:
    """PKCS #8 PEM as ``openssl pkey`` reads it, under a passphrase if there is one."""
    if passphrase is None:
        return key.to_pem()
    return key.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )


def load_or_create(path: Path) -> Signer:
    """The key in a file, made at first use."""
    return load(path) if path.exists() else create(path)


def load_secret(path: Path, passphrases: Passphrases = NONE) -> bytes:
    """The 32 bytes in a file. Raises ConfigurationError if there is none, or it holds something else."""
    data = read_key_file(path)
    try:
        secret = (
            passphrases.unlock(path, lambda p: unseal(data, p)) if is_sealed(data) else bytes.fromhex(data.decode())
        )
    except (FormatError, ValueError):
        secret = b""
    if len(secret) != _SECRET:
        raise ConfigurationError(
            f"key file {path}: expected 64 hexadecimal digits, or those under a passphrase",
            f"密钥文件 {path}：应为 64 位十六进制数，或其口令加密形式",
        )
    return secret


def create_secret(path: Path, passphrase: bytes | None = None) -> bytes:
    """32 new bytes from the system's random source, in a file of mode 0600. Never writes over a file."""
    secret = secrets.token_bytes(_SECRET)
    write_private(path, _secret_file(secret, passphrase))
    return secret


def _secret_file(secret: bytes, passphrase: bytes | None) -> bytes:
    return secret.hex().encode() + b"\n" if passphrase is None else seal(secret, passphrase)


@dataclass(frozen=True, slots=True)
class Keyring:
    """How the key files of one installation are opened, and whether those that it makes are encrypted."""

    passphrases: Passphrases = NONE
    encrypt: bool = False

    def quiet(self) -> Keyring:
        """The same that asks nobody for a passphrase."""
        return Keyring(self.passphrases.quiet(), self.encrypt)

    def load(self, path: Path) -> Signer:
        """See :func:`load`."""
        return load(path, self.passphrases)

    def create(self, path: Path) -> PrivateKey:
        """See :func:`create`."""
        return create(path, self._passphrase(path))

    def create_ml_dsa(self, path: Path) -> MlDsaKey:
        """A new ML-DSA-44 key, as :func:`create` makes one of Ed25519."""
        key = MlDsaKey.from_seed(secrets.token_bytes(32))
        write_private(path, key.to_pem(self._passphrase(path)))
        return key

    def load_or_create(self, path: Path) -> Signer:
        """The key in a file, made at first use."""
        return self.load(path) if path.exists() else self.create(path)

    def load_master(self, path: Path) -> Master:
        """See :func:`load_master`."""
        return load_master(path, self.passphrases)

    def create_secret(self, path: Path) -> bytes:
        """See :func:`create_secret`."""
        return create_secret(path, self._passphrase(path))

    def _passphrase(self, path: Path) -> bytes | None:
        return self.passphrases.new(path) if self.encrypt else None


PLAIN = Keyring()
"""Opens what is not encrypted."""


def protect(path: Path, old: Passphrases, new: Passphrases) -> None:
    """Puts the key in a file under the passphrase that ``new`` gives; one that was there is replaced.

    At every moment the file holds the key, under the old passphrase or the new one. Raises ConfigurationError,
    FormatError.
    """
    path = path.resolve()  # of a link, the file that holds the key is to be replaced, not the link
    data = read_key_file(path)
    if is_pointer(data):
        raise ConfigurationError(
            f"key file {path}: it points to a hardware module, whose PIN protects the key",
            f"密钥文件 {path}：密钥在硬件模块中，由其 PIN 保护",
        )
    if b"-----BEGIN" in data:
        key = _opened(path, data, old)
        passphrase = new.new(path)
        written = pem(key, passphrase)
        again = _decrypted(written, passphrase)
        same = again is not None and again.public == key.public
    else:
        secret = load_secret(path, old)
        passphrase = new.new(path)
        written = seal(secret, passphrase)
        same = unseal(written, passphrase) == secret
    assert same  # what cannot be opened again never takes the place of the key
    with _beside(path, written) as part:
        os.replace(part, path)
    remove_parts(path)


def remove_parts(path: Path) -> None:
    """Removes what programs left beside a key file that were killed while they wrote it: it may hold a key."""
    part = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}")
    for file in path.parent.iterdir():
        if part.fullmatch(file.name):
            file.unlink(missing_ok=True)


def is_encrypted(data: bytes) -> bool:
    """Whether a key file's private key is under a passphrase."""
    return _ENCRYPTED in data


def is_pointer(data: bytes) -> bool:
    """Whether a key file says where the key is, and does not hold it."""
    return data.startswith(b"pkcs11:")


def write_private(path: Path, data: bytes) -> None:
    """Writes a file that only its owner may read, whole or not at all. Raises ConfigurationError if it exists."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with _beside(path, data) as part:
            os.link(part, path)  # fails if the file is there: a key is never replaced
    except FileExistsError:
        raise ConfigurationError(f"{path} exists already; it is not written over", f"{path} 已存在，不予覆盖") from None


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A file of mode 0600 with ``data`` beside ``path``, safe on the disk, to be moved there; removed at the end."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield part
        sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror})", f"{path}：无法写入（{error.strerror}）"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Has the names in a folder safe on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
