"""What rules find unusual in the index, and what becomes of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hemalum.app.node import open_parts
from hemalum.capabilities.audit.flags import calendar_of
from hemalum.capabilities.audit.model import Filter, Flag, FlagKind
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.settings import load_settings

from .conftest import AUDITOR, COUNTY_AUDITOR, LI, MONDAY_10_AM, WANG, ZHAO, Life


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    settings = load_settings(tmp_path / "node", {"HEMALUM_WORKING_HOURS": "default=Mon-Sat 07:00-20:00"})
    with open_parts(settings) as parts:
        yield Life(parts)


def flags(life: Life, kind: FlagKind | None = None, *, only_open: bool = False) -> list[Flag]:
    found, _ = life.audit.list_flags(AUDITOR, only_open=only_open, offset=0, limit=100)
    return [flag for flag in found if kind in (None, flag.finding.kind)]


def open_on(life: Life, day: int, count: int, who: object = LI, hour: int = 10) -> list[int]:
    """Open so many slides of the home hospital, days after the first Monday, from a local hour on."""
    life.at = MONDAY_10_AM + timedelta(days=day, hours=hour - 10)
    return [life.record(who, image=f"{day}-{n}") for n in range(count)]  # type: ignore[arg-type]


def test_more_openings_than_on_other_days(life: Life) -> None:
    for day, count in enumerate([10, 12, 11, 13, 10, 12, 11, 12]):
        open_on(life, day, count)
    assert flags(life, FlagKind.VOLUME) == []
    opened = open_on(life, 8, 40)
    [flag] = flags(life, FlagKind.VOLUME)
    assert (flag.finding.person, flag.finding.day, flag.finding.count) == ("p-li", "2037-03-10", 40)
    assert flag.finding.numbers == {"days": 8, "median": 11.5, "mad": 0.5, "threshold": 16.7}
    shown = life.audit.list_entries(AUDITOR, Filter(flag=flag.id), None, 100)
    assert [read.index for read in shown.entries] == opened[::-1]


def test_few_openings_are_never_many(life: Life) -> None:
    for day in range(8):
        open_on(life, day, 2)
    open_on(life, 8, 29)
    assert flags(life) == []


def test_whoever_is_new_is_measured_by_an_absolute_number(life: Life) -> None:
    open_on(life, 0, 99)
    assert flags(life) == []
    open_on(life, 1, 100)
    [flag] = flags(life)
    assert flag.finding.numbers == {"days": 1, "threshold": 100}


def test_openings_while_the_hospital_rests(life: Life) -> None:
    open_on(life, 0, 4, hour=3)
    assert flags(life) == []
    open_on(life, 1, 6, hour=19)
    life.at = MONDAY_10_AM + timedelta(days=1, hours=12)
    for n in range(5):
        life.record(LI, image=f"late-{n}")
    sunday = open_on(life, 6, 5)
    first, second = flags(life, FlagKind.OFF_HOURS)
    assert (first.finding.day, first.finding.first_index) == ("2037-03-08", sunday[0])
    assert second.finding.count == 5
    assert second.finding.numbers == {"from": "22:00", "to": "22:00"}


def test_slides_of_an_organisation_that_one_never_read_for(life: Life) -> None:
    def open_theirs(count: int, owner: str) -> None:
        for n in range(count):
            life.record(LI, image=f"{owner}-{n}", organisation_id=OrganisationId(owner))

    open_theirs(1, "county")
    life.at += timedelta(days=3)
    open_theirs(3, "county")
    open_theirs(2, "island")
    assert flags(life) == []
    open_theirs(1, "island")
    [flag] = flags(life)
    assert (flag.finding.kind, flag.finding.about, flag.finding.count) == (FlagKind.UNRELATED, "island", 3)
    shown = life.audit.list_entries(AUDITOR, Filter(flag=flag.id), None, 100)
    assert {read.entry.organisation for read in shown.entries} == {"island"}


def test_refusals_in_a_row(life: Life) -> None:
    for n in range(4):
        life.refuse(WANG, str(n))
    life.record(WANG)
    assert flags(life) == []
    for n in range(5):
        life.refuse(WANG, str(n % 2))
        life.record(LI)
    [flag] = flags(life)
    assert (flag.finding.kind, flag.finding.count, flag.finding.numbers) == (
        FlagKind.REFUSALS,
        5,
        {"targets": 2},
    )


def test_exports_within_an_hour(life: Life) -> None:
    for _ in range(9):
        life.record(LI, "slides.export")
    life.at += timedelta(hours=1)
    life.record(LI, "slides.export")
    assert flags(life) == []
    for _ in range(9):
        life.record(LI, "slides.export")
    [flag] = flags(life)
    assert (flag.finding.kind, flag.finding.count) == (FlagKind.EXPORTS, 10)


def test_every_broken_glass(life: Life) -> None:
    life.record(LI, "slides.break_glass", "a")
    life.record(LI, "slides.break_glass", "b")
    assert {flag.finding.about for flag in flags(life, FlagKind.GLASS)} == {"image/a", "image/b"}


def test_an_acknowledged_flag_that_grows_is_open_again(life: Life) -> None:
    for n in range(5):
        life.refuse(WANG, str(n))
    [flag] = flags(life)
    life.audit.acknowledge(AUDITOR, flag.id, "Looked for a slide that was renamed")
    assert flags(life, only_open=True) == []
    with pytest.raises(Conflict):
        life.audit.acknowledge(AUDITOR, flag.id, "Again")
    life.record(LI)
    assert flags(life, only_open=True) == []
    life.refuse(WANG, "9")
    [grown] = flags(life, only_open=True)
    assert (grown.id, grown.finding.count, grown.remark) == (flag.id, 6, None)


def test_flags_are_those_of_the_scope_and_not_acknowledged_by_whom_they_are_about(life: Life) -> None:
    life.record(ZHAO, "slides.break_glass", "y", organisation_id=OrganisationId("county"))
    life.record(replace(AUDITOR, name="Auditor"), "slides.break_glass")
    [own] = flags(life)
    with pytest.raises(NotPermitted, match="Somebody else"):
        life.audit.acknowledge(AUDITOR, own.id, "I may")
    county, names = life.audit.list_flags(COUNTY_AUDITOR, only_open=True, offset=0, limit=10)
    assert [(flag.finding.person, names[flag.finding.person]) for flag in county] == [("p-zhao", "Zhao")]
    with pytest.raises(NotFound):
        life.audit.acknowledge(AUDITOR, county[0].id, "Not mine")


def test_flags_stay_when_the_index_is_built_anew(life: Life) -> None:
    for n in range(5):
        life.refuse(WANG, str(n))
    [flag] = flags(life)
    life.audit.acknowledge(AUDITOR, flag.id, "Seen")
    life.audit.rebuild()
    assert [(one.id, one.remark) for one in flags(life)] == [(flag.id, "Seen")]


def test_days_are_those_of_the_node(life: Life) -> None:
    calendar = life.audit.calendar
    late = datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert calendar.day_of(late).isoformat() == "2026-03-02"
    begin, end = calendar.span(calendar.day_of(late))
    assert begin <= late < end


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEMALUM_TIME_ZONE", "Middle/Earth"),
        ("HEMALUM_WORKING_HOURS", "default=always"),
        ("HEMALUM_WORKING_HOURS", "default=Mon-Fri 19:00-07:00"),
        ("HEMALUM_WORKING_HOURS", "default=Fri-Mon 07:00-19:00"),
        ("HEMALUM_WORKING_HOURS", "default=Mon-Fri 25:00-27:00"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Invalid):
        calendar_of(load_settings(tmp_path, {name: value}))
