"""Looking up sealed fields over HTTP: recorded before answered, answered once, just what was asked; and who looked."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from api import openings as api_openings
from api.limits import Rate
from api.words.seals import SEALED
from ledger.domain.kinds import KINDS
from ledger.errors import UnavailableError
from ledger.installation import Installation
from ledger.proof.disclosure import conceal, digests, parse_presentation, present
from ledger.proof.event import parse, parse_entry
from ledger.store.recorder import LedgerRecorder
from tests.api.pages import check_structure
from tests.api.submitting import JOSE, is_problem
from tests.conftest import OPERATOR
from tests.ledger.persons import NAME, NUMBER, Person, registered, sealed

SD_JWT = {"content-type": "application/sd-jwt"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
def person(installation: Installation) -> Person:
    return registered(installation)


def ask(client: httpx.Client, data: bytes) -> httpx.Response:
    return client.post("/api/v1/openings", content=data, headers=JOSE)


def lookups(client: httpx.Client, presentation: bytes) -> httpx.Response:
    return client.post("/api/v1/lookups", content=presentation, headers=SD_JWT)


def form(client: httpx.Client, presentation: bytes) -> httpx.Response:
    body = urlencode({"presentation": presentation.decode()})
    return client.post("/my/lookups", content=body, headers=FORM)


def tells_nothing(*answers: httpx.Response) -> None:
    for answer in answers:
        text = answer.text + str(answer.headers)
        assert NAME not in text
        assert NUMBER not in text
        assert "~" not in text.replace("~&lt;", "").replace("~<", "").replace("&gt;~", "").replace(">~", "")


# --- looking up ---------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_given_and_no_more_and_the_log_has_who_asked(client: Any, person: Person) -> None:
    """G01 F15 先记账后答复：只给所查字段，日志有记录。"""
    data = person.look_up("name")
    answer = ask(client, data)
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    (presentation,) = answer.json()["presentations"]
    presented = parse_presentation(presentation.encode())
    assert presented.signed.jws == person.jws
    assert [(o.name, o.value) for o in presented.openings] == [("name", NAME)]
    assert NUMBER not in answer.text
    row = person.installation.ledger.reader.entry(answer.json()["receipt"]["index"])
    assert parse_entry(row.entry)[1] == data
    assert NAME.encode() not in row.entry
    assert b"~" not in row.entry


def test_fields_come_with_the_events_that_sealed_them(client: Any, person: Person) -> None:
    """G03 更正后的内容与更正前的分属各自的事件。"""
    now = sealed(name="示例姓名丁")
    person.submit(person.correction(now, person.openings[:1]))
    both = ask(client, person.look_up("name", "id_number")).json()["presentations"]
    found = [parse_presentation(p.encode()) for p in both]
    assert [[o.name for o in f.openings] for f in found] == [["id_number"], ["name"]]
    assert found[1].openings == tuple(now)
    (before,) = ask(client, person.look_up("name", digests=(person.openings[0].digest,))).json()["presentations"]
    assert parse_presentation(before.encode()).openings[0].value == NAME


def test_the_same_look_up_is_answered_once(client: Any, person: Person) -> None:
    """F15 同一查询事件只答复一次：读到日志的人不能重放。"""
    data = person.look_up("name")
    assert ask(client, data).status_code == 201
    again = ask(client, data)
    problem = is_problem(again, 409)
    assert problem["type"].endswith("already-opened")
    tells_nothing(again)
    size = person.installation.ledger.size
    other = person.look_up("name")
    assert client.post("/api/v1/events", content=other, headers=JOSE).status_code == 201
    late = ask(client, other)
    is_problem(late, 409)
    tells_nothing(late)
    assert person.installation.ledger.size == size + 1


def test_of_many_who_send_it_at_once_one_gets_it(client: Any, person: Person) -> None:
    """F15 并发重放也只答复一次。"""
    data, gate = person.look_up("name"), threading.Barrier(8)

    def send(_: int) -> int:
        gate.wait()
        status: int = ask(client, data).status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(send, range(8)))
    assert found == [201] + [409] * 7


def test_a_refused_look_up_gives_nothing_and_is_not_recorded(client: Any, person: Person) -> None:
    """G01 F15 依规则不予查询的，不答复也不入账。"""
    size = person.installation.ledger.size
    forged = person.look_up("name")[:-4] + b"AAAA"
    for data, status, rule in (
        (person.look_up("post"), 422, "vault.unheld"),
        (person.look_up("name", "post"), 422, "vault.unheld"),
        (person.look_up("name", digests=("z" * 42 + "A",)), 422, "seal.unknown"),
        (person.say(parse(person.look_up("name")).event.fact), 422, "seal.letter"),
        (forged, 403, None),
        (b"nonsense", 400, None),
        (person.erasure(), 400, None),
        (present(person.look_up("name"), person.openings), 400, None),
    ):
        answer = ask(client, data)
        assert is_problem(answer, status).get("rule") == rule
        tells_nothing(answer)
    assert person.installation.ledger.size == size


def test_nothing_is_given_when_the_commit_fails(client: Any, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """F15 未能入账则不答复。"""

    def failing(*_: Any) -> None:
        raise UnavailableError("gone", "不可用")

    monkeypatch.setattr(LedgerRecorder, "append", failing)
    answer = ask(client, person.look_up("name"))
    is_problem(answer, 503)
    tells_nothing(answer)


def test_what_was_erased_is_refused(client: Any, person: Person) -> None:
    """C17 已抹除的不再提供。"""
    name, number = person.openings
    person.submit(person.erasure(name))
    for data, rule in (
        (person.look_up("name"), "vault.unheld"),
        (person.look_up("name", digests=(name.digest,)), "seal.erased"),
    ):
        assert is_problem(ask(client, data), 422)["rule"] == rule
    assert ask(client, person.look_up("id_number")).status_code == 201
    person.submit(person.erasure(number))
    assert is_problem(ask(client, person.look_up("id_number")), 422)["rule"] == "seal.erased"


def test_what_is_erased_between_commit_and_answer_is_not_given(
    client: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C17 入账后、答复前被抹除的，不再提供。"""
    ledger, usual = person.installation.ledger, type(person.installation.ledger).submit

    def erasing(self: Any, data: bytes) -> Any:
        done = usual(self, data)
        done.result()
        if parse(data).event.name == "SealOpened":
            usual(self, person.erasure()).result()
        return done

    monkeypatch.setattr(type(ledger), "submit", erasing)
    answer = ask(client, person.look_up("name"))
    assert is_problem(answer, 422)["rule"] == "vault.unheld"
    tells_nothing(answer)


def test_the_media_type_and_the_size_are_held_to(client: Any, person: Person) -> None:
    data = person.look_up("name")
    is_problem(client.post("/api/v1/openings", content=data, headers={"content-type": "text/plain"}), 415)
    is_problem(client.post("/api/v1/openings", content=b"a" * 70_000, headers=JOSE), 413)
    is_problem(client.post("/api/v1/lookups", content=b"a" * 400_000, headers=SD_JWT), 413)
    is_problem(client.post("/api/v1/lookups", content=data, headers={"content-type": "text/plain"}), 415)
    assert ask(client, data + b"\r\n").status_code == 201


# --- who looked ---------------------------------------------------------------------------------------------


def test_the_subject_lists_who_looked_and_still_after_the_erasure(client: Any, person: Person) -> None:
    """E17 F15 本人可查询谁查过，抹除后仍可。"""
    ask(client, person.look_up("id_number", "name"))
    found = lookups(client, person.presentation)
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    (one,) = found.json()["lookups"]
    assert one["body"]["id"] == OPERATOR.uscc
    assert (one["purpose"]["zh"], one["role"]["zh"], one["case_number"]) == (
        "公务员录用",
        "信用办",
        "示组函〔2026〕3号",
    )
    assert [field["zh"] for field in one["fields"]] == ["身份证号码", "姓名"]
    assert one["basis"][0]["title"] == "查询函"
    page = form(client, person.presentation)
    assert page.status_code == 200
    for text in ("公务员录用", "示组函〔2026〕3号", "身份证号码", "Recruitment of civil servants"):
        assert text in page.text
    person.submit(person.erasure())
    after = lookups(client, person.presentation)
    assert len(after.json()["lookups"]) == 1
    (gone,) = after.json()["erasures"]
    assert gone["ground"]["zh"] == "本人请求"
    erased_page = form(client, person.presentation)
    assert "本人请求" in erased_page.text
    tells_nothing(found, page, after, erased_page)


def test_any_disclosure_of_the_file_will_do_and_nothing_else(client: Any, person: Person) -> None:
    """E17 F02 凭所持任一披露查看；伪造的、他人的、没有披露的不行。"""
    other = registered(person.installation)
    assert lookups(client, present(person.jws, person.openings[1:])).status_code == 200
    mixed = present(person.jws, other.openings[:1])
    none = person.jws
    forged_openings = [conceal(b"\0" * 16, "name", NAME)]
    fact = type(parse(person.jws).event.fact)(
        parse(person.jws).event.fact.kind, OPERATOR.uscc, digests(forged_openings)
    )
    forged = present(person.say(fact), forged_openings)
    for data, status in ((mixed, 400), (none, 400), (forged, 404), (b"~", 400), (b"", 400), (person.jws + b"~x~", 400)):
        found, page = lookups(client, data), form(client, data)
        is_problem(found, status)
        assert page.status_code == status
        assert 'role="alert"' in page.text
        tells_nothing(found, page)


def test_the_form_forgives_line_breaks_and_needs_no_script(client: Any, person: Person) -> None:
    """F02 表单无需脚本。"""
    empty = client.get("/my/lookups")
    assert empty.status_code == 200
    check_structure(empty.text)
    ask(client, person.look_up("name"))
    check_structure(form(client, person.presentation).text)
    check_structure(form(client, person.jws).text)
    assert "<script" not in empty.text
    assert 'method="post"' in empty.text
    text = person.presentation.decode()
    broken = f" {text[:50]}\r\n{text[50:90]}\n {text[90:]} \n"
    assert client.post("/my/lookups", content=urlencode({"presentation": broken}), headers=FORM).status_code == 200
    for body in (b"", b"other=1", b"presentation=%FF", b"&".join([b"presentation=a"] * 9)):
        assert client.post("/my/lookups", content=body, headers=FORM).status_code == 400


def test_one_address_asks_only_so_often(client: Any, app: FastAPI, person: Person) -> None:
    """F02 限制查询频率。"""
    app.state.lookups_rate = Rate(3, 60)
    assert [lookups(client, person.presentation).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = lookups(client, person.presentation)
    assert is_problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= api_openings.SECONDS
    assert form(client, person.presentation).status_code == 429
    assert client.get("/my/lookups").status_code == 200


def test_look_ups_are_nobody_elses_business(client: Any, person: Person) -> None:
    """F02 查询和抹除记录不公开。"""
    receipt = ask(client, person.look_up("name")).json()["receipt"]
    erased = person.submit(person.erasure())
    assert client.get(f"/cases/{person.stream}").status_code == 404
    for index in (receipt["index"], erased.index):
        shown = client.get(f"/events/{index}.json")
        assert "示组函" not in shown.text
        assert "recruitment" not in shown.text
        assert shown.json()["event"]["code"] == "NotPublic"
        codes = {item["event"]["code"] for item in client.get("/events.json").json()["items"]}
        assert codes.isdisjoint({"SealOpened", "SealErased"})
        for path in (f"/events/{index}", "/events"):
            page = client.get(path).text
            assert not re.search("Seal(Opened|Erased)|查询封存|抹除|fields looked up|fields erased", page)
        assert client.get(f"/events/{index}.jws").status_code == 401


def test_the_public_metrics_do_not_tell_a_look_up_from_a_submission(client: Any, person: Person) -> None:
    """F15 公开的运行指标不透露发生过查询：与公开的事件列表对照即可知道查的是谁。"""
    assert client.post("/api/v1/openings", content=person.look_up("name"), headers=JOSE).status_code == 201
    told = client.get("/metrics").text
    assert "look_up" not in told
    assert "openings" not in told


def test_an_auditor_reads_who_and_why_as_a_story(client: Any, person: Person) -> None:
    """F15 E05 审计可见谁、为何查询、为何抹除。"""
    ask(client, person.look_up("id_number", "name"))
    person.submit(person.erasure())
    token = {"authorization": f"Bearer {person.installation.token()}"}
    data = client.get(f"/cases/{person.stream}.json", headers=token).json()
    looked, gone = data["story"][-2:]
    assert "以“信用办”身份查询封存字段（身份证号码、姓名），目的为公务员录用，文号示组函〔2026〕3号" in looked["zh"]
    assert "looked up sealed fields (identity number, name) as credit office" in looked["en"]
    assert "永久抹除封存内容，理由为本人请求；摘要仍在账上，内容已无法打开" in gone["zh"]
    assert "erased sealed fields for ever: request of the person concerned" in gone["en"]
    assert {offer["event"]["code"] for offer in data["next"]}.isdisjoint({"SealOpened", "SealErased"})


def test_every_field_that_can_be_sealed_has_a_name_in_words() -> None:
    """The list of look-ups is read by people."""
    names = {n for kind in KINDS.values() for cls in kind.facts.values() for n in getattr(cls, "SEALS", ())}
    assert names == set(SEALED)
