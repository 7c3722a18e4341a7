"""Words of bodies: the ledger, registration, keys, roles, successors. Data only; see words.py."""

from __future__ import annotations

from api.words.table import table, words
from ledger.domain import body_terms
from ledger.domain.roles import CALLED, CaseRole
from projections.commitments import Part

_ROLES = {
    "operator": "Operator of the ledger",
    "credit_office": "Credit office",
    "appraiser": "Appraiser",
    "recognising_body": "Recognising body",
    "source_body": "Source body",
    "hotline": "Complaint hotline",
    "court": "People’s court",
    "subject": "Subject",
    "agent": "Agent of the subject",
    "superior": "Superior body",
    "case_recogniser": "Recognising body of this case",
    "case_source": "Source body of this case",
    "handler": "Handling body",
}
"""The roles of a case in English; what they are called in Chinese, refusals say too."""

ENUMS = (
    table(
        body_terms.Kind,
        party_committee=("党委及其部门", "Party committee or its department"),
        government=("人民政府", "People’s government"),
        department=("政府部门", "Government department"),
        public_institution=("事业单位", "Public institution"),
        township=("乡镇（街道）", "Township or street"),
        residents_committee=("社区居民委员会", "Residents’ committee"),
        villagers_committee=("村民委员会", "Villagers’ committee"),
        functional_zone=("开发区、功能区管委会", "Functional zone committee"),
        court=("人民法院", "People’s court"),
        procuratorate=("人民检察院", "People’s procuratorate"),
        congress=("人大及其机构", "People’s congress or its organ"),
        cppcc=("政协及其机构", "CPPCC committee or its organ"),
        coordination=("联席会议、领导小组", "Joint conference or leading group"),
        enterprise=("企业", "Enterprise"),
        other=("其他", "Other"),
        group=("泛指的一组单位", "A group of bodies, named as such"),
    ),
    table(
        body_terms.Role,
        operator=("运营机构", "Operator of the ledger"),
        credit_office=("信用办", "Credit office"),
        appraiser=("评价单位", "Appraiser"),
        recognising_body=("认定单位", "Recognising body"),
        source_body=("信源单位", "Source body"),
        hotline=("投诉举报受理单位", "Complaint hotline"),
    ),
    table(
        body_terms.Status,
        unregistered=("未登记", "Not registered"),
        provisional=("临时登记（待认领）", "Provisional, to be claimed"),
        registered=("已登记", "Registered"),
        succeeded=("已由他单位承继", "Succeeded by another body"),
        resolved=("临时登记已认领", "Provisional, claimed"),
    ),
    table(
        body_terms.Manner,
        merger=("并入", "Merger"),
        succession=("撤销、改组后承继", "Succession after dissolution or reorganisation"),
    ),
    table(
        body_terms.Revocation,
        superseded=("更换", "Superseded"),
        compromised=("泄露或失控", "Compromised"),
        ceased=("单位不再存在", "The body ceased to exist"),
    ),
    table(
        body_terms.Suite,
        **{"SM2-SM3": ("SM2 与 SM3（GB/T 32918、GB/T 32905）", "SM2 with SM3 (GB/T 32918, GB/T 32905)")},
    ),
    table(
        body_terms.Purpose,
        root=("根密钥", "Root key"),
        consequence=("账本后果密钥", "Key for the ledger’s consequences"),
        body=("单位密钥", "Body’s key"),
    ),
    table(
        Part,
        promiser=("承诺单位", "Promiser"),
        lead=("牵头单位", "Lead body"),
        responsible=("责任单位", "Responsible body"),
        supporting=("配合单位", "Supporting body"),
    ),
    table(CaseRole, **{role: (CALLED[CaseRole(role)], en) for role, en in _ROLES.items()}),
)

EVENTS = words(
    LedgerFounded=("账本创立", "Ledger founded"),
    LogKeyRotated=("日志密钥更换", "Log key rotated"),
    BodyRegistered=("单位登记", "Body registered"),
    BodyProvisionallyRegistered=("单位临时登记", "Body provisionally registered"),
    ProvisionalBodyResolved=("临时登记已认领", "Provisional registration claimed"),
    AliasAdded=("关联临时登记", "Provisional registration attached"),
    BodyRenamed=("单位更名", "Body renamed"),
    BodySucceeded=("单位由他单位承继", "Body succeeded by another"),
    PredecessorAdded=("承继前身单位", "Predecessor taken over"),
    KeyAuthorised=("密钥授权", "Key authorised"),
    KeyRevoked=("密钥撤销", "Key revoked"),
    RoleGranted=("授予角色", "Role granted"),
    RoleWithdrawn=("撤回角色", "Role withdrawn"),
    Countersigned=("国密副签", "Countersigned"),
    CourtListSwept=("失信被执行人名单排查", "Court list swept"),
)

FIELDS = words(
    acting_for_government=("承担政府相关事务", "Acts for government"),
    alias=("临时标识", "Provisional id"),
    compromised_from=("可能失控起始时间", "Possibly compromised since"),
    entries=("名单条目数", "Entries of the list"),
    event_hash=("副签的事件（散列）", "Event countersigned (hash)"),
    file=("名单文件", "The list"),
    holder=("密钥保管岗位或系统", "Held by"),
    key=("公钥", "Public key"),
    kid=("密钥标识", "Key id"),
    ledger_key=("账本后果公钥", "Ledger’s key"),
    left=("不再列名", "Listed no longer"),
    log_key=("日志验证公钥", "Log’s verifier key"),
    by_old=("旧密钥签名", "Signature of the old key"),
    by_new=("新密钥签名", "Signature of the new key"),
    manner=("承继方式", "Manner"),
    matched=("匹配本账本单位", "Bodies of this ledger"),
    month=("月份", "Month"),
    name=("名称", "Name"),
    named_by=("见于其文件的单位", "Named in documents of"),
    origin=("日志名称", "Log’s origin"),
    region=("行政区划代码", "Region code"),
    role=("角色", "Role"),
    root_key=("根公钥", "Root key"),
    sm_key=("国密公钥", "SM2 public key"),
    sm_signature=("国密签名", "SM2 signature"),
    suite=("算法", "Algorithms"),
    undecided=("待人工确认", "To decide"),
    uscc=("统一社会信用代码", "Unified social credit code"),
)
