"""Runs of models over slides, their states and what came out. No I/O."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hemalum.analysis.pleomorphism import Spread
from hemalum.analysis.stain import Colouring
from hemalum.capabilities.appraisal.model import Stain
from hemalum.capabilities.models.model import Version
from hemalum.formats.model.contract import (
    NUCLEI,
    NUCLEUS_CLASSES,
    Activation,
    Contract,
    Normalisation,
    Output,
    OutputClass,
    Spatial,
    Task,
)
from hemalum.kernel.errors import Conflict
from hemalum.kernel.events import Event
from hemalum.kernel.ids import ImageId, OrganisationId, PersonId
from hemalum.kernel.sentence import Sentence

VIEW_SHADOW = "inference.view_shadow"
"""To see what models in shadow said, and to compare versions."""
RUN = "inference.run"
"""To start, cancel and repeat runs."""


class RunState(StrEnum):
    """Where a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """The network or the slide let it down. The reason says how."""
    CANCELLED = "cancelled"
    REFUSED = "refused"
    """The model may not run on this slide. The reason says why."""
    ABSTAINED = "abstained"
    """The model ran, or found nothing to look at, and says nothing. No score."""

    @property
    def is_live(self) -> bool:
        """Whether it waits or runs."""
        return self in LIVE


PATCHWISE = frozenset(
    {Task.TILE_SCORE, Task.TILE_EMBEDDING, Task.REGION_SEGMENTATION, Task.CELL_INSTANCES, Task.QUALITY}
)
"""Tasks of models that look at the patches of a slide one by one."""
RUNNABLE = PATCHWISE | {Task.SLIDE_HEAD}
"""Tasks of models that run here: heads look at what an encoder, which is patchwise, said of all patches."""

_NUCLEI_MAPS = 2

LIVE = frozenset({RunState.WAITING, RunState.RUNNING})
WHOLE = frozenset({RunState.DONE, RunState.ABSTAINED})
"""The model went through all of the slide."""
_LEGAL = {
    RunState.WAITING: frozenset(RunState) - {RunState.WAITING},
    RunState.RUNNING: frozenset(RunState) - {RunState.WAITING, RunState.RUNNING},
}


def cells_output(contract: Contract) -> Output | None:
    """The output of which this node makes cells; None for a model that gives none, or by another method."""
    return next((each for each in contract.outputs if _gives_nuclei(each)), None)


def _gives_nuclei(output: Output) -> bool:
    decoding = output.decoding
    is_maps = output.spatial is Spatial.PIXEL and len(output.classes) == _NUCLEI_MAPS
    return is_maps and decoding is not None and decoding.method == NUCLEI


def cell_classes_output(contract: Contract) -> Output | None:
    """The output by which cells get their classes; None for a model that tells none."""
    if cells_output(contract) is None:
        return None
    return next((each for each in contract.outputs if _tells_classes(each)), None)


def _tells_classes(output: Output) -> bool:
    decoding = output.decoding
    is_likely = output.spatial is Spatial.PIXEL and output.activation is Activation.SOFTMAX
    return is_likely and decoding is not None and decoding.method == NUCLEUS_CLASSES


def check_transition(now: RunState, then: RunState) -> None:
    """Raise Conflict unless a run may go from one state to the other; what ended stays as it ended."""
    if then not in _LEGAL.get(now, frozenset()):
        raise Conflict("The run is {now} and cannot become {then}.", now=now.value, then=then.value)


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle of a slide, from its upper left corner."""

    x_um: float
    y_um: float
    width_um: float
    height_um: float


@dataclass(frozen=True, slots=True)
class RegionPlace:
    """One region that patches make up."""

    box: Place
    """That holds it."""
    mm2: float
    """Of its patches."""


@dataclass(frozen=True, slots=True)
class RegionsMeasured:
    """The regions of a rule of findings, on one slide."""

    count: int
    largest_mm: float = 0.0
    """Greatest length of the largest."""
    largest_least_mm: float = 0.0
    largest_most_mm: float = 0.0
    """What it may be with the same patches."""
    largest: Place | None = None
    places: tuple[RegionPlace, ...] = ()
    """Those with the greatest area, from top to bottom; a few."""


@dataclass(frozen=True, slots=True)
class HotspotMeasured:
    """The field of `mitosis.HOTSPOT_MM2` with the most candidates for mitoses."""

    count: int
    looked_mm2: float
    """Of it."""
    place: Place


@dataclass(frozen=True, slots=True)
class ClassCounted:
    """How many cells of a slide are of one class of the model."""

    name: str
    title: str
    title_zh: str
    count: int


@dataclass(frozen=True, slots=True)
class CellsMeasured:
    """The cells of one slide, each counted once."""

    count: int
    area_um2: Spread
    circularity: Spread
    candidates: int | None
    """For mitoses. None where there are too few nuclei to tell what is usual."""
    hotspot: HotspotMeasured | None
    classes: tuple[ClassCounted, ...] = ()
    """In the order of the contract; none of a model that tells no classes of cells."""

    def count_of(self, class_name: str) -> int:
        """How many are of a class; all where none is named."""
        if not class_name:
            return self.count
        return sum(each.count for each in self.classes if each.name == class_name)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run found on its slide, in numbers."""

    looked_mm2: float
    """Of patches where the model did not abstain."""
    areas_mm2: Mapping[str, float]
    """Of the patches of each class."""
    regions: Mapping[str, RegionsMeasured] = field(default_factory=dict)
    """By the name of the finding, where it is of patches."""
    cells: CellsMeasured | None = None
    interest: Mapping[str, tuple[RegionPlace, ...]] = field(default_factory=dict)
    """By class that an operating point is for: its largest regions, from top to bottom; a few."""


@dataclass(frozen=True, slots=True)
class Recolouring:
    """What the colours of a slide are, from which they are brought to those that a model was made for."""

    stains: tuple[Stain, Stain] | None
    """Haematoxylin and eosin; None where they could not be told."""
    colouring: Colouring | None
    """Mean and spread in their place."""

    @property
    def method(self) -> Normalisation:
        return Normalisation.REINHARD if self.stains is None else Normalisation.MACENKO


@dataclass(frozen=True, slots=True)
class InferenceRun:
    """One version of a model on one scan of one image."""

    id: str
    organisation_id: OrganisationId
    image_id: ImageId
    generation: str
    """Of the image."""
    number: int
    """Among the runs of this version on this image, from 1."""
    version_id: str
    """Of the version in its organisation, for `models`."""
    model_id: str
    model_version: str
    model_name: str
    model_name_zh: str
    address: str
    task: str
    is_shadow: bool
    """Whether the version was in shadow mode then: no reader sees what it says."""
    state: RunState
    reason: Sentence | None
    outside: tuple[Sentence, ...]
    pass_id: str
    created_at: datetime
    created_by: PersonId | None
    """None: the node by itself."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    patches: int = 0
    patches_done: int = 0
    abstained: int = 0
    """Patches of which the model said nothing."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """Share of patches by class, of those where the model did not abstain; of a head the probability of each
    class for the slide. None when the run abstained."""
    layers: tuple[str, ...] = ()
    measured: Measured | None = None
    """Of a run over patches that is done."""
    recolouring: Recolouring | None = None
    """None where the network is given colours as they were scanned."""
    digest: str | None = None
    """SHA-256 of all that came out, however it was parted: the same input and version give the same one on a
    processor, and on devices of one kind; see `digest_of`."""


@dataclass(frozen=True, slots=True)
class DoneRun:
    """A run that is done, by what tells it from others alone: a version may have a million of them."""

    id: str
    image_id: ImageId
    generation: str
    created_at: datetime


class DeviceEnd(StrEnum):
    """Why the process that holds a model on a device went, or never began to serve."""

    UNPROVED = "unproved"
    """The model has no golden tiles."""
    MISMATCH = "mismatch"
    """Its golden tiles do not hold on the device."""
    OUT_OF_MEMORY = "out-of-memory"
    FAILED = "failed"

    @property
    def is_of_model(self) -> bool:
        """Whether it would be the same on the next try."""
        return self in (DeviceEnd.UNPROVED, DeviceEnd.MISMATCH)


PROCESSOR = "CPUExecutionProvider"
"""What onnxruntime calls the processor."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What ran the network of a run."""

    provider: str
    """The execution provider of onnxruntime, by its name there."""
    onnxruntime: str
    """Its version."""
    device: int | None = None
    """Number of the device; None for the processor."""
    device_name: str = ""
    batch: int = 1
    """Patches that went through the network at once."""
    instead: Sentence | None = None
    """Why it was the processor on a node whose models run on devices."""

    @property
    def is_device(self) -> bool:
        """Whether it was something else than the processor."""
        return self.device is not None

    def __str__(self) -> str:
        """As files name it: `CUDAExecutionProvider (NVIDIA H200; onnxruntime 1.25.0; 64 at once)`."""
        parts = (self.device_name, f"onnxruntime {self.onnxruntime}", f"{self.batch} at once")
        return f"{self.provider} ({'; '.join(filter(None, parts))})"


def digest_of(content: bytes, engines: Iterable[Engine]) -> str:
    """SHA-256 of what came out of a run, and of the kind of device, if any, on which it was computed.

    Another provider, kind of device, version of onnxruntime or size of batches rounds differently, so what
    comes of it is never taken for the same, even where it is. On processors the content alone counts.
    """
    kinds = {
        f"{each.provider}\n{each.device_name}\n{each.onnxruntime}\n{each.batch}"
        for each in engines
        if each.is_device
    }
    return hashlib.sha256(content + "\n\n".join(sorted(kinds)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """The output of a run for some patches, kept in a blob."""

    run_id: str
    number: int
    patches: int
    abstained: int
    blob_key: str


@dataclass(frozen=True, slots=True)
class Pass:
    """The job in which some runs of one image are done together."""

    id: str
    image_id: ImageId
    plan_key: str | None
    plan: Mapping[str, Any] | None
    """What `planning.plan` answered, without the patches; `encoder_runs`, by head the run it rests on; and
    `engines`, by run what its network ran on, most often one."""


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """A run of a model over a slide came to an end, of whatever kind."""

    run_id: str
    image_id: ImageId
    organisation_id: OrganisationId
    state: RunState


@dataclass(frozen=True, slots=True)
class SecondReading:
    """A signed case that a version reads a second time, in shadow."""

    reread_id: str
    """For `quality`."""
    organisation_id: OrganisationId
    case_id: str
    version_id: str


class ComparedUnit(StrEnum):
    """What two versions are compared by."""

    PATCHES = "patches"
    SLIDES = "slides"
    """Of heads, which say one thing of a slide."""
    NOTHING = "nothing"
    """Their patches are not of the same grid; shares by slide alone stand beside one another."""


@dataclass(frozen=True, slots=True)
class PatchDifference:
    """A patch for which two versions name different classes."""

    x_um: float
    """Of its middle, from the corner of the slide."""
    y_um: float
    side_um: float
    first: str
    """The class by its name; empty for none of them."""
    second: str
    difference: float
    """The greatest of the values by class, absolute."""


@dataclass(frozen=True, slots=True)
class SlideComparison:
    """Two versions on one slide."""

    image_id: ImageId
    first: Mapping[str, float]
    """Shares by class, as the last run of the first version that is done found them."""
    second: Mapping[str, float]
    table: tuple[tuple[int, ...], ...]
    """How many patches (of heads: slides) the first put in the class of the row, the second in that of the
    column; behind the last class those of none. Only where both said something."""
    only_first: int = 0
    """Patches of which the first said something and the second abstained."""
    only_second: int = 0
    mean_difference: float = 0.0
    """Of the values by class, absolute."""
    places: tuple[PatchDifference, ...] = ()
    """Where they differ most; a few."""

    @property
    def compared(self) -> int:
        """Of how many both said something."""
        return sum(map(sum, self.table))

    @property
    def agreeing(self) -> int:
        """In how many of those both named the same class."""
        return sum(row[at] for at, row in enumerate(self.table))


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Two versions over the slides on which both are done."""

    first: Version
    second: Version
    classes: tuple[OutputClass, ...]
    """In the order of the first."""
    unit: ComparedUnit
    slides: tuple[SlideComparison, ...]
    """Those run last first."""
    table: tuple[tuple[int, ...], ...]
    """Of all slides together."""
    agreement: float | None
    """The share in which both name the same class; None where they can say nothing of the same."""
    interval: tuple[float, float] | None
    """Its ends, of 95 %, over whole slides; None for few slides, which say little of how slides vary."""
    kappa: float | None
    only: tuple[int, int]
    """Slides on which the first, or the second, alone is done."""
    left_out: int
    """Slides that both saw beyond those that are compared at once."""
