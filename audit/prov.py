"""A trace in the words of W3C PROV, written as PROV-JSON (W3C member submission of 24 April 2013).

    entities     each document, by its hash; each case, and what it was after each of its events
    activities   the events
    agents       the bodies that signed, and the keys that they signed with

An event used its documents, the case as it stood, and the rule packs in force; it generated the next version of the
case; it was informed by its cause, and associated with body and key, the key acting on behalf of the body.

>>> from audit.trace import Trace
>>> prov(Trace("record/1", "log.example", "record/1", None, (), ()))["prefix"]["log"]
'https://log.example/'
"""

from __future__ import annotations

from typing import Any

from audit.trace import Paper, Trace, Traced

_PREFIXES = {
    "prov": "http://www.w3.org/ns/prov#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "event": "urn:uuid:",
    "jn": "https://jiannuo.invalid/prov#",
}
"""``event`` is an event's jti, ``jn`` our own words, ``log`` whatever is named within the log that is traced."""


def prov(trace: Trace) -> dict[str, Any]:
    """The PROV-JSON document of a trace."""
    writer = _Writer(trace)
    for event in trace.events:
        writer.add(event)
    return {"prefix": {**_PREFIXES, "log": f"https://{trace.log or 'jiannuo.invalid'}/"}, **writer.document}


class _Writer:
    """Fills a document, event by event in the order of the log."""

    def __init__(self, trace: Trace) -> None:
        self.document: dict[str, dict[str, Any]] = {"entity": {}, "activity": {}, "agent": {}}
        self._events = {event.index: event for event in trace.events}
        self._newest: dict[str, Traced] = {}
        """The newest event so far of each stream."""
        self._relations = 0

    def add(self, event: Traced) -> None:
        """One more event, with all that it is related to before it."""
        activity, version = f"event:{event.jti}", _version(event)
        self.document["activity"][activity] = {
            "prov:startTime": event.recorded,
            "prov:endTime": event.recorded,
            "prov:type": _name(f"jn:{event.event}"),
            "prov:label": event.event,
            "jn:index": event.index,
            "jn:hash": event.hash,
            "jn:leaf": event.leaf,
            "jn:signatureVerifies": event.key.verified,
            "jn:keyCounted": event.key.counted,
        }
        self._entity(f"log:{event.stream}", "Case", event.stream)
        self._entity(version, "CaseVersion", f"{event.stream} {event.version}")
        self._relate("specializationOf", specificEntity=version, generalEntity=f"log:{event.stream}")
        self._relate("wasGeneratedBy", entity=version, activity=activity, time=event.recorded)
        for document in dict.fromkeys(map(self._document, event.documents)):
            self._relate("used", activity=activity, entity=document, time=event.recorded)
            self._relate("wasDerivedFrom", generatedEntity=version, usedEntity=document, activity=activity)
        self._add_before(event, activity, version)
        for index in event.rules:
            pack = _version(self._events[index])
            self._relate("used", activity=activity, entity=pack, time=event.recorded)
        if event.cause and event.cause.index in self._events:
            self._relate("wasInformedBy", informed=activity, informant=f"event:{event.cause.jti}")
        self._associate(event, activity)
        self._newest[event.stream] = event

    def _add_before(self, event: Traced, activity: str, version: str) -> None:
        """What the event went on from: its case as it stood, and the cases that it leads back to.

        Where the trace leaves out the event before, the version is derived from an older one by more than this event.
        """
        for stream in (event.stream, *event.came_from):
            before = self._newest.get(stream)
            if before is None:
                continue
            ends = {"generatedEntity": version, "usedEntity": _version(before)}
            if stream != event.stream or before.version == event.version - 1:
                self._relate("used", activity=activity, entity=_version(before), time=event.recorded)
                ends["activity"] = activity
            self._relate("wasDerivedFrom", **ends)

    def _associate(self, event: Traced, activity: str) -> None:
        body, key = f"log:agent/{event.signer}", f"log:key/{event.key.kid}"
        agents = self.document["agent"]
        agents.setdefault(body, {"prov:type": _name("prov:Organization"), "prov:label": event.signer})
        known = {"jn:fromIndex": event.key.from_index, "jn:untilIndex": event.key.until_index}
        about = {name: index for name, index in known.items() if index is not None}
        agents.setdefault(key, {"prov:type": _name("jn:Key"), "jn:thumbprint": event.key.kid, **about})
        for agent in (body, key):
            self._relate("wasAssociatedWith", activity=activity, agent=agent)
        self._relate("actedOnBehalfOf", delegate=key, responsible=body, activity=activity)

    def _document(self, paper: Paper) -> str:
        dated = paper.dated.isoformat() if paper.dated else None
        known = {"number": paper.number, "organ": paper.organ, "dated": dated}
        about = {f"jn:{name}": value for name, value in known.items() if value is not None}
        name = f"log:document/{paper.sha256}"
        self._entity(name, "Document", paper.title, **{"jn:sha256": paper.sha256}, **about)
        return name

    def _entity(self, name: str, cls: str, label: str, **about: str) -> None:
        """An entity, if it is new: under whatever title a document is named first, it is one by its hash."""
        self.document["entity"].setdefault(name, {"prov:type": _name(f"jn:{cls}"), "prov:label": label, **about})

    def _relate(self, relation: str, **ends: str) -> None:
        self._relations += 1
        relations = self.document.setdefault(relation, {})
        relations[f"_:r{self._relations}"] = {f"prov:{end}": name for end, name in ends.items()}


def _version(event: Traced) -> str:
    """The case as it was after an event."""
    return f"log:{event.stream}/{event.version}"


def _name(name: str) -> dict[str, str]:
    """A qualified name as a value."""
    return {"$": name, "type": "xsd:QName"}
