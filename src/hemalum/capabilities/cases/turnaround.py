"""How long cases take: from one event to the next, against their targets, and how old those are that wait.

A case is counted in the period in which it first became final. Of each milestone its first time counts:
what further work or an amendment added later is in the time to final, or in none.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

import sqlalchemy as sa

from hemalum.capabilities.cases import policy
from hemalum.capabilities.cases.ledger import Ledger
from hemalum.capabilities.cases.model import CaseId, CaseStatus, Priority, Stage, Subspecialty
from hemalum.capabilities.cases.tables import case_table, event_table
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import reading

MOST_DAYS = 400
MOST_SLOWEST = 50
_Z = 1.959963984540054
"""Of a two-sided interval of 95 %."""
EDGES_H = (4.0, 8.0, 24.0, 48.0, 72.0, 120.0, 168.0, 336.0)
"""Between the bars of the histogram of total times, in hours."""
AGES_D = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Between the bars of the backlog, in days."""


class Span(StrEnum):
    """From one milestone to the next, and the whole."""

    ACCESSIONING = "accessioning"
    """Received to accessioned."""
    GROSSING = "grossing"
    """Accessioned to grossed."""
    BENCH = "bench"
    """Grossed to ready to read."""
    WAITING = "waiting"
    """Ready to assigned."""
    READING = "reading"
    """Assigned to final."""
    TOTAL = "total"
    """Received to final."""


class GroupBy(StrEnum):
    """What cases are told apart by."""

    NOTHING = "nothing"
    SUBSPECIALTY = "subspecialty"
    PRIORITY = "priority"
    SITE = "site"
    WEEK = "week"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Turn:
    """A case that became final, with when it reached what. None for what nobody told of."""

    case_id: CaseId
    number: str
    subspecialty: Subspecialty
    priority: Priority
    reader: str | None
    due_at: datetime
    received_at: datetime
    accessioned_at: datetime | None
    grossed_at: datetime | None
    ready_at: datetime | None
    assigned_at: datetime | None
    final_at: datetime

    @property
    def is_within(self) -> bool:
        """Whether it was done by its target."""
        return self.final_at <= self.due_at

    def hours(self, step: Span) -> float | None:
        """How long a step took; None where an end of it is not known."""
        begin, end = self._ends(step)
        if begin is None or end is None:
            return None
        # Clocks and people tell of things out of order; nothing takes less than no time.
        return max(0.0, (end - begin) / timedelta(hours=1))

    def _ends(self, step: Span) -> tuple[datetime | None, datetime | None]:
        return {
            Span.ACCESSIONING: (self.received_at, self.accessioned_at),
            Span.GROSSING: (self.accessioned_at, self.grossed_at),
            Span.BENCH: (self.grossed_at, self.ready_at),
            Span.WAITING: (self.ready_at, self.assigned_at),
            Span.READING: (self.assigned_at, self.final_at),
            Span.TOTAL: (self.received_at, self.final_at),
        }[step]


@dataclass(frozen=True, slots=True)
class Taken:
    """How long a step took in a group of cases."""

    count: int
    median_h: float
    p90_h: float


@dataclass(frozen=True, slots=True)
class Group:
    """Cases that were told apart from others."""

    name: str
    count: int
    within: int
    low: float
    high: float
    """The 95 % interval of the share within target."""
    steps: dict[Span, Taken]


@dataclass(frozen=True, slots=True)
class Backlog:
    """Cases that are open now, by age: how many in each bar, and how many of them are late."""

    counts: tuple[int, ...]
    late: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TurnaroundQuery:
    """Which cases: those that became final from `begin` on and before `end`."""

    begin: datetime
    end: datetime
    by: GroupBy = GroupBy.NOTHING
    subspecialty: Subspecialty | None = None
    priority: Priority | None = None


@dataclass(frozen=True, slots=True)
class TurnaroundReport:
    """How long cases took."""

    whole: Group
    groups: tuple[Group, ...]
    histogram: tuple[int, ...]
    """Cases by their total time: up to each of EDGES_H, and beyond the last."""
    slowest: tuple[Turn, ...]
    backlog: Backlog


@dataclass(frozen=True)
class Turnaround:
    """Times of the cases of a node."""

    ledger: Ledger

    def report(self, actor: Actor, query: TurnaroundQuery) -> TurnaroundReport:
        """How long the cases of the actor's organisation took.

        Raises:
            NotPermitted: the actor may not; what people took is told for quality only.
            Invalid: the period is empty or too long.
        """
        turns, asking = self._turns(actor, query)
        groups: dict[str, list[Turn]] = {}
        if query.by is not GroupBy.NOTHING:
            name = _namer(query.by, self.ledger.zone)
            for turn in turns:
                groups.setdefault(name(turn), []).append(turn)
        histogram = [0] * (len(EDGES_H) + 1)
        for turn in turns:
            histogram[bisect_right(EDGES_H, turn.hours(Span.TOTAL) or 0.0)] += 1
        slowest = sorted(turns, key=lambda turn: (turn.received_at - turn.final_at, turn.number))
        return TurnaroundReport(
            _group("", turns),
            tuple(_group(name, groups[name]) for name in sorted(groups)),
            tuple(histogram),
            tuple(slowest[:MOST_SLOWEST]),
            self._backlog(asking, query),
        )

    def list_turns(self, actor: Actor, query: TurnaroundQuery) -> list[Turn]:
        """The cases themselves, in the order in which they became final. Raises as `report` does."""
        return self._turns(actor, query)[0]

    def _turns(self, actor: Actor, query: TurnaroundQuery) -> tuple[list[Turn], Actor]:
        asking = self.ledger.ask(actor, policy.VIEW_TURNAROUND)
        if query.by is GroupBy.READER:
            self.ledger.ask(asking, policy.VIEW_TURNAROUND_OF_PEOPLE)
        if query.begin.tzinfo is None or query.end.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if not timedelta() < query.end - query.begin <= timedelta(days=MOST_DAYS):
            raise Invalid("A period is of 1 to {most} days.", most=MOST_DAYS)
        of_people = self.ledger.may(asking, policy.VIEW_TURNAROUND_OF_PEOPLE)
        with reading(self.ledger.database) as connection:
            return _read(connection, asking.organisation_id, query, with_readers=of_people), asking

    def _backlog(self, actor: Actor, query: TurnaroundQuery) -> Backlog:
        case, now = case_table.c, self.ledger.clock()
        has_come = case.status != CaseStatus.REGISTERED.value
        wanted = [case.organisation_id == actor.organisation_id, case.is_open, has_come, *_narrowed(query)]
        counts, late = [0] * (len(AGES_D) + 1), [0] * (len(AGES_D) + 1)
        with reading(self.ledger.database) as connection:
            for received_at, due_at in connection.execute(
                sa.select(case.received_at, case.due_at).where(*wanted)
            ):
                bar = bisect_right(AGES_D, (now - received_at) / timedelta(days=1))
                counts[bar] += 1
                late[bar] += due_at < now
        return Backlog(tuple(counts), tuple(late))


def _read(
    connection: sa.Connection, organisation_id: str, query: TurnaroundQuery, *, with_readers: bool
) -> list[Turn]:
    """Cases that first became final in the period, with the first time of each milestone, in one query."""
    case, event = case_table.c, event_table.c

    def first(action: str, after: str | None, at: sa.Column[datetime]) -> sa.ColumnElement[datetime]:
        is_it = event.action == action
        if after is not None:
            is_it &= event.after == after
        return sa.func.min(sa.case((is_it, at)))

    became_final = (
        sa.select(event.case_id)
        .where(
            event.organisation_id == organisation_id,
            event.action == "move_case",
            event.after == CaseStatus.FINAL.value,
            event.occurred_at >= query.begin,
            event.occurred_at < query.end,
        )
        .distinct()
    )
    final_at = first("move_case", CaseStatus.FINAL.value, event.occurred_at)
    rows = connection.execute(
        sa.select(
            case.id,
            case.number,
            case.subspecialty,
            case.priority,
            case.assignee_name,
            case.due_at,
            case.received_at,
            first("accession", None, event.at).label("begun_at"),
            first("move_case", CaseStatus.ACCESSIONED.value, event.occurred_at).label("accessioned_at"),
            first("move_material", Stage.GROSSED.value, event.occurred_at).label("grossed_at"),
            first("move_case", CaseStatus.READY.value, event.occurred_at).label("ready_at"),
            first("move_case", CaseStatus.ASSIGNED.value, event.occurred_at).label("assigned_at"),
            final_at.label("final_at"),
        )
        .select_from(case_table.join(event_table, event.case_id == case.id))
        .where(case.organisation_id == organisation_id, case.id.in_(became_final), *_narrowed(query))
        .group_by(case.id)
        .having(final_at >= query.begin)
        .order_by(final_at, case.number)
    )
    return [
        Turn(
            CaseId(row.id),
            row.number,
            Subspecialty(row.subspecialty),
            Priority(row.priority),
            row.assignee_name if with_readers else None,
            row.due_at,
            row.received_at,
            # An order that was expected at first is accessioned when its tissue comes.
            row.accessioned_at or row.begun_at,
            row.grossed_at,
            row.ready_at,
            row.assigned_at,
            row.final_at,
        )
        for row in rows
    ]


def _narrowed(query: TurnaroundQuery) -> list[sa.ColumnElement[bool]]:
    case = case_table.c
    wanted: list[sa.ColumnElement[bool]] = []
    if query.subspecialty is not None:
        wanted.append(case.subspecialty == query.subspecialty.value)
    if query.priority is not None:
        wanted.append(case.priority == query.priority.value)
    return wanted


def _namer(by: GroupBy, zone: tzinfo) -> Callable[[Turn], str]:
    def week(turn: Turn) -> str:
        year, number, _ = turn.final_at.astimezone(zone).isocalendar()
        return f"{year}-W{number:02}"

    names: dict[GroupBy, Callable[[Turn], str]] = {
        GroupBy.SUBSPECIALTY: lambda turn: turn.subspecialty.value,
        GroupBy.PRIORITY: lambda turn: turn.priority.value,
        GroupBy.SITE: lambda turn: turn.number.partition("-")[0],
        GroupBy.WEEK: week,
        GroupBy.READER: lambda turn: turn.reader or "-",
    }
    return names[by]


def _group(name: str, turns: Sequence[Turn]) -> Group:
    within = sum(turn.is_within for turn in turns)
    low, high = wilson(within, len(turns))
    steps = {}
    for step in Span:
        hours = sorted(taken for turn in turns if (taken := turn.hours(step)) is not None)
        if hours:
            steps[step] = Taken(len(hours), percentile(hours, 0.5), percentile(hours, 0.9))
    return Group(name, len(turns), within, low, high, steps)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, J Am Stat Assoc 1927;22:209); the whole range for none."""
    if trials == 0:
        return 0.0, 1.0
    share, square = successes / trials, _Z * _Z
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = (
        _Z / (1 + square / trials) * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    )
    return max(0.0, centre - half), min(1.0, centre + half)


def percentile(ordered: Sequence[float], share: float) -> float:
    """A quantile of sorted values, linear between two of them (type 7 of Hyndman and Fan, Am Stat 1996)."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
