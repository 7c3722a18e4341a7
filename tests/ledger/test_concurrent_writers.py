"""16 writers in 2 processes: no event lost, doubled or reordered; each loser is told the head and goes on from it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import ExitStack

import httpx

from audit.verify import verify
from ledger.domain.body import BodyRenamed
from ledger.domain.event import Document
from ledger.errors import Head
from ledger.installation import open_installation
from ledger.receipt import Receipt
from ledger.store.source import PostgresSource
from tests.api.submitting import JOSE, operator, registration
from tests.ledger.wholelog import Streams, check_receipt, jws_of, payload
from tests.ledger.writing_process import SHARED

WRITERS, SHARE = 8, 18  # of each process
PAPER = (Document("会议纪要", "ab" * 32),)


def receipt_of(line):
    return Receipt(
        line["jti"],
        line["index"],
        line["recorded_at"],
        line["entry_hash"],
        line["proof"],
        line["stream"],
        line["version"],
        line["event_hash"],
        Head(line["head"]["version"], line["head"]["hash"]),
        True,
    )


def test_sixteen_writers_in_two_processes(settings_of):
    own = settings_of()
    command = [sys.executable, "-m", "tests.ledger.writing_process", str(own.home), own.database_url]
    with ExitStack() as stack:
        processes = []
        for first in (0, WRITERS):
            process = subprocess.Popen([*command, str(first), str(WRITERS), str(SHARE)], stdin=-1, stdout=-1, text=True)
            stack.callback(process.kill)  # does nothing to one that has ended
            processes.append(stack.enter_context(process))
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:  # both at once
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
    answers = [json.loads(line) for output in outputs for line in output.splitlines()]

    assert len(answers) == 2 * WRITERS * SHARE
    with open_installation(own) as installation:
        rows = list(installation.ledger.reader.scan())
        key = installation.ledger.log_key.verifier
        seen = Streams()
        for row in rows:
            seen.take(row)
        seen.check_root(installation.ledger.reader.newest(), key)
        for index in (5, len(rows) // 2):  # each transaction signed what was there then
            seen.check_root(installation.ledger.reader.covering(index), key)
    assert len(rows) == 5 + len(answers), "none lost, none doubled"
    assert sorted(a["index"] for a in answers) == list(range(5, len(rows)))
    for answer in answers:
        assert jws_of(rows[answer["index"]].entry) == answer["event"].encode()
        check_receipt(receipt_of(answer), rows[answer["index"]].entry, key)

    order = defaultdict(list)  # what each writer wrote to a stream stands there in the order it was written
    for row in rows[5:]:
        name = payload(row.entry)["data"]["name"]
        order[row.stream, name.partition("第")[2].partition("次")[0].rpartition("第")[0]].append(name)
    for names in order.values():
        turns = [int(name.rpartition("第")[2].removesuffix("次")) for name in names]
        assert turns == sorted(turns)
    shared = [row for row in rows if row.stream == SHARED]
    assert len(shared) == 2 * WRITERS * (SHARE // 3)
    assert sum(a["lost"] for a in answers) > 0, "nobody ever lost: the writers did not meet"
    assert verify(PostgresSource(own.database_url), pinned=key, processes=1).exit_code == 0


def test_each_loser_over_http_gets_409_with_the_head_and_can_go_on(served):
    """16 callers want the same place at the same time; one wins, all come in at last."""
    installation = served.installation
    first = httpx.post(f"{served.url}/api/v1/events", content=registration(installation, 10), headers=JOSE).json()
    start = threading.Barrier(16)
    rounds = []

    def call(number):
        author, head, lost = operator(installation), Head(1, first["event_hash"]), 0
        with httpx.Client(base_url=served.url) as http:
            start.wait()
            while True:
                event = author.write(first["stream"], head, BodyRenamed(f"第{number}个名称"), PAPER)
                answer = http.post("/api/v1/events", content=event, headers=JOSE)
                if answer.status_code == 201:
                    rounds.append((answer.json()["version"], lost, number))
                    return
                assert answer.status_code == 409
                problem = answer.json()
                assert problem["head"]["version"] > head.version
                head, lost = Head(problem["head"]["version"], problem["head"]["hash"]), lost + 1

    threads = [threading.Thread(target=call, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(version for version, _, _ in rounds) == list(range(2, 18))
    assert sum(lost for _, lost, _ in rounds) > 0
    body = installation.ledger.case(first["stream"]).state
    assert [body.former_names[-1], body.name] == [f"第{number}个名称" for _, _, number in sorted(rounds)[-2:]]
