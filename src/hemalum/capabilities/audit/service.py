"""Looking into the log: the index, whose entries somebody may see, proofs, erasing, acknowledging flags."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched, groupby
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.audit import flags, store
from hemalum.capabilities.audit.model import (
    ACKNOWLEDGE,
    ERASE,
    EXPORT,
    POLICY_CHANGED,
    READ,
    Filter,
    Flag,
    Indexed,
    Scope,
    SomebodyElse,
    Viewer,
    targets_in,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.audit import Entry, ReadEntry, Trail, decode_entry
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.log import Log
from hemalum.runtime.policy import Policies

_INDEXED_TOGETHER = 1000
_EXPORTED_TOGETHER = 500
_COUNTED_TOGETHER = 2000
_TOLD_FOR_S = 900.0
_MAX_TOLD = 4096
_MOST_PEOPLE = 500
_MOST_TARGET = 80
_CHOSEN_FROM = 100_000
MOST_COUNTED = 10_000
"""To count more would keep who looks waiting."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first."""

    entries: list[ReadEntry]
    names: Mapping[str, str | None]
    """Of the people in it, as `Audit.names` tells them."""
    total: int | None
    """How many there are in all, at most `MOST_COUNTED`; told with the first page only."""
    next_before: int | None
    """Where the next page begins; None at the end."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from when looking for entries."""

    actions: list[str]
    purposes: list[str]
    organisations: list[str]
    people: dict[str, str | None]
    """By identifier, whoever did something last first; None where the name is erased or was never told."""


@dataclass(frozen=True, slots=True)
class SlideLife:
    """What happened to a slide, as far as the asker may know."""

    actions: Mapping[str, int]
    refused: int
    viewers: list[Viewer]
    names: Mapping[str, str | None]


@dataclass(frozen=True)
class Audit:
    """The use cases of audit on a node. May be used from several threads."""

    database: sa.Engine
    log: Log
    trail: Trail
    policies: Policies
    calendar: flags.Calendar
    clock: Clock = utc_now
    now: Callable[[], float] = time.monotonic
    _told: dict[object, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # The index

    def catch_up(self) -> None:
        """Bring the index up to the log, a thousand entries at a time. Others may do so at the same time.

        Raises:
            EntryUnreadable: an entry was altered; the index ends before it.
        """
        with reading(self.database) as connection:
            indexed, _ = store.progress(connection)
        if indexed > self.log.size():
            # The database knows more than the log: one of them was put back from a copy.
            self.rebuild()
        while self._index_some():
            pass

    def rebuild(self) -> None:
        """Forget the index, which the next look builds anew."""
        with transaction(self.database) as connection:
            store.progress(connection, to_write=True)
            store.clear_index(connection)

    def _index_some(self) -> bool:
        with transaction(self.database) as connection:
            indexed, _ = store.progress(connection, to_write=True)
            raws = self.log.read(indexed, _INDEXED_TOGETHER)
            if not raws:
                return False
            entries = [(indexed + n, decode_entry(indexed + n, raw)) for n, raw in enumerate(raws)]
            store.add_entries(connection, [_indexed(index, entry) for index, entry in entries])
            store.add_targets(
                connection,
                [
                    (target[:_MOST_TARGET], index)
                    for index, entry in entries
                    for target in targets_in(entry.detail)
                ],
            )
            store.advance(connection, indexed=indexed + len(entries))
            return len(raws) == _INDEXED_TOGETHER

    # Looking

    def list_entries(
        self, actor: Actor, wanted: Filter, before: int | None, limit: int, look: str = READ
    ) -> Page:
        """A page of entries, newest first. What is added meanwhile does not move the pages that follow.

        The look stands in the log itself, once in a quarter of an hour for the same filter; with EXPORT as
        one by which entries leave the node.
        """
        self._tell(look, actor, wanted.stated)
        self.catch_up()
        scope = scope_of(actor)
        with reading(self.database) as connection:
            rows = store.list_entries(connection, scope, wanted, before, limit + 1)
            total = store.count_entries(connection, scope, wanted, MOST_COUNTED) if before is None else None
        more = len(rows) > limit
        entries = self._read(rows[:limit])
        return Page(entries, self.names(entries), total, rows[limit - 1].index if more else None)

    def get(self, actor: Actor, index: int) -> ReadEntry:
        """One entry.

        Raises:
            NotFound: there is none, or it is not the actor's to see.
        """
        self._check_visible(actor, index)
        self._tell(READ, actor, {"entry": index})
        return self.trail.read(index, 1)[0]

    def prove(self, actor: Actor, index: int) -> bytes:
        """The proof that an entry is in the log (C2SP tlog-proof). It tells nothing of what the entry says.

        Raises:
            NotFound: there is no such entry, or it is not the actor's to see.
        """
        self._check_visible(actor, index)
        return self.log.proof_file(index)

    def raw(self, actor: Actor, index: int) -> bytes:
        """An entry's bytes, of which the log holds the hash. Raises as `prove` does."""
        self._check_visible(actor, index)
        self._tell(EXPORT, actor, {"entry": index})
        return self.log.read(index, 1)[0]

    def export(self, actor: Actor, wanted: Filter) -> Iterator[ReadEntry]:
        """All entries that there are now, oldest first. Constant memory.

        It is recorded when this returns, and not when the first entry is taken.
        """
        self.trail.record(Record(EXPORT, actor, detail={"filter": wanted.stated}))
        self.catch_up()
        return self.each(scope_of(actor), wanted)

    def choices(self, actor: Actor) -> Choices:
        """What there is to choose from when looking for entries, by the newest hundred thousand."""
        self._tell(READ, actor, {"choices": True})
        self.catch_up()
        scope = scope_of(actor)
        with reading(self.database) as connection:
            indexed, _ = store.progress(connection)
            first = indexed - _CHOSEN_FROM
            actions, purposes, theirs, owners = (
                store.count_by(connection, column, scope, Filter(), first)
                for column in ("action", "purpose", "actor_organisation", "owner_organisation")
            )
            people = store.list_people(connection, scope, first, _MOST_PEOPLE)
        names = self._names_of(people)
        return Choices(
            sorted(filter(None, actions)),
            sorted(filter(None, purposes)),
            sorted(filter(None, {*theirs, *owners})),
            {person: names[person] for person in people},
        )

    def follow(self, actor: Actor, image_id: str) -> SlideLife:
        """What happened to a slide, and who opened it. Its entries are listed by its target."""
        target = f"image/{image_id}"
        self._tell(READ, actor, {"target": target})
        self.catch_up()
        scope = scope_of(actor)
        with reading(self.database) as connection:
            actions = store.count_by(connection, "action", scope, Filter(target=target))
            refused = store.count_entries(
                connection, scope, Filter(target=target, outcome=Outcome.REFUSED), MOST_COUNTED
            )
            viewers = store.list_viewers(connection, scope, target)
        names = self._names_of({viewer.person for viewer in viewers})
        return SlideLife({str(action): many for action, many in actions.items()}, refused, viewers, names)

    def first_opened(self, image_ids: Collection[str], beside: Collection[str]) -> dict[str, datetime]:
        """When each of these images was first opened for care by anybody but those `beside`, for what the
        node counts; who it was is not told. Images that nobody opened are left out."""
        self.catch_up()
        found: dict[str, datetime] = {}
        with reading(self.database) as connection:
            for some in batched(sorted(image_ids), _COUNTED_TOGETHER):
                targets = [f"image/{one}" for one in some]
                found |= store.first_openings(connection, targets, beside)
        return {target.removeprefix("image/"): at for target, at in found.items()}

    def names(self, entries: Iterable[ReadEntry]) -> dict[str, str | None]:
        """What the people in entries are called, as the log last told; None where that was erased."""
        people: set[str] = set()
        for read in entries:
            if read.entry.who is not None:
                people.add(read.entry.who.person)
            if read.entry.target.startswith("person/"):
                people.add(read.entry.target.removeprefix("person/"))
        return self._names_of(people)

    # Erasing

    def erase(self, actor: Actor, subject: str) -> None:
        """Make what the log tells of a person unreadable for good. Entries and proofs stay as they are.

        Raises:
            NotFound: nothing is kept of such a person, or nothing more, or not of the actor's organisation.
            SomebodyElse: it is the actor, or the person was active in other organisations too.
        """
        self.catch_up()
        scope = scope_of(actor)
        if subject == actor.person_id:
            raise SomebodyElse("Somebody else erases what the log tells of you.")
        with reading(self.database) as connection:
            if scope.organisation and not store.list_entries(
                connection, scope, Filter(person=subject), None, 1
            ):
                raise NotFound("The log tells nothing of this person.")
            if store.elsewhere(connection, scope, subject):
                raise SomebodyElse(
                    "This person was active in other organisations too; an auditor of the node erases them."
                )
        if not self.trail.knows(subject):
            raise NotFound("The log tells nothing of this person.")
        self.trail.record(
            Record(ERASE, actor, target=f"person/{subject}"[:60], organisation_id=actor.organisation_id)
        )
        self.trail.erase(subject)

    # Flags

    def judge(self) -> None:
        """Look for what is unusual among the entries that were added since the last time."""
        self.catch_up()
        found = flags.judge(self.database, self.calendar)
        if found is None:
            return
        with transaction(self.database) as connection:
            store.progress(connection, to_write=True)
            for finding in found.findings:
                store.keep_finding(connection, finding, self.clock())
            store.advance(connection, judged=found.judged)

    def list_flags(
        self, actor: Actor, *, only_open: bool, offset: int, limit: int
    ) -> tuple[list[Flag], Mapping[str, str | None]]:
        """Flags, the newest first, and the names of the people in them."""
        self._tell(READ, actor, {"flags": True})
        self.judge()
        with reading(self.database) as connection:
            found = store.list_flags(
                connection, scope_of(actor), only_open=only_open, offset=offset, limit=limit
            )
        people = {flag.finding.person for flag in found} | {flag.acknowledged_by for flag in found}
        return found, self._names_of(filter(None, people))

    def acknowledge(self, actor: Actor, flag_id: str, remark: str) -> Flag:
        """Say what became of a flag.

        Raises:
            NotFound: there is no such flag, or it is not the actor's to see.
            SomebodyElse: it is about the actor.
            Conflict: somebody has acknowledged it.
        """
        with transaction(self.database) as connection:
            flag = store.find_flag(connection, scope_of(actor), flag_id)
            if flag is None:
                raise NotFound("There is no such flag.")
            if flag.finding.person == actor.person_id:
                raise SomebodyElse("Somebody else acknowledges a flag about you.")
            if not store.acknowledge(connection, flag_id, actor.person_id, self.clock(), remark):
                raise Conflict("This flag was acknowledged already.")
            about = flag.finding
            self.trail.record(
                Record(
                    ACKNOWLEDGE,
                    actor,
                    target=f"person/{about.person}",
                    organisation_id=OrganisationId(about.actor_organisation),
                    detail={"flag": flag_id, "kind": about.kind, "day": about.day, "count": about.count},
                    personal={"remark": remark},
                )
            )
            found = store.find_flag(connection, scope_of(actor), flag_id)
        assert found is not None
        return found

    # The node itself

    def note_policies(self) -> None:
        """Record it when the policies are others than the last time that this was recorded."""
        self.catch_up()
        with reading(self.database) as connection:
            last = store.list_entries(connection, Scope(None), Filter(action=POLICY_CHANGED), None, 1)
        before = None
        if last:
            before = decode_entry(last[0].index, self.log.read(last[0].index, 1)[0]).detail.get("new")
        if before != self.policies.digest:
            detail = {"old": before, "new": self.policies.digest, "files": self.policies.digests}
            self.trail.record(Record(POLICY_CHANGED, None, detail=detail))

    def each(self, scope: Scope, wanted: Filter) -> Iterator[ReadEntry]:
        """All entries of a scope that are in the index when this is called, oldest first; not recorded."""
        with reading(self.database) as connection:
            upto, _ = store.progress(connection)
        return self._each(scope, wanted, upto)

    def _each(self, scope: Scope, wanted: Filter, upto: int) -> Iterator[ReadEntry]:
        after = -1
        while True:
            with reading(self.database) as connection:
                rows = store.entries_after(connection, scope, wanted, after, upto, _EXPORTED_TOGETHER)
            yield from self._read(rows)
            if len(rows) < _EXPORTED_TOGETHER:
                return
            after = rows[-1].index

    def _read(self, rows: Sequence[Indexed]) -> list[ReadEntry]:
        """What the log says of rows of the index; those that stand in a row there are read together."""
        indices = sorted(row.index for row in rows)
        found: dict[int, ReadEntry] = {}
        for _, run in groupby(enumerate(indices), key=lambda place: place[1] - place[0]):
            together = [index for _, index in run]
            found |= {read.index: read for read in self.trail.read(together[0], len(together))}
        return [found[row.index] for row in rows]

    def _names_of(self, people: Iterable[str]) -> dict[str, str | None]:
        with reading(self.database) as connection:
            told = {person: store.last_named(connection, person) for person in people}
        return {
            person: None if index is None else self.trail.read(index, 1)[0].personal.get("name")
            for person, index in told.items()
        }

    def _check_visible(self, actor: Actor, index: int) -> None:
        self.catch_up()
        with reading(self.database) as connection:
            found = store.list_entries(connection, scope_of(actor), Filter(), index + 1, 1)
        if not found or found[0].index != index:
            raise NotFound("There is no such entry.")

    def _tell(self, action: str, actor: Actor, wanted: Mapping[str, Any]) -> None:
        """Record a look into the log, unless the same one stands there since a moment ago."""
        key = (action, actor.session_id, tuple(sorted(wanted.items())))
        now = self.now()
        with self._lock:
            if self._told.get(key, 0.0) > now:
                return
        self.trail.record(Record(action, actor, detail={"filter": dict(wanted)}))
        with self._lock:
            if len(self._told) >= _MAX_TOLD:
                self._told.clear()
            self._told[key] = now + _TOLD_FOR_S


def scope_of(actor: Actor) -> Scope:
    """Whose entries the actor may see: all of the node for an auditor who administers it, else those of the
    actor's organisation, its people and its slides."""
    is_of_node = "access.administer_node" in actor.permissions and "auditor" in actor.roles
    return Scope(None if is_of_node else actor.organisation_id)


def _indexed(index: int, entry: Entry) -> Indexed:
    who = entry.who
    opening = entry.detail.get("opening")
    return Indexed(
        index,
        entry.moment,
        entry.action[:80],
        entry.outcome.value,
        who.person[:40] if who else None,
        who.session[:60] if who else None,
        who.organisation[:40] if who else None,
        entry.organisation[:40] if entry.organisation else None,
        entry.target[:_MOST_TARGET],
        entry.purpose,
        opening[:40] if isinstance(opening, str) else None,
        entry.subject[:40] if entry.subject else None,
    )
