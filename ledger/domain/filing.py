"""Reports filed (J10 报送半年、全年政务诚信建设情况): that a body filed one, on which period, and which.

The report itself is computed from the log (docs/reports.md); here stands what makes it findable and unchangeable: how
many entries of the log it counts, and the SHA-256 of its data, which its verification code ends with.

>>> Filing("2026H1", "0" * 64, 3).period
'2026H1'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from ledger.domain.codec import Range, Sha256
from ledger.domain.supervision_terms import PeriodName


@dataclass(frozen=True, slots=True)
class IntegrityReportFiled:
    """The body filed its report on a half year or year (J10 每年6月30日前和12月31日前报送).

    ``size`` is how many entries of the log the report counts, ``digest`` the SHA-256 of its data.
    """

    SCHEMA: ClassVar[int] = 1
    period: PeriodName
    size: Annotated[int, Range(1, 2**53)]
    digest: Sha256


@dataclass(frozen=True, slots=True)
class Filing:
    """A report that was filed: on which period, the digest of its data, at which index of the log."""

    period: str
    digest: str
    index: int
