"""The audit trail: records as entries of the node's log, with what names a person encrypted.

An entry is canonical JSON (sorted keys, UTF-8), at most 65,535 bytes. Its personal part is AES-256-GCM under
a key of the person it is about; the keys lie, wrapped, in a database of their own, so that a record can be
kept in the middle of a transaction on the node's. Erasing a person is forgetting that key: the entry, its
hash and all proofs stay as they are, and nobody can read the personal part any more.
"""

import base64
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.typed import typed_json
from hemalum.runtime.db import UtcTime, inserted, open_database, reading, transaction

FORM = 1
"""Version of the form of entries."""
NOBODY = "nobody"
"""Under whose key lies what is known of somebody who never signed in."""

_NONCE_BYTES = 12
_SALT_BYTES = 16
_MAX_KEYS = 4096
_KNOWN_FOR_S = 60.0
"""So that a key erased by another process is not used much longer here."""
_CLOCK_TOLERANCE = timedelta(seconds=2)

type Seal = Callable[[bytes], bytes]

_tables = sa.MetaData()
subject_key_table = sa.Table(
    "audit_subject_key",
    _tables,
    sa.Column("subject", sa.String(40), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("erased_at", UtcTime),
)


def open_subjects(url: str) -> sa.Engine:
    """The database of the keys of people. What is erased in it is overwritten."""
    database = open_database(url)
    if database.dialect.name == "sqlite":
        sa.event.listen(
            database, "connect", lambda connection, _: connection.execute("PRAGMA secure_delete=ON")
        )
    with transaction(database) as connection:
        _tables.create_all(connection)
    return database


class EntryUnreadable(HemalumError):
    """What stands in the log is not what this node writes there: it was altered."""

    code = "entry-unreadable"


class AppendOnly(Protocol):
    """The log as the trail needs it (`runtime.log.Log`)."""

    def append(self, entry: bytes) -> Any: ...

    def read(self, start: int, count: int) -> list[bytes]: ...

    def size(self) -> int: ...


class Who(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did it, by identifiers of this node."""

    person: str
    session: str
    organisation: str
    roles: list[str] = []
    strong: bool = False


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the log as it lies there. Field names are part of its form (docs/reference/log.md)."""

    form: int
    at: str
    """RFC 3339, UTC, milliseconds."""
    action: str
    outcome: Outcome
    who: Who | None = None
    purpose: str | None = None
    target: str = ""
    organisation: str | None = None
    detail: dict[str, Any] = {}
    subject: str | None = None
    """Whom the sealed part is about."""
    sealed: str | None = None
    """Base64 of nonce and AES-256-GCM ciphertext of a JSON map of texts, bound to subject and time."""
    salt: str = ""
    """Random, so that nobody can confirm a guess at an entry by its hash, which is public."""

    @property
    def moment(self) -> datetime:
        """When it happened, by the clock of the node."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """An entry with its personal part, as far as it can still be read."""

    index: int
    entry: Entry
    personal: Mapping[str, str]
    is_erased: bool
    """Whether the personal part was erased."""


def decode_entry(index: int, raw: bytes) -> Entry:
    """An entry out of its bytes in the log.

    Raises:
        EntryUnreadable: they are none.
    """
    try:
        return typed_json(raw, Entry)
    except msgspec.DecodeError as error:
        raise EntryUnreadable(
            "Entry {index} of the log cannot be read; verify the log.", index=index
        ) from error


class Trail:
    """Keeps and reads the records of a node. May be used from many threads."""

    def __init__(
        self, log: AppendOnly, subjects: sa.Engine, seal: Seal, unseal: Seal, clock: Clock = utc_now
    ) -> None:
        """`subjects` is what `open_subjects` gives; `seal` and `unseal` wrap its keys under the node's."""
        self._log = log
        self._keys = _SubjectKeys(subjects, seal, unseal)
        self._clock = clock
        self._newest = self._newest_moment()

    def record(self, record: Record) -> None:
        """Keep a record; returns once it is durable. See `kernel.audit.Recorder`.

        Raises:
            LogFull: there is no room for it.
            LogFailed: the log cannot be written.
        """
        now = self._clock()
        if now + _CLOCK_TOLERANCE < self._newest:
            lost_s = (self._newest - now).total_seconds()
            note = Record("node.clock_set_back", None, detail={"seconds": round(lost_s, 3)})
            self._log.append(self._encoded(note, now))
            self._newest = now
        self._newest = max(now, self._newest)
        self._log.append(self._encoded(record, now))

    def read(self, start: int, count: int) -> list[ReadEntry]:
        """Entries from an index on, fewer at the end of the log.

        Raises:
            EntryUnreadable: one of them was altered.
        """
        return [self._opened(start + n, raw) for n, raw in enumerate(self._log.read(start, count))]

    def knows(self, subject: str) -> bool:
        """Whether there is anything that `erase` would make unreadable."""
        return self._keys.knows(subject)

    def erase(self, subject: str) -> bool:
        """Make what the log tells of a person unreadable for good; False when there was nothing."""
        return self._keys.forget(subject, self._clock())

    def _encoded(self, record: Record, now: datetime) -> bytes:
        actor = record.actor
        at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        subject = record.subject or (actor.person_id if actor else NOBODY)
        personal = dict(record.personal)
        if actor is not None and subject == actor.person_id:
            personal = {"name": actor.name, "address": actor.address} | personal
        personal = {name: value for name, value in personal.items() if value}
        sealed = (
            self._keys.seal(subject, json.dumps(personal).encode(), _bound(subject, at), now)
            if personal
            else None
        )
        who = None
        if actor is not None:
            who = Who(
                actor.person_id,
                actor.session_id,
                actor.organisation_id,
                sorted(actor.roles),
                actor.is_strong,
            )
        entry = Entry(
            FORM,
            at,
            record.action,
            record.outcome,
            who,
            None if actor is None or actor.purpose is None else actor.purpose.value,
            record.target,
            record.organisation_id,
            dict(record.detail),
            subject if sealed else None,
            base64.b64encode(sealed).decode() if sealed else None,
            secrets.token_urlsafe(_SALT_BYTES),
        )
        return msgspec.json.encode(entry, order="sorted")

    def _opened(self, index: int, raw: bytes) -> ReadEntry:
        entry = decode_entry(index, raw)
        if entry.subject is None or entry.sealed is None:
            return ReadEntry(index, entry, {}, is_erased=False)
        bound = _bound(entry.subject, entry.at)
        opened = self._keys.open(entry.subject, base64.b64decode(entry.sealed), bound)
        return ReadEntry(index, entry, {} if opened is None else json.loads(opened), is_erased=opened is None)

    def _newest_moment(self) -> datetime:
        size = self._log.size()
        if size == 0:
            return datetime.min.replace(tzinfo=UTC)
        return decode_entry(size - 1, self._log.read(size - 1, 1)[0]).moment


class _SubjectKeys:
    """The keys of people, a bounded number of them in memory."""

    def __init__(self, database: sa.Engine, seal: Seal, unseal: Seal) -> None:
        self._database = database
        self._wrap = seal
        self._unwrap = unseal
        self._known: OrderedDict[str, AESGCM] = OrderedDict()
        self._known_until = 0.0
        self._lock = threading.Lock()

    def seal(self, subject: str, content: bytes, bound: bytes, now: datetime) -> bytes | None:
        """Nonce and ciphertext; None when the person was erased."""
        key = self._find(subject) or self._make(subject, now)
        if key is None:
            return None
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + key.encrypt(nonce, content, bound)

    def open(self, subject: str, sealed: bytes, bound: bytes) -> bytes | None:
        """What was sealed; None when the person was erased."""
        key = self._find(subject)
        if key is None:
            return None
        try:
            return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except InvalidTag:
            # Sealed under a key that was erased, or altered: the log's own check tells which.
            return None

    def knows(self, subject: str) -> bool:
        """Whether there is a key of the person."""
        return self._find(subject) is not None

    def forget(self, subject: str, now: datetime) -> bool:
        """Erase the key, here and in the database. Other processes forget it within a minute."""
        columns = subject_key_table.c
        with self._lock, transaction(self._database) as connection:
            self._known.pop(subject, None)
            changed = connection.execute(
                sa.update(subject_key_table)
                .where(columns.subject == subject, columns.erased_at.is_(None))
                .values(wrapped=None, erased_at=now)
            )
        if self._database.dialect.name == "sqlite":
            with self._database.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return changed.rowcount > 0

    def _find(self, subject: str) -> AESGCM | None:
        with self._lock:
            if time.monotonic() > self._known_until:
                self._known.clear()
                self._known_until = time.monotonic() + _KNOWN_FOR_S
            known = self._known.get(subject)
            if known is not None:
                self._known.move_to_end(subject)
                return known
        with reading(self._database) as connection:
            wrapped = connection.execute(
                sa.select(subject_key_table.c.wrapped).where(subject_key_table.c.subject == subject)
            ).scalar()
        return None if wrapped is None else self._remember(subject, self._unwrap(wrapped))

    def _make(self, subject: str, now: datetime) -> AESGCM | None:
        kept = sa.select(subject_key_table).where(subject_key_table.c.subject == subject)
        with transaction(self._database) as connection:
            row = connection.execute(kept).first()
            if row is None:
                fresh = {"wrapped": self._wrap(secrets.token_bytes(32)), "created_at": now}
                # Another process may make one at the same moment: the first stays.
                insert = inserted(connection, subject_key_table).values(subject=subject, **fresh)
                connection.execute(insert.on_conflict_do_nothing())
                row = connection.execute(kept).one()
        return None if row.wrapped is None else self._remember(subject, self._unwrap(row.wrapped))

    def _remember(self, subject: str, key: bytes) -> AESGCM:
        made = AESGCM(key)
        with self._lock:
            self._known[subject] = made
            while len(self._known) > _MAX_KEYS:
                self._known.popitem(last=False)
        return made


def _bound(subject: str, at: str) -> bytes:
    return f"hemalum-audit-{FORM}\n{subject}\n{at}".encode()
