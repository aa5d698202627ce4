"""The log of a node: append, read, prove."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from hemalum.kernel.errors import Invalid, NotFound
from hemalum.runtime.db import open_database
from hemalum.runtime.log import store
from hemalum.runtime.log.append import GroupCommit, Position
from hemalum.runtime.log.merkle import TILE_HEIGHT, TILE_WIDTH, Frontier, leaf_hash
from hemalum.runtime.log.notes import (
    Checkpoint,
    Note,
    NotSigned,
    SigningKey,
    VerifierKey,
    open_checkpoint,
    parse_note,
    parse_signatures,
)
from hemalum.runtime.log.policy import Policy, parse_policy
from hemalum.runtime.log.proofs import consistency_proof, encode_proof, inclusion_proof
from hemalum.runtime.log.store import LogFailed
from hemalum.runtime.log.tiles import MAX_ENTRY_BYTES, encode_bundle
from hemalum.runtime.settings import Settings
from hemalum.runtime.tickets import load_or_make_key

_SIGNED_WITHIN_S = 1.0
_COSIGNED_LOOKED_AT = 16


def open_log(settings: Settings, seed: bytes | None = None) -> "Log":
    """The log of a node, made at the first call.

    It lies in `DIR/log/log.sqlite`, or in the node's database when that is PostgreSQL. `seed` is the private
    Ed25519 key (32 bytes); without one, `DIR/keys/log` is used and made when it is not there.

    Raises:
        Invalid: the node's name cannot name a log, or the policy cannot be meant.
        LogFailed: the log cannot be opened, or is not the one of this name and key.
    """
    key = SigningKey(settings.node_name, seed or load_or_make_key(settings.keys / "log"))
    settings.log.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.log_public_key.exists():
        settings.log_public_key.write_text(f"{key.verifier}\n")
    return Log(open_database(settings.log_database_url), key, load_policy(settings.log_policy))


def load_policy(path: Path) -> Policy:
    """The policy in a file; without the file nobody is asked and nothing is wanted.

    Raises:
        Invalid: it cannot be meant.
    """
    return parse_policy(path.read_text(encoding="utf-8")) if path.is_file() else Policy()


class Log:
    """An append-only Merkle log.

    One object per process; any number of processes and machines append to one log. May be used from any
    thread. What is read is durable. Entries are bytes that the log does not look into.
    """

    def __init__(self, engine: sa.Engine, key: SigningKey, policy: Policy | None = None) -> None:
        """Open the log in a database, which is disposed of at the end.

        Raises:
            LogFailed: it cannot be opened, was signed by another key, or lost what it signed before.
        """
        self._engine = engine
        self._key = key
        self.policy = policy or Policy()
        self._growing = threading.Lock()
        self._tree: Frontier | None = None
        """The tree as this process left it, to be used again when nobody else added to it."""
        self._signed_at = time.monotonic()
        store.prepare(engine)
        self._grow([], sign=True)
        self._commits = GroupCommit(lambda entries, sign: self._grow(entries, sign=sign))

    @property
    def key(self) -> VerifierKey:
        """The public key that others verify this log with; its name is the origin of the log."""
        return self._key.verifier

    def append(self, entry: bytes) -> Position:
        """Where the entry stands, once that is durable. Waits for a disk sync, shared with all who wait.

        Raises:
            Invalid: the entry has more than 65,535 bytes.
            LogFull: there is no room.
            LogFailed: it could not be made durable.
        """
        return self._commits.append(_checked(entry))

    async def append_async(self, entry: bytes) -> Position:
        """The same for an event loop; takes no thread. What is cancelled may be logged all the same."""
        return await self._commits.append_async(_checked(entry))

    def read(self, start: int, count: int) -> list[bytes]:
        """Up to `count` entries from number `start` on; fewer at the end of the log."""
        with store.reading(self._engine) as connection:
            return store.entries(connection, max(0, start), max(0, start) + max(0, count))

    def size(self) -> int:
        """How many entries there are."""
        with store.reading(self._engine) as connection:
            return store.size(connection)

    def checkpoint(self) -> bytes:
        """The newest signed checkpoint with its cosignatures. It covers all that is older than a second."""
        with store.reading(self._engine) as connection:
            behind = self._newest(connection).size < store.size(connection)
        if behind and time.monotonic() - self._signed_at >= _SIGNED_WITHIN_S:
            self._grow([], sign=True)
        with store.reading(self._engine) as connection:
            return bytes(self._note(connection, self._newest(connection).size))

    def find_checkpoint(self, upto: int, *, cosigned: bool = False) -> bytes | None:
        """The newest checkpoint of at most so many entries with its cosignatures; with `cosigned` the newest
        that has any."""
        with store.reading(self._engine) as connection:
            size = store.size_signed_upto(connection, upto, cosigned=cosigned)
            return None if size is None else bytes(self._note(connection, size))

    def prove(self, index: int, size: int | None = None) -> list[bytes]:
        """That an entry is in the tree of `size` entries, or in the tree as it is now. About 2 ms.

        Raises:
            NotFound: there is no such entry or no such tree.
        """
        with store.reading(self._engine) as connection:
            total = store.size(connection)
            size = total if size is None else size
            if not 0 <= index < size <= total:
                raise NotFound(
                    "The log has no entry {index} among its first {size} entries.", index=index, size=size
                )
            return inclusion_proof(index, size, store.range_hash(connection))

    def prove_consistency(self, old: int, new: int) -> list[bytes]:
        """That the tree of `new` entries begins with the tree of `old` entries.

        Raises:
            NotFound: there are no such trees.
        """
        with store.reading(self._engine) as connection:
            if not 0 <= old <= new <= store.size(connection):
                raise NotFound(
                    "The log has no trees of {old} and {new} entries, one beginning the other.",
                    old=old,
                    new=new,
                )
            return consistency_proof(old, new, store.range_hash(connection))

    def tile(self, level: int, index: int, width: int = TILE_WIDTH) -> bytes:
        """The first `width` hashes of a tile (C2SP tlog-tiles). They tell nothing of what the entries say.

        Raises:
            NotFound: the log is not large enough.
        """
        with store.reading(self._engine) as connection:
            first = _first_in_tile(connection, level, index, width)
            return b"".join(store.hashes(connection, level, first, first + width))

    def entry_bundle(self, index: int, width: int = TILE_WIDTH) -> bytes:
        """The first `width` entries of a tile of level 0 (C2SP tlog-tiles). Private, as the entries are.

        Raises:
            NotFound: the log is not large enough.
            LogFailed: an entry is missing.
        """
        with store.reading(self._engine) as connection:
            first = _first_in_tile(connection, 0, index, width)
            entries = store.entries(connection, first, first + width)
            if len(entries) != width:
                raise LogFailed("The log is damaged: an entry is missing. Verify it.")
            return encode_bundle(entries)

    def proof_file(self, index: int) -> bytes:
        """All that a third party needs to check that an entry is in the log (C2SP tlog-proof, `.tlog-proof`).

        Under a checkpoint that the witnesses of the policy cosigned, when there is one; the leaf hash stands
        in the extra line, so that the proof can be checked without showing the entry.

        Raises:
            NotFound: there is no such entry.
        """
        with store.reading(self._engine) as connection:
            if not 0 <= index < store.size(connection):
                raise NotFound("The log has no entry {index}.", index=index)
            covered = index < self._newest(connection).size
        if not covered:
            self._grow([], sign=True)
        with store.reading(self._engine) as connection:
            size = self._best_witnessed(connection, index) or self._newest(connection).size
            proof = inclusion_proof(index, size, store.range_hash(connection))
            (leaf,) = store.hashes(connection, 0, index, index + 1)
            return encode_proof(index, proof, self._note(connection, size), leaf)

    def cosign(self, cosignature_note_lines: bytes, size: int | None = None) -> None:
        """Keep cosignatures of a checkpoint, by default the newest, as a witness answered them.

        Those of keys that the policy does not name are ignored.

        Raises:
            Invalid: the lines are no signatures, or none is a good one of a witness that is known.
            NotFound: there is no checkpoint of this size.
        """
        lines = parse_signatures(cosignature_note_lines)
        with store.writing(self._engine) as connection:
            size = self._newest(connection).size if size is None else size
            text = self._note(connection, size).text
            good = [
                (key, line) for line in lines for key in self.policy.witness_keys if key.signed(text, line)
            ]
            if not good:
                raise Invalid("None of these lines is the cosignature of a known witness on this checkpoint.")
            for key, line in good:
                store.add_cosignature(connection, size, key, line.line)

    def size_cosigned_by(self, witness: VerifierKey) -> int:
        """The size of the largest checkpoint that a witness cosigned; 0 when it never did."""
        with store.reading(self._engine) as connection:
            return store.size_cosigned_by(connection, witness)

    def close(self) -> None:
        """Finish what waits, sign a last checkpoint and let the database go."""
        self._commits.close()
        self._engine.dispose()

    def _grow(self, entries: Sequence[bytes], *, sign: bool) -> tuple[int, list[bytes]]:
        """Add entries in one transaction, and sign a checkpoint of the result when asked to."""
        hashes = [leaf_hash(entry) for entry in entries]
        with self._growing:
            known, self._tree = self._tree, None  # kept again only after the commit
            with store.writing(self._engine) as connection:
                tree = self._current_tree(connection, known)
                first = tree.size
                if entries:
                    store.append(connection, first, entries, hashes, tree.extend(hashes))
                if sign:
                    self._sign(connection, tree)
            self._tree = tree
            if sign:
                self._signed_at = time.monotonic()
        return first, hashes

    def _current_tree(self, connection: sa.Connection, known: Frontier | None) -> Frontier:
        """The tree to add to; read anew when another process added to it.

        Raises:
            LogFailed: it no longer begins with what was signed, so that signing it would fork the log.
        """
        if known is not None and known.size == store.size(connection):
            return known
        tree = store.frontier(connection)
        if store.newest_checkpoint(connection) is not None:
            signed = self._newest(connection)
            if signed.size > tree.size or store.range_hash(connection)(0, signed.size) != signed.root:
                raise LogFailed(
                    "The log no longer holds what it signed: entries were removed or changed. Verify it;"
                    " nothing goes on before that."
                )
        return tree

    def _sign(self, connection: sa.Connection, tree: Frontier) -> None:
        if store.newest_checkpoint(connection) is not None and self._newest(connection).size == tree.size:
            return
        text = Checkpoint(self.key.name, tree.size, tree.root()).text
        store.add_checkpoint(connection, tree.size, bytes(Note(text, [self._key.sign(text)])))

    def _newest(self, connection: sa.Connection) -> Checkpoint:
        """The newest checkpoint.

        Raises:
            LogFailed: it is not one of this log.
        """
        try:
            checkpoint = open_checkpoint(store.newest_checkpoint(connection) or b"", self.key)
        except NotSigned as error:
            raise LogFailed(
                "The log was not signed by the key of this node, {key}.", key=str(self.key)
            ) from error
        if checkpoint.origin != self.key.name:
            raise LogFailed(
                "The log is that of {origin}, not of {name}.", origin=checkpoint.origin, name=self.key.name
            )
        return checkpoint

    def _note(self, connection: sa.Connection, size: int) -> Note:
        """The checkpoint of this size with its cosignatures.

        Raises:
            NotFound: there is none.
        """
        found = store.find_checkpoint(connection, size)
        if found is None:
            raise NotFound("The log has no checkpoint of {size} entries.", size=size)
        lines = store.cosignatures(connection, size).values()
        return parse_note(found + b"".join(lines))

    def _best_witnessed(self, connection: sa.Connection, index: int) -> int | None:
        """Which cosigned checkpoint serves an entry best: by the policy, by cosignatures, by age."""
        best = None
        for size in store.newest_cosigned(connection, index, _COSIGNED_LOOKED_AT):
            cosigners = store.cosignatures(connection, size).keys()
            keys = [key for key in self.policy.witness_keys if str(key) in cosigners]
            best = max(best or (False, 0, 0), (self.policy.is_met_by(keys), len(cosigners), size))
        return None if best is None else best[2]


def _checked(entry: bytes) -> bytes:
    if len(entry) > MAX_ENTRY_BYTES:
        raise Invalid("An entry of the log has at most {limit} bytes.", limit=MAX_ENTRY_BYTES)
    return bytes(entry)  # what is not bytes fails here, before it shares a transaction with others


def _first_in_tile(connection: sa.Connection, level: int, index: int, width: int) -> int:
    """The number of the first hash of a tile at its level.

    Raises:
        NotFound: the log does not fill the tile to this width.
    """
    first = index * TILE_WIDTH
    named = level >= 0 and index >= 0 and 1 <= width <= TILE_WIDTH
    if not named or first + width > store.size(connection) >> TILE_HEIGHT * level:
        raise NotFound("The log has no such tile.")
    return first
