"""One pass: the runs of one image that were asked for together, chunk by chunk.

Every part can be repeated: a process may die at any moment.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.cells import cells_of_run
from hemalum.capabilities.inference.devices import Allotment, Lease
from hemalum.capabilities.inference.heads import conclude, is_head
from hemalum.capabilities.inference.model import (
    Chunk,
    Engine,
    InferenceRun,
    Measured,
    Pass,
    Recolouring,
    RunState,
    digest_of,
)
from hemalum.capabilities.inference.recolouring import chosen, needs
from hemalum.capabilities.inference.results import gather, write_layers
from hemalum.capabilities.models.model import Fitness, Version
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.kernel.errors import HemalumError, NoPhysicalScale, NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.jobs import Run
from hemalum.runtime.sandbox import Cancelled, ChildDied, ChildOutOfMemory, ChildStalled

if TYPE_CHECKING:
    from hemalum.capabilities.inference.service import Inference

_PLAN = "hemalum.capabilities.inference.planning:plan"
_RUN_CHUNK = "hemalum.capabilities.inference.running:run_chunk"

_NO_TISSUE = Sentence("The model found no tissue to look at on this slide.")
_ONLY_PEN = Sentence("Only pen ink stands out on this slide; the model found no tissue to look at.")
_MOST_ABSTAINED = 0.5
"""Where a model says nothing of more than this share of a slide, it says nothing of the slide."""
_CHANGED = Sentence("The slide has been rescanned or re-read since; start the model again.")

type Array = NDArray[Any]


@dataclass(frozen=True)
class _Live:
    """A run that goes on, with its version and its place among the models of the plan."""

    run: InferenceRun
    version: Version
    at: int
    """None of them for a head: -1."""

    @property
    def is_head(self) -> bool:
        return is_head(self.version.contract)


class Passing:
    """One pass at work."""

    def __init__(self, inference: "Inference", run: Run, pass_id: str) -> None:
        self._inference = inference
        self._slides = inference.slides
        self._job = run
        self._pass_id = pass_id
        self._allotment = Allotment(inference.devices, self._is_idle)

    def run(self) -> None:
        """Do what is left to do. Steps that were done before are not repeated."""
        planned = self._job.step("plan", self._plan)
        for first in range(0, planned["chunks"], planned["at_once"]):
            if not self._job.step(f"chunks.{first}", partial(self._look, first, planned["at_once"])):
                break
        self._job.step("finish", self._finish)

    # Planning --------------------------------------------------------------------------------------------

    def _plan(self) -> dict[str, int]:
        at_once = self._inference.processes
        nothing = {"chunks": 0, "at_once": at_once}
        kept = self._kept_pass()
        if kept is not None and kept.plan is not None:
            return {"chunks": len(kept.plan["chunks"]), "at_once": kept.plan["at_once"]}
        live = self._live()
        if not live:
            return nothing
        if all(each.is_head for each in live):
            self._begin_heads(live)
            return nothing
        image = self._slides.get_image_of_any(live[0].run.image_id)
        heads = [each for each in live if each.is_head]
        live = [each for each in live if not each.is_head]
        try:
            plan = self._planned(image, [each.version for each in live])
            colours = self._colours(image, live, plan["patches"])
        except Cancelled:
            return nothing
        except HemalumError as error:
            state = RunState.REFUSED if isinstance(error, NoPhysicalScale) else RunState.FAILED
            for each in (*live, *heads):
                self._inference.end(each.run.id, state, _told(error))
            return nothing
        key = f"images/{image.id}/inference/{self._pass_id}/plan.npz"
        record = self._slides.blobs.put(key, plan.pop("content"))
        plan |= {"runs": [each.run.id for each in live], "at_once": at_once}
        now = self._slides.clock()
        with transaction(self._slides.database) as connection:
            store.keep_plan(connection, self._pass_id, key, plan)
            self._slides.attach(connection, image.id, key)
            for each, patches in zip(live, plan["patches"], strict=True):
                own = colours.get(each.run.id)
                recolouring = own if isinstance(own, Recolouring) else None
                store.begin_run(connection, each.run.id, patches, now, recolouring)
            for each in heads:
                store.begin_run(connection, each.run.id, 0, now)
        self._slides.write_manifest(image.id, record)
        for each, refused in zip(live, plan["refused"], strict=True):
            if refused is not None:
                self._inference.end(each.run.id, RunState.REFUSED, typed(refused, Sentence))
        for run_id, own in colours.items():
            if isinstance(own, Sentence):
                self._inference.end(run_id, RunState.REFUSED, own)
        return {"chunks": len(plan["chunks"]), "at_once": at_once}

    def _colours(
        self, image: Image, live: Sequence[_Live], patches: Sequence[int]
    ) -> dict[str, Recolouring | Sentence]:
        """How the colours are brought to those of each model that asks for it, or why not, by run.

        The stains are those of the appraisal, which is made now where there is none yet.
        """
        asking = {
            each.run.id: given
            for each, count in zip(live, patches, strict=True)
            if (given := each.version.contract.input) is not None and needs(given) and count
        }
        if not asking:
            return {}
        told = self._inference.appraising.appraise(image.id, self._job.cancelled)
        if told is None:
            raise Cancelled("The work was cancelled.")
        return {run_id: chosen(given, told) for run_id, given in asking.items()}

    def _begin_heads(self, heads: Sequence[_Live]) -> None:
        """Heads alone, whose encoder has run before: there is nothing to be planned."""
        with transaction(self._slides.database) as connection:
            store.keep_plan(connection, self._pass_id, None, {"chunks": [], "runs": [], "at_once": 1})
            for each in heads:
                store.begin_run(connection, each.run.id, 0, self._slides.clock())

    def _planned(self, image: Image, versions: Sequence[Version]) -> dict[str, Any]:
        # Whoever set it to a device that is not there hears of it, and not of a slow run.
        self._inference.devices.found()
        description = image.description
        if description is None or image.thumbnail_key is None:
            raise NotFound("This image has no picture of the whole slide to find tissue on.")
        spacing = description.measurable_um
        found: dict[str, Any] = self._inference.workers.call(
            _PLAN,
            {
                "thumbnail": self._slides.blobs.get(image.thumbnail_key),
                "on_dark": not description.is_brightfield,
                "sizes": [[level.size.width_px, level.size.height_px] for level in description.levels],
                "spacing_um": None if spacing is None else [spacing.x_um, spacing.y_um],
                "contracts": [msgspec.to_builtins(each.contract) for each in versions],
            },
            cancelled=self._job.cancelled,
        )
        return found

    # Looking ---------------------------------------------------------------------------------------------

    def _look(self, first: int, count: int) -> bool:
        """Run what still runs over some chunks at once; whether there is anything left to run."""
        kept = self._kept_pass()
        live = self._patchwise()
        if not live or kept is None or kept.plan_key is None:
            return False
        with np.load(io.BytesIO(self._slides.blobs.get(kept.plan_key)), allow_pickle=False) as arrays:
            planned = {name: arrays[name] for name in arrays.files}
        assert kept.plan is not None
        numbers = range(first, min(first + count, len(kept.plan["chunks"])))
        with ThreadPoolExecutor(max_workers=count) as pool:
            # Taken one by one, so that the first error is raised here.
            for _ in pool.map(lambda number: self._chunk(number, live, kept, planned), numbers):
                pass
        return bool(self._patchwise())

    def _chunk(self, number: int, live: Sequence[_Live], kept: Pass, planned: Mapping[str, Array]) -> None:
        with reading(self._slides.database) as connection:
            chunks = store.list_chunks(connection, [each.run.id for each in live])
        done = {each.run_id for each in chunks if each.number == number}
        left = [each for each in live if each.run.id not in done]
        if not left:
            return
        try:
            self._run(number, left, kept, planned)
        except Cancelled:
            return
        except HemalumError as error:
            if len(left) == 1:
                self._inference.end(left[0].run.id, RunState.FAILED, _told(error))
                return
            # One of them brought it down; alone, each is told from the others.
            for each in left:
                self._chunk(number, [each], kept, planned)

    def _run(self, number: int, left: Sequence[_Live], kept: Pass, planned: Mapping[str, Array]) -> None:
        assert kept.plan is not None
        image = self._slides.get_image_of_any(kept.image_id)
        network_of = self._inference.models.network_of
        lost: list[tuple[_Live, Lease]] = []
        with self._allotment.leased({each.run.id: each.version for each in left}) as leases:
            models = [
                _asked(each, kept.plan, planned, number) | network_of(each.version) | _at(leases, each)
                for each in left
            ]
            answers = self._inference.workers.call(
                _RUN_CHUNK,
                {"recipe": self._slides.recipe(image), "models": models},
                cancelled=self._is_idle,
            )
            for each, model, answer in zip(left, models, answers, strict=True):
                lease = leases.get(each.run.id)
                if lease is not None and answer["lost"]:
                    lost.append((each, lease))
                    continue
                engine = self._allotment.engine_of(each.run.id, lease, answer["onnxruntime"])
                self._commit(number, each, len(model["places"]) // 8, answer, engine)
        for each, lease in lost:
            self._allotment.lost(each.run.id, lease)
            self._chunk(number, [each], kept, planned)

    def _commit(
        self, number: int, each: _Live, patches: int, answer: Mapping[str, Any], engine: Engine
    ) -> None:
        run, image_id = each.run, each.run.image_id
        key = f"images/{image_id}/inference/{run.id}/{number:05d}.npz"
        record = self._slides.blobs.put(key, answer["content"])
        with transaction(self._slides.database) as connection:
            found = store.find_run(connection, run.id, to_write=True)
            if found is None or found.state is not RunState.RUNNING:
                return
            store.add_chunk(connection, Chunk(run.id, number, patches, answer["abstained"], key))
            store.keep_engine(connection, self._pass_id, run.id, engine)
            self._slides.attach(connection, image_id, record.key)

    def _is_idle(self) -> bool:
        """Whether nobody waits for what this pass does."""
        return self._job.cancelled() or not self._inference.any_live(self._pass_id)

    # Finishing -------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        kept = self._kept_pass()
        if kept is None or kept.plan is None:
            return
        for each in self._patchwise():
            run = each.run
            if run.patches == 0:
                reason = _ONLY_PEN if kept.plan["only_pen"][each.at] else _NO_TISSUE
                self._inference.end(run.id, RunState.ABSTAINED, reason)
                continue
            with reading(self._slides.database) as connection:
                chunks = store.list_chunks(connection, [run.id])
            try:
                self._conclude(run, each.version, kept.plan["levels"][each.at], chunks)
            except HemalumError as error:
                self._inference.end(run.id, RunState.FAILED, _told(error))
        for each in self._live():
            self._conclude_head(each)
        self._slides.write_manifest(kept.image_id)

    def _conclude_head(self, head: _Live) -> None:
        try:
            conclude(self._inference, head.run, head.version, self._job.cancelled)
        except Cancelled:
            return
        except HemalumError as error:
            self._inference.end(head.run.id, RunState.FAILED, _told(error))

    def _conclude(
        self, run: InferenceRun, version: Version, level: Sequence[float], chunks: Sequence[Chunk]
    ) -> None:
        grid = int(level[3]), int(level[4])
        keys = [each.blob_key for each in chunks]

        def read() -> Iterator[bytes]:
            return map(self._slides.blobs.get, keys)

        image = self._slides.get_image_of_any(run.image_id)
        try:
            answer = self._inference.measure(version, image, chunks, self._job.cancelled)
        except Cancelled:
            return
        cells = None if answer["cells"] is None else cells_of_run(read, answer["cells"])
        found = gather(version.contract, grid, read())
        engines = self._inference.used_by(run)
        layers: tuple[str, ...] = ()
        if not run.is_shadow:
            layers = write_layers(self._inference.layers, run, engines, version.contract, found, cells)
        digest = digest_of(found.digest, engines)
        if run.abstained > run.patches * _MOST_ABSTAINED:
            reason = Sentence(
                "The model abstained on {abstained} of {patches} patches.",
                {"abstained": run.abstained, "patches": run.patches},
            )
            self._inference.end(run.id, RunState.ABSTAINED, reason, layers=layers, digest=digest)
            return
        kept = {"scores": found.scores, "layers": layers, "digest": digest}
        measured = typed(answer["measured"], Measured)
        self._inference.end(run.id, RunState.DONE, None, measured=measured, **kept)

    # ------------------------------------------------------------------------------------------------------

    def _kept_pass(self) -> Pass | None:
        with reading(self._slides.database) as connection:
            return store.find_pass(connection, self._pass_id)

    def _live(self) -> list[_Live]:
        """The runs that go on. Those that may not, ends first: models are withdrawn, slides change."""
        with reading(self._slides.database) as connection:
            kept = store.find_pass(connection, self._pass_id)
            runs = store.list_of_pass(connection, self._pass_id)
        live: list[_Live] = []
        order = None if kept is None or kept.plan is None else kept.plan["runs"]
        for run in runs:
            if not run.state.is_live:
                continue
            version = self._still_allowed(run)
            if version is not None:
                at = len(live) if order is None else order.index(run.id) if run.id in order else -1
                live.append(_Live(run, version, at))
        return live

    def _patchwise(self) -> list[_Live]:
        """Those of the runs that go on that look at patches."""
        return [each for each in self._live() if not each.is_head]

    def _still_allowed(self, run: InferenceRun) -> Version | None:
        try:
            image = self._slides.get_image_of_any(run.image_id)
            version = self._inference.models.get_version(run.organisation_id, run.version_id)
        except NotFound as error:
            self._inference.end(run.id, RunState.CANCELLED, error.sentence)
            return None
        if image.status is not ImageStatus.AVAILABLE or image.generation != run.generation:
            self._inference.end(run.id, RunState.CANCELLED, _CHANGED)
            return None
        fit = self._inference.fit(version, image)
        if fit.verdict is Fitness.REFUSED:
            self._inference.end(run.id, RunState.REFUSED, fit.reasons[0])
            return None
        return version


def _asked(each: _Live, plan: Mapping[str, Any], planned: Mapping[str, Array], number: int) -> dict[str, Any]:
    """What a child is told of a model and of its patches in a chunk."""
    first, last = plan["chunks"][number]
    blocks = planned[f"blocks.{each.at}"]
    low, high = np.searchsorted(blocks, (first, last + 1))
    level, across, down, *_ = plan["levels"][each.at]
    return {
        "contract": msgspec.to_builtins(each.version.contract),
        "recolouring": msgspec.to_builtins(each.run.recolouring),
        "level": int(level),
        "scale": [across, down],
        "places": planned[f"places.{each.at}"][low:high].astype("<i4").tobytes(),
        "blocks": blocks[low:high].astype("<i8").tobytes(),
    }


def _at(leases: Mapping[str, Lease], each: _Live) -> dict[str, Any]:
    """Where a child finds the network of a run: at a device, or nowhere, so that it opens it itself."""
    lease = leases.get(each.run.id)
    return {"device": None if lease is None else lease.place}


def _told(error: HemalumError) -> Sentence:
    """Why a run failed, in the words of a model: a child tells of files."""
    if isinstance(error, ChildStalled):
        return Sentence("The model made no progress and was stopped.")
    if isinstance(error, ChildOutOfMemory):
        return Sentence("The model needs more memory than is allowed.")
    if isinstance(error, ChildDied):
        return Sentence("The process in which the model ran died.")
    return error.sentence
