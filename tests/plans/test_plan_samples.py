"""Invented plans (samples/*.txt) in the shapes that plans come in, against what each must give (samples/*.golden)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger.plans import Task, read_plans

SAMPLES = Path(__file__).with_name("samples")
NAMES = sorted(path.stem for path in SAMPLES.glob("*.txt"))
HALF = str.maketrans("（）：；，", "():;,")


def shown(data: bytes) -> Iterator[str]:
    for plan in read_plans(data):
        draft = "draft" if plan.draft else ""
        yield f"= {plan.title} | {plan.number or ''} | {plan.issuer} | {plan.issued_on or ''} | {draft}".rstrip()
        for task in plan.tasks:
            yield from shown_task(task)


def shown_task(task: Task) -> Iterator[str]:
    yield from (task.section, f"    {task.title}", f"    {task.text}".replace("\n", "⏎"))
    for name in ("lead", "responsible", "supporting", "due"):
        if getattr(task, name):
            yield f"    {name}: " + " ".join(getattr(task, name))
    if task.continuous:
        yield "    continuous"


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_gives_exactly_its_tasks(name: str) -> None:
    expected = (SAMPLES / f"{name}.golden").read_text("utf-8").splitlines()

    assert list(shown(sample(name).encode())) == expected


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="BOM"),
        pytest.param(lambda text: text.encode("gb18030"), id="GB 18030"),
        pytest.param(lambda text: text.translate(HALF).encode(), id="half width"),
        pytest.param(lambda text: text.replace("\n", " \u3000\n").encode(), id="spaces at ends"),
    ],
)
def test_encoding_newlines_and_width_change_nothing(name: str, changed: Callable[[str], bytes]) -> None:
    text = sample(name)

    assert list(shown(changed(text))) == list(shown(text.encode()))


def test_every_shape_is_among_the_samples() -> None:
    assert len(NAMES) >= 16
