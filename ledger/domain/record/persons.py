"""Who may answer for a record as a person: of a kind that the pack makes a subject, and in the subject's service.

Nobody is linked to a record by name: the person is a stream, and what is checked are its kind and days of service.

>>> A02
'A02: YC 二(二)4; DH 二(二)1; HS 二'
"""

from __future__ import annotations

from datetime import date

from ledger.domain.body import of
from ledger.domain.person import Person, affiliated
from ledger.domain.record.checks import Case, refuse
from ledger.domain.record.terms import PersonKind

A02 = "A02: YC 二(二)4; DH 二(二)1; HS 二"


def need_official(
    case: Case, stream: str, subject: str, source: str, period: tuple[date, date | None] | None = None
) -> None:
    """The person is known, of a kind that is a subject here, and served with the body ``subject``.

    With a ``period`` it served there all that time, or with a body that the subject took over (A12). A candidate
    serves nobody yet (C21).
    """
    person: Person | None = case.rules.cases.get(stream)
    if person is None:
        raise refuse("linked", f"expected a person on file, got {stream}", f"{stream} 尚无人员档案", source)
    kinds = case.view.names("subject.person_kinds")
    if person.kind not in kinds:
        raise refuse(
            "person-kind",
            f"expected a person that is {', '.join(kinds)}, {stream} is {person.kind}",
            f"责任主体中的人员应为 {'、'.join(kinds)}，{stream} 为 {person.kind}",
            f"{A02}; {case.view.source('subject.person_kinds')}",
        )
    if person.kind is PersonKind.CANDIDATE or _served(case, person, subject, period):
        return
    days = f"from {period[0]} to {period[1] or 'now'}" if period else "at any time"
    raise refuse(
        "affiliation",
        f"expected a person in the service of {subject} {days}, {stream} was not",
        f"该人员应在所述期间任职于 {subject}（{days}），{stream} 的档案无此任职",
        source,
    )


def _served(case: Case, person: Person, subject: str, period: tuple[date, date | None] | None) -> bool:
    before = of(case.rules, subject).predecessors
    if period is None:
        return any(a.body in {subject, *before} for a in person.affiliations)
    return affiliated(person, subject, *period, also=before)
