"""Versions of models, what they may become, and what they fit. No I/O."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from hemalum.formats.model.contract import Contract, Jurisdiction, Metric, Status, Task
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.events import Event
from hemalum.kernel.ids import OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

VIEW = "models.view"
MANAGE = "models.manage"
"""To add versions, accept licences, trust publishers, keep validations, run in shadow."""
RELEASE = "models.release"
"""To let a version be used for patients, and to withdraw it."""

MOST_REASON = 2000
_TRANSITIONS = {
    Status.RESEARCH: {Status.SHADOW, Status.WITHDRAWN},
    Status.SHADOW: {Status.RESEARCH, Status.CLINICAL, Status.WITHDRAWN},
    Status.CLINICAL: {Status.SHADOW, Status.WITHDRAWN},
    Status.WITHDRAWN: set[Status](),
}


class NotReleasable(Conflict):
    """A version lacks what it takes to be used for patients. The sentence says what."""

    code = "not-releasable"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who accepted the licence of a version for an organisation."""

    by: PersonId
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model in an organisation."""

    id: str
    organisation_id: OrganisationId
    address: str
    contract: Contract
    status: Status
    size_bytes: int
    golden_tiles: int
    golden_difference: float
    """The greatest one found when it was added."""
    signed_with: str
    """The public key of whoever signed it; empty for none."""
    added_at: datetime
    added_by: PersonId
    added_by_name: str
    licence_accepted: Acceptance | None = None

    @property
    def title(self) -> str:
        """The name and the number of the version."""
        return f"{self.contract.identity.name} {self.contract.identity.version}"

    @property
    def awaits_acceptance(self) -> bool:
        """Whether somebody has to accept the licence before it runs."""
        return self.contract.licence.needs_acceptance and self.licence_accepted is None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change of the status of a version. Never changed itself."""

    number: int
    at: datetime
    by_name: str
    before: Status
    after: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a laboratory found when it tried a version on its own slides."""

    cohort: str
    n: int
    of: str
    metrics: tuple[Metric, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class LocalValidation:
    """A trial, and who stands for it."""

    number: int
    at: datetime
    by_name: str
    trial: Trial


class CheckStep(StrEnum):
    """What is looked at, one after the other, before a version is added."""

    ARCHIVE = "archive"
    """It unpacks, and names nothing that cannot belong to a model."""
    CONTRACT = "contract"
    FILES = "files"
    """They are those of the list, and what the contract names is there."""
    SIGNATURE = "signature"
    """It is of its key, or there is none."""
    NETWORK = "network"
    """It opens in a child process, and gives what its golden tiles say."""
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class StepChecked:
    """How one step went."""

    step: CheckStep
    is_good: bool | None
    """None: it was not come to."""
    problems: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveChecked:
    """What came of an archive."""

    steps: tuple[StepChecked, ...]
    version: Version | None
    """The one that was added, or was there already; None where something is wrong."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Somebody whose signature counts in an organisation."""

    public_key: str
    name: str
    added_at: datetime
    added_by_name: str


@dataclass(frozen=True, slots=True)
class ModelStatusChanged(Event):
    """A version may be used for something else from now on: it was added, moved, or withdrawn."""

    version_id: str
    organisation_id: OrganisationId
    status: str


# What it may become -------------------------------------------------------------------------------------


def check_transition(version: Version, after: Status, reason: str) -> None:
    """Whether a version may go from its status to another one, whoever asks.

    Raises:
        Invalid: no reason is given.
        Conflict: there is no way between the two.
    """
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Invalid("State the reason, in at most {most} characters.", most=MOST_REASON)
    if after not in _TRANSITIONS[version.status]:
        raise Conflict(
            "A version cannot go from {before} to {after}.", before=version.status.value, after=after.value
        )


def check_releasable(version: Version, validations: int, *, is_trusted: bool) -> None:
    """Whether a version has what it takes to be used for patients.

    Raises:
        NotReleasable: something is missing.
    """
    licence = version.contract.licence
    if not licence.clinical_use:
        raise NotReleasable("Its licence does not allow use for patients.")
    if version.awaits_acceptance:
        raise NotReleasable("Nobody has accepted its licence.")
    if not version.golden_tiles:
        raise NotReleasable("It has no golden tiles to check a runtime by.")
    if not is_trusted:
        raise NotReleasable("It is not signed by a publisher that this laboratory trusts.")
    if not validations:
        raise NotReleasable("This laboratory has recorded no validation on its own slides.")


# What it rests on ---------------------------------------------------------------------------------------

_RANKS = (Status.WITHDRAWN, Status.RESEARCH, Status.SHADOW, Status.CLINICAL)


def encoder_of(head: Version, versions: Iterable[Version]) -> Version | None:
    """The version that makes the embeddings of a slide head; None for a model that is none, or lacks it.

    Of those that it names, the one that may be used for as much as the head, else for most; of these the one
    added last.
    """
    wanted = head.contract.features
    if wanted is None:
        return None
    fitting = [
        each
        for each in versions
        if each.contract.identity.id == wanted.encoder
        and each.contract.task is Task.TILE_EMBEDDING
        and wanted.encoder_version in ("", each.contract.identity.version)
    ]
    return max(
        fitting,
        key=lambda each: (_RANKS.index(lower(head.status, each.status)), each.added_at),
        default=None,
    )


def lower(first: Status, second: Status) -> Status:
    """The one of two statuses that allows less: a chain may be used for no more than its least part."""
    return min(first, second, key=_RANKS.index)


def check_chain(version: Version, versions: Iterable[Version]) -> None:
    """Whether what a version rests on may be used for patients, too.

    Raises:
        NotReleasable: its encoder may not, or is not here.
    """
    if version.contract.features is None:
        return
    encoder = encoder_of(replace(version, status=Status.CLINICAL), versions)
    if encoder is None or encoder.status is not Status.CLINICAL:
        raise NotReleasable(
            "It rests on the encoder {encoder}, which is not in clinical use here: release that first.",
            encoder=version.contract.features.encoder,
        )


# What it fits -------------------------------------------------------------------------------------------


class Fitness(StrEnum):
    """Whether a version may run on a slide."""

    OK = "ok"
    OUTSIDE = "outside-validated-use"
    """It runs, and whatever it gives is marked."""
    REFUSED = "refused"
    """It does not run."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a version may run on a slide, and why not."""

    verdict: Fitness
    reasons: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class SlideFacts:
    """What is known of a slide, in terms of the metadata profile; empty where nothing is."""

    um_per_px: float | None
    """Of the finest level; the coarser of both axes."""
    stain: str = ""
    organ: str = ""
    scanner: str = ""
    jurisdiction: str = ""
    """Of the organisation that uses it, ISO 3166."""
    specimen_type: str = ""
    """How the tissue was taken."""


@dataclass(slots=True)
class _Reasons:
    refused: list[Sentence] = field(default_factory=list)
    outside: list[Sentence] = field(default_factory=list)


def fits(version: Version, slide: SlideFacts, today: date) -> Fit:
    """Whether a version may run on a slide today, with every reason that speaks against it.

    What makes its numbers meaningless or is forbidden refuses; what nobody has validated marks.
    """
    found = _Reasons()
    _check_permission(version, slide, today, found)
    _check_scale(version.contract, slide, found)
    _check_stain(version.contract, slide, found)
    _check_organ(version.contract, slide, found)
    _check_specimen(version.contract, slide, found)
    _check_scanner(version.contract, slide, found)
    if found.refused:
        return Fit(Fitness.REFUSED, tuple(found.refused))
    return Fit(Fitness.OUTSIDE, tuple(found.outside)) if found.outside else Fit(Fitness.OK)


def _check_permission(version: Version, slide: SlideFacts, today: date, found: _Reasons) -> None:
    contract = version.contract
    if version.status is Status.WITHDRAWN or contract.identity.status is Status.WITHDRAWN:
        found.refused.append(Sentence("The version is withdrawn."))
    if version.awaits_acceptance:
        found.refused.append(Sentence("Nobody has accepted its licence."))
    if version.status is not Status.CLINICAL:
        return
    if not contract.licence.clinical_use:
        found.refused.append(Sentence("Its licence does not allow use for patients."))
    valid = [each for each in contract.jurisdictions if each.until is None or each.until >= today]
    if not any(_covers(each, slide.jurisdiction) for each in valid):
        found.outside.append(
            Sentence(
                "It is not registered for use on patients in {place}.", {"place": slide.jurisdiction or "?"}
            )
        )


def _covers(registered: Jurisdiction, place: str) -> bool:
    """Whether a registration holds at a place: for it, or for the country that it is a part of."""
    return place == registered.code or place.startswith(f"{registered.code}-")


def _check_scale(contract: Contract, slide: SlideFacts, found: _Reasons) -> None:
    if slide.um_per_px is None:
        found.refused.append(Sentence("The slide has no physical scale; somebody has to state it."))
        return
    given = contract.input
    if given is None:
        return
    coarsest = given.um_per_px * (1 + given.um_per_px_tolerance)
    if slide.um_per_px > coarsest:
        found.refused.append(
            Sentence(
                "The slide has {um} um/px, and the model needs {most} um/px or finer.",
                {"um": round(slide.um_per_px, 4), "most": round(coarsest, 4)},
            )
        )


def _check_stain(contract: Contract, slide: SlideFacts, found: _Reasons) -> None:
    if not contract.stains or slide.stain in contract.stains:
        return
    if slide.stain:
        found.refused.append(Sentence("The model is not for the stain {stain}.", {"stain": slide.stain}))
    else:
        found.outside.append(Sentence("The stain of the slide is not stated."))


def _check_organ(contract: Contract, slide: SlideFacts, found: _Reasons) -> None:
    if not contract.organs or slide.organ in contract.organs:
        return
    if slide.organ:
        found.outside.append(Sentence("It was not validated on the organ {organ}.", {"organ": slide.organ}))
    else:
        found.outside.append(Sentence("The organ of the slide is not stated."))


def _check_specimen(contract: Contract, slide: SlideFacts, found: _Reasons) -> None:
    wanted = contract.specimen_types
    if not wanted or slide.specimen_type in wanted:
        return
    if slide.specimen_type:
        found.outside.append(
            Sentence("It was not validated on specimens of {specimen}.", {"specimen": slide.specimen_type})
        )
    else:
        found.outside.append(Sentence("How the specimen was taken is not stated."))


def _check_scanner(contract: Contract, slide: SlideFacts, found: _Reasons) -> None:
    known = {one.casefold() for one in contract.scanners}
    if not known or slide.scanner.casefold() in known:
        return
    if slide.scanner:
        found.outside.append(
            Sentence("It was not validated on the scanner {scanner}.", {"scanner": slide.scanner})
        )
    else:
        found.outside.append(Sentence("The scanner of the slide is not known."))
