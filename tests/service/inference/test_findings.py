"""Findings of models in use for patients wait for whoever writes the report; others never get there."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hemalum.capabilities.access.model import Role
from hemalum.capabilities.cases.accessioning import Accession, PartAsked
from hemalum.capabilities.cases.model import CaseStatus, Kind
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.inference.offering import Offering
from hemalum.capabilities.models.model import Trial, Version
from hemalum.capabilities.reports.model import Content, Language, TemplateRef
from hemalum.capabilities.reports.showing import Draft
from hemalum.formats.model.contract import Metric, Status
from hemalum.formats.model.folder import read_model_folder
from hemalum.formats.model.signing import SIGNATURE_FILE, sign
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound, NotPermitted

from .conftest import Laboratory

FINDING = """
[[jurisdictions]]
code = "CN"
basis = "Test"

[[findings]]
name = "tumour_area"
measure = "area"
class_name = "violet"
interval = [0.8, 1.25]

[[validation]]"""
PATCH_MM2 = (32 * 0.5 / 1000) ** 2


@dataclass
class Clinic:
    """A model in use for patients, and somebody who writes reports."""

    laboratory: Laboratory
    version: Version
    run: InferenceRun
    doctor: Actor

    @property
    def offering(self) -> Offering:
        return self.laboratory.parts.offering()

    def answer(self, case_id: str, **values: Any) -> None:
        """A person answers the template for breasts first."""
        reports = self.laboratory.parts.reports
        template = reports.shelf.get("breast")
        content = Content(TemplateRef(template.id, template.version, template.digest), values)
        reports.write(self.doctor, case_id, Draft(None, content, Language.EN))

    def case(self, *images: str) -> str:
        """A case of a breast with these scans of its slides."""
        cases = self.laboratory.parts.cases
        blocks = tuple(("H&E",) for _ in images) or (("H&E",),)
        shown = cases.accession(self.doctor, Accession((PartAsked("core", "Breast", blocks),)))
        slides = [piece for piece in shown.material if piece.kind is Kind.SLIDE]
        for image, slide in zip(images, slides, strict=False):
            if cases.linking.find_case_of(self.doctor, image) is not None:
                cases.linking.unlink(self.doctor, image, "for the next test")
            cases.linking.link(self.doctor, image, slide.identifier)
        if not images:
            cases.move_case(self.doctor, shown.case.id, CaseStatus.READY)
        return str(shown.case.id)


def for_patients(text: str) -> str:
    return text.replace('stains = ["he"]\n', "").replace("\n[[validation]]", FINDING, 1)


@pytest.fixture(scope="module")
def clinic(laboratory: Laboratory) -> Clinic:
    parts = laboratory.parts
    (home,) = [one for one in parts.access.people.list_organisations() if one.id == "home"]
    parts.access.people.change_organisation(laboratory.actor, replace(home, jurisdiction="CN"))
    folder = laboratory.write("area", for_patients)
    key = Ed25519PrivateKey.generate()
    signature = sign(read_model_folder(folder).address, key)
    (folder / SIGNATURE_FILE).write_text(
        f'{{"public_key": "{signature.public_key}", "signature": "{signature.signature}"}}'
    )
    version = laboratory.in_shadow(parts.models.add(laboratory.actor, folder))
    (shadow,) = laboratory.ran(version)
    assert shadow.is_shadow
    parts.models.trust(laboratory.reviewer, signature.public_key, "Sample publisher")
    trial = Trial("own slides", 20, "slides", (Metric("Dice", 0.9),))
    parts.models.record_validation(laboratory.actor, version.id, trial)
    version = parts.models.set_status(laboratory.reviewer, version.id, Status.CLINICAL, "it is good")
    (run,) = laboratory.ran(version)
    assert run.state is RunState.DONE, run.reason
    assert run.outside == ()
    return Clinic(laboratory, version, run, parts.access.ensure_demo_person())


def test_findings_are_told_once_they_are_asked_for(clinic: Clinic) -> None:
    parts = clinic.laboratory.parts
    # What somebody asked for is kept for them: nobody else's tests ask as this person.
    parts.access.add_person("asker", "An asker", "home", Role.PATHOLOGIST, Role.TECHNICIAN)
    clinic = replace(clinic, doctor=parts.access.actor_for("asker"))
    case_id = clinic.case(clinic.laboratory.images["tissue"])
    (offer,) = clinic.offering.offers(clinic.doctor, case_id)
    assert (offer.version.id, [run.id for run in offer.runs]) == (clinic.version.id, [clinic.run.id])
    assert not offer.is_revealed
    # The template asks for an area where a person has found a tumour.
    clinic.answer(case_id, finding="invasive")
    assert parts.drafting.list(clinic.doctor, case_id) == []
    clinic.offering.reveal(clinic.doctor, case_id, clinic.version.id)
    current = parts.reports.show(clinic.doctor, case_id).current
    assert current is not None
    assert current.content is not None
    expected = clinic.run.scores["violet"] * (clinic.run.patches - clinic.run.abstained) * PATCH_MM2
    assert current.content.values["tumour_mm2"] == pytest.approx(expected, abs=0.006)
    (statement,) = [one for one in current.content.statements if one.subject == "element/tumour_mm2"]
    assert not statement.is_accepted
    assert f"(95 %: {float(f'{expected * 0.8:.4g}'):g}–" in statement.supports[0].said
    linked = {(one.kind.value, one.reference, one.image_id) for one in statement.supports}
    assert ("layer", clinic.run.layers[0], clinic.run.image_id) in linked
    (offer,) = clinic.offering.offers(clinic.doctor, case_id)
    assert offer.is_revealed
    clinic.offering.reveal(clinic.doctor, case_id, clinic.version.id)
    assert len(parts.drafting.list(clinic.doctor, case_id)) == 1


def test_what_a_person_answered_first_stays(clinic: Clinic) -> None:
    case_id = clinic.case(clinic.laboratory.images["tissue"])
    reports = clinic.laboratory.parts.reports
    clinic.answer(case_id, finding="invasive", tumour_mm2=7.5)
    clinic.offering.reveal(clinic.doctor, case_id, clinic.version.id)
    current = reports.show(clinic.doctor, case_id).current
    assert current is not None
    assert current.content is not None
    assert current.content.values["tumour_mm2"] == 7.5


def test_research_and_shadow_say_nothing_to_a_report(clinic: Clinic) -> None:
    laboratory = clinic.laboratory
    research = laboratory.add("area-of-research", for_patients)
    shadow = laboratory.in_shadow(laboratory.add("area-in-shadow", for_patients))
    laboratory.ran(research, shadow)
    case_id = clinic.case(laboratory.images["tissue"])
    offered = {each.version.id for each in clinic.offering.offers(clinic.doctor, case_id)}
    assert offered == {clinic.version.id}
    for version in (research, shadow):
        with pytest.raises(NotFound):
            clinic.offering.reveal(clinic.doctor, case_id, version.id)


def test_where_the_model_abstained_on_a_slide_it_states_nothing_of_the_case(clinic: Clinic) -> None:
    laboratory = clinic.laboratory
    (blank,) = laboratory.ran(clinic.version, on="blank")
    assert blank.state is RunState.ABSTAINED
    case_id = clinic.case(laboratory.images["tissue"], laboratory.images["blank"])
    clinic.offering.reveal(clinic.doctor, case_id, clinic.version.id)
    (shown,) = laboratory.parts.drafting.list(clinic.doctor, case_id)
    assert shown.handed is not None
    (finding,) = shown.handed.submission.findings
    assert finding.has_abstained
    assert finding.number is None
    assert [one.why for one in shown.handed.became] == [finding.why]
    assert str(finding.why) == "Of 2 slides, 1 have no answer."


def test_where_a_slide_was_not_looked_at_it_states_nothing_of_the_case(clinic: Clinic) -> None:
    laboratory = clinic.laboratory
    begun = laboratory.inference.start(laboratory.actor, laboratory.images["pen"], [clinic.version.id])
    laboratory.inference.cancel(laboratory.actor, begun[0].id)
    for name in ("nuclei", "pen"):
        case_id = clinic.case(laboratory.images["tissue"], laboratory.images[name])
        clinic.offering.reveal(clinic.doctor, case_id, clinic.version.id)
        (shown,) = laboratory.parts.drafting.list(clinic.doctor, case_id)
        assert shown.handed is not None
        (finding,) = shown.handed.submission.findings
        assert (finding.has_abstained, finding.number) == (True, None)
        assert str(finding.why) == "Of 2 slides, 1 have no answer."


def test_glass_that_was_scanned_twice_counts_once(clinic: Clinic) -> None:
    laboratory = clinic.laboratory
    (earlier,) = laboratory.ran(clinic.version, on="nodes")
    assert earlier.state is RunState.DONE
    case_id = clinic.case(laboratory.images["nodes"])
    cases = laboratory.parts.cases
    (slide,) = [
        piece for piece in cases.get_case(clinic.doctor, case_id).material if piece.kind is Kind.SLIDE
    ]
    tissue = laboratory.images["tissue"]
    if cases.linking.find_case_of(clinic.doctor, tissue) is not None:
        cases.linking.unlink(clinic.doctor, tissue, "for this test")
    cases.linking.link(clinic.doctor, tissue, slide.identifier)
    (offer,) = clinic.offering.offers(clinic.doctor, case_id)
    assert ([run.id for run in offer.runs], offer.missing) == ([clinic.run.id], 0)


def test_a_case_without_such_slides_is_offered_nothing(clinic: Clinic) -> None:
    assert clinic.offering.offers(clinic.doctor, clinic.case()) == []
    with pytest.raises(NotPermitted):
        clinic.offering.offers(clinic.laboratory.reviewer, clinic.case())
