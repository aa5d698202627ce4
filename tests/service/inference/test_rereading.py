"""A signed case that was drawn for a model is run over by the node itself, and what it found is compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hemalum.app.registry import CAPABILITIES
from hemalum.capabilities.access import passwords
from hemalum.capabilities.access.model import Grant, GrantKind, Role, Way
from hemalum.capabilities.access.store import credentials
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Kind
from hemalum.capabilities.inference.jobs import jobs_of, wanted_by
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.quality.jobs import jobs_of as jobs_of_quality
from hemalum.capabilities.quality.model import PlanAsked, ReaderKind, Reread, State
from hemalum.capabilities.quality.tables import plan_table, reread_table
from hemalum.capabilities.reports.model import Content, Language, Section, TemplateRef
from hemalum.capabilities.reports.showing import Draft
from hemalum.formats.model.contract import Status
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from hemalum.testing.models import scoring_network, telling_weights, without_golden
from tests.hospital import PASSWORD, PROSTATE, quick_passwords

from .conftest import DirectRun, Laboratory

FINDING = """
[[findings]]
name = "tumour_share"
measure = "share"
class_name = "violet"

[[validation]]"""
RULES = """
template = "prostate"
source = "Of this test."

[[rules]]
element = "tissue_percent"
minor_from = 5
major_from = 20
otherwise = "minor"
"""


@dataclass
class Rounds:
    """A node whose signed cases are all read again by a model."""

    laboratory: Laboratory
    signer: Actor

    @property
    def parts(self) -> Any:
        return self.laboratory.parts

    def work(self) -> None:
        """Do what events hand in, runs over slides included, until there is nothing left."""
        rereading = self.parts.second_readings()
        jobs = jobs_of(self.parts.inference, rereading) | jobs_of_quality(self.parts.rescreening())
        subscribers = {
            event.__name__: tuple(one for one in names if one in jobs and one != "inference.consider")
            for each in CAPABILITIES
            for event, names in each.subscribers.items()
            if each.name in ("inference", "quality")
        }
        queued: list[tuple[str, dict[str, Any]]] = []
        begun: list[InferenceRun] = []
        while queued or begun or self.deliver(subscribers, queued):
            for name, told in queued:
                jobs[name](DirectRun(), told)
            queued.clear()
            begun = [one for one in self.runs() if one.state.is_live]
            for pass_id in {one.pass_id for one in begun}:
                self.parts.inference.do(DirectRun(), pass_id)
            self.deliver(subscribers, queued)

    def deliver(
        self, subscribers: dict[str, tuple[str, ...]], queued: list[tuple[str, dict[str, Any]]]
    ) -> int:
        return outbox.deliver(
            self.parts.database,
            subscribers,
            lambda name, _, told: queued.append((name, told)),
            wanted_by(self.parts.second_readings()),
        )

    def runs(self) -> list[InferenceRun]:
        return [
            run
            for image in self.laboratory.images.values()
            for run in self.parts.inference.list_of_image_for_node(image)
        ]

    def plan(self, by_model: str) -> str:
        """Every case that is signed from today on."""
        rescreening = self.parts.rescreening()
        manager = replace(self.laboratory.reviewer, purpose=Purpose.QUALITY)
        for shown in rescreening.list_plans(manager):
            if shown.plan.last_day is None:
                rescreening.end_plan(manager, shown.plan.id)
        plan = rescreening.plan(manager, PlanAsked("Models", 1.0, by_person=False, by_model=by_model))
        ended = rescreening.today - timedelta(days=1)
        with transaction(self.parts.database) as connection:
            # Plans begin on the next day, and end with a day.
            earlier = sa.update(plan_table).where(plan_table.c.id != plan.id)
            connection.execute(earlier.values(first_day=ended, last_day=ended))
            own = sa.update(plan_table).where(plan_table.c.id == plan.id)
            connection.execute(own.values(first_day=rescreening.today))
        return str(plan.id)

    def sign(self, *images: str, **values: Any) -> Reread:
        """A case with these scans that was signed, and drawn."""
        cases = self.parts.cases
        blocks = tuple(("H&E",) for _ in images) or (("H&E",),)
        shown = cases.accession(self.signer, Accession((PartAsked("biopsy", "Prostate", blocks),)))
        slides = [piece for piece in shown.material if piece.kind is Kind.SLIDE]
        for image, slide in zip(images, slides, strict=False):
            if cases.linking.find_case_of(self.signer, image) is not None:
                cases.linking.unlink(self.signer, image, "for the next test")
            cases.linking.link(self.signer, image, slide.identifier)
        if not images:
            cases.move_case(self.signer, shown.case.id, CaseStatus.READY)
        template = self.parts.reports.shelf.get("prostate")
        ref = TemplateRef(template.id, template.version, template.digest)
        content = Content(ref, PROSTATE | values, {Section.DIAGNOSIS: "Carcinoma."})
        version = self.parts.reports.write(self.signer, shown.case.id, Draft(None, content, Language.EN))
        self.parts.reports.sign(self.signer, shown.case.id, version.number, version.sha256, PASSWORD)
        self.work()
        with reading(self.parts.database) as connection:
            query = sa.select(reread_table.c.id).where(reread_table.c.case_id == shown.case.id)
            reread_id = connection.execute(query).scalar_one()
        return self.reread(reread_id)

    def reread(self, reread_id: str) -> Reread:
        found: Reread = self.parts.rescreening().get_reread(self.signer, reread_id).reread
        return found

    def of(self, version: Version) -> list[InferenceRun]:
        return [run for run in self.runs() if run.version_id == version.id]


@pytest.fixture(scope="module")
def rounds(laboratory: Laboratory) -> Iterator[Rounds]:
    parts = laboratory.parts
    folder = parts.settings.data / "rescreening"
    folder.mkdir(exist_ok=True)
    (folder / "prostate.toml").write_text(RULES)
    parts.access.add_person("signer", "A signer", "home", Role.PATHOLOGIST, Role.TECHNICIAN)
    actor = parts.access.actor_for("signer")
    with quick_passwords():
        now = parts.cases.ledger.clock()
        grant = Grant(
            new_id(),
            GrantKind.SESSION,
            actor.person_id,
            now,
            now + timedelta(days=9),
            OrganisationId("home"),
            way=Way.PASSWORD,
        )
        with transaction(parts.database) as connection:
            credentials.put_password(connection, actor.person_id, passwords.hash_password(PASSWORD), now)
            parts.access.add_grant(connection, grant)
        yield Rounds(laboratory, replace(actor, purpose=Purpose.CARE, session_id=grant.id))
    (folder / "prostate.toml").unlink()


def version_of(laboratory: Laboratory, name: str, more: str = FINDING) -> Version:
    def for_any_stain(text: str) -> str:
        text = text.replace('stains = ["he"]\n', "").replace("\n[[validation]]", more, 1)
        return without_golden(text)

    weights = telling_weights(laboratory.pictures["tissue"])
    return laboratory.add(name, for_any_stain, network=scoring_network(weights=weights))


def test_the_node_reads_a_drawn_case_in_shadow_and_the_difference_is_for_a_third_reader(
    rounds: Rounds,
) -> None:
    version = version_of(rounds.laboratory, "reads-again")
    rounds.plan("sample.reads-again")
    image = rounds.laboratory.images["tissue"]
    found = rounds.sign(image, tissue_percent=1.0)
    (run,) = rounds.of(version)
    assert (run.state, run.is_shadow, run.created_by) == (RunState.DONE, True, None)
    share = 100 * run.scores["violet"]
    assert share > 21
    assert found.state is State.DISPUTED
    readings = rounds.parts.rescreening().readings
    arbiter = replace(rounds.parts.access.actor_for("reader"), purpose=Purpose.CARE)
    readings.begin(arbiter, found.id)
    (second,) = readings.compare(arbiter, found.id).seconds
    assert (second.reading.kind, second.reading.name, second.reading.version) == (
        ReaderKind.MODEL,
        "sample.reads-again",
        "1.0.0",
    )
    assert second.reading.answers is not None
    assert second.reading.answers.values == {"tissue_percent": round(share)}
    (difference,) = second.differences
    assert difference.element == "tissue_percent"
    assert rounds.parts.inference.list_of_image(arbiter, image) is not None
    assert run.id not in {each.id for each in rounds.parts.inference.list_of_image(arbiter, image)}


def test_nothing_runs_twice_and_what_agrees_ends_there(rounds: Rounds) -> None:
    version = version_of(rounds.laboratory, "agrees")
    (before,) = rounds.laboratory.ran(version)
    rounds.plan("sample.agrees 1.0.0")
    same = round(100 * before.scores["violet"])
    assert not before.outside
    found = rounds.sign(rounds.laboratory.images["tissue"], tissue_percent=float(same))
    assert found.state is State.AGREED
    rereading = rounds.parts.second_readings()
    assert not rereading.awaits(before.id)
    assert rereading.begin("home", found.id, found.signed.case_id, found.by_model)
    rereading.go_on(before.id)
    rereading.pick_up()
    rounds.work()
    assert [run.id for run in rounds.of(version)] == [before.id]
    assert rounds.reread(found.id).state is State.AGREED


def test_where_the_model_says_nothing_a_person_reads_in_its_place(rounds: Rounds) -> None:
    laboratory = rounds.laboratory
    abstains = version_of(laboratory, "abstains-again")
    rounds.plan("sample.abstains-again")
    blank = rounds.sign(laboratory.images["blank"])
    assert [run.state for run in rounds.of(abstains)] == [RunState.ABSTAINED]
    unscanned = rounds.sign()
    silent = version_of(laboratory, "silent-again", "\n[[validation]]")
    rounds.plan("sample.silent-again")
    without = rounds.sign(laboratory.images["tissue"])
    assert rounds.of(silent) == [], "a model without findings answers no report; it need not run"
    for found in (blank, unscanned, without):
        assert (found.state, found.by_person) == (State.WAITING, True)


def test_where_a_run_on_one_slide_was_cancelled_the_others_do_not_stand_for_the_case(rounds: Rounds) -> None:
    laboratory = rounds.laboratory
    version = version_of(laboratory, "cancelled-again")
    begun = laboratory.inference.start(laboratory.actor, laboratory.images["dividing"], [version.id])
    laboratory.inference.cancel(laboratory.actor, begun[0].id)
    rounds.plan("sample.cancelled-again")
    found = rounds.sign(laboratory.images["tissue"], laboratory.images["dividing"], tissue_percent=1.0)
    assert {run.state for run in rounds.of(version)} == {RunState.DONE, RunState.CANCELLED}
    assert (found.state, found.by_person) == (State.WAITING, True)


def test_a_program_of_another_name_is_waited_for(rounds: Rounds) -> None:
    withdrawn = version_of(rounds.laboratory, "withdrawn-again")
    rounds.parts.models.set_status(rounds.laboratory.reviewer, withdrawn.id, Status.WITHDRAWN, "for the test")
    for name in ("vendor.elsewhere", "sample.withdrawn-again"):
        rounds.plan(name)
        found = rounds.sign(rounds.laboratory.images["tissue"])
        assert (found.state, found.by_person, found.by_model) == (State.WAITING, False, name)
    assert rounds.of(withdrawn) == []
