"""Part 6 of the read side, webhooks: who subscribes must be who receives; what is told is signed, in order, public."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from api.webhooks import client as webhook_client
from api.webhooks import routes as webhooks
from api.webhooks.client import SendingError, Target, is_public, post
from api.webhooks.delivery import WAITS, Deliverer
from api.webhooks.messages import Topic
from ledger.authoring import Author
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.commitment import CommitmentMade, ProgressReported
from ledger.domain.commitment_terms import Area
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import FormatError, SignatureError, UnavailableError
from ledger.installation import Installation, found, open_installation
from ledger.playing import Clock, Player, read_script
from ledger.settings import Settings
from ledger.store import subscriptions as stored
from ledger.store.subscriptions import Subscription, Subscriptions, subscriptions
from tests.api.receivers import MEGABYTES, Receiver, nobody, receiving
from tests.api.submitting import is_problem
from tests.conftest import CASES, OPERATOR, Databases, application, caller_of
from tests.projections.town import document

PATH = webhooks.PATH
CITY = fictional_uscc(40)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def installation(settings_of: Callable[[], Settings]) -> Iterator[Installation]:
    """A fresh ledger whose webhooks may go to this machine."""
    with open_installation(replace(settings_of(), private_webhooks=True)) as opened:
        say(opened, f"body/{CITY}", BodyRegistered("示例市人民政府", Kind.GOVERNMENT, "990000"))
        yield opened


@pytest.fixture
def client(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(webhooks, "SECONDS", 0.5)
    with application(installation) as app:
        app.state.subscriptions_rate = webhooks.Rate(0, 1)
        yield caller_of(app)


def say(installation: Installation, stream: str, fact: Any) -> int:
    author: Author = installation.author("operator", OPERATOR.uscc)
    ledger = installation.ledger
    return ledger.submit(author.write(stream, ledger.head(stream), fact, (document("文件"),))).result().index


def promise(installation: Installation, number: int, **terms: Any) -> int:
    fact = CommitmentMade(f"第{number}号承诺", "按期完成", Sort.QUALITY, terms.pop("area", Area.PPP), CITY, **terms)
    return say(installation, f"commitment/0198c5a2-0000-7000-8000-{number:012d}", fact)


def subscribed(client: Any, receiver: Receiver, topic: str = "areas/ppp", path: str = "ok") -> dict[str, Any]:
    answer = client.post(PATH, json={"url": receiver.url(path), "topic": topic})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@contextmanager
def store_of(installation: Installation) -> Iterator[Subscriptions]:
    with subscriptions(installation.database.url("writer")) as store:
        yield store


def only(installation: Installation) -> Subscription:
    with store_of(installation) as store:
        (one,) = store.all()
    return one


def until(condition: Callable[[], Any], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def quick(installation: Installation, **more: Any) -> Deliverer:
    return Deliverer(installation, interval=0.01, **{"seconds": 0.5, **more})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


# --- subscribing --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["ok", "text"])
def test_a_receiver_that_says_the_challenge_again_is_subscribed(client: Any, receiver: Receiver, path: str):
    made = subscribed(client, receiver, path=path)
    (asked,) = receiver.got
    assert asked.json["type"] == "subscription.verification"
    assert asked.json["data"] | {"challenge": ""} == {
        "subscription": made["id"],
        "topic": "areas/ppp",
        "challenge": "",
        "expires": made["expires_at"][:10],
    }
    assert made["public_key"].startswith("whpk_")
    assert len(made["token"]) >= 43


def test_what_it_is_asked_is_signed_by_the_ledger(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    receiver.got[0].verify(installation.ledger.public_key)
    with pytest.raises(SignatureError):
        replace(receiver.got[0], body=receiver.got[0].body + b" ").verify(installation.ledger.public_key)


@pytest.mark.parametrize("path", ["lies", "refuses", "redirects", "hangs", "drips", "megabytes", "nonsense"])
def test_a_receiver_that_does_not_agree_is_not_subscribed(
    client: Any, receiver: Receiver, installation: Installation, path: str
):
    """Nobody can subscribe somebody else; and who hangs, drips or floods holds nobody up."""
    began = time.monotonic()
    answer = client.post(PATH, json={"url": receiver.url(path), "topic": "areas/ppp"})
    assert time.monotonic() - began < 5
    problem = is_problem(answer, 422)
    assert problem["rule"] == "receiver-agrees"
    assert len(receiver.got) == 1, "no redirect is followed"
    with store_of(installation) as store:
        assert store.all() == []


def test_nobody_at_the_address_is_no_receiver(client: Any):
    is_problem(client.post(PATH, json={"url": nobody(), "topic": "areas/ppp"}), 422)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"url": 1, "topic": "areas/ppp"}',
        b'{"url": "http://example.com/", "topic": "areas/ppp", "more": 1}',
        b'{"url": "http://example.com/", "topic": "areas/weather"}',
        b'{"url": "http://example.com/", "topic": "bodies/nobody"}',
        b'{"url": "http://example.com/", "topic": "regions/99"}',
        b'{"url": "http://example.com/", "topic": "persons/1"}',
        b'{"url": "ftp://example.com/", "topic": "areas/ppp"}',
        b'{"url": "http://user:secret@example.com/", "topic": "areas/ppp"}',
        b'{"url": "http://example.com/#x", "topic": "areas/ppp"}',
        b'{"url": "http:///x", "topic": "areas/ppp"}',
        b'{"url": "http://example.com:0/", "topic": "areas/ppp"}',
        b'{"url": "http://example.com:99999/", "topic": "areas/ppp"}',
        b'{"url": "http://exa mple.com/", "topic": "areas/ppp"}',
        b'{"url": "http://example.com/\\r\\nx: y", "topic": "areas/ppp"}',
        b'{"url": "http://[::1/", "topic": "areas/ppp"}',
        b'{"url": "http://[fe80::1%25eth0]/", "topic": "areas/ppp"}',
        b'{"url": "' + b"http://example.com/" + b"a" * 600 + b'", "topic": "areas/ppp"}',
        b"\xff",
        b"[" * 3000,
    ],
)
def test_what_cannot_be_meant_is_refused_and_nobody_is_asked(client: Any, body: bytes):
    problem = is_problem(client.post(PATH, content=body, headers={"content-type": "application/json"}), 400)
    assert "secret" not in str(problem)


def test_a_body_that_is_not_there_has_no_topic(client: Any, receiver: Receiver):
    answer = client.post(PATH, json={"url": receiver.url(), "topic": f"bodies/{fictional_uscc(99)}"})
    is_problem(answer, 404)
    assert receiver.got == []


def test_too_much_is_refused_before_it_is_read(client: Any):
    is_problem(client.post(PATH, content=b" " * 5000, headers={"content-type": "application/json"}), 413)


def test_another_content_type_is_refused_and_nobody_is_asked(client: Any, receiver: Receiver):
    """Part 6: as everywhere; and a page of another origin cannot ask for it without asking first (CORS, Fetch §3.3)."""
    asked = orjson.dumps({"url": receiver.url(), "topic": "takedowns"})
    for kind in ({"content-type": "text/plain"}, {}):
        is_problem(client.post(PATH, content=asked, headers=kind), 415)
    assert receiver.got == []


def test_one_address_asks_so_many_times_a_minute(installation: Installation, receiver: Receiver):
    with application(installation) as app:
        client = caller_of(app)
        answers = [client.post(PATH, json={"url": receiver.url("lies"), "topic": "areas/ppp"}) for _ in range(12)]
    assert [a.status_code for a in answers] == [422] * webhooks.RATE + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


def test_there_are_only_so_many(client: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(stored, "MOST", 1)
    subscribed(client, receiver)
    is_problem(client.post(PATH, json={"url": receiver.url(), "topic": "areas/ppp"}), 503)


def test_only_so_many_receivers_are_asked_at_the_same_time(client: Any, receiver: Receiver):
    for _ in range(webhooks.AT_ONCE):
        assert webhooks._asking.acquire(blocking=False)
    try:
        is_problem(client.post(PATH, json={"url": receiver.url(), "topic": "areas/ppp"}), 503)
    finally:
        webhooks._asking.release(webhooks.AT_ONCE)
    assert receiver.got == []


# --- with the token -----------------------------------------------------------------------------------------


def test_the_owner_looks_renews_and_ends_with_the_token_alone(
    client: Any, receiver: Receiver, installation: Installation
):
    made = subscribed(client, receiver)
    path, token = f"{PATH}/{made['id']}", made["token"]
    assert client.get(path, headers=bearer(token)).json() == {
        k: made[k] for k in made if k not in {"token", "public_key"}
    }
    assert client.post(f"{path}/renewal", headers=bearer(token)).json()["expires_at"] >= made["expires_at"]
    assert client.delete(path, headers=bearer(token)).status_code == 204
    is_problem(client.get(path, headers=bearer(token)), 404)
    with store_of(installation) as store:
        assert store.all() == []


@pytest.mark.parametrize("method", ["get", "delete", "renewal"])
def test_without_the_token_there_is_nothing(client: Any, receiver: Receiver, installation: Installation, method: str):
    made = subscribed(client, receiver)
    for own, headers in (
        (made["id"], {}),
        (made["id"], bearer("x" * 43)),
        (made["id"], {"authorization": f"Basic {made['token']}"}),
        ("0198c5a2-0000-7000-8000-000000000000", bearer(made["token"])),
        ("nothing", bearer(made["token"])),
    ):
        path = f"{PATH}/{own}"
        call = (
            client.post(f"{path}/renewal", headers=headers)
            if method == "renewal"
            else getattr(client, method)(path, headers=headers)
        )
        is_problem(call, 404)
    assert only(installation).id


def test_the_token_is_kept_as_a_hash(client: Any, receiver: Receiver, installation: Installation):
    made = subscribed(client, receiver)
    assert made["token"] not in str(only(installation))


# --- delivering ---------------------------------------------------------------------------------------------


def test_what_happens_is_told_signed_in_order_and_once(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    with quick(installation).started():
        indices = [promise(installation, n) for n in range(5)]
        promise(installation, 99, area=Area.TENDERING)
        until(lambda: len(receiver.messages) == 5)
        until(lambda: only(installation).position == installation.ledger.size)
    told = receiver.messages
    assert [m.json["data"]["log_index"] for m in told] == indices
    jtis = [installation.ledger.history(m.json["data"]["stream"])[0].event.jti for m in told]
    assert [m.id for m in told] == jtis
    for message in told:
        message.verify(installation.ledger.public_key)
        assert message.headers["content-type"] == "application/json"
    first = told[0].json
    assert first["type"] == "commitment.commitment_made"
    assert first["data"]["subject"] == {"id": CITY, "name": "示例市人民政府"}
    assert first["data"]["title_zh"].endswith("《第0号承诺》")
    assert client.get(first["data"]["address"]).status_code == 200


@pytest.mark.parametrize("topic", [f"bodies/{CITY}", "regions/990000", "areas/ppp"])
def test_each_topic_is_told_of_its_own(client: Any, receiver: Receiver, installation: Installation, topic: str):
    subscribed(client, receiver, topic)
    with quick(installation).started():
        index = promise(installation, 1)
        until(lambda: only(installation).position == installation.ledger.size)
    assert [m.json["data"]["log_index"] for m in receiver.messages] == [index]


def test_what_was_there_before_the_subscription_is_not_told(
    client: Any, receiver: Receiver, installation: Installation
):
    promise(installation, 1)
    subscribed(client, receiver)
    with quick(installation).started():
        index = promise(installation, 2)
        until(lambda: receiver.messages)
    assert [m.json["data"]["log_index"] for m in receiver.messages] == [index]


def test_what_fails_is_sent_again_with_the_same_id_and_nothing_overtakes_it(
    client: Any, receiver: Receiver, installation: Installation
):
    subscribed(client, receiver)
    receiver.failing = 3
    with quick(installation, waits=[timedelta(0)] * 5).started():
        for n in range(3):
            promise(installation, n)
        until(lambda: len(receiver.messages) >= 6)
    ids = [m.id for m in receiver.messages]
    assert ids[:4] == [ids[0]] * 4
    assert len(set(ids)) == 3
    assert len({m.headers["webhook-timestamp"] for m in receiver.messages}) >= 1
    assert only(installation).failures == 0


def test_what_keeps_failing_is_given_up_seen_by_the_operator_and_goes_on_where_it_stopped_once_renewed(
    client: Any, receiver: Receiver, installation: Installation
):
    made = subscribed(client, receiver)
    receiver.failing = 1000
    with quick(installation, waits=[timedelta(0)] * 3).started():
        index = promise(installation, 1)
        until(lambda: only(installation).disabled)
        assert len(receiver.messages) == 4
        one = only(installation)
        with store_of(installation) as store:
            ((message, _, tries, reason),) = store.letters(one.id)
        assert (tries, reason, one.disabled, one.dead) == (4, "status", "status", 1)
        assert message == receiver.messages[0].id
        promise(installation, 2)
        receiver.failing = 0
        assert client.post(f"{PATH}/{made['id']}/renewal", headers=bearer(made["token"])).json()["disabled"] is None
        until(lambda: only(installation).position == installation.ledger.size)
    assert [m.json["data"]["log_index"] for m in receiver.messages][4:] == [index, index + 1]


def test_a_receiver_that_is_gone_is_asked_no_more(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    receiver.failing, receiver.status = 1000, 410
    with quick(installation).started():
        promise(installation, 1)
        until(lambda: only(installation).disabled)
    assert only(installation).disabled == "gone"
    assert len(receiver.messages) == 1


def test_waits_grow_and_end_after_some_days():
    assert list(WAITS) == sorted(WAITS)
    assert timedelta(days=1) < sum(WAITS, timedelta()) < timedelta(days=3)


@pytest.mark.parametrize("bad", ["hangs", "drips", "megabytes", "redirects", "nonsense"])
def test_one_that_misbehaves_holds_up_nobody_else_nor_the_writer(
    client: Any, receiver: Receiver, installation: Installation, bad: str
):
    subscribed(client, receiver)
    with store_of(installation) as store:
        (one,) = store.all()
        for n in range(3):
            own = one.id.__class__(int=one.id.int + 1 + n)
            store.add(replace(one, id=own, token_hash=str(n), url=receiver.url(bad)))
    with quick(installation, seconds=1.0).started():
        began = time.monotonic()
        for n in range(5):
            promise(installation, n)
        assert time.monotonic() - began < 3
        until(lambda: len([m for m in receiver.messages if m.path == "/ok"]) == 5)


def test_an_answer_of_megabytes_is_not_read(receiver: Receiver):
    answer = post(Target.parse(receiver.url("megabytes")), b'{"type": "x"}', {}, private=True)
    assert len(answer.body) == webhook_client.LARGEST < MEGABYTES


def test_who_drips_is_cut_off_in_time(receiver: Receiver):
    began = time.monotonic()
    with pytest.raises(SendingError) as raised:
        post(Target.parse(receiver.url("drips")), b'{"type": "x"}', {}, private=True, seconds=0.4)
    assert raised.value.why == "slow"
    assert time.monotonic() - began < 2


def test_two_processes_tell_it_once(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    with quick(installation).started(), quick(installation).started():
        for n in range(10):
            promise(installation, n)
        until(lambda: only(installation).position == installation.ledger.size)
    assert len(receiver.messages) == 10


def test_another_takes_over_where_the_first_stopped(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    for n in range(3):
        promise(installation, n)
        with quick(installation).started():
            until(lambda: only(installation).position == installation.ledger.size)
    assert len({m.id for m in receiver.messages}) == len(receiver.messages) == 3


def test_one_that_is_not_renewed_ends(client: Any, receiver: Receiver, installation: Installation):
    subscribed(client, receiver)
    late = lambda: datetime.now(UTC) + timedelta(days=91)  # noqa: E731
    with quick(installation, clock=late).started(), store_of(installation) as store:
        until(lambda: not store.all())
    promise(installation, 1)
    assert receiver.messages == []


# --- what may not be seen -----------------------------------------------------------------------------------


@pytest.fixture
def playing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Any]]:
    clock, script, name = Clock(), read_script(CASES, OPERATOR.uscc), databases.create()
    clock.set(script.begins)
    settings = Settings(tmp_path_factory.mktemp("told") / "home", databases.url(name), private_webhooks=True)
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        yield installation, Player(installation, clock, script).play()
    databases.drop(name)


def test_no_message_says_what_may_not_be_seen_and_what_was_told_is_taken_back(
    playing: tuple[Installation, Any], receiver: Receiver
):
    """F01, E10: what is sent may be seen then; when it may be seen no longer, whoever was told is told to forget it."""
    installation, steps = playing
    with application(installation) as app, quick(installation).started():
        client = caller_of(app)
        app.state.subscriptions_rate = webhooks.Rate(0, 1)
        provinces = {f"{OPERATOR.uscc[2:4]}0000", "990000"}
        for topic in (*(f"regions/{p}" for p in sorted(provinces)), "takedowns"):
            subscribed(client, receiver, topic)
        seen: dict[str, str] = {}
        for _ in steps:
            size = installation.ledger.reader.newest().size
            with store_of(installation) as store:
                until(lambda: all(s.position >= size for s in store.all()))  # noqa: B023
            check(app, client, receiver, seen)
    back = [m for m in receiver.messages if m.json["type"] == "retracted"]
    assert back
    for message in back:
        assert message.json["data"] == {"message": message.id.removeprefix("retracted-")}
        assert message.id.removeprefix("retracted-") in seen
    assert {m.json["type"] for m in receiver.messages} >= {"record.record_published", "takedown.record_withdrawn"}
    for message in receiver.messages:
        message.verify(installation.ledger.public_key)


def check(app: FastAPI, client: Any, receiver: Receiver, seen: dict[str, str]) -> None:
    """What was told since the last look may be seen now, or was taken back at once."""
    back = {m.json["data"]["message"] for m in receiver.messages if m.json["type"] == "retracted"}
    for message in receiver.messages:
        data = message.json["data"]
        if "stream" in data and message.id not in seen and message.id not in back:
            seen[message.id] = data["stream"]
            found = client.get(f"/api/v1/events/{data['log_index']}").json()
            assert found["item"]["open"], data
        elif "stream" in data:
            seen.setdefault(message.id, data["stream"])
        elif message.json["type"].startswith("takedown."):
            assert set(data) == {
                *("log_index", "event", "day", "title_zh", "title_en", "reason", "signer", "region", "address")
            }


# --- where it may go ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
        *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::"),
        *("2001::1", "::7f00:1", "fec0::1", "3fff::1", "5f00::1", "192.0.0.8", "192.88.99.1", "::ffff:192.88.99.1"),
    ],
)
def test_no_special_address_is_public(address: str):
    """IANA's special-purpose registries, and IPv4 hidden in IPv6."""
    assert not is_public(address)


def test_public_addresses_are_public():
    assert all(is_public(a) for a in ("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "0"])
def test_this_machine_is_not_reached_unless_the_operator_says_so(host: str, receiver: Receiver):
    with pytest.raises((SendingError, FormatError)):
        post(Target.parse(f"http://{host}:{receiver.port}/ok"), b"{}", {}, private=False)
    assert receiver.got == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch):
    def resolved(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    with pytest.raises(SendingError) as raised:
        post(Target.parse("http://two.example/"), b"{}", {}, private=False)
    assert raised.value.why == "address"


def test_a_name_is_resolved_once_and_what_was_looked_at_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
):
    """DNS rebinding: a second answer of the name server is never asked for."""
    asked: list[str] = []

    def resolved(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", resolved)
    answer = post(
        Target.parse(f"http://hook.example:{receiver.port}/ok"), b'{"type": "x", "data": {}}', {}, private=True
    )
    assert (answer.status, asked) == (200, ["hook.example"])
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"


def test_private_addresses_are_refused_with_the_settings_as_they_are(
    settings_of: Callable[[], Settings], receiver: Receiver
):
    with open_installation(settings_of()) as installation, application(installation) as app:
        answer = caller_of(app).post(PATH, json={"url": receiver.url(), "topic": "areas/ppp"})
    assert "address" in is_problem(answer, 422)["detail"]
    assert receiver.got == []


def test_a_certificate_that_nobody_vouches_for_is_no_receiver(receiver: Receiver):
    with pytest.raises(SendingError):
        post(Target.parse(f"https://127.0.0.1:{receiver.port}/ok"), b"{}", {}, private=True, seconds=1)


def test_topics_are_what_they_say():
    assert Topic.parse("takedowns").filters == {}
    for text in ("", "bodies/", "bodies", "areas/PPP", "regions/9900000", "takedowns/1", "bodies/x' OR 1=1"):
        with pytest.raises(FormatError, match="topic: expected"):
            Topic.parse(text)


def test_the_database_keeps_the_writer_to_what_it_needs(installation: Installation):
    """Least privilege: what was subscribed to, and where to, is never changed."""
    with pytest.raises(UnavailableError), subscriptions(installation.database.url("writer")) as store:
        store._connection.execute("UPDATE ledger.subscriptions SET url = 'http://elsewhere.example/'")
    with pytest.raises(UnavailableError), subscriptions(installation.database.url("reader")) as store:
        store.all()


def test_progress_of_a_paper_is_told_too(client: Any, receiver: Receiver, installation: Installation):
    promise(installation, 1)
    subscribed(client, receiver)
    with quick(installation).started():
        paper = Document("进展", "ab" * 32)
        say(
            installation,
            "commitment/0198c5a2-0000-7000-8000-000000000001",
            ProgressReported("已完成一半", (paper,), 50),
        )
        until(lambda: receiver.messages)
    assert receiver.messages[0].json["type"] == "commitment.progress_reported"
