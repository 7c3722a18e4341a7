"""docs/statistics.md, made from the measures and rates themselves: ``python -m tests.measures`` writes it.

>>> page().splitlines()[0]
'# Statistics 统计指标'
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ledger.domain.commitment_due import Standing
from projections.measures import MEANINGS, Measure
from projections.rates import CAME_DUE, KEPT

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"

_HEAD = """# Statistics 统计指标

Made by `python -m tests.measures` from projections/measures.py and projections/rates.py.
本页由 `python -m tests.measures` 从代码生成。

What is counted is an event of the log, on the day on which the ledger recorded it, in the region of the body that it is
about (GB/T 2260) and the key area of its case. Nothing is weighted and nothing is estimated: every figure is a sum that
anybody with the log can add up again, and `jiannuo audit diff` does. A **happening** is counted once and stays counted.
A **stock** is what there is: its figure at the end of a day is the sum of all that was recorded up to it, and its
increase over a month the sum of that month (C09 清存量、防增量). Where something that was counted turns out otherwise
(a repair is revoked, a due day is judged anew), a new event says so and is counted with its sign; no past figure
changes, so that the figure of any past day or log index (`as_of`) is the one that stood there then.

The statistics tell of regions and areas, never of one body; what is shown of a body goes by what of its records may be
seen (docs/disclosure.md). Commitments are public from the beginning and counted at once. Of everything else the public
sees whole days, each when it is over: two figures one log entry apart would tell in which region and area an event of a
case stands that is not public. Holders of the auditors' token see every position.
承诺类指标即时更新；其他指标，公众所见按已结束的整日计入，以免从相邻两次数字推知未公开案件的地区和领域。

"""

_RATES = """## Rates 比率

| rate | numerator | denominator | source |
|---|---|---|---|
| fulfilment rate 履约率 | commitments that stand as {kept} on the day | those that stand as {due} | B05, J09 |
| timely rate 按期履约率 | commitments that stand as `fulfilled` on the day | the same | B05, J09 |

Both are shown with both their numbers (B05: YC 一(二) 准确记录并客观评价; J09: YC 二(三)11). What is overdue with
neither report nor judgement is in the denominator: silence does not improve a rate. What is not due yet, reported and
waiting for its judgement, lawfully changed or withdrawn (B10) is in neither number. A recurring commitment counts once,
as it stands on the day: overdue if any due day is, else as its newest due day was judged.

**Litigation defeat rate 败诉率** (C11: YC 二(三)11): its denominator is the number of suits in which a body was a
party, which no event of this ledger tells. The number of recorded defeats is given, and no rate is made up.

## Bodies side by side 各单位对照

`/api/v1/comparison?region=350500` (`jiannuo list comparison --where region=350500`) shows for each body its commitments
by where they stand, the records (by severity; defeats in litigation) and penalties that the public sees, and both
numbers of its fulfilment rate. There is no mark and no rank: the order is that of registration, and whoever reads may
ask for the order of one count.

## Levels of regions 行政区划层级

A code asks for all that lies in it: `350000` for the province, `350500` for the city with its counties, `350526` for
the county alone. A body's region is the one that it was registered with, else digits 3 to 8 of its code (GB 32100).
"""


def _codes(standings: tuple[Standing, ...]) -> str:
    return ", ".join(f"`{standing}`" for standing in standings)


def _rows() -> Iterator[str]:
    yield "## Measures 指标\n"
    yield "| measure | 含义 | meaning | sort | events | source |"
    yield "|---|---|---|---|---|---|"
    for measure in Measure:
        found = MEANINGS[measure]
        sort = ("stock 存量" if found.stock else "happening 发生数") + (", in fen 以分计" if found.fen else "")
        events = ", ".join(f"`{name}`" for name in found.events.split())
        yield f"| `{measure}` | {found.zh} | {found.en} | {sort} | {events} | {found.source} |"
    yield ""


def page() -> str:
    """The text of docs/statistics.md."""
    rates = _RATES.format(kept=_codes(KEPT), due=_codes(CAME_DUE))
    return _HEAD + "\n".join(_rows()) + "\n" + rates


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
