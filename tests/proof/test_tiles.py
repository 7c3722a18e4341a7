"""Tiles and bundles (瓦片): their paths, their widths, the tree read from them (C2SP tlog-tiles)."""

import base64
from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.errors import CorruptionError, FormatError
from ledger.proof.merkle import (
    MAX_SIZE,
    Tree,
    consistency_proof,
    inclusion_proof,
    root,
    verify_consistency,
    verify_inclusion,
)
from ledger.proof.tiles import (
    ENTRIES,
    NodesFromTiles,
    TileName,
    decode_bundle,
    encode_bundle,
    parse_tile_path,
    tile_path,
    tile_width,
    widths,
)
from tests.proof.implementations import HAS_GO, all_nodes, leaves

LARGEST = 70_000


@pytest.fixture(scope="module")
def published():
    """Every tile of the tree of 70,000 leaves by its path, as a growing tree hands them over."""
    tree, tiles = Tree(), {}
    for leaf in leaves(LARGEST):
        for level, number, data in tree.append(leaf):
            tiles[tile_path(level, number)] = data
    for level, (full, partial) in widths(LARGEST).items():
        tiles[tile_path(level, full, partial)] = tree.partial(level)
    return tiles


def reader(tiles, reads):
    def read(level, number, width):
        reads.append((level, number))
        return tiles[tile_path(level, number, width)]

    return read


def test_the_example_of_the_specification():
    assert widths(70_000) == {0: (273, 112), 1: (1, 17), 2: (0, 1)}
    assert widths(256) == {0: (1, 0), 1: (0, 1)}
    assert widths(0) == {}
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"


def test_the_width_of_each_tile_follows_from_the_size():
    assert [tile_width(0, n, 70_000) for n in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(1, n, 70_000) for n in (0, 1, 2)] == [256, 17, 0]
    assert [tile_width(2, n, 70_000) for n in (0, 1)] == [1, 0]
    assert tile_width(3, 0, 70_000) == 0
    assert [tile_width(ENTRIES, n, 70_000) for n in (272, 273, 274)] == [256, 112, 0]


def test_go_makes_the_same_tiles_at_the_same_paths(published, tlog):
    assert tlog["tiles_size"] == LARGEST
    assert len(published) == 273 + 1 + 1 + 1 + 1
    assert len(tlog["tiles_sha256"]) > 8
    for path, digest in tlog["tiles_sha256"].items():
        assert sha256(published[path]).digest() == base64.b64decode(digest), path
        assert tile_path(*parse_tile_path(path)) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/1000",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/0/x001/x000",
        "tile/0/x000/001",
        "tile/0/X001/000",
        "tile/00/000",
        "tile/+1/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/data/000",
        "tile/Entries/000",
        "tile/8/0/000",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/1000",
        "tile/0/000.P/1",
        "tile/0/000.p/1/1",
        "tile/0/٠٠٠",
        "tile/0/000.p/¹",
        "tile/0/../000",
        "tile/0/x009/x223/x372/x036/x854/x775/808",  # 2^63
        "tile/0/" + "x999/" * 1000 + "999",
    ],
)
def test_a_path_that_is_spelled_otherwise_is_refused(path):
    with pytest.raises(FormatError, match=r"tile: expected a path like"):
        parse_tile_path(path)


def test_the_largest_names_are_taken():
    assert parse_tile_path("tile/63/x009/x223/x372/x036/x854/x775/807.p/255") == (63, MAX_SIZE, 255)
    assert parse_tile_path("tile/entries/000.p/1") == (ENTRIES, 0, 1)


@given(st.integers(-1, 63), st.integers(0, MAX_SIZE), st.integers(1, 256))
def test_a_path_is_read_as_it_was_written(level, number, width):
    assert parse_tile_path(tile_path(level, number, width)) == TileName(level, number, width)


@given(st.text() | st.text("tilenrsxp./0123456789", max_size=30).map("tile/".__add__))
@example("tile/0/x00\ud800/000")
def test_any_text_is_a_canonical_path_or_refused(text):
    try:
        name = parse_tile_path(text)
    except FormatError:
        return
    assert tile_path(*name) == text


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_a_bundle_is_read_as_it_was_written(entries):
    data = encode_bundle(entries)
    assert decode_bundle(data, len(entries)) == entries
    for width in (len(entries) - 1, len(entries) + 1):
        with pytest.raises(FormatError, match=r"bundle: expected"):
            decode_bundle(data, width)
    for other in (data[:-1], data + b"\x00"):
        if other != data:
            with pytest.raises(FormatError, match=r"bundle: expected"):
                decode_bundle(other, len(entries))


@given(st.binary(), st.integers(0, 256))
def test_any_bytes_are_a_bundle_or_refused(data, width):
    try:
        entries = decode_bundle(data, width)
    except FormatError:
        return
    assert encode_bundle(entries) == data
    assert len(entries) == width


def test_the_longest_entry_is_taken_and_one_byte_more_refused():
    longest = bytes(65_535)
    assert encode_bundle([b"", longest]) == b"\x00\x00\xff\xff" + longest
    assert decode_bundle(encode_bundle([b"", longest]), 2) == [b"", longest]
    with pytest.raises(FormatError, match=r"expected at most 65535 bytes, got 65536"):
        encode_bundle([longest + b"\x00"])


def test_roots_and_proofs_come_from_tiles_alone_in_a_few_reads(published):
    reads, everything = [], all_nodes(LARGEST)
    top = root(LARGEST, everything)
    assert root(LARGEST, NodesFromTiles(reader(published, reads), LARGEST)) == top
    assert len(reads) == 3
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        reads.clear()
        nodes = NodesFromTiles(reader(published, reads), LARGEST)
        proof = inclusion_proof(index, LARGEST, nodes)
        assert proof == inclusion_proof(index, LARGEST, everything)
        verify_inclusion(index, LARGEST, leaves(LARGEST)[index], proof, top)
        assert len(reads) <= 2 * 3
    for old in (1, 256, 300, 65_535, 65_536, 65_537, 69_999):
        reads.clear()
        proof = consistency_proof(old, LARGEST, NodesFromTiles(reader(published, reads), LARGEST))
        verify_consistency(old, LARGEST, root(old, everything), top, proof)
        assert len(reads) <= 2 * 3


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 300, 512, 65_535, 65_536, 65_537])
def test_a_tree_of_any_size_is_read_from_its_own_tiles(size):
    everything = all_nodes(LARGEST)

    def read(level, number, width):
        assert width == tile_width(level, number, size) > 0
        return b"".join(everything(8 * level, 256 * number + i) for i in range(width))

    nodes = NodesFromTiles(read, size)
    assert root(size, nodes) == root(size, everything)
    for index in {0, size // 2, size - 1}:
        assert inclusion_proof(index, size, nodes) == inclusion_proof(index, size, everything)


def test_only_the_newest_tiles_used_are_kept(published):
    reads = []
    nodes = NodesFromTiles(reader(published, reads), LARGEST, cache=2)
    for n in (0, 256, 0, 256, 512, 0):
        nodes(0, n)
    assert reads == [(0, 0), (0, 1), (0, 2), (0, 0)]


@pytest.mark.parametrize("length", [0, 112 * 32, 255 * 32, 8_191, 8_193, 257 * 32])
def test_a_truncated_tile_at_a_full_tiles_path_is_refused(published, length):
    # Seen in a public log: an upload of the partial tile had replaced the full one.
    broken = dict(published)
    broken["tile/0/005"] = (published["tile/0/005"] + bytes(100))[:length]
    nodes = NodesFromTiles(reader(broken, []), LARGEST)
    with pytest.raises(CorruptionError, match=rf"tile/0/005: expected 256 hashes in 8192 bytes, got {length}"):
        inclusion_proof(5 * 256 + 3, LARGEST, nodes)


def test_a_node_that_the_tree_does_not_have_is_never_read(published):
    nodes = NodesFromTiles(reader(published, []), LARGEST)
    for level, n in ((0, -1), (0, LARGEST), (4, LARGEST >> 4), (8, 273), (17, 0)):
        with pytest.raises(AssertionError, match=r"a node is asked for that the tree does not have"):
            nodes(level, n)


def test_a_partial_tile_of_another_width_is_refused(published):
    broken = dict(published)
    broken["tile/0/273.p/112"] = published["tile/0/273.p/112"][:-32]
    with pytest.raises(CorruptionError, match=r"tile/0/273.p/112: expected 112 hashes"):
        root(LARGEST, NodesFromTiles(reader(broken, []), LARGEST))


if HAS_GO:

    def test_go_reads_our_tiles_and_finds_the_changed_one(go, published):
        case = {"kind": "tiles", "size": LARGEST, "root": root(LARGEST, all_nodes(LARGEST))}
        case |= {"indexes": [0, 1_300, 65_535, 65_536, 69_999], "tiles": published}
        changed = dict(published)
        changed["tile/1/001.p/17"] = bytes(32) + published["tile/1/001.p/17"][32:]
        assert go.check([case, case | {"tiles": changed}]) == ["", "downloaded inconsistent tile"]
