"""Cosignatures against Go: what Go's ed25519 and note packages make opens here, and Go judges ours as we do."""

import base64
import json

import pytest

from ledger.errors import FormatError, SignatureError
from ledger.proof.checkpoint import Checkpoint
from ledger.proof.cosignature import COSIGNATURES, Cosigner, cosigned_at
from ledger.proof.keys import PrivateKey
from ledger.proof.note import Verifier, open_note, sign
from tests.proof.implementations import GOLDEN_FILE, HAS_GO, GoTool

GOLDEN = GOLDEN_FILE.with_name("cosignature.json")


@pytest.fixture(scope="module", params=["golden file", *(["Go now"] if HAS_GO else [])])
def made(request, tmp_path_factory):
    """What the Go program made: as kept in the repository and, where Go is, made again now."""
    if request.param == "golden file":
        return json.loads(GOLDEN.read_text(encoding="utf-8"))
    return GoTool(tmp_path_factory.mktemp("go"), "cosignature_tool").generate()


def test_go_cosigns_the_same_bytes_and_ours_opens_them(made):
    assert made == json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert len(made) == 3
    for one in made:
        cosigner = Cosigner(one["name"], PrivateKey.from_seed(base64.b64decode(one["seed"])), one["time"])
        assert Verifier.of(cosigner).vkey == one["vkey"]
        assert sign(one["text"], [cosigner]).decode() == one["note"]
        opened = open_note(one["note"].encode(), [Verifier.parse(one["vkey"], COSIGNATURES)])
        assert (opened.text, cosigned_at(opened.signatures[0].signature)) == (one["text"], one["time"])


if HAS_GO:

    def test_go_judges_cosigned_checkpoints_as_ours_does(tmp_path):
        cosigner = Cosigner("witness.example/w1", PrivateKey.from_seed(b"w" * 32), 1_790_000_000)
        note = sign(Checkpoint("log.example", 7, bytes(range(32))).marshal(), [cosigner])
        notes = [note, note + note.rpartition(b"\n\n")[2]]
        notes += [note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :] for at in range(0, len(note), 2)]
        readable = [n for n in notes if n.decode("utf-8", "ignore").encode() == n]
        vkey, ours = Verifier.of(cosigner), []
        for changed in readable:
            try:
                ours.append(bool(open_note(changed, [vkey]).signatures))
            except (FormatError, SignatureError):
                ours.append(False)
        cases = [{"note": changed.decode(), "vkey": vkey.vkey} for changed in readable]
        go = [verdict == "" for verdict in GoTool(tmp_path, "cosignature_tool").check(cases)]
        assert go == ours
        assert ours[:2] == [True, True]
        assert sum(ours) == 2
