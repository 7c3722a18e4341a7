"""Passphrases: where they come from, and the vault's master key under one.

A private key under a passphrase is encrypted PKCS #8 (RFC 5958, PBES2), which ``openssl pkey`` reads. The vault's
master key is no key of that kind: it is encrypted with AES-256-GCM under scrypt (RFC 7914) of the passphrase, and the
file says how, in one line of JSON. A passphrase comes from a file (its first line, as ``openssl -passin file:`` takes
it) or from the terminal; never from the arguments of a command, and never is one shown.

>>> box = seal(bytes(32), b"correct horse", salt=bytes(16), nonce=bytes(12), n=1024)
>>> unseal(box, b"correct horse") == bytes(32), unseal(box, b"wrong horse")
(True, None)
"""

from __future__ import annotations

import getpass
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ledger.domain import codec
from ledger.domain.codec import Range, Shape
from ledger.errors import ConfigurationError, FormatError
from ledger.proof import strictjson
from ledger.settings import Settings

T = TypeVar("T")
Ask = Callable[[str], str]
"""Asks a question at the terminal, without echo."""

LONGEST = 1023
"""Most bytes of a passphrase: what OpenSSL takes for a PEM file."""
TRIES = 3

_N, _R, _P = 2**17, 8, 1
"""scrypt's cost (RFC 7914 §2: r = 8 and p = 1 appear to yield good results): 128 MiB, some tenths of a second."""
_MOST_N = 2**20
_LABEL = b"jiannuo secret under passphrase"
_WHAT = "secret under a passphrase"


class Passphrases:
    """Gives passphrases: those of ``file``, or else what ``ask`` answers. What opened one key is tried on the next."""

    def __init__(self, file: Path | None = None, ask: Ask | None = None) -> None:
        self._file, self._ask = file, ask
        self._known: bytes | None = None

    @classmethod
    def of(cls, settings: Settings) -> Passphrases:
        """As the settings say."""
        return cls(settings.passphrase_file, terminal() if settings.terminal else None)

    def quiet(self) -> Passphrases:
        """The same that asks nobody: it has what was given before."""
        quiet = Passphrases(self._file)
        quiet._known = self._known
        return quiet

    def unlock(self, path: Path, attempt: Callable[[bytes], T | None]) -> T:
        """What ``attempt`` makes of the passphrase of the key file ``path``; it answers None for a wrong one.

        Raises ConfigurationError where there is none at hand, or none that opens it; it names the file and no more.
        """
        if self._known is None and self._file is not None:
            self._known = read_passphrase(self._file)
        if self._known is not None and (found := attempt(self._known)) is not None:
            return found
        if self._file is None and self._ask is None:
            raise ConfigurationError(
                f"key file {path}: it is encrypted; give its passphrase with --passphrase-file or "
                "JIANNUO_PASSPHRASE_FILE, or at a terminal",
                f"密钥文件 {path}：已加密，请用 --passphrase-file 或 JIANNUO_PASSPHRASE_FILE 提供口令，或在终端输入",
            )
        for _ in range(TRIES if self._file is None else 0):
            given = self._asked(f"密钥文件 {path} 的口令 | passphrase of key file {path}: ")
            if (found := attempt(given)) is not None:
                self._known = given
                return found
        raise ConfigurationError(
            f"key file {path}: the passphrase does not open it", f"密钥文件 {path}：口令不正确，无法打开"
        )

    def new(self, path: Path) -> bytes:
        """The passphrase for a key that is made: that of the file, or asked for twice. Raises ConfigurationError."""
        if self._known is None:
            if self._file is None and self._ask is None:
                raise ConfigurationError(
                    f"key file {path}: give a passphrase with --passphrase-file or JIANNUO_PASSPHRASE_FILE, "
                    "or at a terminal",
                    f"密钥文件 {path}：请用 --passphrase-file 或 JIANNUO_PASSPHRASE_FILE 提供口令，或在终端输入",
                )
            self._known = read_passphrase(self._file) if self._file else self._twice(path)
        return self._known

    def pin(self, token: str) -> bytes:
        """The PIN of a hardware token, asked for once: a token counts wrong ones. Raises ConfigurationError."""
        if self._ask is None:
            raise ConfigurationError(
                f"token {token}: expected a pin-source in its pkcs11: URI, or a terminal to ask for the PIN at",
                f"令牌 {token}：pkcs11: URI 中应有 pin-source，或有终端可询问 PIN",
            )
        return self._asked(f"令牌 {token} 的 PIN | PIN of token {token}: ")

    def _twice(self, path: Path) -> bytes:
        first = self._asked(f"密钥文件 {path} 的新口令 | new passphrase of key file {path}: ")
        if self._asked("再输入一次 | once more: ") != first:
            raise ConfigurationError(
                f"key file {path}: the two passphrases differ; nothing was done",
                f"密钥文件 {path}：两次输入的口令不一致，未作任何更改",
            )
        return first

    def _asked(self, question: str) -> bytes:
        assert self._ask is not None
        try:
            return _checked(self._ask(question).encode("utf-8", "surrogateescape"))
        except EOFError:
            return _checked(b"")


NONE = Passphrases()
"""No passphrase at hand: a key that needs one is refused."""


def read_passphrase(file: Path) -> bytes:
    """The first line of a file. Raises ConfigurationError, which does not repeat what is in it."""
    try:
        with file.open("rb") as opened:
            line = opened.readline(LONGEST + 3)
    except OSError as error:
        raise ConfigurationError(
            f"passphrase file {file}: cannot be read ({error.strerror})",
            f"口令文件 {file}：无法读取（{error.strerror}）",
        ) from None
    return _checked(line.rstrip(b"\r\n"))


def _checked(passphrase: bytes) -> bytes:
    if not 0 < len(passphrase) <= LONGEST:
        raise ConfigurationError(f"passphrase: expected 1 to {LONGEST} bytes", f"口令：应为 1 至 {LONGEST} 字节")
    return passphrase


def terminal() -> Ask | None:
    """Asks at the terminal; None where the program has none, as a service has none."""
    try:
        with open("/dev/tty", "rb"):
            return getpass.getpass
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What the file says: how the key was made of the passphrase, and nonce, ciphertext and tag in one."""

    kdf: Annotated[str, Shape("scrypt", "scrypt", "scrypt")]
    n: Annotated[int, Range(2, _MOST_N)]
    r: Annotated[int, Range(1, 16)]
    p: Annotated[int, Range(1, 4)]
    salt: Annotated[str, Shape("[0-9a-f]{32}", "16 bytes in hexadecimal", "16 字节的十六进制数")]
    enc: Annotated[str, Shape("A256GCM", "A256GCM", "A256GCM")]
    box: Annotated[
        str, Shape("(?:[0-9a-f]{2}){29,1024}", "29 to 1024 bytes in hexadecimal", "29 至 1024 字节的十六进制数")
    ]


def seal(
    secret: bytes, passphrase: bytes, *, salt: bytes | None = None, nonce: bytes | None = None, n: int = _N
) -> bytes:
    """A secret under a passphrase: one line of JSON; ``salt`` (16 bytes) and ``nonce`` (12) are random by default."""
    salt, nonce = salt or secrets.token_bytes(16), nonce or secrets.token_bytes(12)
    box = nonce + AESGCM(_stretched(passphrase, salt, n, _R, _P)).encrypt(nonce, secret, _LABEL)
    return json.dumps(asdict(_Sealed("scrypt", n, _R, _P, salt.hex(), "A256GCM", box.hex()))).encode() + b"\n"


def is_sealed(data: bytes) -> bool:
    """Whether these bytes are meant as those of :func:`seal`."""
    return data.startswith(b"{")


def unseal(data: bytes, passphrase: bytes) -> bytes | None:
    """The secret in bytes of :func:`seal`; None where the passphrase is not its own. Raises FormatError."""
    found = codec.decode(_Sealed, strictjson.loads(data, _WHAT), _WHAT)
    if found.n & (found.n - 1):  # RFC 7914 §2
        raise FormatError(f"{_WHAT}: expected n to be a power of 2", "口令保护的密钥：n 应为 2 的幂")
    box = bytes.fromhex(found.box)
    key = _stretched(passphrase, bytes.fromhex(found.salt), found.n, found.r, found.p)
    try:
        return AESGCM(key).decrypt(box[:12], box[12:], _LABEL)
    except InvalidTag:
        return None


def _stretched(passphrase: bytes, salt: bytes, n: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=r, p=p).derive(passphrase)
