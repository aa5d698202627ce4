"""Where is it: now, and at every moment before; what waits where; what nobody has seen for long."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case, Kind, Material, Stage
from hemalum.capabilities.custody import chain, keeping_store, policy, store
from hemalum.capabilities.custody.book import Book
from hemalum.capabilities.custody.model import (
    Container,
    CustodyEvent,
    Loan,
    Located,
    Place,
    Standing,
    Step,
    Subject,
    Verified,
    awaited,
    path_of,
    takes_smears,
)
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import reading

_MOST_WAITING = 200
_MOST_ON_BENCH = 5_000
_MOST_GAPS = 500
_MOST_SCANS = 50
LONGEST_HOURS = 24 * 365
_WHOLE_EVERY = timedelta(days=1)
"""How long links that were found whole are not looked at again when a person asks."""
_AFTER_READING = frozenset({Step.FILE})
"""Steps that come when the case is closed, too."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where something is and all that happened to it."""

    subject: Subject
    stage: Stage | None
    """None for a container."""
    number: str
    """Of the case; empty for a container."""
    standing: Standing | None
    """None where it was never scanned."""
    path: tuple[Place, ...]
    names: dict[str, str]
    """Of containers, by code."""
    loan: Loan | None
    events: tuple[CustodyEvent, ...]
    """Oldest first."""
    verified: Verified


@dataclass(frozen=True, slots=True)
class Waiting:
    """A piece that should come to a point, or that nobody has seen for long."""

    case: Case
    material: Material
    standing: Standing | None
    next_step: Step | None


@dataclass(frozen=True)
class Tracing:
    """Looks at the chain; changes nothing."""

    book: Book
    seen: dict[str, chain.Seen] = field(default_factory=dict)
    """By organisation, how far its chain was found whole."""

    def find(self, actor: Actor, code: str) -> Whereabouts:
        """Where the thing with this code is.

        Raises:
            NotPermitted: the actor may not see where pieces are.
            NotOurs, CopiedWrongly, UnknownCode: there is no such thing in the actor's organisation.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            found = self.book.look_up(connection, asking, code)
            place = asking.organisation_id
            subject = found.subject
            containers = store.list_containers(connection, place)
            standings = store.standings_of(connection, place, [subject.code, *(c.code for c in containers)])
            loan = (
                keeping_store.find_open_loan(connection, place, subject.material_id)
                if subject.material_id is not None
                else None
            )
            return Whereabouts(
                subject,
                None if isinstance(found, Container) else found.material.stage,
                "" if isinstance(found, Container) else found.case.number,
                standings.get(subject.code),
                path_of(standings, subject.code),
                {each.code: each.name for each in containers},
                loan,
                tuple(store.list_of(connection, place, subject.code)),
                chain.verify_subject(connection, place, subject.code),
            )

    def locate_for_node(self, connection: sa.Connection, organisation_id: str, identifier: str) -> Located:
        """Where a piece is, for what the node does by itself. Whom it was lent to is not told."""
        found = {one.code: one for one in store.list_containers(connection, organisation_id)}
        standings = store.standings_of(connection, organisation_id, [identifier, *found])
        path = path_of(standings, identifier)
        around = tuple(found[one.container] for one in reversed(path) if one.container in found)
        return Located(
            around,
            path[-1].slot if path else None,
            path[0].point_id if path else "",
            path[0].point if path else "",
        )

    def list_scans(self, actor: Actor, point_id: str) -> list[tuple[CustodyEvent, bool]]:
        """What happened at a point, the newest first, and of each whether it turned out to be a mistake.

        Raises:
            NotFound: there is no such point.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            point = store.get_point(connection, asking.organisation_id, point_id)
            events = store.list_at_point(connection, asking.organisation_id, point.id, _MOST_SCANS)
            numbers = [each.number for each in events]
            mistaken = store.corrected_among(connection, asking.organisation_id, numbers)
        return [(each, each.number in mistaken) for each in events]

    def list_waiting(self, actor: Actor, point_id: str) -> list[Waiting]:
        """The pieces that should come to a point next, the most pressing first.

        Raises:
            NotFound: there is no such point.
        """
        asking = policy.ask_to_view(self.book.cases, actor)
        with reading(self.book.database) as connection:
            point = store.get_point(connection, asking.organisation_id, point_id)
            wanted = awaited(point.step, self._steps(connection, asking))
            return self._waiting(
                connection,
                asking,
                wanted,
                with_closed=point.step in _AFTER_READING,
                limit=_MOST_WAITING,
                next_of=lambda _: point.step,
                smears=takes_smears(point.step),
            )

    def list_gaps(self, actor: Actor, hours: float) -> list[Waiting]:
        """Pieces of open cases on the bench that nobody scanned for so many hours, with the step where they
        are expected; the most pressing first.

        Raises:
            Invalid: that is no number of hours.
        """
        if not 0 < hours <= LONGEST_HOURS:
            raise Invalid("A number of hours is between 0 and {most}.", most=LONGEST_HOURS)
        asking = policy.ask_to_view(self.book.cases, actor)
        before = self.book.now() - timedelta(hours=hours)
        with reading(self.book.database) as connection:
            steps = self._steps(connection, asking)
            by_step = {step: awaited(step, steps) for step in Step if step in steps}
            wanted: dict[Kind, set[Stage]] = {}
            for stages in by_step.values():
                for kind, some in stages.items():
                    wanted.setdefault(kind, set()).update(some)

            def next_of(piece: Material) -> Step | None:
                return next(
                    (
                        step
                        for step, stages in by_step.items()
                        if piece.stage in stages.get(piece.kind, ()) and _may_come(step, piece)
                    ),
                    None,
                )

            found = self._waiting(
                connection, asking, wanted, with_closed=False, limit=_MOST_ON_BENCH, next_of=next_of
            )
        gaps = (each for each in found if each.next_step is not None and _last_seen(each) < before)
        return list(islice(gaps, _MOST_GAPS))

    def verify(self, actor: Actor) -> Verified:
        """Look at the chain of the actor's organisation: at every link once a day, otherwise at those that
        came since it was found whole. Every time, the operator of the machine does.

        Raises:
            NotPermitted: the actor may not see where pieces are.
        """
        place = policy.ask_to_view(self.book.cases, actor).organisation_id
        now, seen = self.book.now(), self.seen.get(place)
        only_on = seen is not None and now - seen.whole_at < _WHOLE_EVERY
        whole_at = seen.whole_at if seen is not None and only_on else now
        with reading(self.book.database) as connection:
            found = chain.verify(connection, place, seen=seen, only_on=only_on)
            last = store.find_event(connection, place, found.events)
        if found.is_whole and last is not None:
            self.seen[place] = chain.Seen(last.number, last.hash, last.previous_hash, whole_at)
        return replace(found, whole_at=whole_at)

    def verify_for_operator(self, organisation_id: str, told: chain.Told | None = None) -> Verified:
        """The same for the operator of the machine, beside what the log tells."""
        with reading(self.book.database) as connection:
            return chain.verify(connection, organisation_id, told)

    def _steps(self, connection: sa.Connection, actor: Actor) -> frozenset[Step]:
        points = store.list_points(connection, actor.organisation_id)
        return frozenset(each.step for each in points if each.is_active)

    def _waiting(
        self,
        connection: sa.Connection,
        actor: Actor,
        wanted: Mapping[Kind, Collection[Stage]],
        *,
        with_closed: bool,
        limit: int,
        next_of: Callable[[Material], Step | None],
        smears: bool | None = None,
    ) -> list[Waiting]:
        bench, place = self.book.cases.bench, actor.organisation_id
        found = bench.list_at(connection, place, wanted, with_closed=with_closed, limit=limit, smears=smears)
        standings = store.standings_of(connection, place, [piece.identifier for _, piece in found])
        return [
            Waiting(case, piece, standings.get(piece.identifier), next_of(piece)) for case, piece in found
        ]


def _may_come(step: Step, piece: Material) -> bool:
    """Whether such a piece, of one block or straight from a part, comes to a step at all."""
    is_smear = identifiers.parse(piece.identifier).block == identifiers.NO_BLOCK
    return piece.kind is not Kind.SLIDE or takes_smears(step) in (None, is_smear)


def _last_seen(waiting: Waiting) -> datetime:
    return waiting.case.received_at if waiting.standing is None else waiting.standing.seen_at
