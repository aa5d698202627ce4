"""What is unusual in the log, by rules that anybody can follow: every flag carries the numbers that made it.

All of them look at what one person did on one day of the node's time zone.

volume     Openings >= 30 and > median + k * MAD of the person's days with openings among the 28 days before,
           of which there are at least 7. With fewer days to compare with: openings >= 100.
off_hours  5 or more openings outside the working hours of the organisation.
unrelated  3 or more openings of slides of another organisation, none of whose slides the person opened in the
           28 days before.
glass      Each slide opened by breaking the glass.
refusals   5 or more refusals in a row.
exports    10 or more exports within an hour.

MAD is the median of the distances from the median, and k = 3.5 / 0.6745: a modified z-score above 3.5
(Iglewicz and Hoaglin, How to Detect and Handle Outliers, ASQC, 1993, section 3.3). A MAD below 1 counts as 1,
so that one slide more than on other days is nothing.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from itertools import groupby
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from hemalum.capabilities.audit import store
from hemalum.capabilities.audit.model import (
    EXPORTED,
    GLASS_BROKEN,
    OPENED,
    Finding,
    FlagKind,
    Indexed,
    WorkingHours,
    parse_working_hours,
)
from hemalum.kernel.audit import Outcome
from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import reading
from hemalum.runtime.settings import Settings

LOOKED_BACK = timedelta(days=28)
MODIFIED_Z = 3.5
LEAST_DAYS = 7
LEAST_MAD = 1.0
VOLUME_FROM = 30
VOLUME_WITHOUT_HISTORY = 100
OFF_HOURS_FROM = 5
UNRELATED_FROM = 3
REFUSALS_FROM = 5
EXPORTS_FROM = 10
EXPORTS_WITHIN = timedelta(hours=1)

_MAD_TO_DEVIATION = 0.6745
"""Of a normal distribution."""
_ALL_DAY = WorkingHours(frozenset(range(7)), clock_time.min, clock_time.max)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and working hours of the organisations of a node."""

    zone: ZoneInfo
    hours: Mapping[str, WorkingHours]
    """By organisation; those of `default` hold for all others."""

    def local(self, moment: datetime) -> datetime:
        """A moment by the clock on the wall."""
        return moment.astimezone(self.zone)

    def day_of(self, moment: datetime) -> date:
        return self.local(moment).date()

    def span(self, day: date) -> tuple[datetime, datetime]:
        """When a day begins, and the next one."""
        begin = datetime.combine(day, clock_time.min, self.zone)
        return begin, datetime.combine(day + timedelta(days=1), clock_time.min, self.zone)

    def is_off_hours(self, moment: datetime, organisation: str | None) -> bool:
        """Whether an organisation usually rests then."""
        hours = self.hours.get(organisation or "", self.hours.get("default", _ALL_DAY))
        return self.local(moment) not in hours


def calendar_of(settings: Settings) -> Calendar:
    """The calendar that settings state.

    Raises:
        Invalid: the time zone is unknown, or working hours cannot be meant.
    """
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid("There is no time zone called {name}.", name=settings.time_zone) from error
    return Calendar(zone, {name: parse_working_hours(text) for name, text in settings.working_hours.items()})


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, and how many entries have been looked at."""

    findings: list[Finding]
    judged: int


def judge(database: sa.Engine, calendar: Calendar) -> Judged | None:
    """Look at the days to which entries were added since the last time; None when there are none.

    Reads each of these days once, person by person, and 28 days of openings of those who come into question.
    """
    with reading(database) as connection:
        indexed, judged = store.progress(connection)
        if judged == indexed:
            return None
        findings: list[Finding] = []
        end = datetime.min.replace(tzinfo=UTC)
        while (moment := store.earliest(connection, end, judged, indexed)) is not None:
            day = calendar.day_of(moment)
            begin, end = calendar.span(day)
            for _, of_person in groupby(
                store.stream_people(connection, begin, end, indexed), key=lambda row: row.person
            ):
                findings += _Day(connection, calendar, day, _sorted_out(of_person)).findings()
    return Judged(findings, indexed)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The entries of one person and day that rules look at."""

    opened: list[Indexed] = field(default_factory=list)
    exported: list[Indexed] = field(default_factory=list)
    broken: list[Indexed] = field(default_factory=list)
    refused: list[Indexed] = field(default_factory=list)
    """The longest row of refusals."""


def _sorted_out(rows: Iterator[Indexed]) -> _Kept:
    kept = _Kept()
    in_a_row: list[Indexed] = []
    for row in rows:
        if row.outcome == Outcome.REFUSED:
            in_a_row.append(row)
            continue
        if len(in_a_row) > len(kept.refused):
            kept.refused[:] = in_a_row
        in_a_row = []
        if row.outcome == Outcome.DONE:
            of_kind = {OPENED: kept.opened, EXPORTED: kept.exported, GLASS_BROKEN: kept.broken}
            of_kind.get(row.action, []).append(row)
    if len(in_a_row) > len(kept.refused):
        kept.refused[:] = in_a_row
    return kept


@dataclass(frozen=True, slots=True)
class _Day:
    """One person on one day."""

    connection: sa.Connection
    calendar: Calendar
    day: date
    kept: _Kept

    def findings(self) -> Iterator[Finding]:
        """What each rule finds."""
        yield from self._volume()
        yield from self._off_hours()
        yield from self._unrelated()
        for broken in self.kept.broken:
            yield self._finding(FlagKind.GLASS, [broken], {}, broken.target)
        if len(self.kept.refused) >= REFUSALS_FROM:
            targets = len({row.target for row in self.kept.refused})
            yield self._finding(FlagKind.REFUSALS, self.kept.refused, {"targets": targets})
        yield from self._exports()

    def _volume(self) -> Iterator[Finding]:
        count = len(self.kept.opened)
        if count < VOLUME_FROM:
            return
        per_day = self._openings_per_day()
        if len(per_day) < LEAST_DAYS:
            if count >= VOLUME_WITHOUT_HISTORY:
                without = {"days": len(per_day), "threshold": VOLUME_WITHOUT_HISTORY}
                yield self._finding(FlagKind.VOLUME, self.kept.opened, without)
            return
        middle, mad, threshold = robust_threshold(per_day)
        if count > threshold:
            numbers = {"days": len(per_day), "median": middle, "mad": mad, "threshold": round(threshold, 1)}
            yield self._finding(FlagKind.VOLUME, self.kept.opened, numbers)

    def _off_hours(self) -> Iterator[Finding]:
        late = [row for row in self.kept.opened if self.calendar.is_off_hours(row.at, row.actor_organisation)]
        if len(late) >= OFF_HOURS_FROM:
            begin, end = (f"{self.calendar.local(row.at):%H:%M}" for row in (late[0], late[-1]))
            yield self._finding(FlagKind.OFF_HOURS, late, {"from": begin, "to": end})

    def _unrelated(self) -> Iterator[Finding]:
        foreign = [row for row in self.kept.opened if row.owner_organisation != row.actor_organisation]
        if len(foreign) < UNRELATED_FROM:
            return
        usual = store.owners_of_opened(self.connection, *self._before())
        for owner in sorted({row.owner_organisation for row in foreign if row.owner_organisation} - usual):
            theirs = [row for row in foreign if row.owner_organisation == owner]
            if len(theirs) >= UNRELATED_FROM:
                yield self._finding(FlagKind.UNRELATED, theirs, {"organisation": owner}, owner)

    def _exports(self) -> Iterator[Finding]:
        densest = most_within([row.at for row in self.kept.exported], EXPORTS_WITHIN)
        if len(densest) >= EXPORTS_FROM:
            rows = self.kept.exported[densest.start : densest.stop]
            yield self._finding(FlagKind.EXPORTS, rows, {"minutes": EXPORTS_WITHIN.seconds // 60})

    def _openings_per_day(self) -> list[int]:
        days = Counter(map(self.calendar.day_of, store.opening_times(self.connection, *self._before())))
        return list(days.values())

    def _before(self) -> tuple[str, datetime, datetime]:
        """The person, and the time that a day is compared with."""
        begin, _ = self.calendar.span(self.day)
        person = self.kept.opened[0].person
        assert person is not None
        return person, begin - LOOKED_BACK, begin

    def _finding(
        self, kind: FlagKind, rows: Sequence[Indexed], numbers: Mapping[str, Any], about: str = ""
    ) -> Finding:
        first, last = rows[0], rows[-1]
        assert first.person is not None
        owners = {row.owner_organisation for row in rows}
        return Finding(
            kind,
            first.person,
            self.day.isoformat(),
            about,
            first.actor_organisation or "",
            owners.pop() if len(owners) == 1 else None,
            first.index,
            last.index,
            first.at,
            last.at,
            len(rows),
            numbers,
        )


def robust_threshold(counts: Sequence[int]) -> tuple[float, float, float]:
    """Median and MAD of counts, and above which count the modified z-score exceeds 3.5."""
    middle = float(median(counts))
    mad = float(median(abs(count - middle) for count in counts))
    return middle, mad, middle + MODIFIED_Z / _MAD_TO_DEVIATION * max(mad, LEAST_MAD)


def most_within(moments: Sequence[datetime], span: timedelta) -> range:
    """Which of these moments, in order, are the most that lie within a span."""
    most, begin = range(0), 0
    for end, moment in enumerate(moments, 1):
        while moment - moments[begin] > span:
            begin += 1
        if end - begin > len(most):
            most = range(begin, end)
    return most
