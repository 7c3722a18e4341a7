"""The passphrase of a command: from the file that it names, or that the environment names, or from the terminal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ledger.settings import Settings

if TYPE_CHECKING:
    from ledger.keys.passphrase import Passphrases

PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="file whose first line is the key's passphrase 口令文件（首行为口令）"),
]


def passphrases(file: Path | None) -> Passphrases:
    """Where a command's passphrases come from."""
    from ledger.keys.passphrase import Passphrases

    settings = Settings.from_environment()
    return Passphrases.of(replace(settings, passphrase_file=file or settings.passphrase_file))


def new_passphrases(file: Path | None) -> Passphrases:
    """Where the passphrase that replaces another comes from: what opens the old one is not asked for it."""
    from ledger.keys.passphrase import Passphrases

    return Passphrases.of(replace(Settings.from_environment(), passphrase_file=file))
