"""Files that check themselves, and the evidence that the pages' button asks for: complete, safe, and not more than may
be seen. What a browser makes of them: test_browser_check.py.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.casebook import stream_of
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind, Revocation
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import open_installation
from ledger.keys.log_rotation import rotate_log
from ledger.proof.cosignature import Cosigner
from ledger.proof.note import Verifier, to_base64
from ledger.store.cosignatures import Cosignatures
from ledger.store.recorder import datastore
from tests.api.checking import CITY as CITY_WITNESS
from tests.api.checking import COURT, TWO, checks
from tests.api.pages import Outline, check_structure
from tests.conftest import application, caller_of, needs
from tests.projections.town import CITY, FINANCE, HOSTILE

UPHELD = stream_of("record/wrong-penalty-data")
DOCUMENT = Path(__file__).parents[2] / "docs" / "browser.md"
HEAD, TAIL = '<script type="application/json" id="evidence">', "</script>"


def evidence_in(page: str) -> Any:
    """The evidence that stands in a file."""
    return json.loads(page.split(HEAD)[1].split(TAIL, maxsplit=1)[0])


@pytest.fixture(scope="module")
def file(site) -> str:
    return site.get("/events/60/check.html").text


# --- one event ----------------------------------------------------------------------------------------------


def test_a_file_is_downloaded_not_shown(site):
    answer = site.get("/events/60/check.html")
    assert answer.headers["content-disposition"] == 'attachment; filename="jiannuo-check-event-60.html"'
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_file_holds_the_sites_scripts_byte_for_byte_and_may_run_no_other(site, file):
    scripts = re.findall('(?s)<script type="module">(.*?)</script>', file)
    assert scripts == [site.get(f"/static/{name}").text for name in ("check.js", "check-page.js")]
    assert hashlib.sha256(site.get("/static/check.js").content).hexdigest() in file
    (allowed,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', file)
    hashes = re.findall("'sha256-([^']+)'", html.unescape(allowed))
    styles = re.findall("(?s)<style>(.*?)</style>", file)
    expected = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (*scripts, *styles)]
    assert hashes == expected
    assert "unsafe" not in allowed
    assert "default-src 'none'" in html.unescape(allowed)


def test_a_file_loads_nothing_and_its_links_lead_to_the_ledger(file):
    outline = Outline(file)
    assert not outline.all("iframe", "img", "form", "object")
    assert not [a for a in outline.all("script") if "src" in a]
    assert outline.all("link") == [{"rel": "icon", "href": "data:,"}]
    links = [str(a["href"]) for a in outline.all("a")]
    assert all(link.startswith(("http://testserver/", "#")) for link in links), links
    assert "http://testserver/events/60" in links


def test_a_file_is_well_formed_but_for_what_it_carries(file):
    bare = re.sub("(?s)<(script|style)[^>]*>.*?</\\1>", "", file)
    check_structure(bare.replace("\n<!DOCTYPE", "<!DOCTYPE").lstrip())


def test_a_file_pins_keys_and_says_when_and_where_from(site, town, file):
    pinned = evidence_in(file)["pinned"]
    key = town.installation.ledger.log_key
    assert pinned["origin"] == key.origin
    assert pinned["log_keys"] == [{"index": 0, "vkey": key.verifier.vkey}]
    assert pinned["policy"] is None
    assert pinned["url"] == "http://testserver"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", pinned["at"])
    assert f"<code>{key.verifier.vkey}</code>" in file


def test_a_file_shows_what_the_events_page_shows(site, file):
    page = site.get("/events/60").text
    said = re.search('(?s)<dl class="fields">.*?</dl>', page)
    assert said
    assert said[0].replace('href="/', 'href="http://testserver/') in file
    assert html.escape(site.get("/events/60.json").json()["jws"]) in file


def test_the_evidence_of_the_button_is_that_of_the_file(site, file):
    asked, inside = site.get("/events/60/check.json").json(), evidence_in(file)
    for evidence in (asked, inside):
        del evidence["pinned"]["at"]
    assert asked == inside


def test_the_commands_in_a_file_really_check_it_with_nothing_else(file, tmp_path):
    needs("openssl")
    steps = re.findall(r'(?s)<pre class="command">(.*?)</pre>(.*?)</li>', file)
    assert len(steps) == 7
    for command, rest in steps:
        prints = re.search("<code>(.*?)</code>", rest)
        done = subprocess.run(
            ["sh", "-ec", html.unescape(command)], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
        assert (prints[1] if prints else "") in done.stdout


def test_the_chain_of_keys_reaches_the_founding(site, town):
    history = town.installation.ledger.history(f"body/{CITY}")
    authorised = next(r.index for r in history if r.event.name == "KeyAuthorised")
    evidence = site.get("/events/112/check.json").json()
    found = [item["index"] for item in evidence["authorities"]]
    assert evidence["events"][0]["authorised_at"] == authorised
    assert found == sorted(found)
    assert {0, authorised} <= set(found)


def test_the_documented_command_checks_in_node(served, tmp_path):
    """docs/browser.md, word for word; and with a changed byte it fails."""
    needs("bash", "curl", "node")
    found = re.search("(?s)<!-- node -->\n```sh\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"))
    assert found
    command = found[1].replace("http://127.0.0.1:8000", served.url)
    changed = command.replace("/check.json >", "/check.json | sed 's/index 1/index 2/' >")
    for script, code in ((command, 0), (changed, 3)):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        assert ("| failed |" in done.stdout) is (code == 3)


# --- hostile text -------------------------------------------------------------------------------------------


def test_text_that_is_markup_ends_no_script_and_starts_none(site, town, tmp_path):
    own = town.commitments["hostile"]
    file = site.get(f"/cases/commitment/{own}/check.html").text
    outline = Outline(file)
    assert [a.get("type") for a in outline.all("script")] == ["application/json", "module", "module"]
    assert not outline.all("b")
    evidence = evidence_in(file)
    assert "<" not in file.split(HEAD)[1].split(TAIL)[0]
    (found,) = checks([evidence], tmp_path)
    assert found.outcome == "proven"
    payload = evidence["events"][0]["jws"].split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said["data"]["title"] == HOSTILE


def test_a_hostile_host_header_is_only_text(site):
    answer = site.get("/events/60/check.html", headers={"host": 'x"><script>alert(1)</script>'})
    assert answer.status_code in {200, 400}
    assert "<script>alert" not in answer.text


# --- cases --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [f"body/{FINANCE}", "body/ledger", "commitment/broken"])
def test_a_case_has_all_its_events_in_one_file_and_all_pass(site, town, tmp_path, stream):
    kind, own = stream.split("/")
    own = town.commitments.get(own, own)
    answer = site.get(f"/cases/{kind}/{own}/check.html")
    assert answer.status_code == 200
    evidence = evidence_in(answer.text)
    indexes = [r.index for r in town.installation.ledger.history(f"{kind}/{own}")]
    assert [item["index"] for item in evidence["events"]] == indexes
    assert all(f'id="event-{index}"' in answer.text for index in indexes)
    (found,) = checks([evidence], tmp_path)
    assert found.outcome == "proven"


def test_a_case_of_very_many_events_keeps_the_newest_and_says_so(site, town, monkeypatch):
    monkeypatch.setattr("api.pages.offline.MOST", 2)
    own = town.commitments["broken"]
    indexes = [r.index for r in town.installation.ledger.history(f"commitment/{own}")]
    page = site.get(f"/cases/commitment/{own}/check.html").text
    assert [item["index"] for item in evidence_in(page)["events"]] == indexes[-2:]
    assert f"The {len(indexes) - 2} oldest events are not in this file" in page


@pytest.mark.parametrize("path", ["/events/4711/check.html", "/events/4711/check.json", "/cases/body/x/check.html"])
def test_of_what_is_not_there_there_is_no_file(site, path):
    assert site.get(path).status_code == 404


def test_pages_of_cases_lead_to_their_file(site, town, book):
    own = town.commitments["broken"]
    assert f'href="/cases/commitment/{own}/check.html" download' in site.get(f"/commitments/{own}").text
    assert f'href="/cases/body/{CITY}/check.html" download' in site.get(f"/bodies/{CITY}").text
    assert f'href="/cases/{UPHELD}/check.html" download' in book.get(f"/cases/{UPHELD}").text


# --- what may be seen ---------------------------------------------------------------------------------------


def closed_event(played) -> int:
    return played.ledger.history(UPHELD)[0].index  # withdrawn: no longer public


def test_of_an_event_that_is_not_public_nothing_but_its_place_is_given(public, played, tmp_path):
    """F01, E10: what was taken down is not shown, in no file either."""
    index = closed_event(played)
    evidence = public.get(f"/events/{index}/check.json").json()
    (item,) = evidence["events"]
    assert set(item) == {"index", "leaf", "proof"}
    assert evidence["authorities"] == []
    (found,) = checks([evidence], tmp_path)
    assert found.outcome == "proven"
    assert "closed" in found.codes("open")
    jws = played.ledger.reader.entry(index).entry.split(b"\n")[1].decode()
    for path in (f"/events/{index}/check.html", f"/events/{index}"):
        page = public.get(path).text
        assert jws not in page
        assert "check-run" in page


def test_of_a_case_that_is_not_public_there_is_no_file_but_for_auditors(public, book):
    path = f"/cases/{UPHELD}/check.html"
    assert public.get(path).status_code == 404
    answer = book.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"  # as the event's bytes: it may be taken down


def test_every_event_of_the_worked_cases_passes(book, played, tmp_path):
    """With the auditors' token all are open: every kind of event and signer."""
    every = [book.get(f"/events/{index}/check.json").json() for index in range(0, played.ledger.size, 3)]
    assert {found.outcome for found in checks(every, tmp_path)} == {"proven"}


# --- witnesses ----------------------------------------------------------------------------------------------


@pytest.fixture
def witnessed(settings_of) -> Iterator[tuple[Any, Any]]:
    """A caller of a ledger whose policy asks for two witnesses, and what lets witnesses cosign its newest entries."""
    settings = settings_of()
    comment = "# both of them, please\n"
    (settings.home / "witness.policy").write_text(comment + TWO.replace("\nwitness", " https://w8.example/\nwitness"))
    with open_installation(settings) as installation, application(installation) as app:
        store = datastore(installation.database.url("writer"), pool_size=2)

        def cosign(*witnesses: Cosigner) -> int:
            stored = installation.ledger.reader.newest()
            text = stored.note.partition("\n\n")[0] + "\n"
            for witness in witnesses:
                key = Verifier.of(witness)
                line = f"— {witness.name} {to_base64(key.key_id + witness.sign(text.encode()))}\n"
                Cosignatures(store).add(stored.size, key.vkey, line)
            return stored.size

        try:
            yield caller_of(app), cosign
        finally:
            store.close()


def test_what_enough_witnesses_saw_is_proven_as_such(witnessed, tmp_path):
    """C2SP tlog-cosignature and tlog-policy: a ledger's own policy, pinned into the evidence."""
    client, cosign = witnessed
    cosign(CITY_WITNESS, COURT)
    evidence = client.get("/events/1/check.json").json()
    assert evidence["pinned"]["policy"] == TWO.replace("group both all", "group both 2"), "without comment and address"
    (found,) = checks([evidence], tmp_path)
    assert found.outcome == "proven"
    assert {"witness", "quorum"} <= found.codes("proven")
    assert "fork" not in found.codes("open")
    page = client.get("/events/1/check.html").text
    assert html.escape(TWO.splitlines()[0]) in page
    assert evidence_in(page)["pinned"]["policy"] == evidence["pinned"]["policy"]


def test_what_too_few_witnesses_saw_does_not_pass(witnessed, tmp_path):
    client, cosign = witnessed
    cosign(CITY_WITNESS)
    (found,) = checks([client.get("/events/1/check.json").json()], tmp_path)
    assert found.outcome == "failed"
    assert "quorum" in found.failed


# --- rotation of the log's key ------------------------------------------------------------------------------


def test_after_a_rotation_all_of_the_logs_keys_are_pinned(installation, client, tmp_path):
    """LogKeyRotated: the checkpoint that hands over has both signatures, later ones the new key’s alone."""
    before = client.get("/events/1/check.json").json()
    rotation = rotate_log(installation, Revocation.SUPERSEDED).index
    handover = client.get(f"/events/{rotation}/check.json").json()
    author, stream = installation.author("operator", installation.operator()), f"body/{fictional_uscc(7)}"
    fact = BodyRegistered("示例局（虚构）", Kind.DEPARTMENT)
    installation.ledger.submit(author.write(stream, installation.ledger.head(stream), fact)).result()
    after = client.get("/events/1/check.json").json()
    old, new = before["pinned"]["log_keys"], after["pinned"]["log_keys"]
    assert [key["index"] for key in new] == [0, rotation]
    assert new[:1] == old
    cases = [(before, old), (handover, old), (after, old), (before, new), (handover, new), (after, new)]
    made = [{**evidence, "pinned": {**evidence["pinned"], "log_keys": keys}} for evidence, keys in cases]
    outcomes = [found.outcome for found in checks(made, tmp_path)]
    assert outcomes == ["proven", "proven", "failed", "proven", "proven", "proven"]
    page = client.get("/events/1/check.html").text
    assert all(f"<code>{key['vkey']}</code>" in page for key in new)
