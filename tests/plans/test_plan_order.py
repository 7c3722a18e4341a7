"""Pages out of order: the examples cut into pages, exchanged and shuffled; and slips of the pen left alone."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from ledger.plans.order import in_order
from ledger.plans.outline import split_plans
from ledger.plans.pages import Line, paragraphs, read_lines
from ledger.plans.text import canonical, decode

EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"
NUMBER = re.compile(r"（?([一二三四五六七八九]|\d{1,2})(?=[）、.])")
FOLLOWING = dict(zip("一二三四五六七八九", "二三四五六七八九十", strict=True))


def written() -> list[list[str]]:
    """The paragraphs of the six example plans, in order."""
    files = [read_lines(canonical(decode(path.read_bytes()))) for path in sorted(EXAMPLES.glob("*.txt"))]
    parts = [part for lines in files for part in split_plans(lines)]
    return [[paragraph.text for paragraph in paragraphs(in_order(part))] for part in parts]


PLANS = written()


def pages_of(plan: list[str], size: int) -> list[str]:
    """The plan on pages of so many characters, broken in mid-sentence; headings stay on one page."""
    pages, page = [], ""
    for paragraph in plan:
        rest = paragraph
        while len(page) + len(rest) > size:
            room = max(0, size - len(page)) if len(paragraph) >= 40 else 0
            pages.append(page + rest[:room])
            page, rest = "", rest[room:]
        page += rest + "\n\n" if rest else ""
    return [page for page in [*pages, page] if page.strip()]


def laid(pages: list[str]) -> str:
    return "".join(line.text for line in in_order(read_lines("\n\n".join(pages))))


@pytest.mark.parametrize("plan", range(len(PLANS)))
def test_pages_in_order_are_left_so(plan: int) -> None:
    lines = read_lines("\n\n".join(pages_of(PLANS[plan], 700)))

    assert in_order(lines) == lines


def test_nearly_all_pairs_of_exchanged_pages_are_set_right() -> None:
    right = wrong = 0
    for plan in PLANS:
        pages = pages_of(plan, 800)
        for at in range(1, len(pages) - 1):
            exchanged = [*pages[:at], pages[at + 1], pages[at], *pages[at + 2 :]]
            if laid(exchanged) == "".join(plan):
                right += 1
            else:
                wrong += 1

    assert right >= 9 * wrong


def test_most_whole_shuffles_are_set_right() -> None:
    right = total = 0
    for plan in PLANS:
        for seed in range(6):
            first, *others = pages_of(plan, 800)
            random.Random(seed).shuffle(others)
            right += laid([first, *others]) == "".join(plan)
            total += 1

    assert right * 4 >= total * 3


@pytest.mark.parametrize("plan", range(len(PLANS)))
def test_a_slip_in_one_number_moves_nothing(plan: int) -> None:
    for at, paragraph in enumerate(PLANS[plan]):
        number = NUMBER.match(paragraph)
        if not number:
            continue
        slip = FOLLOWING.get(number[1]) or str(int(number[1]) + 1)
        text = paragraph[: number.start(1)] + slip + paragraph[number.end(1) :]
        lines = read_lines("\n\n".join(pages_of([*PLANS[plan][:at], text, *PLANS[plan][at + 1 :]], 700)))

        assert in_order(lines) == lines


def test_lines_in_order_stay_as_they_are_even_where_numbers_are_wrong() -> None:
    texts = ["一、甲", "建立，公开。", "三、乙", "加强，完善。", "三、丙", "推进，落实。"]

    assert [line.text for line in in_order([Line(text, gap=True) for text in texts])] == texts


def test_pieces_of_pages_find_their_place_by_numbers_and_by_words() -> None:
    right = [
        "一、主要任务",
        "（一）诚信教育",
        "开展诚信教育，编印手册，提升诚信履职意",
        "识。开展培训，组织考",
        "核评价，通报结果。",
        "（二）政务公开",
        "公开目录，接受社会监",
        "督。公开结果，回应关切。",
        "二、保障措施",
        "（一）组织领导",
        "加强领导，明确责任。",
        "（二）督促检查",
        "开展督查，定期通报。",
    ]
    pages = [right[0:3], right[3:4], right[4:7], right[7:]]
    lines = [Line(text, gap=True) for page in (pages[0], pages[3], pages[2], pages[1]) for text in page]

    assert [line.text for line in in_order(lines)] == right
