"""Events that others' programs write: the same claims as JSON with spaces and in another order (RFC 8259 §2)."""

from __future__ import annotations

import json

import pytest

from audit.bundle.check import checked
from audit.bundle.export import export
from audit.bundle.export_part import Subject, export_part
from audit.bundle.part import checked_part
from audit.bundle.source import BundleSource
from audit.filing import keys_in, kind_in
from audit.verify import verify
from ledger.domain.body import KeyAuthorised
from ledger.proof import event
from ledger.proof.event import claims, entry, parse, parse_entry
from ledger.proof.keys import PrivateKey, b64url
from tests.audit.bundles import members
from tests.audit.logs import OPERATOR, OPERATOR_KEY, TOWN, TOWN_KEY, codes, filled, of

NEW = PrivateKey.from_seed(b"new".ljust(32))
SPELLINGS = {
    "spaces": {},
    "order": {"sort_keys": True, "separators": (",", ":")},
    "lines": {"indent": 400},  # the stream is named far behind the start
}


def otherwise(options, change=lambda text: text):
    """``sign``, with the payload spelled in another way."""

    def sign(signed, key):
        header = f'{{"alg":"Ed25519","kid":"{key.kid}","typ":"{event.TYP}"}}'.encode()
        payload = change(json.dumps(claims(signed), ensure_ascii=False, **options)).encode()
        signing_input = f"{b64url(header)}.{b64url(payload)}".encode()
        return signing_input + b"." + b64url(key.sign(signing_input)).encode()

    return sign


@pytest.fixture(params=SPELLINGS)
def writer(request, monkeypatch):
    """A log whose last events are a key's authorisation, spelled otherwise, and two events with that key."""
    made = filled(10)
    with monkeypatch.context() as patched:
        patched.setattr("tests.audit.logs.sign", otherwise(SPELLINGS[request.param]))
        made.write(OPERATOR, OPERATOR_KEY, f"body/{TOWN}", KeyAuthorised(NEW.public))
    made.promise(77, TOWN, NEW)
    made.report(77, TOWN, NEW)
    return made


def verdicts(log, folder):
    """Those over the log, over a bundle of it, and over one of the case."""
    export(log, folder / "whole.bundle", force=True)
    export_part(log, folder / "part.bundle", "commitment/77", force=True)
    whole, part = checked(BundleSource(folder / "whole.bundle")), checked_part(BundleSource(folder / "part.bundle"))
    return verify(log, processes=1), whole.verdict, part.verdict


def test_a_key_that_they_authorise_is_known_everywhere(writer, tmp_path):
    assert [verdict.exit_code for verdict in verdicts(of(writer), tmp_path)] == [0, 0, 0]
    assert kind_in(writer.entries[10]) == "body"
    assert list(keys_in(writer.entries[10])) == [NEW.public]


def test_a_forged_signature_by_such_a_key_is_found_everywhere(writer, tmp_path):
    at, jws = parse_entry(writer.entries[-1])
    writer.entries[-1] = entry(at, jws[: jws.rindex(b".") + 1] + b64url(bytes(64)).encode())
    for verdict in verdicts(of(writer), tmp_path):
        assert (verdict.exit_code, verdict.first_bad_index, codes(verdict)) == (3, 12, {"signature"})


def test_a_case_is_about_its_subject_however_the_subject_is_spelled(tmp_path, monkeypatch):
    """RFC 8259 §7: every character can be written as an escape."""
    made = filled(10)
    with monkeypatch.context() as patched:
        escaped = f"{TOWN[:-1]}\\u{ord(TOWN[-1]):04x}"
        patched.setattr("tests.audit.logs.sign", otherwise({}, lambda text: text.replace(TOWN, escaped)))
        made.promise(77, TOWN, TOWN_KEY)
    log = of(made)
    assert parse(parse_entry(made.entries[10])[1]).event.fact.promiser == TOWN
    export_part(log, tmp_path / "part.bundle", Subject.parse(TOWN))
    assert "entries/10" in members(tmp_path / "part.bundle")


def test_what_stands_in_a_text_is_not_taken_for_the_stream():
    made = filled(10)
    index = made.promise(78)
    assert kind_in(made.entries[index]) == "commitment"
    assert kind_in(b"promised") == ""
