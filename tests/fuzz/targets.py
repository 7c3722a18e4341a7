"""Every parser of bytes that others may have made, with good artefacts to start from: real ones, made by our own code.

A target's ``call`` may raise a LedgerError and nothing else. Where what was read can be written again, or two readers
must agree, it says so with an ``assert``.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from api.screening.screen import read_question
from audit import handover, memory, monitor
from audit.entries import Entries, placed
from audit.filing import row_of
from audit.links import Partitions
from audit.replay import replay
from ledger import policies
from ledger.domain.event import Event
from ledger.domain.pack import parse_pack
from ledger.keys.passphrase import seal, unseal
from ledger.keys.pkcs11_uri import Pkcs11Uri
from ledger.plans.reader import read_plans
from ledger.playing import read_script
from ledger.promise_import import read_promises
from ledger.proof import strictjson
from ledger.proof.attestation import SCREENING, attest, verify_attestation
from ledger.proof.checkpoint import Checkpoint, open_checkpoint
from ledger.proof.cosignature import COSIGNATURES, Cosigner, MlDsaKey
from ledger.proof.curve import is_strong
from ledger.proof.disclosure import conceal, digests, parse_presentation, present
from ledger.proof.disclosure import read as read_disclosure
from ledger.proof.event import entry, parse, parse_entry, sign
from ledger.proof.keys import PrivateKey, b64url, public_key
from ledger.proof.merkle import (
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from ledger.proof.note import Verifier, open_note
from ledger.proof.note import sign as sign_note
from ledger.proof.quorum import Policy
from ledger.proof.skim import skim, skimmed
from ledger.proof.tiles import decode_bundle, encode_bundle, parse_tile_path, split_bundle, tile_path
from ledger.proof.tlogproof import TlogProof
from ledger.proof.tlogproof import check as check_proof
from ledger.proof.witness import AddCheckpoint, continues
from ledger.proof.witness import signed as witness_signed
from ledger.sheets.court import court_list, court_list_json
from ledger.sheets.reading import Sheet, parse_sheet
from ledger.sheets.subjects import subjects_in
from tests.audit.logs import CITY_KEY, LOG, filled
from tests.conftest import CASES, OPERATOR
from tests.fuzz.bundles import bundle_targets
from tests.fuzz.target import Target

AT = datetime(2026, 4, 1, tzinfo=UTC)
KEY = Verifier.of(LOG)
SIZE = 300
WITNESSES = (
    Cosigner("w1.example", PrivateKey.from_seed(bytes([7]) * 32), 1_790_000_000),
    Cosigner("w2.example", MlDsaKey.from_seed(bytes([8]) * 32), 1_790_000_001),
)
COSIGNERS = tuple(Verifier.of(witness) for witness in WITNESSES)


def targets() -> list[Target]:
    """All of them, by name."""
    return sorted(
        (*_events(), *_proofs(), *_logs(), *_texts(), *_keys(), *bundle_targets()), key=lambda target: target.name
    )


# --- artefacts --------------------------------------------------------------------------------------------------------


@cache
def events() -> tuple[bytes, ...]:
    """A signed event of every kind that the worked cases have."""
    found: dict[type, bytes] = {}
    for number, saying in enumerate(read_script(CASES, OPERATOR.uscc).book.sayings):
        jti = f"0198c5a2-0000-7000-8000-{number:012d}"
        event = Event(OPERATOR.uscc, 1_780_000_000, jti, saying.stream, 2, "0" * 64, saying.fact, saying.basis)
        found.setdefault(type(saying.fact), sign(event, CITY_KEY))
    return (*found.values(), *(parse_entry(data)[1] for data in filled(9).entries))


@cache
def presentation() -> bytes:
    """An event with disclosures."""
    from ledger.domain.person import PersonRegistered
    from ledger.domain.record.terms import PersonKind

    openings = [conceal(bytes(16), "name", "示例人员"), conceal(bytes(16), "post", "示例岗位")]
    fact = PersonRegistered(PersonKind.CIVIL_SERVANT, OPERATOR.uscc, sealed=digests(openings))
    event = Event(OPERATOR.uscc, 1_780_000_000, "0198c5a2-0000-7000-8000-000000000001", "person/1", 1, None, fact)
    return present(sign(event, CITY_KEY), openings)


@cache
def entries() -> tuple[bytes, ...]:
    """300 of them."""
    return tuple(filled(SIZE).entries)


@cache
def tree() -> Tree:
    """The tree of 300 entries."""
    grown = Tree()
    for data in entries():
        grown.append(leaf_hash(data))
    return grown


@cache
def notes() -> tuple[bytes, ...]:
    """Checkpoints, one with cosignatures."""
    text = Checkpoint(LOG.name, SIZE, tree().root()).marshal()
    return sign_note(text, [LOG]), sign_note(text, [LOG, *WITNESSES])


# --- events -----------------------------------------------------------------------------------------------------------


def _events() -> Iterator[Target]:
    signed = events()
    parts = [jws.split(b".") for jws in signed]
    payloads = tuple(_unpadded(part[1]) for part in parts)
    tokens = (b'"_sd"', b'"prev"', b'"cause"', b'"basis"', b'"schema":2', b'"event":"LedgerFounded"', b"body/ledger")
    yield Target("event", _event, signed, (b"~", b"..", parts[0][0] + b"."))
    header, signature = parts[0][0], parts[0][2]
    yield Target("event payload", lambda d: _event(b".".join((header, _segment(d), signature))), payloads, tokens)
    headers = tuple({_unpadded(part[0]) for part in parts})
    yield Target(
        "event header",
        lambda d: _event(b".".join((_segment(d), *parts[0][1:]))),
        headers,
        (b'"alg"', b'"none"', b'"crit"', b'"EdDSA"'),
    )
    entries = tuple(entry(AT, jws) for jws in signed)
    yield Target("entry", _entry, entries, (b"2026-02-30T25:00:00.000Z\n", b"9999-12-31T23:59:59.999Z", b"0000-01-01"))
    yield Target(
        "entries replayed", lambda d: replay(enumerate(d.split(b"\0"))), (b"\0".join(filled(9).entries),), (b"\0",)
    )
    yield Target("presentation", _presentation, (presentation(), *signed[:3]), (b"~", b"~~"))
    disclosures = tuple(presentation().split(b"~")[1:-1])
    yield Target("disclosure", read_disclosure, disclosures)
    yield Target(
        "disclosure contents", _disclosed, tuple(map(_unpadded, disclosures)), (b'["', b'"name"', b'"id_number"')
    )
    yield Target("strict JSON", _json, payloads, tokens)
    answer = attest(SCREENING, {"size": 7, "results": [{"given": "示例市"}]}, CITY_KEY)
    yield Target("attestation", _attestation, (answer, *signed[:3]), (b".", b"jiannuo-event+sd-jwt", b'"typ"'))


def _segment(data: bytes) -> bytes:
    return b64url(data).encode()


def _unpadded(segment: bytes) -> bytes:
    return base64.urlsafe_b64decode(segment + b"==")


def _event(data: bytes) -> None:
    """The quick reader takes nothing that the careful one does not, and reads the same."""
    quick = skim(data)
    if quick is not None:
        assert quick == skimmed(parse(data))
    signed = parse(data)
    assert signed.jws == data.removesuffix(b"~")
    signed.verify(CITY_KEY.public)


def _entry(data: bytes) -> None:
    """Also as an auditor meets it, who never raises."""
    with tempfile.TemporaryDirectory() as folder, Partitions(Path(folder), 1) as partitions:
        entries = Entries({CITY_KEY.kid: CITY_KEY.public}, partitions)
        entries.examine(row_of(0, data))
        entries.check_signatures()
    at, jws = parse_entry(data)
    assert entry(at, jws) == data
    placed(jws)


def _presentation(data: bytes) -> None:
    found = parse_presentation(data)
    assert not found.openings or present(found.signed.jws, found.openings) == data


def _disclosed(data: bytes) -> None:
    jws = presentation().split(b"~")[0]
    parse_presentation(b"~".join((jws, _segment(data), b"")))


def _attestation(data: bytes) -> None:
    """What is not byte for byte what was signed is refused."""
    verify_attestation(data, CITY_KEY.public, SCREENING)
    assert data == attest(SCREENING, {"size": 7, "results": [{"given": "示例市"}]}, CITY_KEY)


def _json(data: bytes) -> None:
    value = strictjson.loads(data, "value")
    assert strictjson.loads(strictjson.dumps(value), "value") == value


# --- proofs -----------------------------------------------------------------------------------------------------------


def _proofs() -> Iterator[Target]:
    grown = tree()
    inclusion = b"".join(inclusion_proof(77, SIZE, grown.nodes()))
    consistency = b"".join(consistency_proof(120, SIZE, grown.nodes()))
    numbers = b"%d %d\n"
    yield Target("inclusion proof", _inclusion, (numbers % (77, SIZE) + inclusion,))
    yield Target("consistency proof", _consistency, (numbers % (120, SIZE) + consistency,))
    leaf = entries()[77]
    proof = TlogProof(77, tuple(inclusion_proof(77, SIZE, grown.nodes())), notes()[0], b"extra").marshal()
    yield Target("tlog-proof", lambda d: _proof(d, leaf), (proof,), (b"extra ", b"index ", b"c2sp.org/tlog-proof@v1\n"))
    yield Target(
        "tile path", _path, (b"tile/0/273.p/112", b"tile/entries/x001/x234/067", b"tile/63/000"), (b"x", b".p/")
    )
    bundle = encode_bundle(filled(20).entries)
    yield Target("entry bundle", _bundle, (bundle,), (b"\0\0", b"\xff\xff"))
    tile = grown.partial(0)
    yield Target("tile", _tile, (tile, tile[:32], b""))


def _numbered(data: bytes) -> tuple[int, int, list[bytes]]:
    """Two numbers, and hashes: the last may be of any length."""
    head, _, rest = data.partition(b"\n")
    words = [int(w[:30]) if w[:30].removeprefix(b"-").isdigit() and w.isascii() else 0 for w in head.split(b" ")][:2]
    first, second = [*words, 0, 0][:2]
    return first, second, [rest[at : at + 32] for at in range(0, len(rest), 32)]


def _inclusion(data: bytes) -> None:
    index, size, hashes = _numbered(data)
    verify_inclusion(index, size, leaf_hash(entries()[77]), hashes, tree().root())


def _consistency(data: bytes) -> None:
    old, new, hashes = _numbered(data)
    verify_consistency(old, new, bytes(32), tree().root(), hashes)


def _proof(data: bytes, leaf: bytes) -> None:
    parsed = TlogProof.parse(data)
    assert parsed.marshal() == data
    check_proof(data, leaf, [KEY], LOG.name)


def _path(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert tile_path(*parse_tile_path(text)) == text


def _bundle(data: bytes) -> None:
    entries, rest = split_bundle(data, 256)
    assert sum(2 + len(each) for each in entries) + rest == len(data)
    assert encode_bundle(decode_bundle(data, len(entries))) == data


def _tile(data: bytes) -> None:
    """A tree is restored from the partial tiles that a database holds."""
    Tree.restore(len(data) // 32, lambda level: data)


# --- logs -------------------------------------------------------------------------------------------------------------


def _logs() -> Iterator[Target]:
    dash = "\u2014 ".encode()
    yield Target("signed note", lambda d: open_note(d, [KEY, *COSIGNERS]), notes(), (dash, dash + b"w1.example "))
    yield Target("checkpoint", lambda d: open_checkpoint(d, LOG.name, [KEY]), notes(), (dash, LOG.name.encode()))
    texts = tuple(note.partition(b"\n\n")[0] + b"\n" for note in notes())
    yield Target("checkpoint text", _checkpoint, texts)
    vkeys = tuple(key.vkey.encode() for key in (KEY, *COSIGNERS))
    yield Target("vkey", _vkey, vkeys, (b"+", b"log.example+"))
    yield Target("public key", _public, (CITY_KEY.public.encode(), b"A" * 43))
    yield Target(
        "tlog-policy",
        lambda d: Policy.parse(_escaped(d)),
        (_policy(),),
        (b"group ", b"quorum ", b"any", b"all", b"none"),
    )
    yield Target(
        "quorum of a note", lambda d: Policy.parse(_policy().decode()).check(d, LOG.name, []), notes(), (dash,)
    )
    told = json.dumps([{"vkey": KEY.vkey, "from_size": 1}, {"vkey": KEY.vkey, "from_size": 9}]).encode()
    yield Target("log keys", handover.keys_in, (told,), (b'"from_size"', b'"vkey"'))
    remembered = json.dumps(
        {"format": memory.FORMAT, "origin": LOG.name, "key": KEY.vkey, "checkpoint": notes()[0].decode()}
    ).encode()
    yield Target("memory file", _in_file(memory.read), (remembered,), (b'"format"', b'"checkpoint"'))
    config = f'[[log]]\nkey = "{KEY.vkey}"\nurls = ["https://a.example", "https://b.example"]\n'.encode()
    yield Target(
        "monitor configuration", lambda d: monitor.parse_config(_text(d)), (config,), (b"[[log]]", b"[log]", b"urls")
    )
    request = AddCheckpoint(120, tuple(consistency_proof(120, SIZE, tree().nodes())), notes()[0]).marshal()
    yield Target("add-checkpoint request", _request, (request,), (b"old ", b"\n\n"))


# --- keys -------------------------------------------------------------------------------------------------------------


def _keys() -> Iterator[Target]:
    pem = PrivateKey.from_seed(bytes(32)).to_pem()
    yield Target("key file", PrivateKey.from_pem, (pem, _der(pem)), (b"-----BEGIN PRIVATE KEY-----\n", b"ENCRYPTED "))
    strange = (_der(pem).replace(b"\x03+ep", b"\x03+eq"), _der(pem).replace(b"\x03+ep", b"\x03+eo"))
    yield Target("key file of a witness", MlDsaKey.from_pem, (MlDsaKey.from_seed(bytes(32)).to_pem(), pem))
    yield Target("key file contents", lambda d: PrivateKey.from_pem(_pem(d)), (_der(pem), *strange), tuple(_OIDS))
    sealed = seal(bytes(32), b"a passphrase", salt=bytes(16), nonce=bytes(12), n=2)
    yield Target("sealed secret", lambda d: unseal(d, b"a passphrase"), (sealed,), (b'"n"', b'"box"', b'"scrypt"'))
    uri = b"pkcs11:token=city;object=log;id=%01%02?module-path=/usr/lib/libsofthsm2.so&pin-source=file:/run/pin"
    yield Target(
        "pkcs11: URI",
        _uri,
        (uri, b"pkcs11:serial=1;object=%E6%97%A5;type=secret-key?module-path=x"),
        (b"%", b";", b"?"),
    )


def _uri(data: bytes) -> None:
    """What was read is written so that it is read again."""
    uri = Pkcs11Uri.parse(_escaped(data))
    assert Pkcs11Uri.parse(uri.marshal()) == uri


def _request(data: bytes) -> None:
    """As a witness meets it, up to where it looks up what it remembers."""
    request = AddCheckpoint.parse(data)
    assert request.marshal() == data
    found = witness_signed(request, [KEY])
    continues(request, found, Checkpoint(LOG.name, 120, bytes(32)))


# DER of algorithm identifiers that stand where Ed25519's does: X25519, Ed448, EC, RSA, DSA, ML-DSA-44, PBES2.
_OIDS = [
    bytes.fromhex(oid)
    for oid in (
        "06032b656e",
        "06032b6571",
        "06072a8648ce3d0201",
        "06092a864886f70d010101",
        "06072a8648ce380401",
        "0609608648016503040311",
        "06092a864886f70d01050d",
    )
]


def _der(pem: bytes) -> bytes:
    return base64.b64decode(b"".join(pem.splitlines()[1:-1]))


def _pem(der: bytes) -> bytes:
    return b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"


def _policy() -> bytes:
    lines = [f"log {KEY.vkey} https://log.example"]
    lines += [f"witness w{number} {key.vkey}" for number, key in enumerate(COSIGNERS)]
    return "\n".join([*lines, "# both", "group both 2 w0 w1", "quorum both", ""]).encode()


def _sheet(read: Callable[[Sheet], object]) -> Callable[[bytes], object]:
    """A reader of rows, on what is a CSV file whatever it begins with."""
    return lambda data: read(parse_sheet(b"\n" + data, "list.csv"))


def _text(data: bytes) -> str:
    """Text, as a file that is read as UTF-8 gives it."""
    return data.decode("utf-8", "replace")


def _escaped(data: bytes) -> str:
    """Text, as the command line gives it."""
    return data.decode("utf-8", "surrogateescape")


def _checkpoint(data: bytes) -> None:
    text = _text(data)
    assert Checkpoint.parse(text).marshal() == text


def _vkey(data: bytes) -> None:
    text = _escaped(data)
    assert Verifier.parse(text, (1, *COSIGNATURES)).vkey == text


def _public(data: bytes) -> None:
    """43 characters of base64url: the schema of an event makes sure of that before."""
    kept = bytes(c for c in data if c < 128 and (chr(c).isalnum() or c in b"-_"))
    text = kept[:43].decode().ljust(43, "A")
    if is_strong(text):
        assert public_key(text) is not None


def _in_file(read: Callable[[Path], object]) -> Callable[[bytes], None]:
    """A parser of files."""

    def call(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "file")
            path.write_bytes(data)
            read(path)

    return call


# --- texts ------------------------------------------------------------------------------------------------------------


def _texts() -> Iterator[Target]:
    packs = tuple(policies.text(name).encode() for name in ("national", "huangshi"))
    toml = (b"[[value]]", b"[pack]", b'"""', b"'''", b"= 1979-05-27T07:32:00Z", b"= 0x", b"inf", b"= {", b"key = ")
    yield Target("rule pack", lambda d: parse_pack(_text(d)), tuple(pack[:6000] for pack in packs) + packs[1:], toml)
    calendar = policies.text("calendar").encode()
    yield Target("calendar", lambda d: policies.arranged(_text(d)), (calendar,), toml)
    yield Target("CSV of bodies", _sheet(subjects_in), ("单位名称,代码\n某局,12\n".encode(),), (b'"', b",", b"uscc\n"))
    listed = b'[{"court":"c","case_number":"1","name":"n","published_on":"2026-10-08"}]'
    yield Target(
        "court list", lambda d: court_list_json(d, "x", AT.date()), (listed, b"[]"), (b'"code"', b'"until"', b"null")
    )
    columns = "法院,案号,被执行人,发布时间\n某法院,（2026）1号,某局,2026年10月8日\n".encode()
    yield Target(
        "court list as CSV",
        _sheet(partial(court_list, today=AT.date())),
        (columns,),
        (b"2022-09-31", b'"', "——".encode()),
    )
    promise = b'{"title":"t","text":"x","kind":"plan","area":"general","promiser":"p-0123456789abcdef"}'
    table = b"title,text,kind,area,promiser\nt,x,plan,general,p-0123456789abcdef\n"
    yield Target("commitments to import", lambda d: read_promises(d, "x"), (promise, table), (b'"id"', b"{", b'"'))
    question = b'{"purpose":"awards","subjects":["x"],"on":"2026-11-21"}'
    yield Target("screening question", read_question, (question,), (b'"fund"', b'"asked_by"', b"null"))
    samples = sorted(Path(__file__).parents[1].joinpath("plans", "samples").glob("*.txt"))
    words = ("责任单位", "牵头单位", "完成时限", "（一）", "第一条", "2026年", "目录", "|", "各县（市、区）人民政府")
    yield Target(
        "plan text", read_plans, tuple(f.read_bytes()[:3000] for f in samples), tuple(w.encode() for w in words)
    )
