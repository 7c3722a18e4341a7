"""The verifier over a running ledger's URL: the same verdict as over its tables, and every lie of a server found."""

from __future__ import annotations

import dataclasses
import pickle
import signal
import threading

import pytest

from audit import http
from audit.http import HttpSource
from audit.verify import verify
from ledger.errors import ConfigurationError, FormatError, NotFoundError, UnavailableError
from ledger.proof.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.merkle import EMPTY_ROOT
from ledger.proof.note import LogSigner, Verifier
from ledger.store.source import PostgresSource
from tests.api.submitting import CHINESE
from tests.audit.logs import LOG, codes, filled, of
from tests.audit.servers import TOKEN, Answer, log_server
from tests.conftest import application, serving

SIZE = 700
BIG = 2**40


@pytest.fixture(scope="module")
def log():
    """A true log of two tiles and a part."""
    return of(filled(SIZE))


@pytest.fixture
def far(log, monkeypatch):
    monkeypatch.setattr(http, "PAUSES", (0.0,))
    with log_server(log) as made:
        yield made


def source(far, **other):
    return HttpSource(far.url, TOKEN, **other)


def without_time(verdict):
    return dataclasses.replace(verdict, seconds=0)


# --- the truth ------------------------------------------------------------------------------------------------------


def test_the_verdict_is_that_over_the_database(played):
    over_tables = verify(PostgresSource(played.database.url("reader")))
    with application(played) as app, serving(played, app) as served:
        over_http = verify(HttpSource(served.url, played.token()))
        pinned = verify(HttpSource(served.url, played.token(), played.ledger.log_key.verifier), processes=2)
    assert over_tables.exit_code == 0
    assert over_tables.events > 100
    assert without_time(over_http) == without_time(pinned) == without_time(over_tables)


def test_a_fresh_ledger_is_verified_over_its_url(served):
    verdict = verify(HttpSource(served.url + "/", served.installation.token()))
    assert (verdict.exit_code, verdict.events, verdict.problems) == (0, 5, ())


@pytest.mark.parametrize("size", [8, 255, 256, 257, 512, 513])
def test_at_every_border_of_a_tile(size):
    log = of(filled(size))
    with log_server(log) as far:
        verdict = verify(source(far))
    assert without_time(verdict) == without_time(verify(log))
    assert (verdict.exit_code, verdict.events) == (0, size)


def test_several_processes_see_the_log_at_one_moment_though_it_grows(far, log, monkeypatch):
    """Each process opens the source for itself; what was the newest checkpoint then is it for all of them."""
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    opened = source(far)
    with opened.open() as session:
        assert session.extent()[0] == SIZE
    far.log = of(filled(SIZE + 300))
    copy = pickle.loads(pickle.dumps(opened))
    verdict = verify(copy, processes=2)
    assert (verdict.exit_code, verdict.events, verdict.checkpoint_size) == (0, SIZE, SIZE)
    assert verify(source(far)).events == SIZE + 300


def test_the_token_goes_with_the_entries_alone(far):
    assert verify(source(far)).exit_code == 0
    assert {path for path, with_token in far.asked if with_token} == {
        "/log/tile/entries/000",
        "/log/tile/entries/001",
        "/log/tile/entries/002.p/188",
    }
    assert {path for path, with_token in far.asked if not with_token} == {
        "/log/checkpoint",
        "/log/tile/0/000",
        "/log/tile/0/001",
    }


def test_the_keys_that_bodies_events_name_are_known_to_every_process(far, log):
    """Else the signatures would be checked one after the other, by one process."""
    with source(far).open() as session:
        assert set(session.public_keys()) == set(log.hints)
        assert len(set(log.hints)) == 5


def test_a_wrong_entry_is_found_where_it_is(far, log):
    entry = log.stored[300][6]
    far.log = log.with_entry(300, entry[:-40] + bytes([entry[-40] ^ 1]) + entry[-39:])
    verdict = verify(source(far))
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 300)
    assert "signature" in codes(verdict)


def test_a_server_that_is_busy_once_is_asked_again(far):
    busy = []

    def lie(path, answer):
        if path not in busy:
            busy.append(path)
            return Answer(503) if len(busy) % 2 else None
        return answer

    far.lie = lie
    assert verify(source(far)).exit_code == 0


# --- lies -----------------------------------------------------------------------------------------------------------

BUNDLE, TILE = "/log/tile/entries/001", "/log/tile/0/001"


def at(path, change):
    """A lie at one path."""
    return lambda asked, answer: change(answer) if asked == path else answer


def body(change):
    return lambda answer: answer._replace(body=change(answer.body))


def gone(_):
    return Answer(404)


def other_entry(data):
    return bytes(2) + data[2 + int.from_bytes(data[:2], "big") :]


LIES = {
    # where, what is answered instead, exit code, first bad index, a code that is told
    "bundle cut short": (BUNDLE, body(lambda data: data[:-10]), 4, 511, "missing"),
    "bundle empty": (BUNDLE, body(lambda _: b""), 4, 256, "missing"),
    "bundle of the same length, entries shifted": (BUNDLE, body(lambda data: b"\xff\xff" + data[2:]), None, 256, None),
    "bundle without its first entry's bytes": (BUNDLE, body(other_entry), 3, 256, "malformed"),
    "bundle with more behind it": (BUNDLE, body(lambda data: data + b"more"), 5, None, "unreadable"),
    "bundle of nonsense": (BUNDLE, body(lambda data: bytes(len(data))), 5, None, "unreadable"),
    "bundle not found": (BUNDLE, gone, 4, 256, "missing"),
    "bundle redirected": (
        BUNDLE,
        lambda _: Answer(302, b"", (("location", "http://127.0.0.1:9/"),)),
        5,
        None,
        "unreadable",
    ),
    "bundle huge": (BUNDLE, body(lambda _: bytes(256 * 65_537 + 1)), 5, None, "unreadable"),
    "bundle forbidden all at once": (BUNDLE, lambda _: Answer(401), 5, None, "unreadable"),
    "bundle shorter than said": (
        BUNDLE,
        lambda answer: Answer(200, answer.body, (("content-length", str(BIG)), ("connection", "close"))),
        5,
        None,
        "unreadable",
    ),
    "bundle broken off": (BUNDLE, lambda _: None, 5, None, "unreadable"),
    "last bundle not found": ("/log/tile/entries/002.p/188", gone, 4, 512, "missing"),
    "last bundle cut short": ("/log/tile/entries/002.p/188", body(lambda data: data[:-1]), 4, 699, "missing"),
    "tile cut short": (TILE, body(lambda data: data[:-32]), 4, 511, "tile"),
    "tile of a width on a full tile's path": (TILE, body(lambda data: data[: 32 * 112]), 4, 368, "tile"),
    "tile of another hash": (TILE, body(lambda data: data[:64] + bytes(32) + data[96:]), 4, 258, "tile"),
    "tile huge": (TILE, body(lambda data: data * 1000), 4, 511, "tile"),
    "tile not found": (TILE, gone, 4, None, "missing"),
    "tile that unfolds": (TILE, lambda a: Answer(200, a.body, (("content-encoding", "gzip"),)), 0, None, None),
    "checkpoint of another root": (
        "/log/checkpoint",
        body(lambda _: sign_checkpoint(Checkpoint(LOG.name, SIZE, bytes(32)), [LOG])),
        4,
        0,
        "root",
    ),
    "checkpoint of a larger size": (
        "/log/checkpoint",
        body(lambda _: sign_checkpoint(Checkpoint(LOG.name, BIG, bytes(32)), [LOG])),
        4,
        512,
        "missing",
    ),
    "checkpoint that nobody signed": (
        "/log/checkpoint",
        body(lambda data: data.replace(b"700", b"512")),
        4,
        0,
        "checkpoint",
    ),
    "checkpoint that nobody signed, without end": (
        "/log/checkpoint",
        body(lambda data: data.replace(b"700", b"9" * 18)),
        4,
        512,
        "checkpoint",
    ),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found(far, name):
    path, change, exit_code, index, code = LIES[name]
    far.lie = at(path, change)
    verdict = verify(source(far))
    assert verdict.first_bad_index == index, verdict.problems[:3]
    assert exit_code in (None, verdict.exit_code), verdict.problems[:3]
    assert code is None or code in codes(verdict), verdict.problems[:3]
    assert len(far.asked) < 200


COULD_NOT_RUN = {
    "nothing there": ("/log/checkpoint", gone, NotFoundError, "no log here"),
    "a checkpoint that is none": ("/log/checkpoint", body(lambda _: b"<html>\n"), FormatError, "checkpoint"),
    "a checkpoint that is no text": ("/log/checkpoint", body(lambda _: b"\xff"), FormatError, "UTF-8"),
    "a huge checkpoint": ("/log/checkpoint", body(lambda _: b"x" * (2**20 + 1)), FormatError, "at most"),
    "a redirected checkpoint": ("/log/checkpoint", lambda _: Answer(301), FormatError, "redirects"),
    "a server out of order": ("/log/checkpoint", lambda _: Answer(500), UnavailableError, "HTTP 500"),
    "a server that closes": ("/log/checkpoint", lambda _: None, UnavailableError, "does not answer"),
    "a log of no entries": (
        "/log/checkpoint",
        body(lambda _: sign_checkpoint(Checkpoint(LOG.name, 0, EMPTY_ROOT), [LOG])),
        NotFoundError,
        "expected entries",
    ),
}


@pytest.mark.parametrize("name", COULD_NOT_RUN)
def test_what_cannot_be_run_on_is_told_in_both_languages(far, name):
    path, change, kind, words = COULD_NOT_RUN[name]
    far.lie = at(path, change)
    with pytest.raises(kind, match=words) as caught:
        verify(source(far))
    assert CHINESE.search(caught.value.zh)


@pytest.mark.parametrize("token", [None, "another"])
def test_without_the_token_one_is_told_what_to_do(far, token):
    with pytest.raises(ConfigurationError, match="--token-file") as caught:
        verify(HttpSource(far.url, token))
    assert "another" not in str(caught.value)
    assert "令牌" in caught.value.zh


def test_an_answer_that_begins_and_does_not_end_is_not_waited_for(far, monkeypatch):
    monkeypatch.setattr(http, "DEADLINE", 0.3)
    far.lie = at("/log/checkpoint", lambda a: Answer(200, a.body, (("content-length", str(BIG)),)))
    with pytest.raises(UnavailableError, match="no whole answer"):
        verify(source(far))


def test_a_server_that_is_not_there_is_told():
    with pytest.raises(UnavailableError, match="does not answer"):
        verify(HttpSource("http://127.0.0.1:9", TOKEN))


def test_bundles_that_are_not_there_are_not_asked_for_without_end(far, log):
    """The last bundle of a large log is there, and none of those before it."""
    whole = sign_checkpoint(Checkpoint(LOG.name, BIG, bytes(32)), [LOG])
    data = far.answer("/log/tile/entries/000", f"Bearer {TOKEN}").body

    def lie(path, answer):
        if path == "/log/checkpoint":
            return Answer(200, whole)
        there = path.startswith("/log/tile/entries/") and (path.endswith("entries/000") or path.count("/") > 5)
        return Answer(200, data) if there else answer

    far.lie = lie
    verdict = verify(source(far), processes=1)
    assert (verdict.exit_code, len(far.asked) < 1000) == (4, True)
    assert "unreadable" in codes(verdict)


def test_another_key_than_the_pinned_one_is_not_believed(far):
    other = Verifier.of(LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32))))
    verdict = verify(source(far, key=other), pinned=other)
    assert (verdict.exit_code, verdict.checkpoint_size) == (4, None)


def test_an_entry_is_read_once_and_judged_by_what_was_read_then(far, log, monkeypatch):
    """A key that the hints do not name: its signatures are checked later, on the bytes that the tree was made of."""
    monkeypatch.setattr(http.HttpSession, "public_keys", lambda self: iter(()))
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    assert verify(source(far), processes=1).exit_code == 0
    seen = []
    entry = log.stored[300][6]
    forged = log.with_entry(300, entry[:-40] + bytes([entry[-40] ^ 1]) + entry[-39:])

    def lie(path, answer):
        seen.append(path)
        first = seen.count(BUNDLE) == 1 and path == BUNDLE
        far.log = forged if first else log
        return far.answer(path, f"Bearer {TOKEN}")

    far.lie = lie
    verdict = verify(source(far), processes=1)
    assert (verdict.exit_code, verdict.first_bad_index) == (3, 300)
    assert {"signature", "root"} <= codes(verdict)


def test_ctrl_c_ends_it_with_the_verdict_so_far(far, monkeypatch):
    monkeypatch.setattr("audit.verify.CHUNK", 256)
    monkeypatch.setattr(http.HttpSession, "public_keys", lambda self: iter(()))

    def lie(path, answer):
        if path == BUNDLE:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return answer

    far.lie = lie
    verdict = verify(source(far), processes=1)
    assert (verdict.exit_code, verdict.events, codes(verdict)) == (5, 256, {"interrupted"})


# --- what is remembered ---------------------------------------------------------------------------------------------


def test_a_log_cut_back_or_written_anew_is_found_by_who_remembers(far, log):
    _, note = max(log.stored_checkpoints)
    remembered = open_checkpoint(note.encode(), LOG.name, [Verifier.of(LOG)])
    far.log = of(filled(SIZE - 100))
    assert verify(source(far)).exit_code == 0
    verdict = verify(source(far), remembered=remembered)
    assert (verdict.exit_code, verdict.first_bad_index) == (4, SIZE - 100)
    assert "rolled-back" in codes(verdict)
    fork = filled(SIZE - 50)
    for number in range(100):
        fork.promise(10_000 + number)
    far.log = of(fork)
    assert verify(source(far)).exit_code == 0
    verdict = verify(source(far), remembered=remembered)
    assert (verdict.exit_code, codes(verdict)) == (4, {"rolled-back"})
    far.lie = at("/log/checkpoint", body(lambda _: sign_checkpoint(Checkpoint(LOG.name, 0, EMPTY_ROOT), [LOG])))
    assert verify(source(far), remembered=remembered).exit_code == 4


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ledger.example",
        "ftp://ledger.example",
        "http://",
        "http://a:b@ledger.example",
        "http://x/?y",
        "http://x:port",
    ],
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(ConfigurationError, match="URL: expected") as caught:
        HttpSource(url, None)
    assert "a:b" not in str(caught.value)


@pytest.mark.parametrize("token", ["", "two words", "line\nheader: x", "令牌"])
def test_what_is_no_token_is_refused(token):
    with pytest.raises(ConfigurationError, match="token"):
        HttpSource("http://ledger.example", token)
