"""Pages of a report as PDF, by typst: the same words and numbers give the same bytes, with the same typst and fonts.

The file is tagged (PDF/UA-1) and says nothing of when it was made. typst brings no font with Chinese: one has to be
installed.

>>> "Noto Serif CJK SC" in FAMILIES
True
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from ledger.errors import ConfigurationError

FAMILIES = (
    *("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC"),
    *("Songti SC", "PingFang SC", "SimSun", "Microsoft YaHei", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
)
"""Fonts with Chinese, the best first: Noto and Source Han have the rare characters of names and places."""
_TEMPLATE = Path(__file__).parents[1] / "templates" / "report.typ"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_embedded_fonts=False)


@cache
def families() -> tuple[str, ...]:
    """The fonts with Chinese that this machine has. Raises ConfigurationError where it has none."""
    found = set(_fonts().families())
    chosen = tuple(family for family in FAMILIES if family in found)
    if not chosen:
        raise ConfigurationError(
            "PDF: expected a font with Chinese; install one, such as fonts-noto-cjk (Debian) or "
            "google-noto-serif-cjk-fonts (RHEL)",
            "PDF：未找到中文字体；请安装，如 fonts-noto-cjk（Debian）或 google-noto-serif-cjk-fonts（RHEL）",
        )
    return chosen


def compiled(words: Mapping[str, Any]) -> bytes:
    """The pages of what :func:`api.supervision.files.presented` gives. Raises ConfigurationError without a font."""
    compiler = typst.Compiler(_TEMPLATE, font_paths=_fonts())
    inputs = {"report": orjson.dumps({**words, "fonts": families()[:1]}).decode()}
    pages = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=0, pdf_standards="ua-1")
    assert isinstance(pages, bytes)
    return pages
