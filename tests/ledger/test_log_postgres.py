"""The log on PostgreSQL: random sequences again, the fake held to the real store, connections lost at any moment."""

from __future__ import annotations

import threading
from dataclasses import replace

import psycopg
import pytest
from eventsourcing.persistence import OperationalError, ProgrammingError
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import ConflictError, Head, LedgerError, NotFoundError, RuleError, SignatureError, UnavailableError
from ledger.installation import open_installation
from ledger.store.recorder import Append, datastore
from tests.api.submitting import operator, registration
from tests.conftest import OPERATOR
from tests.ledger import commands
from tests.ledger.commands import COMMANDS, Place, Signer, Signing, following, stream_and_fact
from tests.ledger.fakes import MemoryLog, MemoryReader
from tests.ledger.wholelog import Streams, check_receipt, jws_of

PATIENCE = 20


class PostgresMachine(RuleBasedStateMachine):
    """Commands to two processes on one database. The sequences go on in the same log."""

    installations = ()

    def __init__(self) -> None:
        super().__init__()
        self.signing = Signing()
        self.reader = self.installations[0].ledger.reader
        self.key = commands.OPERATOR_KEY
        self.receipts = {}

    @rule(which=st.integers(0, 1), chosen=st.lists(COMMANDS, min_size=1, max_size=4), again=st.booleans())
    def submit(self, which, chosen, again):
        """The operator's key is that of the installation; other keys of the commands are unknown here."""
        author = operator(self.installations[which])
        heads, events = {}, []
        for command in chosen:
            stream, fact = stream_and_fact(command)
            head = heads.get(stream) or self.installations[which].ledger.head(stream)
            signer = author if command.signer is Signer.OPERATOR else replace(author, key=commands.STRANGER)
            events.append(signer.write(stream, commands.placed(head, command.place), fact, commands.PAPER))
            if command.place is Place.NEXT and command.signer is Signer.OPERATOR:
                heads[stream] = following(events[-1], head)
        for event, future in zip(events, self.installations[which].ledger.submit_many(events), strict=True):
            self._keep(event, future)
        if again:
            other = self.installations[1 - which].ledger
            for event, future in zip(events, other.submit_many(events), strict=True):
                self._keep(event, future)

    def _keep(self, event, future):
        error = future.exception(PATIENCE)
        if error is None:
            receipt = future.result()
            assert self.receipts.setdefault(event, replace(receipt, created=False)) == replace(receipt, created=False)
        else:
            assert event not in self.receipts
            assert isinstance(error, ConflictError | RuleError | SignatureError), error

    def teardown(self):
        key = self.installations[0].ledger.log_key.verifier
        seen = Streams()
        rows = list(self.reader.scan())
        for row in rows:
            seen.take(row)
        seen.check_root(self.reader.newest(), key)
        for event, receipt in self.receipts.items():
            entry = rows[receipt.index].entry
            assert jws_of(entry) == event
            check_receipt(receipt, entry, key)
            assert self.installations[1].ledger.receipt(rows[receipt.index]) == receipt


def test_random_sequences_never_break_the_log_on_postgresql(settings_of):
    own = settings_of()
    with open_installation(own) as first, open_installation(own) as second:
        test = type("Machine", (PostgresMachine,), {"installations": (first, second)}).TestCase
        # No shrinking: the log goes on from one sequence to the next, so a failure cannot be played again.
        test.settings = settings(max_examples=15, stateful_step_count=8, phases=[Phase.generate])
        test("runTest").runTest()


# --- the fake is like the real one ----------------------------------------------------------------------------------


@pytest.fixture
def both(installation):
    """The real reader, and the fake one of a log in memory with the same rows."""
    ledger = installation.ledger
    for part in (range(10, 13), range(20, 270), range(300, 540)):
        for future in ledger.submit_many([registration(installation, n) for n in part]):
            future.result(PATIENCE)
    memory = MemoryLog()
    for row in ledger.reader.scan():
        memory.rows.append(row)
        memory.streams.setdefault(row.stream, []).append(row)
    with psycopg.connect(installation.database.url("reader")) as connection:
        events = "SELECT leaf_hash, jti::text, notification_id FROM ledger.events ORDER BY notification_id"
        for leaf, jti, number in connection.execute(events):
            memory.leaves.append(leaf)
            memory.jtis[jti] = number - 1
        for level, n, hashes, root in connection.execute("SELECT level, n, hashes, root FROM ledger.tiles"):
            memory.tiles[level, n] = hashes, root
    memory.checkpoints = [
        ledger.reader.covering(size - 1)
        for size in sorted({ledger.reader.covering(i).size for i in range(ledger.size)})
    ]
    return ledger.reader, MemoryReader(memory)


def outcome(call):
    try:
        return call()
    except LedgerError as error:
        return type(error), error.en


def test_the_fake_reader_answers_as_the_real_one(both):
    real, fake = both
    jtis = list(fake._log.jtis)
    questions = [lambda r: r.newest()]
    questions += [lambda r, i=i: r.covering(i) for i in (0, 4, 5, 7, 8, 257, 258, 497, 498, 9999)]
    questions += [lambda r, i=i: r.entry(i) for i in (0, 1, 255, 256, 497, 498)]
    questions += [lambda r, a=a, b=b: r.entries(a, b) for a, b in ((0, 0), (0, 1), (3, 300), (490, 600), (600, 700))]
    questions += [lambda r, j=j: r.by_jti(j) for j in (jtis[0], jtis[-1], "0198c5a2-0000-7000-8000-000000000001")]
    own = f"body/{OPERATOR.uscc}"
    questions += [lambda r, a=a: r.stream(own, after=a) for a in (0, 1, 3, 4, 5)]
    questions += [lambda r: r.stream("body/none"), lambda r: r.streams([]), lambda r: r.streams(["body/ledger", own])]
    questions += [
        lambda r: r.streams([own, "body/ledger", own]),
        lambda r: list(r.scan(480)),
        lambda r: list(r.scan(498)),
    ]
    tiles = ((0, 0, 256), (0, 0, 1), (0, 1, 242), (0, 1, 256), (0, 2, 5), (1, 0, 1), (1, 0, 2), (2, 0, 1))
    questions += [lambda r, t=t: r.tile(*t) for t in tiles]
    for number, question in enumerate(questions):
        assert outcome(lambda q=question: q(real)) == outcome(lambda q=question: q(fake)), number


def test_finished_tiles_are_stored_once_and_partial_ones_not(both):
    """A truncated tile written to a full tile's place is a known accident elsewhere."""
    real, fake = both
    assert set(fake._log.tiles) == {(0, 0)}
    assert len(real.tile(0, 0, 256)) == 8192
    assert len(real.tile(0, 1, 256)) == 32 * (498 - 256)


# --- the connection -------------------------------------------------------------------------------------------------


def kill_sessions(databases, installation):
    databases.disconnect(installation.settings.database_url.rpartition("/")[2].partition("?")[0])


def test_a_connection_lost_while_deciding_is_made_anew_and_the_event_is_there_once(
    installation, databases, monkeypatch
):
    """Before the commit: the transaction is rolled back, and played again."""
    recorder, calls = installation.ledger._writer._recorder, []
    usual = recorder._write

    def lost(cursor, appended):
        calls.append(appended)
        usual(cursor, appended)
        if len(calls) == 1:
            kill_sessions(databases, installation)

    monkeypatch.setattr(recorder, "_write", lost)
    receipt = installation.ledger.submit(registration(installation, 10)).result(PATIENCE)
    assert len(calls) == 2
    assert (receipt.index, receipt.created, installation.ledger.reader.newest().size) == (5, True, 6)


def test_a_connection_lost_after_the_commit_does_not_double_the_event(installation, monkeypatch):
    """The commit happened, its answer did not arrive: the second attempt finds the event and gives its receipt."""
    recorder, lost = installation.ledger._writer._recorder, []
    usual = recorder.datastore.transaction

    class Losing:
        def __init__(self):
            self.inner = usual(commit=True)

        def __enter__(self):
            return self.inner.__enter__()

        def __exit__(self, *error):
            self.inner.__exit__(*error)
            if not lost and error[0] is None:
                lost.append(True)
                raise OperationalError("the connection was lost")

    def losing(
        commit,
    ):  # the vault looks into its tables at the same time, over the same connections: it commits nothing
        return Losing() if commit else usual(commit=False)

    monkeypatch.setattr(recorder.datastore, "transaction", losing)
    event = registration(installation, 10)
    receipt = installation.ledger.submit(event).result(PATIENCE)
    assert lost
    assert receipt.index == 5
    assert installation.ledger.reader.newest().size == 6
    assert installation.ledger.submit(event).result(PATIENCE) == receipt


def test_readers_go_on_when_all_their_connections_die(installation, databases):
    def read():
        assert installation.ledger.reader.newest().size == 5

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kill_sessions(databases, installation)
    read()
    assert installation.ledger.submit(registration(installation, 10)).result(PATIENCE).index == 5


def test_where_the_database_stays_away_callers_are_refused_within_seconds_and_later_served(installation, databases):
    name = installation.settings.database_url.rpartition("/")[2].partition("?")[0]
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
    databases.disconnect(name)
    future = installation.ledger.submit(registration(installation, 10))
    with pytest.raises(UnavailableError):  # meanwhile, the other waits too
        installation.ledger.head("body/ledger")
    assert isinstance(future.exception(PATIENCE), UnavailableError)
    databases.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
    assert installation.ledger.submit(registration(installation, 11)).result(PATIENCE).index == 5


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
def test_the_isolation_that_a_server_prefers_does_not_matter(settings_of, databases, isolation):
    """Under REPEATABLE READ a transaction would not see what was committed while it waited for the lock."""
    own = settings_of()
    name = own.database_url.rpartition("/")[2].partition("?")[0]
    databases.run("ALTER DATABASE {} SET default_transaction_isolation = '" + isolation + "'", name)
    with open_installation(own) as first, open_installation(own) as second:
        author = operator(first)
        futures = []
        for n in range(10, 60):
            for installation in (first, second):
                fact = BodyRegistered("单位", Kind.DEPARTMENT)
                stream = f"body/{fictional_uscc(n if installation is first else n + 100)}"
                futures.append(installation.ledger.submit(author.write(stream, Head(0, None), fact)))
        assert sorted(f.result(PATIENCE).index for f in futures) == list(range(5, 105))


def test_the_librarys_own_way_in_is_closed(installation):
    """It would write events that no tree holds and no rule judged."""
    with pytest.raises(ProgrammingError):
        installation.ledger._writer._recorder.insert_events([])


def test_a_decision_that_admits_nothing_writes_nothing(installation):
    before = installation.ledger.reader.newest()
    installation.ledger._writer._recorder.append(lambda transaction: Append())
    assert installation.ledger.reader.newest() == before


def test_a_decision_that_fails_leaves_nothing_and_frees_the_lock(installation):
    recorder = installation.ledger._writer._recorder

    def fail(_):
        raise NotFoundError("no", "无")

    for _ in range(3):
        with pytest.raises(NotFoundError):
            recorder.append(fail)
    assert installation.ledger.submit(registration(installation, 10)).result(PATIENCE).index == 5


def test_a_connection_string_may_have_more_than_the_usual_parts(installation):
    url = installation.database.url("reader")
    joined = psycopg.conninfo.make_conninfo(url, application_name="audit", keepalives_idle=30)
    store = datastore(joined, pool_size=1)
    try:
        with store.get_connection() as connection:
            row = connection.execute(
                "SELECT current_setting('application_name') AS name, current_user AS who"
            ).fetchone()
            assert row == {"name": "audit", "who": "jiannuo_reader"}
    finally:
        store.close()
