"""An installation: the database, the keys and the ledger of one ``JIANNUO_HOME``, opened together.

Founding makes the keys (``root``, ``ledger``, ``log``, the vault's) and writes the log's first events: the founding
itself, signed by root, and the registration of the operator with its key and roles. It is repeatable: what is there is
kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.application import Ledger
from ledger.authoring import Author, new_id, utc_now
from ledger.domain.body import Body, BodyRegistered, KeyAuthorised, LedgerFounded, RoleGranted
from ledger.domain.body_terms import Kind, Role
from ledger.domain.event import LEDGER
from ledger.errors import ConfigurationError, CorruptionError
from ledger.keys import keystore
from ledger.keys.keystore import PLAIN, Keyring
from ledger.keys.log_rotation import LogKeyFiles
from ledger.keys.passphrase import Passphrases
from ledger.keys.signing import Keys
from ledger.position import cases_of
from ledger.proof.keys import Signer
from ledger.proof.note import LogSigner
from ledger.settings import Settings
from ledger.store.database import Database
from ledger.store.reader import Reader
from ledger.store.recorder import datastore
from ledger.vault.files import master_for, readable

if TYPE_CHECKING:
    from ledger.vault.vault import Master

_SHORTEST_TOKEN = 20


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
    clock: Callable[[], datetime] = utc_now
    keyring: Keyring = PLAIN

    def operator(self) -> str:
        """The USCC of the body that runs this ledger: the second entry registers it."""
        return self.ledger.reader.entry(1).stream.partition("/")[2]

    def token(self) -> str:
        """What opens the entries to auditors. Raises ConfigurationError where the file is missing or holds none."""
        try:
            token = self.settings.auditor_token.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            token = ""
        if len(token) < _SHORTEST_TOKEN:  # an empty one would open the entries to everybody
            raise ConfigurationError(
                f"{self.settings.auditor_token}: expected the auditors' token, of {_SHORTEST_TOKEN} characters at "
                "least; remove the file and run `jiannuo init` again",
                f"{self.settings.auditor_token}：应为至少 {_SHORTEST_TOKEN} 个字符的审计令牌；"
                "请删除该文件并再次运行 `jiannuo init`",
            )
        return token

    def author(self, name: str, iss: str) -> Author:
        """Writes events as the body ``iss``, with the key in the file ``keys/<name>.pem``."""
        return Author(iss, self.keyring.load(self.settings.keys / f"{name}.pem"), self.clock)


def _log_of(database: Database) -> tuple[str | None, str | None]:
    """Origin and verifier key of the log that the database holds; None if it holds none."""
    store, stream = datastore(database.url("reader"), pool_size=1, patience=database.patience), f"body/{LEDGER}"
    try:
        ledger = cases_of(Reader(store).stream(stream)).get(stream)
        return (ledger.state.origin, ledger.state.log_key) if ledger else (None, None)
    finally:
        store.close()


def _master(settings: Settings, keyring: Keyring, database: Database, *, founding: bool) -> Master | None:
    """The vault's master key; see :func:`master_for`."""
    store = datastore(database.url("writer"), pool_size=1, patience=database.patience)
    try:
        return master_for(settings.vault_key, keyring, store, founding=founding)
    finally:
        store.close()


@contextmanager
def open_installation(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    on_corruption: Callable[[CorruptionError], None] = lambda _: None,
    founding: bool = False,
    encrypt: bool = False,
) -> Iterator[Installation]:
    """The installation of ``settings``, closed at the end. Keys that it makes are under a passphrase if ``encrypt``.

    Raises ConfigurationError where the ledger is not founded yet, unless ``founding``.
    """
    with Database(settings) as database:
        origin, vkey = _log_of(database)
        if origin is None and not founding:
            raise ConfigurationError(
                "there is no ledger here yet: run `jiannuo init` (or `make demo`)",
                "此处尚无账本：请运行 `jiannuo init`（或 `make demo`）",
            )
        name = origin or settings.origin or f"jiannuo.invalid/{secrets.token_hex(8)}"
        keyring = Keyring(Passphrases.of(settings), encrypt)
        open_key = keyring.load_or_create if origin is None else keyring.load
        files = LogKeyFiles(settings.keys, keyring, name)
        if origin is not None:
            _need_keys(files)
        log = files.settled(vkey) if vkey else LogSigner(name, open_key(files.current))
        keys = Keys(open_key(settings.keys / "ledger.pem"), log, files.at_hand)
        master = _master(settings, keyring, database, founding=founding)
        with Ledger(
            database,
            keys,
            clock=clock,
            new_id=new_id,
            on_corruption=on_corruption,
            master=master,
            masters=lambda: readable(settings.vault_key, keyring),
        ) as ledger:
            yield Installation(settings, database, ledger, clock, keyring)


def _need_keys(files: LogKeyFiles) -> None:
    """A copy of a log has no keys, and without them nothing can be appended. Raises ConfigurationError."""
    if not files.current.exists() and not files.next.exists():
        raise ConfigurationError(
            f"this database holds the log {files.origin}, and {files.current} is not there: without the log's keys it "
            "is a copy, to verify, replay, trace and export (`jiannuo audit`), neither served nor appended to",
            f"数据库中的日志为 {files.origin}，而 {files.current} 不存在：没有日志密钥时它只是副本，"
            "可核验、重放、溯源、导出（`jiannuo audit`），不能提供服务或追加",
        )


def found(installation: Installation, operator: Operator) -> None:
    """Writes the log's first events, as far as they are not there yet.

    The root key is needed only where something is missing: afterwards it may be kept elsewhere. Raises
    ConfigurationError where another body runs this ledger, or the root key at hand is not its own.
    """
    settings, ledger = installation.settings, installation.ledger
    by_root = _root(installation)
    _check_operator(installation, operator)
    own_file = settings.keys / "operator.pem"
    if not own_file.exists():
        by_root()  # it will have to authorise the new key: without it, rather no key than one that does not count
    own = installation.keyring.load_or_create(own_file)
    stream = f"body/{operator.uscc}"
    for fact in _missing(ledger.case(stream).state, operator, own):
        ledger.submit(by_root().write(stream, ledger.head(stream), fact)).result()
    if not settings.auditor_token.exists():
        with suppress(ConfigurationError):  # another process made it a moment ago
            keystore.write_private(settings.auditor_token, secrets.token_urlsafe(32).encode() + b"\n")


def _root(installation: Installation) -> Callable[[], Author]:
    """Who signs the first events. Writes the very first, the founding, if it is not there yet."""
    file, ledger, keyring = installation.settings.keys / "root.pem", installation.ledger, installation.keyring
    stream = f"body/{LEDGER}"
    if ledger.head(stream).version == 0:
        root = keyring.load_or_create(file)
        fact = LedgerFounded(ledger.log_key.origin, root.public, ledger.public_key, ledger.log_key.verifier.vkey)
        by_root = Author(LEDGER, root, installation.clock)
        ledger.submit(by_root.write(stream, ledger.head(stream), fact)).result()
    return lambda: Author(LEDGER, keyring.load(file), installation.clock)


def _check_operator(installation: Installation, operator: Operator) -> None:
    second = installation.ledger.reader.entries(1, 2)
    if second and second[0].stream != f"body/{operator.uscc}":
        raise ConfigurationError(
            f"this ledger is run by {installation.operator()}, expected that and got {operator.uscc}",
            f"本账本由 {installation.operator()} 运营，应为该代码，实为 {operator.uscc}",
        )


def _missing(body: Body, operator: Operator, key: Signer) -> Iterator[BodyRegistered | KeyAuthorised | RoleGranted]:
    if not body.known:
        yield BodyRegistered(operator.name, operator.kind, operator.region)
    if body.key(key.kid) is None:
        yield KeyAuthorised(key.public, "operator")
    yield from (RoleGranted(role) for role in operator.roles if role not in body.roles)
