"""Words of the kinds of case, and of fields that events of several kinds share. Data only; see words.py."""

from __future__ import annotations

from api.words.table import words

CASES = words(
    body=("单位", "Body"),
    commendation=("表彰记录", "Commendation"),
    commitment=("承诺", "Commitment"),
    complaint=("投诉举报", "Complaint"),
    person=("人员诚信档案", "Integrity file of a person"),
    policy=("规则", "Rules"),
    project=("项目", "Project"),
    record=("政务失信记录", "Dishonesty record"),
)
"""The kinds of case."""

FIELDS = words(
    area=("领域", "Area"),
    authority=("决定机关及权限", "Deciding authority"),
    body=("单位", "Body"),
    completed_on=("完成日期", "Completed on"),
    dated=("成文日期", "Dated"),
    document=("文件", "Document"),
    due=("到期日", "Due"),
    evidence=("佐证材料", "Evidence"),
    ground=("事由", "Ground"),
    grounds=("依据和理由", "Grounds"),
    kind=("类别", "Kind"),
    measure=("衡量指标", "Measure"),
    number=("编号", "Number"),
    on=("日期", "On"),
    organ=("制发机关", "Issuing organ"),
    outcome=("结论", "Outcome"),
    predecessor=("前身单位", "Predecessor"),
    reason=("原因", "Reason"),
    sealed=("封存内容", "Sealed"),
    sha256=("SHA-256", "SHA-256"),
    start=("起", "From"),
    successor=("承继单位", "Successor"),
    summary=("情况", "Summary"),
    superior=("上级单位", "Superior"),
    text=("原文", "Text"),
    title=("标题", "Title"),
    until=("截止", "Until"),
)
