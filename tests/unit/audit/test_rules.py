"""The arithmetic of flags."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemalum.capabilities.audit.flags import most_within, robust_threshold
from hemalum.capabilities.audit.model import Filter, WorkingHours, parse_working_hours
from hemalum.kernel.audit import Outcome

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_modified_z_score_of_iglewicz_and_hoaglin() -> None:
    """The numbers of their running example are flagged above median + 3.5 MAD / 0.6745."""
    middle, mad, threshold = robust_threshold([2, 4, 4, 4, 5, 5, 7, 9])
    assert (middle, mad) == (4.5, 0.5)
    assert threshold == pytest.approx(4.5 + 3.5 / 0.6745)
    middle, mad, threshold = robust_threshold([10, 20, 30, 40, 50])
    assert (middle, mad, threshold) == (30, 10, pytest.approx(30 + 3.5 / 0.6745 * 10))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40))
def test_no_usual_day_is_above_the_threshold(counts: list[int]) -> None:
    middle, _, threshold = robust_threshold(counts)
    assert threshold > middle


@given(st.lists(st.integers(0, 7200), max_size=40))
def test_the_most_within_an_hour(seconds: list[int]) -> None:
    moments = [NOON + timedelta(seconds=second) for second in sorted(seconds)]
    found = most_within(moments, timedelta(hours=1))
    densest = [moments[n] for n in found]
    assert not densest or densest[-1] - densest[0] <= timedelta(hours=1)
    every = [sum(0 <= (other - one).total_seconds() <= 3600 for other in moments) for one in moments]
    assert len(densest) == max(every, default=0)


def test_working_hours() -> None:
    hours = parse_working_hours("mon-fri 07:00-19:00")
    assert hours == WorkingHours(frozenset(range(5)), time(7), time(19))
    assert NOON in hours
    assert NOON.replace(hour=19) not in hours
    assert NOON + timedelta(days=5) not in hours
    assert parse_working_hours(" Sun  00:00-12:00 ").days == {6}


def test_only_what_is_stated_goes_into_the_log() -> None:
    wanted = Filter(since=NOON, outcome=Outcome.DONE, person="p")
    assert wanted.stated == {"since": "2026-03-02T12:00:00+00:00", "outcome": "done", "person": "p"}
    assert Filter().stated == {}
