"""Disclosures: what opens a sealed field, held to RFC 9901 by a check that shares no code with ours."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from ledger.domain.body import BodyRenamed
from ledger.domain.codec import decode, encode
from ledger.domain.event import Event
from ledger.domain.person import FileItemRecorded, PersonRegistered
from ledger.domain.record.terms import FileItem, PersonKind
from ledger.errors import FormatError
from ledger.proof.disclosure import (
    MAX_PRESENTATION,
    MOST,
    Opening,
    check,
    conceal,
    digests,
    parse_presentation,
    present,
    read,
)
from ledger.proof.event import MAX_JWS, parse, sign
from ledger.proof.keys import PrivateKey, b64url
from ledger.proof.skim import skim, skimmed
from tests.strategies import every_fact_class, facts

KEY = PrivateKey.from_seed(bytes(32))
JTI = "0198c5a2-0000-7000-8000-000000000001"
PERSON = "person/0198c5a2-0000-7000-8000-000000000022"
USCC = "11990000000000019A"
ON = date(2026, 3, 2)
NAME, NUMBER = "示例姓名甲", "11010519491231002X"  # invented; the number is the sample of GB 11643
SECRETS = (NAME, NUMBER, NUMBER[:17], "19491231")


def salt(n: int) -> bytes:
    return bytes([n]) * 16


def identity() -> list[Opening]:
    return [conceal(salt(1), "name", NAME), conceal(salt(2), "id_number", NUMBER)]


def registered(openings: Sequence[Opening]) -> PersonRegistered:
    return PersonRegistered(PersonKind.CIVIL_SERVANT, USCC, digests(openings))


def signed(fact: Any, stream: str = PERSON) -> bytes:
    return sign(Event(USCC, 1790000000, JTI, stream, 1, None, fact), KEY)


def refusal(call: Callable[[], object]) -> str:
    """The words of a refusal, which tell nothing of what was sealed, nor does anything that hangs on it."""
    with pytest.raises(FormatError) as caught:
        call()
    error: BaseException | None = caught.value
    while error is not None:
        words = f"{error}{error!r}{error.__dict__}"
        assert not any(secret in words for secret in SECRETS), words
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return caught.value.en


# --- an independent reader ----------------------------------------------------------------------------------


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(presentation: bytes, public: str) -> dict[str, Any]:
    """RFC 9901 §7.1 as it is worded: the processed payload of a presentation without key binding."""
    token, *disclosures, end = presentation.decode("ascii").split("~")
    assert end == ""
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public})
    payload = json.loads(jws.deserialize_compact(token, key, algorithms=["Ed25519"]).payload)
    assert payload.get("_sd_alg", "sha-256") == "sha-256"
    given = {b: d for d in disclosures for b in [base64.urlsafe_b64encode(hashlib.sha256(d.encode()).digest())]}
    waiting = {digest.rstrip(b"=").decode(): disclosure for digest, disclosure in given.items()}
    data = payload["data"]
    assert len(set(data["_sd"])) == len(data["_sd"])
    for digest in data.pop("_sd"):
        if digest in waiting:
            salt_, name, value = json.loads(unpadded(waiting.pop(digest)))
            assert len(unpadded(salt_)) >= 16
            assert name not in {"_sd", "..."}
            assert name not in data
            data[name] = value
    assert not waiting, "a disclosure that no digest stands for"
    found: dict[str, Any] = data
    return found


def test_any_reader_of_sd_jwt_opens_what_we_sealed() -> None:
    """A03 自然人身份证号码：披露项可由任何符合 RFC 9901 的程序核验。"""
    openings = identity()
    presentation = present(signed(registered(openings)), openings)
    plain = {"kind": "civil_servant", "body": USCC}
    assert verified(presentation, KEY.public) == {**plain, "name": NAME, "id_number": NUMBER}
    assert verified(present(signed(registered(openings)), openings[:1]), KEY.public) == {**plain, "name": NAME}
    assert verified(present(signed(registered(openings)), []), KEY.public) == plain


def test_we_open_what_others_sealed() -> None:
    """Other programs write blanks and escapes: the digest is over their bytes, whatever these are."""
    spelled = json.dumps([b64url(salt(1)), "name", NAME]).encode()  # ASCII with \\u escapes, and blanks
    disclosure = base64.urlsafe_b64encode(spelled).rstrip(b"=")
    digest = base64.urlsafe_b64encode(hashlib.sha256(disclosure).digest()).rstrip(b"=").decode()
    fact = PersonRegistered(PersonKind.CIVIL_SERVANT, USCC, (digest,))
    [opening] = parse_presentation(signed(fact) + b"~" + disclosure + b"~").openings
    assert (opening.name, opening.value, opening.disclosure) == ("name", NAME, disclosure.decode())


def test_the_example_of_the_rfc_has_its_digest() -> None:
    """RFC 9901 §4.2.1 and §4.2.3: the disclosure of a family name."""
    disclosure = b"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    found = read(disclosure)
    assert (found.name, found.value) == ("family_name", "Möbius")
    assert found.digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


# --- presentations ------------------------------------------------------------------------------------------


def test_an_event_is_split_from_its_disclosures() -> None:
    """A03 日志只记载签名事件，披露项另行保管。"""
    openings = identity()
    jws_ = signed(registered(openings))
    found = parse_presentation(present(jws_, openings))
    assert found.signed.jws == jws_
    assert found.signed.verify(KEY.public)
    assert sorted(o.digest for o in found.openings) == list(found.signed.event.fact.sealed)
    for bare in (jws_, jws_ + b"~"):
        assert parse_presentation(bare) == parse_presentation(jws_)
        assert parse_presentation(bare).openings == ()


def test_the_log_holds_no_disclosures() -> None:
    openings = identity()
    assert "no disclosures" in refusal(lambda: parse(present(signed(registered(openings)), openings)))


def test_a_disclosure_that_the_event_does_not_hold_is_refused() -> None:
    """A03 披露项的摘要应在事件中。"""
    openings = identity()
    event = signed(registered(openings[:1]))
    assert "digest" in refusal(lambda: parse_presentation(present(event, openings)))
    assert parse_presentation(present(event, openings[:1])).openings == (openings[0],)
    renamed = signed(BodyRenamed("示例局"), "body/" + USCC)
    assert "digest" in refusal(lambda: parse_presentation(present(renamed, openings[:1])))


def test_a_changed_disclosure_is_another() -> None:
    """A03 披露项被改动即与摘要不符。"""
    openings = identity()
    event = signed(registered(openings))
    forged = conceal(salt(1), "name", "示例姓名乙")
    assert "digest" in refusal(lambda: parse_presentation(present(event, [forged])))


@pytest.mark.parametrize("name", ["address", "body", "kind", "_sd", "...", ""])
def test_only_what_the_fact_may_seal_is_taken(name: str) -> None:
    """A03 封存字段的名称以事件的规定为准。"""
    opening = conceal(salt(1), name, NAME)
    assert "names name, id_number, post" in refusal(lambda: check(registered([opening]), [opening], ON))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", NAME * 50),
        ("name", NAME + "\n"),
        ("name", [NAME]),
        ("name", {"first": NAME}),
        ("name", None),
        ("id_number", NUMBER[:17]),
        ("id_number", NUMBER[:17] + "1"),
        ("id_number", NUMBER.lower()),
        ("id_number", int(NUMBER[:15])),
    ],
)
def test_a_value_that_is_not_of_its_schema_is_refused_and_not_repeated(name: str, value: Any) -> None:
    """A03 自然人身份证号码校验；错误信息不含个人信息。"""
    opening = conceal(salt(1), name, value)
    assert refusal(lambda: check(registered([opening]), [opening], ON))
    good = identity()
    check(registered(good), good, ON)


def test_nobody_is_born_after_the_event() -> None:
    """A03 自然人身份证号码（GB 11643）：出生日期不晚于事件日期。"""
    opening = conceal(salt(1), "id_number", NUMBER)
    check(registered([opening]), [opening], date(1949, 12, 31))
    assert "birth date" in refusal(lambda: check(registered([opening]), [opening], date(1949, 12, 30)))


def test_a_name_is_opened_once() -> None:
    """A03 同一字段只能有一个披露项。"""
    openings = [conceal(salt(1), "name", NAME), conceal(salt(2), "name", NAME)]
    event = signed(registered(openings))
    assert "each name once" in refusal(lambda: parse_presentation(present(event, openings)))
    assert parse_presentation(present(event, openings[:1])).openings
    assert "each name once" in refusal(lambda: parse_presentation(present(event, openings[:1] * 2)))


def test_the_presentation_has_its_form() -> None:
    """No key binding, not too many, not too long, nothing empty."""
    openings = identity()
    event = signed(registered(openings))
    whole = present(event, openings)
    assert "~ after the last" in refusal(lambda: parse_presentation(whole[:-1]))
    assert "~ after the last" in refusal(lambda: parse_presentation(whole + event))
    assert "base64url of a JSON list" in refusal(lambda: parse_presentation(whole + b"~"))
    assert f"at most {MOST}" in refusal(lambda: parse_presentation(present(event, openings[:1] * (MOST + 1))))
    assert f"at most {MAX_PRESENTATION}" in refusal(lambda: parse_presentation(b"a" * (MAX_PRESENTATION + 1)))
    assert f"at most {MAX_JWS}" in refusal(lambda: parse_presentation(b"a" * (MAX_JWS + 1) + b"~"))


SALT = b64url(salt(1))


@pytest.mark.parametrize(
    "value",
    [
        {},
        NAME,
        [],
        [SALT, "name"],
        [SALT, NAME, NAME, NAME],
        [SALT, 5, NAME],
        ["", "name", NAME],
        [SALT[:-1], "name", NAME],
        [5, "name", NAME],
        [SALT + "=", "name", NAME],
        ["a" * 87, "name", NAME],
        [SALT, "name", 1.5],
    ],
)
def test_a_disclosure_of_another_form_is_refused(value: Any) -> None:
    """RFC 9901 §4.2.1, with a salt of 128 bits at least (§9.3)."""
    raw = base64.urlsafe_b64encode(json.dumps(value, ensure_ascii=False).encode()).rstrip(b"=")
    assert "base64url of a JSON list" in refusal(lambda: read(raw))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"=",
        b"WyJ",
        b"!" * 20,
        base64.urlsafe_b64encode(f'["{SALT}","name","{NAME}"] '.encode()),
        base64.urlsafe_b64encode(f'["{SALT}","name",{{"{NAME}":1,"{NAME}":2}}]'.encode()).rstrip(b"="),
        base64.urlsafe_b64encode(b'["\xff","name","a"]').rstrip(b"="),
        base64.urlsafe_b64encode(b"[" * 3000).rstrip(b"="),
    ],
)
def test_bytes_that_are_no_disclosure_are_refused(raw: bytes) -> None:
    assert "base64url of a JSON list" in refusal(lambda: read(raw))


def test_a_short_salt_is_refused() -> None:
    """RFC 9901 §9.3: 128 bits."""
    assert "16 random bytes" in refusal(lambda: conceal(bytes(15), "name", NAME))


@given(st.binary(max_size=80))
def test_whatever_comes_is_read_or_refused_as_malformed(raw: bytes) -> None:
    try:
        opening = read(raw)
    except FormatError:
        return
    assert opening.disclosure.encode() == raw


# --- what is sealed stays sealed ----------------------------------------------------------------------------


def test_an_opening_shows_its_digest_and_nothing_else() -> None:
    """A09 日志和错误信息不含个人信息。"""
    opening = identity()[0]
    assert repr(opening) == str(opening) == f"Opening(digest={opening.digest!r})"
    found = parse_presentation(present(signed(registered(identity())), identity()))
    assert not any(secret in repr(found) for secret in SECRETS)


def test_the_same_value_has_another_digest_under_another_salt() -> None:
    """A03 同一号码每次封存的摘要不同，不能互相比对。"""
    assert conceal(salt(1), "id_number", NUMBER).digest != conceal(salt(2), "id_number", NUMBER).digest


def test_the_order_of_digests_tells_nothing() -> None:
    """RFC 9901 §4.2.4.1: alphabetically, and each once."""
    openings = identity()
    assert digests(openings) == digests(openings[::-1]) == tuple(sorted(digests(openings)))
    data = encode(registered(openings))
    assert decode(PersonRegistered, data) == registered(openings)
    for wrong in (data["_sd"][::-1], data["_sd"][:1] * 2):
        assert "ascending" in refusal(partial(decode, PersonRegistered, {**data, "_sd": wrong}))
    assert "items" in refusal(lambda: decode(PersonRegistered, {**data, "_sd": []}))
    assert "_sd" in refusal(lambda: decode(PersonRegistered, {**data, "sealed": data["_sd"]}))


def test_the_quick_readers_take_sealed_events_and_no_digests_out_of_order() -> None:
    """Readers of whole logs skim: what they take is what parsing takes."""
    openings = [conceal(salt(n), "detail", "详情") for n in range(3)]
    event = signed(FileItemRecorded(FileItem.TRAINING, ON, digests(openings)))
    assert skim(event) == skimmed(parse(event))
    head, payload, signature = event.split(b".")
    claims = json.loads(unpadded(payload.decode()))
    for wrong in (claims["data"]["_sd"][::-1], claims["data"]["_sd"][:1] * 2):
        claims["data"]["_sd"] = wrong
        spelled = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        changed = b".".join([head, b64url(spelled).encode(), signature])
        assert skim(changed) is None
        assert "ascending" in refusal(partial(parse, changed))


@given(st.data())
def test_whatever_a_kind_may_seal_is_presented_and_opened_again(data: st.DataObject) -> None:
    """Every fact that seals, whatever is in it."""
    sealing = [cls for cls in every_fact_class() if hasattr(cls, "SEALS")]
    cls: Any = data.draw(st.sampled_from(sealing))
    names = data.draw(st.lists(st.sampled_from([n for n in cls.SEALS if n != "id_number"]), unique=True, min_size=1))
    openings = [conceal(salt(n), name, "示例") for n, name in enumerate(names)]
    fact = data.draw(facts(cls))
    object.__setattr__(fact, "sealed", digests(openings))
    check(fact, openings, ON)
    assert [read(o.disclosure.encode()) for o in openings] == openings
