"""What an id of a case or of an event tells to who has nothing else: F02, docs/disclosure.md, docs/threats.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.client import Client, RefusedError
from ledger.application import Ledger
from ledger.authoring import Author
from ledger.casebook import stream_of
from ledger.court_sweep import stream_of as listing
from ledger.domain.body import KeyAuthorised, KeyRevoked
from ledger.domain.body_terms import Revocation
from ledger.domain.event import stream_kind
from ledger.errors import FormatError, Head
from ledger.heads import FRESH, TYP, question
from ledger.installation import Installation
from ledger.position import recorded_of
from ledger.proof.attestation import attest
from ledger.proof.keys import PrivateKey
from projections.disclosure import ALWAYS
from tests.api.submitting import JOSE, is_problem, new_uscc, operator
from tests.conftest import OPERATOR, Served, caller_of

NEVER = "0198c5a2-0000-7000-8000-000000000001"
WITHDRAWN = stream_of("record/wrong-penalty-data")
COURT, NUMBER = "示例市中级人民法院", "（2026）示0101执1号"


@pytest.fixture(scope="module")
def public(book_app: Any) -> Any:
    """Who asks without a token."""
    return caller_of(book_app)


def streams(ledger: Ledger) -> list[str]:
    """Every stream of the log."""
    return sorted({row.stream for row in ledger.reader.scan()})


def own(stream: str) -> str:
    """The address of a stream's head."""
    return f"/api/v1/streams/{stream}/head"


def test_of_a_case_that_is_not_public_the_public_learns_no_more_than_of_one_that_never_was(
    public: Any, book: Any, played: Installation
) -> None:
    """F02: leads, withdrawn and repaired records, complaints, persons' files, projects: told by nothing but the id that
    was sent. Who may see a case's page may have its head, and nobody else.
    """
    closed, shown = [], []
    for stream in streams(played.ledger):
        answer, head = public.get(own(stream)), played.ledger.head(stream)
        told = {"stream": stream, "version": head.version, "hash": head.hash}
        assert book.get(own(stream)).json() == told  # holders of the auditors' token
        if stream_kind(stream) in ALWAYS or public.get(f"/cases/{stream}.json").status_code == 200:
            shown.append(stream)
            assert answer.json() == told
        else:
            closed.append(stream)
            never = public.get(own(f"{stream_kind(stream)}/{NEVER}"))
            is_problem(answer, 404)
            assert (answer.content, without_date(answer)) == (never.content, without_date(never))
    assert {stream_kind(s) for s in closed} >= {"record", "complaint", "person", "project"}
    assert {stream_kind(s) for s in shown} > ALWAYS
    assert WITHDRAWN in closed


def without_date(answer: httpx.Response) -> dict[str, str]:
    """An answer's headers but those of this very request."""
    return {k: v for k, v in answer.headers.items() if k not in {"date", "x-request-id"}}


def test_a_court_listing_s_record_whose_id_anybody_can_make_is_answered_as_none(public: Any) -> None:
    """C08, F02: the id is a digest of court, case number and body, which the court's site tells everybody."""
    is_problem(public.get(own(listing(COURT, NUMBER, OPERATOR.uscc))), 404)


def test_a_receipt_of_what_is_not_public_tells_what_the_log_tells_everybody_and_nothing_else(
    public: Any, played: Installation
) -> None:
    """F02: who knows the 74 random bits of an event's id has the event or its receipt. No public answer has it."""
    events = public.get("/api/v1/events.jsonl").text
    assert f'"log_index":{played.ledger.size - 1},' in events
    for recorded in played.ledger.history(WITHDRAWN):
        found = public.get(f"/api/v1/receipts/{recorded.event.jti}").json()
        place = public.get(f"/events/{recorded.index}.json")
        assert set(found) == {"jti", "index", "recorded_at", "entry_hash", "proof", "event_hash"}
        assert found["event_hash"] == place.json()["hash"]
        assert found["recorded_at"] == place.json()["recorded_at"]
        assert recorded.event.jti not in place.text + public.get(f"/events/{recorded.index}").text
        assert recorded.event.jti not in events
    everything = list(map(recorded_of, played.ledger.reader.scan()))
    is_public = [public.get(f"/events/{r.index}.jws").status_code == 200 for r in everything]
    assert True in is_public
    assert False in is_public
    closed = {r.event.jti for r, seen in zip(everything, is_public, strict=True) if not seen}
    assert closed.isdisjoint(r.event.cause for r, seen in zip(everything, is_public, strict=True) if seen)


# --- who signs the question ---------------------------------------------------------------------------------


def asked(client: Any, stream: str, data: bytes) -> Any:
    """The answer to who brings a question."""
    return client.post(own(stream), content=data, headers=JOSE)


@pytest.mark.parametrize("stream", [f"record/{NEVER}", f"body/{OPERATOR.uscc}"])
def test_a_body_that_signs_its_question_is_told_the_head_of_any_case(
    client: Any, installation: Installation, stream: str
) -> None:
    """F02: as the refusal of an event that does not follow the head tells it to who signed that."""
    head = installation.ledger.head(stream)
    answer = asked(client, stream, question(operator(installation), stream))
    assert answer.json() == {"stream": stream, "version": head.version, "hash": head.hash}
    assert answer.headers["cache-control"] == "no-store"


def test_the_client_signs_the_question_where_the_case_is_not_public(served: Served) -> None:
    """F02, docs/log-format.md."""
    stream, author = f"record/{NEVER}", operator(served.installation)
    with Client(served.url) as caller:
        with pytest.raises(RefusedError, match="none that the public may see"):
            caller.head(stream)
        assert caller.head(stream, question(author, stream)) == Head(0, None)
        stranger = replace(author, key=PrivateKey.from_seed(bytes(32)))
        with pytest.raises(RefusedError, match="expected a key that counts"):
            caller.head(stream, question(stranger, stream))


Wrong = Callable[[Author, str], tuple[bytes, int]]


def _claims(author: Author, stream: str) -> dict[str, Any]:
    return {"iss": author.iss, "iat": int(author.clock().timestamp()), "stream": stream}


def _at(seconds: int) -> Wrong:
    return lambda by, s: (question(replace(by, clock=lambda: by.clock() + timedelta(seconds=seconds)), s), 403)


WRONG: dict[str, Wrong] = {
    "stale": _at(-FRESH - 5),
    "from the future": _at(FRESH + 5),
    "of a stranger's key": lambda by, s: (question(replace(by, key=PrivateKey.from_seed(bytes(32))), s), 403),
    "of a body that is not there": lambda by, s: (question(replace(by, iss=new_uscc()), s), 403),
    "for another case": lambda by, _: (question(by, f"complaint/{NEVER}"), 400),
    "of another sort": lambda by, s: (attest("jiannuo-screening+jwt", _claims(by, s), by.key), 400),
    "with more than it may say": lambda by, s: (attest(TYP, {**_claims(by, s), "x": 1}, by.key), 400),
    "changed": lambda by, s: (question(by, s)[:-4] + b"AAAA", 403),
    "nonsense": lambda *_: (b"x", 400),
    "nothing": lambda *_: (b"", 400),
    "too long": lambda *_: (b"x" * 5000, 413),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_question_that_is_not_exactly_right_is_refused(client: Any, installation: Installation, wrong: Wrong) -> None:
    """RFC 8725 §3: typ, key, time and what is asked for are checked, each."""
    stream = f"record/{NEVER}"
    data, status = wrong(operator(installation), stream)
    answer = asked(client, stream, data)
    is_problem(answer, status)
    assert "version" not in answer.json()


def test_a_key_that_was_revoked_asks_no_more(client: Any, installation: Installation) -> None:
    """docs/keys.md: by position, at once."""
    stream, body = f"record/{NEVER}", f"body/{OPERATOR.uscc}"
    key, by = PrivateKey.from_seed(b"\1" * 32), operator(installation)
    ledger = installation.ledger
    ledger.submit(by.write(body, ledger.head(body), KeyAuthorised(key.public))).result()
    asking = question(replace(by, key=key), stream)
    assert asked(client, stream, asking).status_code == 200
    ledger.submit(by.write(body, ledger.head(body), KeyRevoked(key.kid, Revocation.SUPERSEDED))).result()
    is_problem(asked(client, stream, asking), 403)


def test_another_content_type_is_refused(client: Any, installation: Installation) -> None:
    """RFC 9110 §15.5.16."""
    data = question(operator(installation), f"record/{NEVER}")
    is_problem(client.post(own(f"record/{NEVER}"), content=data, headers={"content-type": "text/plain"}), 415)


def test_a_question_is_no_event() -> None:
    """RFC 8725 §3.11: what one key signs is kept apart by the typ."""
    from ledger.proof.event import parse

    with pytest.raises(FormatError):
        parse(question(Author(OPERATOR.uscc, PrivateKey.from_seed(bytes(32))), f"record/{NEVER}"))
