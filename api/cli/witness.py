"""``jiannuo witness``: watch that other ledgers only grow, and say so. It needs no ledger and no database.

jiannuo witness key --folder seen --name witness.example/w1
jiannuo witness serve --folder seen --log log.example+…+…
jiannuo witness show --folder seen
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.local import listen, say
from api.cli.passphrases import PassphraseFile, passphrases
from ledger.errors import ConfigurationError, LedgerError

if TYPE_CHECKING:
    from audit.witness import Enrolled
    from ledger.keys.passphrase import Passphrases
    from ledger.proof.cosignature import CosigningKey
    from ledger.proof.note import Verifier
    from ledger.proof.quorum import Known

app = typer.Typer(no_args_is_help=True)

Folder = Annotated[
    Path, typer.Option(help="the witness's memory: it must never be lost or copied back 见证者的记忆目录")
]


@app.command("key")
def key(
    folder: Folder,
    name: Annotated[str, typer.Option(help="the key's name, an address without https:// 密钥名称")],
    out: Annotated[Path | None, typer.Option(help="file of the private key (default: in the folder) 私钥文件")] = None,
    ml_dsa: Annotated[bool, typer.Option("--ml-dsa", help="post-quantum: ML-DSA-44 后量子密钥")] = False,
    encrypt: Annotated[bool, typer.Option("--encrypt", help="put it under a passphrase 以口令加密")] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a key of the witness, and its folder with the first one; the verifier key is printed. 生成见证密钥。"""
    from audit.witness import Enrolled, enrol, enrolled
    from ledger.keys.keystore import Keyring
    from ledger.proof.cosignature import ED25519_COSIGNATURE, Cosigner
    from ledger.proof.note import Verifier

    Verifier(name, bytes(32), ED25519_COSIGNATURE)  # refuses a name that cannot be one before anything is written
    if (folder / "witness.json").exists():
        enrolled(folder)
    file = out or folder / ("witness-ml-dsa.pem" if ml_dsa else "witness.pem")
    keys = Keyring(passphrases(passphrase_file), encrypt or passphrase_file is not None)
    made: CosigningKey = keys.create_ml_dsa(file) if ml_dsa else keys.create(file)
    verifier = Verifier.of(Cosigner(name, made, 0))
    enrol(folder, Enrolled(verifier, str(out.absolute()) if out else file.name))
    typer.echo(verifier.vkey)


@app.command("serve")
def serve(
    folder: Folder,
    log: Annotated[
        list[str] | None, typer.Option(help="verifier key (vkey) of a log; may be repeated 日志公钥")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="policy file, for its logs 见证策略文件（取其 log 行）")] = None,
    host: Annotated[str, typer.Option(help="address to listen on 监听地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on 监听端口")] = 8100,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Cosign the checkpoints of these logs, as long as each continues the last (C2SP tlog-witness). 运行见证服务。"""
    import time

    import uvicorn

    from api.observe import configure_logging
    from api.witness import create_witness_app
    from audit.witness import Witness, enrolled
    from ledger.proof.note import Verifier
    from ledger.witnesses import policy_file

    logs = [*map(Verifier.parse, log or ()), *(policy_file.read(policy).logs if policy else ())]
    if not logs:
        raise typer.BadParameter("--log VKEY …")
    opens = passphrases(passphrase_file)
    keys = [(one.key.name, _load(folder, one, opens)) for one in enrolled(folder)]
    witness = Witness(folder, keys, logs, lambda: int(time.time()))
    witness.seen()
    listener = listen(host, port)
    listener.listen()  # who comes before the application is ready waits
    configure_logging("info")
    config = uvicorn.Config(
        create_witness_app(witness), log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    say(
        f"见证服务已启动：http://{host}:{listener.getsockname()[1]}（按 Ctrl-C 停止）",
        f"witness at http://{host}:{listener.getsockname()[1]} (Ctrl-C stops)",
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


@app.command("show")
def show(folder: Folder, as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Print the witness's keys, and the newest that it cosigned of each log. 显示见证者。"""
    import orjson

    from audit.witness import enrolled, remembered

    keys, seen = [one.key.vkey for one in enrolled(folder)], remembered(folder)
    if as_json:
        logs = [{"origin": one.origin, "size": one.size, "root": one.root.hex()} for one in seen]
        typer.echo(orjson.dumps({"keys": keys, "logs": logs}).decode())
        return
    for vkey in keys:
        typer.echo(vkey)
    for one in seen:
        typer.echo(f"{one.origin}\t{one.size}\t{one.root.hex()}")


@app.command("ask")
def ask(as_json: Annotated[bool, typer.Option("--json", help="a JSON line a witness")] = False) -> None:
    """Ask the witnesses of the ledger here once to cosign its newest checkpoint; `serve` does so all the time.

    Exit 0 where the quorum is met, 5 where it is not. 请各见证者对本账本最新检查点联署一次。
    """
    import orjson

    from api.witness_client import witnessing
    from ledger.installation import open_installation
    from ledger.settings import Settings
    from ledger.witnesses import policy_file
    from ledger.witnesses.witnessed import Witnessed

    def tell(witness: Known, error: LedgerError | None) -> None:
        if as_json:
            found = {"witness": witness.name, "cosigned": error is None, "reason": error.en if error else None}
            typer.echo(orjson.dumps(found).decode())
        else:
            typer.echo(f"{witness.name}\t{'cosigned' if error is None else 'not cosigned'}")
            if error is not None:
                typer.echo(f"  {error.zh} | {error.en}", err=True)

    with open_installation(Settings.from_environment()) as installation, witnessing(installation, tell) as asking:
        policy = policy_file.of(installation.settings)
        if policy is None or asking is None:
            raise ConfigurationError(
                f"expected a policy with witnesses and their URLs in {installation.settings.home / 'witness.policy'} "
                "or JIANNUO_WITNESS_POLICY",
                f"{installation.settings.home / 'witness.policy'} 或 JIANNUO_WITNESS_POLICY 处应有含见证者地址的策略",
            )
        asking.round(all_answers=True)
        asking.close()
        size, _ = Witnessed(installation.ledger, policy).by()
        newest = installation.ledger.reader.newest().size
        say(f"日志 {newest} 条，已见证 {size} 条", f"entries {newest}, witnessed {size}")
        raise typer.Exit(0 if size == newest else 5)


def _load(folder: Path, one: Enrolled, opens: Passphrases) -> CosigningKey:
    """The private key of an enrolled one. Raises ConfigurationError where its file holds another."""
    from ledger.keys import keystore
    from ledger.proof.cosignature import ED25519_COSIGNATURE

    file = folder / one.file
    is_ed25519 = one.key.kind == ED25519_COSIGNATURE
    found: CosigningKey = keystore.load(file, opens) if is_ed25519 else keystore.load_ml_dsa(file, opens)
    if found.public_bytes != one.key.public_key:
        raise _another(file, one.key)
    return found


def _another(file: Path, key: Verifier) -> ConfigurationError:
    return ConfigurationError(
        f"key file {file}: expected the key of {key.vkey[:80]}, got another",
        f"密钥文件 {file}：应为 {key.vkey[:80]} 的密钥，实为其他",
    )
