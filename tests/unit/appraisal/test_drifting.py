"""Charts of scanners and stains: which days count, what is learnt from them, and what leaves its limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hemalum.analysis.stain import Rejected
from hemalum.capabilities.access.model import Role
from hemalum.capabilities.appraisal import store
from hemalum.capabilities.appraisal.drifting import (
    REFERENCE_DAYS,
    WIDTH,
    Day,
    Drifting,
    DriftQuery,
    Line,
    LinesBy,
    MeasureDrift,
    Reference,
    days_of,
    drift_of,
    measure_drift,
    monday_of,
)
from hemalum.capabilities.appraisal.model import Figures, Measure, MeasuredScan, Provenance, Stain, Staining
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid, NotPermitted
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.runtime.db import transaction
from tests.hospital import ELSEWHERE, HOME, NOON, Hospital

MONDAY = date(2026, 1, 5)
FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    """Working days in a row."""
    return MONDAY + timedelta(days=7 * (number // 5) + number % 5)


def values(medians: list[float], scans: int = 5) -> list[tuple[date, float]]:
    around = np.linspace(-0.01, 0.01, scans)
    return [(day(number), middle + each) for number, middle in enumerate(medians) for each in around]


def wobbling(count: int, centre: float = 1.0) -> list[float]:
    return [centre + 0.02 * (-1) ** number for number in range(count)]


def told(medians: list[float], reference: Reference | None = None) -> MeasureDrift:
    return measure_drift(Measure.HAEMATOXYLIN_STRENGTH, values(medians), reference, FIRST)


def test_days_with_few_scans_do_not_count() -> None:
    few = [(day(0), 1.0)] * 4 + [(day(1), each) for each in (1.0, 9.0, 2.0, 3.0, 2.5)]
    assert days_of(few) == [Day(day(1), 5, 2.5)]


def test_too_few_days_give_no_limits_and_weeks_all_the_same() -> None:
    found = told(wobbling(REFERENCE_DAYS - 1))
    assert (found.days, found.limits, found.alarm) == (REFERENCE_DAYS - 1, None, None)
    assert [one.monday for one in found.weeks] == [monday_of(day(5 * each)) for each in range(6)]
    assert found.weeks[0].scans == 25
    assert found.weeks[0].median == pytest.approx(1.015, abs=0.006)
    assert found.weeks[0].average is None


def test_the_first_days_are_the_reference_and_nothing_drifts() -> None:
    found = told(wobbling(REFERENCE_DAYS + 40))
    assert found.limits is not None
    assert (found.limits.begin, found.limits.end) == (day(0), day(REFERENCE_DAYS - 1))
    assert (found.limits.days, found.limits.scans) == (REFERENCE_DAYS, 5 * REFERENCE_DAYS)
    assert found.limits.centre == pytest.approx(1.0)
    assert found.limits.spread == pytest.approx(np.std(wobbling(REFERENCE_DAYS), ddof=1))
    reach = WIDTH * found.limits.spread * np.sqrt(0.2 / 1.8)
    assert (found.limits.lower, found.limits.upper) == pytest.approx((1 - reach, 1 + reach))
    assert found.alarm is None
    assert sum(one.outside for one in found.weeks) == 0
    assert [one.average is None for one in found.weeks] == [True] * 6 + [False] * 8


def test_a_scanner_that_shifts_is_told_with_since_when_and_by_how_much() -> None:
    shifted = wobbling(10, 1.2)
    found = told(wobbling(REFERENCE_DAYS) + wobbling(10) + shifted)
    assert found.limits is not None
    average, averages = 1.0, []
    for each in wobbling(10) + shifted:
        average = 0.2 * each + 0.8 * average
        averages.append(average)
    first = next(place for place, each in enumerate(averages) if each > found.limits.upper)
    assert found.alarm is not None
    assert found.alarm.since == day(REFERENCE_DAYS + first)
    assert found.alarm.average == pytest.approx(average)
    assert found.alarm.by == pytest.approx(average - 1)
    assert found.alarm.deviations == pytest.approx(found.alarm.by / found.limits.spread)
    assert found.weeks[-1].average == pytest.approx(average)
    assert found.weeks[-1].outside == 5


def test_a_scanner_that_came_back_has_no_alarm_and_keeps_its_past() -> None:
    found = told(wobbling(REFERENCE_DAYS) + wobbling(10, 1.2) + wobbling(40))
    assert found.alarm is None
    assert sum(one.outside for one in found.weeks) > 0


def test_a_stated_reference_judges_what_comes_after_it() -> None:
    medians = wobbling(10, 2.0) + wobbling(REFERENCE_DAYS) + wobbling(20)
    first_days = told(medians)
    assert first_days.limits is not None
    assert first_days.limits.begin == day(0)
    found = told(medians, Reference(day(10), day(10 + REFERENCE_DAYS - 1)))
    assert found.limits is not None
    assert found.limits.begin == day(10)
    assert found.alarm is None
    too_short = told(medians, Reference(day(10), day(10 + REFERENCE_DAYS - 2)))
    assert (too_short.limits, too_short.days) == (None, REFERENCE_DAYS - 1)


def test_an_alarm_is_rare_without_drift_and_soon_with_it() -> None:
    random = np.random.default_rng(4)
    trials, days = 1000, 250

    def left(width: float, shift: float) -> np.ndarray:
        baseline = random.normal(size=(trials, REFERENCE_DAYS))
        centre = baseline.mean(axis=1)
        reach = width * baseline.std(axis=1, ddof=1) * np.sqrt(0.2 / 1.8)
        average, at = centre.copy(), np.full(trials, days)
        for number in range(days):
            average = 0.2 * random.normal(shift, size=trials) + 0.8 * average
            outside = np.abs(average - centre) > reach
            at = np.where(outside & (at == days), number + 1, at)
        return at

    assert (left(WIDTH, 0) < days).mean() < 0.08
    assert 0.5 < (left(2.962, 0) < days).mean() < 0.7
    assert np.median(left(WIDTH, 2)) <= 7


def scan(at: datetime, line: Line, rejected: Rejected | None = None, **told: float) -> MeasuredScan:
    made = Provenance(HOME, *(line.vendor, line.scanner_model, line.scanner_serial, line.stain), "South", at)
    return MeasuredScan(ImageId("x"), made, rejected, {Measure(name): value for name, value in told.items()})


LINE = Line("Aperio", "GT 450", "S1", "he")


def test_a_day_is_that_of_the_laboratory_and_what_was_never_told_is_left_out() -> None:
    late = datetime(2026, 1, 4, 20, tzinfo=UTC)
    scans = [scan(late, LINE, Rejected.ONE_COLOUR, blur=0.4), scan(late, LINE, blur=0.5)]
    query = DriftQuery(late - timedelta(days=9), late + timedelta(days=1))
    found = drift_of(LINE, scans, query, ZoneInfo("Asia/Shanghai"))
    assert (found.scans, found.rejected, found.laboratories) == (2, 1, ("South",))
    (blur,) = found.measures
    assert blur.measure is Measure.BLUR
    assert [one.monday for one in blur.weeks] == [MONDAY]


# On a node ----------------------------------------------------------------------------------------------


class Laboratory(Hospital):
    def __init__(self, folder: Path) -> None:
        people = {"manager": Role.QUALITY_MANAGER, "tech": Role.TECHNICIAN}
        super().__init__(folder, people)
        self.access.add_person("outsider", "Outsider", ELSEWHERE, Role.QUALITY_MANAGER)
        self.drifting = Drifting(self.cases)

    def scanned(self, line: Line, at: datetime, strength: float) -> str:
        image_id = self.add_image(name=f"{line.scanner_serial}.svs")
        stains = Stain((0.65, 0.7, 0.29), strength, 3.0), Stain((0.07, 0.99, 0.1), 0.5, 2.0)
        staining = Staining(*stains, 2.5, None, None)
        figures = Figures(10.0, 0.5, 0.0, 0.0, 0.0, 8.0, 0.5, (), staining)
        made = Provenance(
            OrganisationId(HOME),
            *(line.vendor, line.scanner_model, line.scanner_serial, line.stain),
            "South",
            at,
        )
        with transaction(self.database) as connection:
            store.put_staining(connection, ImageId(image_id), made, figures)
        return image_id


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("drift"))
    other = replace(LINE, scanner_serial="S2")
    for number in range(3):
        made.scanned(LINE, NOON - timedelta(days=number), 1.0 + number)
    made.scanned(other, NOON - timedelta(days=1), 9.0)
    yield made
    made.close()


YEAR = DriftQuery(NOON - timedelta(days=365), NOON + timedelta(days=1))


def test_lines_are_told_apart_and_are_those_of_the_organisation(laboratory: Laboratory) -> None:
    manager = laboratory.who("manager", Purpose.QUALITY)
    first, second = laboratory.drifting.report(manager, YEAR)
    assert (first.line, first.scans) == (LINE, 3)
    assert (second.line.scanner_serial, second.scans) == ("S2", 1)
    strength = first.measures[0]
    assert strength.measure is Measure.HAEMATOXYLIN_STRENGTH
    assert strength.weeks[-1].median == 2.0
    assert strength.limits is None
    assert laboratory.drifting.report(laboratory.who("outsider", Purpose.QUALITY), YEAR) == []
    with pytest.raises(NotPermitted):
        laboratory.drifting.report(laboratory.who("tech"), YEAR)


def test_serial_numbers_that_count_for_nothing_part_no_line(laboratory: Laboratory) -> None:
    manager = laboratory.who("manager", Purpose.QUALITY)
    (joined,) = laboratory.drifting.report(manager, replace(YEAR, lines_by=LinesBy.MODEL))
    assert (joined.line, joined.scans) == (replace(LINE, scanner_serial=""), 4)
    monday = monday_of(NOON.date())
    found = laboratory.drifting.list_slides(manager, joined.line, monday, LinesBy.MODEL)
    assert {summary.name for _, summary in found} == {"S1.svs", "S2.svs"}
    assert laboratory.drifting.list_slides(manager, joined.line, monday) == []


def test_the_slides_of_a_line_are_listed_the_newest_first(laboratory: Laboratory) -> None:
    manager = laboratory.who("manager", Purpose.QUALITY)
    monday = monday_of(NOON.date())
    found = laboratory.drifting.list_slides(manager, LINE, monday)
    assert [one.values[Measure.HAEMATOXYLIN_STRENGTH] for one, _ in found] == [1.0, 2.0, 3.0]
    assert {summary.name for _, summary in found} == {"S1.svs"}
    assert laboratory.drifting.list_slides(manager, LINE, monday - timedelta(days=7)) == []
    outsider = laboratory.who("outsider", Purpose.QUALITY)
    assert laboratory.drifting.list_slides(outsider, LINE, monday) == []


def test_a_period_has_a_zone_and_an_end(laboratory: Laboratory) -> None:
    manager = laboratory.who("manager", Purpose.QUALITY)
    for begin, end in (
        (NOON.replace(tzinfo=None), NOON.replace(tzinfo=None) + timedelta(days=1)),
        (NOON, NOON),
        (NOON - timedelta(days=2000), NOON),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)),
    ):
        with pytest.raises(Invalid):
            laboratory.drifting.report(manager, DriftQuery(begin, end))
    with pytest.raises(Invalid):
        laboratory.drifting.list_slides(manager, LINE, date.max)
