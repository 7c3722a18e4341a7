"""Signed notes: a text and the signatures of keys that have names (C2SP signed-note v1.0.0).

The text ends in a newline; after a blank line comes a line for each signature: an em dash, the key's name,
and base64 of the key's id (4 bytes) and the signature. A reader ignores keys that it does not know, refuses
the note if a key that it knows fails, and believes nothing unless one that it knows has signed.

>>> from ledger.proof.keys import PrivateKey
>>> signer = LogSigner("ledger.example", PrivateKey.from_seed(bytes(32)))
>>> note = sign("what was promised\\n", [signer])
>>> key = Verifier.parse("ledger.example+b7cfcbf1+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop")
>>> open_note(note, [key]).text
'what was promised\\n'
>>> open_note(note.replace(b"was", b"is "), [key])
Traceback (most recent call last):
ledger.errors.SignatureError: note: expected a signature of ledger.example+b7cfcbf1 that verifies...
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol, Self

from ledger.errors import ConfigurationError, FormatError, SignatureError
from ledger.proof import cosignature
from ledger.proof.cosignature import COSIGNATURES
from ledger.proof.keys import Signer, verify_raw

ED25519 = 0x01
"""Signature type: Ed25519 (RFC 8032) over the text."""

MAX_NOTE = 1 << 20
"""Most bytes of a note."""
MAX_SIGNATURES = 100
"""Most signatures of a note, as in Go's ``sumdb/note``; signed-note asks that 16 be taken at least."""

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_NAME = re.compile("[^\x00-\x20+\ud800-\udfff]+")
_DASH = "\u2014 "
_ID_SIZE = 4
_KEY_SIZES = {ED25519: 32} | {kind: cosignature.key_size(kind) for kind in COSIGNATURES}


class NoteSigner(Protocol):
    """A private key that has a name."""

    @property
    def name(self) -> str:
        """The key's name, as verifiers know it."""

    @property
    def public_key(self) -> bytes:
        """The public key."""

    @property
    def kind(self) -> int:
        """The signature type: :data:`ED25519`, or one of ``cosignature.COSIGNATURES``."""

    def sign(self, message: bytes) -> bytes:
        """The signature over the note's text."""


@dataclass(frozen=True)
class LogSigner:
    """A :class:`NoteSigner` of type Ed25519: the key of a log, whose name is the origin."""

    name: str
    key: Signer

    @property
    def public_key(self) -> bytes:
        """The public key, 32 bytes."""
        return self.key.public_bytes

    @property
    def kind(self) -> int:
        """The signature type."""
        return ED25519

    def sign(self, message: bytes) -> bytes:
        """Ed25519 (RFC 8032) over ``message``, 64 bytes."""
        return self.key.sign(message)


@dataclass(frozen=True)
class Verifier:
    """A public key that a reader knows by name. As text (*vkey*): ``name+hex(id)+base64(type || key)``.

    A log's has the type :data:`ED25519`, a witness's one of ``cosignature.COSIGNATURES``.
    """

    name: str
    public_key: bytes
    kind: int = ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        size = len(self.public_key)
        if size != _KEY_SIZES.get(self.kind):
            raise FormatError(
                f"verifier key: expected type 1 or 4 (Ed25519) and 32 bytes, or type 6 (ML-DSA-44) and 1312, "
                f"got type {self.kind} and {size}",
                f"验证公钥：应为类型 1 或 4（Ed25519）与 32 字节，或类型 6（ML-DSA-44）与 1312 字节，"
                f"实为类型 {self.kind} 与 {size} 字节",
            )

    @classmethod
    def parse(cls, vkey: str, kinds: Sequence[int] = (ED25519,)) -> Self:
        """The key of a vkey; ``kinds`` are the types that may be: that of a log, or ``cosignature.COSIGNATURES``.

        Raises :class:`FormatError` if it is not one.
        """
        name, found, rest = vkey.partition("+")
        hex_id, also_found, encoded = rest.partition("+")
        if not found or not also_found:
            raise FormatError(
                f"verifier key: expected name+hex+base64, got {vkey[:80]!a}",
                f"验证公钥：应为 名称+十六进制+base64，实为 {vkey[:80]!a}",
            )
        key = from_base64(encoded, "verifier key", "验证公钥")
        if key[0] not in kinds:
            expected = ", ".join(map(str, kinds))
            raise FormatError(
                f"verifier key {name[:80]!a}: expected type {expected}, got {key[0]}",
                f"验证公钥 {name[:80]!a}：类型应为 {expected}，实为 {key[0]}",
            )
        verifier = cls(name, key[1:], key[0])
        if verifier.key_id.hex() != hex_id:
            raise FormatError(
                f"verifier key {name}: expected the id {verifier.key_id.hex()}, got {hex_id[:16]!a}",
                f"验证公钥 {name}：标识应为 {verifier.key_id.hex()}，实为 {hex_id[:16]!a}",
            )
        return verifier

    @classmethod
    def of(cls, signer: NoteSigner) -> Self:
        """What checks the signatures of ``signer``."""
        return cls(signer.name, signer.public_key, signer.kind)

    @property
    def key_id(self) -> bytes:
        """The id beside the name in each signature, 4 bytes."""
        return key_id(self.name, self.public_key, self.kind)

    @property
    def vkey(self) -> str:
        """The text form, to be published."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public_key)}"

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Has this key signed ``text``? A cosignature is one of a checkpoint's text, and ``signature`` has its time."""
        if self.kind in COSIGNATURES:
            return cosignature.verify(self.kind, self.name, self.public_key, text, signature)
        return verify_raw(self.public_key, signature, text)


@dataclass(frozen=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True)
class Note:
    """A text, with its signatures by known keys: each checked, and one for a key."""

    text: str
    signatures: tuple[Signature, ...]


def key_id(name: str, public_key: bytes, kind: int = ED25519) -> bytes:
    """First 4 bytes of SHA-256(name || 0x0A || type || public key) (signed-note, "Signatures")."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:_ID_SIZE]


def sign(text: str, signers: Sequence[NoteSigner]) -> bytes:
    """The note of ``text`` with a signature of each signer, in their order.

    Raises :class:`FormatError` if it could not be opened again: text or names not as they must be, too long,
    no signer, a signer twice.
    """
    data = _encode(text)
    lines = []
    for signer in signers:
        verifier = Verifier.of(signer)
        lines.append(Signature(signer.name, verifier.key_id, signer.sign(data)).line)
    note = data + b"\n" + "".join(lines).encode()
    _check_size(note)
    if not 0 < len({Verifier.of(signer) for signer in signers}) == len(lines) <= MAX_SIGNATURES:
        raise FormatError(
            f"note: expected 1 to {MAX_SIGNATURES} different signers, got {len(lines)}",
            f"签名文本：应有 1 至 {MAX_SIGNATURES} 个不同的签名者，实有 {len(lines)} 个",
        )
    return note


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The note in ``data``, if at least one of ``verifiers`` has signed it and none that has signed it fails.

    Raises :class:`FormatError` if it is not a note, :class:`SignatureError` if it is not to be believed.
    """
    known = list(verifiers)
    note = read_note(data, known)
    if not note.signatures:
        names = ", ".join(f"{key.name}+{key.key_id.hex()}" for key in known) or "-"
        raise SignatureError(
            f"note: expected a signature by one of {names}, got only some by other keys",
            f"签名文本：应有 {names} 之一的签名，实则仅有其他密钥的签名",
        )
    return note


def read_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """The note in ``data`` with the signatures by ``verifiers``; there may be none, and then nothing is to be believed.

    Every signature by a known key is checked, also a second one by the same key, which then counts once.
    Raises :class:`FormatError` if it is not a note, :class:`SignatureError` if a known key's signature fails.
    """
    text, lines = _split(data)
    known = _by_name_and_id(verifiers)
    signed: dict[tuple[str, bytes], Signature] = {}
    for line in lines:
        signature = _parse_line(line)
        key = signature.name, signature.key_id
        if key not in known:
            continue
        if known[key].verify(text.encode(), signature.signature):
            signed.setdefault(key, signature)
        else:
            shown = f"{signature.name}+{signature.key_id.hex()}"
            raise SignatureError(
                f"note: expected a signature of {shown} that verifies, got one that does not",
                f"签名文本：{shown} 的签名应能通过验证，实则不能",
            )
    return Note(text, tuple(signed.values()))


def to_base64(data: bytes) -> str:
    """Standard base64 (RFC 4648 §4)."""
    return base64.b64encode(data).decode()


def from_base64(text: str, what: str, zh: str) -> bytes:
    """The bytes of which ``text`` is the one spelling; ``what`` and ``zh`` name it in the error."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or to_base64(data) != text:
        raise FormatError(
            f"{what}: expected canonical standard base64, got {text[:80]!a}",
            f"{zh}：应为规范的标准 base64，实为 {text[:80]!a}",
        )
    return data


def _by_name_and_id(verifiers: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for verifier in verifiers:
        if known.setdefault((verifier.name, verifier.key_id), verifier) != verifier:
            raise ConfigurationError(
                f"verifier keys: expected one key for {verifier.name}+{verifier.key_id.hex()}, got two",
                f"验证公钥：{verifier.name}+{verifier.key_id.hex()} 应只对应一把公钥，实有两把",
            )
    return known


def _split(data: bytes) -> tuple[str, list[str]]:
    _check_size(data)
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise FormatError(
            f"note: expected UTF-8, got another byte at {error.start}",
            f"签名文本：应为 UTF-8，第 {error.start} 字节不是",
        ) from None
    text, blank, signatures = whole.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise FormatError(
            "note: expected a text, a blank line and signature lines, got no blank line or no last newline",
            "签名文本：应为正文、空行与签名行，实则缺空行或末尾换行",
        )
    _encode(text + "\n")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise FormatError(
            f"note: expected at most {MAX_SIGNATURES} signatures, got {len(lines)}",
            f"签名文本：签名应不超过 {MAX_SIGNATURES} 个，实有 {len(lines)} 个",
        )
    return text + "\n", lines


def _parse_line(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH):
        raise FormatError(
            f"note: expected a signature line '{_DASH}<name> <base64>', got {line[:80]!a}",
            f"签名文本：签名行应为“{_DASH}<名称> <base64>”，实为 {line[:80]!a}",
        )
    _check_name(name)
    raw = from_base64(encoded, "signature", "签名")
    if len(raw) <= _ID_SIZE:
        raise FormatError(
            f"signature of {name}: expected more than {_ID_SIZE} bytes, got {len(raw)}",
            f"{name} 的签名：应多于 {_ID_SIZE} 字节，实为 {len(raw)}",
        )
    return Signature(name, raw[:_ID_SIZE], raw[_ID_SIZE:])


def _encode(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = b""
    if not text.endswith("\n") or not data or _CONTROL.search(text):
        raise FormatError(
            "note: expected Unicode text that ends in a newline and has no other control character",
            "签名文本：应为以换行结尾、不含其他控制字符的 Unicode 文本",
        )
    return data


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or any(character.isspace() for character in name):
        raise FormatError(
            f"key name: expected one without spaces, '+' and control characters, got {name[:80]!a}",
            f"密钥名称：不得为空，不得含空白、“+”与控制字符，实为 {name[:80]!a}",
        )


def _check_size(note: bytes) -> None:
    if len(note) > MAX_NOTE:
        raise FormatError(
            f"note: expected at most {MAX_NOTE} bytes, got {len(note)}",
            f"签名文本：应不超过 {MAX_NOTE} 字节，实为 {len(note)}",
        )
