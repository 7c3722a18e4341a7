"""An installation: the database, the keys and the ledger of one ``JIANNUO_HOME``, opened together.

Founding makes the three keys (``root``, ``ledger``, ``log``) and writes the log's first events: the founding itself,
signed by root, and the registration of the operator with its key and roles. It is repeatable: what is there is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from ledger import keystore
from ledger.application import Ledger
from ledger.authoring import Author, new_id, utc_now
from ledger.domain.body import Body, BodyRegistered, KeyAuthorised, Kind, LedgerFounded, Role, RoleGranted
from ledger.domain.event import LEDGER
from ledger.errors import ConfigurationError, CorruptionError
from ledger.position import recorded_of
from ledger.proof.keys import PrivateKey
from ledger.proof.note import Ed25519Signer
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from ledger.writer import Keys


@dataclass(frozen=True, slots=True)
class Operator:
    """The body that runs the ledger: it registers other bodies, authorises keys and grants roles."""

    uscc: str
    name: str
    kind: Kind = Kind.DEPARTMENT
    region: str | None = None
    roles: tuple[Role, ...] = (Role.OPERATOR, Role.CREDIT_OFFICE)


@dataclass(frozen=True, slots=True)
class Installation:
    """See the module's docstring."""

    settings: Settings
    database: Database
    ledger: Ledger

    def operator(self) -> str:
        """The USCC of the body that runs this ledger: the second entry registers it."""
        return self.ledger.reader.entry(1).stream.partition("/")[2]

    def token(self) -> str:
        """What opens the entries to auditors. Raises ConfigurationError where the file is missing."""
        try:
            return self.settings.auditor_token.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(
                f"{self.settings.auditor_token}: the auditors' token cannot be read; run `jiannuo init` again",
                f"{self.settings.auditor_token}：无法读取审计令牌，请再次运行 `jiannuo init`",
            ) from None

    def author(self, name: str, iss: str) -> Author:
        """Writes events as the body ``iss``, with the key in the file ``keys/<name>.pem``."""
        return Author(iss, keystore.load(self.settings.keys / f"{name}.pem"))


def _origin(database: Database) -> str | None:
    """The origin of the ledger that the database holds; None if it holds none."""
    store = datastore(database.url("reader"), pool_size=1)
    try:
        found = Reader(store).entries(0, 1)
        return recorded_of(found[0]).event.fact.origin if found else None
    finally:
        store.close()


@contextmanager
def open_installation(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    on_corruption: Callable[[CorruptionError], None] = lambda _: None,
    founding: bool = False,
) -> Iterator[Installation]:
    """The installation of ``settings``, closed at the end.

    Raises ConfigurationError where the ledger is not founded yet, unless ``founding``.
    """
    with Database(settings) as database:
        origin = _origin(database)
        if origin is None and not founding:
            raise ConfigurationError(
                "there is no ledger here yet: run `jiannuo init` (or `make demo`)",
                "此处尚无账本：请运行 `jiannuo init`（或 `make demo`）",
            )
        name = origin or settings.origin or f"jiannuo.invalid/{secrets.token_hex(8)}"
        open_key = keystore.load_or_create if origin is None else keystore.load
        log = Ed25519Signer(name, open_key(settings.keys / "log.pem").key)
        keys = Keys(open_key(settings.keys / "ledger.pem"), log)
        with Ledger(database, keys, clock=clock, new_id=new_id, on_corruption=on_corruption) as ledger:
            yield Installation(settings, database, ledger)


def found(installation: Installation, operator: Operator) -> None:
    """Writes the log's first events, as far as they are not there yet."""
    settings, ledger = installation.settings, installation.ledger
    root = keystore.load_or_create(settings.keys / "root.pem")
    own = keystore.load_or_create(settings.keys / "operator.pem")
    by_root = Author(LEDGER, root)
    if ledger.head(f"body/{LEDGER}").version == 0:
        fact = LedgerFounded(ledger.log_key.origin, root.public, ledger.public_key, ledger.log_key.verifier.vkey)
        ledger.submit(by_root.write(f"body/{LEDGER}", ledger.head(f"body/{LEDGER}"), fact)).result()
    stream = f"body/{operator.uscc}"
    for fact in _missing(ledger.case(stream).state, operator, own):
        ledger.submit(by_root.write(stream, ledger.head(stream), fact)).result()
    if not settings.auditor_token.exists():
        with suppress(ConfigurationError):  # another process made it a moment ago
            keystore.write_private(settings.auditor_token, secrets.token_urlsafe(32).encode() + b"\n")


def _missing(body: Body, operator: Operator, key: PrivateKey) -> Iterator[BodyRegistered | KeyAuthorised | RoleGranted]:
    if not body.known:
        yield BodyRegistered(operator.name, operator.kind, operator.region)
    if body.key(key.kid) is None:
        yield KeyAuthorised(key.public, "operator")
    yield from (RoleGranted(role) for role in operator.roles if role not in body.roles)
