"""check.js, the checker of the site's pages, in Node: what our ledger made passes, and every check can fail.

RFC 9162 §2.1.3.2, RFC 7515, RFC 7638, RFC 8032; C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-policy.
"""

from __future__ import annotations

import base64
import copy
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ledger.domain.body import KeyAuthorised, LedgerFounded
from ledger.proof.keys import b64url
from ledger.proof.note import Verifier
from tests.api.checking import (
    BODY,
    BUREAU,
    CITY,
    CONSEQUENCES,
    COURT,
    LOG,
    NEXT_LOG,
    OFFICE,
    ORIGIN,
    PRESS,
    QUANTUM,
    ROOT,
    SCRIPT,
    STRANGER,
    MadeLog,
    Result,
    checks,
    policy,
)

MADE = MadeLog.usual()
USUAL = MADE.evidence(5)


@pytest.fixture
def check(tmp_path) -> Callable[..., Result]:
    return lambda evidence: checks([evidence], tmp_path)[0]


# --- what is right ------------------------------------------------------------------------------------------


def test_an_event_is_proven_down_to_the_founding_and_up_to_the_witnesses(check):
    """Issue "Proof without trust", a browser that checks: signature, inclusion, checkpoint, quorum."""
    found = check(USUAL)
    assert found.outcome == "proven"
    assert found.codes("proven") == {
        *("signature", "kid", "inclusion", "authority", "founding", "checkpoint", "witness", "quorum"),
    }
    assert found.codes("open") == {"words", "truth", "revocation", "complete", "pinned"}
    assert [g["title"]["en"] for g in found.groups] == [
        "Event 5",
        *(f"Event that authorised a key: {n}" for n in range(3)),
        "Checkpoint of 8 entries",
        "What this does not prove",
    ]


def test_every_finding_is_in_both_languages(check):
    found = [f for g in check(USUAL).groups for f in (g["title"], *g["findings"])]
    assert all(re.search("[\u4e00-\u9fff]", f["zh"]) and not re.search("[\u3000-\u9fff]", f["en"]) for f in found)


def test_every_event_of_trees_of_many_sizes_is_found_at_its_place(tmp_path):
    """RFC 9162 §2.1.3.2: all places of all trees of 4 to 21 leaves, and no other place."""
    right = [MadeLog.usual(more).evidence(at) for more in range(18) for at in range(more + 4)]
    assert {found.outcome for found in checks(right, tmp_path)} == {"proven"}


def test_no_event_passes_for_one_at_another_index(tmp_path):
    """RFC 9162 §2.1.3.2, all its steps: without them leaf 4 of 5 would pass as leaf 1, and leaf 5 of 8 as leaf 13."""
    moved = []
    for more in range(5):
        log, size = MadeLog.usual(more), more + 4
        for at in range(3, size):
            for other in {*range(2 * size + 2)} - {at}:
                evidence = log.evidence(at)
                item = evidence["events"][0]
                item["proof"] = item["proof"].replace(f"index {at}\n", f"index {other}\n")
                item["index"] = other
                moved.append(evidence)
    assert all("inclusion" in found.failed for found in checks(moved, tmp_path))


def test_all_events_of_a_real_ledger_pass(site, town, tmp_path):
    size = town.installation.ledger.reader.newest().size
    every = [site.get(f"/events/{index}/check.json").json() for index in range(size)]
    found = checks(every, tmp_path)
    assert {one.outcome for one in found} == {"proven"}
    assert all("fork" in one.codes("open") for one in found), "no witness, yet nothing is said of forks"


def test_of_an_event_that_is_not_public_its_place_alone_is_proven(check):
    evidence = MADE.evidence(5, closed=True)
    evidence["authorities"] = []
    found = check(evidence)
    assert found.outcome == "proven"
    assert found.codes("proven") == {"inclusion", "checkpoint", "witness", "quorum"}
    assert "closed" in found.codes("open")
    evidence["events"][0]["leaf"] = "0" * 64
    assert check(evidence).failed == {"inclusion"}


def test_a_key_whose_authorising_event_is_not_there_leaves_the_check_open(check):
    evidence = copy.deepcopy(USUAL)
    del evidence["authorities"][2]
    found = check(evidence)
    assert (found.outcome, found.failed) == ("open", set())
    assert "authority" in found.codes("open")


# --- tampering: each check can fail --------------------------------------------------------------------------


def flipped(text: str, at: int = 0, bit: int = 0) -> str:
    """Base64url with one bit of its bytes flipped."""
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[at] ^= 1 << bit
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def flipped_line(text: str, pattern: str, at: int) -> str:
    """The base64 at the end of the first line that the pattern finds, with a bit flipped."""
    found = re.search(f"(?m)({pattern})([A-Za-z0-9+/]+=*)$", text)
    assert found, pattern
    raw = bytearray(base64.b64decode(found[2]))
    raw[at] ^= 1
    return text[: found.start(2)] + base64.b64encode(raw).decode() + text[found.end(2) :]


def in_event(name: str, change: Callable[[Any], Any]) -> Callable[[Any], None]:
    def tamper(evidence: Any) -> None:
        event = evidence["events"][0]
        event[name] = change(event[name])

    return tamper


def in_notes(change: Callable[[str], str]) -> Callable[[Any], None]:
    def tamper(evidence: Any) -> None:
        for item in (*evidence["events"], *evidence["authorities"]):
            head, note = item["proof"].split("\n\n", 1)
            item["proof"] = f"{head}\n\n{change(note)}"

    return tamper


def in_pinned(**values: Any) -> Callable[[Any], None]:
    return lambda evidence: evidence["pinned"].update(values)


def part(jws: str, number: int, change: Callable[[str], str]) -> str:
    parts = jws.split(".")
    parts[number] = change(parts[number])
    return ".".join(parts)


def another_key(evidence: Any) -> None:
    evidence["events"][0]["key"]["x"] = STRANGER.public


def without_line(pattern: str) -> Callable[[str], str]:
    return lambda note: re.sub(f"(?m)^{pattern}.*\n", "", note)


def other_spelling(found: re.Match[str]) -> str:
    """The same bytes in base64, with stray bits in the last character."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return letters[letters.index(found[1]) + 1] + "="


def vkey(key: Any) -> list[Any]:
    return [{"index": 0, "vkey": Verifier.of(key).vkey}]


TAMPERED: dict[str, tuple[Callable[[Any], None], set[str]]] = {
    "signature": (in_event("jws", lambda j: part(j, 2, lambda s: flipped(s, 63))), {"signature", "inclusion"}),
    "payload": (in_event("jws", lambda j: part(j, 1, lambda s: flipped(s, 40))), {"signature", "inclusion"}),
    "header": (in_event("jws", lambda j: part(j, 0, lambda s: flipped(s, 30))), {"kid", "signature", "inclusion"}),
    "algorithm": (in_event("jws", lambda j: part(j, 0, lambda s: flipped(s, 8))), {"signature", "inclusion"}),
    "key": (another_key, {"kid", "signature", "authority"}),
    "time": (in_event("recorded_at", lambda t: t.replace("01:30", "01:31")), {"inclusion"}),
    "form of time": (in_event("recorded_at", lambda t: t.replace("T", " ")), {"inclusion"}),
    "index": (in_event("index", lambda n: n - 1), {"inclusion"}),
    "index in the proof": (in_event("proof", lambda p: p.replace("index 5", "index 4")), {"inclusion"}),
    "both indexes": (
        lambda e: (
            in_event("proof", lambda p: p.replace("index 5", "index 4"))(e),
            in_event("index", lambda n: n - 1)(e),
        ),
        {"inclusion"},
    ),
    "beyond the tree": (in_event("proof", lambda p: p.replace("index 5", "index 8")), {"inclusion"}),
    "first hash": (in_event("proof", lambda p: flipped_line(p, "index 5\n", 31)), {"inclusion"}),
    "a hash less": (in_event("proof", lambda p: re.sub("(?s)(index 5\n)[^\n]+\n", "\\1", p)), {"inclusion"}),
    "a hash more": (in_event("proof", lambda p: re.sub("(index 5)(\n[^\n]+)", "\\1\\2\\2", p)), {"inclusion"}),
    "root": (
        in_notes(lambda n: flipped_line(n, "\n8\n", 0)),
        {"checkpoint", "witness", "quorum", "inclusion", "authority"},
    ),
    "size": (
        in_notes(lambda n: n.replace("\n8\n", "\n9\n")),
        {"checkpoint", "witness", "quorum", "inclusion", "authority"},
    ),
    "log's signature": (
        in_notes(lambda n: flipped_line(n, f"^— {ORIGIN} ", 10)),
        {"checkpoint", "inclusion", "authority"},
    ),
    "log's signature left out": (in_notes(without_line(f"— {ORIGIN}")), {"checkpoint", "inclusion", "authority"}),
    "log's key id": (in_notes(lambda n: flipped_line(n, f"^— {ORIGIN} ", 0)), {"checkpoint", "inclusion", "authority"}),
    "origin": (
        in_notes(lambda n: n.replace(f"{ORIGIN}\n", "other.example\n", 1)),
        {"origin", "checkpoint", "witness", "quorum", "inclusion", "authority"},
    ),
    "pinned origin": (
        in_pinned(origin="other.example"),
        {"origin", "checkpoint", "inclusion", "authority", "founding"},
    ),
    "pinned key": (
        in_pinned(log_keys=vkey(NEXT_LOG)),
        {"checkpoint", "inclusion", "authority", "founding"},
    ),
    "cosignature": (
        in_notes(lambda n: flipped_line(n, "^— w8.example ", 40)),
        {"witness", "quorum", "inclusion", "authority"},
    ),
    "cosignature's time": (
        in_notes(lambda n: flipped_line(n, "^— w8.example ", 11)),
        {"witness", "quorum", "inclusion", "authority"},
    ),
    "witness line left out": (in_notes(without_line("— w9.example")), {"quorum", "inclusion", "authority"}),
    "all witness lines left out": (in_notes(without_line("— w")), {"quorum", "inclusion", "authority"}),
    "policy of strangers": (
        in_pinned(policy=policy("quorum press", "press")),
        {"quorum", "inclusion", "authority"},
    ),
    "policy without a quorum": (in_pinned(policy=policy("", "city")), {"policy", "inclusion", "authority"}),
    "revoked key": (in_event("revoked_at", lambda _: 4), {"revoked"}),
    "authorised later": (in_event("authorised_at", lambda _: 1), {"authority"}),
    "authority's signature": (
        lambda e: e["authorities"][2].update(jws=part(e["authorities"][2]["jws"], 2, flipped)),
        {"signature", "inclusion", "authority"},
    ),
    "authority at another place": (lambda e: e["authorities"][2].update(index=6), {"inclusion"}),
    "no proof": (in_event("proof", lambda _: ""), {"inclusion"}),
    "no signed bytes": (in_event("jws", lambda _: "a.b"), {"signature", "inclusion"}),
    "unread note": (in_notes(lambda n: n.replace("\n\n", "\n")), {"checkpoint", "inclusion", "authority"}),
    "spelling of a hash": (in_event("proof", lambda p: re.sub("(?m)(.)=$", other_spelling, p, count=1)), {"inclusion"}),
    "spelling of an index": (in_event("proof", lambda p: p.replace("index 5", "index 05")), {"inclusion"}),
}


def tampered(change: Callable[[Any], None]) -> Any:
    evidence = copy.deepcopy(USUAL)
    change(evidence)
    assert evidence != USUAL
    return evidence


def test_every_kind_of_tampering_is_found_and_named(tmp_path):
    found = checks([tampered(change) for change, _ in TAMPERED.values()], tmp_path)
    outcomes = {name: one.failed for name, one in zip(TAMPERED, found, strict=True)}
    assert outcomes == {name: codes for name, (_, codes) in TAMPERED.items()}


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all texts in evidence."""
    if isinstance(value, str) and value:
        yield path
    elif isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(below, (*path, key))


def test_no_bit_of_the_evidence_can_be_flipped_unnoticed(tmp_path):
    """All texts of it: every seventh character, one of its lower seven bits."""
    chance, changed = random.Random(4), []
    for path in texts(USUAL):
        value: Any = USUAL
        for key in path:
            value = value[key]
        for at in range(chance.randrange(7) % len(value), len(value), 7):
            evidence = copy.deepcopy(USUAL)
            target: Any = evidence
            for key in path[:-1]:
                target = target[key]
            other = chr(ord(value[at]) ^ 1 << chance.randrange(7))
            target[path[-1]] = value[:at] + other + value[at + 1 :]
            changed.append(((path, at, value[at], other), evidence))
    found = checks([evidence for _, evidence in changed], tmp_path)
    assert len(found) > 500
    assert [what for (what, _), one in zip(changed, found, strict=True) if one.outcome != "failed"] == []


# --- keys ---------------------------------------------------------------------------------------------------


def forged(*said: Any) -> MadeLog:
    """The usual log with these entries at its end, before the last."""
    return MadeLog((*MADE.entries[:-1], *(MadeLog.entry(*one) for one in said), MADE.entries[-1]))


@pytest.mark.parametrize(
    ("said", "key", "at"),
    [
        ((BUREAU, KeyAuthorised(STRANGER.public), BUREAU, STRANGER), STRANGER, 7),  # by itself, at its own place
        ((OFFICE, KeyAuthorised(STRANGER.public), BUREAU, STRANGER), STRANGER, 1),  # by another's event
        ((BUREAU, KeyAuthorised(STRANGER.public), OFFICE, BODY), BODY, 2),  # another body's key
        ((BUREAU, KeyAuthorised(STRANGER.public), "ledger", CONSEQUENCES), CONSEQUENCES, 0),  # without a cause
        ((BUREAU, KeyAuthorised(STRANGER.public), "ledger", ROOT, "0198c5a2-0000-7000-8000-000000000002"), ROOT, 0),
    ],
)
def test_a_signature_of_a_key_that_was_not_authorised_for_the_signer_fails(check, said, key, at):
    """As the ledger itself: body.authorise. The log holds it, the signature is right, yet it does not count."""
    log = forged(said)
    evidence = log.evidence(7)
    evidence["events"][0] |= {"key": {"kty": "OKP", "crv": "Ed25519", "x": key.public}, "authorised_at": at}
    found = check(evidence)
    assert "authority" in (found.failed | found.codes("open"))
    assert found.outcome != "proven"


def test_what_is_no_event_never_passes(tmp_path):
    """A stranger's signature over JSON that is no event, in the log with an operator's help; and no event at all."""
    made = []
    for payload in (b"null", b"0", b'""', b"[]", b"{}", b'{"data":[]}', b'{"data":null}'):
        head = f'{{"alg":"Ed25519","kid":"{STRANGER.kid}","typ":"jiannuo-event+sd-jwt"}}'.encode()
        signed = f"{b64url(head)}.{b64url(payload)}".encode()
        entry = b"2030-01-02T01:30:00.000Z\n" + signed + b"." + b64url(STRANGER.sign(signed)).encode() + b"\n"
        evidence = MadeLog((*MADE.entries[:-1], entry, MADE.entries[-1])).evidence(7)
        evidence["events"][0]["key"]["x"] = STRANGER.public
        made.append(evidence)
    assert {found.outcome for found in checks(made, tmp_path)} == {"failed"}
    (found,) = checks([{**USUAL, "events": []}], tmp_path)
    assert found.outcome == "open"


def test_under_a_key_of_small_order_nothing_counts_as_signed(check):
    """RFC 8032 §5.1.7 checks the equation alone: with the neutral element as key, S = 0 and R = 1 always fit it."""
    weak = base64.urlsafe_b64encode(bytes([1]) + bytes(31)).rstrip(b"=").decode()
    evidence = copy.deepcopy(USUAL)
    event = evidence["events"][0]
    event["key"]["x"] = weak
    event["jws"] = part(
        event["jws"], 2, lambda _: base64.urlsafe_b64encode(bytes([1]) + bytes(63)).rstrip(b"=").decode()
    )
    assert "signature" in check(evidence).failed


def test_a_rightly_signed_header_of_another_format_fails(tmp_path):
    """RFC 8725 §3.1, §3.11: algorithm and type are what docs/log-format.md says, whatever the signature is worth."""
    made = []
    for alg, typ in (("EdDSA", "jiannuo-event+sd-jwt"), ("Ed25519", "JWT")):
        payload = MADE.entries[3].split(b"\n")[1].split(b".")[1]
        head = f'{{"alg":"{alg}","kid":"{BODY.kid}","typ":"{typ}"}}'.encode()
        signed = b64url(head).encode() + b"." + payload
        entry = b"2030-01-02T01:30:00.000Z\n" + signed + b"." + b64url(BODY.sign(signed)).encode() + b"\n"
        made.append(MadeLog((*MADE.entries[:-1], entry, MADE.entries[-1])).evidence(7))
    assert [found.failed for found in checks(made, tmp_path)] == [{"signature"}] * 2


def test_a_key_counts_only_after_the_event_that_authorised_it(check):
    """docs/log-format.md, Keys: a ``KeyAuthorised`` at index i makes the key count from i + 1 on."""
    entries = MADE.entries
    log = MadeLog((*entries[:2], entries[3], entries[2], *entries[4:]))
    early, late = log.evidence(2), log.evidence(3)
    item, authority = late["events"][0], early["authorities"][2]
    operators = {"key": authority["key"], "authorised_at": 1}
    evidence = {**early, "authorities": [*early["authorities"][:2], {**item, **operators}]}
    evidence["events"][0] |= {"key": {**authority["key"], "x": BODY.public}, "authorised_at": 3}
    assert check(evidence).failed == {"authority"}


def test_a_founding_that_its_root_did_not_sign_fails(check):
    founding = LedgerFounded(ORIGIN, ROOT.public, CONSEQUENCES.public, Verifier.of(LOG).vkey)
    log = MadeLog((MadeLog.entry("ledger", founding, "ledger", STRANGER), *MADE.entries[1:]))
    evidence = log.evidence(5)
    evidence["authorities"][0]["key"]["x"] = STRANGER.public
    found = check(evidence)
    assert found.outcome != "proven"
    assert "founding" not in found.codes("proven")


def test_another_founding_is_not_that_of_the_pinned_log(check):
    founding = LedgerFounded(ORIGIN, ROOT.public, CONSEQUENCES.public, Verifier.of(NEXT_LOG).vkey)
    log = MadeLog((MadeLog.entry("ledger", founding, "ledger", ROOT), *MADE.entries[1:]))
    assert "founding" in check(log.evidence(5)).failed


# --- rotation of the log's key ------------------------------------------------------------------------------


def test_after_a_rotation_the_newest_key_signs_and_the_old_one_no_more(tmp_path):
    """LogKeyRotated at index 6: checkpoints of a size above 6 are signed by the new key (log-format, Keys)."""
    keys = ((0, LOG), (6, NEXT_LOG))
    new = MADE.evidence(5, signers=(NEXT_LOG, CITY, COURT), log_keys=keys)
    both = MADE.evidence(5, signers=(LOG, NEXT_LOG, CITY, COURT), log_keys=keys)
    old = MADE.evidence(5, signers=(LOG, CITY, COURT), log_keys=keys)
    early = MadeLog(MADE.entries[:6]).evidence(4, signers=(NEXT_LOG, CITY, COURT), log_keys=keys)
    before = MadeLog.usual(2).evidence(4, signers=(LOG, CITY, COURT), log_keys=keys)
    broken = copy.deepcopy(both)  # a known key's signature that fails makes the note one not to be believed
    in_notes(lambda n: flipped_line(n, f"^— {ORIGIN} ", 20))(broken)
    outcomes = [found.outcome for found in checks([new, both, old, early, before, broken], tmp_path)]
    assert outcomes == ["proven", "proven", "failed", "failed", "proven", "failed"]


# --- witnesses ----------------------------------------------------------------------------------------------


def test_quorums_of_groups_are_counted(tmp_path):
    """C2SP tlog-policy: any, all, a number, groups in groups, comments and blanks."""
    nested = "group inner any city court; group outer all inner press; # a comment; ; quorum outer"
    cases = [
        ("quorum city", (CITY,), "proven"),
        ("quorum city", (COURT,), "failed"),
        ("group g any city court press; quorum g", (PRESS,), "proven"),
        ("group g 2 city court press; quorum g", (PRESS,), "failed"),
        ("group g 2 city court press; quorum g", (PRESS, CITY), "proven"),
        ("group g all city court press; quorum g", (PRESS, CITY), "failed"),
        ("group g all city court press; quorum g", (PRESS, CITY, COURT), "proven"),
        (nested, (CITY, COURT), "failed"),
        (nested, (COURT, PRESS), "proven"),
        ("quorum none", (), "proven"),
    ]
    made = [MADE.evidence(5, signers=(LOG, *by), policy=policy(q, "city", "court", "press")) for q, by, _ in cases]
    assert [found.outcome for found in checks(made, tmp_path)] == [outcome for *_, outcome in cases]


@pytest.mark.parametrize(
    "text",
    [
        "quorum city\n",
        "quorum none\nquorum none\n",
        "witness none VKEY\nquorum none\n",
        "witness a VKEY\nwitness a VKEY2\nquorum a\n",
        "witness a VKEY\nwitness b VKEY\nquorum a\n",
        "witness a VKEY\ngroup g 2 a\nquorum g\n",
        "witness a VKEY\ngroup g 0 a\nquorum g\n",
        "witness a VKEY\ngroup g any\nquorum g\n",
        "witness a VKEY\ngroup g any a a\nquorum g\n",
        "witness a VKEY\ngroup g any a\ngroup h any a\nquorum g\n",
        "witness a VKEY\ngroup g any h\ngroup h any a\nquorum g\n",
        "witness a VKEY\ngroup g constructor a\nquorum g\n",
        "witness a LOGKEY\nquorum a\n",
        "witness a VKEYx\nquorum a\n",
        "witness a VKEY http://w.example more\nquorum a\n",
        "log VKEY\nquorum none\n",
        "quorum\n",
        "witness\nquorum none\n",
        "wittness a VKEY\nquorum none\n",
        "",
    ],
)
def test_a_policy_that_is_none_fails_and_never_counts_as_met(check, text):
    """C2SP tlog-policy, "Policy file syntax and structure"."""
    text = text.replace("VKEY2", Verifier.of(COURT).vkey).replace("LOGKEY", Verifier.of(LOG).vkey)
    evidence = MADE.evidence(5, policy=text.replace("VKEY", Verifier.of(CITY).vkey))
    assert "policy" in check(evidence).failed


def test_without_a_policy_no_witness_is_believed(check):
    found = check(MADE.evidence(5, policy=None))
    assert found.outcome == "proven"
    assert {"quorum", "fork"} <= found.codes("open")


def test_a_witness_with_a_post_quantum_key_is_left_to_the_command(tmp_path):
    """C2SP tlog-cosignature, ML-DSA-44: browsers cannot check it; what hangs on it stays open, and is never proven."""
    asked = policy("group both all city quantum; quorum both", "city", "quantum")
    either = policy("group one any city quantum; quorum one", "city", "quantum")
    cases = [(asked, (CITY, QUANTUM)), (asked, (CITY,)), (either, (CITY, QUANTUM)), (either, ())]
    found = checks([MADE.evidence(5, signers=(LOG, *by), policy=p) for p, by in cases], tmp_path)
    assert [one.outcome for one in found] == ["open", "failed", "proven", "failed"]
    assert "ml-dsa" in found[0].codes("open")
    assert "fork" in found[0].codes("open")


# --- the script itself --------------------------------------------------------------------------------------


def test_the_script_stays_small_and_fits_into_a_page():
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400
    for name in ("check.js", "check-page.js"):
        text = SCRIPT.with_name(name).read_text(encoding="utf-8")
        assert not re.search("</script|<!--|\r", text, re.IGNORECASE)
        assert not re.search(r"\beval\b|innerHTML|document\.write|new Function|\bimport\(", text)
        assert max(len(line) for line in text.splitlines()) <= 120
