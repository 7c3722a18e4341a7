"""Due dates in the words of plans, as XML Schema dates (XSD 1.1 part 2).

2024-12-31 is a day, --06-30 every year, ---05 every month. A date is due only with a word that says so: 至, 到, 截至
before it, 前, 底, 末, 内 after it, 完成 behind it, or a label (完成时限). "2024年6月前" means the end of June, as plans
use it. Dates in titles of documents, and of what has been, are not due.

>>> find_due("至2024年底，建立机制；至2025年底，实现全覆盖。")
('2024-12-31', '2025-12-31')
>>> find_due("分别于每年6月30日前和12月31日前报送")
('--06-30', '--12-31')
>>> find_due("根据2018年10月12日印发的《2021年底前任务》，9月底前完成", year=2024)
('2024-09-30',)
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from ledger.plans.marks import chinese_number

_FIVE_YEAR = {"十三五": 2020, "十四五": 2025, "十五五": 2030}
_QUARTERS = (3, 6, 9, 12)
_BEGINS_RANGE = re.compile(r"[-—–~－至到]{1,2}(?:20\d\d年)?\d{1,2}月")
_NUMERAL_YEAR = re.compile(r"[二一][〇零○O0一二三四五六七八九]{3}(?=年)")
_NUMERAL = re.compile(r"[一二三四五六七八九十]{1,3}(?=月|日)")
_NUMERIC = re.compile(r"(?<!\d)(20\d\d)[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
_NUMERIC_MONTH = re.compile(r"(?<!\d)(20\d\d)[-./](\d{1,2})(?![\d-])")
_CITED = re.compile(r"《[^《》]{0,120}》|〔\d{4}〕\d*号?")

_PART = r"(?P<part>底|末|上旬|中旬|下旬|初|中)?"
_MONTH = rf"(?P<month>\d{{1,2}})月(?:份)?(?:(?P<day>\d{{1,2}})日|{_PART})"
_DATE = re.compile(
    r"(?P<before>(?:截至|截止到?|到|至|(?<!属)于|在)?(?:每个?)?)"
    r"(?:(?P<year>(?:19|20)\d\d)年度?|(?P<this>今年|本年度?|当年)|(?P<next>明年|次年|翌年))?"
    rf"(?:{_MONTH}|第?(?P<quarter>[一二三四1-4])季度(?:底|末)?|(?P<half>[上下]半年)(?:底|末)?"
    r"|(?P<year_end>(?:年|(?<=年)|(?<=年度))[底末内])|(?P<bare>(?<=年)|(?<=年度)))"
    r"(?P<after>之前|以前|前|以内|之内|内|止)?"
)
_YEARLY = re.compile(
    r"每年度?(?:的)?(?P<list>(?:[、和及与,，或]*(?:以及|次年|翌年|下一?年)?(?:\d{1,2}月(?:份)?(?:\d{1,2}日|底|末|上旬|中旬|下旬|初)?|第?[一二三四1-4]季度[底末]?|年?[底末])"
    r"(?:之前|以前|前)?)+)"
)
_YEARLY_ITEM = re.compile(rf"{_MONTH}|(?P<quarter>[一二三四1-4])季度[底末]?|(?P<year_end>年?[底末])")
_ALSO_YEARLY = re.compile(rf"(?<=，)(?:并|再|同时|又)?(?:分别)?(?:于|在){_MONTH}(?:之前|以前|前)")
_QUARTERLY = re.compile(
    r"每(?:个)?季度?(?:(?P<first>首月|第一个?月|(?:结束)?后?(?:的)?(?:次|下)个?月)|(?:的)?(?:末月|最后一个?月|末|底|结束))(?:(?P<day>\d{1,2})日)?(?P<mark>之前|以前|前|底|末)?"
)
_MONTHLY = re.compile(r"(?:每个?|次|下)月(?:的)?(?:(?P<day>\d{1,2})日(?:之前|以前|前)|(?P<end>[底末])前?)")
_HALF_YEARLY = re.compile(r"每半年(?:末|底|结束)前?")
_FIVE = re.compile(r"[“\"]?(十[三四五]五)[”\"]?(?:时期|期间|规划)?(?:期)?[末底]")
_DEED = re.compile(r"[，]?(?:完成|建成|报送|上报|全部完成|全面完成|基本完成|实现|出台|前|底)")
_PAST = re.compile(
    r"(?:之前|以前|前)?(?:形成|发生|产生|签订|登记|成立|建成的|存量|认定|批准|[，]?[^，。；]{0,8}(?:已|累计|共有|共计))"
)
_COUPLED = re.compile(r"[、和及或与](?:\d{4}年)?\d{1,2}月(?:\d{1,2}日|底|末)?(?:之前|以前|前)")
_FROM = re.compile(r"(?:19|20)\d\d年?(?:\d{1,2}月)?(?:\d{1,2}日)?[-—–~－至到]{1,2}$")
_YEAR = re.compile(
    r"((?:19|20)\d\d)年(?!(?:\d{1,2}月)?(?:\d{1,2}日)?(?:印发|发布|出台|下发|制定|公布|通过|修订|起|以来))"
)


def find_due(
    text: str, *, year: int | None = None, issued_on: str | None = None, labelled: bool = False
) -> tuple[str, ...]:
    """The due dates of a passage, in its order, without doubles.

    ``year`` is the plan's, for dates that name none; ``issued_on`` its ISO date: what lay before it is history.
    ``labelled``: the passage stands under 完成时限 or in an assignment, so that every date in it is due.
    """
    plain = _numerals(_CITED.sub(lambda m: "※" * len(m[0]), re.sub(r"\s+", "", text)))
    found = [*_recurrent(plain)]
    taken = [(start, end) for start, end, _ in found]
    masked = list(plain)
    for start, end in taken:
        masked[start:end] = "※" * (end - start)
    found += _absolute("".join(masked), year, issued_on, labelled)
    dates = dict.fromkeys(date for _, _, date in sorted(found, key=lambda item: (item[0], item[1])))
    return tuple(dates)


def _numerals(text: str) -> str:
    """Years, months and days in Chinese figures, and dates such as 2024-06-30, in the usual form."""
    text = _NUMERIC_MONTH.sub(r"\1年\2月", _NUMERIC.sub(r"\1年\2月\3日", text))
    text = _NUMERAL_YEAR.sub(lambda m: str(chinese_number(re.sub("[零○O0]", "〇", m[0])) or m[0]), text)
    return _NUMERAL.sub(lambda m: str(chinese_number(m[0]) or m[0]), text)


def _recurrent(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _YEARLY.finditer(text):
        if re.search("[前底末]", match["list"]):
            for at, item in enumerate(_YEARLY_ITEM.finditer(match["list"])):
                month = 3 * (chinese_number(item["quarter"]) or 4) if item["quarter"] else int(item["month"] or 12)
                day = item["day"]
                date = _day(2024, month, day, item["part"])
                if date:
                    yield (
                        match.start() + at,
                        match.end(),
                        "--" + ("02-28" if date.endswith("02-29") and not day else date[5:]),
                    )
            yield from _also_yearly(text, match.end())
    for match in _QUARTERLY.finditer(text):
        if match["mark"] or not match["first"]:
            for at, quarter in enumerate(_QUARTERS):
                month = quarter - 2 if match["first"] else quarter
                yield match.start() + at, match.end(), "--" + (_day(2023, month, match["day"], None) or "")[5:]
    for match in _HALF_YEARLY.finditer(text):
        yield match.start(), match.end(), "--06-30"
        yield match.start() + 1, match.end(), "--12-31"
    for match in _MONTHLY.finditer(_QUARTERLY.sub(lambda m: "※" * len(m[0]), text)):
        day = 31 if match["end"] else int(match["day"])
        if 1 <= day <= 31:
            yield match.start(), match.end(), f"---{day:02d}"


def _also_yearly(text: str, start: int) -> Iterator[tuple[int, int, str]]:
    """Days without a year of their own that follow one of each year: 每年3月31日前公布承诺，并于12月15日前公布情况。"""
    stop = re.compile("[。；]|(?:19|20)\\d\\d年|每").search(text, start)
    for match in _ALSO_YEARLY.finditer(text, start, stop.start() if stop else len(text)):
        date = _day(2023, int(match["month"]), match["day"], match["part"])
        if date:
            yield match.start(), match.end(), "--" + date[5:]


def _absolute(text: str, year: int | None, issued_on: str | None, labelled: bool) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    known, passed = year, 0
    mentioned = [(m.start(), int(m[1])) for m in _YEAR.finditer(text)]
    for match in _DATE.finditer(text):
        if not match[0] or "每" in match["before"]:
            continue
        while passed < len(mentioned) and mentioned[passed][0] < match.end():
            known = mentioned[passed][1]
            passed += 1
        date = _absolute_date(match, known)
        if not date or not _is_due(text, match, labelled):
            continue
        if issued_on and date < issued_on:
            if mentioned or match["this"]:
                continue
            date = f"{int(date[:4]) + 1}{date[4:]}"
        found.append((match.start(), match.end(), date))
    found += [(m.start(), m.end(), f"{_FIVE_YEAR[m[1]]}-12-31") for m in _FIVE.finditer(text) if m[1] in _FIVE_YEAR]
    return found


def _absolute_date(match: re.Match[str], known: int | None) -> str | None:
    year = int(match["year"]) if match["year"] else known
    if year is None:
        return None
    if match["next"]:
        year += 1
    if match["month"]:
        return _day(year, int(match["month"]), match["day"], match["part"])
    if match["quarter"]:
        return _day(year, 3 * (chinese_number(match["quarter"]) or 4), None, None)
    if match["half"]:
        return f"{year}-06-30" if match["half"] == "上半年" else f"{year}-12-31"
    return f"{year}-12-31"


def _is_due(text: str, match: re.Match[str], labelled: bool) -> bool:
    """Whether the words around a date make it a deadline."""
    behind = text[match.end() : match.end() + 16]
    if _BEGINS_RANGE.match(behind):
        return False
    if _PAST.match(behind) or (behind.startswith(("起", "以")) and not behind.startswith(("以前", "以内"))):
        return False
    if labelled:
        return True
    before, dated = match["before"], bool(match["year"] or match["this"] or match["next"])
    if before.startswith(("到", "至", "截")) and not _FROM.search(
        text[max(0, match.start() - 20) : match.start()] + before
    ):
        return dated or bool(match["month"] or match["year_end"])
    if match["after"]:
        return match["after"] not in ("内", "以内", "之内") or dated or bool(match["year_end"])
    if match["part"] in ("底", "末", "上旬", "中旬", "下旬") or match["year_end"]:
        return True
    if match["half"] or match["quarter"]:
        return dated or match[0].endswith(("底", "末"))
    if match["bare"] is not None:
        return False
    return bool(_COUPLED.match(behind)) or bool(_DEED.match(behind))


def _day(year: int, month: int, day: str | None, part: str | None) -> str | None:
    if not 1 <= month <= 12:
        return None
    last = calendar.monthrange(year, month)[1]
    number = int(day) if day else {"上旬": 10, "初": 10, "中旬": 20, "中": 20}.get(part or "", last)
    return f"{year:04d}-{month:02d}-{number:02d}" if 1 <= number <= last else None
