"""What counts at once, though the projections that depend on rules do not contain it yet.

While they ask all cases again under rules that were adopted, they stand still (:mod:`projections.runners`), and the
provenance index goes on. So whoever shows records or says what blocks asks that too: a record of which it has one of
these events, at or beyond the position of the projections that depend on rules, is not shown to the public, or does
not block. It errs towards whom the record is about, for as long as it takes: it is shown again, or not, when they have
caught up.

What rules that were adopted change themselves, such as a shorter period of publicity, counts when they have.

>>> sorted(RELIEVING - FROM_SIGHT), "PenaltyImposed" in FROM_SIGHT
([], False)
"""

from __future__ import annotations

from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r

_RELIEVING = (
    c.RecordWithdrawn,  # the record does not stand, and no penalty of it (E05)
    r.RepairGranted,  # publicity and penalties end (E10)
    r.PenaltySuspended,  # by an objection that was taken up, an appeal, an order: it is not executed (E03)
    r.PenaltyLifted,
    r.PenaltyMitigated,  # it may end earlier (E15)
    c.CourtListRemoved,  # the entry in the court list is no more (C06)
)
_FROM_SIGHT = (
    c.PublicationEnded,
    c.RecordPublished,  # anew: perhaps without persons, or until another day
    c.RecordCorrected,  # what it said before is not repeated (E05 更正)
    f.SeverityGraded,  # anew: a lesser act is published for a shorter time, or not at all
    r.ObjectionAccepted,  # it has to be marked as under objection, its penalties as suspended (E03)
)


def _names(*classes: type) -> frozenset[str]:
    return frozenset(cls.__name__ for cls in classes)


RELIEVING = _names(*_RELIEVING)
"""Events after which a penalty or a court listing may weigh less than before, or not at all. What follows from others
is in the log as one of these: of an objection that is upheld the record's withdrawal or the penalty's end.
"""
FROM_SIGHT = _names(*_RELIEVING, *_FROM_SIGHT)
"""Events after which the public may see less of a record than before, or must see it otherwise."""
STRUCK = _names(c.RecordWithdrawn, r.RepairGranted)
"""Events after which a record does not stand for anybody."""
