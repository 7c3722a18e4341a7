"""What an auditor remembers: kept after a good verdict alone, refused where it is not as it must be, never lost."""

from __future__ import annotations

import json

import pytest

from audit import memory
from audit.memory import Memory
from audit.verify import verify
from ledger.errors import ConfigurationError
from ledger.proof.checkpoint import Checkpoint, sign_checkpoint
from ledger.proof.keys import PrivateKey
from ledger.proof.note import LogSigner, Verifier
from tests.api.submitting import CHINESE
from tests.audit.logs import LOG, filled, of

KEY = Verifier.of(LOG)
OTHER = LogSigner(LOG.name, PrivateKey.from_seed(b"other".ljust(32)))


def note(size=9, signer=LOG):
    return sign_checkpoint(Checkpoint(signer.name, size, bytes(32)), [signer]).decode()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "ledger.memory"


def test_what_is_written_is_read(file):
    assert memory.read(file) is None
    memory.write(file, Memory(KEY, note()))
    assert memory.read(file) == Memory(KEY, note())
    assert memory.read(file).checkpoint.size == 9
    memory.write(file, Memory(KEY, note(10)))
    assert memory.read(file).checkpoint.size == 10
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_it_says_whose_log_it_is(file):
    memory.write(file, Memory(KEY, note()))
    found = json.loads(file.read_bytes())
    assert (found["origin"], found["key"], found["checkpoint"]) == (LOG.name, KEY.vkey, note())


def with_(**other):
    found = {"format": memory.FORMAT, "origin": LOG.name, "key": KEY.vkey, "checkpoint": note()}
    return json.dumps({name: value for name, value in {**found, **other}.items() if value is not None}).encode()


CORRUPT = {
    "empty": b"",
    "cut short": with_()[:-20],
    "no text": b"\xff\xfe",
    "no object": b"[]",
    "a member too few": with_(origin=None),
    "a member too many": with_(more="x"),
    "a member twice": with_()[:-1] + b', "origin": "x"}',
    "a number": with_(checkpoint=7),
    "another format": with_(format="jiannuo-memory/2"),
    "no key": with_(key="x"),
    "the key of another log": with_(origin="other.example"),
    "no note": with_(checkpoint="x"),
    "a note that nobody signed": with_(checkpoint=note().replace("\n9\n", "\n8\n")),
    "a note of another key": with_(checkpoint=note(signer=OTHER)),
    "a note with half a character": with_(checkpoint="\ud800" + note()),
    "huge": b" " * (5 * 2**20),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_what_is_no_memory_is_refused_in_words(file, name):
    file.write_bytes(CORRUPT[name])
    with pytest.raises(ConfigurationError, match="memory file") as caught:
        memory.read(file)
    assert "left as it is" in caught.value.en
    assert CHINESE.search(caught.value.zh)
    assert file.read_bytes() == CORRUPT[name]


def test_where_nothing_can_be_read_or_written_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="folder is not there"):
        memory.read(tmp_path / "none" / "memory")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        memory.read(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be written"):
        memory.write(tmp_path / "none" / "memory", Memory(KEY, note()))


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path):
    (tmp_path / "memory").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        memory.write(tmp_path / "memory", Memory(KEY, note()))
    assert [each.name for each in tmp_path.iterdir()] == ["memory"]


def test_what_was_verified_is_remembered_and_nothing_else():
    log = of(filled(120))
    verdict = verify(log)
    found = memory.verified(log, verdict)
    assert (found.key, found.checkpoint.size, found.checkpoint.root.hex()) == (KEY, 120, verdict.root)
    assert memory.verified(log, verdict, KEY) == found
    bad = log.with_entry(50, b"nothing")
    assert memory.verified(bad, verify(bad)) is None


def test_a_checkpoint_that_is_another_at_the_second_reading_is_not_remembered():
    verdict = verify(of(filled(120)))
    other = filled(119)
    other.promise(1000)
    assert memory.verified(of(other), verdict) is None
