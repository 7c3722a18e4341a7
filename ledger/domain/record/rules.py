"""What may be said about a dishonesty record now, by whom, and what follows: the steps of all its parts.

>>> len(STEPS) == len(set(STEPS))
True
"""

from __future__ import annotations

from ledger.domain.record import (
    appeal,
    correction,
    court,
    lead,
    objection,
    objection_course,
    penalty,
    penalty_course,
    publication,
    recognition,
    rectification,
    repair,
    restoration,
    supervision,
    tolerance,
)
from ledger.domain.record.checks import relations
from ledger.domain.record.facts import LeadReceived
from ledger.domain.record.state import EMPTY
from ledger.domain.steps import Rulebook, Steps

STEPS: Steps = {
    **lead.STEPS,
    **recognition.STEPS,
    **rectification.STEPS,
    **supervision.STEPS,
    **court.STEPS,
    **tolerance.STEPS,
    **correction.STEPS,
    **penalty.STEPS,
    **penalty_course.STEPS,
    **publication.STEPS,
    **objection.STEPS,
    **objection_course.STEPS,
    **appeal.STEPS,
    **restoration.STEPS,
    **repair.STEPS,
}


RULES = Rulebook("record", STEPS, EMPTY, LeadReceived, relations)
admit, offers = RULES.admit, RULES.offers
