"""From bytes to lines: encodings, one style of signs, pages, contents and broken paragraphs."""

from __future__ import annotations

import pytest

from ledger.errors import FormatError
from ledger.plans import read_plans
from ledger.plans.pages import Line, line_width, paragraphs, read_lines
from ledger.plans.text import brackets, canonical, clean, decode


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "nothing"),
        (b" \r\n\t", "nothing"),
        (b"\xef\xbb\xbf", "nothing"),
        ("一、主要任务\x00".encode(), "NUL"),
        ("一、主要任务".encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\x01\x02", "no known encoding"),
        ("一、主要任务，建立诚信档案和监督机制。".encode()[:-1], "damaged at byte"),
        (("一、主要" + "\x01\x02").encode(), "control characters"),
    ],
)
def test_what_is_no_chinese_text_is_refused_with_what_came(data: bytes, said: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_plans(data)

    assert said in refused.value.en
    assert "规划文件" in refused.value.zh


def test_a_byte_order_mark_and_gb18030_are_accepted() -> None:
    assert decode(b"\xef\xbb\xbf" + "诚信".encode()) == "诚信"
    assert decode("政务诚信建设".encode("gb18030")) == "政务诚信建设"


@pytest.mark.parametrize(
    ("text", "one_style"),
    [
        ("(责任单位:市发改委,市财政局)", "（责任单位：市发改委，市财政局）"),
        ("１．建立２０２４年", "1.建立2024年"),
        ("㈠总体⑵具体", "（一）总体（2）具体"),
        ("德政[2019]73号", "德政〔2019〕73号"),
        ("德政﹝2019﹞73号", "德政〔2019〕73号"),
        ("10:30至1,000元", "10:30至1,000元"),
        ("加强建设.推进公开.", "加强建设。推进公开。"),
        ("一.总体", "一.总体"),
        ("⼀、⽬标", "一、目标"),
        ("责 任 单 位：市发改委", "责任单位：市发改委"),
        ("甲\u200b乙\u00a0丙", "甲乙 丙"),
        ("公开&nbsp;目录&ldquo;信用&rdquo;", "公开 目录“信用”"),
    ],
)
def test_signs_get_one_style(text: str, one_style: str) -> None:
    assert canonical(decode(text.encode())) == one_style


def test_clean_text_has_the_spaces_that_chinese_writes() -> None:
    assert clean("推进行政  流程， 加强 PPP 项目 建设") == "推进行政流程，加强 PPP 项目建设"
    assert clean("表率 and 导向作用") == "表率 and 导向作用"


def test_page_numbers_and_running_heads_are_dropped() -> None:
    text = "一、甲\n- 3 -\n某县文件\n建立。\n— 4 —\n某县文件\n公开。\n第5页\n某县文件\n监督。\n 6 \n"

    assert [line.text for line in read_lines(text)] == ["一、甲", "建立。", "公开。", "监督。"]


@pytest.mark.parametrize(
    "contents",
    [
        "目 录\n一、总体要求……1\n（一）原则......2\n二、主要任务\t3\n",
        "目录\n一、总体要求\n（一）原则\n二、主要任务\n",
    ],
)
def test_a_table_of_contents_is_dropped(contents: str) -> None:
    body = "一、总体要求\n（一）原则\n坚持。\n二、主要任务\n（一）公开。公开目录。"

    assert [line.text for line in read_lines(contents + body)] == body.split("\n")


def joined(text: str) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(read_lines(canonical(text)))]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("1. 建立机制。加强监督，形成\n\n合力。", ["1. 建立机制。加强监督，形成合力。"]),
        ("1. 建立机制。定期。（责任单位：市财政\n\n局)", ["1. 建立机制。定期。（责任单位：市财政局）"]),
        (
            "（责任单位：市发改委、\n\n市财政局 责任单位：各部门）",
            ["（责任单位：市发改委、市财政局 责任单位：各部门）"],
        ),
        ("1. 建立机制\n加强监督。", ["1. 建立机制", "加强监督。"]),
        ("建立机制。\n加强监督。", ["建立机制。", "加强监督。"]),
        ("纳入热线，12345工作内\n\n容。", ["纳入热线，12345工作内容。"]),
        (
            "云岭市加快构建\n信用机制实施方案\n为加强建设，制定本方案。",
            ["云岭市加快构建信用机制实施方案", "为加强建设，制定本方案。"],
        ),
        ("责任单位：市发改委\n完成时限：年底", ["责任单位：市发改委", "完成时限：年底"]),
        ("建立机制，加强\n2.公开目录。", ["建立机制，加强", "2.公开目录。"]),
        ("建立机制\n，加强监督。", ["建立机制，加强监督。"]),
    ],
)
def test_paragraphs_broken_by_pages_are_whole_and_headings_alone(text: str, whole: list[str]) -> None:
    assert joined(text) == whole


def test_lines_of_one_width_are_paragraphs() -> None:
    full = "甲" * 25
    lines = [
        Line(full, indent=True),
        Line(full),
        Line("乙。"),
        Line(full, indent=True),
        Line(full),
        Line(full),
        Line("丙。"),
    ]

    assert line_width(lines) == 50
    assert [len(p.text) for p in paragraphs(lines)] == [52, 77]


def test_outermost_brackets_are_paired_and_strays_passed_over() -> None:
    assert brackets("）（甲（乙）（丙）") == [(3, 5), (6, 8)]
    assert brackets("【甲）】") == [(0, 3)]
