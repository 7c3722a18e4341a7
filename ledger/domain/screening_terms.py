"""What bodies are screened for (G02–G06). Which measure blocks which purpose, the rule packs say.

>>> ScreeningPurpose("procurement") is ScreeningPurpose.PROCUREMENT
True
"""

from __future__ import annotations

from enum import StrEnum


class ScreeningPurpose(StrEnum):
    """What an office is about to decide on bodies. Persons are looked up by another way (G01, G03: their files)."""

    AWARDS = "awards"  # 评优评先、荣誉表彰（G02: YN 二(四)(二); D05）
    PROCUREMENT = "procurement"  # 政府采购（G05: YN 三(三); D15: HS 五(二)）
    TENDERING = "tendering"  # 招标投标、公共资源交易（G05, G06: YN 三(三); TA-A 二(三)8; D18）
    SUBSIDY = "subsidy"  # 财政资金补助（D16: HS 五(一)）
    FUNDS = "funds"  # 政府资金、专项债券、扶持政策（发改财金〔2023〕1103号）
    PROJECTS = "projects"  # 项目推荐、试点示范（发改财金〔2023〕1103号）
    ADMINISTRATION = "administration"  # 行政管理中主动查询（G04: HS 四(五); TA-B 二(二)）：只提示，不拦截
