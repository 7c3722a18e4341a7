"""An early warning in words: what it says, in Chinese and English, from its rule and numbers.

>>> from datetime import date
>>> told(EarlyWarning(Rule.COURT_LIST, "", date(2026, 3, 1), (7,), ("record/1",), (40,))).en
'on the court list for 40 days'
"""

from __future__ import annotations

from api.words import word
from api.words.table import Word
from ledger.domain.commitment_terms import Area
from ledger.domain.policy_keys import key_of
from projections.warnings import EarlyWarning, Rule

_CLOCKS = {
    "record.rectification": Word("限期整改", "rectification"),
    "record.plan": Word("整改措施方案", "rectification plan"),
    "publication.days": Word("信息公示", "publication"),
    "objection.accept_days": Word("异议受理", "acceptance of an objection"),
    "objection.source_days": Word("信源单位核实", "answer of the source"),
    "objection.decide_days": Word("异议处理", "decision on an objection"),
    "repair.accept_days": Word("修复受理", "acceptance of a repair"),
    "repair.decide_days": Word("修复决定", "decision on a repair"),
    "repair.answer_days": Word("修复结果反馈", "answer on a repair"),
}


def rule_word(rule: Rule) -> Word:
    """What a rule asks of a pack."""
    key = key_of(rule)
    return Word(key.zh, key.en)


def told(warning: EarlyWarning) -> Word:
    """What a warning says."""
    n = warning.numbers
    match warning.rule:
        case Rule.COMMITMENT_DUE:
            return Word(
                f"承诺 {warning.due} 到期，尚余 {n[0]} 日，未见进展",
                f"due on {warning.due}, in {n[0]} days, no progress",
            )
        case Rule.FULFILMENT_FALLING:
            return Word(f"履约率由 {n[0]}/{n[1]} 降至 {n[2]}/{n[3]}", f"rate fell from {n[0]}/{n[1]} to {n[2]}/{n[3]}")
        case Rule.REPEATED_BREACH:
            area = word(Area(warning.area or ""))
            return Word(f"{area.zh}：认定失信 {n[0]} 次", f"{area.en}: {n[0]} records recognised in this area")
        case Rule.COURT_LIST:
            return Word(f"列入失信被执行人名单已 {n[0]} 日", f"on the court list for {n[0]} days")
        case Rule.ARREARS:
            return Word(f"拖欠认定已 {n[0]} 日，尚未整改", f"arrears, recognised {n[0]} days ago, not set right")
        case Rule.COURT_SWEEP:
            return Word(f"{warning.about} 无法院排查记录", f"no court sweep of {warning.about}")
        case Rule.REPORT_OVERDUE:
            return Word(
                f"{warning.about} 报告应于 {warning.due} 前报送，逾期 {n[0]} 日",
                f"report on {warning.about}, due by {warning.due}, {n[0]} days late",
            )
    about = _CLOCKS[warning.about or ""]
    return Word(
        f"{about.zh}应于 {warning.due} 前完成，逾期 {n[0]} 日", f"{about.en}, due by {warning.due}, {n[0]} days late"
    )
