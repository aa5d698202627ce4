"""Findings of models that are used for patients wait until whoever writes the report asks for them.

Nothing of a model stands in a report before that: the reader looks first, and what they have
answered by then stays. That they asked, and how much of the slides they had seen, is kept with their reading.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hemalum.capabilities.cases.model import Case
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.findings import findings_of
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Fitness, Version
from hemalum.capabilities.reading.service import Reading
from hemalum.capabilities.slides.model import ImageStatus
from hemalum.formats.model.contract import Status
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import ImageId
from hemalum.runtime.db import reading

REPORT = "cases.report"
VIEW_PATIENT = "cases.view_patient"
_SAID_NOTHING = frozenset({RunState.CANCELLED, RunState.REFUSED})

type HandIn = Callable[[Actor, str, dict[str, Any]], None]
"""Hands findings of a case in to its report, in the form in which programs do; raises as reports do."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a model has to say of a case, without what it says."""

    version: Version
    runs: tuple[InferenceRun, ...]
    """The last of the version on each slide of the case that it may be used on for patients."""
    missing: int
    """Such slides without one: never run, cancelled, in shadow alone, or scanned anew since."""
    is_revealed: bool
    """Whether this reader has asked for it."""


@dataclass(frozen=True)
class Offering:
    """Findings of runs on their way into reports. May be used from many threads."""

    inference: Inference
    cases: Cases
    reading: Reading
    hand_in: HandIn

    def offers(self, actor: Actor, case_id: str) -> list[Offer]:
        """The models that are used for patients and have findings for the report of a case.

        Raises:
            NotFound: the actor's organisation has no such case.
            NotPermitted: the actor writes no reports.
        """
        asking = self.cases.ledger.ask(actor, VIEW_PATIENT, REPORT)
        with reading(self.inference.slides.database) as connection:
            case = self.cases.reporting.find(connection, asking, case_id)
            if self.cases.reporting.is_withheld(connection, asking, case):
                return []
            images = self.cases.reporting.newest_scans_of(connection, case)
            runs = [run for image in images for run in store.list_of_image(connection, image)]
        return list(self._offers(actor, case, images, self.inference.seen(actor, runs)))

    def reveal(self, actor: Actor, case_id: str, version_id: str) -> Offer:
        """Draw what a model found into the report as a draft, and keep that the actor asked for it.

        The same once more changes nothing. Raises as `offers` and as reports do.

        Raises:
            NotFound: this version has nothing to say of the case.
        """
        offer = next((one for one in self.offers(actor, case_id) if one.version.id == version_id), None)
        if offer is None:
            raise NotFound("No such model has findings for this case.")
        contract = offer.version.contract
        findings = findings_of(contract, offer.runs, offer.missing)
        of_runs = hashlib.sha256(" ".join(sorted(run.id for run in offer.runs)).encode()).hexdigest()
        self.hand_in(actor, case_id, {"id": f"runs-{of_runs[:32]}", "findings": findings})
        name = f"{contract.identity.name} {contract.identity.version}"
        for run in offer.runs:
            self.reading.reveal(actor, run.image_id, _subject(run), name, timedelta())
        return replace(offer, is_revealed=True)

    def _offers(
        self, actor: Actor, case: Case, images: Sequence[ImageId], runs: Sequence[InferenceRun]
    ) -> Iterator[Offer]:
        by_version: dict[str, list[InferenceRun]] = {}
        for run in runs:
            # What was found outside of validated use is for nobody's report.
            if run.state not in _SAID_NOTHING and not run.is_shadow and not run.outside:
                by_version.setdefault(run.version_id, []).append(run)
        versions = {each.id: each for each in self.inference.models.versions_of(case.organisation_id)}
        for version_id, own in by_version.items():
            version = versions.get(version_id)
            if version is None or version.status is not Status.CLINICAL or not version.contract.findings:
                continue
            current, missing = self._sorted_out(version, images, own)
            # A sum over a part of the slides would pass for one over all of them.
            if current and not any(run.state.is_live for run in current):
                asked = all(self._is_revealed(actor, run) for run in current)
                yield Offer(version, current, missing, asked)

    def _sorted_out(
        self, version: Version, images: Sequence[ImageId], runs: Sequence[InferenceRun]
    ) -> tuple[tuple[InferenceRun, ...], int]:
        """The newest run on each slide that the version may be used on for patients today, and how many of
        these slides have none. `runs` begin with the newest."""
        found: list[InferenceRun] = []
        missing = 0
        for image_id in images:
            image = self.inference.slides.get_image_of_any(image_id)
            is_available = image.status is ImageStatus.AVAILABLE
            if is_available and self.inference.fit(version, image).verdict is not Fitness.OK:
                continue
            on_it = (run for run in runs if (run.image_id, run.generation) == (image_id, image.generation))
            last = next(on_it, None)
            if last is None:
                missing += 1
            else:
                found.append(last)
        return tuple(found), missing

    def _is_revealed(self, actor: Actor, run: InferenceRun) -> bool:
        return _subject(run) in {each.subject for each in self.reading.list_reveals(actor, run.image_id)}


def _subject(run: InferenceRun) -> str:
    return f"run/{run.id}"
