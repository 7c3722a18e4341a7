"""``jiannuo countersign`` and ``jiannuo audit countersigned``: a body's second signature by SM2 with SM3 (国密副签).

The private key never comes here: the body's cryptographic module, or openssl, signs the file of the event.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.audit_sources import TokenFile, Url, audited
from ledger.errors import ConfigurationError, FormatError, SignatureError

if TYPE_CHECKING:
    from audit.countersigned import Countersignature

_MOST = 1 << 17
_PEM = ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----")


def countersign(
    event: Annotated[Path, typer.Argument(help="the event as signed, a compact JWS 事件签名原文（/events/N.jws）")],
    public: Annotated[Path, typer.Option(help="PEM of the SM2 public key SM2 公钥（PEM）")],
    signature: Annotated[Path, typer.Option(help="the SM2 signature on that file, DER 对该文件的 SM2 签名（DER）")],
) -> None:
    """Print the event that records an SM2 signature of yours, for `jiannuo sign`; it is verified first. 国密副签。"""
    import hashlib

    from audit import sm2
    from ledger.domain.body import Countersigned
    from ledger.domain.body_terms import Suite
    from ledger.domain.codec import encode
    from ledger.proof.event import parse
    from ledger.proof.keys import b64url

    jws, key, made = _bytes(event), _key(_bytes(public)), _bytes(signature)
    signed = parse(jws)
    if not sm2.verify(key, made, signed.jws):
        raise SignatureError(
            f"{signature}: expected the SM2 signature with SM3 of {public} on {event}, for the id {sm2.USER_ID}",
            f"{signature}：应为 {public} 对 {event} 的 SM2 签名（SM3，用户标识 {sm2.USER_ID}）",
        )
    fact = Countersigned(hashlib.sha256(signed.jws).hexdigest(), Suite.SM2_SM3, b64url(key), b64url(made))
    draft = {"stream": f"body/{signed.event.iss}", "event": "Countersigned", "data": encode(fact)}
    typer.echo(json.dumps(draft, ensure_ascii=False))


def countersigned(
    as_json: Annotated[bool, typer.Option("--json", help="a JSON line each 每行一个 JSON")] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Verify the countersignatures of a log (SM2 with SM3, the extra sm). 核验国密副签。

    Exit 0 all hold, 1 could not run, 2 usage, 3 one does not hold or is on no event of its body, or an entry is none,
    4 an entry is missing, 5 interrupted.
    """
    from tqdm import tqdm

    from audit import sm2
    from audit.countersigned import countersignatures
    from audit.replay import length, read
    from audit.verdict import FAILED

    codes = {0}
    with _ending(), audited(url, token_file) as source, source.open() as session:
        size = length(session)
        with tqdm(desc="核验副签 countersignatures", unit="entry", dynamic_ncols=True) as bar:
            for one in countersignatures(lambda: read(session, size, bar.update), sm2.verify):
                codes.add(0 if one.holds else FAILED)
                typer.echo(json.dumps(asdict(one)) if as_json else _told(one))
    raise typer.Exit(max(codes))


def _told(one: Countersignature) -> str:
    word, on = "有效 good" if one.holds else "无效 BAD", "-" if one.on is None else str(one.on)
    return "\t".join((word, str(one.index), one.body, one.suite, on, one.sm_key))


@contextmanager
def _ending() -> Iterator[None]:
    """Ends with the exit code of an audit where an entry is none."""
    from audit.replay import EntryError

    try:
        yield
    except EntryError as error:
        typer.echo(f"错误：{error.zh}\nError: {error.en}", err=True)
        raise typer.Exit(error.problem.exit_code) from None


def _bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST)
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror})", f"{file}：无法读取（{error.strerror}）"
        ) from None


def _key(pem: bytes) -> bytes:
    """The 65 bytes of an SM2 key in PEM; `cryptography` does not know the curve. Raises FormatError."""
    from audit.sm2 import SPKI, check_key

    lines = pem.decode("ascii", "replace").split()
    first, last = (tuple(mark.split()) for mark in _PEM)
    inner = lines[len(first) : -len(last)]
    try:
        der = base64.b64decode("".join(inner), validate=True)
    except binascii.Error:
        der = b""
    if (*lines[: len(first)], *lines[-len(last) :]) != (*first, *last) or not der.startswith(SPKI):
        raise FormatError("expected a PEM public key on the curve SM2", "应为 SM2 曲线的 PEM 公钥")
    check_key(der[len(SPKI) :])
    return der[len(SPKI) :]
