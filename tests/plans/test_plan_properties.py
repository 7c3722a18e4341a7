"""What holds for every text: no crash, one result, nothing lost, time in proportion to length."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import FormatError
from ledger.plans import Plan, read_plans
from ledger.plans.text import canonical, clean

SIGNS = "一二三四五十百、（）()【】〔〕《》“”：:；;，,。.…—-#|\t\n\r\f 　0123456789年月日底前至到每季度"
WORDS = st.sampled_from(
    [
        "一、主要任务⏎",
        "（一）",
        "1.",
        "2.",
        "（1）",
        "①",
        "第一条",
        "目录⏎",
        "建立机制。",
        "责任单位：",
        "牵头单位：",
        "市发改委",
        "、",
        "（",
        "）",
        "负责",
        "牵头",
        "配合",
        "；持续实施",
        "2024年底前",
        "每年6月30日前",
        "⏎",
        "⏎⏎",
        "。",
        "，",
        "等部门",
        "各县、市、区政府",
        "云岭市诚信方案⏎",
        "附件：1.",
        "序号⇥任务⇥责任单位⏎",
        "|任务|责任单位|⏎",
        "以下均需各县落实，不再一一列出",
        "-3-⏎",
        "会同",
        "和",
    ]
).map(lambda word: word.replace("⏎", "\n").replace("⇥", "\t"))


def read(data: bytes) -> tuple[Plan, ...] | None:
    try:
        return read_plans(data)
    except FormatError:
        return None


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    plans = read(data)

    assert plans is None or all(isinstance(plan, Plan) for plan in plans)


@given(st.text(max_size=300) | st.text(alphabet=SIGNS, max_size=300) | st.lists(WORDS, max_size=60).map("".join))
def test_any_text_gives_one_and_the_same_result(text: str) -> None:
    data = text.encode("utf-8", errors="surrogatepass")
    plans = read(data)

    assert plans == read(data)
    for task in (task for plan in plans or () for task in plan.tasks):
        assert task.title
        assert task.text
        assert task.lead or task.responsible or task.supporting


@given(st.text(max_size=200) | st.text(alphabet=SIGNS, max_size=200))
def test_canonical_and_clean_text_stay_what_they_are(text: str) -> None:
    once = canonical(text)

    assert clean(clean(once)) == clean(once)


DUTY = st.integers(2, 4)
UNITS = ("市甲局", "市乙委", "市丙办", "各县（市、区）人民政府")


@st.composite
def written_plans(draw: st.DrawFn) -> tuple[str, list[str], list[str]]:
    """A plan's text, a token for each sentence of duty, and the bodies named; every token is unlike all others."""
    numerals = "一二三四五六七八九"
    tokens: list[str] = []
    lines = ["云岭市政务诚信实施方案", "为加强诚信建设，制定本方案。"]

    def sentence() -> str:
        number = len(tokens)
        tokens.append("".join(chr(0x6000 + 16 * number + place) for place in range(6)))
        return f"建立{tokens[-1]}机制，加强落实。"

    for section in range(draw(st.integers(1, 3))):
        lines.append(f"{numerals[section]}、建立第{numerals[section]}类机制")
        for item in range(draw(st.integers(1, 3))):
            inline = draw(st.booleans())
            heading = f"（{numerals[item]}）推进{numerals[item]}项工作"
            body = "".join(sentence() for _ in range(draw(DUTY)))
            bracket = f"（责任单位：{draw(st.sampled_from(['、', '，', '；', ' '])).join(UNITS)}）"
            if not draw(st.booleans()):
                bracket = ""
            own_line = draw(st.booleans())
            lines.append(heading + "。" + body if inline else heading + "\n" + body)
            if own_line and bracket:
                lines.append(bracket)
            else:
                lines[-1] += bracket
    return "\n".join(lines), tokens, list(UNITS)


@given(written_plans())
def test_each_sentence_of_a_duty_is_in_exactly_one_task(written: tuple[str, list[str], list[str]]) -> None:
    text, tokens, units = written
    (plan,) = read_plans(text.encode())

    for token in tokens:
        assert sum(task.text.count(token) for task in plan.tasks) == 1
    for task in plan.tasks:
        assert task.responsible in (tuple(units), ("云岭市人民政府",))
    assert sum(task.responsible == tuple(units) for task in plan.tasks) == text.count("责任单位")


@given(written_plans(), st.randoms(use_true_random=False))
def test_a_page_break_in_mid_sentence_changes_nothing(
    written: tuple[str, list[str], list[str]], random: object
) -> None:
    text = written[0]
    inside = [at for at, pair in enumerate(pairwise(text)) if pair[0] == "，" and pair[1] != "\n"]
    broken = text
    for at in inside[::3][::-1]:
        broken = broken[: at + 1] + "\n\n- 7 -\n\n" + broken[at + 1 :]

    assert read_plans(broken.encode()) == read_plans(text.encode())


PATTERNS = [
    "（",
    "）",
    "（）",
    "（责任单位：",
    "（责任单位：市发改委）",
    "（（（）",
    "《",
    "【",
    "一、",
    "（一）",
    "1.",
    "1",
    ".",
    "#",
    "|",
    "⇥",
    "␣",
    "市发改委、",
    "市发改委和",
    "市␣",
    "由市发改委会同市财政局负责",
    "每年6月30日前和",
    "2024年",
    "到2025年，",
    "等",
    "责任单位：",
    "—",
    "1.建立机制。（市发改委负责）",
    "市⏎",
    "……1⏎",
    "“",
    "建立机制，加强⏎⏎",
    "⏎（一）甲⏎1.乙",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_time_grows_with_length_and_not_faster(pattern: str) -> None:
    """Half a megabyte of one sign or phrase, under a heading."""

    def seconds(size: int) -> float:
        phrase = pattern.replace("⏎", "\n").replace("⇥", "\t").replace("␣", " ")
        data = ("一、主要任务\n1. " + phrase * (size // len(phrase.encode()))).encode()
        start = time.process_time()
        read(data)
        return time.process_time() - start

    small = seconds(30_000)
    large = seconds(240_000)

    assert large < 5
    assert large < 24 * max(small, 0.05)
