"""A place that adopted what reports, warnings and evaluation ask for, and a body that keeps most of what it says.

All of it is fictional. Its ledger's clock is the script's: from 2 January 2025 to 10 February 2026.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from ledger import policies
from ledger.domain.body import BodyRegistered, KeyAuthorised, RoleGranted
from ledger.domain.body_terms import Kind, Role
from ledger.domain.commitment import CommitmentBroken, CommitmentMade, FulfilmentAppraised
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation, found, open_installation
from ledger.keys import keystore
from ledger.playing import Clock
from ledger.settings import Settings
from tests.conftest import OPERATOR

REGION, FINANCE, FIRM, CITY = "990300", fictional_uscc(301), fictional_uscc(302), fictional_uscc(303)
PAPER = Document("示例市督查通报（虚构）", "ab" * 32, "示督〔2025〕1号", "示例市政府督查室", date(2025, 3, 1))
THREE = ", ".join(f'"{indicator}"' for indicator in ("lawful_administration", "social_integrity", "satisfaction"))
_VALUES = {
    "subject.body_kinds": '["government", "department"]',
    "report.days": '["06-30", "12-31"]',
    "warning.commitment_due": "30",
    "warning.fulfilment_falling": "{ drop = 10, months = 6, least = 2 }",
    "evaluation.indicators": f"[{THREE}]",
    "evaluation.published": "true",
    "evaluation.scores": (
        '[{ indicator = "lawful_administration", full = 10, line = "records_recognised", each = 2 }, '
        '{ indicator = "social_integrity", full = 20, line = "judged_fulfilled", '
        'of = ["judged_fulfilled", "judged_late", "judged_partly", "judged_broken"] }, '
        '{ indicator = "satisfaction", full = 5, line = "rated" }]'
    ),
}
PACK = (
    '[pack]\nid = "reporting"\nregion = "990300"\nzh = "示例三市规则包（虚构）"\nen = "Rules (invented)"\n'
    'version = "1"\n'
    + "".join(
        f'[[value]]\nkey = "{key}"\nvalue = {value}\nsource = "示例三市办法（虚构）第{n}条"\nfrom = 2025-01-01\n'
        'confidence = "high"\n'
        for n, (key, value) in enumerate(_VALUES.items(), 1)
    )
)


@dataclass
class Place:
    """The ledger, its clock, and who writes."""

    installation: Installation
    clock: Clock

    def on(self, day: str) -> None:
        """The day from now on."""
        self.clock.set(datetime.fromisoformat(f"{day}T02:00:00+00:00").astimezone(UTC))

    def say(self, stream: str, fact: Any, *basis: Document, by: str = "operator", iss: str = OPERATOR.uscc) -> int:
        """Records a fact at the end of a stream; its index."""
        ledger = self.installation.ledger
        data = self.installation.author(by, iss).write(stream, ledger.head(stream), fact, basis)
        return ledger.submit(data).result().index

    def promise(self, number: int, due: str, by: str = FINANCE) -> int:
        """A commitment of a body."""
        fact = CommitmentMade(f"第{number}号承诺", "按期完成", Sort.QUALITY, Area.PPP, by, due=date.fromisoformat(due))
        return self.say(stream(number), fact, PAPER)

    def judge(self, number: int, *, kept: bool) -> int:
        """What became of it."""
        due = self.installation.ledger.case(stream(number)).state.due
        fact = FulfilmentAppraised(Outcome.FULFILLED, "经核实", due) if kept else CommitmentBroken("逾期未完成")
        return self.say(stream(number), fact, PAPER)


def stream(number: int) -> str:
    """A commitment's stream."""
    return f"commitment/0198c5a2-0000-7000-8000-{number:012d}"


@contextmanager
def reporting_place(settings: Settings) -> Iterator[Place]:
    """Founds the place and plays its year."""
    clock = Clock()
    clock.set(datetime(2025, 1, 2, 2, tzinfo=UTC))
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        place = Place(installation, clock)
        _begin(place)
        _year(place)
        yield place


def _begin(place: Place) -> None:
    for stream_of, fact, basis in policies.shipped_facts():
        place.say(stream_of, fact, *basis)
    pack = policies.adoption(PACK)
    place.say(pack.stream, pack.fact, pack.document)
    place.say(f"body/{OPERATOR.uscc}", RoleGranted(Role.APPRAISER))
    key = keystore.load_or_create(place.installation.settings.keys / "finance.pem")
    for body, name, kind in (
        (FINANCE, "示例三市财政局（虚构）", Kind.DEPARTMENT),
        (FIRM, "示例公司（虚构）", Kind.ENTERPRISE),
    ):
        place.say(f"body/{body}", BodyRegistered(name, kind, REGION))
    place.say(f"body/{FINANCE}", KeyAuthorised(key.public))


def _year(place: Place) -> None:
    """2025: two kept in the first half, one of two in the second; a fifth is due soon; a firm's promise counts for
    nothing.
    """
    place.on("2025-02-03")
    for number, due in ((1, "2025-03-31"), (2, "2025-05-31"), (3, "2025-09-30"), (4, "2025-10-31"), (5, "2026-02-28")):
        place.promise(number, due)
    place.promise(6, "2025-03-31", by=FIRM)
    place.on("2025-04-01")
    place.judge(1, kept=True)
    place.judge(6, kept=False)
    place.on("2025-06-02")
    place.judge(2, kept=True)
    place.on("2025-11-03")
    place.judge(3, kept=True)
    place.judge(4, kept=False)
    place.on("2026-02-10")
