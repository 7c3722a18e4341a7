"""Commands of whoever signs: key new, show, protect; sign, submit. They need no installation, only a key and a URL."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.passphrases import PassphraseFile, new_passphrases, passphrases
from ledger.domain.codec import Many, Name, Range, Sha256
from ledger.domain.event import Document, StreamId, stream_kind
from ledger.errors import ConfigurationError, FormatError, Head

if TYPE_CHECKING:
    from ledger.authoring import Author
    from ledger.proof.disclosure import Opening

app = typer.Typer(no_args_is_help=True)
URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is written by hand to be signed, but for its data; without version and prev the ledger is asked."""

    stream: StreamId
    event: Name
    schema: Annotated[int, Range(1, 1000)] = 1
    version: Annotated[int, Range(1, 2**31)] | None = None
    prev: Sha256 | None = None
    basis: Annotated[tuple[Document, ...], Many(20)] = ()


@app.command("new")
def new(
    out: Annotated[Path | None, typer.Option(help="file of the key (must not exist) 密钥文件（须不存在）")] = None,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="put it under a passphrase 以口令加密")] = False,
    passphrase_file: PassphraseFile = None,
    pkcs11: Annotated[
        str | None,
        typer.Option(help="make it in a hardware module: pkcs11:token=…;object=…?module-path=… 在硬件模块中生成"),
    ] = None,
) -> None:
    """Make a key: the private key goes to a file of mode 0600, kid and public key are printed. 生成密钥。

    With --pkcs11 it is made in the module and never leaves it; --out then gets the URI, which serves as a key file.
    """
    from ledger.keys.keystore import Keyring, create_in_token, write_private

    if pkcs11 is None:
        if out is None:
            raise typer.BadParameter("须有 --out（或 --pkcs11） | expected --out (or --pkcs11)")
        _show(Keyring(passphrases(passphrase_file), encrypt or passphrase_file is not None).create(out))
        return
    if encrypt or passphrase_file is not None:
        raise typer.BadParameter("硬件模块中的密钥由 PIN 保护 | a key in a hardware module is protected by its PIN")
    if out is not None and out.exists():
        raise ConfigurationError(f"{out} exists already; it is not written over", f"{out} 已存在，不予覆盖")
    uri, key = create_in_token(pkcs11, passphrases(None))
    if out is not None:
        write_private(out, f"{uri.marshal()}\n".encode())
    typer.echo(uri, err=True)
    _show(key)


@app.command("show")
def show(file: Path, passphrase_file: PassphraseFile = None) -> None:
    """Print kid and public key of a private key's file. 显示公钥。"""
    from ledger.keys import keystore

    _show(keystore.load(file, passphrases(passphrase_file)))


@app.command("protect")
def protect(
    file: Path,
    passphrase_file: PassphraseFile = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="file whose first line is the new passphrase 新口令文件（首行为新口令）")
    ] = None,
) -> None:
    """Encrypt a key file (also keys/vault.key), or change its passphrase; the key is never lost. 加密密钥文件。"""
    from ledger.keys import keystore

    keystore.protect(file, passphrases(passphrase_file), new_passphrases(new_passphrase_file))
    typer.echo(f"{file} 已以口令加密 | {file} is under its passphrase now", err=True)


def _show(key: Any) -> None:
    import orjson

    from ledger.proof.keys import Signer

    shown = (
        {"kty": "OKP", "crv": "Ed25519", "x": key.public, "kid": key.kid} if isinstance(key, Signer) else {"id": key.id}
    )
    typer.echo(orjson.dumps(shown).decode())


def sign(
    key: Annotated[Path, typer.Option(help="file of the private key 私钥文件")],
    iss: Annotated[str, typer.Option(help="USCC of the signing body 签署单位统一社会信用代码")],
    file: Annotated[
        str,
        typer.Argument(help="JSON {stream, event, data, [seal, schema, basis, version, prev]}; - is stdin"),
    ] = "-",
    url: Annotated[str, typer.Option(help="ledger that is asked for the stream's head 账本地址")] = URL,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign an event and print its compact JWS. Without version and prev the ledger is asked for them. 签署事件。

    What "seal" holds (names, numbers…) stands in the event only as digests, and goes with it as disclosures. 密封字段。
    """
    from ledger.authoring import Author, utc_now
    from ledger.domain import codec
    from ledger.domain.event import legal_day
    from ledger.domain.kinds import fact_class, kind_of
    from ledger.keys import keystore
    from ledger.proof import strictjson
    from ledger.proof.disclosure import check, present

    given = strictjson.loads(_read(file), "event")
    if type(given) is not dict or "data" not in given:
        raise FormatError(
            "event: expected an object with stream, event and data", "事件：应为含 stream、event、data 的对象"
        )
    data, openings = _sealed(given.pop("data"), given.pop("seal", {}))
    wanted = codec.decode(_Draft, given, "event")
    kind_of(wanted.stream)
    fact: Any = codec.decode(fact_class(stream_kind(wanted.stream), wanted.event, wanted.schema), data)
    check(fact, openings, legal_day(utc_now()))
    author = Author(iss, keystore.load(key, passphrases(passphrase_file)))
    head = _head(url, wanted.stream, author) if wanted.version is None else Head(wanted.version - 1, wanted.prev)
    jws = author.write(wanted.stream, head, fact, wanted.basis)
    typer.echo((present(jws, openings) if openings else jws).decode())


def _head(url: str, stream: str, author: Author) -> Head:
    from api.client import Client
    from ledger.heads import question

    with Client(url) as client:
        return client.head(stream, question(author, stream))


def _sealed(data: Any, seal: Any) -> tuple[Any, list[Opening]]:
    """The data with the digests of what is sealed, and the openings."""
    import secrets

    from ledger.proof.disclosure import SALT_BYTES, conceal, digests

    if type(seal) is not dict or type(data) is not dict:
        raise FormatError("data, seal: expected objects", "data、seal：应为对象")
    openings = [conceal(secrets.token_bytes(SALT_BYTES), name, value) for name, value in seal.items()]
    return ({**data, "_sd": list(digests(openings))} if openings else data), openings


def submit(
    file: Annotated[str, typer.Argument(help="signed events, a compact JWS a line; - is stdin")] = "-",
    url: Annotated[str, typer.Option(help="the ledger 账本地址")] = URL,
    as_json: Annotated[bool, typer.Option("--json", help="receipts as JSON lines")] = False,
) -> None:
    """Submit signed events and print their receipts. Exit 1 if one was refused. 提交事件。"""
    import orjson

    from api.client import Client, RefusedError

    refused = 0
    with Client(url) as client:
        for answer in client.submit_many([line for line in _read(file).splitlines() if line]):
            if isinstance(answer, RefusedError):
                refused += 1
                rule = f" [{answer.problem['rule']}; {answer.problem['source']}]" if "rule" in answer.problem else ""
                typer.echo(f"拒绝 refused: {answer.zh} | {answer.en}{rule}", err=True)
            elif as_json:
                typer.echo(orjson.dumps(answer).decode())
            else:
                typer.echo(f"{answer['index']}\t{answer['recorded_at']}\t{answer['stream']}\t{answer['event_hash']}")
    if refused:
        raise typer.Exit(1)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise FormatError(
            f"{file}: cannot be read ({error.strerror})", f"{file}：无法读取（{error.strerror}）"
        ) from None
