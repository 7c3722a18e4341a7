"""Terms of bodies: what they are, may do, and why their keys and duties end.

>>> Role("operator") is Role.OPERATOR
True
"""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Kinds of body: the units of A01 (HS 二; DH 二(三)1; YN 二(三)), and organs that the documents name."""

    PARTY_COMMITTEE = "party_committee"  # 党委及其部门
    GOVERNMENT = "government"  # 各级人民政府
    DEPARTMENT = "department"  # 政府部门
    PUBLIC_INSTITUTION = "public_institution"  # 事业单位
    TOWNSHIP = "township"  # 乡镇（街道）
    RESIDENTS_COMMITTEE = "residents_committee"  # 社区居民委员会
    VILLAGERS_COMMITTEE = "villagers_committee"  # 村民委员会
    FUNCTIONAL_ZONE = "functional_zone"  # 开发区、功能区管委会
    COURT = "court"  # 人民法院
    PROCURATORATE = "procuratorate"  # 人民检察院
    CONGRESS = "congress"  # 人大及其机构
    CPPCC = "cppcc"  # 政协及其机构
    COORDINATION = "coordination"  # 联席会议、领导小组
    ENTERPRISE = "enterprise"  # 企业
    OTHER = "other"  # 其他
    GROUP = "group"  # 泛指的一组单位，如 市直有关部门；只作临时登记


class Role(StrEnum):
    """What a body may do for others in this ledger; granted by an operator, withdrawn by event."""

    OPERATOR = "operator"  # 运营机构：登记单位、授权密钥、授予角色
    CREDIT_OFFICE = "credit_office"  # 信用办（发改部门）：组织采集和公开（K05）
    APPRAISER = "appraiser"  # 评价单位：客观评价履诺情况（B05, J06）
    RECOGNISING_BODY = "recognising_body"  # 认定单位：依法认定失信行为，谁认定、谁修复
    SOURCE_BODY = "source_body"  # 信源单位：归集、报送信息，核实异议（C14, E04）
    HOTLINE = "hotline"  # 投诉举报受理单位：12345 等（H01）


class Status(StrEnum):
    """Where a body stands."""

    UNREGISTERED = "unregistered"
    PROVISIONAL = "provisional"  # 仅有简称，待认领
    REGISTERED = "registered"
    SUCCEEDED = "succeeded"  # 已并入或由他单位承继
    RESOLVED = "resolved"  # 临时登记已对应到统一社会信用代码


class Suite(StrEnum):
    """By which algorithms a body countersigns beside its Ed25519 signature."""

    SM2_SM3 = "SM2-SM3"  # GB/T 32918.2 签名、GB/T 32905 杂凑；签名格式 GM/T 0009


class Manner(StrEnum):
    """How a body's duties passed on."""

    MERGER = "merger"  # 并入
    SUCCESSION = "succession"  # 撤销、改组后由他单位承继


class Revocation(StrEnum):
    """Why a key was revoked."""

    SUPERSEDED = "superseded"
    COMPROMISED = "compromised"
    CEASED = "ceased"  # 单位不再存在


class Purpose(StrEnum):
    """What a key is for."""

    ROOT, CONSEQUENCE, BODY = "root", "consequence", "body"
