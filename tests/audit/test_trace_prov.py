"""PROV-JSON of a trace, held to the structure of the W3C member submission (SUBM-prov-json-20130424, its schema)."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from audit.lookup import scanned
from audit.prov import prov
from audit.trace import trace
from ledger.casebook import stream_of
from ledger.store.source import PostgresSource

ENTITY, ACTIVITY, AGENT = "entity", "activity", "agent"
# Of each relation: its ends, what each of them names, and which of them it needs.
RELATIONS = {
    "wasGeneratedBy": ({"entity": ENTITY, "activity": ACTIVITY}, {"entity"}, True),
    "used": ({"activity": ACTIVITY, "entity": ENTITY}, {"activity"}, True),
    "wasInformedBy": ({"informed": ACTIVITY, "informant": ACTIVITY}, {"informed", "informant"}, False),
    "wasAssociatedWith": ({"activity": ACTIVITY, "agent": AGENT, "plan": ENTITY}, {"activity"}, False),
    "actedOnBehalfOf": (
        {"delegate": AGENT, "responsible": AGENT, "activity": ACTIVITY},
        {"delegate", "responsible"},
        False,
    ),
    "wasDerivedFrom": (
        {"generatedEntity": ENTITY, "usedEntity": ENTITY, "activity": ACTIVITY},
        {"generatedEntity", "usedEntity"},
        False,
    ),
    "specializationOf": (
        {"specificEntity": ENTITY, "generalEntity": ENTITY},
        {"specificEntity", "generalEntity"},
        False,
    ),
}
QUALIFIED = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):([^\s:;,()='\"\[\]]+)")


def faults(document):
    """What is not as the submission has it; nothing where all is well."""
    prefixes = document["prefix"]
    yield from (f"prefix {p}" for p, uri in prefixes.items() if not re.match("[a-z]+:", uri))
    yield from (f"unknown part {part}" for part in document.keys() - {"prefix", ENTITY, ACTIVITY, AGENT, *RELATIONS})
    for part in (ENTITY, ACTIVITY, AGENT):
        for name, attributes in document[part].items():
            yield from (f"{part} {name}: {fault}" for fault in _name_faults(name, prefixes))
            for attribute, value in attributes.items():
                yield from _name_faults(attribute, prefixes)
                yield from (f"{name} {attribute}: {fault}" for fault in _value_faults(attribute, value, prefixes))
    for relation, (ends, needed, timed) in RELATIONS.items():
        for name, found in document.get(relation, {}).items():
            if not re.fullmatch("_:[A-Za-z0-9]+", name):
                yield f"{relation} {name}: expected a blank node"
            given = {key.removeprefix("prov:"): value for key, value in found.items()}
            yield from (f"{relation} {name}: lacks {end}" for end in needed - given.keys())
            for end, value in given.items():
                if end == "time" and timed:
                    yield from _value_faults("prov:time", value, prefixes)
                elif end not in ends or value not in document[ends[end]]:
                    yield f"{relation} {name}: {end} {value} is not declared"


def _name_faults(name, prefixes):
    match = QUALIFIED.fullmatch(name)
    if not match or match[1] not in prefixes or match[2].startswith(("-", ".")):
        yield f"{name!r} is no qualified name of a declared prefix"


def _value_faults(attribute, value, prefixes):
    if attribute.endswith(("Time", ":time")):
        if datetime.fromisoformat(value).tzinfo is None:
            yield "a time without its zone"
    elif isinstance(value, dict):
        if value.keys() != {"$", "type"} or value["type"] != "xsd:QName":
            yield f"typed literal {value}"
        yield from _name_faults(value["$"], prefixes)
    elif not isinstance(value, str | bool | int):
        yield f"literal {value!r}"


@pytest.fixture(scope="module")
def tracing(played):
    """Traces an id of the played ledger."""
    with scanned(PostgresSource(played.database.url("reader"))) as streams:
        yield lambda wanted: trace(streams, wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        stream_of("record/unpaid-project"),
        stream_of("record/water-penalty"),
        stream_of("record/water-penalty") + "#p1",
        "body/ledger",
        "policy/national",
        "60",
    ],
)
def test_every_reference_names_something_declared(tracing, wanted):
    assert list(faults(prov(tracing(wanted)))) == []


def test_the_validator_finds_what_is_not_declared(tracing):
    document = prov(tracing(stream_of("record/unpaid-project")))
    del document["agent"]["log:agent/ledger"]
    document["activity"]["nowhere:1"] = {"prov:label": None}
    assert len(list(faults(document))) >= 3


def test_every_event_is_an_activity_that_generated_one_version_of_its_case(tracing):
    found = tracing(stream_of("record/unpaid-project"))
    document = prov(found)
    assert document["activity"].keys() == {f"event:{e.jti}" for e in found.events}
    generated = [(g["prov:entity"], g["prov:activity"]) for g in document["wasGeneratedBy"].values()]
    assert generated == [(f"log:{e.stream}/{e.version}", f"event:{e.jti}") for e in found.events]


def test_the_lead_was_informed_by_its_cause_and_derived_from_the_complaint(tracing):
    """H10 投诉举报转为失信线索。"""
    found = tracing(stream_of("record/unpaid-project"))
    document = prov(found)
    by_name = {e.event: e for e in found.events}
    lead, cause = by_name["LeadReceived"], by_name["ComplaintSubstantiated"]
    informed = {(i["prov:informed"], i["prov:informant"]) for i in document["wasInformedBy"].values()}
    assert informed == {(f"event:{lead.jti}", f"event:{cause.jti}")}
    derived = {(d["prov:generatedEntity"], d["prov:usedEntity"]) for d in document["wasDerivedFrom"].values()}
    assert (f"log:{lead.stream}/1", f"log:{cause.stream}/{cause.version}") in derived
    [paper] = by_name["ComplaintAnswered"].documents
    assert (f"log:{cause.stream}/5", f"log:document/{paper.sha256}") in derived


def test_a_version_is_derived_from_an_older_one_where_events_between_are_left_out(tracing):
    found = tracing(stream_of("record/water-penalty") + "#p1")
    document = prov(found)
    derived = {
        (d["prov:generatedEntity"].rpartition("/")[2], d["prov:usedEntity"].rpartition("/")[2]): "prov:activity" in d
        for d in document["wasDerivedFrom"].values()
        if d["prov:usedEntity"].startswith(f"log:{found.stream}/")
    }
    assert derived[("5", "3")] is False
    assert derived[("6", "5")] is True


def test_body_and_key_are_agents_of_what_they_signed(tracing):
    found = tracing(stream_of("record/unpaid-project"))
    document = prov(found)
    associated = {(a["prov:activity"], a["prov:agent"]) for a in document["wasAssociatedWith"].values()}
    for event in found.events:
        assert (f"event:{event.jti}", f"log:agent/{event.signer}") in associated
        assert (f"event:{event.jti}", f"log:key/{event.key.kid}") in associated
