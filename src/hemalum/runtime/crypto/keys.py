"""The keyring: a key for each slide, wrapped by the node key, in the database.

Rotating the node key wraps every key anew and touches no blob. Destroying a slide's key erases the slide:
the row keeps that there was a key and when it was destroyed. One key belongs to the node itself (`NODE`): it
seals small secrets and what is on its way in, and tells at the start whether the node key is the right one.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from hemalum.kernel.audit import Record, Recorder
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, Damaged, HemalumError, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.crypto import node_keys, sealed
from hemalum.runtime.crypto.node_keys import NodeKey, NodeKeys
from hemalum.runtime.crypto.sealed import SECRET_BYTES, DataKey, Suite
from hemalum.runtime.db import UtcTime, metadata, reading, transaction
from hemalum.runtime.settings import Settings
from hemalum.runtime.tickets import load_or_make_key

NODE = "node"

_REMEMBERED = 1024
_REMEMBERED_FOR_S = 60.0
"""After this a key is looked for again: another process may have destroyed it."""
_BATCH = 200
DESTROYED = Sentence("The key of this slide was destroyed; its bytes cannot be read any more.")
_WRONG_KEY = Sentence(
    "The node key is not the one that this node works with; put that one back. Nothing was changed."
)

key_table = sa.Table(
    "data_key",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("suite", sa.String(20), nullable=False),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("node_key", sa.String(300), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("destroyed_at", UtcTime),
)


class WrongNodeKey(Conflict):
    """The node key at hand is another one than this node was set up with."""

    code = "wrong-node-key"


class KeyDestroyed(HemalumError):
    """The key of a slide was destroyed, and with it all that was sealed under it."""

    status = 410
    code = "key-destroyed"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What is kept of a key, without the key."""

    name: str
    suite: Suite
    node_key: str
    created_at: datetime
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """A key in memory."""

    key: DataKey
    wrapped: bytes
    good_until: float


class Keyring:
    """The keys of a node. May be used from several threads."""

    def __init__(
        self,
        database: sa.Engine,
        open_node_keys: Callable[[bool], NodeKeys],
        suite: Suite | None,
        record: Recorder,
        clock: Clock = utc_now,
    ) -> None:
        """`open_node_keys` is called again when the node key was rotated; its argument says whether one may
        be made. With no `suite` new slides get no key, and lie as they are.

        Raises:
            WrongNodeKey: the keys of this node are wrapped by another node key.
            NodeKeyUnavailable: the node key cannot be had.
        """
        self._database = database
        self._open_node_keys = open_node_keys
        self._suite = suite
        self._record = record
        self._clock = clock
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._destroyed: frozenset[str] = frozenset()
        own = self._row(NODE)
        self._node_keys = open_node_keys(own is None)
        self._own = self._make(NODE, suite or Suite.AES_256_GCM) if own is None else self._opened(own)

    def find(self, name: str) -> DataKey | None:
        """The key of this name, or None when there never was one.

        Raises:
            KeyDestroyed: there was.
            WrongNodeKey, NodeKeyUnavailable: it cannot be unwrapped.
        """
        with self._lock:
            known = self._known.get(name)
            if known is not None and known.good_until > time.monotonic():
                self._known.move_to_end(name)
                return known.key
        row = self._row(name)
        if row is None:
            return None
        # An HSM or KMS is not asked again for what it has unwrapped already.
        if known is not None and known.wrapped == row.wrapped:
            return self._remember(known.key, known.wrapped)
        return self._remember(self._opened(row), row.wrapped)

    def foresee(self, names: Iterable[str]) -> None:
        """Read the keys of these names together, so that `find` need not ask for each."""
        now = time.monotonic()
        with self._lock:
            known = {name for name, one in self._known.items() if one.good_until > now}
        unknown = sorted(set(names) - known)
        if not unknown:
            return
        with reading(self._database) as connection:
            rows = connection.execute(sa.select(key_table).where(key_table.c.name.in_(unknown))).all()
        for row in rows:
            if row.wrapped is not None:
                self._remember(self._opened(row), row.wrapped)

    def ensure(self, name: str) -> DataKey | None:
        """The key of this name, made when there is none; None when this node does not seal new slides.

        Raises:
            KeyDestroyed: there was one.
            WrongNodeKey, NodeKeyUnavailable: it cannot be wrapped or unwrapped.
        """
        found = self.find(name)
        if found is not None or self._suite is None:
            return found
        self._make(name, self._suite)
        return self.find(name)

    def was_destroyed(self, name: str) -> bool:
        """Whether a key was destroyed, as far as `notice_destroyed` has seen. Never waits."""
        return name in self._destroyed

    def notice_destroyed(self) -> None:
        """See which keys were destroyed by any process, and forget them here."""
        asked = sa.select(key_table.c.name).where(key_table.c.destroyed_at.is_not(None))
        with reading(self._database) as connection:
            self._destroyed = frozenset(connection.execute(asked).scalars())
        with self._lock:
            for name in self._destroyed & self._known.keys():
                del self._known[name]

    @property
    def own(self) -> DataKey:
        """The key of the node itself."""
        return self._own

    @property
    def node_key_id(self) -> str:
        """Which node key wraps now."""
        return self._node_keys.present.id

    def seal(self, content: bytes, purpose: str) -> bytes:
        """A small secret, sealed under the node's own key and bound to what it is for."""
        return sealed.seal(self._own, f"secret/{purpose}", content)

    def unseal(self, content: bytes, purpose: str) -> bytes:
        """The secret that `seal` was given for this purpose.

        Raises:
            Damaged: it was sealed for another purpose or by another node, or was changed.
        """
        return sealed.unseal(self._own, f"secret/{purpose}", content)

    def load_or_make_secret(self, path: Path) -> bytes:
        """The secret of 32 random bytes in a file, sealed; made at the first call, also by several at once.

        Raises:
            Damaged: the file was sealed by another node, or was changed.
        """
        purpose = path.name
        return self.unseal(load_or_make_key(path, lambda fresh: self.seal(fresh, purpose)), purpose)

    def list_keys(self) -> list[KeyEntry]:
        """All keys that there are and were, oldest first."""
        with reading(self._database) as connection:
            rows = connection.execute(sa.select(key_table).order_by(key_table.c.created_at, key_table.c.name))
            return [
                KeyEntry(row.name, Suite(row.suite), row.node_key, row.created_at, row.destroyed_at)
                for row in rows
            ]

    def destroy(self, name: str) -> None:
        """Erase a key, and with it all that is sealed under it. Safe to repeat.

        A process that has the slide open keeps the key in its memory until it closes the slide. Backups of
        the database hold the wrapped key until they run out, or until the node key is rotated.

        Raises:
            NotFound: there never was such a key.
            Conflict: it is the node's own.
        """
        if name == NODE:
            raise Conflict("The node's own key cannot be destroyed.")
        row = self._row(name)
        if row is None:
            raise NotFound("There is no key called {name}.", name=name)
        if row.wrapped is None:
            return
        self._record(Record("keys.destroyed", None, target=f"key/{name}"))
        with transaction(self._database) as connection:
            _overwrite_what_is_deleted(connection)
            connection.execute(
                sa.update(key_table)
                .where(key_table.c.name == name)
                .values(wrapped=None, destroyed_at=self._clock())
            )
        _empty_the_log(self._database)
        self.notice_destroyed()

    def rotate(self) -> int:
        """Wrap every key by the present node key; returns how many were wrapped by another.

        Cut off at any moment, it goes on when it is called again, and every key can be used all the while.

        Raises:
            WrongNodeKey: a key is wrapped by a node key that is not at hand.
            NodeKeyUnavailable: a node key does not answer.
        """
        self._node_keys = self._open_node_keys(False)
        present = self._node_keys.present
        self._record(Record("keys.rotated", None, detail={"node_key": present.id}))
        count = 0
        while rows := self._wrapped_by_others(present):
            renewed = [(row, present.wrap(self._opened(row))) for row in rows]
            with transaction(self._database) as connection:
                for row, wrapped in renewed:
                    # A key that was destroyed in the meantime stays so.
                    changed = connection.execute(
                        sa.update(key_table)
                        .where(key_table.c.name == row.name, key_table.c.wrapped == row.wrapped)
                        .values(wrapped=wrapped, node_key=present.id)
                    )
                    count += changed.rowcount
        return count

    def _wrapped_by_others(self, present: NodeKey) -> list[sa.Row[Any]]:
        """A batch of them, the node's own key first; see `_insert`."""
        columns = key_table.c
        query = (
            sa.select(key_table)
            .where(columns.node_key != present.id, columns.wrapped.is_not(None))
            .order_by(columns.name != NODE, columns.name)
            .limit(_BATCH)
        )
        with reading(self._database) as connection:
            return list(connection.execute(query).all())

    def _row(self, name: str) -> sa.Row[Any] | None:
        with reading(self._database) as connection:
            return connection.execute(sa.select(key_table).where(key_table.c.name == name)).first()

    def _opened(self, row: sa.Row[Any]) -> DataKey:
        if row.wrapped is None:
            raise KeyDestroyed.saying(DESTROYED)
        node_key = self._node_key(row.node_key)
        suite = Suite(row.suite)
        try:
            return DataKey(row.name, suite, node_key.unwrap(row.name, suite, row.wrapped))
        except Damaged as error:
            raise WrongNodeKey.saying(_WRONG_KEY) from error

    def _node_key(self, node_key_id: str) -> NodeKey:
        """A node key by its id; looked for once more, because a rotation may have begun meanwhile."""
        found = self._find_node_key(node_key_id)
        if found is None:
            self._node_keys = self._open_node_keys(False)
            found = self._find_node_key(node_key_id)
        if found is None:
            raise WrongNodeKey.saying(_WRONG_KEY)
        return found

    def _find_node_key(self, node_key_id: str) -> NodeKey | None:
        at_hand = (self._node_keys.present, *self._node_keys.former)
        return next((one for one in at_hand if one.id == node_key_id), None)

    def _make(self, name: str, suite: Suite) -> DataKey:
        """A fresh key; when another process makes it at the same time, that one's."""
        key = DataKey(name, suite, secrets.token_bytes(SECRET_BYTES))
        while not self._insert(key):
            pass
        row = self._row(name)
        assert row is not None
        return self._opened(row)

    def _insert(self, key: DataKey) -> bool:
        """Keep a key unless there is one; False when the node key was rotated in this very moment.

        What wraps the node's own key wraps the others too: a rotation begins with that one, so no process
        makes keys under a node key that is about to go.
        """
        own = self._row(NODE)
        wrapping = self._node_keys.present if own is None else self._node_key(own.node_key)
        values = {
            "name": key.name,
            "suite": key.suite.value,
            "wrapped": wrapping.wrap(key),
            "node_key": wrapping.id,
            "created_at": self._clock(),
        }
        asked = sa.select(key_table.c.node_key).where(key_table.c.name == NODE).with_for_update(read=True)
        try:
            with transaction(self._database) as connection:
                if connection.execute(asked).scalar() not in (None, wrapping.id):
                    return False
                connection.execute(sa.insert(key_table).values(**values))
        except sa.exc.IntegrityError:  # another process was faster
            pass
        return True

    def _remember(self, key: DataKey, wrapped: bytes) -> DataKey:
        with self._lock:
            self._known[key.name] = _Known(key, wrapped, time.monotonic() + _REMEMBERED_FOR_S)
            self._known.move_to_end(key.name)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return key


def unrecorded(_record: Record) -> None:
    """A `Recorder` for whoever has no audit log, as tests and tools."""


def open_keyring(settings: Settings, database: sa.Engine, record: Recorder = unrecorded) -> Keyring:
    """The keyring of a node, with its node key; both are made at the first start.

    Raises:
        WrongNodeKey, NodeKeyUnavailable, Invalid: the node key is not the one, or cannot be had.
    """

    def open_node_keys(make: bool) -> NodeKeys:
        return node_keys.open_node_keys(settings.node_key, settings.former_node_key, make=make)

    suite = None if settings.encryption == "off" else Suite(settings.encryption)
    return Keyring(database, open_node_keys, suite, record)


def rotate_node_key(settings: Settings, keyring: Keyring) -> int:
    """Wrap every key by the node key of the settings, for a file by a fresh one that is made now.

    Returns how many keys were wrapped anew. Safe to repeat after it was cut off.
    """
    in_file = settings.node_key.startswith("file:") and not settings.former_node_key
    if in_file:
        node_keys.begin_file_rotation(settings.node_key)
    count = keyring.rotate()
    if in_file:
        node_keys.end_file_rotation(settings.node_key)
    return count


def _overwrite_what_is_deleted(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _empty_the_log(database: sa.Engine) -> None:
    """Bring the change into the database file: SQLite's log holds old pages until then."""
    if database.dialect.name == "sqlite":
        with database.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
