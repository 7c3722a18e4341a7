"""What tests ask of a page: its structure, its text, the titles of a list."""

from __future__ import annotations

import html
import itertools
import re
from html.parser import HTMLParser
from typing import Any

CHECKS = [{"type": "module", "src": f"/static/{name}"} for name in ("check.js", "check-page.js")]
"""The scripts of pages that check; there are no others, and none stands in a page."""


class Outline(HTMLParser):
    """What matters of a page's structure."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def links(self) -> list[str]:
        return [str(a["href"]) for a in self.all("a", "link") if str(a["href"]).startswith("/")]


def text_of(page: str) -> str:
    """A page's text, white space made one blank."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def titles(answer: Any) -> list[str]:
    return [item["title"] for item in answer.json()["items"]]


def check_structure(page: str) -> None:
    outline = Outline(page)
    assert page.startswith("<!DOCTYPE html>")
    assert outline.all("html") == [{"lang": "zh-CN"}]
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels)), levels
    assert all(th.get("scope") in {"col", "row"} for th in outline.all("th"))
    assert len(outline.all("caption")) == len(outline.all("table"))
    ids = [attrs["id"] for _, attrs in outline.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), ids
    named = {label["for"] for label in outline.all("label")}
    assert all(f.get("id") in named for f in outline.all("input", "select") if f.get("type") != "hidden")
    assert all(s["aria-labelledby"] in ids for s in outline.all("section"))
    assert outline.all("a")[0]["href"] == "#content"
    assert "content" in ids
    assert not outline.all("style", "iframe", "img")
    assert all(script in CHECKS for script in outline.all("script"))
    assert not [attrs for _, attrs in outline.tags if any(a == "style" or a.startswith("on") for a in attrs)]
    assert {a["lang"] for _, a in outline.tags if "lang" in a} == {"zh-CN", "en"}
