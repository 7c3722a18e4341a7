"""Which cases the public may see on a day: openness is the norm (F03 以公开为常态), and here is where it ends.

A body, its commitments and the rules in force are public. A dishonesty record is public while it is published, and no
longer: before its publication, after a repair, a withdrawal or the end of its period nothing of its content is shown
(F01, E10), and of its persons only where it was published with them. A positive record of a body is public while it
stands. Complaints, persons' files and, for they say who held which post, projects are for those whose task they are
(F02 在保护…个人隐私的前提下).

Of an event that is not open its name, signer and time are public, but not that somebody was looked up or forgotten.

Who reads the log itself, as an auditor, sees every event; what tells who a person is stands in none of them.

>>> is_open("commitment", None, date(2026, 6, 1)), is_open("complaint", None, date(2026, 6, 1))
(True, False)
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.domain.seals import SealErased, SealOpened

ALWAYS = frozenset({"body", "commitment", "policy"})
"""Kinds of case that are public for ever: nothing in them is taken down."""


def is_open(kind: str, state: Any, on: date) -> bool:
    """Whether the public may see what a case of this kind, in this state, says on a day."""
    if kind in ALWAYS:
        return True
    if kind == "record":
        return bool(state.is_published(on))
    if kind == "commendation":
        return bool(state.stands and state.recorded.fact.person is None)
    return False


def is_named(fact: Any) -> bool:
    """Whether the public may know what kind of event an event is that is not open: not of look-ups and erasures."""
    return not isinstance(fact, SealOpened | SealErased)


def is_about_person(state: Any, fact: Any) -> bool:
    """Whether a fact of a dishonesty record says something of an official: links one, or is about a penalty of one."""
    if getattr(fact, "person", None):
        return True
    penalty = state.penalty(getattr(fact, "penalty", None))
    return penalty is not None and penalty.imposed.fact.person is not None


def is_shown(kind: str, state: Any, fact: Any) -> bool:
    """Whether the public may see one event of a case that is open."""
    if kind != "record" or (state.publications and state.publications[-1].fact.persons):
        return True
    return not is_about_person(state, fact)
