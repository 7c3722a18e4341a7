"""Settings: the only reader of the environment.

>>> settings = Settings.from_environment({"JIANNUO_HOME": "/var/lib/jiannuo", "PORT": "9000"})
>>> settings.port, settings.keys.name
(9000, 'keys')
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import ConfigurationError

PATIENCE = 7.0
"""Seconds after which a silent database is given up: more than it may take to refuse a question or a lock (5 s)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides.

    ``home`` holds the embedded database, the keys and the auditors' token. With ``database_url`` (JIANNUO_DATABASE_URL)
    a PostgreSQL server of yours is used: that URL is the owner's, who migrates; ``writer_url`` and ``reader_url``
    (JIANNUO_WRITER_URL, JIANNUO_READER_URL) may name log-ins of their own. ``origin`` names a new ledger's log
    (JIANNUO_ORIGIN), ``host`` and ``port`` are where ``serve`` listens, ``log_level`` is that of structlog. The first
    line of ``passphrase_file`` (JIANNUO_PASSPHRASE_FILE) opens encrypted key files; without it a command
    asks for the passphrase at its ``terminal``, if it has one. ``witness_policy`` (JIANNUO_WITNESS_POLICY) is the file
    that says which witnesses are asked to cosign; without it ``witness.policy`` in the home counts, if it is there.
    ``read_rate`` (JIANNUO_READ_RATE) is how many requests a second one address may read, ten seconds' worth at once; 0
    is no limit. ``private_webhooks`` (JIANNUO_PRIVATE_WEBHOOKS=1) lets webhooks go to addresses that are not public,
    for a network of one's own. ``patience`` (JIANNUO_DATABASE_PATIENCE) is for how many seconds the database may leave
    a question without an answer before it is given up, and whoever asked is told to come again.
    """

    home: Path
    database_url: str | None = None
    writer_url: str | None = None
    reader_url: str | None = None
    origin: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "info"
    passphrase_file: Path | None = None
    terminal: bool = False
    witness_policy: Path | None = None
    read_rate: int = 200
    private_webhooks: bool = False
    patience: float = PATIENCE

    @property
    def keys(self) -> Path:
        """The folder of private keys; mode 0700."""
        return self.home / "keys"

    @property
    def vault_key(self) -> Path:
        """The file that holds the vault's master key; mode 0600."""
        return self.keys / "vault.key"

    @property
    def auditor_token(self) -> Path:
        """The file that holds the token which opens the entries to auditors; mode 0600."""
        return self.home / "auditor.token"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from JIANNUO_* and PORT. Raises ConfigurationError for a port or level that is none."""
        env = os.environ if environment is None else environment
        port = env.get("PORT") or "8000"
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ConfigurationError(
                f"PORT: expected a number from 1 to 65535, got {port!r}",
                f"PORT：应为 1 至 65535 的数字，实为 {port!r}",
            )
        level = (env.get("JIANNUO_LOG_LEVEL") or "info").lower()
        if level not in {"debug", "info", "warning", "error"}:
            raise ConfigurationError(
                f"JIANNUO_LOG_LEVEL: expected debug, info, warning or error, got {level!r}",
                f"JIANNUO_LOG_LEVEL：应为 debug、info、warning 或 error，实为 {level!r}",
            )
        return cls(
            home=Path(env.get("JIANNUO_HOME") or ".jiannuo").absolute(),
            database_url=env.get("JIANNUO_DATABASE_URL") or None,
            writer_url=env.get("JIANNUO_WRITER_URL") or None,
            reader_url=env.get("JIANNUO_READER_URL") or None,
            origin=env.get("JIANNUO_ORIGIN") or None,
            host=env.get("HOST") or "127.0.0.1",
            port=int(port),
            log_level=level,
            passphrase_file=Path(env["JIANNUO_PASSPHRASE_FILE"]) if env.get("JIANNUO_PASSPHRASE_FILE") else None,
            terminal=True,
            witness_policy=Path(env["JIANNUO_WITNESS_POLICY"]) if env.get("JIANNUO_WITNESS_POLICY") else None,
            read_rate=_rate(env.get("JIANNUO_READ_RATE") or "200"),
            private_webhooks=env.get("JIANNUO_PRIVATE_WEBHOOKS") == "1",
            patience=_patience(env.get("JIANNUO_DATABASE_PATIENCE") or f"{PATIENCE:g}"),
        )


def _rate(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise ConfigurationError(
            f"JIANNUO_READ_RATE: expected a number of requests a second from 0 to 999999, got {text[:40]!r}",
            f"JIANNUO_READ_RATE：应为每秒请求数 0 至 999999，实为 {text[:40]!r}",
        )
    return int(text)


def _patience(text: str) -> float:
    if not text.isascii() or not text.isdigit() or not 6 <= int(text[:4]) <= 600 or len(text) > 3:
        raise ConfigurationError(
            f"JIANNUO_DATABASE_PATIENCE: expected a number of seconds from 6 to 600, got {text[:40]!r}",
            f"JIANNUO_DATABASE_PATIENCE：应为秒数 6 至 600，实为 {text[:40]!r}",
        )
    return float(text)
