"""A browser that checks: the button of an event's page, and files opened from a disk, in headless Chromium.

Issue "Proof without trust", part 6: WebCrypto and no library; works from file://; where it cannot check it says why and
offers the file and the command.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ledger.casebook import stream_of
from tests.api.chrome import MARGIN, NOT_LOCAL, Page
from tests.api.test_offline_pages import HEAD, TAIL, evidence_in
from tests.conftest import serving

pytestmark = pytest.mark.browser

CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def file(site, tmp_path) -> Path:
    found = tmp_path / "check.html"
    found.write_bytes(site.get("/events/60/check.html").content)
    return found


def codes(page: Page, outcome: str) -> set[str]:
    selector = f"#check-findings li[data-outcome={outcome}]"
    return set(page.value(f"Array.from(document.querySelectorAll('{selector}'), (li) => li.dataset.code)"))


PROVEN = {"signature", "kid", "inclusion", "authority", "founding", "checkpoint"}
UNPROVEN = {"quorum", "words", "truth", "revocation", "complete", "fork", "pinned"}


# --- the button ---------------------------------------------------------------------------------------------


def test_the_button_checks_an_event_and_says_what_is_proven_and_what_is_not(page, address):
    page.open(f"{address}/events/60")
    assert page.text("#check-findings") == ""
    page.press()
    assert page.outcome() == "proven"
    assert (codes(page, "proven"), codes(page, "open"), codes(page, "failed")) == (PROVEN, UNPROVEN, set())
    summary = page.text("#check-summary")
    assert "核验通过" in summary
    assert "The check passed" in summary
    assert page.complaints() == []


def test_every_finding_is_told_in_words_in_both_languages(page, address):
    page.open(f"{address}/events/60")
    page.press()
    lines = page.value("Array.from(document.querySelectorAll('#check-findings li'), (li) => li.innerText)")
    english = page.value(
        "Array.from(document.querySelectorAll('#check-findings li > .en'), (s) => [s.lang, s.innerText])"
    )
    assert len(lines) == len(english) > 10
    assert all(re.match("✓ 已证明 Proven|– 未证明 Not proven", line) for line in lines), lines
    assert all(CHINESE.search(line) for line in lines)
    assert all(lang == "en" and not CHINESE.search(text) for lang, text in english)


def test_the_result_is_announced_and_gets_the_focus(page, address):
    """WCAG 2.2, 4.1.3 and 2.4.3: a status message, and what is read next is the result."""
    page.open(f"{address}/events/60")
    assert page.value("document.getElementById('check-summary').getAttribute('role')") == "status"
    page.press()
    assert page.value("document.activeElement.id") == "check-summary"
    assert page.value("document.getElementById('check-run').hasAttribute('aria-disabled')") is False
    order = page.value(
        "document.getElementById('check-summary').compareDocumentPosition(document.getElementById('check-findings'))"
    )
    assert order == 4  # Node.DOCUMENT_POSITION_FOLLOWING


def test_it_can_be_pressed_again(page, address):
    page.open(f"{address}/events/60")
    page.press()
    before = page.text("#check-findings")
    page.press()
    assert page.text("#check-findings") == before


def test_over_plain_http_it_says_why_it_cannot_and_offers_file_and_command(page, address):
    page.open(address.replace("127.0.0.1", NOT_LOCAL) + "/events/60")
    assert page.value("typeof crypto.subtle") == "undefined"
    page.press()
    assert page.outcome() == "cannot"
    said = page.text("#check-summary")
    assert "经普通 http 打开" in said
    assert "over plain http" in said
    links = page.value("Array.from(document.querySelectorAll('#check-summary a'), (a) => a.getAttribute('href'))")
    assert links == ["/events/60/check.html", "#check"]
    assert page.text("#check-findings") == ""


def test_where_the_browser_knows_no_ed25519_it_says_so(page, address):
    page.open(f"{address}/events/60")
    page.value("void (crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError')))")
    page.press()
    assert page.outcome() == "cannot"
    assert "does not know Ed25519" in page.text("#check-summary")


def test_where_the_ledger_does_not_answer_it_says_so(page, address):
    page.open(f"{address}/events/60")
    page.value("void (document.getElementById('check-run').dataset.evidence = '/events/4711/check.json')")
    page.press()
    assert page.outcome() == "cannot"
    assert "404" in page.text("#check-summary")


def test_of_an_event_that_is_not_public_the_place_is_checked(page, book_app, played):
    index = played.ledger.history(stream_of("record/wrong-penalty-data"))[0].index
    with serving(played, book_app) as served:
        page.open(f"{served.url}/events/{index}")
        page.press()
    assert page.outcome() == "proven"
    assert "as far as what is public goes" in page.text("#check-summary")
    assert codes(page, "proven") == {"inclusion", "checkpoint"}
    assert "closed" in codes(page, "open")


ATTACKS = (
    "const s = document.createElement('script'); s.textContent = BREAK; document.body.append(s)",
    "const s = document.createElement('script'); s.append(BREAK); document.body.append(s)",
    "const s = document.createElement('script'); s.src = 'data:text/javascript,' + BREAK; document.body.append(s)",
    "document.body.innerHTML = '<img src=x onerror=' + BREAK + '>'",
    "document.body.setAttribute('onclick', BREAK); document.body.click()",
)


@pytest.mark.parametrize("where", ["page", "file"])
def test_no_script_but_the_sites_own_runs_where_the_check_runs(page, address, file, where):
    """CSP 3 and Trusted Types: neither markup made of text, nor an inline script, nor one from elsewhere."""
    page.open(f"{address}/events/60" if where == "page" else file.as_uri())
    for attack in ATTACKS:
        body = attack.replace("BREAK", "'globalThis.broken=1'")
        page.value(f"(() => {{ try {{ {body} }} catch (error) {{ return error.message }} }})()")
    assert page.value("new Promise((done) => setTimeout(() => done(typeof globalThis.broken), 100))") == "undefined"
    assert page.complaints() != []


def test_without_javascript_the_page_is_complete_and_shows_no_dead_button(page, address):
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(f"{address}/events/60")
        nodes = page.send("DOM.getDocument", depth=-1)["root"]["nodeId"]
        shown = page.send("DOM.querySelector", nodeId=nodes, selector="#check-run:not([hidden])")["nodeId"]
        assert shown == 0
        text = page.send("DOM.getOuterHTML", nodeId=nodes)["outerHTML"]
    finally:
        page.send("Emulation.setScriptExecutionDisabled", value=False)
    assert "This needs JavaScript" in text
    assert "openssl pkeyutl -verify" in text
    assert "下载核验文件" in text


# --- files --------------------------------------------------------------------------------------------------


def test_a_file_opened_from_a_disk_checks_itself_without_a_network(page, file):
    page.send("Network.enable")
    page.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
    try:
        page.open(file.as_uri())
        assert page.outcome() == "proven"
    finally:
        page.send(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
    assert (codes(page, "proven"), codes(page, "failed")) == (PROVEN, set())
    assert page.value("document.activeElement === document.body"), "opening a page moves no focus"
    assert page.complaints() == []
    page.press()
    assert page.outcome() == "proven"
    assert page.value("document.activeElement.id") == "check-summary"


def test_the_signed_content_that_was_checked_is_shown_beside_the_ledgers_words(page, file, site):
    page.open(file.as_uri())
    page.outcome()
    checked = json.loads(page.value("document.querySelector('#check-findings pre').textContent"))
    assert checked == site.get("/events/60.json").json()["payload"]


@pytest.mark.parametrize(
    ("old", "new", "failed"),
    [
        ('"index":60', '"index":61', {"inclusion"}),
        ("index 60\\n", "index 61\\n", {"inclusion"}),
        ("2030-01-02T01:30:00.000Z", "2030-01-02T01:30:00.001Z", {"inclusion"}),
        ('"jws":"ey', '"jws":"eY', {"signature", "inclusion"}),
    ],
)
def test_a_changed_file_says_what_failed(page, file, old, new, failed):
    text = file.read_text(encoding="utf-8")
    before, rest = text.split(HEAD)
    data, after = rest.split(TAIL, 1)
    assert old in data
    file.write_text(before + HEAD + data.replace(old, new, 1) + TAIL + after, encoding="utf-8")
    page.open(file.as_uri())
    assert page.outcome() == "failed"
    assert failed <= codes(page, "failed")
    assert "核验未通过" in page.text("#check-summary")
    assert "did not pass" in page.text("#check-summary")


def test_a_file_whose_evidence_is_no_json_says_so(page, file):
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(HEAD, HEAD + "{"), encoding="utf-8")
    page.open(file.as_uri())
    assert page.outcome() == "cannot"


def test_a_file_whose_script_was_changed_does_not_run_it(page, file):
    """The file's own policy holds the script to what was downloaded; who changes both is beyond it, and it says so."""
    text = file.read_text(encoding="utf-8")
    changed = text.replace('const PROVEN = "proven"', 'const PROVEN = "proven" ')
    assert changed != text
    file.write_text(changed, encoding="utf-8")
    page.open(file.as_uri())
    assert page.value("typeof globalThis.jiannuo") == "undefined"
    assert page.complaints() != []
    assert "谁能改动本文件，也就能改动其中的脚本" in page.text("main")


def test_hostile_text_in_a_file_runs_nothing(page, site, town, tmp_path):
    own = town.commitments["hostile"]
    answer = site.get(f"/cases/commitment/{own}/check.html")
    found = tmp_path / "hostile.html"
    found.write_bytes(answer.content)
    page.send("Page.enable")
    page.open(found.as_uri())
    assert page.outcome() == "proven"
    assert page.value("document.querySelectorAll('main b, main script').length") == 0
    assert "<script>alert('x')</script>" in page.text("main")
    assert not [e for e in page.events if e.get("method") == "Page.javascriptDialogOpening"]
    assert page.complaints() == []
    assert len(evidence_in(answer.text)["events"]) == len(town.installation.ledger.history(f"commitment/{own}"))


@pytest.mark.parametrize("where", ["page", "file"])
def test_with_its_findings_nothing_is_wider_than_a_phone(page, address, file, where):
    page.open(f"{address}/events/60" if where == "page" else file.as_uri())
    page.press()
    page.value("document.querySelectorAll('details').forEach((d) => d.setAttribute('open', ''))")
    image = page.screenshot(390, whole=True)
    assert image.width == 390
    assert len(image.colours(0, 390 - MARGIN)) > 20
    assert len(image.colours(390 - MARGIN, 390)) == 1, "something reaches into the margin"
