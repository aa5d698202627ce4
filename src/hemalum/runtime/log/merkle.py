"""The Merkle tree of RFC 6962 section 2.1 with SHA-256: its hashes, and what it remembers to grow."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT


@dataclass(frozen=True, slots=True)
class TileRoot:
    """The hash of a full tile, which is the hash number `index` of the tiles one level up."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees as one."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """All that a tree must remember in order to grow: its size and the roots of its perfect subtrees.

    There is one subtree for each bit that is set in the size, the largest first.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if len(self.peaks) != size.bit_count():
            raise ValueError("a tree has one perfect subtree for each bit set in its size")

    def copy(self) -> "Frontier":
        """Another one that grows by itself."""
        return Frontier(self.size, self.peaks)

    def extend(self, hashes: Iterable[bytes]) -> list[TileRoot]:
        """Append leaves by their hashes; returns the roots of the tiles that became full, in their order.

        About one microsecond a leaf.
        """
        full = []
        peaks, size = self.peaks, self.size
        for joined in hashes:
            height, rest = 0, size
            while rest & 1:
                joined = sha256(b"\x01" + peaks.pop() + joined).digest()
                rest >>= 1
                height += 1
                if not height % TILE_HEIGHT:
                    full.append(TileRoot(height // TILE_HEIGHT, rest, joined))
            peaks.append(joined)
            size += 1
        self.size = size
        return full

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root
