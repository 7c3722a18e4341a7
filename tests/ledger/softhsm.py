"""Tokens of SoftHSM in a folder of the tests' own: a hardware module that is none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import needs

MODULE = next((p for p in map(Path, ("/usr/lib/softhsm/libsofthsm2.so",)) if p.exists()), None)
PIN = "13579-pin"


@dataclass(frozen=True)
class SoftHsm:
    """An initialised token ``label``, whose PIN is in ``pin``."""

    label: str
    pin: Path

    def uri(self, rest: str, *, pin: bool = True) -> str:
        """A ``pkcs11:`` URI of a key in it; ``rest``: what names the key."""
        source = f"&pin-source=file:{self.pin}" if pin else ""
        return f"pkcs11:token={self.label};{rest}?module-path={MODULE}{source}"


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of all tokens of this process: the library reads its settings once."""
    needs("softhsm2-util")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    yield folder
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(scope="session")
def new_token(module: Path) -> Callable[[str], SoftHsm]:
    """Makes a token of a new name. The library sees it after it is initialised anew, which ends every session."""

    def make(label: str) -> SoftHsm:
        pin = module / f"{label}.pin"
        pin.write_text(PIN + "\n")
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "so-12345"]
        subprocess.run(command, capture_output=True, check=True)
        import pkcs11

        library = pkcs11.lib(str(MODULE))
        library.reinitialize()
        return SoftHsm(label, pin)

    return make


@pytest.fixture(scope="session")
def hsm(new_token: Callable[[str], SoftHsm]) -> SoftHsm:
    """A token for all tests."""
    return new_token("city")
