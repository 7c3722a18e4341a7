"""Single wordings: who is responsible, when it is due, what stands in a list of names."""

from __future__ import annotations

import pytest

from ledger.plans.dates import find_due
from ledger.plans.marks import Numbering, chinese_number, read_mark
from ledger.plans.names import split_names
from ledger.plans.outline import title_of
from ledger.plans.units import Roles, read_roles, roles_in_text

COUNTIES = "各县（市、区）人民政府"


@pytest.mark.parametrize(
    ("content", "lead", "responsible", "supporting"),
    [
        ("责任单位：市发改委、市财政局，市审批局", "", "市发改委 市财政局 市审批局", ""),
        ("责任单位：市发改委；市财政局；各县区", "", "市发改委 市财政局 各县区", ""),
        ("责任单位：市委组织部 市人社局 市委党校", "", "市委组织部 市人社局 市委党校", ""),
        ("责任部门：市委宣传部、市文旅局等", "", "市委宣传部 市文旅局", ""),
        ("责任主体：各乡镇（街道）、区直各部门", "", "各乡镇（街道） 区直各部门", ""),
        (f"责任单位：{COUNTIES}、开发区管委会，市委宣传部", "", f"{COUNTIES} 开发区管委会 市委宣传部", ""),
        ("牵头单位：市信用办 责任单位：市编办等市直相关部门。", "市信用办", "市编办 市直相关部门", ""),
        ("牵头单位：市信用办；责任单位：市直各部门", "市信用办", "市直各部门", ""),
        ("牵头单位：市信用办；配合单位：市司法局、市大数据局", "市信用办", "", "市司法局 市大数据局"),
        ("牵头单位：市财政局；责任单位：市直有关部门，各县区政府负责", "市财政局", "市直有关部门 各县区政府", ""),
        ("牵头（责任）单位：市发改委", "市发改委", "", ""),
        ("牵头责任单位：市发改委；协同责任单位：市公安局等", "市发改委", "", "市公安局"),
        ("主办单位：市工信局 协办单位：市财政局", "市工信局", "", "市财政局"),
        ("责任单位：区政务局，参加单位：区发改局、区司法局", "", "区政务局", "区发改局 区司法局"),
        ("责任领导：某某；责任单位：市审计局；联系人：某某", "", "市审计局", ""),
        ("部门分工：市发改委牵头，各县区、各部门配合", "市发改委", "", "各县区 各部门"),
        ("市财政局负责", "", "市财政局", ""),
        ("市财政局、市商务局分别负责", "", "市财政局 市商务局", ""),
        ("市司法局、市委编办等有关部门和单位分别负责", "", "市司法局 市委编办", ""),
        ("有关行业主管部门和单位分别负责", "", "有关行业主管部门和单位", ""),
        ("市发改委、市财政局按职责分工负责", "", "市发改委 市财政局", ""),
        ("市发改委牵头，市财政局、市司法局配合", "市发改委", "", "市财政局 市司法局"),
        ("由市发改委牵头，市财政局等部门配合", "市发改委", "", "市财政局"),
        ("市发改委、市法院牵头，各级各有关部门按职责分别负责", "市发改委 市法院", "各级各有关部门", ""),
        ("市委组织部牵头，会同市人社局负责", "市委组织部", "市人社局", ""),
        ("市司法局等负责，各镇政府落实", "", "市司法局 各镇政府", ""),
        ("市广电局等部门及各县（市、区）政府负责", "", "市广电局 各县（市、区）政府", ""),
        ("市发改委、市财政局", "", "市发改委 市财政局", ""),
        ("市法院、市发改委，列第一位的为牵头单位，下同", "", "市法院 市发改委", ""),
        ("市发改委 and 市财政局负责", "", "市发改委 市财政局", ""),
    ],
)
def test_an_assignment_is_read_in_every_wording(content: str, lead: str, responsible: str, supporting: str) -> None:
    roles = read_roles(content)

    assert roles is not None
    assert (" ".join(roles.lead), " ".join(roles.responsible), " ".join(roles.supporting)) == (
        lead,
        responsible,
        supporting,
    )


@pytest.mark.parametrize(
    "content",
    [
        "社会福利、救助和扶贫资金除外",
        "PPP",
        "公务员、事业单位人员",
        "街道办事处",
        "评审",
        "晋政发〔2018〕10号",
        "如败诉率、败诉原因等",
        "以下简称各部门",
        "含国有企业、市直部门",
        "由专人负责",
        "谁主管、谁负责",
        "2021—2025年",
        "山东泰安",
        "",
    ],
)
def test_other_brackets_assign_nothing(content: str) -> None:
    assert read_roles(content) is None


@pytest.mark.parametrize(
    ("content", "until", "continuous"),
    [
        ("市发改委；持续实施", (), True),
        ("市发改委负责，长期坚持", (), True),
        ("责任单位：市发改委；完成时限：长期", (), True),
        ("责任单位：市发改委；完成时限：2024年12月底", ("2024年12月底",), False),
        ("责任单位：市发改委 完成时限：2024年6月，持续推进", ("2024年6月，持续推进",), True),
        ("县发改局、县财政局；2025年6月底前完成", ("2025年6月底前完成",), False),
    ],
)
def test_time_in_an_assignment_is_no_name(content: str, until: tuple[str, ...], continuous: bool) -> None:
    roles = read_roles(content)

    assert roles is not None
    assert (roles.until, roles.continuous) == (until, continuous)
    assert len(roles.responsible) == content.count("委") + content.count("局")


def test_bodies_of_all_later_tasks_are_told_apart() -> None:
    roles = read_roles("市司法局负责。以下任务均需各县（市、区）政府落实，不再列出")

    assert roles == Roles(responsible=("市司法局",), later=("各县（市、区）政府",))


@pytest.mark.parametrize(
    ("text", "lead", "responsible"),
    [
        ("市督查室会同市信用办负责统筹协调。", (), ("市督查室", "市信用办")),
        ("市委督查室会同市委组织部每季度开展一次督导。", (), ("市委督查室", "市委组织部")),
        ("市财政局会同市审计局对各部门开展检查。", (), ("市财政局", "市审计局")),
        ("市发改委会同有关部门建立机制。", (), ("市发改委",)),
        ("各级信用管理部门要会同相关部门健全机制。", (), ()),
        ("由县督查室牵头，对落实情况进行考核。", ("县督查室",), ()),
        ("建立由各级政府分管领导牵头、相关部门参与的机制。", (), ()),
        ("各级发改部门负责组织采集。", (), ()),
        ("市纪委监委负责监督，市财政局负责保障。", (), ("市纪委监委", "市财政局")),
    ],
)
def test_bodies_named_one_by_one_in_the_text(text: str, lead: tuple[str, ...], responsible: tuple[str, ...]) -> None:
    roles = roles_in_text(text)

    assert (roles.lead, roles.responsible) == (lead, responsible)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("各县、市、区政府和功能区管委、市公安局", "各县、市、区政府和功能区管委|市公安局"),
        ("各县、区，市直各部门", "各县、区|市直各部门"),
        ("各县、区、市直有关部门", "各县、区|市直有关部门"),
        ("市住房和城乡建设局、市文化和旅游局", "市住房和城乡建设局|市文化和旅游局"),
        ("市发改委和各区县政府", "市发改委|各区县政府"),
        ("云岭市发展和改革委员会以及清河县政府", "云岭市发展和改革委员会|清河县政府"),
        ("各县（市）区政府及有关部门", "各县（市）区政府及有关部门"),
        ("区委组织部、区高等教育局，各镇（街道）", "区委组织部|区高等教育局|各镇（街道）"),
        ("市发改委（信用办）、市司 法局", "市发改委（信用办）|市司法局"),
        ("市审批局等具有行政审批职能的市直部门", "市审批局|具有行政审批职能的市直部门"),
        ("市发改委、市发改委", "市发改委"),
        ("", ""),
    ],
)
def test_lists_are_cut_between_names_only(text: str, names: str) -> None:
    assert "|".join(split_names(text)) == names


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("至2024年底，建立机制", "2024-12-31"),
        ("到2025年，全面建成", "2025-12-31"),
        ("2024年12月底前", "2024-12-31"),
        ("2024年6月30日前", "2024-06-30"),
        ("2024 年 6 月底前", "2024-06-30"),
        ("2024年6月完成", "2024-06-30"),
        ("二〇二四年十二月底前", "2024-12-31"),
        ("2021-12-31前", "2021-12-31"),
        ("2024年2月底前", "2024-02-29"),
        ("2024年上半年", "2024-06-30"),
        ("2024年第四季度", "2024-12-31"),
        ("2024年年底前完成", "2024-12-31"),
        ("“十四五”末", "2025-12-31"),
        ("2024年3月启动，6月底前完成", "2024-06-30"),
        ("2024年6月底和12月底前", "2024-06-30 2024-12-31"),
        ("每年6月30日前和12月31日前", "--06-30 --12-31"),
        ("每年3月、6月、9月底前", "--03-31 --06-30 --09-30"),
        ("每年年底前", "--12-31"),
        ("每年2月底前", "--02-28"),
        ("每季度末", "--03-31 --06-30 --09-30 --12-31"),
        ("每季度首月10日前", "--01-10 --04-10 --07-10 --10-10"),
        ("每月5日前", "---05"),
        ("每半年底前", "--06-30 --12-31"),
        ("6月底前", ""),
        ("限期XX年XX月", ""),
        ("《方案》（晋政发〔2018〕10号）", ""),
        ("2017年11月24日印发", ""),
        ("《到2025年建成规划》", ""),
        ("2018年底前形成的欠款", ""),
        ("截至2018年底，我市已建成", ""),
        ("自2024年1月1日起施行", ""),
        ("2021年以来", ""),
        ("从2019年到2021年", ""),
        ("每年6月开展宣传", ""),
        ("7个工作日内", ""),
        ("2023年2月30日前", ""),
        ("2023年13月底前", ""),
        ("第一批20家前", ""),
    ],
)
def test_a_date_is_due_only_with_a_word_that_says_so(text: str, due: str) -> None:
    assert " ".join(find_due(text)) == due


@pytest.mark.parametrize(
    ("text", "issued_on", "due"),
    [
        ("9月底前", "2019-06-14", "2019-09-30"),
        ("3月底前", "2019-06-14", "2020-03-31"),
        ("年底前完成", "2019-06-14", "2019-12-31"),
        ("第三季度末", "2019-06-14", "2019-09-30"),
        ("明年6月底前", "2019-06-14", "2020-06-30"),
        ("2018年底前", "2019-06-14", ""),
    ],
)
def test_the_plans_date_gives_the_year_and_bounds_history(text: str, issued_on: str, due: str) -> None:
    assert " ".join(find_due(text, year=int(issued_on[:4]), issued_on=issued_on)) == due


@pytest.mark.parametrize(
    ("text", "due"), [("2024年12月", "2024-12-31"), ("2021年6月至12月", "2021-12-31"), ("2025年", "2025-12-31")]
)
def test_under_a_label_every_date_is_due(text: str, due: str) -> None:
    assert " ".join(find_due(text, labelled=True)) == due


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("一、总体要求", "一、", 1),
        ("十二、附则", "一、", 12),
        ("一、一体化平台", "一、", 1),
        ("（二）基本原则", "（一）", 2),
        ("（ 三 ） 目标", "（一）", 3),
        ("1.建立", "1.", 1),
        ("19、建立", "1.", 19),
        ("（4）建立", "（1）", 4),
        ("5）建立", "1）", 5),
        ("⑥建立", "①", 6),
        ("第七条 市政府", "条", 7),
        ("第二章 政务诚信", "章", 2),
        ("3.2 建立", "1.1", 2),
    ],
)
def test_numbers_of_headings_are_read_in_every_style(text: str, style: str, number: int) -> None:
    mark = read_mark(text)

    assert mark is not None
    assert (mark.style, mark.number) == (style, number)


@pytest.mark.parametrize(
    "text", ["一、二季度", "1.5万元", "2.3亿元", "5、6月份", "2024年", "第二条第一款", "一是", "（市）"]
)
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert read_mark(text) is None


def test_numbers_may_count_through_all_sections() -> None:
    place = Numbering()
    for text in ("一、甲", "（一）乙", "1.丙", "2.丁", "（二）戊"):
        mark = read_mark(text)
        assert mark is not None
        assert place.fits(mark)
        place = place.after(mark)
    three, four = read_mark("3.己"), read_mark("4.己")

    assert three is not None
    assert four is not None
    assert place.fits(three)
    assert not place.fits(four)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("建立档案。全面归集。", "建立档案"),
        ("完善机制：定期检查，及时通报。", "完善机制"),
        ("加强教育（责任单位：市委组织部）。开展培训。", "加强教育"),
        ("加强乡镇（街道）建设。积极创建。", "加强乡镇（街道）建设"),
        ("一是加强领导。成立专班。", "加强领导"),
        ("推进“互联网+政务服务。网上办”工作。加快。", "推进“互联网+政务服务。网上办”工作"),
        ("严格落实双公示制度，7个工作日内上网公开。", "严格落实双公示制度，7个工作日内上网公开"),
    ],
)
def test_a_title_is_the_heading_or_the_first_sentence(text: str, title: str) -> None:
    assert title_of(text) == title


def test_chinese_numerals_up_to_hundreds() -> None:
    assert [chinese_number(n) for n in ("九", "十一", "二十", "九十九", "一百", "一百一十", "")] == [
        9,
        11,
        20,
        99,
        100,
        110,
        None,
    ]
