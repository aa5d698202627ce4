"""Runs of models over HTTP."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from hemalum.analysis.pleomorphism import Estimate
from hemalum.capabilities.inference.exporting import as_npz
from hemalum.capabilities.inference.findings import density
from hemalum.capabilities.inference.leaving import MEDIA_TYPES, RunForm, export_as
from hemalum.capabilities.inference.model import RUN, VIEW_SHADOW, ComparedUnit, InferenceRun, RunState
from hemalum.capabilities.inference.offering import REPORT, Offer, Offering
from hemalum.capabilities.inference.service import MOST_AT_ONCE, SLIDES_EXPORT, SLIDES_VIEW, Inference
from hemalum.capabilities.models.model import Fitness, Version
from hemalum.formats.layers.segments import SegmentationForm
from hemalum.formats.model.contract import Contract, Normalisation, Status
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import require

router = APIRouter(tags=["inference"])

Viewer = Annotated[Actor, Depends(require(SLIDES_VIEW))]
Exporter = Annotated[Actor, Depends(require(SLIDES_EXPORT))]
Runner = Annotated[Actor, Depends(require(RUN))]
Writer = Annotated[Actor, Depends(require(REPORT))]
Comparer = Annotated[Actor, Depends(require(VIEW_SHADOW))]


async def inference_of(request: Request) -> Inference:
    """The runs of this node."""
    inference: Inference = request.app.state.inference
    return inference


async def offering_of(request: Request) -> Offering:
    """The findings of runs of this node."""
    offering: Offering = request.app.state.offering
    return offering


Node = Annotated[Inference, Depends(inference_of)]
Desk = Annotated[Offering, Depends(offering_of)]


class EncoderServed(BaseModel):
    """The run of an encoder on which a slide head rests."""

    run_id: str
    model_id: str
    model_version: str
    name: str
    name_zh: str


class NumberMeasured(BaseModel):
    """A number with its 95 % interval; no limits where these are not known."""

    value: float
    low: float | None
    high: float | None


class PlaceMeasured(BaseModel):
    """A rectangle of a slide."""

    x_um: float
    y_um: float
    width_um: float
    height_um: float


class CellClassCounted(BaseModel):
    """How many cells of a slide are of one class of the model."""

    title: str
    title_zh: str
    count: int


class CellsShown(BaseModel):
    """What a run measured of the cells of its slide. A candidate for a mitosis is no mitosis."""

    count: int
    area_um2: NumberMeasured
    area_sd_um2: NumberMeasured
    area_cv: NumberMeasured
    circularity_cv: NumberMeasured
    candidates: int | None
    """None, as is all that follows, where there are too few nuclei to tell what is usual."""
    candidates_per_mm2: NumberMeasured | None
    looked_mm2: float
    hotspot_per_mm2: NumberMeasured | None
    hotspot_mm2: float | None
    """Looked at, of the field with the most candidates."""
    hotspot: PlaceMeasured | None
    classes: list[CellClassCounted]
    """None of a model that tells no classes of cells."""


class RegionShown(BaseModel):
    """A region that patches of a class make up."""

    place: PlaceMeasured
    mm2: float


class ClassSaid(BaseModel):
    """What a run said of one class on its slide."""

    title: str
    title_zh: str
    share: float
    """Of the patches of which it said something; of a head, the probability of the class."""
    mm2: float | None
    """Of these patches; null of a head."""
    regions: list[RegionShown]
    """Of a class that an operating point is for: the largest, from top to bottom."""


class RunShown(BaseModel):
    """One version of a model on one scan of one slide."""

    id: str
    image_id: str
    image_name: str
    number: int
    """Among the runs of this version on this slide, from 1."""
    version_id: str
    model_id: str
    model_version: str
    model_name: str
    model_name_zh: str
    task: str
    is_shadow: bool
    state: RunState
    reason: str | None
    reason_said: Sentence | None
    outside: list[Sentence]
    """Why this lies outside of validated use."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    patches: int
    patches_done: int
    abstained: int
    scores: dict[str, float]
    layers: list[str]
    classes: list[ClassSaid]
    """Of a run that is done and tells classes of patches, or of the slide."""
    cells: CellsShown | None
    """Of a run for cells that is done and found some."""
    normalised_by: Normalisation | None
    """How colours were brought to those of the model; null for colours as they were scanned."""
    digest: str | None
    encoder: EncoderServed | None
    """What made the embeddings that a head was given."""


class EngineShown(BaseModel):
    """What the network of a run, or of a part of it, was computed on."""

    provider: str
    """The execution provider of onnxruntime."""
    onnxruntime: str
    """Its version."""
    device: int | None
    """Number of the graphics processor; null: the processor."""
    device_name: str
    batch: int
    """Patches at once."""
    instead: Sentence | None
    """Why it was the processor on a node whose models run on devices."""


class ModelOffered(BaseModel):
    """A version that somebody may want to run on a slide."""

    version_id: str
    model_id: str
    model_version: str
    name: str
    name_zh: str
    status: str
    verdict: Fitness
    reasons: list[Sentence]


class ModelsAsked(BaseModel):
    """What to run."""

    version_ids: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=MOST_AT_ONCE)]


class RunFindingsOffered(BaseModel):
    """A model that has findings for the report of a case; they are not told before they are asked for."""

    version_id: str
    model_version: str
    name: str
    name_zh: str
    purpose: str
    """What its publisher made it for."""
    purpose_zh: str
    slides: int
    is_revealed: bool


class PlaceCompared(BaseModel):
    """A patch for which two versions name different classes."""

    x_um: float
    y_um: float
    side_um: float
    first: str
    second: str
    difference: float


class SlideCompared(BaseModel):
    """Two versions on one slide."""

    image_id: str
    image_name: str
    first: dict[str, float]
    second: dict[str, float]
    compared: int
    """Patches, of heads slides, of which both said something."""
    agreeing: int
    only_first: int
    """Patches of which the first said something and the second abstained."""
    only_second: int
    mean_difference: float
    places: list[PlaceCompared]
    """Where they differ most."""


class VersionCompared(BaseModel):
    """One of two versions."""

    version_id: str
    model_id: str
    model_version: str
    name: str
    name_zh: str
    status: Status
    slides_alone: int
    """Slides on which the other one is not done."""


class ClassCompared(BaseModel):
    """A class that both tell apart."""

    name: str
    title: str
    title_zh: str


class VersionsCompared(BaseModel):
    """Two versions over the slides on which both are done."""

    first: VersionCompared
    second: VersionCompared
    classes: list[ClassCompared]
    unit: ComparedUnit
    table: list[list[int]]
    """By the class of the first, then of the second; the last row and column are those of no class."""
    agreement: float | None
    agreement_low: float | None
    """Of the 95 % interval over whole slides; null for fewer than five of them."""
    agreement_high: float | None
    kappa: float | None
    slides: list[SlideCompared]
    left_out: int
    """Slides that both saw beyond those that are compared at once."""


@router.get("/images/{image_id}/runs")
def list_runs_of_slide(image_id: str, node: Node, actor: Viewer) -> list[RunShown]:
    """What models said of a slide, and what they are at; newest first."""
    return _shown_all(node, node.list_of_image(actor, image_id))


@router.get("/images/{image_id}/models")
def list_models_for_slide(image_id: str, node: Node, actor: Runner) -> list[ModelOffered]:
    """The models of one's organisation, each with whether it may run on this slide."""
    return [
        ModelOffered(
            version_id=version.id,
            model_id=version.contract.identity.id,
            model_version=version.contract.identity.version,
            name=version.contract.identity.name,
            name_zh=version.contract.identity.name_zh,
            status=version.status.value,
            verdict=fit.verdict,
            reasons=list(fit.reasons),
        )
        for version, fit in node.runnable(actor, image_id)
    ]


@router.post("/images/{image_id}/runs", status_code=201)
def start_runs(image_id: str, asked: ModelsAsked, node: Node, actor: Runner) -> list[RunShown]:
    """Run models over a slide; those that may not are refused, and say why."""
    return _shown_all(node, node.start(actor, image_id, asked.version_ids))


@router.get("/runs")
def list_runs(
    node: Node,
    actor: Runner,
    state: RunState | None = None,
    model_id: Annotated[str | None, Query(max_length=100)] = None,
) -> list[RunShown]:
    """The newest runs of one's organisation."""
    return _shown_all(node, node.list_runs(actor, state, model_id))


@router.post("/runs/{run_id}/cancel")
def cancel_run(run_id: str, node: Node, actor: Runner) -> RunShown:
    """Stop a run."""
    return _shown_one(node, node.cancel(actor, run_id))


@router.post("/runs/{run_id}/retry", status_code=201)
def retry_run(run_id: str, node: Node, actor: Runner) -> RunShown:
    """Run the same version over the same slide once more; what came out before stays."""
    return _shown_one(node, node.retry(actor, run_id))


@router.get("/runs/{run_id}/engines")
def list_engines(run_id: str, node: Node, actor: Runner) -> list[EngineShown]:
    """What a run was computed on; most often one. Empty for runs of which that was not kept."""
    return [EngineShown(**asdict(each)) for each in node.engines_of(actor, run_id)]


@router.get("/runs/{run_id}/patches", response_class=StreamingResponse)
async def export_patches(
    run_id: str,
    node: Node,
    actor: Exporter,
    form: Annotated[RunForm, Query(alias="format")] = RunForm.CSV,
) -> StreamingResponse:
    """What a model said: its patches (CSV, Parquet), or its regions or cells (GeoJSON). Logged first."""
    run, pieces = await asyncio.to_thread(export_as, node, actor, run_id, form)
    return StreamingResponse(
        pieces,
        media_type=MEDIA_TYPES[form],
        headers={
            "content-disposition": f'attachment; filename="{run.model_id}-{run.model_version}.{form}"',
            "cache-control": "no-store",
        },
    )


@router.get("/runs/{run_id}/segmentation", response_class=Response)
def export_segmentation(
    run_id: str, node: Node, actor: Exporter, form: SegmentationForm = SegmentationForm.CLASSES
) -> Response:
    """What a model said of each patch, as a tiled DICOM Segmentation. It stands in the log first."""
    run, content = node.export_segmentation(actor, run_id, form)
    name = f"{run.model_id}-{run.model_version}-{form.value}.dcm"
    return Response(
        content,
        media_type="application/dicom",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


@router.get("/runs/{run_id}/measurements", response_class=Response)
def export_measurements(run_id: str, node: Node, actor: Exporter) -> Response:
    """What a run measured, as a DICOM structured report (TID 1500). It stands in the log first."""
    run, content = node.export_measurements(actor, run_id)
    name = f"{run.model_id}-{run.model_version}-measurements.dcm"
    return Response(
        content,
        media_type="application/dicom",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )


@router.get("/runs/{run_id}/embeddings", response_class=StreamingResponse)
async def export_embeddings(run_id: str, node: Node, actor: Exporter) -> StreamingResponse:
    """The embeddings of a run of an encoder, as .npz with places in um. It stands in the log first."""
    exported = await asyncio.to_thread(node.export_embeddings, actor, run_id)
    return StreamingResponse(
        as_npz(exported, map(node.slides.blobs.get, exported.keys)),
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{exported.run.image_id}.npz"',
            "cache-control": "no-store",
        },
    )


@router.get("/cases/{case_id}/findings")
def list_offered_findings(case_id: str, desk: Desk, actor: Writer) -> list[RunFindingsOffered]:
    """The models in use for patients that have findings for the report of a case."""
    return [_offered(each) for each in desk.offers(actor, case_id)]


@router.post("/cases/{case_id}/findings/{version_id}")
def reveal_findings(case_id: str, version_id: str, desk: Desk, actor: Writer) -> RunFindingsOffered:
    """Draw what a model found into the report as a draft. That one asked for it is kept."""
    return _offered(desk.reveal(actor, case_id, version_id))


@router.get("/compare")
def compare_versions(
    node: Node,
    actor: Comparer,
    first: Annotated[str, Query(max_length=40)],
    second: Annotated[str, Query(max_length=40)],
) -> VersionsCompared:
    """Two versions, by their ids in this organisation, on the slides on which both were run."""
    found = node.compare(actor, first, second)
    low, high = found.interval or (None, None)
    return VersionsCompared(
        first=_compared(found.first, found.only[0]),
        second=_compared(found.second, found.only[1]),
        classes=[
            ClassCompared(name=one.name, title=one.title, title_zh=one.title_zh) for one in found.classes
        ],
        unit=found.unit,
        table=[list(row) for row in found.table],
        agreement=found.agreement,
        agreement_low=low,
        agreement_high=high,
        kappa=found.kappa,
        slides=[
            SlideCompared(
                image_id=each.image_id,
                image_name=node.name_of(each.image_id),
                first=dict(each.first),
                second=dict(each.second),
                compared=each.compared,
                agreeing=each.agreeing,
                only_first=each.only_first,
                only_second=each.only_second,
                mean_difference=each.mean_difference,
                places=[
                    PlaceCompared(
                        x_um=one.x_um,
                        y_um=one.y_um,
                        side_um=one.side_um,
                        first=one.first,
                        second=one.second,
                        difference=one.difference,
                    )
                    for one in each.places
                ],
            )
            for each in found.slides
        ],
        left_out=found.left_out,
    )


def _compared(version: Version, alone: int) -> VersionCompared:
    identity = version.contract.identity
    return VersionCompared(
        version_id=version.id,
        model_id=identity.id,
        model_version=identity.version,
        name=identity.name,
        name_zh=identity.name_zh,
        status=version.status,
        slides_alone=alone,
    )


def _offered(offer: Offer) -> RunFindingsOffered:
    identity = offer.version.contract.identity
    return RunFindingsOffered(
        version_id=offer.version.id,
        model_version=identity.version,
        name=identity.name,
        name_zh=identity.name_zh,
        purpose=offer.version.contract.use.purpose,
        purpose_zh=offer.version.contract.use.purpose_zh,
        slides=len(offer.runs),
        is_revealed=offer.is_revealed,
    )


def _cells(run: InferenceRun) -> CellsShown | None:
    measured = run.measured
    cells = None if measured is None else measured.cells
    if measured is None or cells is None or not cells.count:
        return None
    hotspot = cells.hotspot
    has_candidates = cells.candidates is not None and measured.looked_mm2 > 0
    return CellsShown(
        count=cells.count,
        area_um2=_number(cells.area_um2.mean),
        area_sd_um2=_number(cells.area_um2.sd),
        area_cv=_number(cells.area_um2.cv),
        circularity_cv=_number(cells.circularity.cv),
        candidates=cells.candidates,
        candidates_per_mm2=_number(density(cells.candidates or 0, measured.looked_mm2))
        if has_candidates
        else None,
        looked_mm2=measured.looked_mm2,
        hotspot_per_mm2=None
        if hotspot is None or not hotspot.looked_mm2
        else _number(density(hotspot.count, hotspot.looked_mm2)),
        hotspot_mm2=None if hotspot is None else hotspot.looked_mm2,
        hotspot=None if hotspot is None else PlaceMeasured(**asdict(hotspot.place)),
        classes=[
            CellClassCounted(title=each.title, title_zh=each.title_zh, count=each.count)
            for each in cells.classes
        ],
    )


def _number(estimate: Estimate) -> NumberMeasured:
    return NumberMeasured(value=estimate.value, low=estimate.low, high=estimate.high)


def _classes(run: InferenceRun, contract: Contract) -> list[ClassSaid]:
    measured = run.measured
    return [
        ClassSaid(
            title=one.title,
            title_zh=one.title_zh,
            share=run.scores[one.name],
            mm2=None if measured is None else measured.areas_mm2.get(one.name, 0.0),
            regions=[
                RegionShown(place=PlaceMeasured(**asdict(each.box)), mm2=each.mm2)
                for each in (() if measured is None else measured.interest.get(one.name, ()))
            ],
        )
        for output in contract.outputs
        for one in output.classes
        if one.name in run.scores
    ]


def _shown_all(node: Inference, runs: list[InferenceRun]) -> list[RunShown]:
    contracts = {
        one.version_id: node.models.get_version(one.organisation_id, one.version_id).contract
        for one in {each.version_id: each for each in runs}.values()
    }
    return [_shown(node, each, contracts[each.version_id]) for each in runs]


def _shown_one(node: Inference, run: InferenceRun) -> RunShown:
    (shown,) = _shown_all(node, [run])
    return shown


def _shown(node: Inference, run: InferenceRun, contract: Contract) -> RunShown:
    base = node.encoder_run_of(run)
    return RunShown(
        id=run.id,
        image_id=run.image_id,
        image_name=node.name_of(run.image_id),
        number=run.number,
        version_id=run.version_id,
        model_id=run.model_id,
        model_version=run.model_version,
        model_name=run.model_name,
        model_name_zh=run.model_name_zh,
        task=run.task,
        is_shadow=run.is_shadow,
        state=run.state,
        reason=None if run.reason is None else str(run.reason),
        reason_said=run.reason,
        outside=list(run.outside),
        created_at=run.created_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        patches=run.patches,
        patches_done=run.patches_done,
        abstained=run.abstained,
        scores=dict(run.scores),
        layers=list(run.layers),
        classes=_classes(run, contract),
        cells=_cells(run),
        normalised_by=None if run.recolouring is None else run.recolouring.method,
        digest=run.digest,
        encoder=None
        if base is None
        else EncoderServed(
            run_id=base.id,
            model_id=base.model_id,
            model_version=base.model_version,
            name=base.model_name,
            name_zh=base.model_name_zh,
        ),
    )
