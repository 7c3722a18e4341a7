"""What RFC 4287 demands of a feed, checked with the standard library's parser and the RFC's own words."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlparse
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
_TAG = re.compile(r"tag:[a-z0-9.-]+,[0-9]{4}-[0-9]{2}-[0-9]{2}:[A-Za-z0-9/._~%-]+")


def parsed(data: bytes) -> ET.Element:
    """The feed's root, if the feed is what the RFC says."""
    root = ET.fromstring(data)
    assert root.tag == f"{ATOM}feed"
    _check_metadata(root)
    (own,) = [link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert own.get("type") == "application/atom+xml"
    entries = root.findall(f"{ATOM}entry")
    ids = [_text(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids), "§4.1.1: no two entries of a moment have the same id and updated"
    for entry in entries:
        _check_entry(entry)
    assert root.findall(f"{ATOM}author"), "§4.1.1: an author, unless every entry has one"
    if entries:
        assert _text(root, "updated") >= max(_text(entry, "updated") for entry in entries)
    return root


def entries(root: ET.Element) -> list[ET.Element]:
    """The entries of a feed."""
    return root.findall(f"{ATOM}entry")


def value(element: ET.Element, name: str) -> str:
    """The text of an element's one child of this name."""
    return _text(element, name)


def _text(element: ET.Element, name: str) -> str:
    (found,) = element.findall(f"{ATOM}{name}")
    assert found.text
    assert not list(found), "a text construct of type text has no child elements (§3.1.1.1)"
    return found.text


def _check_metadata(element: ET.Element) -> None:
    assert _TAG.fullmatch(_text(element, "id")), "§4.2.6: an IRI; ours are tag URIs (RFC 4151 §2.1)"
    _text(element, "title")
    updated = _text(element, "updated")
    assert datetime.fromisoformat(updated).tzinfo is not None
    assert "T" in updated, "§3.3: RFC 3339 with an upper case T"
    for link in element.findall(f"{ATOM}link"):
        assert urlparse(link.get("href") or "").path.startswith("/")
    for author in element.findall(f"{ATOM}author"):
        assert _text(author, "name")


def _check_entry(entry: ET.Element) -> None:
    _check_metadata(entry)
    alternates = [
        (x.get("type"), x.get("hreflang")) for x in entry.findall(f"{ATOM}link") if x.get("rel") == "alternate"
    ]
    assert alternates, "§4.1.2: an entry without content has an alternate link"
    assert len(set(alternates)) == len(alternates), "§4.1.2: no two alternates of the same type and language"
    assert len(entry.findall(f"{ATOM}summary")) <= 1
    assert entry.find(f"{ATOM}content") is None
    for category in entry.findall(f"{ATOM}category"):
        assert category.get("term")
