"""Telling subscribers what happened: a thread that follows the projections and sends webhooks, beside everything else.

Each subscription is told in the order of the log, one message at a time, at least once: how far it was told is kept
after the receiver answered 2xx, so that one may come twice after a crash, with the same id. What does not arrive is
tried again after WAITS, and given up after the last: a dead letter, and the subscription rests until its owner renews
it and goes on where it stopped. 410 Gone (RFC 9110 §15.5.11) ends that at once. Right before a message is sent the
projections are asked once more whether the public may see what it says.

Any number of processes may run one; an advisory lock lets one at a time work. It has connections of its own, few of
them: neither the writer nor the runner nor the site's readers wait for it.

    with Deliverer(installation).started():
        ...
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import structlog

from api.observe import WEBHOOKS
from api.webhooks import client as webhook_client
from api.webhooks.client import SendingError, Target
from api.webhooks.messages import READS, Message, Topic, message_of, retraction, waiting
from ledger.authoring import utc_now
from ledger.domain.event import legal_day
from ledger.installation import Installation
from ledger.proof.event import format_time
from ledger.store.subscriptions import Progress, Subscription, Subscriptions, subscriptions
from projections.reading import Moment, Reading
from projections.views.happenings import touched, visible

WAITS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 21600, 43200, 86400))
"""After how long a message is tried again; after the last it is given up: two days in all."""
_RETRY = 1.0


class Deliverer:
    """See the module's docstring. ``interval``: seconds between two looks; ``clock`` gives the time in UTC."""

    WORKERS: ClassVar[int] = 8
    BATCH: ClassVar[int] = 20

    def __init__(
        self,
        installation: Installation,
        *,
        interval: float = 0.5,
        clock: Callable[[], datetime] = utc_now,
        waits: Sequence[timedelta] = WAITS,
        seconds: float = webhook_client.SECONDS,
    ) -> None:
        self._installation, self._clock, self._waits = installation, clock, waits
        self._interval, self._seconds = interval, seconds
        self._stopping = threading.Event()
        self._under_way: dict[UUID, Future[Progress]] = {}
        self._checked: date | None = None
        self._log = structlog.get_logger("webhooks")

    @contextmanager
    def started(self) -> Iterator[None]:
        """Delivers in a thread of its own until the end of the block; then at most what is being sent is ended."""
        thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join()

    def _run(self) -> None:
        with (
            Reading(self._installation.database, pool_size=2) as reading,
            ThreadPoolExecutor(self.WORKERS, thread_name_prefix="webhook") as workers,
        ):
            while not self._stopping.is_set():
                try:
                    with subscriptions(self._installation.database.url("writer")) as store:
                        self._lead(store, reading, workers)
                except Exception as error:  # whatever it is: nobody else is to wait for it, and it goes on
                    self._log.warning("interrupted", error=type(error).__name__)
                    self._under_way.clear()  # what they did is not kept: it is told again
                    self._stopping.wait(_RETRY)

    def _lead(self, store: Subscriptions, reading: Reading, workers: ThreadPoolExecutor) -> None:
        while not (self._stopping.is_set() or store.lead()):
            self._stopping.wait(self._interval)
        while not self._stopping.is_set():
            self._round(store, reading, workers)
            self._stopping.wait(self._interval)
        for future in self._under_way.values():
            store.keep(future.result(), self._clock())

    def _round(self, store: Subscriptions, reading: Reading, workers: ThreadPoolExecutor) -> None:
        """Keeps what was told, and has those told who have to be told something."""
        now = self._clock()
        for own, future in [(own, f) for own, f in self._under_way.items() if f.done()]:
            del self._under_way[own]
            store.keep(future.result(), now)
        store.expire(now)
        moment = self._moment(reading)
        new_day = moment.today != self._checked
        for subscription in store.due(moment.size, now, all_told=new_day):
            if subscription.id not in self._under_way:
                gone = self._gone(store, reading, moment, subscription, new_day=new_day)
                self._under_way[subscription.id] = workers.submit(self._tell, reading, moment, subscription, gone)
        self._checked = moment.today

    def _gone(
        self, store: Subscriptions, reading: Reading, moment: Moment, of: Subscription, *, new_day: bool
    ) -> dict[int, str]:
        """What it was told and may no longer be seen."""
        told = store.told(of.id)
        if not told or not (new_day or touched(reading, moment, list(told), of.position)):
            return {}
        shown = visible(reading, moment, list(told))
        return {index: message for index, message in told.items() if index not in shown}

    def _moment(self, reading: Reading) -> Moment:
        return reading.moment(None, legal_day(self._installation.clock()), *READS)

    # --- one subscription --------------------------------------------------------------------------------------

    def _tell(self, reading: Reading, moment: Moment, of: Subscription, gone: dict[int, str]) -> Progress:
        """Tells one subscription what it has to forget (messages by log index), and what it was not told yet."""
        course = _Course(of)
        for index, message in gone.items():
            if not self._sent(course, retraction(message, index, format_time(self._clock()))):
                return course.progress()
            course.back.append(index)
        topic = Topic.parse(of.topic)
        while not self._stopping.is_set():
            rows = waiting(reading, moment, topic, course.at, self.BATCH)
            for row in rows:
                if self._stopping.is_set() or not self._tell_one(reading, topic, row["log_index"], course):
                    return course.progress()
            if len(rows) < self.BATCH:
                course.at = max(course.at, moment.size)
                break
        return course.progress()

    def _tell_one(self, reading: Reading, topic: Topic, index: int, course: _Course) -> bool:
        """Tells one happening, if it may be seen right now; whether the subscription goes on."""
        now = self._moment(reading)
        rows = waiting(reading, now, topic, index, 1)
        if rows and rows[0]["log_index"] == index:
            message = message_of(reading, now, topic, rows[0])
            if not self._sent(course, message):
                return False
            if message.passing:
                course.told[index] = message.id
        course.at = index + 1
        return True

    def _sent(self, course: _Course, message: Message) -> bool:
        """Sends a message once; whether it arrived. If not, the course knows when to try again, or that it is over."""
        of = course.of
        why = deliver(self._installation, of.url, message.id, message.body, self._clock(), self._seconds)[0]
        WEBHOOKS.labels(why or "delivered").inc()
        if why is None:
            return True
        tries = 1 if course.has_moved else of.failures + 1
        self._log.info("not delivered", subscription=str(of.id), why=why, tries=tries)
        course.tries = tries
        if why == "gone" or tries > len(self._waits):
            course.disabled, course.dead = why, (message.id, tries, why)
        else:
            course.next_try = self._clock() + self._waits[tries - 1]
        return False


@dataclass
class _Course:
    """How one subscription is being told."""

    of: Subscription
    at: int = field(init=False)
    told: dict[int, str] = field(default_factory=dict)
    back: list[int] = field(default_factory=list)
    tries: int = 0
    next_try: datetime | None = None
    disabled: str | None = None
    dead: tuple[str, int, str] | None = None

    def __post_init__(self) -> None:
        self.at = self.of.position

    @property
    def has_moved(self) -> bool:
        """Whether anything arrived."""
        return self.at > self.of.position or bool(self.back)

    def progress(self) -> Progress:
        """What is to be kept."""
        rest = self.tries, self.next_try, self.disabled, self.dead
        return Progress(self.of.id, self.at, self.told, self.back, *rest)


def deliver(
    installation: Installation, url: str, message: str, body: bytes, now: datetime, seconds: float
) -> tuple[str | None, bytes]:
    """Signs and posts a message once: why it did not arrive (None: it did), and what the receiver answered."""
    timestamp = int(now.timestamp())
    headers = {
        "content-type": "application/json",
        "user-agent": "Jiannuo-Webhooks/1",
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": installation.ledger.webhook_signature(message, timestamp, body),
    }
    private = installation.settings.private_webhooks
    try:
        answer = webhook_client.post(Target.parse(url), body, headers, private=private, seconds=seconds)
    except SendingError as error:
        return error.why, b""
    if answer.status == 410:
        return "gone", b""
    return (None, answer.body) if 200 <= answer.status < 300 else ("status", b"")
