"""Figures, and how they are shown: a table for people, JSON for programs."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width


@dataclass(frozen=True)
class Figure:
    """One measured value; ``compared`` with what, or how. ``aim``: at least (``at_most``: at most) that, if any."""

    name: str
    what: str
    value: float
    unit: str
    compared: str
    aim: float | None = None
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def json(self) -> dict[str, Any]:
        """The figure as it is printed by ``--json``."""
        return {**asdict(self), "met": self.met}


def median_ratio(values: Sequence[float], others: Sequence[float]) -> float:
    """The median over the rounds of value / other: what disturbed one round disturbed both of its halves."""
    return statistics.median(v / o for v, o in zip(values, others, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of them do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def machine(server_version: str) -> dict[str, Any]:
    """What it ran on. No name of the machine."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": server_version,
        **{name: version(name) for name in ("cryptography", "eventsourcing", "psycopg", "uvicorn")},
        "load_before": [round(value, 2) for value in os.getloadavg()],
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [("", "figure", "value", "aim", "", "compared with")]
    for f in figures:
        aim = "" if f.aim is None else f"{'≤' if f.at_most else '≥'} {_number(f.aim)}"
        verdict = {True: "met", False: "MISSED", None: ""}[f.met]
        rows.append((f.name, f.what, f"{_number(f.value)} {f.unit}".rstrip(), aim, verdict, f.compared))
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(c + " " * (w - _width(c)) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:.2f}"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)
