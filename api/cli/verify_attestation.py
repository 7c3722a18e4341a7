"""``jiannuo verify-attestation``: whether the ledger signed an answer that somebody shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from api.cli.local import say

if TYPE_CHECKING:
    from audit.source import Source

FAILED = 3
_SIGNED = {"jws": "answer", "attestation": "manifest"}
"""Members that hold a JWS, and those beside them that say the same in plain JSON: screenings, snapshots."""


def verify_attestation(
    file: Annotated[Path, typer.Argument(help="the answer: a JWS, or the JSON that has it as jws 签名答复")],
    ledger_key: Annotated[
        str | None, typer.Option(help="the ledger's public key, if you have it: then nobody is asked 账本公钥")
    ] = None,
    typ: Annotated[str | None, typer.Option(help="what sort of answer it has to be 答复类别")] = None,
    url: Url = None,
    token_file: TokenFile = None,
    bundle: Bundle = None,
) -> None:
    """Verify answers that a ledger signed (screenings, reports, snapshots), and print them. 核验签名答复。

    The key is --ledger-key, or what the first entry of the log here, at --url or in --bundle names. What stands beside
    the signed bytes in the same file has to be what was signed. Exit 0 verified, 3 not signed by that key, or changed;
    1 could not run, 2 usage.
    """
    import orjson

    from ledger.errors import FormatError, SignatureError
    from ledger.proof import attestation

    found = _signed(file)
    public = _public(ledger_key or _founding_key(url, token_file, bundle))
    sorts: dict[str, None] = {}
    for jws, beside in found:
        try:
            sort = typ or attestation.read_attestation(jws).typ
            payload = attestation.verify_attestation(jws, public, sort)
        except (SignatureError, FormatError) as error:
            raise _failed(error.zh, error.en) from None
        if beside is not None and beside != payload:
            raise _failed("文件内容与所签内容不同", "the file says something else than what was signed")
        sorts[sort] = None
        typer.echo(orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode())
    kinds = ", ".join(sorts)
    say(f"核验通过（{kinds}），账本公钥 {public}", f"verified ({kinds}), by the ledger's key {public}")


def _failed(zh: str, en: str) -> typer.Exit:
    say(f"核验不通过：{zh}", f"VERIFICATION FAILED: {en}")
    return typer.Exit(FAILED)


def _founding_key(url: str | None, token_file: Path | None, bundle: Path | None) -> str:
    """The key that the log's first entry names; a running ledger tells that event to everybody."""
    if url is not None and token_file is None and bundle is None:
        from api.client import Client

        with Client(url) as client:
            return key_in(client.event(0))
    with audited(url, token_file, bundle=bundle) as source:
        return founding_key(source)


def founding_key(source: Source) -> str:
    """The ledger's public key as the first entry of a log names it. Raises ConfigurationError where there is none."""
    from ledger.proof.event import parse_entry

    with source.open() as session:
        rows = session.rows(0, 1)
    return key_in(parse_entry(rows[0][6])[1] if rows else b"")


def key_in(event: bytes) -> str:
    """The ledger's public key in the event that founded it. Raises ConfigurationError where there is none."""
    from ledger.domain.body import LedgerFounded
    from ledger.errors import ConfigurationError
    from ledger.proof.event import parse

    fact = parse(event).event.fact if event else None
    if not isinstance(fact, LedgerFounded):
        raise ConfigurationError(
            "the log's first entry names no key of the ledger: give --ledger-key",
            "日志的第一个条目未写明账本公钥：请用 --ledger-key 指定",
        )
    return fact.ledger_key


def _public(key: str) -> str:
    """Raises FormatError for what is no public key."""
    from ledger.domain import codec
    from ledger.domain.codec import PublicKey

    found: str = codec.decode_as(PublicKey, key, "--ledger-key")
    return found


def _signed(file: Path) -> list[tuple[bytes, Any]]:
    """The JWS in a file, or those in the JSON of it, each with what stands beside it (None: nothing).

    Raises ConfigurationError, FormatError.
    """
    from ledger.errors import ConfigurationError, FormatError
    from ledger.proof import strictjson
    from ledger.proof.attestation import LARGEST

    try:
        with file.open("rb") as opened:
            data = opened.read(4 * LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror})", f"{file}：无法读取（{error.strerror}）"
        ) from None
    if not data.lstrip().startswith(b"{"):
        return [(data.strip(), None)]
    found = list(_jws(strictjson.loads(data[: 4 * LARGEST], file.name)))
    if not found:
        raise FormatError(
            f"{file.name}: expected a member jws or attestation, got none",
            f"{file.name}：应有 jws 或 attestation 成员",
        )
    return found


def _jws(value: Any) -> Iterator[tuple[bytes, Any]]:
    """The JWS of an answer, or of each of its ``answers``, with what stands beside it."""
    if not isinstance(value, dict):
        return
    for signed, beside in _SIGNED.items():
        if isinstance(value.get(signed), str):
            yield value[signed].encode(), value.get(beside)
    answers = value.get("answers")
    for each in answers if isinstance(answers, list) else ():
        yield from _jws(each)
