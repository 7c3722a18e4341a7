"""Changing the log's key: the first checkpoint after it has both signatures, later ones the new; nothing old breaks.

The process may die at any step; two installations may be open; what a reader pinned leads to the key in force.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from ledger.authoring import Author
from ledger.domain.body import BodyRegistered, LogKeyRotated
from ledger.domain.body_terms import Kind, Revocation
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import (
    ConfigurationError,
    ConflictError,
    CorruptionError,
    Head,
    RuleError,
    SignatureError,
    UnavailableError,
)
from ledger.installation import Installation, found, open_installation
from ledger.keys import keystore
from ledger.keys.keystore import Keyring
from ledger.keys.log_key import LogKey
from ledger.keys.log_rotation import LogKeyFiles, rotate_log
from ledger.keys.passphrase import Passphrases
from ledger.position import recorded_of
from ledger.proof.checkpoint import open_checkpoint, sign_checkpoint
from ledger.proof.event import parse
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier
from ledger.proof.rotation import rotated, successor
from ledger.receipt import Receipt
from ledger.settings import Settings
from tests.conftest import OPERATOR, Databases
from tests.ledger.softhsm import SoftHsm, hsm, module, new_token
from tests.ledger.wholelog import check_receipt

__all__ = ["hsm", "module", "new_token"]  # fixtures

PATIENCE = 20
STREAM = f"body/{LEDGER}"
SettingsOf = Callable[[], Settings]


def register(installation: Installation, number: int) -> Receipt:
    author = installation.author("operator", OPERATOR.uscc)
    fact = BodyRegistered("示例单位", Kind.DEPARTMENT)
    event = author.write(f"body/{fictional_uscc(number)}", Head(0, None), fact)
    return installation.ledger.submit(event).result(PATIENCE)


def signed_by(note: str, verifier: Verifier) -> bool:
    try:
        open_checkpoint(note.encode(), verifier.name, [verifier])
    except SignatureError:
        return False
    return True


def signatures(note: str) -> int:
    return note.rpartition("\n\n")[2].count("\n")


def key_of(installation: Installation) -> Verifier:
    return installation.ledger.log_key.verifier


def files(settings: Settings) -> set[str]:
    return {file.name for file in settings.keys.iterdir() if file.name.startswith((".", "log"))}


def test_the_checkpoint_of_the_change_has_both_signatures_and_later_ones_the_new(installation: Installation) -> None:
    """F15 日志密钥更换：更换事件所在的检查点由新旧密钥共同签署，其后只由新密钥签署。"""
    before = register(installation, 10)
    old = key_of(installation)
    receipt = rotate_log(installation, Revocation.SUPERSEDED)
    new = key_of(installation)
    after = register(installation, 11)
    reader = installation.ledger.reader
    at_change, later = reader.covering(receipt.index).note, reader.newest().note
    assert old != new
    assert old.name == new.name
    assert (signatures(at_change), signed_by(at_change, old), signed_by(at_change, new)) == (2, True, True)
    assert (signatures(later), signed_by(later, old), signed_by(later, new)) == (1, False, True)
    for made, key in ((before, old), (receipt, old), (receipt, new), (after, new)):
        check_receipt(made, reader.entry(made.index).entry, key)
    for made in (before, receipt, after):
        again = installation.ledger.receipt(reader.entry(made.index))
        assert again.json() == made.json()
    change = recorded_of(reader.entry(receipt.index)).event.fact
    assert isinstance(change, LogKeyRotated)
    assert successor(old, change) == new, "who pinned the old key is led to the new one"


def test_the_files_change_places_and_the_next_opening_signs_with_the_new_key(settings_of: SettingsOf) -> None:
    settings = settings_of()
    with open_installation(settings) as installation:
        old = keystore.load(settings.keys / "log.pem")
        rotate_log(installation, Revocation.COMPROMISED)
        new = key_of(installation)
    assert files(settings) == {"log.pem", f"log-{old.kid[:8]}.retired.pem"}
    assert keystore.load(settings.keys / f"log-{old.kid[:8]}.retired.pem").kid == old.kid
    assert keystore.load(settings.keys / "log.pem").public_bytes == new.public_key
    with open_installation(settings) as installation:
        assert key_of(installation) == new
        register(installation, 10)
        assert installation.ledger.checkpoint().size == installation.ledger.size


def test_the_key_changes_again_and_again_also_in_one_process(settings_of: SettingsOf) -> None:
    settings, seen, sizes = settings_of(), list[Verifier](), list[int]()
    with open_installation(settings) as installation:
        for number in range(3):
            seen.append(key_of(installation))
            sizes.append(rotate_log(installation, Revocation.SUPERSEDED).index + 1)
            register(installation, 10 + number)
        seen.append(key_of(installation))
        assert len(set(seen)) == 4
        history = installation.ledger.log_key.history()
        assert history == list(zip([1, *sizes], seen, strict=True))
        for size in range(1, installation.ledger.size + 1):
            stored = installation.ledger.reader.covering(size - 1)
            assert installation.ledger.log_key.open(stored.note).size == stored.size
    with open_installation(settings) as installation:
        assert installation.ledger.log_key.history() == history
    assert len([name for name in files(settings) if "retired" in name]) == 3


def test_two_changes_in_one_transaction_are_signed_by_all_three_keys(installation: Installation) -> None:
    """Also the key that was never alone in force signs: whoever pinned one of them can follow."""
    ledger, folder = installation.ledger, installation.settings.keys
    keys = [keystore.load(folder / "log.pem"), keystore.create(folder / "log-next.pem")]
    (folder / "log.pem").unlink()  # this process has it in memory
    keys.append(keystore.create(folder / "log.pem"))
    signers = [LogSigner(key_of(installation).name, key) for key in keys]
    author, head, events = installation.author("root", LEDGER), ledger.head(STREAM), []
    for before, after in pairwise(signers):
        events.append(author.write(STREAM, head, rotated(before, after, Revocation.SUPERSEDED)))
        head = Head(head.version + 1, parse(events[-1]).hash)
    receipts = [future.result(PATIENCE) for future in ledger.submit_many(events)]
    note = ledger.reader.newest().note
    assert ledger.reader.covering(receipts[0].index) == ledger.reader.newest(), "one transaction"
    assert signatures(note) == 3
    assert all(signed_by(note, Verifier.of(signer)) for signer in signers)
    register(installation, 10)
    assert signatures(ledger.reader.newest().note) == 1


def test_a_checkpoint_by_the_wrong_one_of_the_logs_keys_is_corruption(installation: Installation) -> None:
    """The old key may have been stolen: after its time it signs nothing."""
    old = keystore.load(installation.settings.keys / "log.pem")
    receipt = rotate_log(installation, Revocation.COMPROMISED)
    key = installation.ledger.log_key
    checkpoint = installation.ledger.checkpoint()
    by_old = sign_checkpoint(checkpoint, [LogSigner(key.origin, old)]).decode()
    with pytest.raises(CorruptionError, match="stored checkpoint"):
        key.open(by_old)
    assert key.at(receipt.index) == Verifier.of(LogSigner(key.origin, old))
    assert key.at(receipt.index + 1) == key.verifier


# --- what is refused ------------------------------------------------------------------------------------------------


def test_without_the_root_key_nothing_is_changed_and_nothing_made(settings_of: SettingsOf) -> None:
    settings = settings_of()
    (settings.keys / "root.pem").rename(settings.home / "away.pem")
    with open_installation(settings) as installation:
        before, size = key_of(installation), installation.ledger.size
        with pytest.raises(ConfigurationError, match=r"root\.pem: root signs"):
            rotate_log(installation, Revocation.SUPERSEDED)
        assert (key_of(installation), installation.ledger.size) == (before, size)
    assert files(settings) == {"log.pem"}


def test_another_root_key_than_the_ledgers_own_changes_nothing(settings_of: SettingsOf) -> None:
    settings = settings_of()
    (settings.keys / "root.pem").unlink()
    keystore.create(settings.keys / "root.pem")
    with open_installation(settings) as installation:
        before = key_of(installation)
        with pytest.raises(SignatureError):
            rotate_log(installation, Revocation.SUPERSEDED)
        assert key_of(installation) == before
        register(installation, 10)
        assert signed_by(installation.ledger.reader.newest().note, before)


def test_a_key_of_another_name_or_signed_by_a_stranger_is_never_the_logs(installation: Installation) -> None:
    """body.rotation-signed"""
    ledger, origin = installation.ledger, key_of(installation).name
    own = keystore.load(installation.settings.keys / "log.pem")
    stranger = keystore.create(installation.settings.keys / "log-next.pem")
    author = installation.author("root", LEDGER)
    old, wrong = LogSigner(origin, own), LogSigner(origin, PrivateKey.from_seed(bytes(32)))
    facts = [
        rotated(wrong, LogSigner(origin, stranger), Revocation.SUPERSEDED),
        rotated(old, old, Revocation.SUPERSEDED),
    ]
    for fact in facts:
        with pytest.raises(RuleError) as error:
            ledger.submit(author.write(STREAM, ledger.head(STREAM), fact)).result(PATIENCE)
        assert error.value.rule == "body.rotation-signed"
    elsewhere = rotated(old, LogSigner("other.example", stranger), Revocation.SUPERSEDED)
    with pytest.raises((RuleError, ConfigurationError)):
        ledger.submit(author.write(STREAM, ledger.head(STREAM), elsewhere)).result(PATIENCE)
    assert key_of(installation) == Verifier.of(old)


def test_nobody_but_root_changes_the_key(installation: Installation) -> None:
    origin, folder = key_of(installation).name, installation.settings.keys
    old, new = (
        LogSigner(origin, k) for k in (keystore.load(folder / "log.pem"), keystore.create(folder / "log-next.pem"))
    )
    author = installation.author("operator", OPERATOR.uscc)
    event = author.write(STREAM, installation.ledger.head(STREAM), rotated(old, new, Revocation.SUPERSEDED))
    with pytest.raises(RuleError):
        installation.ledger.submit(event).result(PATIENCE)


def test_a_change_to_a_key_that_nobody_has_is_refused_before_it_stops_the_log(installation: Installation) -> None:
    ledger, origin = installation.ledger, key_of(installation).name
    old = LogSigner(origin, keystore.load(installation.settings.keys / "log.pem"))
    new = LogSigner(origin, PrivateKey.from_seed(bytes(32)))
    author = installation.author("root", LEDGER)
    event = author.write(STREAM, ledger.head(STREAM), rotated(old, new, Revocation.SUPERSEDED))
    with pytest.raises(ConfigurationError, match=r"log-next\.pem"):
        ledger.submit(event).result(PATIENCE)
    assert register(installation, 10).created


def test_what_an_earlier_attempt_left_is_used_and_never_written_over(
    installation: Installation, tmp_path: Path
) -> None:
    folder = installation.settings.keys
    left = keystore.create(folder / "log-next.pem")
    other = tmp_path / "other.pem"
    keystore.create(other)
    with pytest.raises(ConfigurationError, match="earlier attempt"):
        rotate_log(installation, Revocation.SUPERSEDED, other)
    rotate_log(installation, Revocation.SUPERSEDED)
    assert key_of(installation).public_key == left.public_bytes


def test_a_key_of_ones_own_is_taken_and_the_one_in_force_is_not(installation: Installation, tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    made = keystore.create(own)
    with pytest.raises(ConfigurationError, match="in force"):
        rotate_log(installation, Revocation.SUPERSEDED, installation.settings.keys / "log.pem")
    assert files(installation.settings) == {"log.pem"}
    rotate_log(installation, Revocation.SUPERSEDED, own)
    assert key_of(installation).public_key == made.public_bytes


# --- several processes ----------------------------------------------------------------------------------------------


def test_a_second_installation_goes_on_with_the_new_key_which_it_reads_from_the_file(settings_of: SettingsOf) -> None:
    """The command runs beside the service."""
    settings = settings_of()
    with open_installation(settings) as service, open_installation(settings) as command:
        register(service, 10)
        old = key_of(service)
        rotate_log(command, Revocation.SUPERSEDED)
        receipt = register(service, 11)
        new = key_of(service)
        assert new == key_of(command) != old
        note = service.ledger.reader.covering(receipt.index).note
        assert (signatures(note), signed_by(note, new)) == (1, True)
        register(command, 12)
        rotate_log(service, Revocation.SUPERSEDED)
        register(command, 13)
        assert key_of(command) == key_of(service) != new
        assert service.ledger.check() == command.ledger.check()


def test_who_only_reads_follows_the_change_too(settings_of: SettingsOf) -> None:
    """A process that never writes does not catch up with the log; its pages must open the newest checkpoint."""
    settings = settings_of()
    with open_installation(settings) as service, open_installation(settings) as command:
        rotate_log(command, Revocation.SUPERSEDED)
        register(command, 10)
        assert service.ledger.checkpoint().size == command.ledger.size
        assert key_of(service) == key_of(command)


def test_a_process_that_has_not_got_the_new_key_writes_nothing_and_says_what_to_do(
    settings_of: SettingsOf, tmp_path: Path
) -> None:
    """A service elsewhere, with a folder of keys of its own: never does the old key sign what comes after."""
    settings = settings_of()
    shutil.copytree(settings.home, tmp_path / "elsewhere")
    other = Settings(tmp_path / "elsewhere", settings.database_url)
    with open_installation(settings) as here, open_installation(other) as elsewhere:
        receipt = rotate_log(here, Revocation.SUPERSEDED)
        for number in (10, 11):
            with pytest.raises(UnavailableError, match=r"put it in keys/log\.pem"):
                register(elsewhere, number)
        with pytest.raises(UnavailableError, match="log key"):
            elsewhere.ledger.check()
        assert here.ledger.reader.newest().size == receipt.index + 1, "nothing was written"
        (other.keys / "log.pem").unlink()
        shutil.copy(settings.keys / "log.pem", other.keys / "log.pem")
        assert register(elsewhere, 10).created, "with the key in its folder it goes on by itself"
        assert elsewhere.ledger.check() == receipt.index + 2
        register(here, 11)


def test_an_opening_without_the_new_key_is_refused(settings_of: SettingsOf, tmp_path: Path) -> None:
    settings = settings_of()
    shutil.copytree(settings.home, tmp_path / "old")
    with open_installation(settings) as installation:
        rotate_log(installation, Revocation.SUPERSEDED)
    with (
        pytest.raises(ConfigurationError, match="log key: this database holds the log"),
        open_installation(Settings(tmp_path / "old", settings.database_url)),
    ):
        pass


def test_two_rotations_at_once_are_one(settings_of: SettingsOf) -> None:
    settings = settings_of()
    with open_installation(settings) as first, open_installation(settings) as second:
        new = keystore.create(settings.keys / "log-next.pem")
        origin = key_of(first).name
        signers = [LogSigner(origin, k) for k in (keystore.load(settings.keys / "log.pem"), new)]
        author, head = first.author("root", LEDGER), first.ledger.head(STREAM)
        events = [author.write(STREAM, head, rotated(*signers, Revocation.SUPERSEDED)) for _ in range(2)]
        futures = [i.ledger.submit(e) for i, e in zip((first, second), events, strict=True)]
        failed = [f.exception(PATIENCE) for f in futures]
        assert sorted(type(e) for e in failed if e) == [ConflictError]
        assert failed.count(None) == 1
        register(first, 10)
        register(second, 11)


# --- encrypted, and in a module -------------------------------------------------------------------------------------


def test_the_new_key_of_an_encrypted_one_is_encrypted_too(databases: Databases, tmp_path: Path) -> None:
    name = databases.create()
    secret = tmp_path / "p"
    secret.write_text("a passphrase")
    settings = Settings(tmp_path / "home", databases.url(name), passphrase_file=secret)
    with open_installation(settings, founding=True, encrypt=True) as installation:
        found(installation, OPERATOR)
    with open_installation(settings) as service, open_installation(settings) as command:
        rotate_log(command, Revocation.SUPERSEDED)
        assert b"ENCRYPTED" in (settings.keys / "log.pem").read_bytes()
        assert register(service, 10).created
    databases.drop(name)


def test_a_process_that_asked_at_the_terminal_does_not_ask_again_while_it_holds_the_lock(tmp_path: Path) -> None:
    """What the terminal gave is tried; nobody is waited for."""
    questions = list[str]()
    asking = Passphrases(None, lambda question: questions.append(question) or "right")
    keystore.create(tmp_path / "log.pem", b"right")
    ring = Keyring(asking)
    ring.load(tmp_path / "log.pem")
    keystore.create(tmp_path / "log-next.pem", b"another")
    assert len(LogKeyFiles(tmp_path, ring, "log.example").at_hand()) == 1
    assert len(questions) == 1


def test_what_an_attempt_left_under_another_passphrase_stops_no_opening(settings_of: SettingsOf) -> None:
    settings = settings_of()
    keystore.create(settings.keys / "log-next.pem", b"nobody knows it any more")
    with open_installation(settings) as installation:
        register(installation, 10)
        with pytest.raises(ConfigurationError, match=r"log-next\.pem: it is encrypted"):
            rotate_log(installation, Revocation.SUPERSEDED)


def test_only_the_next_key_at_hand_becomes_the_key_if_the_log_says_so(settings_of: SettingsOf) -> None:
    settings = settings_of()
    with open_installation(settings) as installation:
        rotate_log(installation, Revocation.SUPERSEDED)
    (settings.keys / "log.pem").rename(settings.keys / "log-next.pem")
    with open_installation(settings) as installation:
        register(installation, 10)
    assert "log.pem" in files(settings)
    assert "log-next.pem" not in files(settings)


def test_a_key_in_the_hardware_module_is_followed_by_one_that_is_given(
    settings_of: SettingsOf, hsm: SoftHsm, tmp_path: Path
) -> None:
    """F15 日志密钥可换入密码机，换入后不得不经说明退回文件。"""
    settings, pointers = settings_of(), []
    for name in ("rotation-1", "rotation-2"):
        uri, _ = keystore.create_in_token(hsm.uri(f"object={name}"), keystore.NONE)
        pointers.append(tmp_path / f"{name}.uri")
        pointers[-1].write_text(uri.marshal() + "\n")
    with open_installation(settings) as service, open_installation(settings) as command:
        rotate_log(command, Revocation.SUPERSEDED, pointers[0])
        register(service, 10)
        with pytest.raises(ConfigurationError, match="--key"):
            rotate_log(command, Revocation.SUPERSEDED)
        rotate_log(command, Revocation.SUPERSEDED, pointers[1])
        register(service, 11)
    assert (settings.keys / "log.pem").read_bytes() == pointers[1].read_bytes()
    with open_installation(settings) as installation:
        register(installation, 12)
        assert installation.ledger.checkpoint().size == installation.ledger.size


# --- kill -9 --------------------------------------------------------------------------------------------------------

STEPS = (
    "before the next key",
    "after the next key",
    "after the commit",
    "after the link",
    "after the change of places",
)


def dying(step: str, home: str, url: str) -> None:
    """Rotates, and dies at a step."""
    from ledger.keys import log_rotation as logrotation

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    link, replace, prepared = os.link, os.replace, LogKeyFiles.prepared

    def die_after(work: Callable[..., object]) -> Callable[..., None]:
        return lambda *a, **k: (work(*a, **k), die())[1]

    with open_installation(Settings(Path(home), url)) as installation:
        if step == "before the next key":
            LogKeyFiles.prepared = die  # type: ignore[method-assign, assignment]
        elif step == "after the next key":
            LogKeyFiles.prepared = die_after(prepared)  # type: ignore[method-assign, assignment]
        elif step == "after the commit":
            LogKeyFiles._move = die  # type: ignore[method-assign, assignment]
        elif step == "after the link":
            logrotation.os.replace = die  # type: ignore[assignment]
        else:
            logrotation.os.replace = die_after(replace)  # type: ignore[assignment]
        assert link is os.link
        rotate_log(installation, Revocation.SUPERSEDED)


@pytest.mark.parametrize("step", STEPS)
def test_a_rotation_that_is_killed_at_any_step_is_finished_or_forgotten_at_the_next_opening(
    settings_of: SettingsOf, step: str
) -> None:
    """F15 更换过程在任一步骤中断（kill -9）后，账本仍可打开、签署、核验。"""
    settings = settings_of()
    with open_installation(settings) as installation:
        old, size = key_of(installation), installation.ledger.size
    arguments = step, str(settings.home), settings.database_url
    code = f"from tests.ledger.test_logrotation import dying; dying(*{arguments!r})"
    killed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=Path(__file__).parents[2]
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    changed = STEPS.index(step) >= STEPS.index("after the commit")
    with open_installation(settings) as installation:
        assert (key_of(installation) != old) is changed
        assert installation.ledger.size == size + changed
        register(installation, 10)
        assert signed_by(installation.ledger.reader.newest().note, key_of(installation))
        if changed:
            retired = [name for name in files(settings) if "retired" in name]
            assert len(retired) == 1
            assert keystore.load(settings.keys / retired[0]).public_bytes == old.public_key
            assert files(settings) == {"log.pem", *retired}
        rotate_log(installation, Revocation.SUPERSEDED)
        register(installation, 11)
    with open_installation(settings) as installation:
        assert len(installation.ledger.log_key.history()) == 2 + changed
        register(installation, 12)
        assert not [f for f in files(settings) if f.startswith(".")]


# --- the key by size, purely ----------------------------------------------------------------------------------------


def test_a_keys_time_ends_with_the_event_that_relieves_it() -> None:
    keys = [Verifier.of(LogSigner("log.example", PrivateKey.from_seed(bytes([n]) * 32))) for n in range(1, 4)]
    key = LogKey("log.example", keys[0]).rotated(4, keys[1].vkey).rotated(9, keys[2].vkey)
    assert [keys.index(key.at(size)) for size in range(1, 12)] == [0] * 4 + [1] * 5 + [2] * 2
    assert key.signing(4) == (keys[2], keys[1], keys[0])
    assert key.signing(5) == (keys[2], keys[1])
    assert key.signing(9) == (keys[2], keys[1])
    assert key.signing(10) == (keys[2],)
    assert key.history() == [(1, keys[0]), (5, keys[1]), (10, keys[2])]


def test_an_event_by_an_author_of_another_key_is_refused_as_ever(installation: Installation) -> None:
    rotate_log(installation, Revocation.SUPERSEDED)
    author = Author(OPERATOR.uscc, keystore.load(installation.settings.keys / "log.pem"))
    fact = BodyRegistered("示例单位", Kind.DEPARTMENT)
    event = author.write(f"body/{fictional_uscc(10)}", Head(0, None), fact)
    with pytest.raises(SignatureError):
        installation.ledger.submit(event).result(PATIENCE)
