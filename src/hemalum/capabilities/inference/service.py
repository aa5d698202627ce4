"""What people and the node do with runs: start, follow, cancel, repeat and compare them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec

from hemalum.capabilities.appraisal.service import Appraising
from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.comparing import compare
from hemalum.capabilities.inference.devices import Devices, find_devices
from hemalum.capabilities.inference.exporting import Exported, embedding_of
from hemalum.capabilities.inference.heads import PLACE_LASTS_S, fit_with_encoder, is_head
from hemalum.capabilities.inference.model import (
    RUN,
    RUNNABLE,
    VIEW_SHADOW,
    WHOLE,
    Chunk,
    Engine,
    InferenceRun,
    RunEnded,
    RunState,
    VersionComparison,
    cells_output,
    check_transition,
)
from hemalum.capabilities.inference.passing import Passing
from hemalum.capabilities.inference.recolouring import NO_REFERENCE, needs, states_reference
from hemalum.capabilities.inference.segmenting import (
    WRITE,
    check_segmentable,
    segmentation_of,
    segmented,
)
from hemalum.capabilities.inference.stating import WRITE as WRITE_REPORT
from hemalum.capabilities.inference.stating import report_of
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.models.model import Fit, Fitness, Version, encoder_of, fits, lower
from hemalum.capabilities.models.service import Models
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.layers.segments import SegmentationForm
from hemalum.formats.model.contract import Status, Task
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NoPhysicalScale, NotFound, NotPermitted
from hemalum.kernel.ids import ImageId, new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import JobState, Run
from hemalum.runtime.sandbox import Limits, Workers

LOOK_JOB = "inference.look"
"""For the runs of an image that were asked for together; the name lives in the queue."""
SLIDES_VIEW = "slides.view"
SLIDES_EXPORT = "slides.export"

MOST_LISTED = 200
MOST_AT_ONCE = 20
"""Versions that one request starts on a slide."""
_AUTOMATIC = frozenset({Status.SHADOW, Status.CLINICAL})
_MEASURE = "hemalum.capabilities.inference.measuring:measure_run"
_GIVEN_UP = Sentence("The run failed for a reason inside the node; it can be repeated.")
_NO_CELLS = Sentence("This node does not know the way in which this model states cells.")
_NOT_COLOUR = Sentence("Models run on slides in colour; this one has channels.")


@dataclass(frozen=True)
class Inference:
    """The use cases of runs on one node. May be used from many threads."""

    slides: Slides
    layers: Layers
    models: Models
    appraising: Appraising
    workers: Workers
    """Children in which networks run."""
    processes: int
    """Chunks that run at the same time."""
    devices: Devices
    """On which networks run, where there are any."""

    def close(self) -> None:
        """End the child processes."""
        self.devices.close()
        self.workers.close()

    # Starting --------------------------------------------------------------------------------------------

    def consider(self, image_id: str) -> list[InferenceRun]:
        """Start whatever runs by itself on an image and has not run on this scan yet. Safe to repeat."""
        try:
            image = self.slides.get_image_of_any(image_id)
        except NotFound:
            return []
        if image.status is not ImageStatus.AVAILABLE:
            return []
        versions = self.models.versions_of(image.summary.organisation_id)
        wanted = [
            each for each in versions if _standing(each, versions) in _AUTOMATIC and self.may_run(each, image)
        ]
        with reading(self.slides.database) as connection:
            known = store.list_of_image(connection, image_id)
        done = {each.version_id for each in known if each.generation == image.generation}
        return self._begin(image, [each for each in wanted if each.id not in done], None)

    def read_again(self, image_id: str, version: Version) -> InferenceRun | None:
        """The last run of a version on an image as it is now; where there is none, one that begins in shadow.

        None where the slide is not available. Safe to repeat: nothing runs twice.
        """
        try:
            image = self.slides.get_image_of_any(image_id)
        except NotFound:
            return None
        if image.status is not ImageStatus.AVAILABLE:
            return None
        known = self.list_of_image_for_node(image_id)
        own = (
            each
            for each in known
            if each.version_id == version.id and each.generation == (image.generation or "")
        )
        last = next(own, None)
        if last is not None:
            return last
        begun = self._begin(image, [version], None, in_shadow=True)
        return next(each for each in begun if each.version_id == version.id)

    def start(self, actor: Actor, image_id: str, version_ids: Sequence[str]) -> list[InferenceRun]:
        """Run versions over a slide. One that may not run on it is refused, and its run says why.

        Raises:
            NotPermitted: the actor may not.
            NotFound: the actor may not see the slide, or there is no such version.
            Conflict: the slide is not available.
            Invalid: there is nothing to run, or too much.
        """
        _check(actor, RUN)
        image = self.slides.permit(actor, image_id, SLIDES_VIEW).image
        if not 1 <= len(set(version_ids)) <= MOST_AT_ONCE:
            raise Invalid("Between 1 and {most} models are started at once.", most=MOST_AT_ONCE)
        if image.status is not ImageStatus.AVAILABLE:
            raise Conflict("Models run on a slide once it is available.")
        if image.summary.organisation_id != actor.organisation_id:
            raise NotPermitted("Models can only be run on slides of your own organisation.")
        versions = [
            self.models.get_version(actor.organisation_id, each) for each in dict.fromkeys(version_ids)
        ]
        return self._begin(image, versions, actor)

    def retry(self, actor: Actor, run_id: str) -> InferenceRun:
        """Run the same version over the same slide once more; what came out before stays. Raises as `start`.

        Raises:
            Conflict: the run has not ended.
        """
        run = self.get_run(actor, run_id)
        if run.state.is_live:
            raise Conflict("The run has not ended yet.")
        begun = self.start(actor, run.image_id, [run.version_id])
        return next(each for each in begun if each.version_id == run.version_id)

    def may_run(self, version: Version, image: Image) -> bool:
        """Whether a version may run on an image now."""
        return version.contract.task in RUNNABLE and self.fit(version, image).verdict is not Fitness.REFUSED

    def fit(self, version: Version, image: Image) -> Fit:
        """Whether a version may run on an image now, and how far that was validated."""
        if version.contract.task not in RUNNABLE:
            task = version.contract.task.value
            return Fit(
                Fitness.REFUSED, (Sentence("This node runs no models of the task {task}.", {"task": task}),)
            )
        if version.contract.task is Task.CELL_INSTANCES and cells_output(version.contract) is None:
            return Fit(Fitness.REFUSED, (_NO_CELLS,))
        if image.description is not None and not image.description.is_brightfield:
            return Fit(Fitness.REFUSED, (_NOT_COLOUR,))
        own = self._fit_alone(version, image)
        if not is_head(version.contract):
            return own
        encoder = encoder_of(version, self.models.versions_of(version.organisation_id))
        return fit_with_encoder(
            version, own, encoder, None if encoder is None else self._fit_alone(encoder, image)
        )

    def _fit_alone(self, version: Version, image: Image) -> Fit:
        given = version.contract.input
        if given is not None and needs(given) and not states_reference(given):
            return Fit(Fitness.REFUSED, (NO_REFERENCE,))
        place = self.slides.gate.place_of(image.summary.organisation_id)
        return fits(version, self.models.facts_of(image, place.country), self.slides.clock().date())

    def _with_encoders(self, image: Image, versions: Iterable[Version]) -> list[Version]:
        """The versions, and before each head that may run the encoder that has not run on this scan yet."""
        asked = list(versions)
        with reading(self.slides.database) as connection:
            known = store.list_of_image(connection, image.id)
        done = {
            each.version_id
            for each in known
            if each.generation == image.generation and each.state is RunState.DONE
        }
        wanted: dict[str, Version] = {}
        for version in asked:
            if is_head(version.contract) and self.may_run(version, image):
                encoder = encoder_of(version, self.models.versions_of(version.organisation_id))
                if encoder is not None and encoder.id not in done:
                    wanted[encoder.id] = encoder
            wanted[version.id] = version
        return list(wanted.values())

    def _begin(
        self, image: Image, versions: Iterable[Version], actor: Actor | None, *, in_shadow: bool = False
    ) -> list[InferenceRun]:
        pass_id = new_id()
        runs: list[InferenceRun] = []
        with transaction(self.slides.database) as connection:
            for version in self._with_encoders(image, versions):
                if not runs:
                    store.add_pass(connection, pass_id, image.id)
                fit = self.fit(version, image)
                identity = version.contract.identity
                number = store.next_number(connection, image.id, identity.id, identity.version)
                run = self._new_run(image, version, fit, number, pass_id, actor)
                run = replace(run, is_shadow=True) if in_shadow else run
                detail = {"run": run.id, "model": run.model_id, "version": run.model_version}
                self.slides.tell(actor, "inference.start", image.summary, state=run.state.value, **detail)
                store.add_run(connection, run)
                if run.state is RunState.REFUSED:
                    outbox.publish(connection, _ended(run))
                runs.append(run)
        if any(each.state.is_live for each in runs):
            self._hand_in(pass_id)
        return runs

    def _new_run(
        self, image: Image, version: Version, fit: Fit, number: int, pass_id: str, actor: Actor | None
    ) -> InferenceRun:
        identity = version.contract.identity
        now = self.slides.clock()
        refused = fit.verdict is Fitness.REFUSED
        return InferenceRun(
            id=new_id(),
            organisation_id=version.organisation_id,
            image_id=image.id,
            generation=image.generation or "",
            number=number,
            version_id=version.id,
            model_id=identity.id,
            model_version=identity.version,
            model_name=identity.name,
            model_name_zh=identity.name_zh,
            address=version.address,
            task=version.contract.task.value,
            is_shadow=version.status is Status.SHADOW,
            state=RunState.REFUSED if refused else RunState.WAITING,
            reason=fit.reasons[0] if refused else None,
            outside=fit.reasons if fit.verdict is Fitness.OUTSIDE else (),
            pass_id=pass_id,
            created_at=now,
            created_by=None if actor is None else actor.person_id,
            ended_at=now if refused else None,
        )

    def _hand_in(self, pass_id: str) -> None:
        self.slides.queue.enqueue(LOOK_JOB, {"pass_id": pass_id}, job_id=_job(pass_id), computing=True)

    # By the node -----------------------------------------------------------------------------------------

    def do(self, run: Run, pass_id: str) -> None:
        """The job of a pass."""
        Passing(self, run, pass_id).run()

    def end(self, run_id: str, state: RunState, reason: Sentence | None, **values: Any) -> None:
        """Bring a run to an end, unless it has ended."""
        now = self.slides.clock()
        with transaction(self.slides.database) as connection:
            run = store.find_run(connection, run_id, to_write=True)
            if run is None or not run.state.is_live:
                return
            check_transition(run.state, state)
            summary = self.slides.find_summary(run.image_id)
            if summary is not None:
                detail = {"run": run.id, "model": run.model_id, "version": run.model_version}
                self.slides.tell(None, "inference.end", summary, state=state.value, **detail)
            store.update_run(connection, run_id, state=state, reason=reason, ended_at=now, **values)
            outbox.publish(connection, RunEnded(now, run_id, run.image_id, run.organisation_id, state))

    def any_live(self, pass_id: str) -> bool:
        """Whether anybody still waits for something of a pass."""
        with reading(self.slides.database) as connection:
            return any(each.state.is_live for each in store.list_of_pass(connection, pass_id))

    def pick_up(self) -> None:
        """Hand in again what a crash left without a job, and end what its job gave up. Safe to repeat."""
        with reading(self.slides.database) as connection:
            live = store.list_live(connection)
        for pass_id in {each.pass_id for each in live}:
            state = self.slides.queue.find_state(_job(pass_id))
            if state is None:
                self._hand_in(pass_id)
            elif state in (JobState.FAILED, JobState.DONE):
                for each in live:
                    if each.pass_id == pass_id:
                        self.end(each.id, RunState.FAILED, _GIVEN_UP)

    def measure(
        self, version: Version, image: Image, chunks: Sequence[Chunk], cancelled: Callable[[], bool]
    ) -> dict[str, Any]:
        """What the chunks of a run hold, as `measuring.measure_run` answers it; raises as that."""
        places = [
            self.slides.blobs.place(each.blob_key, self.slides.blobs.size(each.blob_key), PLACE_LASTS_S)
            for each in chunks
        ]
        spacing = None if image.description is None else image.description.measurable_um
        if spacing is None:
            raise NoPhysicalScale("This slide has no physical scale; models run once its um/px is stated.")
        width_px, height_px = image.summary.width_px or 0, image.summary.height_px or 0
        asked = {
            "contract": msgspec.to_builtins(version.contract),
            "chunks": places,
            "slide_um": (width_px * spacing.x_um, height_px * spacing.y_um),
        }
        found: dict[str, Any] = self.workers.call(_MEASURE, asked, cancelled=cancelled)
        return found

    def find_for_node(self, run_id: str) -> InferenceRun | None:
        """A run of any organisation, for what the node does by itself."""
        with reading(self.slides.database) as connection:
            return store.find_run(connection, run_id)

    def list_of_image_for_node(self, image_id: str) -> list[InferenceRun]:
        """All runs on an image, newest first; those in shadow, too."""
        with reading(self.slides.database) as connection:
            return store.list_of_image(connection, image_id)

    def list_done_for_node(
        self, organisation_id: str, model_id: str, version: str, image_ids: Collection[str]
    ) -> list[InferenceRun]:
        """The last run that is done of a version, for each of these images."""
        with reading(self.slides.database) as connection:
            return store.list_done(connection, organisation_id, model_id, version, among_ids=image_ids)

    def list_images_of_version(
        self, organisation_id: str, version_id: str, after: str, most: int
    ) -> list[ImageId]:
        """Images on which a version was run, in the order of their ids, those after one."""
        with reading(self.slides.database) as connection:
            return store.list_images_of_version(connection, organisation_id, version_id, after, most)

    # By people -------------------------------------------------------------------------------------------

    def cancel(self, actor: Actor, run_id: str) -> InferenceRun:
        """Stop a run. The others of its pass go on.

        Raises:
            NotPermitted: the actor may not.
            NotFound: there is no such run that the actor may see.
            Conflict: it has ended.
        """
        _check(actor, RUN)
        run = self.get_run(actor, run_id)
        if run.organisation_id != actor.organisation_id:
            # They see it on a slide that was sent to them.
            raise NotPermitted("Only the organisation that started a run can cancel it.")
        image = self.slides.get_image_of_any(run.image_id)
        with transaction(self.slides.database) as connection:
            found = store.find_run(connection, run_id, to_write=True)
            check_transition(run.state if found is None else found.state, RunState.CANCELLED)
            detail = {"run": run.id, "model": run.model_id, "version": run.model_version}
            self.slides.tell(actor, "inference.cancel", image.summary, **detail)
            now = self.slides.clock()
            store.update_run(connection, run_id, state=RunState.CANCELLED, reason=None, ended_at=now)
            ended = RunEnded(now, run_id, run.image_id, run.organisation_id, RunState.CANCELLED)
            outbox.publish(connection, ended)
        return replace(run, state=RunState.CANCELLED, ended_at=now)

    def get_run(self, actor: Actor, run_id: str) -> InferenceRun:
        """A run that the actor may see.

        Raises:
            NotFound: there is none.
        """
        with reading(self.slides.database) as connection:
            run = store.find_run(connection, run_id)
        if run is None or not self.seen(actor, [run]):
            raise NotFound("There is no such run.")
        return run

    def encoder_run_of(self, run: InferenceRun) -> InferenceRun | None:
        """The run whose embeddings a head was given, for whoever was found to see the head's."""
        if run.task != Task.SLIDE_HEAD.value:
            return None
        with reading(self.slides.database) as connection:
            kept = store.find_pass(connection, run.pass_id)
            rests_on = None if kept is None or kept.plan is None else kept.plan.get("encoder_runs", {})
            return store.find_run(connection, rests_on[run.id]) if rests_on and run.id in rests_on else None

    def engines_of(self, actor: Actor, run_id: str) -> list[Engine]:
        """What a run that the actor may see was computed on. Raises as `get_run` does, and:

        Raises:
            NotPermitted: the actor may not run models.
        """
        _check(actor, RUN)
        return self.used_by(self.get_run(actor, run_id))

    def used_by(self, run: InferenceRun) -> list[Engine]:
        """What a run was computed on so far, for whoever was found to see it."""
        with reading(self.slides.database) as connection:
            return store.list_engines(connection, run.pass_id, run.id)

    def list_of_image(self, actor: Actor, image_id: str) -> list[InferenceRun]:
        """The runs on a slide that the actor may see, newest first. Raises as `Slides.permit` does.

        What runs in shadow is for those who may see models.
        """
        self.slides.permit(actor, image_id, SLIDES_VIEW)
        with reading(self.slides.database) as connection:
            return self.seen(actor, store.list_of_image(connection, image_id))

    def list_runs(
        self, actor: Actor, state: RunState | None = None, model_id: str | None = None
    ) -> list[InferenceRun]:
        """The newest runs of the actor's organisation on slides that they may see.

        Raises:
            NotPermitted: the actor may not see them.
        """
        _check(actor, RUN)
        with reading(self.slides.database) as connection:
            found = store.list_runs(
                connection, actor.organisation_id, state=state, model_id=model_id, most=MOST_LISTED
            )
        return self.seen(actor, found)

    def list_done(self, actor: Actor, model_id: str, version: str) -> list[InferenceRun]:
        """The last run of a version that is done, for each slide of their own that the actor may see.

        Raises:
            NotPermitted: the actor may not see them.
        """
        _check(actor, RUN)
        with reading(self.slides.database) as connection:
            return self.seen(actor, store.list_done(connection, actor.organisation_id, model_id, version))

    def runnable(self, actor: Actor, image_id: str) -> list[tuple[Version, Fit]]:
        """The versions of the actor's organisation, each with whether it may run on a slide.

        Raises as `start` does.
        """
        _check(actor, RUN)
        image = self.slides.permit(actor, image_id, SLIDES_VIEW).image
        versions = self.models.versions_of(actor.organisation_id)
        return [(each, self.fit(each, image)) for each in versions if each.contract.task in RUNNABLE]

    def export(self, actor: Actor, run_id: str, form: str = "csv") -> Exported:
        """A run whose patches leave the node as a file, once that stands in the log.

        Raises:
            NotFound: there is no such run that the actor may see.
            NotPermitted: the actor may look at the slide and not export it.
            Conflict: the model does not look at patches, or the run has not come to its end.
        """
        run = self.get_run(actor, run_id)
        if run.state not in WHOLE:
            raise Conflict("Patches can be exported once the run is done.")
        if run.task == Task.SLIDE_HEAD.value:
            raise Conflict("A slide head says nothing about single patches; export those of its encoder.")
        return self._exported(actor, run, form)

    def export_segmentation(
        self, actor: Actor, run_id: str, form: SegmentationForm
    ) -> tuple[InferenceRun, bytes]:
        """A run as a DICOM Segmentation, once that stands in the log. It names the patient as layers do.

        Raises as `export` does, and:
            Conflict: the model has no classes or probabilities, the run is not done, was on an earlier scan,
                or the slide has no DICOM form yet.
        """
        run = self.get_run(actor, run_id)
        contract = self.models.get_version(run.organisation_id, run.version_id).contract
        segmented(contract, form)
        image = self.slides.get_image_of_any(run.image_id)
        check_segmentable(run, image)
        exported = self._exported(actor, run, f"seg-{form.value}")
        chunks = map(self.slides.blobs.get, exported.keys)
        told = segmentation_of(exported, form, image, self.grid_of(run), chunks)
        source = self.layers.dicom_source(actor, run.image_id)
        content: bytes = self.slides.workers.call(WRITE, told | source)
        return run, content

    def export_measurements(self, actor: Actor, run_id: str) -> tuple[InferenceRun, bytes]:
        """What a run measured, as a DICOM structured report, once that stands in the log.

        It names the patient as layers do. Raises as `export` and `stating.report_of` do, and:
            Conflict: the slide has no DICOM form yet.
        """
        run = self.get_run(actor, run_id)
        image = self.slides.get_image_of_any(run.image_id)
        version = self.models.get_version(run.organisation_id, run.version_id)
        told = report_of(run, version, image, self.used_by(run))
        self._exported(actor, run, "sr")
        source = self.layers.dicom_source(actor, run.image_id)
        content: bytes = self.slides.workers.call(WRITE_REPORT, told | source)
        return run, content

    def grid_of(self, run: InferenceRun) -> tuple[int, int]:
        """Rows and columns of the grid of patches on which a run was planned."""
        with reading(self.slides.database) as connection:
            kept = store.find_pass(connection, run.pass_id)
        assert kept is not None
        assert kept.plan is not None
        level = kept.plan["levels"][kept.plan["runs"].index(run.id)]
        return int(level[3]), int(level[4])

    def export_embeddings(self, actor: Actor, run_id: str) -> Exported:
        """The same of a run of an encoder. Raises as `export` does, and:

        Raises:
            Conflict: the model gives no embeddings, or the run is not done.
        """
        run = self.get_run(actor, run_id)
        embedding_of(self.models.get_version(run.organisation_id, run.version_id).contract)
        if run.state is not RunState.DONE:
            raise Conflict("Embeddings are exported once their run is done.")
        return self._exported(actor, run, "npz")

    def _exported(self, actor: Actor, run: InferenceRun, form: str) -> Exported:
        permitted = self.slides.permit(actor, run.image_id, SLIDES_EXPORT)
        version = self.models.get_version(run.organisation_id, run.version_id)
        with reading(self.slides.database) as connection:
            chunks = store.list_chunks(connection, [run.id])
        detail = {"run": run.id, "model": run.model_id, "version": run.model_version, "form": form}
        self.slides.tell(permitted.actor, "inference.export", permitted.image.summary, **detail)
        return Exported(run, version, self.used_by(run), [each.blob_key for each in chunks])

    def compare(self, actor: Actor, first_id: str, second_id: str) -> VersionComparison:
        """Two versions on the slides on which both were run and are done, and the actor may see.

        Raises as `comparing.compare` does, and:
            NotPermitted: the actor may not see what models in shadow said.
        """
        _check(actor, VIEW_SHADOW)
        return compare(self, actor, (first_id, second_id))

    def name_of(self, image_id: str) -> str:
        """What the slide of a run is called, for whoever was found to see it."""
        summary = self.slides.find_summary(image_id)
        return "" if summary is None else summary.name

    def seen(self, actor: Actor, runs: list[InferenceRun]) -> list[InferenceRun]:
        """Those of the runs that the actor may see."""
        visible = self.slides.visible_among(actor, {each.image_id for each in runs})
        sees_shadow = VIEW_SHADOW in actor.permissions
        return [
            each
            for each in runs
            if each.image_id in visible
            and (not each.is_shadow or (sees_shadow and each.organisation_id == actor.organisation_id))
        ]


def open_inference(slides: Slides, layers: Layers, models: Models, appraising: Appraising) -> Inference:
    """The runs of a node. Child processes start on demand."""
    settings = slides.settings
    limits = Limits(
        memory_mib=settings.model_memory_mib,
        stall_s=settings.model_stall_s,
        idle_s=settings.worker_idle_s,
    )
    workers = Workers(settings.model_workers, limits)
    devices = Devices(models, settings, partial(find_devices, settings, workers))
    return Inference(slides, layers, models, appraising, workers, settings.model_workers, devices)


def _check(actor: Actor, permission: str) -> None:
    if permission not in actor.permissions:
        raise NotPermitted("You may not do this with runs of models.")


def _standing(version: Version, versions: Sequence[Version]) -> Status:
    """What a version may be used for with what it rests on."""
    encoder = encoder_of(version, versions)
    return version.status if encoder is None else lower(version.status, encoder.status)


def _ended(run: InferenceRun) -> RunEnded:
    """That a run has ended as it began."""
    return RunEnded(run.created_at, run.id, run.image_id, run.organisation_id, run.state)


def _job(pass_id: str) -> str:
    return f"inference-{pass_id}"
