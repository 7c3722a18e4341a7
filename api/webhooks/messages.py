"""What a webhook says, and to which topics one can subscribe.

    bodies/<id>      happenings of a body, with all that it answers for        (the feed /feeds/bodies/<id>.atom)
    areas/<area>     of a key area
    regions/<code>   of a region with all below it
    takedowns        what was taken down, corrected, repaired: that it was, never what or about whom

A message is JSON: ``type``, ``timestamp`` (when it was recorded) and ``data``. It says no more than the feed: what is
said in an event stands at its address, as long as it may be seen. One that was told and may no longer be seen is taken
back: ``retracted`` names the earlier message's id and nothing else, for whoever keeps what it was told.

>>> Topic.parse("areas/ppp").filters
{'area': 'ppp'}
>>> snake("RecordPublished")
'record_published'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

import orjson

from api.feeds import Row, headline, name_of
from api.v1.resources import BODY_ID
from api.words import event_word
from ledger.domain.commitment_terms import Area
from ledger.errors import FormatError
from projections.reading import Moment, Reading
from projections.views.happenings import HAPPENINGS, TAKEN_DOWN, times
from projections.views.listing import Listing, page
from projections.views.names import Called, called

_CAPITAL = re.compile("(?<!^)(?=[A-Z])")
_OWN = {"bodies": (BODY_ID, "body"), "regions": ("^[0-9]{6}$", "region"), "areas": (f"^(?:{'|'.join(Area)})$", "area")}
PASSING = frozenset({"record", "commendation"})
"""Kinds of case that do not stay public."""
READS = tuple(dict.fromkeys((*HAPPENINGS.reads, *TAKEN_DOWN.reads)))


@dataclass(frozen=True, slots=True)
class Topic:
    """What one can subscribe to: the listing of its happenings, and the filters that make it this topic's."""

    text: str
    listing: Listing
    filters: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Raises FormatError for what is no topic."""
        if text == "takedowns":
            return cls(text, TAKEN_DOWN, {})
        kind, _, own = text.partition("/")
        if kind in _OWN and re.fullmatch(_OWN[kind][0], own):
            return cls(text, HAPPENINGS, {_OWN[kind][1]: own})
        raise FormatError(
            f"topic: expected bodies/<id>, areas/<area>, regions/<6 digits> or takedowns, got {text[:80]!a}",
            f"topic：应为 bodies/<标识>、areas/<领域>、regions/<6 位代码> 或 takedowns，实为 {text[:80]!a}",
        )


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its id, which stays the same however often it is sent, and its bytes. ``log_index`` is what it is of;
    ``passing``: it may have to be taken back.
    """

    id: str
    body: bytes
    log_index: int
    passing: bool = False


def snake(name: str) -> str:
    """An event's name as the types of messages are written."""
    return _CAPITAL.sub("_", name).lower()


def waiting(reading: Reading, moment: Moment, topic: Topic, since: int, most: int) -> list[Row]:
    """The next happenings of a topic from an index of the log on, the oldest first."""
    filters = {**topic.filters, "since": since}
    return list(page(reading, topic.listing, moment, filters=filters, order="oldest", limit=most).rows)


def message_of(reading: Reading, moment: Moment, topic: Topic, row: Row) -> Message:
    """The message about one happening of a topic."""
    if topic.listing is TAKEN_DOWN:
        return _taken_down(reading, moment, row)
    names = called(reading, moment, (row["iss"], row["subject"]))
    title = headline(row, names)
    data = {
        "log_index": row["log_index"],
        "hash": row["hash"],
        "event": row["name"],
        "kind": row["kind"],
        "stream": row["stream"],
        "day": row["day"],
        "title_zh": title.zh,
        "title_en": title.en,
        "signer": _body(row["iss"], names),
        "subject": _body(row["subject"], names),
        "region": row["region"],
        "area": row["area"],
        "address": f"/events/{row['log_index']}",
    }
    body = _written(f"{row['kind']}.{snake(row['name'])}", row["at"], data)
    return Message(row["jti"], body, row["log_index"], row["kind"] in PASSING)


def _taken_down(reading: Reading, moment: Moment, row: Row) -> Message:
    index, word = row["log_index"], event_word(row["what"])
    names = called(reading, moment, (row["by"],))
    data = {
        "log_index": index,
        "event": row["what"],
        "day": row["day"],
        "title_zh": word.zh,
        "title_en": word.en,
        "reason": row["reason"],
        "signer": _body(row["by"], names),
        "region": row["region"],
        "address": "/takedowns",
    }
    body = _written(f"takedown.{snake(row['what'])}", times(reading, [index])[index], data)
    return Message(f"takedown-{index}", body, index)


def retraction(told: str, log_index: int, at: str) -> Message:
    """The message that takes an earlier one back: it names its id, which only who was told it knows."""
    return Message(f"retracted-{told}", _written("retracted", at, {"message": told}), log_index)


def challenge(own: str, topic: str, secret: str, expires: datetime, at: str) -> bytes:
    """What a receiver is asked before anything is sent to it: to say ``challenge`` again."""
    data = {"subscription": own, "topic": topic, "challenge": secret, "expires": expires.date()}
    return _written("subscription.verification", at, data)


def _body(own: str | None, names: dict[str, Called]) -> dict[str, str] | None:
    return {"id": own, "name": name_of(own, names)} if own else None


def _written(kind: str, at: str, data: dict[str, object]) -> bytes:
    return orjson.dumps({"type": kind, "timestamp": at, "data": data})
