"""After an erasure no table, page, answer, export, metric, log line or error message holds what was sealed.

Values that occur nowhere else are sealed, looked up, listed, corrected, refused and erased; then everything that the
program stores or shows is searched for them: plainly, as the disclosure that came in, and as hexadecimal digits.
"""

from __future__ import annotations

import io
import logging
import re
import secrets
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from fastapi import FastAPI
from psycopg import sql

from api import observe
from audit.bundle.export import export
from ledger.authoring import new_id
from ledger.domain.complaint.facts import ComplaintReceived
from ledger.domain.complaint.terms import Channel, Matter
from ledger.domain.person import FileItemRecorded, PersonAffiliated
from ledger.domain.record.terms import FileItem
from ledger.domain.roles import CaseRole
from ledger.domain.seal_terms import Ground, Purpose
from ledger.domain.seals import SealErased, SealOpened
from ledger.installation import Installation
from ledger.proof.disclosure import Opening, conceal, digests, present
from ledger.proof.event import decode_segment, parse_entry
from ledger.store.source import PostgresSource
from tests.api.submitting import JOSE, NDJSON
from tests.conftest import OPERATOR, caller_of
from tests.ledger.persons import PAPER, Person, registered, sealed

MARK = "标记龘䶮"
"""Rare characters that nothing else here has."""
DAY = date(2026, 3, 2)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Every line that the program logs, from debug on, as ``serve`` writes it."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    observe.configure_logging("debug")
    yield written.getvalue
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


class Case:
    """A person's file and a complaint, full of values; everything that was answered about them."""

    def __init__(self, client: Any, installation: Installation) -> None:
        self.client, self.installation = client, installation
        self.answers: list[str] = []
        self.openings: list[Opening] = []
        self.person = registered(installation, **self.values("name", "post"))
        self.openings += self.person.openings
        self.complaint = Person(installation, self.person.author, [], f"complaint/{new_id()}")

    @staticmethod
    def values(*names: str) -> dict[str, str]:
        """A value for each name that is no other's."""
        return {name: f"{MARK}{secrets.token_hex(8)}" for name in names}

    def seal(self, *names: str) -> list[Opening]:
        found = sealed(**self.values(*names))
        self.openings += found
        return found

    def post(self, path: str, data: bytes, kind: dict[str, str] = JOSE) -> Any:
        answer = self.client.post(path, content=data, headers=kind)
        self.answers.append(f"{answer.text} {answer.headers}")
        return answer

    def say(self, who: Person, fact: Any, openings: list[Opening], basis: Any = PAPER) -> None:
        data = who.say(fact, basis, openings)
        assert self.post("/api/v1/events", data).status_code == 201
        assert self.post("/api/v1/events", data).status_code == 200
        assert self.post("/api/v1/events", data, NDJSON).status_code in {200, 207}

    def live(self) -> None:
        """Everything that can be said with sealed fields, and much that is refused."""
        affiliated, detail, now = self.seal("post"), self.seal("detail"), self.seal("name")
        self.say(self.person, PersonAffiliated(OPERATOR.uscc, DAY, sealed=digests(affiliated)), affiliated)
        self.say(self.person, FileItemRecorded(FileItem.TRAINING, DAY, digests(detail)), detail)
        data = self.person.correction(now, self.person.openings[:1])
        assert self.post("/api/v1/events", data).status_code == 201
        told = self.seal("complainant", "contact", "text")
        received = ComplaintReceived("2026-1", Channel.HOTLINE_12345, Matter.PROMISE, DAY, sealed=digests(told))
        self.say(self.complaint, received, told, ())
        self.refused(now)

    def refused(self, now: list[Opening]) -> None:
        """What is wrong in each way that has a value in it."""
        for bad in (
            conceal(bytes(16), "name", f"{MARK}\n"),
            conceal(bytes(16), f"{MARK}", "x"),
            conceal(bytes(16), "id_number", f"{MARK}11010519491231002X"),
            conceal(bytes(16), "name", [MARK]),
        ):
            self.openings.append(bad)
            answer = self.post("/api/v1/events", self.person.correction([bad], []))
            assert answer.status_code == 400
        self.post("/api/v1/events", self.person.correction(now, []))  # used before
        self.post("/api/v1/events", present(self.person.jws, now))
        self.post("/api/v1/lookups", present(self.person.jws, now), {"content-type": "application/sd-jwt"})
        self.post(
            "/my/lookups", b"presentation=" + MARK.encode(), {"content-type": "application/x-www-form-urlencoded"}
        )
        self.post("/api/v1/openings", present(self.person.look_up("name"), now))

    def look(self) -> None:
        """Look-ups, whose answers alone may hold the values."""
        for who, names, purpose, role in (
            (self.person, ("detail", "name", "post"), Purpose.OWN_REQUEST, CaseRole.CREDIT_OFFICE),
            (self.complaint, ("complainant", "contact", "text"), Purpose.COMPLAINT, CaseRole.CREDIT_OFFICE),
        ):
            data = who.say(SealOpened(names, role, purpose, "2026-1"))
            given = self.client.post("/api/v1/openings", content=data, headers=JOSE)
            assert given.status_code == 201
            self.post("/api/v1/openings", data)
            presentation = given.json()["presentations"][0].encode()
            listed = self.post("/api/v1/lookups", presentation, {"content-type": "application/sd-jwt"})
            assert len(listed.json()["lookups"]) == 1

    def erase(self) -> None:
        """All of it, twice."""
        for who in (self.person, self.complaint):
            for status in (201, 422):
                data = who.say(SealErased(Ground.SUBJECT_REQUEST), PAPER)
                assert self.post("/api/v1/events", data).status_code == status

    def needles(self) -> list[str]:
        """What must be nowhere: the mark itself, and each disclosure without its length-dependent ends."""
        salts = [opening.disclosure[8:48] for opening in self.openings if "AAAAAAAA" not in opening.disclosure[8:48]]
        return [MARK, *salts]


@pytest.fixture
def case(logs: Callable[[], str], app: FastAPI, installation: Installation) -> Case:
    """What happened, and then was erased."""
    found = Case(caller_of(app), installation)
    found.live()
    found.look()
    found.erase()
    return found


def holds(text: str, needles: list[str]) -> list[str]:
    return [needle for needle in needles if needle in text]


def test_no_answer_and_no_log_line_holds_it(case: Case, logs: Callable[[], str]) -> None:
    """F02 C17 应答和日志中不含。"""
    assert len(case.answers) > 20
    assert len(logs().splitlines()) > 20
    assert "SealErased" not in logs()
    for answer in case.answers:
        assert holds(answer, case.needles()) == []
    assert holds(logs(), case.needles()) == []


def test_no_row_of_any_table_holds_it(case: Case) -> None:
    """F02 C17 数据库任何表的任何一行均不含（包括读侧和系统表）。"""
    for row in case.installation.ledger.reader.scan():
        assert MARK.encode() not in decode_segment(parse_entry(row.entry)[1].split(b".")[1], "payload")
    case.installation.ledger.close()
    needles = [*case.needles(), *(n.encode().hex() for n in case.needles())]
    searched = 0
    with psycopg.connect(case.installation.settings.database_url or "", autocommit=True) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname <> 'information_schema'"
        ).fetchall()
        for schema, table in tables:
            name = sql.Identifier(schema, table)
            query = sql.SQL("SELECT count(*) FROM {} AS t WHERE t::text LIKE ANY(%s)").format(name)
            row = connection.execute(query, ([f"%{needle}%" for needle in needles],)).fetchone()
            assert row == (0,), f"{schema}.{table}"
            searched += 1
        assert connection.execute("SELECT count(*) FROM vault.openings").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM vault.keys").fetchone() == (0,)
    assert searched > 70
    assert {schema for schema, _ in tables} >= {"ledger", "vault", "pg_catalog"}


def test_the_search_would_have_found_it(case: Case) -> None:
    """A search that finds nothing must be one that could."""
    with psycopg.connect(case.installation.settings.database_url or "", autocommit=True) as connection:
        connection.execute("CREATE TABLE vault.left (a text, b bytea)")
        connection.execute("INSERT INTO vault.left VALUES (%s, %s)", ("x", MARK.encode()))
        query = "SELECT count(*) FROM vault.left AS t WHERE t::text LIKE ANY(%s)"
        assert connection.execute(query, ([f"%{MARK.encode().hex()}%"],)).fetchone() == (1,)
        connection.execute("DROP TABLE vault.left")


def addresses(case: Case, app: FastAPI) -> Iterator[str]:
    """Every address that answers to GET, filled with everything that there is here."""
    size = case.installation.ledger.size
    streams = [case.person.stream, case.complaint.stream, f"body/{OPERATOR.uscc}"]
    jtis = [r.event.jti for s in streams for r in case.installation.ledger.history(s)]
    routes = [r for route in app.routes for r in getattr(getattr(route, "original_router", None), "routes", [route])]
    for route in routes:
        path = getattr(route, "path", "")
        if "GET" not in (getattr(route, "methods", None) or ()) and path != "/static":
            continue
        path = re.sub(r":(int|path|uuid)}", "}", path)
        if "{index}" in path:
            yield from (path.replace("{index}", str(n)) for n in range(size))
        elif "{jti}" in path:
            yield from (path.replace("{jti}", jti) for jti in jtis)
        elif "{kind}" in path:
            yield from (path.replace("{kind}/{id}", stream) for stream in streams)
        elif "{" in path:
            own = [s.partition("/")[2] for s in streams]
            yield from (re.sub("{[a-z_]+}", value, path) for value in (*own, "0/000.p/1", "entries/000.p/1", f"{size}"))
        else:
            yield path


def test_no_page_no_data_and_no_metric_holds_it(case: Case, app: FastAPI) -> None:
    """F02 C17 页面、数据接口、指标中不含，公众和审计员所见皆然。"""
    token, shown = {"authorization": f"Bearer {case.installation.token()}"}, 0
    paths = list(addresses(case, app))
    assert {"/metrics", f"/cases/{case.person.stream}", "/my/lookups", "/log/checkpoint"} <= set(paths)
    for path in paths:
        for headers in ({}, {**token, "accept": "text/html"}):
            answer = case.client.get(path, headers=headers)
            assert answer.status_code < 500, path
            shown += answer.status_code == 200
            assert holds(answer.text + str(answer.headers), case.needles()) == [], path
            assert MARK.encode() not in answer.content
    assert shown > 40


def test_no_export_holds_it(case: Case, tmp_path: Path) -> None:
    """F02 C17 导出的存档中不含。"""
    file = tmp_path / "log.zip"
    export(PostgresSource(case.installation.database.url("reader")), file)
    with zipfile.ZipFile(file) as archive:
        members = [archive.read(name) for name in archive.namelist()]
    assert members
    for needle in case.needles():
        assert not any(needle.encode() in member for member in members)
