"""A fuzzer of the site's forms and links: it walks every page, and asks each form and parameter what nobody should.

    python -m tests.api.form_fuzz --url http://127.0.0.1:8000 --seconds 600

Exit 0 nothing found, 1 something was. The suite runs it for a bounded time (tests/api/test_form_fuzz.py).

Whatever is asked, the answer is no error of the server, tells nothing of its inside (no trace, no SQL, no template), is
of the type that it says, and if it is a page, one that a strict parser of HTML (the HTML standard, §13) takes without a
complaint and in which what came stands as text.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import html5lib

from tests.api.pages import check_structure

PER_SHAPE = 5
"""Pages that are opened of those whose addresses differ in nothing but ids and numbers."""
CANARY = "x-canary"
PRODUCT = str(7919 * 6007)
"""What a template would make of the values below."""
INSIDE = re.compile(
    rf"Traceback \(most recent|File \"/|psycopg|jinja2|StrictUndefined|{PRODUCT}"
    r"|%\(size\)s|retracted *[<>=]|pg_sleep\(0\) AS"
)
"""What no answer may hold: it is in no value below, so that an echo is not taken for it."""

VALUES: Sequence[str | bytes] = (
    *("", " ", "0", "-1", "1e9", "٣", "²", "0x10", "NaN", "null", "true", "[]", "{}", "[object Object]", "undefined"),
    *("9" * 15, "9" * 19, "9" * 400, "-" + "9" * 40, "1" + "0" * 5000, "0.1", "1,2", "1_000", "+1", "00001"),
    *(
        "2026-02-30",
        "2026-13-01",
        "0000-00-00",
        "9999-12-31",
        "10000-01-01",
        "2026-1-1",
        "20260101",
        "2026-06-01T00:00",
    ),
    *("1949-09-30", "1949-10-01", "2026-W01-1", "2026-001", "today", "٢٠٢٦-٠١-٠١"),
    *("'", '"', "' OR 1=1 --", "'; DROP TABLE ledger.events; --", "\\'", "%", "_%", "%%", "%s", "%(on)s", "{held}"),
    *("$1", "') UNION SELECT null,null--", "1 OR 1=1", "*/ /*", "\\", "\\\\x00", "E'\\\\101'", "::text", "a\\u0000b"),
    *("{{7919*6007}}", "${7919*6007}", "#{7919*6007}", "<%= 7919*6007 %>", "{%raw%}", "{{config}}", "{{''.__class__}}"),
    f"<{CANARY} onx=1>",
    f'"><{CANARY} onx="1">',
    f"'><{CANARY}>",
    f"</title><{CANARY}>",
    f"</textarea></select><{CANARY}>",
    f"]]><{CANARY}>",
    *("<script>alert(1)</script>", "<!--", "&lt;b&gt;", "&#0;", "&amp", "javascript:alert(1)", "data:text/html,x"),
    *(
        "../../etc/passwd",
        "..%2f..",
        "/etc/passwd\0.png",
        "//example.invalid/",
        "http://example.invalid/",
        "a;b=c",
        "a&b",
    ),
    *("a\r\nx-injected: 1", "a\nb", "\t", "\x00", "\x01\x02", "\x1b[31m", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b"),
    *(
        "\ud800",
        "\udfff\ud800",
        "\ufffe\uffff",
        "\U0010ffff",
        "𠮷龘䶮㙍",
        "🏛️",
        "e\u0301" * 50,
        "\u202eabc\u202c",
        "İıſ",
    ),
    *("市" * 99, "市" * 101, "x" * 199, "x" * 201, "x" * 599, "x" * 2000, "市 " * 60, "ﷺ" * 90, "ab" * 20, "a " * 40),
    *(
        "newest",
        "due",
        "all",
        "month",
        "in_force",
        "record",
        "body",
        "ledger",
        "policy/national",
        "record/x",
        "*",
        "?",
        "#",
    ),
    *(b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xe5\xb8", b"%00", b"%", b"%zz"),
    "11990000000000019A",
    "p-0000000000000000",
    "0198c5a2-0000-7000-8000-000000000001",
    "W10",
    "WzEsIjIwMjYtMDEtMDEiLCJuZXdlc3QiLFsxXV0",
    "Wzk5OTk5OTk5OTk5OSwiOTk5OS0xMi0zMSIsIm5ld2VzdCIsWzFdXQ",
    "W1siYSJdLHt9LG51bGwsWzEsMiwzXV0",
)
UNKNOWN = ("x", "as_of[]", "on", "__proto__", "limit", "format", "callback", "q[]", "after[0]", "\u0000", "_method")


@dataclass(frozen=True)
class Target:
    """Something that can be asked: an address with parameters, and the values that they are offered with."""

    method: str
    path: str
    names: tuple[str, ...]


@dataclass
class Walk:
    """What a walk over the site found: pages by address, links that answered, and what can be asked."""

    pages: dict[str, str] = field(default_factory=dict)
    links: dict[str, int] = field(default_factory=dict)
    targets: set[Target] = field(default_factory=set)


def parsed(text: str) -> Any:
    """A page as a tree. Raises ParseError for what the HTML standard calls a parse error."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def shape(address: str) -> str:
    """An address without its ids, numbers and values: pages of one shape are made by the same code.

    >>> shape("/bodies/11990000000000019A?after=WzEs&as_of=7")
    '/bodies/*?after&as_of'
    """
    split = urlsplit(address)
    path = re.sub(r"/[^/.]*[0-9][^/.]*", "/*", split.path)
    return path + ("?" + "&".join(sorted(k for k, _ in parse_qsl(split.query, True))) if split.query else "")


def walk(client: Any, start: str = "/", most: int = PER_SHAPE) -> Walk:
    """Every page from ``start`` on, a few of each shape; every link must answer."""
    found, seen = Walk(), Counter[str]()
    queue = deque([start])
    known = {start}
    while queue:
        address = queue.popleft()
        answer = client.get(address)
        found.links[address] = answer.status_code
        if not answer.headers["content-type"].startswith("text/html") or "content-disposition" in answer.headers:
            continue
        found.pages[address] = answer.text
        tree = parsed(answer.text)
        found.targets |= set(_targets(tree, address))
        for link in _links(tree, address):
            if link not in known and seen[shape(link)] < most:
                seen[shape(link)] += 1
                known.add(link)
                queue.append(link)
    return found


def _links(tree: Any, address: str) -> Iterator[str]:
    for element in (*tree.iter("a"), *tree.iter("link")):
        href = element.get("href") or ""
        if href.startswith("/") and not href.startswith("//"):
            yield href.partition("#")[0]


def _targets(tree: Any, address: str) -> Iterator[Target]:
    """Each form with the names of its fields, and each link with those of its parameters."""
    for form in tree.iter("form"):
        fields = [e.get("name") for tag in ("input", "select", "textarea") for e in form.iter(tag) if e.get("name")]
        path = urlsplit(form.get("action") or address).path
        yield Target((form.get("method") or "get").upper(), path, tuple(sorted(set(fields))))
    for link in _links(tree, address):
        split = urlsplit(link)
        names = sorted({k for k, _ in parse_qsl(split.query, True)} | {"as_of"})
        yield Target("GET", split.path, tuple(names))


def asked(pairs: Sequence[tuple[str, str | bytes]]) -> str:
    """Parameters as they stand in an address or a form; bytes that are no text go as they are."""
    return "&".join(f"{quote_plus(k, errors='surrogatepass')}={_quoted(v)}" for k, v in pairs)


def _quoted(value: str | bytes) -> str:
    return quote_plus(value, errors="surrogatepass") if isinstance(value, str) else quote_plus(value)


def ask(client: Any, target: Target, pairs: Sequence[tuple[str, str | bytes]], *, json: bool = False) -> Any:
    """Asks, and holds the answer to what the module's docstring says. Raises AssertionError."""
    body, path = asked(pairs), target.path
    if target.method == "POST":
        answer = client.post(path, content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    else:
        path = ("/index.json" if path == "/" else f"{path}.json") if json else path
        answer = client.get(f"{path}?{body}", follow_redirects=False)
    check(answer, f"{target.method} {path} {body[:300]}")
    return answer


def asked_path(client: Any, path: str, value: str | bytes) -> Any:
    """The same of an address in whose path stands ``value``."""
    data = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
    filled = path.replace("*", quote(data, safe=""))
    answer = client.get(filled, follow_redirects=False)
    check(answer, f"GET {filled[:300]}")
    return answer


PLAIN = frozenset(
    ("application/jose", "application/atom+xml", "application/jsonl", "text/csv", "text/plain", "text/css")
)
"""What an answer may be beside a page and JSON."""


def check(answer: Any, what: str) -> None:
    """See the module's docstring. Raises AssertionError."""
    assert answer.status_code < 500, what
    kind, text = answer.headers.get("content-type", ""), answer.text
    assert not INSIDE.search(text), what
    assert "x-injected" not in answer.headers, what
    assert answer.status_code not in {301, 302, 303, 307, 308} or answer.headers["location"].startswith("/"), what
    if kind.startswith("text/html"):
        assert kind == "text/html; charset=utf-8", what
        tree = parsed(text)
        if "content-disposition" not in answer.headers:
            check_structure(text)
        assert not [e for e in tree.iter() if e.tag == CANARY or any(str(a).startswith("on") for a in e.attrib)], what
    elif kind in {"application/json", "application/problem+json"}:
        assert isinstance(answer.json(), dict), what
        assert (kind == "application/json") is (answer.status_code < 400), what
    elif answer.status_code in {200, 400, 404}:
        assert kind.split(";")[0] in PLAIN, what


def odd(target: Target, choice: random.Random) -> list[tuple[str, str | bytes]]:
    """Parameters that nobody should send: some of the target's, some unknown, some more than once, some as arrays."""
    names = [*target.names, choice.choice(UNKNOWN)]
    chosen = [choice.choice(names) for _ in range(choice.randint(1, 4))]
    return [(name + choice.choice(("", "", "", "[]")), choice.choice(VALUES)) for name in chosen]


def main() -> int:
    """Runs against a server for a while."""
    import httpx

    parser = argparse.ArgumentParser(prog="python -m tests.api.form_fuzz")
    parser.add_argument("--url", required=True)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--number", type=int, default=0, help="another number asks other things")
    arguments = parser.parse_args()
    choice, finds, sent = random.Random(arguments.number), 0, Counter[int]()
    with httpx.Client(base_url=arguments.url, headers={"accept": "text/html,*/*"}, timeout=30) as client:
        targets = sorted(walk(client).targets, key=repr)
        ends = time.monotonic() + arguments.seconds
        while time.monotonic() < ends:
            target = choice.choice(targets)
            pairs = odd(target, choice)
            try:
                answer = ask(client, target, pairs, json=choice.random() < 0.3)
            except AssertionError as error:
                finds += 1
                print(f"FOUND {error}", flush=True)
                continue
            sent[answer.status_code] += 1
            if answer.status_code == 429:
                time.sleep(float(answer.headers["retry-after"]))
    print(f"{sum(sent.values())} asked of {len(targets)} forms and links: {dict(sorted(sent.items()))}; {finds} found")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
