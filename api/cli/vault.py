"""``jiannuo vault``: look sealed fields up, see who looked, erase them, keep the vault's keys and files in order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import vault_check
from api.cli.local import say
from api.cli.passphrases import PassphraseFile, passphrases
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from ledger.errors import ConfigurationError, LedgerError, RuleError
from ledger.settings import Settings

if TYPE_CHECKING:
    from api.client import Client
    from ledger.authoring import Author
    from ledger.domain.event import Document
    from ledger.installation import Installation

app = typer.Typer(no_args_is_help=True)
app.command("check")(vault_check.check)

Stream = Annotated[str, typer.Argument(help="kind/id of the case, e.g. person/0198… 案件：类别/标识")]
KeyFile = Annotated[Path, typer.Option("--key", help="file of the private key 私钥文件")]
Issuer = Annotated[str, typer.Option("--iss", help="USCC of the signing body 签署单位统一社会信用代码")]
Url = Annotated[
    str | None, typer.Option("--url", help="a running ledger; without it, the one here 运行中账本的网址（缺省为本机）")
]
Names = Annotated[str, typer.Option("--fields", help="names, e.g. name,id_number 字段名称，以逗号分隔")]
Digests = Annotated[
    list[str] | None, typer.Option("--digest", help="only the sealed value with this digest; may be repeated 摘要")
]
AsJson = Annotated[bool, typer.Option("--json", help="print JSON 输出 JSON")]


@app.command("open")
def open_fields(
    stream: Stream,
    *,
    fields: Names,
    purpose: Annotated[Purpose, typer.Option(help="what for 查询目的")],
    case_number: Annotated[str, typer.Option(help="number of the letter or case 公函文号或案号")],
    key: KeyFile,
    iss: Issuer,
    role: Annotated[CaseRole, typer.Option(help="in which role 查询角色")] = CaseRole.CREDIT_OFFICE,
    requester: Annotated[str | None, typer.Option(help="USCC of the body whose letter asks 来函单位代码")] = None,
    letter: Annotated[Path | None, typer.Option(help="file of the letter; its SHA-256 is recorded 公函文件")] = None,
    letter_title: Annotated[str, typer.Option(help="title of the letter 公函标题")] = "查询函",
    digest: Digests = None,
    url: Url = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Look sealed fields up: record who asks for what and why, then print them. 查询封存内容（先记账，后答复）。

    Each line is a presentation <JWS>~<disclosure>~ of the event that sealed the field, to be checked with any SD-JWT
    library. The answer is given once; a new look-up is a new event.
    """
    data: dict[str, Any] = {"fields": sorted(set(fields.split(","))), "role": str(role), "purpose": str(purpose)}
    data |= {"case_number": case_number} | ({"requester": requester} if requester else {}) | _named(digest)
    basis = (_document(letter, letter_title, case_number),) if letter else ()
    with _ledger(url) as ledger:
        found = ledger.look_up(_signed(ledger, (key, passphrase_file, iss), stream, ("SealOpened", data), basis))
    if as_json:
        _echo(found)
        return
    for presentation in found["presentations"]:
        typer.echo(presentation)
    index = found["receipt"]["index"]
    say(f"查询已记入日志第 {index} 条", f"the look-up is entry {index} of the log")


@app.command("lookups")
def lookups(
    stream: Annotated[str | None, typer.Argument(help="the case, of the ledger here 案件（本机账本）")] = None,
    presentation: Annotated[
        Path | None, typer.Option(help="file with a disclosure of the case, as credential 持有的披露（文件）")
    ] = None,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Print who looked up the sealed fields of a case, when, what for; and what was erased. 谁查询过封存内容。

    Here by its stream; over --url with a disclosure of the case, which shows that you may ask.
    """
    if (stream is None) is (presentation is None) or (presentation is None and url is not None):
        raise typer.BadParameter("须有案件，或 --presentation | expected a case, or --presentation (with --url)")
    with _ledger(url) as ledger:
        found = ledger.lookups(stream, _read(presentation).strip() if presentation else None)
    if as_json:
        _echo(found)
        return
    for one in found["lookups"]:
        names = ",".join(field["code"] for field in one["fields"])
        by = f"{one['body']['name']} {one['body']['id']}"
        typer.echo(
            f"{one['recorded_at']}\t{by}\t{one['role']['zh']}\t{one['purpose']['zh']}\t{one['case_number']}\t{names}"
        )
    for one in found["erasures"]:
        typer.echo(
            f"{one['recorded_at']}\t{one['body']['name']} {one['body']['id']}\t抹除 erased\t{one['ground']['zh']}"
        )
    if not found["lookups"]:
        say("没有人查询过", "nobody has looked")


@app.command("erase")
def erase(
    stream: Stream,
    *,
    ground: Annotated[Ground, typer.Option(help="on which ground 抹除理由")],
    basis: Annotated[Path, typer.Option(help="file of the decision it rests on; its SHA-256 is recorded 依据文件")],
    key: KeyFile,
    iss: Issuer,
    basis_title: Annotated[str, typer.Option(help="title of that decision 依据标题")] = "抹除决定",
    basis_number: Annotated[str | None, typer.Option(help="its number 依据文号")] = None,
    digest: Digests = None,
    url: Url = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Erase sealed fields for ever: what opens them is destroyed, the events stay. 永久抹除封存内容（事件不变）。

    Without --digest all that was sealed in the case. Doing it again does no harm. Copies: docs/erasure.md.
    """
    data = {"ground": str(ground), **_named(digest)}
    with _ledger(url) as ledger:
        document = _document(basis, basis_title, basis_number)
        try:
            signed = _signed(ledger, (key, passphrase_file, iss), stream, ("SealErased", data), (document,))
            index = ledger.submit(signed)["index"]
        except LedgerError as error:
            if _rule(error) != "seal.erased":
                raise
            say("此前已经抹除", "erased already")
        else:
            say(f"抹除已记入日志第 {index} 条", f"the erasure is entry {index} of the log")
        ledger.clean()


@app.command("sweep")
def sweep() -> None:
    """Delete what the log says was erased from a vault that was put back, and rewrite its files. 清除已抹除内容的残留。

    For cron, and after any restore of the vault from a copy. Exit 1 where the files could not be rewritten now.
    """
    with _ledger(None) as ledger:
        is_clean = ledger.clean()
    if not is_clean:
        raise typer.Exit(1)


@app.command("rotate")
def rotate(
    encrypt: Annotated[bool, typer.Option("--encrypt", help="put the new key under a passphrase 以口令加密")] = False,
    pkcs11: Annotated[
        str | None, typer.Option(help="make the new key in a hardware module: pkcs11:… 在硬件模块中生成新密钥")
    ] = None,
) -> None:
    """Put all data keys under a new master key; services go on meanwhile. 更换主密钥（服务不停，事件不变）。

    The new key is under the same passphrase as the old one, if that is under one. Interrupted, it goes on when it is
    called again. The old key's file stays beside the new one, under its id: destroy
    it when nothing older than the change has to be read any more. docs/erasure.md.
    """
    from tqdm import tqdm

    from ledger.installation import open_installation
    from ledger.store.recorder import datastore
    from ledger.vault.files import at_hand, maker, next_of, retired
    from ledger.vault.files import rotate as rotated

    with open_installation(Settings.from_environment()) as installation:
        file, keyring = installation.settings.vault_key, _keyring(installation, encrypt)
        if installation.ledger.vault is None:
            raise ConfigurationError("this ledger has no vault", "本账本没有保管库")
        if next_of(file).exists():
            say("继续上次未完成的更换", "going on with a change that was interrupted")
        old = at_hand(file, keyring)[0].id
        store = datastore(installation.database.url("writer"), pool_size=1)
        try:
            with tqdm(desc="更换主密钥 master key", unit="", leave=False) as progress:
                for count in rotated(file, keyring, store, maker(file, keyring, pkcs11)):
                    progress.update(count)
        finally:
            store.close()
    say(f"主密钥已更换；旧密钥：{retired(file, old)}", f"the master key was changed; the old one: {retired(file, old)}")


# --- what they share ----------------------------------------------------------------------------------------


def _keyring(installation: Installation, encrypt: bool) -> Any:
    from dataclasses import replace

    return replace(installation.keyring, encrypt=True) if encrypt else installation.keyring


_LOOKING = 300.0  # seconds that the database may look through the whole log


class _Here:
    """The ledger of this installation, with the calls that a client has."""

    def __init__(self, installation: Installation) -> None:
        self._installation, self._ledger = installation, installation.ledger

    def head(self, stream: str, _author: Author) -> Any:
        return self._ledger.head(stream)

    def submit(self, data: bytes) -> dict[str, Any]:
        return self._ledger.submit(data).result().json()

    def look_up(self, data: bytes) -> dict[str, Any]:
        from ledger.vault.openings import look_up

        found = look_up(self._ledger, data)
        return {"receipt": found.receipt.json(), "presentations": [p.decode() for p in found.presentations]}

    def lookups(self, stream: str | None, presentation: bytes | None) -> dict[str, Any]:
        from api.openings import bodies_in, told
        from ledger.domain.event import legal_day
        from ledger.vault.openings import lookups_of, shown_to
        from projections.catalogue import PROJECTIONS
        from projections.reading import Reading
        from projections.runner import Runner
        from projections.views.names import called

        runner = Runner(self._installation.database, self._ledger.reader, [PROJECTIONS["bodies"]])
        with runner, Reading(self._installation.database, pool_size=1) as reading:
            runner.catch_up()
            found = shown_to(self._ledger, presentation) if presentation else lookups_of(self._ledger, stream or "")
            now = reading.moment(None, legal_day(self._installation.clock()), "bodies")
            return told(found, called(reading, now, bodies_in(found)))

    def clean(self) -> bool:
        """Deletes what came back, and rewrites the vault's files; whether the database let us."""
        from ledger.store.recorder import datastore
        from ledger.vault.upkeep import shred, sweep
        from ledger.vault.vault import PostgresVault

        vault = self._ledger.vault
        if not isinstance(vault, PostgresVault):
            return True
        store = datastore(self._installation.database.url("writer"), pool_size=1, patience=_LOOKING)
        try:
            found = sweep(store, self._ledger.reader, vault)
        finally:
            store.close()
        if found:
            say(f"清除了 {found} 个案件的残留", f"deleted what had come back of {found} cases")
        try:
            shred(self._installation.database.url("owner"))
        except LedgerError as error:
            say(f"数据库文件中的残留尚未清除：{error.zh}", f"erased rows are still in the database's files: {error.en}")
            return False
        say(
            "数据库文件已重写；备份见 docs/erasure.md",
            "the database's files were rewritten; copies: docs/erasure.md",
        )
        return True


class _There:
    """A ledger behind a URL."""

    def __init__(self, client: Client) -> None:
        self.submit, self.look_up, self._client = client.submit, client.look_up, client

    def head(self, stream: str, author: Author) -> Any:
        from ledger.heads import question

        return self._client.head(stream, question(author, stream))

    def lookups(self, stream: str | None, presentation: bytes | None) -> dict[str, Any]:
        return self._client.lookups(presentation or b"")

    def clean(self) -> bool:
        """The service does it itself."""
        return True


@contextmanager
def _ledger(url: str | None) -> Iterator[_Here | _There]:
    if url is not None:
        from api.client import Client

        with Client(url) as client:
            yield _There(client)
        return
    from ledger.installation import open_installation

    with open_installation(Settings.from_environment()) as installation:
        yield _Here(installation)


def _named(digests: list[str] | None) -> dict[str, Any]:
    return {"digests": sorted(set(digests))} if digests else {}


def _echo(data: dict[str, Any]) -> None:
    import orjson

    typer.echo(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode())


def _signed(
    ledger: _Here | _There,
    by: tuple[Path, Path | None, str],
    stream: str,
    said: tuple[str, dict[str, Any]],
    basis: tuple[Document, ...],
) -> bytes:
    """The event that comes next in a stream; ``by``: key file, passphrase file, body; ``said``: event and data."""
    from ledger.authoring import Author
    from ledger.domain import codec
    from ledger.domain.event import stream_kind
    from ledger.domain.kinds import fact_class
    from ledger.keys import keystore

    key, passphrase_file, iss = by
    cls: Any = fact_class(stream_kind(stream), said[0], 1)
    author = Author(iss, keystore.load(key, passphrases(passphrase_file)))
    head = ledger.head(stream, author)
    return author.write(stream, head, codec.decode(cls, said[1]), basis)


def _document(file: Path, title: str, number: str | None) -> Document:
    from ledger.domain.event import Document

    return Document(title, hashlib.sha256(_read(file)).hexdigest(), number)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{file}: cannot be read ({error.strerror})", f"{file}：无法读取（{error.strerror}）"
        ) from None


def _rule(error: LedgerError) -> str | None:
    """The rule that refused, here or at the other end."""
    if isinstance(error, RuleError):
        return error.rule
    return getattr(error, "problem", {}).get("rule")
