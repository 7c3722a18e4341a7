"""What docs/api.md tells people to type works: each snippet marked ``<!-- run api -->``."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from fastapi import FastAPI

from ledger.installation import Installation
from tests.conftest import needs, serving

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
SNIPPETS = re.findall(r"<!-- run api -->\n```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
EXPECTED = ('"facets"', '"11990000000000019A"', "304", "verified")


@pytest.mark.parametrize(("snippet", "expected"), list(zip(SNIPPETS, EXPECTED, strict=True)))
def test_snippets_of_the_page_work(
    snippet: str, expected: str, played: Installation, book_app: FastAPI, tmp_path: Path
) -> None:
    """Part 6: documented by examples that run."""
    needs("bash", "curl", "sha256sum", "gunzip")
    with serving(played, book_app) as served:
        script = snippet.replace("http://127.0.0.1:8000", served.url)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout
