"""A version runs where it fits, and every reason against it is told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hemalum.capabilities.models.model import (
    Acceptance,
    Fitness,
    NotReleasable,
    SlideFacts,
    Version,
    check_releasable,
    check_transition,
    fits,
)
from hemalum.formats.model.contract import Status
from hemalum.formats.model.reading import read_contract
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.testing.models import SAMPLE_TOML

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOON.date()
GOOD = SlideFacts(0.25, "he", "stomach", "Scanner 1", "CN-44")


def version(old: str = "", new: str = "", **values: Any) -> Version:
    """The sample, its contract changed."""
    assert old in SAMPLE_TOML
    made = Version(
        "v1",
        OrganisationId("home"),
        "0" * 64,
        read_contract(SAMPLE_TOML.replace(old, new, 1).encode() if old else SAMPLE_TOML.encode()),
        Status.RESEARCH,
        1000,
        1,
        0.0,
        "",
        NOON,
        PersonId("dev"),
        "Developer",
    )
    return replace(made, **values)


def judged(found: Version, slide: SlideFacts = GOOD, today: date = TODAY) -> tuple[Fitness, list[str]]:
    fit = fits(found, slide, today)
    return fit.verdict, [str(one) for one in fit.reasons]


def test_what_fits_runs() -> None:
    assert judged(version()) == (Fitness.OK, [])
    assert judged(version(), replace(GOOD, um_per_px=0.55))[0] is Fitness.OK


@pytest.mark.parametrize(
    ("slide", "said"),
    [
        (replace(GOOD, um_per_px=None), "no physical scale"),
        (replace(GOOD, um_per_px=0.56), "0.56 um/px, and the model needs 0.55"),
        (replace(GOOD, stain="ihc_ki67"), "not for the stain ihc_ki67"),
    ],
)
def test_what_would_mean_nothing_is_refused(slide: SlideFacts, said: str) -> None:
    verdict, reasons = judged(version(), slide)
    assert verdict is Fitness.REFUSED
    assert said in reasons[0]


def test_what_nobody_tried_is_marked() -> None:
    narrow = version('stains = ["he"]', 'stains = ["he"]\norgans = ["lung"]\nscanners = ["Scanner 2"]')
    verdict, reasons = judged(narrow)
    assert verdict is Fitness.OUTSIDE
    assert len(reasons) == 2
    of_biopsies = version('stains = ["he"]', 'stains = ["he"]\nspecimen_types = ["biopsy"]')
    assert judged(of_biopsies, replace(GOOD, specimen_type="biopsy")) == (Fitness.OK, [])
    verdict, reasons = judged(of_biopsies, replace(GOOD, specimen_type="excision"))
    assert verdict is Fitness.OUTSIDE
    assert reasons == ["It was not validated on specimens of excision."]
    assert judged(of_biopsies) == (Fitness.OUTSIDE, ["How the specimen was taken is not stated."])
    verdict, reasons = judged(narrow, SlideFacts(0.5))
    assert verdict is Fitness.OUTSIDE
    assert [one.split()[1] for one in reasons] == ["stain", "organ", "scanner"]
    assert judged(narrow, replace(GOOD, organ="lung", scanner="SCANNER 2"))[0] is Fitness.OK


def test_a_withdrawn_version_and_one_whose_licence_nobody_accepted_do_not_run() -> None:
    assert judged(version(status=Status.WITHDRAWN)) == (Fitness.REFUSED, ["The version is withdrawn."])
    asked = version('name = "Apache-2.0"', 'name = "Terms"\nneeds_acceptance = true')
    assert judged(asked) == (Fitness.REFUSED, ["Nobody has accepted its licence."])
    accepted = replace(asked, licence_accepted=Acceptance(PersonId("q"), "Q", NOON))
    assert judged(accepted)[0] is Fitness.OK


def test_use_on_patients_asks_for_a_registration_here_that_has_not_ended() -> None:
    registered = (
        '[[jurisdictions]]\ncode = "CN"\nbasis = "NMPA class III"\nuntil = 2027-01-01\n\n[calibration]'
    )
    clinical = version("[calibration]", registered, status=Status.CLINICAL)
    assert judged(clinical)[0] is Fitness.OK
    assert judged(clinical, replace(GOOD, jurisdiction="HK"))[0] is Fitness.OUTSIDE
    assert judged(clinical, replace(GOOD, jurisdiction="CNX"))[0] is Fitness.OUTSIDE
    assert judged(clinical, today=date(2027, 1, 2))[0] is Fitness.OUTSIDE
    research_only = version('name = "Apache-2.0"', 'name = "Research"\nclinical_use = false')
    assert judged(research_only)[0] is Fitness.OK
    assert judged(replace(research_only, status=Status.CLINICAL))[0] is Fitness.REFUSED


def test_a_version_goes_by_shadow_and_never_comes_back_from_withdrawal() -> None:
    check_transition(version(), Status.SHADOW, "to be tried")
    with pytest.raises(Conflict, match="from research to clinical"):
        check_transition(version(), Status.CLINICAL, "in a hurry")
    with pytest.raises(Conflict, match="from withdrawn"):
        check_transition(version(status=Status.WITHDRAWN), Status.RESEARCH, "again")
    with pytest.raises(Invalid, match="reason"):
        check_transition(version(), Status.SHADOW, "  ")


@pytest.mark.parametrize(
    ("found", "validations", "trusted", "said"),
    [
        (version('name = "Apache-2.0"', 'name = "R"\nclinical_use = false'), 1, True, "does not allow"),
        (version('name = "Apache-2.0"', 'name = "R"\nneeds_acceptance = true'), 1, True, "accepted"),
        (version(golden_tiles=0), 1, True, "golden"),
        (version(), 1, False, "not signed"),
        (version(), 0, True, "no validation"),
    ],
)
def test_release_asks_for_all_it_takes(found: Version, validations: int, trusted: bool, said: str) -> None:
    with pytest.raises(NotReleasable, match=said):
        check_releasable(found, validations, is_trusted=trusted)


def test_what_has_it_all_is_releasable() -> None:
    check_releasable(version(), 1, is_trusted=True)
