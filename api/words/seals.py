"""Words of sealed fields: what is sealed, what it is looked up for, why it is erased. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain.seal_terms import Ground, Purpose

ENUMS = (
    table(
        Purpose,
        recruitment=("公务员录用", "Recruitment of civil servants"),
        transfer=("调任", "Transfer"),
        awards=("评优评先", "Awards"),
        appointment=("任用", "Appointment"),
        promotion=("升迁", "Promotion"),
        titles=("职称评聘", "Professional titles"),
        assessment=("考核奖惩", "Assessment"),
        administration=("行政管理", "Administration"),
        court=("人民法院办案", "Proceedings of a court"),
        objection=("异议核实", "Verifying an objection"),
        complaint=("投诉核实、回访", "Verifying a complaint and calling back"),
        own_request=("本人查询", "Request of the person concerned"),
        supervision=("监督检查", "Supervision"),
    ),
    table(
        Ground,
        unlawful=("非依法依规采集", "Not lawfully collected"),
        recorded_in_error=("记载有误", "Recorded in error"),
        withdrawn=("所涉记录已撤销", "The record concerned was withdrawn"),
        retention_ended=("保存期限届满", "End of the retention period"),
        purpose_achieved=("处理目的已实现", "Purpose achieved"),
        subject_request=("本人请求", "Request of the person concerned"),
        court_order=("生效裁判要求", "Order of a court"),
    ),
)

EVENTS = words(
    SealOpened=("查询封存内容", "Sealed fields looked up"),
    SealErased=("抹除封存内容", "Sealed fields erased"),
)

FIELDS = words(
    digests=("封存内容", "Sealed fields"),
    fields=("字段", "Fields"),
    requester=("来函单位", "Requesting body"),
    **{
        "SealOpened.case_number": ("公函文号或案号", "Letter or case number"),
        "SealOpened.purpose": ("查询目的", "Purpose"),
        "SealErased.ground": ("抹除理由", "Ground"),
    },
)

SEALED = words(
    name=("姓名", "Name"),
    id_number=("身份证号码", "Identity number"),
    post=("岗位", "Post"),
    detail=("事项详情", "Detail"),
    complainant=("投诉人", "Complainant"),
    contact=("联系方式", "Contact"),
    text=("投诉内容", "Text of the complaint"),
)
"""The names of sealed fields, as ``SEALS`` of the facts list them."""
