"""The policy file of an installation: which witnesses its checkpoints need, and where they answer (C2SP tlog-policy).

>>> import tempfile
>>> folder = Path(tempfile.mkdtemp())
>>> of(Settings(folder)) is None
True
>>> _ = (folder / "witness.policy").write_text("quorum none\\n")
>>> of(Settings(folder)).quorum
'none'
"""

from __future__ import annotations

from pathlib import Path

from ledger.errors import ConfigurationError
from ledger.proof.quorum import MAX_POLICY, Policy
from ledger.settings import Settings


def read(path: Path) -> Policy:
    """The policy in a file. Raises ConfigurationError where it cannot be read, FormatError where it is none."""
    try:
        with path.open("rb") as file:
            return Policy.parse(file.read(MAX_POLICY + 1).decode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ConfigurationError(
            f"policy {path}: cannot be read ({error.strerror})", f"见证策略 {path}：无法读取（{error.strerror}）"
        ) from None


def of(settings: Settings) -> Policy | None:
    """The policy that the settings name, or that is in the home; None where there is none. Raises as :func:`read`."""
    if settings.witness_policy is not None:
        return read(settings.witness_policy)
    usual = settings.home / "witness.policy"
    return read(usual) if usual.exists() else None
