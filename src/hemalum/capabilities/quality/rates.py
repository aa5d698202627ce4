"""How often two readings differ: shares with intervals, and whether a month is worse than chance allows."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import batched

import sqlalchemy as sa

from hemalum.capabilities.cases.service import Cases, wilson
from hemalum.capabilities.quality import store
from hemalum.capabilities.quality.model import (
    COMPLETED,
    MANAGE,
    VIEW,
    ChartPoint,
    Gravity,
    Rate,
    RateBy,
    ReaderKind,
    Reread,
    RereadId,
)
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.kernel.ids import PersonId
from hemalum.runtime.db import reading

MOST_DAYS = 1_830
FALSE_ALARM = 0.00135
"""The chance of a point beyond three sigma on one side of a normal distribution (Shewhart 1931)."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class RateQuery:
    """Of which time, and by what."""

    begin: datetime
    end: datetime
    by: RateBy = RateBy.NOTHING


@dataclass(frozen=True, slots=True)
class RateReport:
    """Rates of a time."""

    whole: Rate
    groups: tuple[Rate, ...]
    chart: tuple[ChartPoint, ...]


@dataclass(frozen=True)
class Rates:
    """Rates of the rereads that were completed."""

    cases: Cases

    def report(self, actor: Actor, query: RateQuery) -> RateReport:
        """How often second readings differed from the first, by when the first was signed.

        Raises:
            NotPermitted: the actor may not; who signed is told to those who manage quality alone.
            Invalid: the period is empty or too long.
        """
        rereads, names, _ = self._found(actor, query)
        groups: dict[str, list[Reread]] = {}
        for one in rereads:
            for name in names(one):
                groups.setdefault(name, []).append(one)
        rates = tuple(rate_of(name, groups[name]) for name in sorted(groups))
        by_month: dict[str, list[Reread]] = {}
        for one in rereads:
            by_month.setdefault(self._month(one), []).append(one)
        months = [
            (name, len(each), sum(one.gravity is Gravity.MAJOR for one in each))
            for name, each in sorted(by_month.items())
        ]
        is_whole = query.by is RateBy.NOTHING
        return RateReport(rate_of("", rereads), () if is_whole else rates, chart_of(months))

    def list_completed(self, actor: Actor, query: RateQuery) -> tuple[list[Reread], bool]:
        """The rereads themselves, and whether the actor may know who signed. Raises as `report` does."""
        rereads, _, of_people = self._found(actor, query)
        return rereads, of_people

    def _found(
        self, actor: Actor, query: RateQuery
    ) -> tuple[list[Reread], Callable[[Reread], Sequence[str]], bool]:
        asking = self.cases.ledger.ask(actor, VIEW)
        if query.by is RateBy.READER:
            self.cases.ledger.ask(asking, MANAGE)
        if query.begin.tzinfo is None or query.end.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if not timedelta() < query.end - query.begin <= timedelta(days=MOST_DAYS):
            raise Invalid("A period is of 1 to {most} days.", most=MOST_DAYS)
        with reading(self.cases.ledger.database) as connection:
            found = store.list_rereads(
                connection, asking.organisation_id, COMPLETED, begin=query.begin, end=query.end
            )
            models = self._models_of(connection, found) if query.by is RateBy.MODEL else {}
            organs = self._organs_of(connection, found) if query.by is RateBy.ORGAN else {}
        readers = self._names_of_readers(found) if query.by is RateBy.READER else {}
        names: dict[RateBy, Callable[[Reread], Sequence[str]]] = {
            RateBy.NOTHING: lambda _: (),
            RateBy.SITE: lambda one: (one.signed.site,),
            RateBy.READER: lambda one: (readers[one.signed.signer_id],),
            RateBy.TEMPLATE: lambda one: (one.signed.template_id or "-",),
            RateBy.FIELD: lambda one: (one.signed.field.value,),
            RateBy.ORGAN: lambda one: organs.get(one.signed.case_id, ("-",)),
            RateBy.MODEL: lambda one: models.get(one.id, ()),
            RateBy.MONTH: lambda one: (self._month(one),),
        }
        return found, names[query.by], self.cases.ledger.may(asking, MANAGE)

    def _models_of(
        self, connection: sa.Connection, rereads: Sequence[Reread]
    ) -> Mapping[RereadId, Sequence[str]]:
        models: dict[RereadId, list[str]] = {}
        for some in batched(rereads, _AT_ONCE):
            for one, _ in store.list_readings(connection, [each.id for each in some]):
                if one.kind is ReaderKind.MODEL:
                    models.setdefault(one.reread_id, []).append(f"{one.name} {one.version}")
        return models

    def _organs_of(self, connection: sa.Connection, rereads: Sequence[Reread]) -> Mapping[str, Sequence[str]]:
        organs: dict[str, list[str]] = {}
        for some in batched(rereads, _AT_ONCE):
            cases = [each.signed.case_id for each in some]
            organs |= self.cases.reporting.organs_of(connection, cases)
        return organs

    def _names_of_readers(self, rereads: Sequence[Reread]) -> Mapping[PersonId, str]:
        """What each signer was called last; those who are called the same have their account behind it."""
        signers = {one.signed.signer_id: one.signed for one in sorted(rereads, key=_signed_at)}
        alike = Counter(one.signer_name for one in signers.values())
        if max(alike.values(), default=0) < 2:
            return {person_id: one.signer_name for person_id, one in signers.items()}
        everybody = self.cases.access.people.list_everybody()
        accounts = {entry.person.id: entry.person.name for _, people in everybody for entry in people}
        return {
            person_id: one.signer_name
            if alike[one.signer_name] < 2
            else f"{one.signer_name} ({accounts.get(person_id, person_id)})"
            for person_id, one in signers.items()
        }

    def _month(self, one: Reread) -> str:
        return one.signed.signed_at.astimezone(self.cases.ledger.zone).strftime("%Y-%m")


def _signed_at(one: Reread) -> datetime:
    return one.signed.signed_at


def rate_of(name: str, rereads: Sequence[Reread]) -> Rate:
    """The shares of a group that differ, and that differ gravely."""
    count = len(rereads)
    differing = sum(one.gravity not in (None, Gravity.NONE) for one in rereads)
    major = sum(one.gravity is Gravity.MAJOR for one in rereads)
    return Rate(name, count, differing, major, *wilson(differing, count), *wilson(major, count))


def chart_of(months: Sequence[tuple[str, int, int]]) -> tuple[ChartPoint, ...]:
    """The p-chart of months, each with how many were read again and how many differed gravely.

    Each month is judged by all months before it. Its limit is exact and not three sigma of a normal
    distribution, which calls a single case of a small month an alarm.
    """
    points, count_before, major_before = [], 0, 0
    for month, count, major in months:
        # Half an event more than seen, so that one event after none is not an alarm by itself.
        centre = (major_before + 0.5) / (count_before + 1) if count_before else 0.0
        limit = alarm_limit(count, centre) if count_before else None
        is_alarm = limit is not None and major >= limit
        points.append(ChartPoint(month, count, major, centre, limit, is_alarm))
        count_before, major_before = count_before + count, major_before + major
    return tuple(points)


def alarm_limit(count: int, share: float) -> int:
    """The fewest events among so many that chance alone gives less often than `FALSE_ALARM`; one more than
    there are where there is no such number."""
    tail = 0.0
    for events in range(count, -1, -1):
        tail += _chance(count, events, share)
        if tail >= FALSE_ALARM:
            return events + 1
    return 0


def _chance(count: int, events: int, share: float) -> float:
    """Of exactly so many events, binomial."""
    ways = math.lgamma(count + 1) - math.lgamma(events + 1) - math.lgamma(count - events + 1)
    return math.exp(ways + events * math.log(share) + (count - events) * math.log1p(-share))
