"""docs/feeds.md: what it tells receivers to do accepts what the ledger signs and nothing else."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from ledger.proof.keys import PrivateKey
from ledger.proof.webhook import public_key, sign
from tests.conftest import needs

PAGE = Path(__file__).parents[2] / "docs/feeds.md"
SNIPPETS = dict(re.findall(r"<!-- receiver -->\n```(python|js)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
KEY = PrivateKey.from_seed(bytes(range(32)))
BODY = '{"type":"commitment.commitment_broken","data":{"title_zh":"失诺"}}'.encode()
DRIVER = """
import { readFileSync } from "node:fs";
const { verify } = await import(process.argv[2]);
const { key, headers, body } = JSON.parse(readFileSync(0));
await verify(key, headers, Buffer.from(body, "base64"));
"""


def headers(*, at: int | None = None, message: str = "m-1", scheme: str = "v1a") -> dict[str, str]:
    timestamp = int(time.time()) if at is None else at
    signature = sign("m-1", timestamp, BODY, KEY).replace("v1a", scheme)
    return {"webhook-id": message, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


BAD: dict[str, tuple[dict[str, str], bytes]] = {
    "another body": (headers(), BODY + b" "),
    "another id": (headers(message="m-2"), BODY),
    "an old message": (headers(at=int(time.time()) - 3600), BODY),
    "another scheme": (headers(scheme="v1"), BODY),
    "another signature": ({**headers(), "webhook-signature": "v1a," + base64.b64encode(bytes(64)).decode()}, BODY),
}


def test_the_page_has_a_receiver_in_both_languages():
    assert set(SNIPPETS) == {"python", "js"}


def test_python_accepts_what_the_ledger_signed():
    python()(public_key(KEY.public), headers(), BODY)


@pytest.mark.parametrize("case", BAD)
def test_python_refuses_everything_else(case: str):
    with pytest.raises((InvalidSignature, ValueError)):
        python()(public_key(KEY.public), *BAD[case])


def python() -> Any:
    names: dict[str, Any] = {}
    exec(SNIPPETS["python"], names)
    return names["verify"]


def test_node_accepts_what_the_ledger_signed(tmp_path: Path):
    assert node(tmp_path, headers(), BODY) == 0


@pytest.mark.parametrize("case", BAD)
def test_node_refuses_everything_else(case: str, tmp_path: Path):
    assert node(tmp_path, *BAD[case]) != 0


def node(folder: Path, given: dict[str, str], body: bytes) -> int:
    needs("node")
    receiver, driver = folder / "receiver.mjs", folder / "driver.mjs"
    receiver.write_text(SNIPPETS["js"], "utf-8")
    driver.write_text(DRIVER, "utf-8")
    message = {"key": public_key(KEY.public), "headers": given, "body": base64.b64encode(body).decode()}
    command = ["node", str(driver), str(receiver)]
    return subprocess.run(command, input=json.dumps(message).encode(), capture_output=True, check=False).returncode
