"""The tree and its proofs, against their definition, published vectors and all that is almost right."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.runtime.log.merkle import EMPTY_ROOT, TILE_WIDTH, Frontier, leaf_hash, node_hash
from hemalum.runtime.log.proofs import (
    consistency_proof,
    inclusion_proof,
    proves_consistency,
    proves_inclusion,
    proves_subtree,
)

# The tree of the reference implementation of Certificate Transparency.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
VECTORS = {"inclusion": 98, "consistency": 98, "subtreeinclusion": 204, "subtreeconsistency": 118}
LEAVES = [leaf_hash(bytes([number % 256, number // 256])) for number in range(700)]
sizes = st.integers(1, len(LEAVES))


def tree_hash(begin: int, end: int) -> bytes:
    """MTH as RFC 6962 defines it."""
    if end - begin == 0:
        return EMPTY_ROOT
    if end - begin == 1:
        return LEAVES[begin]
    middle = begin + (1 << (end - begin - 1).bit_length() - 1)
    return node_hash(tree_hash(begin, middle), tree_hash(middle, end))


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_are_the_published_ones(size: int) -> None:
    tree = Frontier()
    tree.extend(leaf_hash(entry) for entry in ENTRIES[:size])
    assert tree.root().hex() == ROOTS[size]


def test_proofs_are_those_of_the_standard() -> None:
    """The example of RFC 6962 section 2.1.3, a tree of seven."""

    def proof(ranges: list[tuple[int, int]]) -> list[bytes]:
        return [tree_hash(begin, end) for begin, end in ranges]

    assert inclusion_proof(0, 7, tree_hash) == proof([(1, 2), (2, 4), (4, 7)])
    assert inclusion_proof(3, 7, tree_hash) == proof([(2, 3), (0, 2), (4, 7)])
    assert inclusion_proof(4, 7, tree_hash) == proof([(5, 6), (6, 7), (0, 4)])
    assert inclusion_proof(6, 7, tree_hash) == proof([(4, 6), (0, 4)])
    assert consistency_proof(3, 7, tree_hash) == proof([(2, 3), (3, 4), (0, 2), (4, 7)])
    assert consistency_proof(4, 7, tree_hash) == proof([(4, 7)])
    assert consistency_proof(6, 7, tree_hash) == proof([(4, 6), (6, 7), (0, 4)])


@pytest.mark.parametrize("kind", VECTORS)
def test_published_proofs_hold_and_damaged_ones_do_not(vectors: Path, kind: str) -> None:
    paths = sorted((vectors / "tlog" / "merkle-vectors" / kind).rglob("*.json"))
    assert len(paths) == VECTORS[kind]
    for path in paths:
        case = json.loads(path.read_text())
        assert holds(kind, case) is not case["wantErr"], path


def holds(kind: str, case: dict[str, object]) -> bool:
    """What we say of a published case."""
    proof = [decoded(one) for one in case["proof"] or []]
    if kind == "consistency":
        roots = decoded(case["root1"]), decoded(case["root2"])
        return proves_consistency(proof, case["size1"], case["size2"], *roots)
    if kind == "subtreeconsistency":
        roots = decoded(case["root1"]), decoded(case["root2"])
        return proves_subtree(proof, case["start"], case["end"], case["size"], *roots)
    leaf, root = decoded(case["leafHash"]), decoded(case["root"])
    if kind == "inclusion":
        return proves_inclusion(proof, leaf, case["leafIdx"], case["treeSize"], root)
    begin, width = case["start"], case["end"] - case["start"]
    if width <= 0 or begin % (1 << (width - 1).bit_length()):
        return False
    return proves_inclusion(proof, leaf, case["leafIdx"] - begin, width, root)


def decoded(value: object) -> bytes:
    return base64.b64decode(value or "")


@given(st.lists(st.integers(0, 400), max_size=6))
def test_a_tree_grows_the_same_however_it_is_cut(parts: list[int]) -> None:
    tree, full = Frontier(), []
    for part in parts:
        full += tree.extend(LEAVES[:1] * part)
    whole = Frontier()
    assert full == whole.extend(LEAVES[:1] * sum(parts))
    assert (tree.size, tree.peaks) == (whole.size, whole.peaks)


def test_full_tiles_come_out_where_they_belong() -> None:
    tree = Frontier()
    full = tree.extend(LEAVES)
    assert [(root.level, root.index) for root in full] == [(1, 0), (1, 1)]
    assert [root.hash for root in full] == [tree_hash(0, TILE_WIDTH), tree_hash(TILE_WIDTH, 2 * TILE_WIDTH)]
    wide = Frontier()
    assert [(root.level, root.index) for root in wide.extend(LEAVES[:1] * TILE_WIDTH**2)][-2:] == [
        (1, TILE_WIDTH - 1),
        (2, 0),
    ]


def test_a_frontier_has_a_peak_for_each_bit() -> None:
    with pytest.raises(ValueError, match="one perfect subtree for each bit"):
        Frontier(3, [LEAVES[0]])


@given(st.data())
def test_inclusion_is_proved_for_every_entry_and_for_nothing_else(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    root = tree_hash(0, size)
    proof = inclusion_proof(index, size, tree_hash)
    assert proves_inclusion(proof, LEAVES[index], index, size, root)
    assert not proves_inclusion(proof, leaf_hash(b"another"), index, size, root)
    assert not proves_inclusion(proof, LEAVES[index], index, size, altered(data, [root])[0])
    assert not proves_inclusion([*proof, LEAVES[0]], LEAVES[index], index, size, root)
    other = data.draw(st.integers(-1, size + 1).filter(lambda number: number != index))
    assert not proves_inclusion(proof, LEAVES[index], other, size, root)
    if proof:
        assert not proves_inclusion(proof[:-1], LEAVES[index], index, size, root)
        assert not proves_inclusion(altered(data, proof), LEAVES[index], index, size, root)


@given(st.data())
def test_consistency_is_proved_between_any_two_sizes_and_for_no_other_tree(data: st.DataObject) -> None:
    new = data.draw(sizes)
    old = data.draw(st.integers(1, new))
    roots = tree_hash(0, old), tree_hash(0, new)
    proof = consistency_proof(old, new, tree_hash)
    assert proves_consistency(proof, old, new, *roots)
    assert not proves_consistency(proof, old, new, *altered(data, roots))
    assert not proves_consistency([*proof, LEAVES[0]], old, new, *roots)
    if old != new:
        assert not proves_consistency(proof, new, old, *roots)
        assert not proves_consistency(altered(data, proof), old, new, *roots)
        assert not proves_consistency(proof[:-1], old, new, *roots)


def altered(data: st.DataObject, hashes: list[bytes] | tuple[bytes, ...]) -> list[bytes]:
    """The hashes with one bit changed in one of them."""
    changed = [bytearray(one) for one in hashes]
    place = data.draw(st.integers(0, len(changed) - 1))
    bit = data.draw(st.integers(0, 255))
    changed[place][bit // 8] ^= 1 << bit % 8
    return [bytes(one) for one in changed]


def test_of_the_empty_tree_nothing_is_proved() -> None:
    assert not proves_inclusion([], LEAVES[0], 0, 0, EMPTY_ROOT)
    assert not proves_consistency([], 0, 0, EMPTY_ROOT, EMPTY_ROOT)
    assert not proves_consistency([], 0, 1, EMPTY_ROOT, LEAVES[0])
    assert consistency_proof(0, 5, tree_hash) == consistency_proof(5, 5, tree_hash) == []


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="only"):
        inclusion_proof(index, size, tree_hash)
    with pytest.raises(ValueError, match="only"):
        consistency_proof(size + 1, size, tree_hash)
