"""Proofs about a tree of which only size and root are known: that an entry is in it, that it extends another.

They are those of RFC 6962 sections 2.1.1 and 2.1.2, checked as RFC 9162 sections 2.1.3.2 and 2.1.4.2 say, and
written to files as C2SP tlog-proof says.
"""

from collections.abc import Callable, Iterable, Sequence

from hemalum.runtime.log.merkle import EMPTY_ROOT, HASH_BYTES, node_hash
from hemalum.runtime.log.notes import Note, encode_base64

type RangeHash = Callable[[int, int], bytes]
"""The hash of the entries from the first number up to, without, the second: a subtree of the tree."""


def inclusion_proof(index: int, size: int, range_hash: RangeHash) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1: the siblings from the leaf to the root.

    Raises:
        ValueError: the tree has no such entry.
    """
    if not 0 <= index < size:
        raise ValueError("a tree proves only entries that it has")
    proof = []
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            proof.append(range_hash(middle, end))
            end = middle
        else:
            proof.append(range_hash(begin, middle))
            begin = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, range_hash: RangeHash) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty for equal sizes and for the empty old tree.

    Raises:
        ValueError: the old tree is larger than the new one.
    """
    if not 0 <= old <= new:
        raise ValueError("a tree extends only smaller ones")
    if old in (0, new):
        return []
    proof = []
    begin, end = 0, new
    while end != old:
        middle = begin + _split(end - begin)
        if old <= middle:
            proof.append(range_hash(middle, end))
            end = middle
        else:
            proof.append(range_hash(begin, middle))
            begin = middle
    if begin > 0:
        proof.append(range_hash(begin, end))
    return proof[::-1]


def proves_inclusion(proof: Sequence[bytes], leaf: bytes, index: int, size: int, root: bytes) -> bool:
    """Whether the proof shows that the leaf with this hash is number `index` of the tree.

    RFC 9162 section 2.1.3.2. Some microseconds for a million entries.
    """
    if not 0 <= index < size or not _are_hashes([leaf, *proof]):
        return False
    place, last = index, size - 1
    joined = leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            joined = node_hash(sibling, joined)
            while place and not place & 1:
                place >>= 1
                last >>= 1
        else:
            joined = node_hash(joined, sibling)
        place >>= 1
        last >>= 1
    return last == 0 and joined == root


def proves_consistency(proof: Sequence[bytes], old: int, new: int, old_root: bytes, new_root: bytes) -> bool:
    """Whether the proof shows that the tree of `old` entries is the beginning of the tree of `new` entries.

    RFC 9162 section 2.1.4.2, and strict: of the empty tree nothing can be shown, so it is False for old = 0.
    """
    return old > 0 and proves_subtree(proof, 0, old, new, old_root, new_root)


def proves_subtree(
    proof: Sequence[bytes], begin: int, end: int, size: int, subtree_root: bytes, root: bytes
) -> bool:
    """Whether the proof shows that the subtree of the entries from `begin` up to `end` is part of the tree.

    With `begin` = 0 this is the consistency of two trees. The general form is that of Merkle Tree
    Certificates (draft-ietf-plants-merkle-tree-certs, "Verifying a Subtree Consistency Proof").
    """
    if not 0 <= begin <= end <= size or not _are_hashes(proof):
        return False
    if begin == end:
        return not proof and subtree_root == EMPTY_ROOT
    if begin % (1 << (end - begin - 1).bit_length()):
        return False
    first, inner, outer = begin, end - 1, size - 1
    while first != inner and (inner & 1 or inner == outer):
        first, inner, outer = first >> 1, inner >> 1, outer >> 1
    path = list(proof)
    if first == inner:
        path.insert(0, subtree_root)
    if not path:
        return False
    small = large = path[0]
    for sibling in path[1:]:
        if outer == 0:
            return False
        if inner & 1 or inner == outer:
            if first < inner:
                small = node_hash(sibling, small)
            large = node_hash(sibling, large)
            while not inner & 1:
                first, inner, outer = first >> 1, inner >> 1, outer >> 1
        else:
            large = node_hash(large, sibling)
        first, inner, outer = first >> 1, inner >> 1, outer >> 1
    return outer == 0 and small == subtree_root and large == root


def encode_proof(index: int, proof: Sequence[bytes], checkpoint: Note, leaf: bytes) -> bytes:
    """A proof of inclusion that stands alone: for a file `.tlog-proof`.

    The extra line holds the hash of the leaf, so that inclusion can be checked without the entry.
    """
    lines = ["c2sp.org/tlog-proof@v1", f"extra {encode_base64(leaf)}", f"index {index}"]
    lines += [encode_base64(one) for one in proof]
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + bytes(checkpoint)


def _are_hashes(values: Iterable[bytes]) -> bool:
    """Whether joining them is unambiguous: values of other lengths could trade bytes with a neighbour."""
    return all(len(value) == HASH_BYTES for value in values)


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1
