"""``python -m tests.examples`` writes api/v1/examples.json: what the worked cases answer to each kind of question."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

import orjson

from api.v1.office import OFFICE
from api.v1.resources import RESOURCES
from ledger.installation import found, open_installation
from ledger.playing import Clock, Player, read_script
from ledger.settings import Settings
from tests.conftest import CASES, OPERATOR, application, caller_of

FILE = Path(__file__).parents[1] / "api" / "v1" / "examples.json"
BUILDING = "示例市建设局（虚构）"


def pages(client: Any, token: str) -> dict[str, Any]:
    """A page of each resource that has a row: for the public, or where nobody else is answered for the offices."""
    found = {
        name: client.get(f"/api/v1/{name}?limit=1", headers=_headers(name, token)).json()
        for name in (*RESOURCES, *OFFICE)
    }
    return {name: page for name, page in found.items() if page["items"]}


def _headers(name: str, token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} if name in OFFICE else {}


def files(client: Any, token: str) -> dict[str, dict[str, str]]:
    """The beginning of each of their exports: a row, in CSV under its header."""
    return {
        name: {form: _begun(client, name, form, token) for form in ("csv", "jsonl")} for name in pages(client, token)
    }


def _begun(client: Any, name: str, form: str, token: str) -> str:
    text = client.get(f"/api/v1/{name}.{form}", headers=_headers(name, token)).text
    if form == "jsonl":
        return f"{text.splitlines()[0]}\n"
    lines = io.StringIO()
    rows = csv.reader(io.StringIO(text, newline=""))
    csv.writer(lines).writerows((next(rows), next(rows)))
    return lines.getvalue()


def answers(client: Any, token: str) -> dict[str, Any]:
    """What else is asked, by everybody, and by holders of the auditors' token."""
    office = {"authorization": f"Bearer {token}"}
    asked = {"purpose": "awards", "subjects": [BUILDING, "市建设局"]}
    jti = client.get("/api/v1/events/1").json()["item"]["jti"]
    return {
        "search": client.get("/api/v1/search?q=建设局&limit=2").json(),
        "head": client.get(f"/api/v1/streams/body/{OPERATOR.uscc}/head").json(),
        "receipt": client.get(f"/api/v1/receipts/{jti}").json(),
        "snapshot": client.get("/api/v1/snapshot").json(),
        "screening": client.post("/api/v1/screen", json=asked).json(),
        "screeningLog": client.get("/api/v1/screen/log", headers=office).json(),
        "warnings": _shortened(client.get("/api/v1/warnings", headers=office).json(), "regions", "warnings"),
        "evaluation": _shortened(
            client.get("/api/v1/evaluations/990200?on=2026-06-30", headers=office).json(), "indicators", "figures"
        ),
    }


def _shortened(answer: dict[str, Any], outer: str, inner: str) -> dict[str, Any]:
    """With the first two of a list, and of the list in each of them."""
    return {**answer, outer: [{**one, inner: one[inner][:2]} for one in answer[outer][:2]]}


def main() -> None:
    """Plays the worked cases in a ledger of its own, and asks it."""
    with tempfile.TemporaryDirectory() as folder:
        clock, script = Clock(), read_script(CASES, OPERATOR.uscc)
        clock.set(script.begins)
        with open_installation(Settings(Path(folder)), clock=clock, founding=True) as installation:
            found(installation, OPERATOR)
            for _ in Player(installation, clock, script).play():
                pass
            with application(installation) as app:
                client, token = caller_of(app), installation.token()
                told = {
                    "pages": pages(client, token),
                    "files": files(client, token),
                    "answers": answers(client, token),
                }
    FILE.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
