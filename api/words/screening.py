"""Words of screenings: what is screened for, what is answered and why. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain.screening_terms import ScreeningPurpose
from projections.matching import Way
from projections.screening import Answer, Cause

ENUMS = (
    table(
        ScreeningPurpose,
        awards=("评优评先", "Awards"),
        procurement=("政府采购", "Government procurement"),
        tendering=("招标投标与公共资源交易", "Tendering and public resource trading"),
        subsidy=("财政资金补助", "Fiscal subsidies"),
        funds=("政府资金、专项债券与扶持政策", "Government funds, special bonds, support"),
        projects=("项目推荐与试点示范", "Projects and pilots"),
        administration=("行政管理中查询", "Administration, for information"),
    ),
    table(
        Answer,
        block=("拦截", "Block"),
        caution=("提示", "Caution"),
        unknown=("未收录", "Unknown"),
        clear=("无记录", "Clear"),
    ),
    table(
        Cause,
        penalty=("惩戒措施施行中，予以拦截", "A penalty in force blocks this"),
        court_list=("失信被执行人，予以拦截", "On the court list, which blocks this"),
        listed=("失信被执行人", "On the court list"),
        other_penalty=("惩戒措施施行中，不针对该用途", "A penalty in force, for other purposes"),
        unsettled=("惩戒措施施行中，规则包未规定是否拦截", "A penalty in force; no rule says whether it blocks"),
        exempt=("惩戒措施不及于该项资金", "A penalty that this fund is exempt from"),
        suspended=("惩戒措施暂不执行", "A penalty that is suspended"),
        relieved=(
            "刚有暂停、减轻、解除或移出的记载，尚未计入",
            "Suspended, eased or ended just now; not counted yet",
        ),
        record=("有失信记录", "A dishonesty record"),
        objection=("异议处理中", "An objection is being handled"),
        overdue=("逾期未整改", "Rectification is overdue"),
        predecessor=("所承继的单位有记录", "Of a body that it answers for"),
        ambiguous=("名称对应多个单位，请确认", "The name fits several bodies"),
        uncertain=("仅简称或读音相符，请确认", "Only a short form or the sound fits"),
        malformed=("不是有效的代码或名称", "Neither a valid code nor a name"),
        not_found=("账本未收录该单位", "No such body in this ledger"),
    ),
    table(
        Way,
        name=("名称相符", "Its name"),
        former=("曾用名称相符", "A former name"),
        short=("简称相符", "A usual short form"),
        sound=("读音相符", "It sounds the same"),
    ),
)
EVENTS = words()
FIELDS = words()
