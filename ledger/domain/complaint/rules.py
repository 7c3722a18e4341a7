"""What may be said about a complaint now, by whom, and what follows: the steps of all its parts.

>>> len(STEPS)
14
"""

from __future__ import annotations

from ledger.domain import seal_rules
from ledger.domain.complaint import handling, incident, intake
from ledger.domain.complaint.checks import other
from ledger.domain.complaint.facts import ComplaintReceived
from ledger.domain.complaint.state import EMPTY, Complaint
from ledger.domain.event import Event, Rules
from ledger.domain.roles import CaseRole, Relations, about
from ledger.domain.steps import Rulebook, Steps


def relations(state: Complaint, event: Event, rules: Rules) -> Relations:
    """Who stands where: the accused and its superior; who handles the complaint or leads its incident."""
    leads = (state.incident.opened.fact.lead,) if state.incident else ()
    return {
        **about(rules, state.accused),
        CaseRole.HANDLER: (*((state.handler,) if state.handler else ()), *leads),
    }


STEPS: Steps = {
    **intake.STEPS,
    **handling.STEPS,
    **incident.STEPS,
    **seal_rules.steps(relations, also=other),  # the accused never learns who complained
}
RULES = Rulebook("complaint", STEPS, EMPTY, ComplaintReceived, relations)
admit, offers = RULES.admit, RULES.offers
