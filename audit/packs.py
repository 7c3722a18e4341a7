"""The rule packs in force for an event: those that the jurisdiction of its case had adopted before it, as of its day.

>>> from audit.authority import Authority
>>> from audit.origin import Statements
>>> class Nothing:
...     of = caused_by = lambda self, name: ()
...     at = by_jti = lambda self, name: None
...     bodies = lambda self: ()
>>> Packs(Statements(Nothing()), Authority(), {})._adoption("policy/national", 0, date(2026, 1, 1)) is None
True
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date

from audit.authority import Authority
from audit.origin import Statement, Statements
from audit.verdict import Problem
from ledger.domain.event import legal_day
from ledger.domain.kinds import kind_of, policies_of
from ledger.domain.policy import EMPTY, Policy, PolicyAdopted, evolve


class Packs:
    """The packs by event; ``last`` is, by stream, the last index that is asked about."""

    def __init__(self, statements: Statements, authority: Authority, last: Mapping[str, int]) -> None:
        self._statements, self._authority, self._last = statements, authority, last
        self._asked: dict[str, dict[int, tuple[str, ...]]] = {}
        self._policies: dict[str, tuple[list[Statement], Policy]] = {}

    def of(self, statement: Statement) -> tuple[Statement, ...]:
        """The adoptions of the packs in force for an event, the nearest first; none for a kind that has no rules."""
        stream, index, day = statement.event.stream, statement.index, legal_day(statement.at)
        if stream not in self._asked:
            self._asked[stream] = self._policies_asked(stream)
        found = (self._adoption(policy, index, day) for policy in self._asked[stream].get(index, ()))
        return tuple(adoption for adoption in found if adoption)

    def _policies_asked(self, stream: str) -> dict[int, tuple[str, ...]]:
        """By index, the policy streams that the admission of each event of a case looks at."""
        kind, found = kind_of(stream), {}
        state = kind.initial
        for statement in self._statements.of(stream, self._last[stream]):
            try:
                about = kind.subject(state, statement.event)
                body = self._authority.body(about) if about else None
                known = body is not None and body.since is not None and body.since <= statement.at
                found[statement.index] = policies_of(state, statement.event, {about: body} if about and known else {})
                state = kind.evolve(state, statement.recorded)
            except Exception as error:  # nothing says that these events were ever admitted
                self._note(statement, error)
                break
        return found

    def _adoption(self, stream: str, index: int, day: date) -> Statement | None:
        """The adoption of the pack that was in force on a day, of those recorded before an index."""
        if stream not in self._policies:
            self._policies[stream] = self._adoptions(stream)
        adopted, policy = self._policies[stream]
        known = bisect_left(adopted, index, key=lambda statement: statement.index)
        adoptions = policy.adoptions[:known]
        pack = Policy(adoptions).pack(day)
        return next((s for s, a in zip(adopted, adoptions, strict=False) if a is pack), None)

    def _adoptions(self, stream: str) -> tuple[list[Statement], Policy]:
        """The adoptions of a policy stream that can be read, and the policy that they make."""
        adopted, policy = [], EMPTY
        for statement in self._statements.of(stream, max(self._last.values(), default=-1)):
            if isinstance(statement.event.fact, PolicyAdopted):
                try:
                    policy = evolve(policy, statement.recorded)
                except Exception as error:  # a pack is anybody's text
                    self._note(statement, error)
                else:
                    adopted.append(statement)
        return adopted, policy

    def _note(self, statement: Statement, error: Exception) -> None:
        name = type(error).__name__
        en = f"expected an event that its stream allows there, got one that it cannot follow ({name})"
        zh = f"应为该事件流此处允许的事件，实则无法接续（{name}）"
        self._statements.note(Problem(statement.index, "malformed", en, zh))
