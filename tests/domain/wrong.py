"""A wrong step: what was done wrong, after which history, by which saying, and the rule that has to refuse it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.domain.scenario import Saying, Scenario


@dataclass(frozen=True)
class Wrong:
    """One wrong step. ``what`` says it in words; the state is that of ``given``."""

    what: str
    given: Scenario
    saying: Saying
    rule: str

    @property
    def triple(self) -> tuple[str, str, str]:
        """State, event and rule: what makes it different from the others."""
        return (
            f"{self.given.stream.partition('/')[0]} {self.given.state!r}",
            type(self.saying.fact).__name__,
            self.rule,
        )
