"""The rules of a region as the log had adopted them at a moment.

    rules = RulesAt(installation.ledger, moment)
    rules.of("320900").get("court.sweep")

>>> policy.streams("320900")[-1]
'policy/national'
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.application import Ledger
from ledger.domain import policy
from ledger.domain.policy import Policy, View, view_of
from projections.reading import Moment


@dataclass
class RulesAt:
    """Answers for many regions; each policy stream is read once."""

    ledger: Ledger
    moment: Moment
    _policies: dict[str, Policy] = field(default_factory=dict)

    def of(self, region: str | None) -> View:
        """The rules in force on the moment's day, by what was adopted up to its position."""
        streams = policy.streams(region) if region else (policy.NATIONAL,)
        return view_of(tuple(map(self._policy, streams)), self.moment.on)

    def _policy(self, stream: str) -> Policy:
        if stream not in self._policies:
            state = policy.EMPTY
            for recorded in self.ledger.history(stream):
                if recorded.index < self.moment.size:
                    state = policy.evolve(state, recorded)
            self._policies[stream] = state
        return self._policies[stream]
