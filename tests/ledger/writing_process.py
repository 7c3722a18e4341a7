"""A process that writes to a ledger, for tests with several of them: ``python -m tests.ledger.writing_process …``.

It opens the installation that is given by home and database URL, and lets a number of threads write until each has its
share. Every thread writes to a stream of its own and, in turns, to one that all share; who loses there goes on from the
head that the refusal tells. It prints a JSON line for each receipt, in the order in which its thread got it.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from ledger.authoring import Author
from ledger.domain.body import BodyRegistered, BodyRenamed
from ledger.domain.body_terms import Kind
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import ConflictError, Head
from ledger.installation import Installation, open_installation
from ledger.settings import Settings
from tests.conftest import OPERATOR

PAPER = (Document("会议纪要", "ab" * 32),)
SHARED = f"body/{fictional_uscc(999)}"
PATIENCE = 60


def write(installation: Installation, writer: int, share: int, say: threading.Lock) -> None:
    """One writer's events."""
    author = installation.author("operator", OPERATOR.uscc)
    own = f"body/{fictional_uscc(1000 + writer)}"
    heads = {own: Head(0, None), SHARED: Head(0, None)}
    for turn in range(share):
        stream = SHARED if turn % 3 == 2 else own
        record(installation, author, heads, stream, f"第{writer}位写者第{turn}次", say)


def record(
    installation: Installation,
    author: Author,
    heads: dict[str, Head],
    stream: str,
    name: str,
    say: threading.Lock,
) -> None:
    """Writes one event, however often it loses its place to another writer."""
    lost = 0
    while True:
        head = heads[stream]
        fact = BodyRenamed(name) if head.version else BodyRegistered(name, Kind.DEPARTMENT)
        event = author.write(stream, head, fact, PAPER)
        try:
            receipt = installation.ledger.submit(event).result(PATIENCE)
        except ConflictError as error:
            if error.head.version <= head.version:
                raise  # a loser is told a later head
            heads[stream], lost = error.head, lost + 1
            continue
        heads[stream] = receipt.head
        with say:
            print(json.dumps({"name": name, "event": event.decode(), "lost": lost, **receipt.json()}), flush=True)
        return


def main(home: str, url: str, first: int, writers: int, share: int) -> None:
    """Opens the installation, waits for a line on stdin, and writes."""
    say = threading.Lock()
    with open_installation(Settings(Path(home), url)) as installation:
        print("ready", flush=True)
        sys.stdin.readline()
        threads = [
            threading.Thread(target=write, args=(installation, n, share, say)) for n in range(first, first + writers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
