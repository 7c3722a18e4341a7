"""Judging a log again: would the rules have admitted each event where it stands, and does what follows from it follow?

An operator who holds the log's key can write what no rule allows, sign the tree over it, and let it look as if it had
been admitted; every signature holds and every case can be folded. So the rules are asked again, in the order of the
log, about every event and its consequences: they are those of :mod:`ledger.domain`, with the rule packs that the log
itself had adopted by then. What only the moment of admission could know (the signer's clock, whether the vault had
something to give) is not judged.

>>> from datetime import UTC, datetime
>>> from ledger.domain.body import RoleGranted
>>> from ledger.domain.body_terms import Role
>>> judging = Judging(lambda stream: None)
>>> event = Event("11990000000000019A", 0, "", "body/11990000000000027X", 1, None, RoleGranted(Role.OPERATOR))
>>> found = judging.take(Recorded(event, "kid", 7, datetime(2026, 4, 1, tzinfo=UTC), "hash"))
>>> found.index, found.code
(7, 'course')
"""

from __future__ import annotations

from audit.verdict import Problem
from ledger.domain.event import Consequence, Event, Recorded
from ledger.domain.judgement import States, judge
from ledger.errors import LedgerError


class Judging:
    """The rules at a position of the log. ``states`` gives the state of each stream there (None: not begun)."""

    def __init__(self, states: States) -> None:
        self._states = states
        self._due: list[Consequence] = []
        self._cause = ""

    def take(self, recorded: Recorded) -> Problem | None:
        """Judges the next event, before it is folded; what is wrong with it."""
        event, index = recorded.event, recorded.index
        if event.cause is None and self._due:
            return self.left(index)
        if event.cause is None:
            self._cause = event.jti
        elif not self._is_due(event):
            return _problem(
                index,
                f"{event.name} on {event.stream}: no event obliged it here",
                f"{event.stream} 的 {event.name}：此处没有应引起它的事件",
            )
        try:
            self._due += judge(self._states, event, recorded.at)
        except LedgerError as error:
            return _problem(index, f"a rule refuses it: {error.en}", f"规则不予受理：{error.zh}")
        except Exception as error:  # nobody admitted what somebody put there: a rule may meet anything
            name = type(error).__name__
            return _problem(index, f"no rule can judge it ({name})", f"规则无法裁判（{name}）")
        return None

    def left(self, index: int) -> Problem | None:
        """What should stand at ``index`` of the log, since an event before it obliged it, and does not."""
        if not self._due:
            return None
        due = self._due[0]
        name = type(due.fact).__name__
        return _problem(
            index,
            f"expected the consequence {name} on {due.stream}, got none",
            f"应有后果 {name}（{due.stream}），实则没有",
        )

    def _is_due(self, event: Event) -> bool:
        """Whether the event is the consequence that comes next."""
        due = self._due.pop(0) if self._due else None
        return due is not None and (due.stream, due.fact, self._cause) == (event.stream, event.fact, event.cause)


def _problem(index: int, en: str, zh: str) -> Problem:
    return Problem(index, "course", en, zh)
