"""The example plans (examples/plans): every task, every body, every date, against a list made by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.plans import Plan, read_plans

EXAMPLES = Path(__file__).parents[2] / "examples" / "plans"
GOLDEN = Path(__file__).with_name("examples.golden")
YUNCHENG, DEHUA, HUANGSHI, TAIAN, YANCHENG = sorted(path.name for path in EXAMPLES.glob("*.txt"))


def plans_of(name: str) -> tuple[Plan, ...]:
    return read_plans((EXAMPLES / name).read_bytes())


def golden() -> Iterator[tuple[list[str], list[list[str]]]]:
    blocks = GOLDEN.read_text("utf-8").split("\n= ")[1:]
    for block in blocks:
        lines = [[cell.strip() for cell in line.split("|")] for line in block.strip().split("\n")]
        yield lines[0], [[*line, "", "", ""][:4] for line in lines[1:]]


@pytest.mark.parametrize(("head", "rows"), list(golden()), ids=lambda v: v[1] if isinstance(v[0], str) else "")
def test_each_example_gives_the_tasks_listed_by_hand(head: list[str], rows: list[list[str]]) -> None:
    plan = next(plan for plan in plans_of(head[0]) if plan.title == head[1])

    assert [plan.number or "", plan.issuer, plan.issued_on or "", "draft" if plan.draft else ""] == head[2:]
    assert [
        [
            task.title,
            " ".join(task.lead),
            " ".join(task.responsible),
            " ".join((*task.due, *(["∞"] if task.continuous else []))),
        ]
        for task in plan.tasks
    ] == rows
    assert all(task.supporting == () for task in plan.tasks)


@pytest.mark.parametrize(
    ("name", "phrase", "assigned"),
    [
        (YUNCHENG, "责任单位[：:]", 19),
        (DEHUA, "持续实施", 21),
        (HUANGSHI, r"[（(](?:牵头单位|责任单位)", 17),
        (TAIAN, r"(?:负责|落实|列出)）", 19 + 5),
        (YANCHENG, "责任单位", 0),
    ],
)
def test_as_many_tasks_are_assigned_as_the_file_has_assignments(name: str, phrase: str, assigned: int) -> None:
    raw = re.sub(r"\s", "", (EXAMPLES / name).read_text("utf-8"))
    tasks = [(plan, task) for plan in plans_of(name) for task in plan.tasks]
    by_bracket = [task for plan, task in tasks if task.lead or task.responsible != (plan.issuer,)]

    assert len(re.findall(phrase, raw)) == assigned
    assert len(by_bracket) == assigned + (name == HUANGSHI)  # 六（四）names its bodies in the text


def test_one_file_may_hold_two_plans() -> None:
    assert [plan.title for plan in plans_of(TAIAN)] == [
        "泰安市加强政务诚信建设实施方案",
        "泰安市加快推进社会信用体系建设构建以信用为基础的新型监管机制实施方案",
    ]


def test_a_duty_for_all_later_tasks_is_not_carried_into_the_next_plan() -> None:
    """以下均需各县、市、区政府和功能区管委落实，不再一一列出"""
    first, second = plans_of(TAIAN)
    everyone = "各县、市、区政府和功能区管委"

    assert all(everyone in task.responsible for task in first.tasks)
    assert not any(everyone in task.responsible for task in second.tasks)


def test_sections_are_paths_of_headings_in_one_style() -> None:
    (yuncheng,) = plans_of(YUNCHENG)
    (huangshi,) = plans_of(HUANGSHI)

    assert yuncheng.tasks[4].section == "二、主要任务及分工 / （二）建立健全政务信用管理体系 / 5. 建立完善政务失信记录"
    assert yuncheng.tasks[21].section == "三、保障措施 / （三）加强考核督导"
    assert huangshi.tasks[1].section == "四、主要任务 / （二）推进“互联网+政务服务”工作"


def test_dated_goals_become_tasks_and_undated_ones_do_not() -> None:
    """至2024年底…；至2025年底…"""
    (yancheng,) = plans_of(YANCHENG)
    goals = [task for task in yancheng.tasks if "主要目标" in task.section]

    assert [task.due for task in goals] == [("2024-12-31",), ("2025-12-31",)]
    assert goals[0].text.startswith("至2024年底，建立政务失信治理长效机制")
    assert not any("工作目标" in task.section for task in plans_of(YUNCHENG)[0].tasks)


def test_general_sections_hold_no_task() -> None:
    general = ("指导思想", "基本原则", "高度重视政务诚信建设", "责任主体范围")
    sections = [task.section for path in EXAMPLES.glob("*.txt") for plan in plans_of(path.name) for task in plan.tasks]

    assert not [section for section in sections for word in general if word in section]


def test_what_closes_a_plan_is_in_no_task() -> None:
    for name, words in ((YANCHENG, "同时废止"), (TAIAN, "此件公开发布"), (HUANGSHI, "印发")):
        last = plans_of(name)[-1].tasks[-1]
        assert words not in last.text
        assert last.text.endswith("。")


def test_shuffled_pages_are_put_in_order() -> None:
    """德化: the pages of the file stand in a wrong order, and all break in mid-sentence."""
    (plan,) = plans_of(DEHUA)
    text = "\n".join(task.text for task in plan.tasks)

    for joint in (
        "加强政务诚信监督检查，实施政务诚信考核评价，考评结果作为",
        "加强公务人员诚信教育\n以社会主义核心价值观为引领",
        "村民委员会等基层自治组织为主体，建立政府机构诚信档案",
        "主要负责人依法依规追究责任。探索县社会信用体系建设领导小组",
        "健全招标投标信用信息公开、共享、查询、使用等制度。按照客观记录",
        "促进政府举债依法依规、规模适度、风险可控和程序透明",
        "行政审批制度改革、政府守信践诺机制、公务人员诚信、失信联合惩戒",
    ):
        assert joint in text
    assert [task.section.split(" / ")[0] for task in plan.tasks] == ["二、主要任务"] * 11 + ["三、重点领域"] * 6 + [
        "四、保障措施"
    ] * 4


def test_a_list_of_bodies_broken_between_two_shuffled_pages_is_whole() -> None:
    """…各有关部门，各乡 | 镇人民政府；持续实施）"""
    (plan,) = plans_of(DEHUA)
    task = next(task for task in plan.tasks if task.title == "健全信用权益保护和信用修复机制")

    assert task.responsible[-2:] == ("各有关部门", "各乡镇人民政府")
    assert not [unit for task in plan.tasks for unit in (*task.lead, *task.responsible) if "实施" in unit]


def test_a_name_broken_by_a_page_is_whole() -> None:
    """市财政 | 局)"""
    (plan,) = plans_of(YUNCHENG)

    assert plan.tasks[12].responsible == ("各县（市、区）人民政府", "运城开发区管委会", "市财政局")


def test_brackets_that_assign_nothing_stay_in_the_text() -> None:
    text = "".join(task.text for path in EXAMPLES.glob("*.txt") for plan in plans_of(path.name) for task in plan.tasks)

    for bracket in (
        "（社会福利、救助和扶贫资金除外）",
        "（PPP）",
        "（公务员、事业单位人员）",
        "（如败诉率、败诉原因等）",
        "（中组发〔2019〕21号）",
        "（街道办事处）",
    ):
        assert bracket in text
    assert not re.search("责任单位|牵头单位|持续实施", text)


def test_no_text_shows_the_marks_of_its_pages() -> None:
    for path in EXAMPLES.glob("*.txt"):
        for plan in plans_of(path.name):
            for task in plan.tasks:
                assert not re.search(r"#|  |\t|\r|[一-鿿] [一-鿿]", task.text + task.section + task.title)


def test_a_given_issuer_is_used_for_tasks_that_name_nobody() -> None:
    (plan,) = read_plans((EXAMPLES / YANCHENG).read_bytes(), issuer="盐城市信用办")

    assert plan.issuer == "盐城市信用办"
    assert all(task.responsible == ("盐城市信用办",) for task in plan.tasks)
