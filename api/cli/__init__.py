"""The command ``jiannuo``: init, demo, serve, import, case, policy, verify, key, sign, submit, db.

Data go to stdout, everything else to stderr; errors in Chinese and English. Exit codes: 0 done, 1 could not run,
2 wrong usage; ``jiannuo verify --help`` lists those of verify. Heavy modules are imported inside the commands, so that
``--help`` is quick.
"""

from __future__ import annotations

import resource
import signal
import sys

import typer

from api.cli import (
    audit,
    case,
    countersign,
    imports,
    key_changes,
    keys,
    lists,
    local,
    plans,
    policy,
    project,
    report,
    screen,
    snapshot,
    subscriptions,
    vault,
    verify,
    verify_attestation,
    witness,
)
from ledger.errors import LedgerError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="践诺 Jiannuo: a verifiable ledger of what governments promised and whether they kept it. "
    "政府承诺与履行情况的可验证账本。",
)
app.command("init")(local.init)
app.command("demo")(local.demo)
app.command("serve")(local.serve)
app.command("verify")(verify.verify)
app.command("verify-attestation")(verify_attestation.verify_attestation)
app.command("screen")(screen.screen)
app.command("snapshot")(snapshot.snapshot)
app.command("list")(lists.lists)
app.command("sign")(keys.sign)
app.command("submit")(keys.submit)
app.command("countersign")(countersign.countersign)
keys.app.command("rotate-log")(key_changes.rotate_log)
keys.app.command("revoke")(key_changes.revoke)
app.add_typer(keys.app, name="key", help="Make and look at signing keys. 签名密钥。")
app.add_typer(case.app, name="case", help="Cases and their stories. 案件及其经过。")
app.add_typer(report.app, name="report", help="Reports for a half year or year, and who owes one. 报送。")
app.command("evaluate")(report.evaluate)
app.command("warnings")(report.warnings)
app.add_typer(policy.app, name="policy", help="Rule packs and working-day calendars. 规则包与放假安排。")
app.add_typer(audit.app, name="audit", help="Check a log from its bytes. 审计核验。")
app.add_typer(witness.app, name="witness", help="Watch that logs only grow, and cosign them. 见证日志。")
app.add_typer(vault.app, name="vault", help="Sealed fields: look up, who looked, erase. 封存内容。")
plans.app.command("court")(imports.court)
plans.app.command("commitments")(imports.commitments)
app.add_typer(plans.app, name="import", help="Read documents into the ledger. 导入文件。")
app.add_typer(project.app, name="project", help="The read side: follow the log, rebuild. 读模型：跟进与重建。")
app.add_typer(subscriptions.app, name="subscriptions", help="Who is told by webhook. 网络钩子订阅。")
app.add_typer(local.db, name="db", help="The database. 数据库。")


def main() -> None:
    """Runs the command; a LedgerError becomes two lines on stderr and exit code 1."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))  # it would hold keys
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an orderly end: the embedded database is left as it ought
    try:
        app()
    except LedgerError as error:
        typer.echo(f"错误：{error.zh}\nError: {error.en}", err=True)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output went away (`jiannuo … | head`)
        sys.stderr.close()
        sys.exit(0)
