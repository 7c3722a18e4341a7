"""Countersignatures by SM2 with SM3 (国密副签): signed by OpenSSL, recorded, verified by gmssl and by OpenSSL."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from api import cli
from audit import sm2
from audit.countersigned import countersignatures
from ledger.domain import codec
from ledger.domain.body import Countersigned
from ledger.domain.body_terms import Suite
from ledger.errors import ConfigurationError, FormatError
from ledger.installation import Installation
from ledger.proof.event import parse_entry
from ledger.proof.keys import b64url
from tests.conftest import OPERATOR, needs

OPTIONS = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sm2.USER_ID}"]
STREAM = f"body/{OPERATOR.uscc}"


def openssl(*arguments: str, folder: Path) -> subprocess.CompletedProcess[bytes]:
    needs("openssl")
    return subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, check=False)


class Module:
    """A body's cryptographic module: OpenSSL with an SM2 key in a folder."""

    def __init__(self, folder: Path, given: str | None = None) -> None:
        self.folder = folder
        made = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "sm2.pem"]
        copied = ["pkey", "-in", given, "-out", "sm2.pem"] if given else made
        assert openssl(*copied, folder=folder).returncode == 0
        assert openssl("pkey", "-in", "sm2.pem", "-pubout", "-out", "sm2.pub.pem", folder=folder).returncode == 0
        self.key = base64.b64decode("".join((folder / "sm2.pub.pem").read_text().splitlines()[1:-1]))[-65:]

    def sign(self, message: bytes) -> bytes:
        (self.folder / "event.jws").write_bytes(message)
        signing = ["pkeyutl", "-sign", *OPTIONS, "-inkey", "sm2.pem", "-in", "event.jws", "-out", "sig.der"]
        assert openssl(*signing, folder=self.folder).returncode == 0
        return (self.folder / "sig.der").read_bytes()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """What OpenSSL says."""
        (self.folder / "message").write_bytes(message)
        (self.folder / "signature").write_bytes(signature)
        verifying = ["pkeyutl", "-verify", *OPTIONS, "-pubin", "-inkey", "sm2.pub.pem", "-in", "message"]
        return openssl(*verifying, "-sigfile", "signature", folder=self.folder).returncode == 0


@pytest.fixture
def module(tmp_path: Path) -> Module:
    """A module with a fresh key."""
    return Module(tmp_path)


def test_gmssl_and_openssl_agree_on_what_openssl_signed(module: Module) -> None:
    """GB/T 32918.2, GB/T 32905: two implementations, true signatures and false ones."""
    message = b"promised" * 40
    signature = module.sign(message)
    r, s = decode_dss_signature(signature)
    others = [
        (signature, message + b"."),
        (encode_dss_signature(r, s - 1), message),
        (encode_dss_signature(r + 1, s), message),
        (encode_dss_signature(s, r), message),
        (encode_dss_signature(r, s + sm2.N), message),
        (encode_dss_signature(r + sm2.N, s), message),
        (encode_dss_signature(0, s), message),
        (encode_dss_signature(r, 0), message),
        (encode_dss_signature(0, 0), message),
        (encode_dss_signature(sm2.N, sm2.N), message),
        (b"", message),
        (signature[:-1], message),
        (bytes(72), message),
    ]
    assert sm2.verify(module.key, signature, message)
    assert module.verifies(signature, message)
    for made, said in others:
        assert not sm2.verify(module.key, made, said), made.hex()
        assert not module.verifies(made, said), made.hex()


def test_the_command_of_the_documentation_signs_so(module: Module) -> None:
    """docs/log-format.md, Countersignatures: the openssl command, as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "log-format.md").read_text("utf-8")
    (command,) = [line for line in page.splitlines() if line.startswith("openssl pkeyutl -sign")]
    (module.folder / "event.jws").write_bytes(b"promised")
    assert openssl(*command.split()[1:], folder=module.folder).returncode == 0
    assert sm2.verify(module.key, (module.folder / "sig.der").read_bytes(), b"promised")


def test_a_signature_has_one_spelling(module: Module) -> None:
    """What OpenSSL might read as the same numbers: bytes behind, a longer length."""
    signature = module.sign(b"x")
    assert sm2.verify(module.key, signature, b"x")
    for spelled in (signature + b"\0", b"\x30\x81" + signature[1:]):
        assert not sm2.verify(module.key, spelled, b"x")


def test_what_is_no_point_of_the_curve_is_no_key(module: Module) -> None:
    """gmssl takes any numbers; an invalid curve would let anybody sign."""
    signature = module.sign(b"x")
    x, y = int.from_bytes(module.key[1:33], "big"), int.from_bytes(module.key[33:], "big")
    wrong = [
        b"",
        module.key[:-1],
        b"\2" + module.key[1:],
        b"\4" + x.to_bytes(32, "big") + (y ^ 1).to_bytes(32, "big"),
        bytes([4]) + bytes(64),
        b"\4" + module.key[33:] + module.key[1:33],
    ]
    for key in wrong:
        with pytest.raises(FormatError, match="a point of the curve"):
            sm2.check_key(key)
        assert not sm2.verify(key, signature, b"x")
    sm2.check_key(b"\4" + x.to_bytes(32, "big") + (sm2.P - y).to_bytes(32, "big"))


def test_a_key_that_begins_with_04_is_read_whole(tmp_path: Path) -> None:
    """gmssl's constructor strips digits off such a key. The private key 11 has one: its x begins with the byte 04."""
    x = "04b3cb10c9c6d8e27c1aab770f67f543125dcdd589c2ff82668c74d78ce20ace"
    y = "63516355287e39fe4918e5c02e2b0b930c94816e63c4bc72739a8fd805174a4b"
    der = "30770201010420" + f"{11:064x}" + "a00a06082a811ccf5501822da14403420004" + x + y  # RFC 5915 §3
    (tmp_path / "sm2.der").write_bytes(bytes.fromhex(der))
    assert openssl("pkey", "-inform", "DER", "-in", "sm2.der", "-out", "given.pem", folder=tmp_path).returncode == 0
    module = Module(tmp_path, given="given.pem")
    assert module.key.hex() == "04" + x + y
    assert sm2.verify(module.key, module.sign(b"x"), b"x")


def test_the_signer_id_is_part_of_what_is_signed(module: Module) -> None:
    """GM/T 0009: the default id; a signature for another id is another."""
    (module.folder / "event.jws").write_bytes(b"x")
    other = ["-rawin", "-digest", "sm3", "-pkeyopt", "distid:another"]
    signing = ["pkeyutl", "-sign", *other, "-inkey", "sm2.pem", "-in", "event.jws", "-out", "sig.der"]
    assert openssl(*signing, folder=module.folder).returncode == 0
    assert not sm2.verify(module.key, (module.folder / "sig.der").read_bytes(), b"x")


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra sm is optional."""
    monkeypatch.setitem(sys.modules, "gmssl.sm2", None)
    with pytest.raises(ConfigurationError, match=r"jiannuo\[sm\]"):
        sm2.verify(b"", b"", b"")


# --- in a ledger ---------------------------------------------------------------------------------------------


def countersign(installation: Installation, fact: Countersigned) -> int:
    """Records it, signed by the operator's body; gives its index."""
    ledger = installation.ledger
    author = installation.author("operator", OPERATOR.uscc)
    return ledger.submit(author.write(STREAM, ledger.head(STREAM), fact)).result().index


def event_of(installation: Installation) -> tuple[int, bytes]:
    """An event that the operator's body signed: a role for itself is root's, so one that it says of itself."""
    fact = Countersigned("0" * 64, Suite.SM2_SM3, "BA" + "A" * 85, "ME" + "A" * 92)
    index = countersign(installation, fact)
    return index, parse_entry(installation.ledger.reader.entry(index).entry)[1]


def fact_on(jws: bytes, key: bytes, signature: bytes) -> Countersigned:
    return Countersigned(sha256(jws).hexdigest(), Suite.SM2_SM3, b64url(key), b64url(signature))


def entries(installation: Installation) -> Callable[[], list[tuple[int, bytes]]]:
    return lambda: [(row.index, row.entry) for row in installation.ledger.reader.scan()]


def test_countersignatures_of_a_log_are_judged_one_by_one(installation: Installation, module: Module) -> None:
    """Part 7: true, false, on another body's event, on none; the ledger itself judged only the form."""
    first, jws = event_of(installation)
    founding = parse_entry(installation.ledger.reader.entry(0).entry)[1]
    good = fact_on(jws, module.key, module.sign(jws))
    other = fact_on(founding, module.key, module.sign(founding))
    made = [good, replace(good, sm_signature=b64url(module.sign(b"else"))), other]
    indices = [countersign(installation, fact) for fact in made]
    found = list(countersignatures(entries(installation), sm2.verify))
    assert [(one.index, one.on, one.holds) for one in found] == [
        (first, None, False),
        (indices[0], first, True),
        (indices[1], first, False),
        (indices[2], None, False),
    ]
    assert {one.body for one in found} == {OPERATOR.uscc}


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs ``jiannuo``."""

    def call(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["jiannuo", *map(str, arguments)])
        capsys.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code or 0
        assert isinstance(code, int)
        return Ran(code, *capsys.readouterr())

    return call


def test_the_commands_record_and_verify_what_a_module_signed(
    run, installation: Installation, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``jiannuo countersign`` writes what ``jiannuo sign`` signs; ``jiannuo audit countersigned`` verifies it."""
    monkeypatch.setenv("JIANNUO_HOME", str(installation.settings.home))
    monkeypatch.setenv("JIANNUO_DATABASE_URL", installation.settings.database_url or "")
    assert run("audit", "countersigned")[:2] == (0, "")
    on, jws = event_of(installation)
    module.sign(jws)
    folder = module.folder
    files = [folder / "event.jws", "--public", folder / "sm2.pub.pem", "--signature", folder / "sig.der"]
    ran = run("countersign", *files)
    assert ran.code == 0, ran.err
    draft = json.loads(ran.out)
    assert (draft["stream"], draft["event"]) == (STREAM, "Countersigned")
    index = countersign(installation, codec.decode(Countersigned, draft["data"]))
    ran = run("audit", "countersigned", "--json")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert (ran.code, [(one["index"], one["on"], one["holds"]) for one in told]) == (
        3,
        [(on, None, False), (index, on, True)],
    )
    assert f"有效 good\t{index}\t{OPERATOR.uscc}\tSM2-SM3\t{on}\t" in run("audit", "countersigned").out


def test_a_wrong_signature_or_key_is_refused_before_it_is_recorded(
    run, installation: Installation, module: Module
) -> None:
    """``jiannuo countersign`` verifies first."""
    _, jws = event_of(installation)
    module.sign(jws)
    folder = module.folder
    (folder / "other.der").write_bytes(encode_dss_signature(1, 2))
    (folder / "none.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    files = {"--public": folder / "sm2.pub.pem", "--signature": folder / "sig.der"}
    for option, file, words in (
        ("--signature", "other.der", "expected the SM2 signature"),
        ("--signature", "missing.der", "cannot be read"),
        ("--public", "none.pem", "PEM public key on the curve SM2"),
        ("--public", "sm2.pem", "PEM public key on the curve SM2"),
    ):
        given = {**files, option: folder / file}
        ran = run("countersign", folder / "event.jws", *(word for pair in given.items() for word in pair))
        assert (ran.code, ran.out) == (1, "")
        assert words in ran.err.splitlines()[-1]
