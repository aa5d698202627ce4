"""How long cases take: from events that were made by hand, and against numpy."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.cases.ledger import ShownCase
from hemalum.capabilities.cases.model import (
    CaseId,
    CaseStatus,
    Priority,
    Stage,
    Subspecialty,
    WorkCalendar,
    due_at,
)
from hemalum.capabilities.cases.routes.turnaround import export_turnaround
from hemalum.capabilities.cases.turnaround import (
    EDGES_H,
    GroupBy,
    Span,
    Turn,
    TurnaroundQuery,
    TurnaroundReport,
    percentile,
    wilson,
)
from hemalum.kernel.actor import Purpose
from hemalum.kernel.errors import Invalid, NotPermitted
from tests.hospital import HOME, NOON

from .conftest import World

HOUR = timedelta(hours=1)
COUNT = 12


def go_on(world: World, shown: ShownCase, hours: tuple[float, ...]) -> None:
    """Bring a case that was accessioned all the way, each step after its time."""
    cases, tech, li, case_id = world.cases, world.who("tech"), world.who("li"), shown.case.id
    world.later(HOUR * hours[1])
    cases.move_material(tech, shown.material[0].id, Stage.GROSSED)
    world.later(HOUR * hours[2])
    cases.move_case(tech, case_id, CaseStatus.READY)
    world.later(HOUR * hours[3])
    cases.assigning.assign(li, case_id, li.person_id)
    world.later(HOUR * hours[4])
    cases.move_case(li, case_id, CaseStatus.DRAFT)
    cases.move_case(li, case_id, CaseStatus.FINAL, "report 1")


@pytest.fixture(scope="module")
def done(world: World) -> Iterator[list[tuple[ShownCase, tuple[float, ...]]]]:
    """Cases that went all the way in known times, in a year in which no other test works."""
    before, made = world.now, []
    for number in range(COUNT):
        world.now = datetime(2031, 3, 3, 8, tzinfo=UTC) + number * timedelta(days=2)
        hours = (1.0 + number, 2.0, 3.0 * (number % 4), 1.0, 5.0 + 7 * (number % 3))
        field = (Subspecialty.SKIN, Subspecialty.BREAST)[number % 2]
        priority = Priority.URGENT if number % 3 == 0 else Priority.ROUTINE
        begun = world.now
        world.later(HOUR * hours[0])
        shown = world.case(("H&E",), received_at=begun, subspecialty=field, priority=priority)
        go_on(world, shown, hours)
        # What is amended is not final once more.
        if number == 0:
            world.cases.move_case(world.who("li"), shown.case.id, CaseStatus.AMENDED, "typing error")
            world.later(HOUR * 100)
            world.cases.move_case(world.who("li"), shown.case.id, CaseStatus.FINAL, "report 2")
        made.append((shown, hours))
    yield made
    world.now = before


def ask(
    world: World, by: GroupBy = GroupBy.NOTHING, who: str = "quality", **wanted: object
) -> TurnaroundReport:
    begin, end = datetime(2031, 1, 1, tzinfo=UTC), datetime(2031, 12, 31, tzinfo=UTC)
    query = TurnaroundQuery(begin, end, by, **wanted)  # type: ignore[arg-type]
    return world.cases.turnaround.report(world.who(who, Purpose.QUALITY), query)


def test_times_between_events_are_those_that_were_told(
    world: World, done: list[tuple[ShownCase, tuple[float, ...]]]
) -> None:
    report = ask(world)
    steps = (Span.ACCESSIONING, Span.GROSSING, Span.BENCH, Span.WAITING, Span.READING)
    for place, step in enumerate(steps):
        taken = report.whole.steps[step]
        hours = [each[place] for _, each in done]
        assert taken.count == COUNT
        assert (taken.median_h, taken.p90_h) == pytest.approx(np.percentile(hours, [50, 90]))
    totals = [sum(hours) for _, hours in done]
    total = report.whole.steps[Span.TOTAL]
    assert (total.median_h, total.p90_h) == pytest.approx(np.percentile(totals, [50, 90]))
    within = sum(
        NOON + HOUR * taken <= NOON + (shown.case.due_at - shown.case.received_at)
        for (shown, _), taken in zip(done, totals, strict=True)
    )
    assert (report.whole.count, report.whole.within) == (COUNT, within)
    edges = [-np.inf, *EDGES_H, np.inf]
    assert list(report.histogram) == np.histogram(totals, edges)[0].tolist()
    assert [turn.hours(Span.TOTAL) for turn in report.slowest] == pytest.approx(sorted(totals, reverse=True))


def test_cases_are_told_apart_and_narrowed(
    world: World, done: list[tuple[ShownCase, tuple[float, ...]]]
) -> None:
    assert [(one.name, one.count) for one in ask(world, GroupBy.SUBSPECIALTY).groups] == [
        ("breast", 6),
        ("skin", 6),
    ]
    assert [(one.name, one.count) for one in ask(world, GroupBy.PRIORITY).groups] == [
        ("routine", 8),
        ("urgent", 4),
    ]
    assert [(one.name, one.count) for one in ask(world, GroupBy.READER).groups] == [("Li", COUNT)]
    assert [one.name for one in ask(world, GroupBy.SITE).groups] == [done[0][0].case.number.split("-")[0]]
    weeks = ask(world, GroupBy.WEEK).groups
    assert sum(one.count for one in weeks) == COUNT
    assert weeks[0].name == "2031-W10"
    assert ask(world, subspecialty=Subspecialty.SKIN, priority=Priority.URGENT).whole.count == 2


def test_who_may_know_how_long_what_takes(
    world: World, done: list[tuple[ShownCase, tuple[float, ...]]]
) -> None:
    assert ask(world, who="li").whole.count == len(done)
    for who, by in (("li", GroupBy.READER), ("tech", GroupBy.NOTHING), ("junior", GroupBy.NOTHING)):
        with pytest.raises(NotPermitted):
            ask(world, by, who)
    assert ask(world, who="outsider").whole.count == 0
    begin = datetime(2031, 1, 1, tzinfo=UTC)
    query = TurnaroundQuery(begin, begin + timedelta(days=364))
    told = world.cases.turnaround.list_turns(world.who("li", Purpose.QUALITY), query)
    assert {turn.reader for turn in told} == {None}
    for end in (begin, begin + timedelta(days=401)):
        with pytest.raises(Invalid):
            world.cases.turnaround.report(world.who("li"), TurnaroundQuery(begin, end))


def test_the_backlog_is_counted_by_age(world: World) -> None:
    at = datetime(2033, 5, 2, 12, tzinfo=UTC)
    before = world.now
    world.now = at
    try:
        field = Subspecialty.KIDNEY
        for days in (0.5, 2.5, 2.9, 40):
            world.case(("H&E",), received_at=at - timedelta(days=days), subspecialty=field)
        backlog = ask(world, subspecialty=field).backlog
    finally:
        world.now = before
    assert backlog.counts == (1, 0, 2, 0, 0, 1)
    # Received on a Friday night, or a Saturday: two working days are not over on Monday noon.
    assert backlog.late == (0, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe, Stat Med 1998;17:857, table I: the score interval without continuity correction.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_that_of_the_tables(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson(successes, trials) == pytest.approx((low, high), abs=5e-5)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_percentiles_are_those_of_numpy(values: list[float], share: float) -> None:
    assert percentile(sorted(values), share) == pytest.approx(np.quantile(values, share), abs=1e-6)


def test_holidays_are_no_working_days(world: World) -> None:
    friday = datetime(2027, 12, 31, 9, tzinfo=UTC)
    assert due_at(Priority.ROUTINE, friday) == friday + timedelta(days=4)
    calendar = WorkCalendar(ZoneInfo("Asia/Shanghai"), frozenset({date(2028, 1, 3)}))
    assert due_at(Priority.ROUTINE, friday, calendar) == friday + timedelta(days=5)
    # Late on Friday there is Saturday in the east.
    late = datetime(2027, 12, 31, 20, tzinfo=UTC)
    assert due_at(Priority.ROUTINE, late, calendar) == late + timedelta(days=4)
    holidays, before = world.cases.holidays, world.now
    holidays.add(HOME, [date(2028, 1, 4), date(2028, 1, 3)])
    holidays.add(HOME, [date(2028, 1, 3)])
    assert holidays.list_days(HOME) == [date(2028, 1, 3), date(2028, 1, 4)]
    world.now = friday
    try:
        assert world.case(("H&E",)).case.due_at == friday + timedelta(days=6)
    finally:
        holidays.remove(HOME, [date(2028, 1, 3), date(2028, 1, 4)])
        world.now = before
    assert holidays.list_days(HOME) == []


def test_a_table_is_for_spreadsheets_and_computes_nothing(world: World) -> None:
    turn = Turn(
        CaseId("c"), "CN01-S26-000001-X", Subspecialty.SKIN, Priority.ROUTINE, "=1+1",
        NOON, NOON, NOON, None, None, None, NOON + timedelta(hours=3),
    )  # fmt: skip
    desk: Any = SimpleNamespace(turnaround=SimpleNamespace(list_turns=lambda _actor, _asked: [turn]))
    asked = TurnaroundQuery(NOON, NOON + timedelta(days=1))
    answer = export_turnaround(asked, world.who("quality"), desk)
    assert answer.headers["cache-control"] == "private, no-store"
    text = bytes(answer.body).decode()
    assert text.startswith("\ufeffcase,")
    (row,) = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    assert (row["reader"], row["total_h"], row["within_target"]) == ("'=1+1", "3.00", "0")
