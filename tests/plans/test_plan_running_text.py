"""Assignments and due days that stand in running text, or in brackets of another shape."""

from __future__ import annotations

from ledger.plans import Task, read_plans

HEAD = "东湖区人民政府关于加强政府诚信建设的意见\n东政发〔2023〕8号\n一、主要措施\n"


def only(text: str) -> Task:
    (plan,) = read_plans(f"{HEAD}1、{text}".encode())
    (task,) = plan.tasks
    return task


def test_square_brackets_hold_an_assignment_too() -> None:
    task = only("清理欠款。应清尽清。[责任单位：区工信局、区财政局，各镇人民政府]")
    assert task.responsible == ("区工信局", "区财政局", "各镇人民政府")
    assert task.text == "清理欠款。应清尽清。"


def test_a_note_in_square_brackets_is_none() -> None:
    assert only("清理欠款。应清尽清。[3]").responsible == ("东湖区人民政府",)


def test_who_leads_and_who_supports_is_read_from_a_sentence() -> None:
    task = only("兑现政策。区财政局牵头，区发改局、区科技局配合，每季度末公布兑现情况。")
    assert (task.lead, task.responsible, task.supporting) == (("区财政局",), (), ("区发改局", "区科技局"))


def test_a_word_of_support_without_a_duty_names_nobody() -> None:
    assert only("推进招标投标。市发改委予以配合。").responsible == ("东湖区人民政府",)


def test_whoever_urges_the_others_on_is_named() -> None:
    task = only("公开承诺。公布情况。（各镇街分别负责；区政务公开办督促落实）")
    assert task.responsible == ("各镇街", "区政务公开办")


def test_a_label_may_be_followed_by_is_instead_of_a_colon() -> None:
    task = only("建立台账。每月5日前更新。责任部门为招商促进局、经济发展局。")
    assert (task.responsible, task.due) == (("招商促进局", "经济发展局"), ("---05",))


def test_a_second_day_of_the_same_sentence_comes_back_every_year_too() -> None:
    task = only("公开承诺。每年3月31日前公开服务承诺，并于12月15日前公布履行情况；2024年6月底前建成平台。")
    assert task.due == ("--03-31", "--12-15", "2024-06-30")
