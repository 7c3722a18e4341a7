"""The tree that an audit grows from parts is the log's tree, at every size and at every level of tiles."""

from __future__ import annotations

from hashlib import sha256

import pytest

from audit.chunk import check_tile
from audit.tree import UpperTree
from audit.verdict import Problems
from ledger.proof.merkle import EMPTY_ROOT, FullTile, Tree, parents, root

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(256 * 256 + 700)]


@pytest.fixture(scope="module")
def whole():
    """The tree over all leaves, and its finished tiles."""
    tree, tiles = Tree(keep=1000), {}
    for leaf in LEAVES:
        for tile in tree.append(leaf):
            tiles[tile.level, tile.number] = tile
    return tree, tiles


def test_roots_between_chunks_and_inside_them_are_those_of_the_tree(whole):
    tree, _ = whole
    upper = UpperTree()
    assert upper.root(b"") == EMPTY_ROOT
    for start in range(0, len(LEAVES), 256):
        row = LEAVES[start : start + 256]
        for inside in (1, 2, 100, 255, 256):
            if inside <= len(row) and start % 2048 == 0:
                assert upper.root(root_of(row[:inside])) == root(start + inside, tree.nodes())
        if len(row) == 256:
            upper.grow([root_of(row)])
            assert upper.size == start + 256
            assert upper.root(b"") == root(upper.size, tree.nodes())


def test_tiles_above_are_those_of_the_tree(whole):
    tree, tiles = whole
    upper = UpperTree()
    finished = upper.grow([root_of(LEAVES[start : start + 256]) for start in range(0, 256 * 257, 256)])
    assert finished == [(FullTile(1, 0, tiles[1, 0].data), tree.nodes()(16, 0))]


def test_a_tile_that_differs_is_told_with_the_first_leaf_under_the_difference():
    hashes = b"".join(LEAVES[:256])
    cases = [
        (hashes[:64] + bytes(32) + hashes[96:], 2, None),
        (hashes[:-1], 255, None),
        (hashes, 0, bytes(32)),
        (hashes, None, None),
    ]
    for stored, position, other_root in cases:
        problems = Problems()
        check_tile(problems, 1, 3, (1, 3, stored, other_root or b"r" * 32), hashes, b"r" * 32)
        expected = None if position is None else (3 * 256 + position) * 256
        assert problems.first_bad_index == expected
        assert problems.exit_code == (0 if position is None else 4)


def test_a_tile_above_a_wrong_entry_does_not_hide_which_entry_it_is():
    hashes = b"".join(LEAVES[:256])
    problems = Problems()
    problems.add("leaf", 300, "wrong", "有误")
    check_tile(problems, 1, 0, (1, 0, hashes[:32] + bytes(32) + hashes[64:], bytes(32)), hashes, bytes(32))
    assert (problems.first_bad_index, problems.exit_code) == (300, 3)


def test_a_tile_that_is_not_there_is_told():
    problems = Problems()
    check_tile(problems, 0, 0, None, b"", b"")
    assert [problem.code for problem in problems.sorted()] == ["missing"]


def root_of(row):
    levels = [row]
    while len(levels[-1]) > 1:
        levels.append(parents(levels[-1]))
    return root(len(row), lambda level, n: levels[level][n])
