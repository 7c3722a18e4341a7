"""``jiannuo verify-attestation``: whether the ledger signed an answer that somebody shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.audit_sources import Bundle, TokenFile, Url, audited
from api.cli.local import say

if TYPE_CHECKING:
    from audit.source import Source

FAILED = 3


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

    The key is --ledger-key, or what the first entry of the log here, at --url or in --bundle names. Exit 0 verified,
    3 not signed by that key, or changed; 1 could not run, 2 usage.
    """
    import orjson

    from ledger.errors import FormatError, SignatureError
    from ledger.proof import attestation

    found = _signed(file)
    if ledger_key is None:
        with audited(url, token_file, bundle=bundle) as source:
            ledger_key = founding_key(source)
    public = _public(ledger_key)
    for jws in found:
        try:
            payload = attestation.verify_attestation(jws, public, typ or attestation.read_attestation(jws).typ)
        except (SignatureError, FormatError) as error:
            say(f"核验不通过：{error.zh}", f"VERIFICATION FAILED: {error.en}")
            raise typer.Exit(FAILED) from None
        typer.echo(orjson.dumps(payload, option=orjson.OPT_INDENT_2).decode())
    say(f"核验通过，账本公钥 {public}", f"verified, by the ledger's key {public}")


def founding_key(source: Source) -> str:
    """The ledger's public key as the first entry of a log names it. Raises ConfigurationError where there is none."""
    from ledger.domain.body import LedgerFounded
    from ledger.errors import ConfigurationError
    from ledger.proof.event import parse, parse_entry

    with source.open() as session:
        rows = session.rows(0, 1)
    fact = parse(parse_entry(rows[0][6])[1]).event.fact if rows else None
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


def _signed(file: Path) -> list[bytes]:
    """The JWS in a file, or those in the JSON of it. Raises ConfigurationError, FormatError."""
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
        return [data.strip()]
    found = list(_jws(strictjson.loads(data[: 4 * LARGEST], file.name)))
    if not found:
        raise FormatError(f"{file.name}: expected a member jws, got none", f"{file.name}：应有 jws 成员")
    return found


def _jws(value: Any) -> list[bytes]:
    """The ``jws`` of an answer, or of each of its ``answers``."""
    if isinstance(value, dict):
        own = [value["jws"].encode()] if isinstance(value.get("jws"), str) else []
        answers = value.get("answers")
        return own + [jws for each in answers for jws in _jws(each)] if isinstance(answers, list) else own
    return []
