"""Verify a whole log from its store: hash everything anew, compare it with all that was stored or signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

import sqlalchemy as sa

from hemalum.kernel.errors import NotFound
from hemalum.runtime.db import open_database
from hemalum.runtime.log import store
from hemalum.runtime.log.log import load_policy
from hemalum.runtime.log.merkle import TILE_HEIGHT, TILE_WIDTH, Frontier, TileRoot, leaf_hash
from hemalum.runtime.log.notes import (
    MAX_SIZE,
    NotSigned,
    VerifierKey,
    encode_base64,
    open_checkpoint,
    parse_note,
    parse_signatures,
    parse_verifier_key,
)
from hemalum.runtime.settings import Settings

_READ_TOGETHER = 16 * TILE_WIDTH


class Problem(StrEnum):
    """What can be wrong with a log."""

    ALTERED = "altered"
    """An entry is not what was logged."""
    MISSING = "missing"
    """An entry is gone while later ones are there."""
    REORDERED = "reordered"
    """An entry stands where another belongs."""
    TRUNCATED = "truncated"
    """The log ends before what was signed or hashed of it."""
    FORKED = "forked"
    """The log is whole in itself, but not the one that a witness cosigned or somebody outside holds."""
    HASH = "hash"
    """The entries are right, a stored hash of them is not."""
    CHECKPOINT = "checkpoint"
    """A stored checkpoint is not one that the log signed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is wrong."""

    problem: Problem
    first_index: int
    """The first entry that is concerned."""
    last_index: int
    """The last one; larger than the first where it cannot be told which of them it is."""
    detail: str
    """One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification saw. `finding` is None when everything agrees."""

    origin: str
    size: int
    root: str
    """Base64, as in checkpoints."""
    signed_size: int
    """How many entries a checkpoint covers: all but those of the last second, unless checkpoints are gone."""
    checkpoints: int
    cosignatures: int
    finding: Finding | None


class _Found(Exception):
    def __init__(self, problem: Problem, first: int, last: int, detail: str) -> None:
        self.finding = Finding(problem, first, last, detail)


@dataclass(frozen=True, slots=True)
class _Signed:
    """A checkpoint to be met on the way, stored beside the log or held outside."""

    size: int
    note: bytes
    cosigned: bool = False
    outside: bool = False


def verify_node_log(settings: Settings, key: str | None = None, outside: Sequence[bytes] = ()) -> Report:
    """Verify the log of a node as `verify_log` does, by its own key unless another is named. Changes nothing.

    Raises:
        NotFound: the node has no log, or no key and none was named.
        Invalid: the key is none, or a checkpoint of `outside` is not one of this log.
        LogFailed: the database cannot be read.
    """
    embedded = settings.log_database_url.startswith("sqlite")
    if embedded and not (settings.log / "log.sqlite").is_file():
        raise NotFound("There is no log in {folder}.", folder=str(settings.data))
    own = settings.log_public_key
    if key is None and not own.is_file():
        raise NotFound(
            "There is no key of the log in {folder}; name its public key.", folder=str(settings.data)
        )
    verifier = parse_verifier_key(key or own.read_text())
    engine = open_database(settings.log_database_url)
    try:
        return verify_log(engine, verifier, load_policy(settings.log_policy).witness_keys, outside)
    finally:
        engine.dispose()


def verify_log(
    engine: sa.Engine,
    key: VerifierKey,
    witnesses: Sequence[VerifierKey] = (),
    outside: Sequence[bytes] = (),
) -> Report:
    """Verify the log in a database against the public key of the log and those of witnesses.

    `outside` are checkpoints that somebody keeps elsewhere, as notes: they find out even who could change the
    log and all that lies beside it. Sees one state of the log while others append. Constant memory; some
    200,000 entries and some 5,000 checkpoints a second.

    Raises:
        NotSigned: a checkpoint of `outside` is not one of this log.
        LogFailed: the database cannot be read.
    """
    held = [_Signed(open_checkpoint(note, key).size, note, outside=True) for note in outside]
    with store.reading(engine) as connection:
        walk = _Walk(connection, key, witnesses, held)
        finding = None
        try:
            walk.walk()
        except _Found as found:
            finding = found.finding
        return Report(
            key.name,
            walk.tree.size,
            encode_base64(walk.tree.root()),
            walk.signed_size,
            walk.checkpoints,
            walk.cosignatures,
            finding,
        )


class _Walk:
    """One pass over a log, from its first entry to its last. Ends with _Found where something is wrong."""

    def __init__(
        self,
        connection: sa.Connection,
        key: VerifierKey,
        witnesses: Sequence[VerifierKey],
        held: Sequence[_Signed],
    ) -> None:
        self.tree = Frontier()
        self.signed_size = 0
        """Up to here the log itself signed all entries."""
        self.checkpoints = 0
        self.cosignatures = 0
        self._connection = connection
        self._key = key
        self._witnesses = {str(witness): witness for witness in witnesses}
        self._held = held
        self._vouched_size = 0
        """Up to here a witness or somebody outside vouches for them, against whoever holds the log's key."""
        self._doubt: TileRoot | None = None
        """The first tile stored with another hash; the next checkpoint tells which of the two is wrong."""

    def walk(self) -> None:
        """Go through all of it."""
        for signed in self._signed(-1, 0):
            self._meet(signed)
        while rows := store.entries_with_hashes(self._connection, self.tree.size, _READ_TOGETHER):
            leaves: list[bytes] = []
            for expected, (index, entry, stored) in enumerate(rows, self.tree.size):
                leaf = leaf_hash(entry)
                if index != expected or leaf != stored:
                    self._grow(leaves)  # what is wrong before this entry comes first
                    self._stop_at_entry(expected, index, leaf, stored)
                leaves.append(leaf)
            self._grow(leaves)
        self._stop_at_doubt()
        self._look_beyond_the_end()

    def _grow(self, leaves: Sequence[bytes]) -> None:
        """Add leaves to the tree, meeting every tile and checkpoint on the way."""
        begin = self.tree.size
        for signed in self._signed(begin, begin + len(leaves)):
            self._extend(leaves[self.tree.size - begin : signed.size - begin])
            self._meet(signed)
        self._extend(leaves[self.tree.size - begin :])

    def _extend(self, leaves: Sequence[bytes]) -> None:
        for root in self.tree.extend(leaves):
            stored = store.find_node(self._connection, root.level, root.index)
            if self._doubt is None and stored != root.hash:
                self._doubt = root

    def _signed(self, after: int, upto: int) -> list[_Signed]:
        """Checkpoints of more than `after` and at most `upto` entries."""
        cosigned = store.cosigned_sizes(self._connection, after, upto)
        stored = store.checkpoints(self._connection, after, upto)
        for size in sorted(cosigned.difference(size for size, _ in stored)):
            detail = f"The checkpoint of {size} entries is missing, although it was cosigned."
            raise _Found(Problem.CHECKPOINT, min(self.signed_size, size), size, detail)
        found = [_Signed(size, note, cosigned=size in cosigned) for size, note in stored]
        found += [signed for signed in self._held if after < signed.size <= upto]
        return sorted(found, key=lambda signed: (signed.size, not signed.outside))

    def _meet(self, signed: _Signed) -> None:
        """Compare the tree with a checkpoint of its size."""
        root = self._open(signed)
        cosigners = self._cosigners(signed) if signed.cosigned else []
        if root != self.tree.root():
            self._stop_at_checkpoint(signed, cosigners)
        if self._doubt is not None:
            first, last = self._doubted()
            detail = f"The stored hash of the entries {first} to {last} is wrong; the entries are right."
            raise _Found(Problem.HASH, first, last, detail)
        self.signed_size = signed.size
        if signed.outside or cosigners:
            self._vouched_size = signed.size
        self.checkpoints += 1
        self.cosignatures += len(cosigners)

    def _open(self, signed: _Signed) -> bytes:
        """The root that was signed."""
        try:
            checkpoint = open_checkpoint(signed.note, self._key)
        except NotSigned:
            checkpoint = None
        if checkpoint is None or (checkpoint.origin, checkpoint.size) != (self._key.name, signed.size):
            last = max(0, signed.size - 1)
            detail = f"The checkpoint stored for {signed.size} entries is not one that this log signed."
            raise _Found(Problem.CHECKPOINT, min(self.signed_size, last), last, detail)
        return checkpoint.root

    def _cosigners(self, signed: _Signed) -> list[str]:
        """The known witnesses that cosigned."""
        lines = store.cosignatures(self._connection, signed.size)
        text = parse_note(signed.note).text
        names = []
        for key in (self._witnesses[witness] for witness in lines if witness in self._witnesses):
            if not _has_signed(key, text, lines[str(key)]):
                last = max(0, signed.size - 1)
                detail = f"{key.name} cosigned another checkpoint of {signed.size} entries than is stored."
                raise _Found(Problem.FORKED, min(self._vouched_size, last), last, detail)
            names.append(key.name)
        return names

    def _stop_at_entry(self, expected: int, index: int, leaf: bytes, stored: bytes | None) -> NoReturn:
        self._stop_at_doubt()
        if index != expected:
            detail = f"The entries {expected} to {index - 1} are missing."
            raise _Found(Problem.MISSING, expected, index - 1, detail)
        if stored is None:
            raise _Found(Problem.HASH, index, index, f"The hash of entry {index} is missing.")
        place = store.find_leaf(self._connection, leaf)
        if place is not None and self._is_displaced(place):
            detail = f"What stands as entry {index} is entry {place}."
            raise _Found(Problem.REORDERED, index, index, detail)
        raise _Found(Problem.ALTERED, index, index, f"Entry {index} is not what was logged.")

    def _is_displaced(self, place: int) -> bool:
        """Whether something else stands where an entry belongs; if not, what stands elsewhere is a copy."""
        there = store.entries(self._connection, place, place + 1)
        return not there or [leaf_hash(there[0])] != store.hashes(self._connection, 0, place, place + 1)

    def _stop_at_checkpoint(self, signed: _Signed, cosigners: Sequence[str]) -> NoReturn:
        last = max(0, signed.size - 1)
        if self._doubt is None and (signed.outside or cosigners):
            first = min(self._vouched_size, last)
            whose = "somebody outside holds" if signed.outside else f"{' and '.join(cosigners)} cosigned"
            detail = f"The entries {first} to {last} are not those of the checkpoint that {whose}."
            raise _Found(Problem.FORKED, first, last, detail)
        tile = self._doubted() if self._doubt else (0, last)
        first, last = max(tile[0], self.signed_size), min(tile[1], last)
        detail = f"Of the entries {first} to {last} one or more were altered, and their hashes with them."
        raise _Found(Problem.ALTERED, first, last, detail)

    def _stop_at_doubt(self) -> None:
        """No checkpoint tells any more whether a hash or the entries below it are wrong."""
        if self._doubt is not None:
            first, last = self._doubted()
            detail = f"The entries {first} to {last} do not agree with the hash that is stored for them."
            raise _Found(Problem.ALTERED, first, last, detail)

    def _doubted(self) -> tuple[int, int]:
        """The entries below the tile that is stored with another hash."""
        assert self._doubt is not None
        width = TILE_WIDTH**self._doubt.level
        return self._doubt.index * width, (self._doubt.index + 1) * width - 1

    def _look_beyond_the_end(self) -> None:
        """What was signed or hashed of a larger log than there is."""
        size = self.tree.size
        for signed in self._signed(size, MAX_SIZE)[:1]:
            self._open(signed)
            detail = f"The log has {size} entries, but a checkpoint of {signed.size} was signed."
            raise _Found(Problem.TRUNCATED, size, signed.size - 1, detail)
        if (hashed := store.size(self._connection)) > size:
            detail = f"The log has {size} entries, but the hashes of {hashed}."
            raise _Found(Problem.TRUNCATED, size, hashed - 1, detail)
        level = 1
        full = 0
        while size >> TILE_HEIGHT * level:
            full += size >> TILE_HEIGHT * level
            level += 1
        if store.count_nodes(self._connection) > full:
            detail = f"The log has {size} entries, but hashes of tiles that they do not fill."
            raise _Found(Problem.TRUNCATED, size, size, detail)


def _has_signed(key: VerifierKey, text: bytes, line: bytes) -> bool:
    try:
        return any(key.signed(text, signature) for signature in parse_signatures(line))
    except NotSigned:
        return False
