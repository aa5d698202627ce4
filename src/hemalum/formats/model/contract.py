"""What `model.toml` promises of one version of a model, as values and as a JSON Schema."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from hemalum.formats.profile.terms import Code

VERSION = "1.0"
"""Of the contract. A file of another version is not read as if it were of this one."""
SCHEMA_ID = "urn:hemalum:model:1.0"
NUCLEI = "nuclei"
"""The method that makes cells of two maps of pixels: lies in a nucleus, and is near its middle."""
NUCLEUS_CLASSES = "nucleus-classes"
"""The method that gives each of these nuclei a class, by the probability of each class at its pixels."""

_NAME = r"^[a-z0-9][a-z0-9._-]{0,99}$"
_VERSION = r"^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9A-Za-z.-]{1,40})?$"
_COLOUR = "^(#[0-9a-f]{6})?$"
_COUNTRY = "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"
AS_IN = {_NAME: "county.tumour", _VERSION: "1.2.0", _COLOUR: "#7b3fa0", _COUNTRY: "CN-GD"}
"""An example of what is written by each of these patterns."""

Name = Annotated[str, Meta(pattern=_NAME)]
SemanticVersion = Annotated[str, Meta(pattern=_VERSION)]
Line = Annotated[str, Meta(max_length=500)]
Said = Annotated[str, Meta(min_length=1, max_length=500)]
Text = Annotated[str, Meta(max_length=20_000)]
FileName = Annotated[str, Meta(max_length=200)]
Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Pixels = Annotated[int, Meta(ge=1, le=16_384)]
Colour = Annotated[str, Meta(pattern=_COLOUR)]


class Task(StrEnum):
    """What a model is for."""

    TILE_SCORE = "tile-score"
    TILE_EMBEDDING = "tile-embedding"
    SLIDE_HEAD = "slide-head"
    CELL_INSTANCES = "cell-instances"
    CELL_SCORE = "cell-score"
    """A class for the picture of one cell."""
    REGION_SEGMENTATION = "region-segmentation"
    QUALITY = "quality"
    """Tissue, focus and artefacts."""
    REPORT_DRAFT = "report-draft"
    RETRIEVAL = "retrieval"
    SURVIVAL = "survival"


class Status(StrEnum):
    """What a version may be used for."""

    RESEARCH = "research"
    """On request, and never for a patient."""
    SHADOW = "shadow"
    """It runs on every slide that fits, and no reader sees what it says."""
    CLINICAL = "clinical"
    WITHDRAWN = "withdrawn"
    """Never again; what it said stays on record."""


class Access(StrEnum):
    """How one comes by the weights, whatever the licence allows."""

    BUNDLED = "bundled"
    GATED = "gated"
    """The publisher gives them out on terms of its own."""
    LOCAL = "local"
    """Made or fetched by this laboratory."""


class Layout(StrEnum):
    """The order of the axes of a batch."""

    NCHW = "NCHW"
    NHWC = "NHWC"


class Normalisation(StrEnum):
    """What is done to the colours of a slide before the network sees them."""

    NONE = "none"
    MACENKO = "macenko"
    REINHARD = "reinhard"


class Spatial(StrEnum):
    """What one value of an output belongs to."""

    TILE = "tile"
    PIXEL = "pixel"
    CELL = "cell"
    SLIDE = "slide"


class Activation(StrEnum):
    """What turns what the network gives into values."""

    NONE = "none"
    SOFTMAX = "softmax"
    """Over the classes: they exclude one another."""
    SIGMOID = "sigmoid"


class DicomForm(StrEnum):
    """How an output leaves as DICOM."""

    NONE = "none"
    PARAMETRIC_MAP = "parametric-map"
    FRACTIONAL_SEGMENTATION = "fractional-segmentation"
    BINARY_SEGMENTATION = "binary-segmentation"
    BULK_ANNOTATIONS = "bulk-annotations"
    STRUCTURED_REPORT = "sr-tid1500"


class Measure(StrEnum):
    """What is measured of a slide for a finding."""

    CELLS = "cells"
    """Their number."""
    CELL_DENSITY = "cell-density"
    """Their number in each mm2 that was looked at."""
    AREA = "area"
    """mm2 of the patches of a class."""
    SHARE = "share"
    """% of the patches that are of a class."""
    REGIONS = "regions"
    """Number of regions that patches of a class make up."""
    EXTENT = "extent"
    """mm: greatest length of the largest region."""
    PRESENCE = "presence"
    """Whether there is a region of a class; of a slide head, whether the class is likely."""
    NUCLEAR_AREA = "nuclear-area"
    """um2: mean of all nuclei."""
    NUCLEAR_AREA_SD = "nuclear-area-sd"
    """um2: standard deviation, which is what anisokaryosis means."""
    NUCLEAR_AREA_CV = "nuclear-area-cv"
    """%: the same by the mean."""
    MITOSIS_CANDIDATES = "mitosis-candidates"
    """Their number."""
    MITOSIS_CANDIDATE_DENSITY = "mitosis-candidate-density"
    """Their number in each mm2 that was looked at."""
    MITOSIS_HOTSPOT = "mitosis-hotspot"
    """Their number in each mm2 of the field of 2 mm2 that has most."""

    @property
    def is_count(self) -> bool:
        """Whether it is a whole number without a unit."""
        return self in (Measure.CELLS, Measure.REGIONS, Measure.MITOSIS_CANDIDATES)

    @property
    def is_of_cells(self) -> bool:
        """Whether only models that give cells have it."""
        return self not in (Measure.AREA, Measure.SHARE) and not self.is_of_regions

    @property
    def is_of_cell_class(self) -> bool:
        """Whether it may be of the cells of one class alone."""
        return self in (Measure.CELLS, Measure.CELL_DENSITY)

    @property
    def is_of_regions(self) -> bool:
        """Whether it is of regions that patches make up."""
        return self in (Measure.REGIONS, Measure.EXTENT, Measure.PRESENCE)


class Autonomy(StrEnum):
    """How far a person stands between the model and the patient. There is no autonomous one."""

    AID = "aid"
    TRIAGE = "triage"
    SECOND_READ = "second-read"


class PointPurpose(StrEnum):
    """What a threshold is for."""

    RULE_OUT = "rule-out"
    TRIAGE = "triage"
    BALANCED = "balanced"
    RULE_IN = "rule-in"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which model this is."""

    id: Name
    version: SemanticVersion
    name: Said
    publisher: Said
    name_zh: Line = ""
    summary: Text = ""
    summary_zh: Text = ""
    status: Status = Status.RESEARCH
    """What the publisher gives it out for. Each laboratory has a status of its own."""
    replaces: Line = ""
    """An earlier version of the same model."""
    released: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """What one may do with the model, whoever may have it."""

    name: Said
    """An SPDX identifier where there is one."""
    text: FileName = ""
    """The file of the folder that holds the licence."""
    needs_acceptance: bool = False
    """Whether a person has to accept it by name before the model runs."""
    commercial_use: bool = True
    clinical_use: bool = True
    access: Access = Access.BUNDLED
    obtained_from: Line = ""
    note: Text = ""
    """The words of the author on use, quoted."""


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """The network itself."""

    file: FileName = "model.onnx"
    weights: FileName = ""
    """The file that holds the weights of a network too large for one file, beside the network."""
    runtime: Line = "onnx"
    memory_mib: Annotated[int, Meta(ge=16, le=262_144)] = 1024
    """What it may take while it runs."""


@dataclass(frozen=True, slots=True)
class MacenkoReference:
    """The stains that slides are brought to (M. Macenko et al., ISBI 2009)."""

    haematoxylin: tuple[Share, Share, Share]
    """Optical density, to the base 10, in red, green and blue, of length 1."""
    eosin: tuple[Share, Share, Share]
    strengths: tuple[Positive, Positive]
    """Density of each that 99 of 100 stained pixels stay below, to the base 10."""


@dataclass(frozen=True, slots=True)
class ReinhardReference:
    """The colouring that slides are brought to (E. Reinhard et al., IEEE CG&A 21(5), 2001)."""

    mean: tuple[float, float, float]
    """Of stained pixels in the space l-alpha-beta, of light from 0 to 1."""
    spread: tuple[Positive, Positive, Positive]
    """Their standard deviations."""


@dataclass(frozen=True, slots=True)
class Input:
    """What the network is given: tiles of slides that look like these."""

    um_per_px: Positive
    tile_px: Pixels
    """Of a side, with the context."""
    name: Said = "image"
    """Of the tensor."""
    um_per_px_tolerance: Annotated[float, Meta(ge=0, lt=1)] = 0.1
    """Relative: how much coarser a slide may be than `um_per_px`. Finer ones are scaled down."""
    stride_px: Annotated[int, Meta(ge=0, le=16_384)] = 0
    """From one tile to the next; 0 for tiles that touch without their context."""
    context_px: Annotated[int, Meta(ge=0, le=8192)] = 0
    """On each side: seen by the network, and what it says of it is dropped."""
    layout: Layout = Layout.NCHW
    dtype: Annotated[str, Meta(pattern="^(float32|float16|uint8)$")] = "float32"
    divisor: Positive = 255.0
    """What 0 to 255 is divided by first; 1 for none."""
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Taken off each channel after the division."""
    std: tuple[Positive, Positive, Positive] = (1.0, 1.0, 1.0)
    """What each channel is divided by at last."""
    max_batch: Annotated[int, Meta(ge=1, le=4096)] = 32
    normalisation: Normalisation = Normalisation.NONE
    macenko: MacenkoReference | None = None
    """For normalisation by macenko."""
    reinhard: ReinhardReference | None = None
    """For normalisation by reinhard, and by macenko where the stains of a slide cannot be told apart; such
    slides are refused without it."""
    only_tissue: bool = True
    """Whether tiles without tissue are left out."""
    stains: tuple[Line, ...] = ()
    """Terms of the metadata profile; none: any."""
    organs: tuple[Line, ...] = ()
    """Terms of the metadata profile; none: any."""
    specimen_types: tuple[Line, ...] = ()
    """How the tissue was taken, in terms of the metadata profile (collection); none: any."""
    scanners: tuple[Line, ...] = ()
    """Models on which it was validated; none: any."""

    @property
    def patch_px(self) -> int:
        """Side of the square that an answer is for: a tile without its context."""
        return self.tile_px - 2 * self.context_px

    @property
    def patch_um(self) -> float:
        return self.patch_px * self.um_per_px

    @property
    def step_px(self) -> int:
        """From one patch to the next."""
        return self.stride_px or self.patch_px

    @property
    def step_um(self) -> float:
        return self.step_px * self.um_per_px


@dataclass(frozen=True, slots=True)
class Features:
    """What a head is given: embeddings of the tiles of a slide."""

    encoder: Name
    """The id of the model that makes them."""
    dimensions: Annotated[int, Meta(ge=1, le=65_536)]
    name: Said = "features"
    """Of the tensor: tiles by dimensions."""
    encoder_version: Line = ""
    """Empty: any."""
    stains: tuple[Line, ...] = ()
    organs: tuple[Line, ...] = ()
    specimen_types: tuple[Line, ...] = ()
    scanners: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class OutputClass:
    """One class that an output tells apart."""

    name: Name
    title: Said
    title_zh: Line = ""
    colour: Colour = ""
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Decoding:
    """How cells or regions are made of what the network gives, by the name of a function of the engine."""

    method: Name
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Output:
    """One tensor that the network gives."""

    name: Said
    spatial: Spatial
    title: Said
    title_zh: Line = ""
    classes: tuple[OutputClass, ...] = ()
    """In the order of the axis of channels. None: an embedding or a plain number."""
    activation: Activation = Activation.NONE
    shape: tuple[Annotated[int, Meta(ge=0)], ...] = ()
    """Of one item without the batch; 0 for a free axis. Empty: as the network says."""
    unit: Line = "1"
    """UCUM."""
    range: tuple[float, float] | None = None
    """Least and greatest value after the activation."""
    code: Code | None = None
    dicom: DicomForm = DicomForm.NONE
    decoding: Decoding | None = None


@dataclass(frozen=True, slots=True)
class FindingRule:
    """What the engine hands to a report when the model is used for patients."""

    name: Name
    """As templates of reports call it: `tumour_area`, `mitotic_density`."""
    measure: Measure
    class_name: Line = ""
    """Of an area, a share or regions; of cells and their density where only those of one class count."""
    beside: tuple[Line, ...] = ()
    """Of regions: classes whose patches are of the same region, such as a deposit of its lymph node."""
    holding: Line = ""
    """Of regions: only those with a patch of this class."""
    least_mm2: Annotated[float, Meta(ge=0)] = 0.0
    """Of regions: smaller ones do not count."""
    labels: tuple[Said, ...] = ()
    """Of a measurement: what is stated in its place, from the lowest to the highest, such as 1, 2 and 3."""
    limits: tuple[float, ...] = ()
    """Between the labels, in the unit of the measurement; a number on a limit has the upper label."""
    interval: tuple[Positive, Positive] | None = None
    """Between which multiples of what the model gives 95 % of the true values lay in its validation."""


@dataclass(frozen=True, slots=True)
class IntendedUse:
    """What the publisher made it for, and what not."""

    purpose: Text
    purpose_zh: Text = ""
    user: Line = ""
    user_zh: Line = ""
    contraindications: tuple[Said, ...] = ()
    contraindications_zh: tuple[Said, ...] = ()
    autonomy: Autonomy = Autonomy.AID


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Where it may be used for patients, and by what act."""

    code: Annotated[str, Meta(pattern=_COUNTRY)]
    """ISO 3166: of a country or a part of one. EU stands for the Union."""
    basis: Said
    """Such as NMPA class III, CE IVDR class C, FDA De Novo."""
    number: Line = ""
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How values became probabilities."""

    method: Name
    data: Line = ""
    parameters: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold with its purpose."""

    name: Name
    purpose: PointPurpose
    output: Said
    threshold: float
    class_name: Line = ""
    claim: Line = ""
    """What holds at this point, such as: sensitivity 0.98 (0.96 to 0.99)."""
    claim_zh: Line = ""


@dataclass(frozen=True, slots=True)
class Abstention:
    """When the model says nothing rather than guess."""

    output: Said
    below: Share
    """It abstains where the highest probability lies below."""
    alpha: Share | None = None
    """Of a conformal set, where there is one."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a validation."""

    name: Said
    value: float
    low: float | None = None
    """Of the 95 % interval."""
    high: float | None = None
    baseline: float | None = None
    """What the plain baseline reached on the same data."""
    stratum: Line = ""
    name_zh: Line = ""
    stratum_zh: Line = ""


@dataclass(frozen=True, slots=True)
class Validation:
    """One trial of the model on data that it had not seen."""

    cohort: Said
    n: Annotated[int, Meta(ge=1)]
    of: Line = ""
    """What was counted: slides, tiles, cells."""
    split: Line = ""
    """How the data were kept apart from those of the training."""
    baseline: Line = ""
    metrics: tuple[Metric, ...] = ()
    done: datetime.date | None = None
    by: Line = ""
    cohort_zh: Line = ""
    of_zh: Line = ""
    split_zh: Line = ""
    baseline_zh: Line = ""


@dataclass(frozen=True, slots=True)
class DataSource:
    """Data that the model learnt from."""

    name: Said
    licence: Said
    n: Annotated[int, Meta(ge=0)] = 0
    note: Text = ""
    name_zh: Line = ""
    note_zh: Text = ""


@dataclass(frozen=True, slots=True)
class GoldenTile:
    """An input with the output that every runtime has to give for it."""

    input: FileName
    """A picture (PNG) of `tile_px`, or an array (NPY) of features."""
    expected: FileName
    """The outputs by name (NPZ), before any activation."""


@dataclass(frozen=True, slots=True)
class Golden:
    """What is checked when a model is added and on every runtime."""

    tiles: tuple[GoldenTile, ...] = ()
    tolerance: Positive = 1e-3
    """The greatest absolute difference."""


@dataclass(frozen=True, slots=True)
class Contract:
    """All that `model.toml` says."""

    identity: Identity
    task: Task
    licence: Licence
    use: IntendedUse
    outputs: tuple[Output, ...]
    golden: Golden
    contract: Annotated[str, Meta(pattern="^1\\.0$")]
    network: NetworkFile = NetworkFile()
    input: Input | None = None
    """Of a model that is given tiles; a slide head has `features` in its place."""
    features: Features | None = None
    jurisdictions: tuple[Jurisdiction, ...] = ()
    calibration: Calibration | None = None
    operating_points: tuple[OperatingPoint, ...] = ()
    abstain: Abstention | None = None
    findings: tuple[FindingRule, ...] = ()
    validation: tuple[Validation, ...] = ()
    training: tuple[DataSource, ...] = ()
    limits: tuple[Said, ...] = ()
    """What is known to go wrong."""
    limits_zh: tuple[Said, ...] = ()

    @property
    def stains(self) -> tuple[str, ...]:
        """The stains that it is for; none: any."""
        return self._side.stains

    @property
    def organs(self) -> tuple[str, ...]:
        """The organs that it is for; none: any."""
        return self._side.organs

    @property
    def specimen_types(self) -> tuple[str, ...]:
        """How the tissue was taken that it is for; none: any."""
        return self._side.specimen_types

    @property
    def scanners(self) -> tuple[str, ...]:
        """The scanners that it was validated on; none: any."""
        return self._side.scanners

    @property
    def _side(self) -> Input | Features:
        side = self.input or self.features
        assert side is not None
        return side


def schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of `model.toml`, as it is published."""
    _, parts = msgspec.json.schema_components([Contract], ref_template="#/$defs/{name}")
    for part in parts.values():
        if part.get("type") == "object":
            part["additionalProperties"] = False
    parts["Contract"]["oneOf"] = [{"required": ["input"]}, {"required": ["features"]}]
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "$ref": "#/$defs/Contract",
        "$defs": parts,
    }
    # Defaults of the parts are tuples, which JSON has not.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(whole))
    return plain
