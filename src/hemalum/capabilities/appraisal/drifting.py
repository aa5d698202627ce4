"""Whether scanners and stains are what they were: medians by week, and a control chart of medians by day.

The chart is an exponentially weighted moving average (S. W. Roberts, Technometrics 1(3), 1959; NIST/SEMATECH
e-Handbook of Statistical Methods 6.3.2.4), as in `hemalum.analysis.stain.drift`. It is of days and not of
scans: slides that are stained and scanned one after the other are alike, so limits from single scans of a few
days would be too narrow. Medians leave out the odd slide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from statistics import median, stdev
from zoneinfo import ZoneInfo

from hemalum.analysis.stain import drift
from hemalum.capabilities.appraisal import store
from hemalum.capabilities.appraisal.model import Measure, MeasuredScan
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.slides.model import ImageSummary
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid
from hemalum.runtime.db import reading

VIEW = "quality.view"
MOST_DAYS = 1_830
"""Of a period, and of the record that is looked at before its end."""
LEAST_SCANS_A_DAY = 5
"""Days with fewer do not count in a chart: their medians vary more than those of other days."""
REFERENCE_DAYS = 30
"""That count: at least so many are needed, and without a stated reference the first so many are taken."""
WIDTH = 4.5
"""Of the limits, in standard deviations of the moving average. Limits learnt from so few days are not sure,
and there are many charts: with this width one in twenty leaves its limits within 250 days without any drift,
and with the 2.962 of known limits three in five (simulated, tests/unit/appraisal/test_drifting.py)."""
MOST_LISTED = 200
_YEARS = (1990, 2999)
"""Slide scanners are no older; and times next to the ends of the calendar are in no zone."""


class LinesBy(StrEnum):
    """Which scans of one stain make a line."""

    SCANNER = "scanner"
    """Those of one maker, model and serial number."""
    MODEL = "model"
    """Those of one maker and model. Some scanners write another serial number with each scan, or none: lines
    by it have too few scans to be judged. Only a person knows that they are one scanner, or alike."""


@dataclass(frozen=True, slots=True)
class Line:
    """Scans of one stain by one scanner, each as it is stated; empty where it is not, or does not count."""

    vendor: str
    scanner_model: str
    scanner_serial: str
    stain: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Days that are said to be good, the last one included."""

    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class DriftQuery:
    """Which weeks are shown, and what they are judged by."""

    begin: datetime
    end: datetime
    reference: Reference | None = None
    lines_by: LinesBy = LinesBy.SCANNER


@dataclass(frozen=True, slots=True)
class Day:
    """A day with enough scans."""

    day: date
    scans: int
    median: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a chart judges by, and the days that it was learnt from."""

    begin: date
    end: date
    days: int
    scans: int
    centre: float
    spread: float
    """Standard deviation of medians of days."""
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Week:
    """A week of scans."""

    monday: date
    scans: int
    median: float
    average: float | None
    """The moving average at its end; None up to the end of the reference."""
    outside: int
    """Days on which the moving average was beyond a limit."""


@dataclass(frozen=True, slots=True)
class DriftAlarm:
    """A moving average that is beyond a limit now."""

    since: date
    average: float
    by: float
    """From the centre."""
    deviations: float
    """The same in standard deviations of medians of days in the reference."""


@dataclass(frozen=True, slots=True)
class MeasureDrift:
    """One measure of one line."""

    measure: Measure
    days: int
    """Of the reference, that count."""
    limits: Limits | None
    """None with too few days."""
    weeks: tuple[Week, ...]
    alarm: DriftAlarm | None


@dataclass(frozen=True, slots=True)
class LineDrift:
    """One line in a period."""

    line: Line
    scans: int
    rejected: int
    """Scans of haematoxylin and eosin whose stains could not be told."""
    laboratories: tuple[str, ...]
    measures: tuple[MeasureDrift, ...]
    """Without those that were never told."""


@dataclass(frozen=True)
class Drifting:
    """Drift of the scanners and stains of an organisation."""

    cases: Cases

    def report(self, actor: Actor, query: DriftQuery) -> list[LineDrift]:
        """Each line with scans in a period, those of most scans first.

        Raises:
            NotPermitted: the actor may not.
            Invalid: the period is empty or too long.
        """
        scans = self._list(actor, query, whole_record=True)
        lines: dict[Line, list[MeasuredScan]] = {}
        for scan in scans:
            lines.setdefault(line_of(scan, query.lines_by), []).append(scan)
        reports = [drift_of(line, its, query, self._zone) for line, its in lines.items()]
        shown = [one for one in reports if one.scans]
        return sorted(shown, key=lambda one: (-one.scans, repr(one.line)))

    def list_scans(self, actor: Actor, query: DriftQuery) -> list[MeasuredScan]:
        """The scans of a period. Raises as `report` does."""
        return self._list(actor, query, whole_record=False)

    def list_slides(
        self, actor: Actor, line: Line, monday: date, lines_by: LinesBy = LinesBy.SCANNER
    ) -> list[tuple[MeasuredScan, ImageSummary]]:
        """The newest scans of a line in a week that the actor may see, by slide.

        Raises:
            NotPermitted: the actor may not.
            Invalid: no scans are of that year.
        """
        _check_years(monday.year)
        begin, end = (
            datetime.combine(each, time(), self._zone) for each in (monday, monday + timedelta(days=7))
        )
        scans = self.list_scans(actor, DriftQuery(begin, end))
        found = [one for one in scans if line_of(one, lines_by) == line]
        newest = found[: -MOST_LISTED - 1 : -1]
        slides = self.cases.ledger.slides
        visible = slides.visible_among(actor, [one.image_id for one in newest])
        named = ((one, slides.find_summary(one.image_id)) for one in newest if one.image_id in visible)
        return [(one, summary) for one, summary in named if summary is not None]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.cases.ledger.slides.settings.time_zone)

    def _list(self, actor: Actor, query: DriftQuery, *, whole_record: bool) -> list[MeasuredScan]:
        asking = self.cases.ledger.ask(actor, VIEW)
        _check_years(query.begin.year, query.end.year)
        if query.begin.tzinfo is None or query.end.tzinfo is None:
            raise Invalid("A time needs its zone, as in 2026-11-28T09:30:00+08:00.")
        if not timedelta() < query.end - query.begin <= timedelta(days=MOST_DAYS):
            raise Invalid("A period is of 1 to {most} days.", most=MOST_DAYS)
        begin = query.end - timedelta(days=MOST_DAYS) if whole_record else query.begin
        with reading(self.cases.ledger.database) as connection:
            return store.list_measured(connection, asking.organisation_id, begin, query.end)


def _check_years(*years: int) -> None:
    first, last = _YEARS
    if not all(first <= each <= last for each in years):
        raise Invalid("Scans are of the years {first} to {last}.", first=first, last=last)


def line_of(scan: MeasuredScan, lines_by: LinesBy = LinesBy.SCANNER) -> Line:
    """What a scan is compared with."""
    made = scan.made
    serial = made.scanner_serial if lines_by is LinesBy.SCANNER else ""
    return Line(made.vendor, made.scanner_model, serial, made.stain)


def drift_of(line: Line, scans: Sequence[MeasuredScan], query: DriftQuery, zone: ZoneInfo) -> LineDrift:
    """One line with all scans of its record, in the order of time."""
    dated = [(one.made.scanned_at.astimezone(zone).date(), one) for one in scans]
    shown = [one for one in scans if one.made.scanned_at >= query.begin]
    first = query.begin.astimezone(zone).date()
    measures = []
    for measure in Measure:
        values = [(day, one.values[measure]) for day, one in dated if measure in one.values]
        if values:
            measures.append(measure_drift(measure, values, query.reference, first))
    return LineDrift(
        line,
        len(shown),
        sum(one.rejected is not None for one in shown),
        tuple(sorted({one.made.laboratory for one in shown} - {""})),
        tuple(measures),
    )


def measure_drift(
    measure: Measure, values: Sequence[tuple[date, float]], reference: Reference | None, first: date
) -> MeasureDrift:
    """One measure, from its values with their days in the order of time; weeks from a first day on."""
    days = days_of(values)
    learnt = reference_of(days, reference)
    if len(learnt) < REFERENCE_DAYS:
        return MeasureDrift(measure, len(learnt), None, _weeks(values, {}, set(), first), None)
    judged = [one for one in days if one.day > (reference.end if reference else learnt[-1].day)]
    baseline = [one.median for one in learnt]
    found = drift(baseline, [one.median for one in judged], width=WIDTH)
    limits = Limits(
        learnt[0].day,
        learnt[-1].day,
        len(learnt),
        sum(one.scans for one in learnt),
        found.centre,
        stdev(baseline),
        found.lower,
        found.upper,
    )
    averages = {one.day: average for one, average in zip(judged, found.averages, strict=True)}
    outside = {judged[place].day for place in found.outside}
    weeks = _weeks(values, averages, outside, first)
    return MeasureDrift(measure, len(learnt), limits, weeks, _alarm(averages, outside, limits))


def days_of(values: Iterable[tuple[date, float]]) -> list[Day]:
    """The days that count, from values with their days in the order of time."""
    days = []
    for day, its in groupby(values, key=lambda one: one[0]):
        told = [value for _, value in its]
        if len(told) >= LEAST_SCANS_A_DAY:
            days.append(Day(day, len(told), median(told)))
    return days


def reference_of(days: Sequence[Day], stated: Reference | None) -> Sequence[Day]:
    """The days that limits are learnt from, unless they are too few."""
    if stated is None:
        return days[:REFERENCE_DAYS]
    return [one for one in days if stated.begin <= one.day <= stated.end]


def monday_of(day: date) -> date:
    """The first day of its week (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def _weeks(
    values: Sequence[tuple[date, float]], averages: dict[date, float], outside: set[date], first: date
) -> tuple[Week, ...]:
    weeks = []
    shown = (one for one in values if one[0] >= first)
    for monday, its in groupby(shown, key=lambda one: monday_of(one[0])):
        told = [value for _, value in its]
        week = {monday + timedelta(days=each) for each in range(7)}
        of_week = sorted(week & averages.keys())
        last = averages[of_week[-1]] if of_week else None
        weeks.append(Week(monday, len(told), median(told), last, len(week & outside)))
    return tuple(weeks)


def _alarm(averages: dict[date, float], outside: set[date], limits: Limits) -> DriftAlarm | None:
    since = None
    for day in reversed(averages):
        if day not in outside:
            break
        since = day
    if since is None:
        return None
    average = list(averages.values())[-1]
    by = average - limits.centre
    return DriftAlarm(since, average, by, by / limits.spread if limits.spread else 0.0)
