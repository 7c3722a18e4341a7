"""The page of statistics: what happened and what there is, by month, region, area or class of subject; how
commitments stand, with rates.

/statistics     ?by=all|month|region|area|class &measure= &region= &level= &area= &from=     ?as_of=

``increase`` counts from the day ``from`` on (else from the beginning) to the day of the page; ``stock`` is the sum of
all days up to it (C09 清存量、防增量). Of what is not always public anybody sees whole days that are over, holders of
the token every position. What each measure counts is said beside it; the words are those of projections/measures.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from api import query
from api.access import is_auditor
from api.moments import moment, reading
from api.pages import show
from api.pages.lists import Filter, coded, field
from api.render import Data, respond_at
from api.words import word
from api.words.table import Word, words
from ledger.domain.commitment_due import Standing
from ledger.domain.commitment_terms import Area
from projections.measures import MEANINGS, Measure
from projections.rates import Promises, Rate
from projections.views.regions import Level
from projections.views.statistics import By, Figure, Scope, figures, standings

BY = {
    **words(
        all=("合计", "In all"),
        month=("按月", "By month"),
        region=("按行政区划", "By region"),
        area=("按领域", "By area"),
    ),
    str(By.CLASS): Word("按主体类别", "By class of subject"),
}
CLASSES = words(
    government=("地方政府", "Local government"),
    department=("地方政府部门", "Government departments"),
    public_institution=("事业单位", "Public institutions"),
    committee=("社区居民委员会、村民委员会", "Residents’ and villagers’ committees"),
)
LEVELS = words(province=("省级", "Province"), city=("地级", "City"), county=("县级", "County"))
MEASURES = {str(measure): Word(meaning.zh, meaning.en) for measure, meaning in MEANINGS.items()}
USUAL = Measure.RECORDS_OPEN
"""The measure that is told apart where none is chosen."""
FILTERS = (
    Filter("by", "分组", "Told apart", BY),
    Filter("measure", "指标（分组时）", "Measure, where told apart", MEASURES),
    Filter("region", "行政区划代码", "Region code"),
    Filter("level", "区划级别", "Level of regions", LEVELS),
    Filter("area", "领域", "Area", coded(Area)),
    Filter("from", "增量起算日", "Increase from", is_day=True),
)
WIDTH = 120
"""Units of a bar's greatest width."""


def statistics(request: Request) -> Response:
    """``GET /statistics``."""
    asked = {f.name: f.value(request) for f in FILTERS}
    at, read = moment(request, "statistics", "provenance", "commitments", "bodies"), reading(request)
    by, level = By(asked["by"] or By.ALL), Level(asked["level"] or Level.COUNTY)
    if asked["region"] is not None and not (asked["region"].isascii() and asked["region"].isdigit()):
        raise query.unknown("region", ("a GB/T 2260 code 行政区划代码",), asked["region"])
    first: date | None = asked["from"]
    scope = Scope(asked["region"], asked["area"], first)
    measure = Measure(asked["measure"] or USUAL)
    wanted = tuple(Measure) if by is By.ALL else (measure,)
    found = figures(read, at, by, scope=scope, level=level, measures=wanted, public=not is_auditor(request))
    apart = By.ALL if by is By.MONTH else by  # how commitments stand is a matter of one day
    stand = standings(read, at, apart, scope=scope, level=level)
    data = {
        "filters": {**asked, "by": by, "measure": None if by is By.ALL else measure, "level": level},
        "measures": _measures(found.get(None, {})) if by is By.ALL else None,
        "series": None if by is By.ALL else _series(by, found, measure),
        "measure": _measure(measure),
        "commitments": [{"key": _key(apart, key), **promised(row)} for key, row in stand.items()],
    }
    form = [field(f, asked[f.name]) for f in FILTERS]
    there = [show.coded(s) for s in Standing if any(s in row.counts for row in stand.values())]
    words = {"words": BY[str(by)], "apart": BY[str(apart)]}
    return respond_at(request, at, "statistics.html", data, form=form, standings=there, **words)


def _measure(measure: Measure) -> Data:
    meaning = MEANINGS[measure]
    return {"code": str(measure), "zh": meaning.zh, "en": meaning.en, "source": meaning.source, "stock": meaning.stock}


def _measures(found: Mapping[Measure, Figure]) -> list[Data]:
    """All measures that ever occurred, in their order."""
    return [{**_measure(m), **_figure(m, found[m])} for m in Measure if m in found]


def _figure(measure: Measure, found: Figure) -> Data:
    """Increase and stock, as numbers, and as people read them: money as yuan."""
    fen = MEANINGS[measure].fen
    said = show.yuan if fen else str
    return {
        "increase": found.increase,
        "level": found.stock,
        "increase_text": said(found.increase),
        "level_text": said(found.stock),
    }


def _series(by: By, found: Mapping[str | None, Mapping[Measure, Figure]], measure: Measure) -> list[Data]:
    """One measure by month, region or area; ``bar``: the width of the level's bar, beside the greatest."""
    rows = [(key, figures[measure]) for key, figures in found.items() if measure in figures]
    most = max((abs(figure.stock) for _, figure in rows), default=0) or 1
    return [
        {"key": _key(by, key), **_figure(measure, figure), "bar": round(max(figure.stock, 0) * WIDTH / most)}
        for key, figure in rows
    ]


def _key(by: By, key: str | None) -> Data:
    """What a row is of: in words where there are some."""
    if key is None or by is By.ALL:
        return {"code": key, **(BY["all"] if by is By.ALL else Word("未注明", "Not stated"))._asdict()}
    if by is By.AREA:
        return {"code": key, **word(Area(key))._asdict()}
    if by is By.CLASS:
        return {"code": key, **CLASSES[key]._asdict()}
    return {"code": key, "zh": key, "en": ""}


def promised(found: Promises) -> Data:
    """Commitments by standing, with the two rates."""
    return {
        "total": found.total,
        "standings": [{**(show.coded(s) or {}), "count": found.counts[s]} for s in Standing if s in found.counts],
        "next_due": found.next_due,
        "overdue_since": found.overdue_since,
        "fulfilment_rate": rate(found.fulfilment),
        "timely_rate": rate(found.timely),
    }


def rate(found: Rate) -> Data:
    """A rate with both of its numbers."""
    return {"numerator": found.part, "denominator": found.whole, "share": found.share}
