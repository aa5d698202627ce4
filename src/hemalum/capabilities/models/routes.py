"""Models over HTTP."""

import asyncio
import errno
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from hemalum.capabilities.models import facts
from hemalum.capabilities.models.model import (
    MANAGE,
    MOST_REASON,
    RELEASE,
    VIEW,
    CheckStep,
    Fitness,
    LocalValidation,
    Publisher,
    Trial,
    Version,
)
from hemalum.capabilities.models.service import Models, VersionShown
from hemalum.formats.model.contract import (
    Access,
    Autonomy,
    DataSource,
    Metric,
    OperatingPoint,
    Status,
    Task,
    Validation,
)
from hemalum.formats.model.encoders import Encoder, encoders
from hemalum.formats.model.exports import chai_card, monai_metadata
from hemalum.formats.model.language import in_chinese
from hemalum.formats.profile.terms import Kind, find_term
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import DiskFull
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import require

router = APIRouter(tags=["models"])

_VERSION = "/versions/{version_id}"
_ARCHIVE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def models_of(request: Request) -> Models:
    """The models of this node."""
    models: Models = request.app.state.models
    return models


Viewer = Annotated[Actor, Depends(require(VIEW))]
Keeper = Annotated[Actor, Depends(require(MANAGE))]
Releaser = Annotated[Actor, Depends(require(RELEASE))]
Node = Annotated[Models, Depends(models_of)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class VersionRow(BaseModel):
    """A version in the list."""

    id: str
    model_id: str
    version: str
    name: str
    name_zh: str
    publisher: str
    task: Task
    status: Status
    autonomy: Autonomy
    licence: str
    access: Access
    awaits_acceptance: bool
    is_signed: bool
    added_at: datetime


class TermNamed(BaseModel):
    """A stain, an organ or a way to take tissue."""

    id: str
    en: str
    zh: str


class ClassShown(BaseModel):
    """A class that a model tells apart."""

    name: str
    title: str
    title_zh: str
    colour: str


class MetricShown(BaseModel):
    """One number of a trial."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    value: Figure
    low: Figure | None = None
    high: Figure | None = None
    baseline: Figure | None = None
    stratum: Annotated[str, Field(max_length=200)] = ""


class ValidationShown(BaseModel):
    """A trial, by the publisher or by this laboratory."""

    cohort: str
    n: int
    of: str
    baseline: str = ""
    split: str = ""
    note: str = ""
    by: str
    at: datetime | None = None
    done: date | None = None
    metrics: list[MetricShown]


class ChangeShown(BaseModel):
    """A change of status."""

    at: datetime
    by: str
    before: Status
    after: Status
    reason: str


class JurisdictionShown(BaseModel):
    """Where a version may be used for patients."""

    code: str
    basis: str
    number: str
    until: date | None


class OperatingPointShown(BaseModel):
    """An operating point."""

    name: str
    purpose: str
    class_name: str
    threshold: float
    claim: str


class VersionDetail(BaseModel):
    """All that is known of a version."""

    row: VersionRow
    address: str
    size_bytes: int
    published_status: Status
    released: date | None
    summary: str
    summary_zh: str
    purpose: str
    purpose_zh: str
    user: str
    user_zh: str
    contraindications: list[str]
    contraindications_zh: list[str]
    limits: list[str]
    limits_zh: list[str]
    stains: list[TermNamed]
    organs: list[TermNamed]
    specimen_types: list[TermNamed]
    scanners: list[str]
    um_per_px: float | None
    tile_px: int | None
    classes: list[ClassShown]
    jurisdictions: list[JurisdictionShown]
    operating_points: list[OperatingPointShown]
    operating_points_zh: list[OperatingPointShown]
    abstains_below: float | None
    golden_tiles: int
    golden_difference: float
    licence_note: str
    clinical_use: bool
    commercial_use: bool
    needs_acceptance: bool
    accepted_by: str | None
    accepted_at: datetime | None
    signed_with: str
    trusted_publisher: str | None
    added_by: str
    training: list[str]
    training_zh: list[str]
    validations: list[ValidationShown]
    """Of the publisher."""
    validations_zh: list[ValidationShown]
    """The same in Chinese, as far as the publisher says it."""
    local_validations: list[ValidationShown]
    changes: list[ChangeShown]


class StatusAsked(BaseModel):
    """What a version shall be used for."""

    status: Status
    reason: Annotated[str, Field(max_length=MOST_REASON)]


class TrialAsked(BaseModel):
    """What the laboratory found on its own slides."""

    cohort: Annotated[str, Field(max_length=200)]
    n: Annotated[int, Field(le=100_000_000)]
    of: Annotated[str, Field(max_length=100)] = "slides"
    metrics: Annotated[list[MetricShown], Field(max_length=100)]
    note: Annotated[str, Field(max_length=2000)] = ""


class FitShown(BaseModel):
    """Whether a version may run on a slide."""

    verdict: Fitness
    reasons: list[str]
    said: list[Sentence]


class PublisherShown(BaseModel):
    """Whose signature counts here."""

    public_key: str
    name: str
    added_at: datetime
    added_by: str


class PublisherAsked(BaseModel):
    """Whose signature shall count."""

    public_key: Annotated[str, Field(max_length=200)]
    name: Annotated[str, Field(max_length=200)]


class PublisherEnded(BaseModel):
    """Whose signature shall count no longer."""

    public_key: Annotated[str, Field(max_length=200)]


class EncoderShown(BaseModel):
    """A foundation encoder that is known, whether or not this laboratory has its weights."""

    id: str
    name: str
    publisher: str
    source: str
    paper: str
    licence: str
    access: Access
    note: str
    note_zh: str
    dimensions: int
    parameters_million: int
    tile_px: int
    um_per_px: float
    version_id: str | None
    """The version that was added here last; none: nobody has supplied weights."""
    awaits_acceptance: bool


class ModelStepChecked(BaseModel):
    """How one step of looking at an archive went."""

    step: CheckStep
    is_good: bool | None
    """Null: it was not come to."""
    problems: list[Sentence]


class ModelArchiveChecked(BaseModel):
    """What came of an archive."""

    steps: list[ModelStepChecked]
    version: VersionRow | None
    """The version that was added, or was there already."""


class Language(StrEnum):
    """Of a facts label or a card."""

    EN = "en"
    ZH = "zh"


@router.get("/versions")
def list_versions(node: Node, actor: Viewer) -> list[VersionRow]:
    """The versions of all models, by model, those added last first."""
    return [_row(each) for each in node.list_versions(actor)]


@router.post("/archives", openapi_extra=_ARCHIVE_BODY)
async def add_archive(node: Node, actor: Keeper, request: Request) -> ModelArchiveChecked:
    """Check the model in a .zip or .tar step by step, and add it as research where nothing is wrong."""
    scratch = node.slides.settings.scratch
    with tempfile.NamedTemporaryFile(prefix="model-", dir=scratch) as file:
        with _room():
            async for piece in request.stream():
                await asyncio.to_thread(file.write, piece)
            file.flush()
        found = await asyncio.to_thread(node.add_archive, actor, Path(file.name))
    return ModelArchiveChecked(
        steps=[
            ModelStepChecked(step=one.step, is_good=one.is_good, problems=list(one.problems))
            for one in found.steps
        ],
        version=None if found.version is None else _row(found.version),
    )


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull("The disk of the node is full; make room and try again.") from error
        raise


@router.get("/encoders")
def list_encoders(node: Node, actor: Viewer) -> list[EncoderShown]:
    """The foundation encoders that are known, each with its licence, and whether it is here."""
    here = {each.contract.identity.id: each for each in reversed(node.list_versions(actor))}
    return [_encoder(each, here.get(each.id)) for each in encoders()]


@router.get(_VERSION)
def show_version(version_id: str, node: Node, actor: Viewer) -> VersionDetail:
    """A version with all that is known of it."""
    return _detail(node.show(actor, version_id))


@router.post(_VERSION + "/status")
def set_status(version_id: str, asked: StatusAsked, node: Node, actor: Keeper) -> VersionDetail:
    """Use a version for something else from now on; release and withdrawal ask for `models.release`."""
    node.set_status(actor, version_id, asked.status, asked.reason)
    return _detail(node.show(actor, version_id))


@router.post(_VERSION + "/licence")
def accept_licence(version_id: str, node: Node, actor: Keeper) -> VersionDetail:
    """Accept the licence of a version in one's own name."""
    node.accept_licence(actor, version_id)
    return _detail(node.show(actor, version_id))


@router.post(_VERSION + "/validations", status_code=201)
def record_validation(version_id: str, asked: TrialAsked, node: Node, actor: Keeper) -> VersionDetail:
    """Keep what the laboratory found when it tried a version."""
    metrics = tuple(Metric(**each.model_dump()) for each in asked.metrics)
    trial = Trial(asked.cohort, asked.n, asked.of, metrics, asked.note)
    return _detail(node.record_validation(actor, version_id, trial))


@router.get(_VERSION + "/fit/{image_id}")
def show_fit(version_id: str, image_id: str, node: Node, actor: Viewer) -> FitShown:
    """Whether a version may run on a slide now, and what speaks against it."""
    found = node.fit(actor, version_id, image_id)
    return FitShown(
        verdict=found.verdict, reasons=[str(one) for one in found.reasons], said=list(found.reasons)
    )


@router.get(_VERSION + "/facts.pdf", response_class=Response)
def print_facts(version_id: str, node: Node, actor: Viewer, language: Language = Language.EN) -> Response:
    """The facts label as a PDF of one page."""
    shown = node.show(actor, version_id)
    content = facts.print_facts(shown.version, shown.validations, language.value, node.slides.clock())
    return Response(content, media_type="application/pdf")


@router.get(_VERSION + "/monai.json", response_class=Response)
def export_monai(version_id: str, node: Node, actor: Viewer) -> Response:
    """The metadata of a MONAI bundle."""
    version = node.show(actor, version_id).version
    content = msgspec.json.format(
        msgspec.json.encode(monai_metadata(version.contract, version.address)), indent=2
    )
    return Response(content, media_type="application/json")


@router.get(_VERSION + "/chai.xml", response_class=Response)
def export_chai(version_id: str, node: Node, actor: Viewer, language: Language = Language.EN) -> Response:
    """The Applied Model Card of the Coalition for Health AI."""
    version = node.show(actor, version_id).version
    content = chai_card(version.contract, version.address, language.value)
    return Response(content, media_type="application/xml")


@router.get("/publishers")
def list_publishers(node: Node, actor: Viewer) -> list[PublisherShown]:
    """Whose signatures count here."""
    return [_publisher(each) for each in node.list_publishers(actor)]


@router.post("/publishers", status_code=201)
def trust_publisher(asked: PublisherAsked, node: Node, actor: Releaser) -> list[PublisherShown]:
    """Let the signature of a publisher count."""
    node.trust(actor, asked.public_key, asked.name)
    return [_publisher(each) for each in node.list_publishers(actor)]


@router.post("/publishers/end", status_code=204)
def distrust_publisher(asked: PublisherEnded, node: Node, actor: Releaser) -> None:
    """Let the signature of a publisher count no longer."""
    node.distrust(actor, asked.public_key)


def _row(version: Version) -> VersionRow:
    contract, identity = version.contract, version.contract.identity
    return VersionRow(
        id=version.id,
        model_id=identity.id,
        version=identity.version,
        name=identity.name,
        name_zh=identity.name_zh,
        publisher=identity.publisher,
        task=contract.task,
        status=version.status,
        autonomy=contract.use.autonomy,
        licence=contract.licence.name,
        access=contract.licence.access,
        awaits_acceptance=version.awaits_acceptance,
        is_signed=bool(version.signed_with),
        added_at=version.added_at,
    )


def _encoder(encoder: Encoder, here: Version | None) -> EncoderShown:
    return EncoderShown(
        id=encoder.id,
        name=encoder.name,
        publisher=encoder.publisher,
        source=encoder.source,
        paper=encoder.paper,
        licence=encoder.licence,
        access=encoder.access,
        note=encoder.note,
        note_zh=encoder.note_zh,
        dimensions=encoder.dimensions,
        parameters_million=encoder.parameters_million,
        tile_px=encoder.tile_px,
        um_per_px=encoder.um_per_px,
        version_id=None if here is None else here.id,
        awaits_acceptance=here is not None and here.awaits_acceptance,
    )


def _detail(shown: VersionShown) -> VersionDetail:
    version = shown.version
    contract, identity, use = version.contract, version.contract.identity, version.contract.use
    chinese, accepted = in_chinese(contract), version.licence_accepted
    return VersionDetail(
        row=_row(version),
        address=version.address,
        size_bytes=version.size_bytes,
        published_status=identity.status,
        released=identity.released,
        summary=identity.summary,
        summary_zh=identity.summary_zh,
        purpose=use.purpose,
        purpose_zh=use.purpose_zh,
        user=use.user,
        user_zh=use.user_zh,
        contraindications=list(use.contraindications),
        contraindications_zh=list(use.contraindications_zh),
        limits=list(contract.limits),
        limits_zh=list(contract.limits_zh),
        stains=_terms(Kind.STAIN, contract.stains),
        organs=_terms(Kind.SITE, contract.organs),
        specimen_types=_terms(Kind.COLLECTION, contract.specimen_types),
        scanners=list(contract.scanners),
        um_per_px=None if contract.input is None else contract.input.um_per_px,
        tile_px=None if contract.input is None else contract.input.tile_px,
        classes=[
            ClassShown(name=one.name, title=one.title, title_zh=one.title_zh, colour=one.colour)
            for output in contract.outputs
            for one in output.classes
        ],
        jurisdictions=[JurisdictionShown(**_plain(one)) for one in contract.jurisdictions],
        operating_points=[_point(one) for one in contract.operating_points],
        operating_points_zh=[_point(one) for one in chinese.operating_points],
        abstains_below=None if contract.abstain is None else contract.abstain.below,
        golden_tiles=version.golden_tiles,
        golden_difference=version.golden_difference,
        licence_note=contract.licence.note,
        clinical_use=contract.licence.clinical_use,
        commercial_use=contract.licence.commercial_use,
        needs_acceptance=contract.licence.needs_acceptance,
        accepted_by=None if accepted is None else accepted.by_name,
        accepted_at=None if accepted is None else accepted.at,
        signed_with=version.signed_with,
        trusted_publisher=None if shown.publisher is None else shown.publisher.name,
        added_by=version.added_by_name,
        training=[_learnt(one) for one in contract.training],
        training_zh=[_learnt(one) for one in chinese.training],
        validations=[_validation(one) for one in contract.validation],
        validations_zh=[_validation(one) for one in chinese.validation],
        local_validations=[_local(one) for one in shown.validations],
        changes=[
            ChangeShown(at=one.at, by=one.by_name, before=one.before, after=one.after, reason=one.reason)
            for one in shown.changes
        ],
    )


def _point(found: OperatingPoint) -> OperatingPointShown:
    return OperatingPointShown(
        name=found.name,
        purpose=found.purpose.value,
        class_name=found.class_name,
        threshold=found.threshold,
        claim=found.claim,
    )


def _learnt(found: DataSource) -> str:
    return f"{found.name} ({found.licence})"


def _metric(found: Metric) -> MetricShown:
    return MetricShown(
        name=found.name,
        value=found.value,
        low=found.low,
        high=found.high,
        baseline=found.baseline,
        stratum=found.stratum,
    )


def _validation(found: Validation) -> ValidationShown:
    return ValidationShown(
        cohort=found.cohort,
        n=found.n,
        of=found.of,
        baseline=found.baseline,
        split=found.split,
        by=found.by,
        done=found.done,
        metrics=[_metric(one) for one in found.metrics],
    )


def _local(found: LocalValidation) -> ValidationShown:
    trial = found.trial
    return ValidationShown(
        cohort=trial.cohort,
        n=trial.n,
        of=trial.of,
        note=trial.note,
        by=found.by_name,
        at=found.at,
        metrics=[_metric(one) for one in trial.metrics],
    )


def _publisher(publisher: Publisher) -> PublisherShown:
    return PublisherShown(
        public_key=publisher.public_key,
        name=publisher.name,
        added_at=publisher.added_at,
        added_by=publisher.added_by_name,
    )


def _terms(kind: Kind, ids: tuple[str, ...]) -> list[TermNamed]:
    found = [find_term(kind, one) for one in ids]
    return [TermNamed(id=one.id, en=one.en, zh=one.zh) for one in found if one is not None]


def _plain(value: Any) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(value)
    return plain
