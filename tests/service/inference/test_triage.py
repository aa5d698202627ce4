"""Runs order the worklist: high first with its reason, what is no score in its place, and none hidden."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from hemalum.app.registry import CAPABILITIES
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.ledger import ListedCase
from hemalum.capabilities.cases.model import CaseBand, CaseQuery, Priority
from hemalum.capabilities.inference.tables import run_table
from hemalum.capabilities.models import store as model_store
from hemalum.capabilities.models.model import ModelStatusChanged, Version
from hemalum.capabilities.slides.tables import image_table
from hemalum.capabilities.triage.commands import triage as commands
from hemalum.capabilities.triage.jobs import jobs_of
from hemalum.capabilities.triage.model import (
    Calibration,
    CalibrationMethod,
    FitAsked,
    Labelled,
    OperatingPoint,
    Rule,
    Site,
    TriageOutcome,
    TriagePurpose,
)
from hemalum.capabilities.triage.service import Triage
from hemalum.formats.model.contract import Status
from hemalum.kernel.actor import Purpose as LookPurpose
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import transaction
from hemalum.testing.models import SAMPLE_TOML

from .conftest import DirectRun, Laboratory

ERRORS = tuple(n / 100 for n in range(1, 40))
ABOVE = Calibration(CalibrationMethod.PLATT, slope=20.0, intercept=-10.0)
"""A share of one half means a probability of one half."""


class Desk:
    """A version released to patients, on whose runs cases are ordered."""

    def __init__(self, laboratory: Laboratory, version: Version) -> None:
        self.laboratory = laboratory
        self.parts = laboratory.parts
        self.version = version
        (self.run,) = laboratory.ran(version)
        assert not self.run.outside, self.run.outside
        self.number = 0

    @property
    def triage(self) -> Triage:
        return self.parts.triage

    def deliver(self) -> None:
        """Do what the events of the node and people handed in for triage."""
        jobs = jobs_of(self.triage)
        subscribers = {
            event.__name__: tuple(one for one in names if one in jobs)
            for each in CAPABILITIES
            for event, names in each.subscribers.items()
            if each.name == "triage"
        }
        handed_in: list[tuple[str, dict[str, Any]]] = []
        while outbox.deliver(
            self.parts.database, subscribers, lambda name, _, told: handed_in.append((name, told))
        ):
            pass
        for name, told in handed_in:
            jobs[name](DirectRun(), told)

    def rule(self, purpose: TriagePurpose = TriagePurpose.TRIAGE, **values: Any) -> Rule:
        here = Site("home", ERRORS, ERRORS)
        return replace(Rule(purpose, "violet", 0.6, ABOVE, 0.1, (here,)), **values)

    def set(self, rule: Rule) -> OperatingPoint:
        point = self.triage.set(self.laboratory.reviewer, self.version.id, rule, "ours")
        self.deliver()
        return point

    def scan(self, score: float | None, **values: Any) -> str:
        """A scan of its own with a run that came to this; None for no run at all."""
        image_id, run_id = new_id(), new_id()
        with transaction(self.parts.database) as connection:
            one = sa.select(image_table).where(image_table.c.id == self.run.image_id)
            row = dict(connection.execute(one).one()._mapping)
            own = {"id": image_id, "series_uid": None, "sha256": None}
            connection.execute(sa.insert(image_table).values(row | own))
            if score is not None:
                one = sa.select(run_table).where(run_table.c.id == self.run.id)
                row = dict(connection.execute(one).one()._mapping)
                scores = {"violet": score, "other": 1 - score}
                stated = {"id": run_id, "image_id": image_id, "scores": scores} | values
                connection.execute(sa.insert(run_table).values(row | stated))
        return image_id

    def case(self, *scans: str, priority: Priority = Priority.ROUTINE, slides: int | None = None) -> str:
        """A case of which these are the scans; its number."""
        self.number += 1
        blocks = tuple(("H&E",) for _ in range(len(scans) if slides is None else slides))
        part = PartAsked("biopsy", "Colon", blocks)
        shown = self.parts.cases.accession(self.laboratory.actor, Accession((part,), None, priority=priority))
        # Not by its age: weekends and midnights lie between.
        due = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(minutes=self.number)
        self.parts.cases.triage(self.laboratory.actor, shown.case.id, due=due)
        places = [piece.identifier for piece in shown.material if piece.kind == "slide"]
        linking, actor = self.parts.cases.linking, self.laboratory.actor
        for scan, place in zip(scans, places, strict=False):
            # Tests of findings use the same scans, and may have come before.
            if linking.find_case_of(actor, scan) is not None:
                linking.unlink(actor, scan, "for the next test")
            linking.link(actor, scan, place)
        self.deliver()
        return shown.case.number

    def listed(self, *, by_band: bool = True) -> list[ListedCase]:
        query = CaseQuery(by_band=by_band, limit=200)
        return self.parts.cases.list_cases(self.laboratory.reader, query)[1]

    def row(self, number: str) -> ListedCase:
        return next(one for one in self.listed() if one.case.number == number)

    def in_order(self, *numbers: str, by_band: bool = True) -> list[str]:
        return [one.case.number for one in self.listed(by_band=by_band) if one.case.number in numbers]


def released(text: str) -> str:
    """For any stain, and registered in a country."""
    return text.replace('stains = ["he"]\n', "") + '\n[[jurisdictions]]\ncode = "CN"\nbasis = "a test"\n'


def release(laboratory: Laboratory, version: Version, status: Status = Status.CLINICAL) -> Version:
    """What `set_status` does once a publisher is trusted and a validation recorded."""
    parts = laboratory.parts
    now = parts.slides.clock()
    with transaction(parts.database) as connection:
        model_store.set_status(connection, version, status, laboratory.actor, "for a test", now)
        outbox.publish(connection, ModelStatusChanged(now, version.id, version.organisation_id, status.value))
    return parts.models.get_version("home", version.id)


@pytest.fixture(scope="module")
def released_version(laboratory: Laboratory) -> Iterator[Desk]:
    """A version with a run, in a laboratory where it is registered."""
    assert 'stains = ["he"]\n' in SAMPLE_TOML
    home = laboratory.parts.access.get_organisation()
    move = partial(laboratory.parts.access.people.change_organisation, laboratory.actor)
    move(replace(home, jurisdiction="CN"))
    version = release(laboratory, laboratory.add("triage", released))
    yield Desk(laboratory, version)
    release(laboratory, version, Status.SHADOW)
    move(home)


@pytest.fixture
def desk(released_version: Desk) -> Iterator[Desk]:
    """The same with no point in force, before and after."""
    release(released_version.laboratory, released_version.version)
    yield released_version
    for each in released_version.triage.list_points(released_version.laboratory.reviewer):
        if each.ended_at is None:
            released_version.triage.end(released_version.laboratory.reviewer, each.id, "the test is over")
    released_version.deliver()


def test_high_cases_come_first_with_the_reason_on_the_row(desk: Desk) -> None:
    desk.set(desk.rule())
    older = desk.case(desk.scan(0.1))
    unscored = desk.case(slides=1)
    high = desk.case(desk.scan(0.2), desk.scan(0.9))
    assert desk.in_order(older, unscored, high) == [high, older, unscored]
    assert desk.in_order(older, unscored, high, by_band=False) == [older, unscored, high]
    mark = desk.row(high).case.mark
    assert mark is not None
    assert mark.band is CaseBand.HIGH
    assert str(mark.reason) == "High 0.99 · slide A/2/1 · Violet share 1.0.0 for triage"
    assert desk.row(unscored).case.mark is None


def test_a_person_says_how_soon_a_case_is_wanted_and_models_do_not(desk: Desk) -> None:
    desk.set(desk.rule())
    high = desk.case(desk.scan(0.9))
    urgent = desk.case(desk.scan(0.05), priority=Priority.URGENT)
    assert desk.in_order(high, urgent) == [urgent, high]


def test_low_is_every_slide_ruled_out_and_comes_last(desk: Desk) -> None:
    desk.set(desk.rule(TriagePurpose.RULE_OUT))
    low = desk.case(desk.scan(0.1), desk.scan(0.05))
    half = desk.case(desk.scan(0.1), slides=2)
    assert desk.row(low).case.mark.band is CaseBand.LOW  # type: ignore[union-attr]
    assert desk.in_order(low, half) == [half, low]
    mark = desk.row(half).case.mark
    assert mark is not None
    assert mark.band is CaseBand.UNKNOWN
    assert str(mark.reason) == "No score: The slide is not scanned yet. Slide A/2/1."


SILENT: dict[str, tuple[dict[str, Any], TriageOutcome]] = {
    "failed": ({"state": "failed"}, TriageOutcome.FAILED),
    "blank": ({"state": "abstained"}, TriageOutcome.NOTHING_SAID),
    "outside": ({"outside": [{"template": "The organ of the slide is not stated."}]}, TriageOutcome.OUTSIDE),
    "earlier": ({"generation": "another"}, TriageOutcome.EARLIER_SCAN),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_is_no_score_stays_in_its_place_by_name(desk: Desk, name: str) -> None:
    values, outcome = SILENT[name]
    desk.set(desk.rule(TriagePurpose.RULE_OUT))
    first, silent, last = desk.case(slides=1), desk.case(desk.scan(0.0, **values)), desk.case(slides=1)
    assert desk.in_order(first, silent, last) == [first, silent, last]
    shown = desk.triage.show_case(desk.laboratory.reader, desk.row(silent).case.id)
    assert (shown.history[0].outcome, shown.history[0].band) == (outcome, CaseBand.UNKNOWN)


def test_a_rule_of_another_site_says_nothing_here(desk: Desk) -> None:
    elsewhere = Site("county", ERRORS, ERRORS)
    desk.set(desk.rule(TriagePurpose.RULE_OUT, sites=(elsewhere,)))
    number = desk.case(desk.scan(0.1))
    mark = desk.row(number).case.mark
    assert mark is not None
    assert mark.band is CaseBand.UNKNOWN
    assert str(mark.reason) == "No score: The rule was fitted at other sites. Slide A/1/1."


def test_the_ordered_list_is_the_unordered_one_in_another_order(desk: Desk) -> None:
    desk.set(desk.rule(TriagePurpose.RULE_OUT))
    desk.set(desk.rule(TriagePurpose.TRIAGE))
    for score in (0.9, 0.5, 0.1, None, 0.2, 0.95):
        desk.case(desk.scan(score))
    desk.case(slides=1)
    ordered, plain = desk.listed(), desk.listed(by_band=False)
    assert sorted(one.case.id for one in ordered) == sorted(one.case.id for one in plain)
    assert len({one.case.id for one in ordered}) == len(ordered)
    places = [
        (one.case.priority.rank, 1 if one.case.mark is None else one.case.mark.band.order, one.case.due_at)
        for one in ordered
    ]
    assert places == sorted(places)
    # Pages of the list are the list.
    paged: list[str] = []
    for offset in range(0, len(ordered), 3):
        query = CaseQuery(offset=offset, limit=3)
        paged += [one.case.id for one in desk.parts.cases.list_cases(desk.laboratory.reader, query)[1]]
    assert paged == [one.case.id for one in ordered]


def test_a_version_in_shadow_orders_nothing(desk: Desk) -> None:
    desk.set(desk.rule())
    first, other = desk.case(slides=1), desk.case(desk.scan(0.9, is_shadow=True))
    assert desk.in_order(first, other) == [first, other]
    high = desk.case(desk.scan(0.9))
    assert desk.row(high).case.mark is not None
    release(desk.laboratory, desk.version, Status.SHADOW)
    desk.deliver()
    assert desk.row(high).case.mark is None
    assert desk.in_order(first, high) == [first, high]


def test_what_is_withdrawn_says_so(desk: Desk) -> None:
    desk.set(desk.rule(TriagePurpose.RULE_OUT))
    number = desk.case(desk.scan(0.1))
    assert desk.row(number).case.mark.band is CaseBand.LOW  # type: ignore[union-attr]
    release(desk.laboratory, desk.version, Status.WITHDRAWN)
    desk.deliver()
    mark = desk.row(number).case.mark
    assert mark is not None
    assert (mark.band, str(mark.reason)) == (
        CaseBand.UNKNOWN,
        "No score: The version of the model is withdrawn. Slide A/1/1.",
    )
    history = desk.triage.show_case(desk.laboratory.reader, desk.row(number).case.id).history
    assert [one.band for one in history[-1:]] == [CaseBand.LOW]
    with pytest.raises(Conflict):
        desk.set(desk.rule())


def test_a_run_that_ends_is_weighed(desk: Desk) -> None:
    """From the network to the row: the share of violet patches of the run itself."""
    desk.set(desk.rule(threshold=0.001))
    number = desk.case(desk.run.image_id)
    try:
        before = desk.row(number).case.mark
        assert before is not None
        (again,) = desk.laboratory.ran(desk.version)
        desk.deliver()
        shown = desk.triage.show_case(desk.laboratory.reader, desk.row(number).case.id)
        (risk,) = [one for _, one in shown.slides if one.run_id == again.id]
        assert risk.score == again.scores["violet"]
    finally:
        desk.parts.cases.linking.unlink(desk.laboratory.actor, desk.run.image_id, "the test is over")
    desk.deliver()
    assert desk.row(number).case.mark is None


def test_a_model_that_may_not_run_on_a_slide_says_so(desk: Desk) -> None:
    image_id = desk.laboratory.images["unscaled"]
    desk.set(desk.rule(TriagePurpose.RULE_OUT))
    number = desk.case(image_id)
    try:
        mark = desk.row(number).case.mark
        assert mark is not None
        assert str(mark.reason).startswith("No score: The slide has no physical scale")
    finally:
        desk.parts.cases.linking.unlink(desk.laboratory.actor, image_id, "the test is over")


def labelled(desk: Desk, count: int) -> list[Labelled]:
    return [
        Labelled(desk.scan((0.6 if number % 2 else 0.2) + (number % 7) / 50), bool(number % 2))
        for number in range(count)
    ]


def test_a_rule_is_fitted_on_labelled_slides_and_put_in_force(desk: Desk) -> None:
    asked = FitAsked(desk.version.id, "violet", TriagePurpose.TRIAGE, sensitivity=0.9)
    slides = labelled(desk, 60)
    with pytest.raises(NotPermitted):
        desk.triage.fit(desk.laboratory.reader, asked, slides, "ours")
    with pytest.raises(Invalid, match="no class green"):
        desk.triage.fit(desk.laboratory.reviewer, replace(asked, class_name="green"), slides, "ours")
    with pytest.raises(Invalid, match="needs 10 positive"):
        desk.triage.fit(desk.laboratory.reviewer, asked, slides[:10], "ours")
    twice = [*slides, Labelled(slides[0].slide, not slides[0].is_positive)]
    with pytest.raises(Invalid, match="two labels"):
        desk.triage.fit(desk.laboratory.reviewer, asked, twice, "ours")
    backwards = [Labelled(one.slide, not one.is_positive) for one in slides]
    with pytest.raises(Invalid, match="does not rise"):
        desk.triage.fit(desk.laboratory.reviewer, asked, backwards, "ours")
    first = desk.triage.fit(desk.laboratory.reviewer, asked, slides, "ours")
    assert first.rule.claim is not None
    assert first.rule.claim.positive + first.rule.claim.negative == 30
    assert first.rule.claim.specificity == 1
    again = desk.triage.fit(desk.laboratory.reviewer, asked, slides, "once more")
    assert again.number == first.number + 1
    assert again.rule == first.rule
    points = {one.id: one for one in desk.triage.list_points(desk.laboratory.reader)}
    assert points[again.id].ended_at is None
    assert points[first.id].ended_by_name == "A reviewer"
    desk.deliver()
    number = desk.case(desk.scan(0.7))
    assert desk.row(number).case.mark.band is CaseBand.HIGH  # type: ignore[union-attr]


def test_the_command_fits_shows_passes_on_and_ends(desk: Desk, tmp_path: Path) -> None:
    @contextmanager
    def opened(data: Path) -> Iterator[Any]:
        assert data == tmp_path
        yield desk.parts

    def said(*arguments: str) -> str:
        where = ["--data", str(tmp_path), "--as", "reviewer"]
        done = CliRunner().invoke(commands, [arguments[0], *where, *arguments[1:]], obj=opened)
        if done.exception is not None:
            raise done.exception
        return done.output

    table, rule = tmp_path / "labels.csv", tmp_path / "rule.json"
    rows = "".join(f"{one.slide},{int(one.is_positive)}\n" for one in labelled(desk, 60))
    table.write_text(f"slide,label\n{rows}")
    model = ("--model", "sample.triage", "--version", "1.0.0", "--reason", "ours")
    asked = ("--class", "violet", "--purpose", "rule-out", "--method", "isotonic")
    fitted = said("fit", *model, *asked, str(table))
    point_id = fitted.split()[0]
    assert "in force  sample.triage 1.0.0  rule-out  violet >= " in fitted
    rule.write_text(said("show", "--rule", point_id))
    again = said("set", *model, str(rule))
    assert again.split()[1:] == fitted.split()[1:]
    listed = said("show")
    assert re.search(f"{point_id}  ended ", listed)
    assert "ended" in said("end", "--reason", "over", again.split()[0])
    with pytest.raises(NotFound):
        said("show", "--rule", "none")
    for missing in ("none.csv", "labels.csv"):
        with pytest.raises(Invalid):
            said("set", *model, str(tmp_path / missing))


def test_a_point_that_ends_moves_nobody_any_more(desk: Desk) -> None:
    point = desk.set(desk.rule())
    first, high = desk.case(slides=1), desk.case(desk.scan(0.9))
    assert desk.in_order(first, high) == [high, first]
    for who, reason, error in (("reader", "no", NotPermitted), ("reviewer", " ", Invalid)):
        with pytest.raises(error):
            desk.triage.end(getattr(desk.laboratory, who), point.id, reason)
    desk.triage.end(desk.laboratory.reviewer, point.id, "not trusted any more")
    desk.deliver()
    assert desk.in_order(first, high) == [first, high]
    with pytest.raises(Conflict):
        desk.triage.end(desk.laboratory.reviewer, point.id, "again")


def test_a_point_that_ends_while_a_case_is_considered_leaves_no_mark(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = desk.set(desk.rule())
    number = desk.case(desk.scan(0.9))
    case = desk.row(number).case

    def when_it_ended(engine: sa.Engine) -> Any:
        monkeypatch.undo()
        desk.triage.end(desk.laboratory.reviewer, point.id, "not trusted any more")
        return transaction(engine)

    monkeypatch.setattr("hemalum.capabilities.triage.service.transaction", when_it_ended)
    desk.triage.consider("home", case.id)
    assert desk.row(number).case.mark is None


def test_whoever_may_not_see_the_scan_is_not_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.set(desk.rule())
    number = desk.case(desk.scan(0.9))
    ledger_slides = type(desk.parts.slides)
    nothing: Callable[..., tuple[frozenset[str], ...]] = lambda *_: (frozenset(), frozenset())  # noqa: E731
    monkeypatch.setattr(ledger_slides, "narrow", nothing)
    assert desk.row(number).case.mark is None


def test_the_time_to_the_first_look_is_counted_by_band(desk: Desk) -> None:
    desk.set(desk.rule())
    begin = desk.parts.slides.clock()
    seen, unseen = desk.scan(0.9), desk.scan(0.9)
    with transaction(desk.parts.database) as connection:
        at = begin + timedelta(seconds=1)
        connection.execute(
            sa.update(image_table).where(image_table.c.id.in_([seen, unseen])).values(available_at=at)
        )
    desk.case(seen)
    desk.case(unseen)
    reader = replace(desk.laboratory.reader, purpose=LookPurpose.CARE)
    looking = desk.triage.looking
    (before,) = looking.report(reader, begin, begin + timedelta(days=1))
    assert (before.band, before.looked, before.waiting, before.median_h) == (CaseBand.HIGH, 0, 2, None)
    summary = desk.parts.slides.find_summary(seen)
    assert summary is not None
    desk.parts.slides.tell(reader, "slides.open", summary, opening=new_id(), via="viewer")
    (after,) = looking.report(reader, begin, begin + timedelta(days=1))
    assert (after.looked, after.waiting) == (1, 1)
    assert after.median_h is not None
    assert 0 <= after.median_h < 1
    with pytest.raises(Invalid):
        looking.report(reader, begin, begin)
