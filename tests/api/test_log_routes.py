"""/log: checkpoint, key, tiles, entries, proofs, as the published formats say, at every border of a tile."""

from __future__ import annotations

import base64

import pytest

from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.identifiers import fictional_uscc
from ledger.errors import Head, ProofError, SignatureError
from ledger.installation import open_installation
from ledger.proof.checkpoint import open_checkpoint
from ledger.proof.merkle import verify_consistency
from ledger.proof.note import Verifier
from ledger.proof.tiles import decode_bundle, tile_path
from ledger.proof.tlogproof import check
from tests.api.submitting import is_problem, operator
from tests.conftest import application, caller_of, fresh_ledger
from tests.ledger.wholelog import leaf, naive_root

SIZE = 600
BORDERS = [*range(250, 261), 511, 512, 513, SIZE]  # sizes at which a checkpoint is kept
FOREVER = "max-age=31536000, immutable"


@pytest.fixture(scope="module")
def ledger(databases, founded, tmp_path_factory):
    """A log of 600 entries that grew through the borders one by one."""
    with fresh_ledger(databases, founded, tmp_path_factory.mktemp("log")) as own, open_installation(own) as opened:
        author = operator(opened)
        number = 10
        for border in BORDERS:
            events = []
            while opened.ledger.size + len(events) < border:
                stream, fact = f"body/{fictional_uscc(number)}", BodyRegistered(f"单位{number}", Kind.DEPARTMENT)
                events.append(author.write(stream, Head(0, None), fact))
                number += 1
            for future in opened.ledger.submit_many(events):
                future.result()
        yield opened


@pytest.fixture(scope="module")
def client(ledger):
    with application(ledger) as app:
        yield caller_of(app)


@pytest.fixture(scope="module")
def auditor(ledger):
    return {"authorization": f"Bearer {ledger.token()}"}


@pytest.fixture(scope="module")
def entries(ledger):
    return [row.entry for row in ledger.ledger.reader.scan()]


@pytest.fixture(scope="module")
def key(client):
    return Verifier.parse(client.get("/log/key").text.strip())


@pytest.fixture(scope="module")
def checkpoints(ledger, key):
    """The checkpoint of every border, opened."""
    stored = {c.size: c for c in (ledger.ledger.reader.covering(size - 1) for size in BORDERS)}
    assert sorted(stored) == BORDERS
    return {size: open_checkpoint(c.note.encode(), key.name, [key]) for size, c in stored.items()}


def test_every_stored_root_is_that_of_its_entries(checkpoints, entries):
    leaves = [leaf(entry) for entry in entries]
    for size, checkpoint in checkpoints.items():
        assert (checkpoint.size, checkpoint.root) == (size, naive_root(leaves[:size]))


def test_the_checkpoint_is_the_newest_one_signed_by_the_log_key(client, key, entries):
    answer = client.get("/log/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=2"
    checkpoint = open_checkpoint(answer.content, key.name, [key])
    assert (checkpoint.size, checkpoint.root) == (SIZE, naive_root([leaf(e) for e in entries]))


def test_a_changed_checkpoint_is_not_believed(client, key):
    note = client.get("/log/checkpoint").content
    with pytest.raises(SignatureError):
        open_checkpoint(note.replace(b"\n600\n", b"\n599\n"), key.name, [key])


@pytest.mark.parametrize("index", [0, 1, 4, 254, 255, 256, 257, 510, 511, 512, 513, 598, 599])
def test_every_entry_has_a_proof_against_the_newest_checkpoint(client, key, entries, index):
    answer = client.get(f"/log/proof/{index}")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert check(answer.content, entries[index], [key], key.name).size == SIZE
    with pytest.raises(ProofError):
        check(answer.content, entries[index - 1], [key], key.name)


@pytest.mark.parametrize("index", [600, 601, 10**15])
def test_there_is_no_proof_beyond_the_end(client, index):
    is_problem(client.get(f"/log/proof/{index}"), 404)


@pytest.mark.parametrize("index", ["-1", "x", "01", "1.0", "1e3", "%00", "1" * 17, "１", "+1", "%20"])
def test_an_index_is_a_number(client, index):
    is_problem(client.get(f"/log/proof/{index}"), 400)


def test_any_two_kept_checkpoints_are_consistent(client, checkpoints):
    for old in BORDERS:
        for new in (n for n in BORDERS if n >= old):
            answer = client.get("/log/consistency", params={"from": old, "to": new})
            proof = [base64.b64decode(line) for line in answer.text.splitlines()]
            verify_consistency(old, new, checkpoints[old].root, checkpoints[new].root, proof)
            assert answer.headers["cache-control"] == f"public, {FOREVER}"
            if old != new:
                with pytest.raises(ProofError):
                    verify_consistency(old, new, checkpoints[new].root, checkpoints[new].root, proof)


def test_consistency_without_an_end_goes_to_the_newest(client, checkpoints):
    answer = client.get("/log/consistency?from=255")
    proof = [base64.b64decode(line) for line in answer.text.splitlines()]
    verify_consistency(255, SIZE, checkpoints[255].root, checkpoints[SIZE].root, proof)
    assert client.get("/log/consistency?from=0&to=600").text == ""
    assert client.get("/log/consistency?from=600").text == ""


def test_what_may_change_is_not_kept_for_ever(client):
    """Without `to` the same address gives another proof when the log has grown."""
    assert "immutable" not in client.get("/log/consistency?from=255").headers["cache-control"]


@pytest.mark.parametrize(
    "query", ["", "from=", "from=x", "from=-1", "from=2&to=1", "from=1&to=601", "from=601", "from=1&to=", "from=1&to=x"]
)
def test_a_consistency_that_cannot_be_is_refused(client, query):
    is_problem(client.get(f"/log/consistency?{query}"), 400)


# --- tiles ----------------------------------------------------------------------------------------------------------


def naive_tile(entries, level, number, width):
    row = [leaf(e) for e in entries]
    for _ in range(level):
        row = [naive_root(row[n : n + 256]) for n in range(0, len(row) - len(row) % 256, 256)]
    return b"".join(row[number * 256 : number * 256 + width])


TILES = [
    (0, 0, 256),
    (0, 1, 256),
    (0, 2, 88),
    (0, 2, 1),
    (0, 2, 87),
    (0, 0, 1),
    (0, 0, 255),
    (0, 1, 17),
    (1, 0, 2),
    (1, 0, 1),
]


@pytest.mark.parametrize(("level", "number", "width"), TILES)
def test_a_tile_holds_the_hashes_of_its_place(client, entries, level, number, width):
    answer = client.get(f"/log/{tile_path(level, number, width)}")
    assert answer.status_code == 200
    assert len(answer.content) == 32 * width
    assert answer.content == naive_tile(entries, level, number, width)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == f"public, {FOREVER}"


@pytest.mark.parametrize(
    ("level", "number", "width"),
    [(0, 2, 256), (0, 2, 89), (0, 3, 1), (1, 0, 3), (1, 0, 256), (1, 1, 1), (2, 0, 1), (63, 0, 1), (0, 10**18, 1)],
)
def test_a_tile_that_is_not_there_yet_is_404(client, level, number, width):
    """Above all a partial tile is never served at the full tile's path."""
    answer = client.get(f"/log/{tile_path(level, number, width)}")
    is_problem(answer, 404)
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path",
    [
        "0/0",
        "0/00",
        "0/0000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "64/000",
        "00/000",
        "-1/000",
        "0/x000/000",
        "0/x0/001",
        "/",
        "0",
        "0/",
        "x",
        "entries",
        "0/000/",
        "0/000.p/",
        "0/000.p",
        "0/..%2f000",
        "0/%00",
        "0/%EF%BC%90",
        "1/x999/x999/x999/x999/x999/x999/x999/x999/000",
    ],
)
def test_a_tile_has_one_path(client, path):
    answer = client.get(f"/log/tile/{path}")
    is_problem(answer, 400)


def test_a_tree_made_of_tiles_alone_has_the_signed_root(client, checkpoints):
    """What an auditor does: full tiles, then the partial one."""
    hashes = b"".join(client.get(f"/log/{tile_path(0, n, w)}").content for n, w in ((0, 256), (1, 256), (2, 88)))
    leaves = [hashes[n : n + 32] for n in range(0, len(hashes), 32)]
    assert naive_root(leaves) == checkpoints[SIZE].root


# --- entries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "start", "width"), [("000", 0, 256), ("001", 256, 256), ("002.p/88", 512, 88), ("002.p/3", 512, 3)]
)
def test_auditors_get_the_entries(client, auditor, entries, path, start, width):
    answer = client.get(f"/log/tile/entries/{path}", headers=auditor)
    assert answer.status_code == 200
    assert decode_bundle(answer.content, width) == entries[start : start + width]
    assert answer.headers["cache-control"] == f"private, {FOREVER}"


def test_the_bundles_layout_is_lengths_and_bytes(client, auditor, entries):
    data = client.get("/log/tile/entries/000.p/2", headers=auditor).content
    first, second = entries[:2]
    assert data == len(first).to_bytes(2, "big") + first + len(second).to_bytes(2, "big") + second


def test_nobody_else_gets_the_entries(client, ledger):
    token = ledger.token()
    for value in (
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        f"Basic {token}",
        token,
        f"Bearer {token}x",
        f"Bearer {token[:-1]}",
        f"Bearer {token.upper()}",
        f"Bearer {token} {token}",
        "Bearer \xff",
        "Bearer " + "x" * 8000,
    ):
        headers = {} if value is None else {"authorization": value.encode("latin-1")}
        answer = client.get("/log/tile/entries/000", headers=headers)
        is_problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert "immutable" not in answer.headers.get("cache-control", "")
    assert client.get(f"/log/tile/entries/000?token={token}").status_code == 401


def test_whether_entries_exist_is_not_told_without_the_token(client):
    assert client.get("/log/tile/entries/000").status_code == client.get("/log/tile/entries/999").status_code == 401


@pytest.mark.parametrize("path", ["002", "003.p/1", "002.p/89"])
def test_entries_that_are_not_there_yet_are_404(client, auditor, path):
    is_problem(client.get(f"/log/tile/entries/{path}", headers=auditor), 404)


# --- methods --------------------------------------------------------------------------------------------------------

ADDRESSES = ["/log/checkpoint", "/log/key", "/log/tile/0/000", "/log/proof/0", "/log/consistency?from=1&to=2"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_answers_as_get_without_the_body(client, address):
    answer, full = client.head(address), client.get(address)
    assert (answer.status_code, answer.content) == (200, b"")
    for name in ("content-type", "content-length", "cache-control"):
        assert answer.headers[name] == full.headers[name]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_changed_through_the_log(client, address, method):
    answer = client.request(method, address)
    is_problem(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("address", ["/log", "/log/", "/log/tiles/0/000", "/log/checkpoints", "/log/entries"])
def test_other_addresses_are_404(client, address):
    is_problem(client.get(address, follow_redirects=False), 404)
