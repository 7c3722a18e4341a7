"""The tree and its proofs (默克尔树): RFC 6962 §2.1, RFC 9162 §2.1, and three other implementations."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CorruptionError, NotFoundError, ProofError
from ledger.proof.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.proof.implementations import (
    HAS_GO,
    all_nodes,
    entry,
    forgeries,
    leaves,
    mth,
    path,
    rfc_accepts_consistency,
    rfc_accepts_inclusion,
    subproof,
    unbase64,
)

LARGEST = 70_000
AROUND_POWERS = sorted({(1 << k) + d for k in range(17) for d in (-1, 0, 1)} - {0})


def grown(size, keep=32):
    tree = Tree(keep)
    for leaf in leaves(LARGEST)[:size]:
        tree.append(leaf)
    return tree


def accepts(verify, *arguments):
    try:
        verify(*arguments)
    except ProofError:
        return False
    return True


def test_the_roots_are_those_that_certificate_transparency_published():
    """F17 The log is a Merkle tree as others compute it."""
    # The reference tree of the certificate-transparency project: eight leaves and their roots.
    known = "00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f"
    tree = Tree()
    assert tree.root() == EMPTY_ROOT == hashlib.sha256(b"").digest()
    tree.append(leaf_hash(b""))
    for value in known.split():
        tree.append(leaf_hash(bytes.fromhex(value)))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_after_each_of_300_appends_every_proof_is_the_definitions_and_verifies():
    tree, table = Tree(), leaves(LARGEST)
    for size in range(1, 301):
        tree.append(table[size - 1])
        assert (tree.size, tree.root()) == (size, mth(0, size))
        proofs = inclusion_proofs(range(size), size, tree.nodes())
        for index, proof in enumerate(proofs):
            assert proof == path(index, 0, size)
            verify_inclusion(index, size, table[index], proof, tree.root())
        for old in range(size + 1):
            proof = consistency_proof(old, size, tree.nodes())
            assert proof == (subproof(old, 0, size, True) if old else [])
            verify_consistency(old, size, mth(0, old), tree.root(), proof)


def test_go_makes_the_same_roots_and_proofs_at_every_size(tlog):
    sizes = {summary["size"] for summary in tlog["summaries"]}
    assert sizes >= {*range(1, 301), *(size for size in AROUND_POWERS if size > 300), LARGEST}
    nodes = all_nodes(LARGEST)
    for summary in tlog["summaries"]:
        size, step = summary["size"], summary["step"]
        inclusion, consistency = hashlib.sha256(), hashlib.sha256()
        for proof in inclusion_proofs([*range(0, size - 1, step), size - 1], size, nodes):
            inclusion.update(b"".join(proof))
        for old in [*range(1, size, step), size]:
            consistency.update(b"".join(consistency_proof(old, size, nodes)))
        expected = unbase64([summary["root"], summary["inclusion_sha256"], summary["consistency_sha256"]])
        assert [root(size, nodes), inclusion.digest(), consistency.digest()] == expected, size


def test_go_made_proofs_are_ours_and_verify(tlog):
    nodes, table = all_nodes(LARGEST), leaves(LARGEST)
    for made in tlog["inclusion"]:
        size, index, proof = made["size"], made["index"], unbase64(made["proof"])
        assert inclusion_proof(index, size, nodes) == proof
        verify_inclusion(index, size, table[index], proof, root(size, nodes))
    for made in tlog["consistency"]:
        size, old, proof = made["size"], made["index"], unbase64(made["proof"])
        assert consistency_proof(old, size, nodes) == proof
        verify_consistency(old, size, root(old, nodes), root(size, nodes), proof)


def test_pymerkle_makes_the_same_roots_and_proofs():
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for size in range(1, 71):
        other.append_entry(entry(size - 1))
        assert other.get_root() == mth(0, size)
        for index in range(size):
            # pymerkle counts from 1, and puts the leaf first.
            assert other.prove_inclusion(index + 1).path[1:] == inclusion_proof(index, size, all_nodes(70))
        for old in range(1, size):
            # Its consistency proofs have another shape than RFC 6962's: it is to accept our two roots.
            other.prove_consistency(old).verify(root(old, all_nodes(70)), root(size, all_nodes(70)))


@pytest.mark.parametrize("size", [size for size in AROUND_POWERS if size > 256])
def test_around_powers_of_two_the_tree_proves_its_newest_leaves_without_reading(size):
    tree, nodes = grown(size), all_nodes(LARGEST)
    assert tree.root() == root(size, nodes)
    for index in (size - 1, size - 2, size - 256, max(size - 8_000, 0)):
        proof = inclusion_proof(index, size, tree.nodes())
        assert proof == inclusion_proof(index, size, nodes)
        verify_inclusion(index, size, leaves(LARGEST)[index], proof, tree.root())
    for old in (1, 2, 255, 256, 257, size // 2, size - 1):
        proof = consistency_proof(old, size, tree.nodes(nodes))
        verify_consistency(old, size, root(old, nodes), tree.root(), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 2), (0, 7), (6, 7), (5, 8), (128, 300), (299, 300), (299, 301)])
def test_a_forged_inclusion_proof_is_refused(index, size):
    leaf, proof, good = leaves(LARGEST)[index], path(index, 0, size), mth(0, size)
    for forged in forgeries(proof):
        assert not accepts(verify_inclusion, index, size, leaf, forged, good)
    for bit in range(256):
        other = (int.from_bytes(leaf, "big") ^ 1 << bit).to_bytes(32, "big")
        assert not accepts(verify_inclusion, index, size, other, proof, good)
        other = (int.from_bytes(good, "big") ^ 1 << bit).to_bytes(32, "big")
        assert not accepts(verify_inclusion, index, size, leaf, proof, other)
    for other in set(range(-1, size + 2)) - {index}:
        assert not accepts(verify_inclusion, other, size, leaf, proof, good)


@pytest.mark.parametrize(("old", "new"), [(1, 2), (4, 7), (6, 8), (7, 8), (128, 300), (200, 300), (299, 300)])
def test_a_forged_consistency_proof_is_refused(old, new):
    proof, before, after = subproof(old, 0, new, True), mth(0, old), mth(0, new)
    for forged in forgeries(proof):
        assert not accepts(verify_consistency, old, new, before, after, forged)
    for bit in range(256):
        other = (int.from_bytes(before, "big") ^ 1 << bit).to_bytes(32, "big")
        assert not accepts(verify_consistency, old, new, other, after, proof)
        other = (int.from_bytes(after, "big") ^ 1 << bit).to_bytes(32, "big")
        assert not accepts(verify_consistency, old, new, before, other, proof)
    assert not accepts(verify_consistency, new, old, after, before, proof)
    assert not accepts(verify_consistency, new, new, before, after, [])


def test_from_nothing_and_to_the_same_tree_only_the_empty_proof_is_taken():
    verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    verify_consistency(0, 9, EMPTY_ROOT, mth(0, 9), [])
    verify_consistency(9, 9, mth(0, 9), mth(0, 9), [])
    assert not accepts(verify_consistency, 0, 9, EMPTY_ROOT, mth(0, 9), [bytes(32)])
    assert not accepts(verify_consistency, 9, 9, mth(0, 9), mth(0, 9), [bytes(32)])
    assert not accepts(verify_consistency, 0, 9, bytes(32), mth(0, 9), [])
    assert not accepts(verify_consistency, 0, 0, EMPTY_ROOT, bytes(32), [])
    assert not accepts(verify_inclusion, 0, 0, EMPTY_ROOT, [], EMPTY_ROOT)


def test_hashes_of_another_length_are_refused():
    good, leaf = mth(0, 2), leaves(LARGEST)[0]
    for short in (b"", bytes(31), bytes(33)):
        assert not accepts(verify_inclusion, 0, 2, leaf, [short], good)
        assert not accepts(verify_inclusion, 0, 1, short, [], short)
        assert not accepts(verify_consistency, 1, 1, short, short, [])


@given(st.data())
def test_the_verifiers_agree_with_the_rfc_step_by_step(data):
    new = data.draw(st.integers(1, 40))
    index, old = data.draw(st.integers(0, new - 1)), data.draw(st.integers(1, new))
    claimed = data.draw(st.sampled_from([new, max(new - 1, 1), new + 1]))
    proof = path(index, 0, new)
    consistency = subproof(old, 0, new, True)
    for tried in (proof, *forgeries(proof[:2]), proof[:-1]):
        case = index, claimed, leaves(LARGEST)[index], tried, mth(0, new)
        assert accepts(verify_inclusion, *case) == rfc_accepts_inclusion(*case)
    for tried in (consistency, *forgeries(consistency[:2]), consistency[:-1]):
        case = old, claimed, mth(0, old), mth(0, new), tried
        if old <= claimed:
            assert accepts(verify_consistency, *case) == rfc_accepts_consistency(*case)


def test_a_proof_of_what_is_not_there_is_not_made():
    nodes = all_nodes(8)
    for index in (-1, 8, 1 << 70):
        with pytest.raises(NotFoundError, match=r"leaf: expected an index"):
            inclusion_proof(index, 8, nodes)
    for old, new in ((9, 8), (-1, 8)):
        with pytest.raises(NotFoundError, match=r"consistency: expected an old size"):
            consistency_proof(old, new, nodes)


def test_a_proof_asks_for_as_many_nodes_as_the_tree_is_high():
    asked = []
    nodes = all_nodes(LARGEST)

    def counted(level, n):
        asked.append((level, n))
        return nodes(level, n)

    for make in (
        lambda: root(LARGEST, counted),
        lambda: inclusion_proof(1, LARGEST, counted),
        lambda: consistency_proof(4_321, LARGEST, counted),
    ):
        asked.clear()
        make()
        assert len(asked) <= 2 * LARGEST.bit_length()
    asked.clear()
    inclusion_proofs(range(LARGEST - 1_000, LARGEST), LARGEST, counted)
    assert len(asked) <= 2_100


def test_a_tile_is_handed_over_when_its_last_leaf_arrives():
    tree, nodes = Tree(), all_nodes(LARGEST)
    for size, leaf in enumerate(leaves(LARGEST)[:65_537], 1):
        finished = tree.append(leaf)
        expected = [(0, size // 256 - 1)] if size % 256 == 0 else []
        expected += [(1, 0)] if size == 65_536 else []
        assert [(tile.level, tile.number) for tile in finished] == expected
        for level, number, data in finished:
            assert data == b"".join(nodes(8 * level, 256 * number + i) for i in range(256))


SIZES_TO_RESTORE = [*range(9), 255, 256, 257, 300, 511, 512, 4_000, 65_535, 65_536, 65_537, LARGEST]


@pytest.mark.parametrize("size", SIZES_TO_RESTORE)
def test_a_tree_is_restored_from_its_partial_tiles_and_grows_on(size):
    original = grown(size)
    tree = Tree.restore(size, original.partial)
    assert (tree.size, tree.root()) == (size, original.root())
    nodes = tree.nodes()
    for index in range(size - size % 256, size):
        assert inclusion_proof(index, size, nodes) == inclusion_proof(index, size, all_nodes(LARGEST))
    for n in range(300):
        assert tree.append(leaf_hash(entry(n))) == original.append(leaf_hash(entry(n)))
    assert tree.root() == original.root()


def test_a_partial_tile_that_is_not_as_long_as_the_size_says_is_refused():
    tree = grown(300)
    for wrong in (b"", tree.partial(0)[:-1], tree.partial(0)[:-32], tree.partial(0) + bytes(32)):
        with pytest.raises(CorruptionError, match=r"tile/0 at size 300: expected 44 hashes"):
            Tree.restore(300, lambda level, wrong=wrong: wrong if level == 0 else tree.partial(level))


@pytest.mark.parametrize("size", [0, 1, 255, 300, 65_535])
def test_a_copy_grows_apart(size):
    tree = grown(size)
    before = tree.root()
    dropped = tree.copy()
    for n in range(600):
        dropped.append(leaf_hash(b"lost %d" % n))
    assert (tree.size, tree.root()) == (size, before)
    kept = tree.copy()
    for leaf in leaves(LARGEST)[size : size + 600]:
        kept.append(leaf)
    assert kept.root() == root(size + 600, all_nodes(LARGEST))
    recent = range(size, size + 600)
    assert inclusion_proofs(recent, kept.size, kept.nodes()) == inclusion_proofs(recent, kept.size, all_nodes(LARGEST))


def test_a_copy_that_is_dropped_takes_no_finished_tile_along():
    tree = grown(600, keep=1)
    dropped = tree.copy()
    for n in range(600):
        dropped.append(leaf_hash(b"lost %d" % n))
    for index in (256, 511, 512, 599):
        assert inclusion_proof(index, 600, tree.nodes()) == path(index, 0, 600)


def test_what_is_older_than_the_kept_tiles_is_read():
    tree, nodes, asked = grown(1_100, keep=1), all_nodes(LARGEST), []

    def read(level, n):
        asked.append((level, n))
        return nodes(level, n)

    inclusion_proof(800, 1_100, tree.nodes(read))
    assert asked == []
    assert inclusion_proof(700, 1_100, tree.nodes(read)) == inclusion_proof(700, 1_100, nodes)
    assert len(asked) == 8
    with pytest.raises(NotFoundError, match=r"expected one that the tree keeps"):
        inclusion_proof(700, 1_100, tree.nodes())


if HAS_GO:

    def test_go_accepts_our_proofs_and_refuses_what_is_forged_from_them(go):
        table, cases, expected = leaves(LARGEST), [], []
        for size in (1, 2, 5, 8, 21, 300):
            for index in {0, size // 2, size - 1}:
                good, old = inclusion_proof(index, size, all_nodes(LARGEST)), index + 1
                shown = consistency_proof(old, size, all_nodes(LARGEST))
                common = {"size": size, "root": mth(0, size)}
                for proof in (good, *forgeries(good)):
                    case = {"kind": "inclusion", "index": index, "leaf": table[index], "proof": proof}
                    cases.append(common | case)
                    expected.append(proof == good)
                for proof in (shown, *forgeries(shown)):
                    case = {"kind": "consistency", "index": old, "leaf": mth(0, old), "proof": proof}
                    cases.append(common | case)
                    expected.append(proof == shown)
        assert [verdict == "" for verdict in go.check(cases)] == expected
