"""``jiannuo audit``: what an auditor does with a log's bytes. Each command is a module of its own."""

from __future__ import annotations

import typer

from api.cli import audit_bundle, audit_compromised, audit_monitor, audit_replay, audit_trace, countersign, verify

app = typer.Typer(no_args_is_help=True)
app.command("verify")(verify.verify)
app.command("replay")(audit_replay.replay)
app.command("diff")(audit_replay.diff)
app.command("trace")(audit_trace.trace)
app.command("monitor")(audit_monitor.monitor)
app.command("export")(audit_bundle.export)
app.command("import")(audit_bundle.import_)
app.command("compromised")(audit_compromised.compromised)
app.command("countersigned")(countersign.countersigned)
