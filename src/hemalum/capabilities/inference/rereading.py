"""Second readings by models of the node: drawn by `quality`, run here in shadow, handed back when done.

Nothing runs twice: what the version said of a slide already, for whatever reason, is what it says. As for
reports, only what lies within validated use answers; where that is nothing, the model abstained and a person
reads in its place.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.findings import findings_of
from hemalum.capabilities.inference.model import RUNNABLE, InferenceRun, RunState, SecondReading
from hemalum.capabilities.inference.service import Inference
from hemalum.capabilities.models.model import Version
from hemalum.capabilities.quality.service import Rescreening
from hemalum.formats.model.contract import Status
from hemalum.kernel.errors import Conflict, Invalid, NotFound
from hemalum.kernel.ids import ImageId, OrganisationId
from hemalum.runtime.db import reading, transaction

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SecondReadings:
    """Models that read signed cases a second time. May be used from many threads."""

    inference: Inference
    cases: Cases
    rescreening: Rescreening

    def begin(self, organisation_id: str, reread_id: str, case_id: str, by_model: str) -> bool:
        """Have the model that a plan names read a case; False where it is none here. Safe to repeat."""
        version = version_named(self.inference.models.versions_of(organisation_id), by_model)
        if version is None:
            return False
        begun = SecondReading(reread_id, OrganisationId(organisation_id), case_id, version.id)
        with transaction(self.inference.slides.database) as connection:
            store.add_second_reading(connection, begun, self.inference.slides.clock())
        with reading(self.inference.slides.database) as connection:
            kept = store.list_second_readings(connection, reread_id=reread_id)
        for each in kept:
            self._advance(each)
        return True

    def go_on(self, run_id: str) -> None:
        """Hand in what waited for a run that ended. Safe to repeat."""
        run = self.inference.find_for_node(run_id)
        if run is not None:
            self._advance_all(run.version_id)

    def awaits(self, run_id: str) -> bool:
        """Whether a second reading waits for the version of a run; most runs are waited for by none."""
        run = self.inference.find_for_node(run_id)
        if run is None:
            return False
        with reading(self.inference.slides.database) as connection:
            return bool(store.list_second_readings(connection, version_id=run.version_id))

    def pick_up(self) -> None:
        """Go on where a crash, a new scan or a deleted slide left a second reading. Safe to repeat."""
        self._advance_all(None)

    def _advance_all(self, version_id: str | None) -> None:
        with reading(self.inference.slides.database) as connection:
            waiting = store.list_second_readings(connection, version_id=version_id)
        for each in waiting:
            self._advance(each)

    def _advance(self, begun: SecondReading) -> None:
        try:
            version = self.inference.models.get_version(begun.organisation_id, begun.version_id)
        except NotFound:
            self._end(begun)
            return
        images = self._images_of(begun) if version.contract.findings else []
        asked = [self.inference.read_again(image, version) for image in images]
        runs = [run for run in asked if run is not None]
        if any(run.state.is_live for run in runs):
            return
        self._hand_in(begun, version, runs, len(asked) - len(runs))
        self._end(begun)

    def _hand_in(
        self, begun: SecondReading, version: Version, runs: Sequence[InferenceRun], missing: int
    ) -> None:
        # A slide that it is refused on is not what it is for; one on which it was cancelled is, and lacks.
        fitting = [run for run in runs if run.state is not RunState.REFUSED]
        is_valid = bool(fitting) and not any(run.outside for run in fitting)
        findings = findings_of(version.contract, fitting, missing) if is_valid else []
        number = version.contract.identity.version
        place = begun.organisation_id, begun.reread_id, number
        try:
            try:
                self.rescreening.readings.take_in_findings(*place, findings)
            except Invalid as error:
                # The rules of its contract do not fit the template: it cannot answer this report.
                _LOG.warning("second reading %s: %s", begun.reread_id, error)
                self.rescreening.readings.take_in_findings(*place, [])
        except (Conflict, NotFound) as error:
            # Given up, erased, or handed in before a crash.
            _LOG.info("second reading %s is not waited for: %s", begun.reread_id, error)

    def _images_of(self, begun: SecondReading) -> list[ImageId]:
        with reading(self.inference.slides.database) as connection:
            try:
                case, _ = self.cases.reporting.find_for_node(connection, begun.organisation_id, begun.case_id)
            except NotFound:
                return []
            return self.cases.reporting.newest_scans_of(connection, case)

    def _end(self, begun: SecondReading) -> None:
        with transaction(self.inference.slides.database) as connection:
            store.end_second_reading(connection, begun.reread_id, self.inference.slides.clock())


def version_named(versions: Sequence[Version], name: str) -> Version | None:
    """The version that a plan names by `id version`, or the one added last by its `id`; none withdrawn."""
    fitting = [
        each
        for each in versions
        if each.status is not Status.WITHDRAWN
        and each.contract.task in RUNNABLE
        and name
        in (each.contract.identity.id, f"{each.contract.identity.id} {each.contract.identity.version}")
    ]
    return max(fitting, key=lambda each: each.added_at, default=None)
