"""A served ledger and three witnesses, each a process: quorum 2 of 3, and what happens when they die and come back."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from api.cli import app as cli
from api.witness_client import Poster, collecting, witnessing
from audit.monitor import Finding, Watched, look
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import SignatureError, UnavailableError
from ledger.installation import Installation, open_installation
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.tlogproof import TlogProof
from ledger.settings import Settings
from ledger.witnesses import policy_file
from ledger.witnesses import witnessing as background
from tests.api.witnesses import Process
from tests.conftest import Served, application, serving

NAMES = ("city-b", "court", "university")


@pytest.fixture
def witnesses(installation: Installation, tmp_path: Path) -> Iterator[list[Process]]:
    log = installation.ledger.log_key.verifier.vkey
    found: list[Process] = []
    try:
        for name in NAMES:
            quantum = ("--ml-dsa",) if name == "university" else ()
            found.append(Process.made(tmp_path / name, f"{name}.example/w", log, *quantum))
        yield found
    finally:
        for one in found:
            if one.running:
                one.end()


@pytest.fixture
def cosigned(installation: Installation, witnesses: list[Process], monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The ledger, served with a policy that asks for two of the three."""
    monkeypatch.setattr("ledger.witnesses.witnessed.FRESH", 0.0)
    lines = [f"witness {name} {one.vkey} {one.url}\n" for name, one in zip(NAMES, witnesses, strict=True)]
    text = f"log {installation.ledger.log_key.verifier.vkey}\n{''.join(lines)}group g 2 {' '.join(NAMES)}\nquorum g\n"
    (installation.settings.home / "witness.policy").write_text(text, encoding="utf-8")
    with application(installation) as app, serving(installation, app) as served:
        yield served


def asked(installation: Installation) -> dict[str, bool]:
    """Asks all witnesses once; who cosigned."""
    told: dict[str, bool] = {}
    with witnessing(installation, lambda witness, error: told.update({witness.name: error is None})) as asking:
        assert asking is not None
        asking.round(all_answers=True)
        asking.close()
    return told


def grow(installation: Installation, number: int) -> int:
    author = installation.author("operator", installation.operator())
    stream, ledger = f"body/{fictional_uscc(number)}", installation.ledger
    fact = BodyRegistered(f"示例局{number}（虚构）", Kind.DEPARTMENT)
    return ledger.submit(author.write(stream, ledger.head(stream), fact)).result().index + 1


def test_two_of_three_suffice_one_does_not_and_those_that_come_back_are_asked_again(
    cosigned: Served, witnesses: list[Process], tmp_path: Path
) -> None:
    installation = cosigned.installation
    key, policy = installation.ledger.log_key, policy_file.of(installation.settings)
    assert policy is not None

    def shown() -> int:
        note = httpx.get(f"{cosigned.url}/log/checkpoint").content
        assert policy is not None
        return policy.check(note, key.origin, [key.verifier]).size

    def monitored() -> Finding:
        (tmp_path / "watched").mkdir(exist_ok=True)
        (report,) = look(Watched(key.verifier.vkey, (cosigned.url,)), tmp_path / "watched", policy)
        return report.finding

    assert httpx.get(f"{cosigned.url}/log/checkpoint").status_code == 503
    assert asked(installation) == dict.fromkeys(NAMES, True)
    assert shown() == installation.ledger.size
    assert monitored() == Finding.NEW
    home = httpx.get(f"{cosigned.url}/index.json").json()
    assert home["witnessed"] == {"size": shown(), "by": list(NAMES)}
    assert "city-b、court、university" in httpx.get(cosigned.url).text

    witnesses[0].end()
    size = grow(installation, 41)
    assert asked(installation) == {"city-b": False, "court": True, "university": True}
    assert shown() == size
    assert monitored() == Finding.CONTINUED

    witnesses[1].end()
    newer = grow(installation, 42)
    assert asked(installation) == {"city-b": False, "court": False, "university": True}
    assert shown() == size
    assert monitored() == Finding.UNCHANGED
    for index, covering in ((0, size), (newer - 1, newer)):
        proof = TlogProof.parse(httpx.get(f"{cosigned.url}/log/proof/{index}").content)
        assert open_checkpoint(proof.checkpoint, key.origin, [key.verifier]).size == covering
    assert httpx.get(f"{cosigned.url}/log/consistency?from=1").status_code == 200

    witnesses[0].start()
    witnesses[1].start()
    assert asked(installation) == {"city-b": True, "court": True}
    assert shown() == newer == installation.ledger.size
    assert [one.end(signal.SIGTERM) for one in witnesses] == [0, 0, 0]


def test_a_line_taken_out_of_the_served_checkpoint_is_refused_by_who_holds_the_policy(cosigned: Served) -> None:
    installation = cosigned.installation
    asked(installation)
    note = httpx.get(f"{cosigned.url}/log/checkpoint").content
    key, policy = installation.ledger.log_key, policy_file.of(installation.settings)
    assert policy is not None
    for names in (NAMES[:2], NAMES[1:]):
        lines = [line for line in note.splitlines(True) if not any(f" {n}.".encode() in line for n in names)]
        assert open_checkpoint(b"".join(lines), key.origin, [key.verifier])
        with pytest.raises(SignatureError, match=r"quorum"):
            policy.check(b"".join(lines), key.origin, [key.verifier])


def test_the_service_collects_by_itself(
    installation: Installation, witnesses: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PERIOD", 0.01)
    text = f"witness w {witnesses[0].vkey} {witnesses[0].url}/\nquorum w\n"
    (installation.settings.home / "witness.policy").write_text(text, encoding="utf-8")
    size = grow(installation, 41)
    vkey, reader = witnesses[0].vkey, installation.ledger.reader
    with collecting(installation):
        while reader.cosigned(vkey) < size:
            assert witnesses[0].running
            assert witnesses[0].running.poll() is None


def test_a_policy_that_cannot_be_read_stops_the_start(settings_of: Callable[[], Settings]) -> None:
    settings = settings_of()
    (settings.home / "witness.policy").write_text("quorum nobody\n", encoding="utf-8")
    with ExitStack() as stack:
        installation = stack.enter_context(open_installation(settings))
        with pytest.raises(Exception, match=r"policy, line 1"):
            stack.enter_context(application(installation))
        with pytest.raises(Exception, match=r"policy, line 1"):
            stack.enter_context(collecting(installation))


def test_a_witness_that_answers_too_much_or_not_at_all_is_unavailable(witnesses: list[Process]) -> None:
    with Poster() as post:
        assert post(f"{witnesses[0].url}/add-checkpoint", b"")[0] == 400
        witnesses[0].end()
        for url in (
            f"{witnesses[0].url}/add-checkpoint",
            "nonsense",
            "http://",
            "http://\udcff/",
            "http://[",
            "ftp://x",
        ):
            with pytest.raises(UnavailableError):
                post(url, b"")


def test_asking_by_hand_tells_who_cosigned_and_exits_5_without_the_quorum(
    cosigned: Served, witnesses: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = cosigned.installation.settings
    assert settings.database_url
    monkeypatch.setenv("JIANNUO_HOME", str(settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", settings.database_url)
    witnesses[0].end()
    witnesses[1].end()
    for more, shown in (
        ([], ["city-b\tnot cosigned", "court\tnot cosigned", "university\tcosigned"]),
        (["--json"], ['{"witness":"city-b","cosigned":false,', '{"witness":"court","cosigned":false,']),
    ):
        ran = CliRunner().invoke(cli, ["witness", "ask", *more])
        assert ran.exit_code == 5
        lines = sorted(line for line in ran.stdout.splitlines() if "cosigned" in line)
        assert len(lines) == len(shown)
        assert all(line.startswith(start) for line, start in zip(lines, shown, strict=True))
    monkeypatch.setenv("JIANNUO_WITNESS_POLICY", str(settings.home / "nothing"))
    ran = CliRunner().invoke(cli, ["witness", "ask"])
    assert ran.exit_code == 1
    assert "cannot be read" in str(ran.exception)
    (settings.home / "witness.policy").unlink()
    monkeypatch.delenv("JIANNUO_WITNESS_POLICY")
    ran = CliRunner().invoke(cli, ["witness", "ask"])
    assert ran.exit_code == 1
    assert "JIANNUO_WITNESS_POLICY" in str(ran.exception)
