"""How anybody checks one event of the log with openssl alone: the commands that the event's page shows.

They are made here so that a test can run them. They work in the folder that the signed bytes were saved to, with any
POSIX shell and OpenSSL 3.

>>> print(public_key_pem("O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"), end="")
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAO2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik=
-----END PUBLIC KEY-----
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from ledger.proof.event import Signed

_ED25519 = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 public key in DER (RFC 8410 §4 and §10.1)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command, what it does in both languages, and what it must print (None: nothing)."""

    zh: str
    en: str
    command: str
    prints: str | None = None


def file_name(index: int) -> str:
    """Under which name the signed bytes of an event are saved."""
    return f"event-{index}.jws"


def public_key_pem(public: str) -> str:
    """The PEM of an Ed25519 key (a JWK's ``x``)."""
    der = _ED25519 + base64.urlsafe_b64decode(public + "=")
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der).decode()}\n-----END PUBLIC KEY-----\n"


def openssl_steps(index: int, recorded_at: str, public: str, event_hash: str = "", leaf: str = "") -> list[Step]:
    """The commands for the event at ``index``; ``event_hash`` and ``leaf`` are the hex digests that must come out."""
    jws = file_name(index)
    return [
        Step(
            "保存签署者的公钥（PEM，RFC 8410）",
            "Save the signer’s public key (PEM, RFC 8410)",
            f"cat > key.pem <<'END'\n{public_key_pem(public)}END",
        ),
        Step(
            "取出被签名的内容：前两段及其间的点",
            "Take out what was signed: the first two parts and the dot between them",
            f"cut -d. -f1,2 {jws} | tr -d '\\n' > signed.txt",
        ),
        Step(
            "取出签名：第三段，由 base64url 解码为 64 字节",
            "Take out the signature: the third part, 64 bytes in base64url",
            f"printf '%s==' \"$(cut -d. -f3 {jws} | tr '_-' '/+')\" | openssl base64 -d -A > signature.bin",
        ),
        Step(
            "验证签名",
            "Verify the signature",
            "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed.txt -sigfile signature.bin",
            "Signature Verified Successfully",
        ),
        Step(
            "计算事件哈希：同一事件流的下一事件以 prev 引用它",
            "Compute the event hash, which the stream’s next event names as prev",
            f"openssl dgst -sha256 -r {jws}",
            event_hash,
        ),
        Step(
            "计算叶哈希（RFC 6962 §2.1）：记录时间与签名原文各一行，前加一个零字节",
            "Compute the leaf hash (RFC 6962 §2.1): time of recording and signed bytes, a line each, after a zero byte",
            f"{{ printf '\\000%s\\n' {recorded_at}; cat {jws}; echo; }} | openssl dgst -sha256 -r",
            leaf,
        ),
    ]


def offline_steps(index: int, jws: str, recorded_at: str, public: str, event_hash: str, leaf: str) -> list[Step]:
    """The same where the signed bytes stand in a page that was saved: first they become a file."""
    save = Step("保存签名原文", "Save the signed bytes", f"printf '%s' '{jws}' > {file_name(index)}")
    return [save, *openssl_steps(index, recorded_at, public, event_hash, leaf)]


def parts(signed: Signed) -> tuple[bytes, bytes]:
    """The JSON of header and payload, exactly as signed."""
    header, payload, _ = signed.jws.split(b".")
    decoded = (base64.urlsafe_b64decode(p + b"=" * (-len(p) % 4)) for p in (header, payload))
    return next(decoded), next(decoded)
