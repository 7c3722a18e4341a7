"""Pages of events: the signed bytes as they are, and commands that really check them."""

from __future__ import annotations

import hashlib
import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.proof.event import parse_entry
from ledger.proof.merkle import leaf_hash
from tests.conftest import needs
from tests.projections.town import INVESTMENT


def test_events_are_listed_newest_first_to_the_very_first(site):
    found: list[int] = []
    address = "/events.json"
    while address:
        answer = site.get(address).json()
        found += [item["index"] for item in answer["items"]]
        address = answer["next"]
    assert found == list(range(112, -1, -1))
    assert site.get(f"/events.json?hash={'0' * 64}").json()["items"] == []
    assert "没有符合条件的事件" in site.get(f"/events?hash={'0' * 64}").text


def test_an_events_bytes_and_hashes_are_those_of_the_log(site, town):
    for index in (0, 1, 40, 112):
        row = town.installation.ledger.reader.entry(index)
        _, jws = parse_entry(row.entry)
        data = site.get(f"/events/{index}.json").json()
        assert data["jws"].encode() == jws
        assert data["leaf_hash"] == leaf_hash(row.entry).hex()
        assert data["event_hash"] == hashlib.sha256(jws).hexdigest()
        answer = site.get(f"/events/{index}.jws")
        assert answer.content == jws
        assert answer.headers["content-type"] == "application/jose"
        assert f'filename="event-{index}.jws"' in answer.headers["content-disposition"]
        assert f'<pre class="bytes" id="jws">{jws.decode()}</pre>' in site.get(f"/events/{index}").text
        assert site.get(data["proof"]).text.startswith("c2sp.org/tlog-proof@v1")


def test_an_event_leads_to_its_neighbours_in_the_stream_and_to_its_cause(site, town):
    stream = [e.index for e in town.installation.ledger.history(f"commitment/{town.commitments['broken']}")]
    middle = site.get(f"/events/{stream[1]}.json").json()
    assert (middle["previous"], middle["next"]) == (stream[0], stream[2])
    assert site.get(f"/events/{stream[0]}.json").json()["previous"] is None
    history = town.installation.ledger.history(f"body/{INVESTMENT}")
    consequence = site.get(f"/events/{history[-1].index}.json").json()
    assert consequence["event"]["code"] == "PredecessorAdded"
    assert consequence["cause"] == history[-1].index - 1
    assert consequence["signer"]["id"] == "ledger"


def commands(site, index: int) -> Iterator[tuple[str, str | None]]:
    """The commands that an event's page shows, each with what it must print."""
    page = site.get(f"/events/{index}").text
    for step in re.findall(r'<pre class="command">(.*?)</pre>(.*?)</li>', page, re.S):
        prints = re.search("<code>(.*?)</code>", step[1])
        yield html.unescape(step[0]), prints[1] if prints else None


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-ec", command], cwd=folder, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("index", [0, 3, 60, 112])
def test_the_openssl_commands_on_an_events_page_really_check_it(site, tmp_path, index):
    needs("openssl")
    (tmp_path / f"event-{index}.jws").write_bytes(site.get(f"/events/{index}.jws").content)
    steps = list(commands(site, index))
    assert sum(prints is not None for _, prints in steps) == 3
    for command, prints in steps:
        done = run(command, tmp_path)
        assert done.returncode == 0, (command, done.stderr)
        assert (prints or "") in done.stdout


def test_the_openssl_commands_refuse_a_changed_event(site, tmp_path):
    needs("openssl")
    jws = bytearray(site.get("/events/60.jws").content)
    jws[200] ^= 1
    (tmp_path / "event-60.jws").write_bytes(jws)
    outcomes = [(prints, run(command, tmp_path)) for command, prints in commands(site, 60)]
    assert all(prints not in done.stdout for prints, done in outcomes if prints)
