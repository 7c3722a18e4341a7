"""All projections there are, in the order in which they are filled.

>>> PROJECTIONS["commitments"].schema
'commitments_1'
"""

from __future__ import annotations

from collections.abc import Mapping

from projections import (
    bodies,
    cases,
    commitments,
    complaints,
    court,
    filings,
    lookups,
    matching,
    penalties,
    projects,
    provenance,
    records,
    remedies,
    search,
    statistics,
    sweeps,
    takedowns,
)
from projections.projection import Projection

_MODULES = (
    provenance,
    cases,
    bodies,
    commitments,
    records,
    penalties,
    court,
    remedies,
    complaints,
    takedowns,
    projects,
    lookups,
    statistics,
    search,
    matching,
    sweeps,
    filings,
)

PROJECTIONS: Mapping[str, Projection] = {module.PROJECTION.name: module.PROJECTION for module in _MODULES}
