"""Annotations over HTTP."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from hemalum.capabilities.annotations import model, policy
from hemalum.capabilities.annotations.service import Annotations
from hemalum.formats.annotations.model import Annotation, AnnotationKind, Box
from hemalum.kernel.actor import Actor
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http import KEPT_NOWHERE, Limit, Offset, require

_READ_AGAIN_BYTES = 4 << 20
_TAKEN_AWAY_BY_NULL = frozenset({"shape", "plane", "class_name"})


class _QuickRequest(Request):
    """Reads JSON some five times as fast: outlines may have a million corners, and tiles wait meanwhile."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            return msgspec.json.decode(body)
        except msgspec.DecodeError as error:
            # Python's reader knows NaN and infinity, so that they are refused with a better sentence.
            if len(body) > _READ_AGAIN_BYTES:
                raise json.JSONDecodeError(str(error), "", 0) from error
            return json.loads(body)


class _QuickRoute(APIRoute):
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_quickly(request: Request) -> Response:
            return await handle(_QuickRequest(request.scope, request.receive))

        return handle_quickly


router = APIRouter(tags=["annotations"], route_class=_QuickRoute)

Viewer = Annotated[Actor, Depends(require(policy.VIEW))]
Drawer = Annotated[Actor, Depends(require(policy.DRAW))]
Exporter = Annotated[Actor, Depends(require(policy.EXPORT))]
Definer = Annotated[Actor, Depends(require(policy.DEFINE))]


async def annotations_of(request: Request) -> Annotations:
    """The annotations of this node."""
    annotations: Annotations = request.app.state.annotations
    return annotations


Drawn = Annotated[Annotations, Depends(annotations_of)]
Identifier = Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Sequence = Annotated[int, Field(ge=0, le=2**53)]
After = Annotated[int | None, Query(ge=0, le=2**53)]


class DrawnGeometry(BaseModel):
    """A geometry of GeoJSON in pixels of level 0."""

    type: Literal["Polygon", "MultiPolygon", "LineString", "Point", "MultiPoint"]
    coordinates: list[Any]


class DrawnShape(BaseModel):
    """The frame of a rectangle or ellipse, before it is turned by `angle` degrees about its centre."""

    x: float = Field(allow_inf_nan=False)
    y: float = Field(allow_inf_nan=False)
    width: float = Field(gt=0, allow_inf_nan=False)
    height: float = Field(gt=0, allow_inf_nan=False)
    angle: float = Field(default=0.0, allow_inf_nan=False)


class _Content(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    kind: AnnotationKind
    geometry: DrawnGeometry
    shape: DrawnShape | None = None
    plane: int | None = Field(default=None, ge=0, le=10_000)
    class_name: str | None = Field(default=None, alias="class")
    name: str = ""
    note: str = ""
    locked: bool = False


class NewAnnotation(_Content):
    """What somebody has just drawn."""

    id: Identifier


class AddAsked(BaseModel):
    """To add an annotation."""

    op: Literal["add"]
    annotation: NewAnnotation


class ChangeAsked(BaseModel):
    """To change the fields that are given. Null leaves a field, but takes away shape, plane and class."""

    model_config = ConfigDict(populate_by_name=True)

    op: Literal["change"]
    id: Identifier
    version: Sequence
    kind: AnnotationKind | None = None
    geometry: DrawnGeometry | None = None
    shape: DrawnShape | None = None
    plane: int | None = Field(default=None, ge=0, le=10_000)
    class_name: str | None = Field(default=None, alias="class")
    name: str | None = None
    note: str | None = None
    locked: bool | None = None


class RemoveAsked(BaseModel):
    """To remove an annotation."""

    op: Literal["remove"]
    id: Identifier
    version: Sequence


class CommandAsked(BaseModel):
    """What somebody does at once: all of it is done or nothing."""

    id: Identifier
    label: model.CommandLabel
    changes: list[Annotated[AddAsked | ChangeAsked | RemoveAsked, Field(discriminator="op")]] = Field(
        min_length=1, max_length=model.MOST_CHANGES
    )


class TakeBackAsked(BaseModel):
    """To undo or redo; with an id, once however often it arrives."""

    id: Identifier | None = None


class DrawnBy(BaseModel):
    """Somebody as others see them."""

    id: str
    name: str


class MeasuredQuantity(BaseModel):
    """A measured number, and the half-width of the interval of about 95 % around it (k = 2)."""

    value: float
    uncertainty: float


class Measured(BaseModel):
    """What can be measured of an annotation; `why_not` says why nothing can."""

    area_um2: MeasuredQuantity | None
    perimeter_um: MeasuredQuantity | None
    length_um: MeasuredQuantity | None
    why_not: Sentence | None


class ShownAnnotation(_Content):
    """An annotation as it is now."""

    id: str
    colour: str | None
    """Of its class in the file that it was imported from."""
    version: int
    created_by: DrawnBy
    created_at: datetime
    changed_by: DrawnBy
    changed_at: datetime
    measured: Measured


class AnnotationsSince(BaseModel):
    """What is drawn on an image, or what changed after `since`."""

    sequence: int
    since: int | None
    """None when this is everything."""
    annotations: list[ShownAnnotation]
    removed: list[str]
    can_undo: bool
    can_redo: bool
    undo_label: model.CommandLabel | None
    redo_label: model.CommandLabel | None


class AnnotationSkipped(BaseModel):
    """Something in a file that was not taken over."""

    what: str
    why: Sentence


class AnnotationsImported(AnnotationsSince):
    """What became of a file."""

    added: int
    skipped: list[AnnotationSkipped]


class HistoricAnnotation(_Content):
    """An annotation as it was."""


class AnnotationHistoryChange(BaseModel):
    """What a command did to one annotation; null for one that was not there."""

    id: str
    before: HistoricAnnotation | None
    after: HistoricAnnotation | None


class AnnotationHistoryEntry(BaseModel):
    """A command with all that it did."""

    sequence: int
    person: DrawnBy
    at: datetime
    label: model.CommandLabel
    undo_of: int | None
    changes: list[AnnotationHistoryChange]


class AnnotationHistory(BaseModel):
    """A part of the history, oldest first."""

    total: int
    offset: int
    items: list[AnnotationHistoryEntry]


class AnnotationClass(BaseModel):
    """A class that annotations can be given, with how it looks."""

    name: str
    colour: str
    shape: str


type ImportForm = Literal["auto", "geojson", "dicom", "asap", "cytomine", "sectra"]
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_IMAGE = "/images/{image_id}"


@router.get(_IMAGE, response_model=AnnotationsSince)
def list_annotations(
    image_id: str, actor: Viewer, drawn: Drawn, request: Request, since: After = None
) -> Response:
    """What is drawn on an image, or with `since` what changed after that sequence; cheap to poll."""
    content = _content(drawn.list_since(actor, image_id, since))
    etag = '"' + hashlib.sha256(content).hexdigest()[:32] + '"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


@router.post(_IMAGE + "/commands", response_model=AnnotationsSince)
def give_command(
    image_id: str, asked: CommandAsked, actor: Drawer, drawn: Drawn, since: After = None
) -> Response:
    """Add, change and remove annotations, all at once or not at all. The answer holds what changed after
    `since`, or by this command."""
    command = model.Command(asked.id, asked.label, [_step(change) for change in asked.changes])
    return _answer(drawn.give(actor, image_id, command, since))


@router.post(_IMAGE + "/undo", response_model=AnnotationsSince)
def undo(image_id: str, asked: TakeBackAsked, actor: Drawer, drawn: Drawn, since: After = None) -> Response:
    """Take back one's own last command on this image."""
    return _answer(drawn.undo(actor, image_id, asked.id, since))


@router.post(_IMAGE + "/redo", response_model=AnnotationsSince)
def redo(image_id: str, asked: TakeBackAsked, actor: Drawer, drawn: Drawn, since: After = None) -> Response:
    """Do again what one has undone last."""
    return _answer(drawn.redo(actor, image_id, asked.id, since))


@router.get(_IMAGE + "/history", response_model=AnnotationHistory)
def list_history(
    image_id: str, actor: Viewer, drawn: Drawn, offset: Offset = 0, limit: Limit = 100
) -> Response:
    """Who did what to the annotations of an image, oldest first."""
    page = drawn.list_history(actor, image_id, offset, limit)
    items = [
        {
            "sequence": entry.done.sequence,
            "person": _person(entry.done.by),
            "at": entry.done.by.at,
            "label": entry.done.label,
            "undo_of": entry.done.undo_of,
            "changes": [
                {"id": change.id, "before": _historic(change.before), "after": _historic(change.after)}
                for change in entry.changes
            ],
        }
        for entry in page.items
    ]
    content = msgspec.json.encode({"total": page.total, "offset": page.offset, "items": items})
    return Response(content, media_type="application/json")


@router.post(_IMAGE + "/import", response_model=AnnotationsImported, openapi_extra=_FILE_BODY)
async def import_file(
    image_id: str,
    actor: Drawer,
    drawn: Drawn,
    request: Request,
    form: Annotated[ImportForm, Query(alias="format")] = "auto",
    since: After = None,
) -> Response:
    """Add what stands in a file of another program; what cannot be drawn is skipped and named."""
    content = await request.body()
    named = None if form == "auto" else form
    imported = await asyncio.to_thread(drawn.import_file, actor, image_id, content, named, since)
    skipped = [{"what": one.what, "why": one.why} for one in imported.skipped]
    return _answer(imported.since, added=imported.added, skipped=skipped)


@router.get(_IMAGE + "/export", response_class=Response)
def export(
    image_id: str,
    actor: Exporter,
    drawn: Drawn,
    form: Annotated[model.ExportForm, Query(alias="format")] = model.ExportForm.GEOJSON,
) -> Response:
    """What is drawn on an image as a file. `x-hemalum-left-out` counts what the form cannot hold."""
    exported = drawn.export(actor, image_id, form)
    headers = KEPT_NOWHERE | {
        "content-disposition": f'attachment; filename="annotations-{image_id}.{exported.suffix}"',
        "x-hemalum-left-out": str(exported.left_out),
    }
    return Response(exported.content, media_type=exported.media_type, headers=headers)


@router.get("/classes")
def list_classes(actor: Viewer, drawn: Drawn) -> list[AnnotationClass]:
    """The classes of one's organisation."""
    return [_class(one) for one in drawn.list_classes(actor)]


@router.put("/classes")
def define_classes(wanted: list[AnnotationClass], actor: Definer, drawn: Drawn) -> list[AnnotationClass]:
    """State the classes of one's organisation."""
    classes = [model.AnnotationClass(one.name, one.colour, one.shape) for one in wanted]
    return [_class(one) for one in drawn.define_classes(actor, classes)]


def _step(asked: AddAsked | ChangeAsked | RemoveAsked) -> model.Step:
    if isinstance(asked, RemoveAsked):
        return model.Remove(asked.id, asked.version)
    if isinstance(asked, AddAsked):
        return model.Add(Annotation(asked.annotation.id, **_fields(asked.annotation)))
    fields = {
        name: value
        for name, value in _fields(asked).items()
        if value is not None or name in asked.model_fields_set & _TAKEN_AWAY_BY_NULL
    }
    return model.Change(asked.id, asked.version, fields)


def _fields(asked: NewAnnotation | ChangeAsked) -> dict[str, Any]:
    geometry, shape = asked.geometry, asked.shape
    return {
        "kind": asked.kind,
        "geometry": geometry and {"type": geometry.type, "coordinates": geometry.coordinates},
        "shape": shape and Box(shape.x, shape.y, shape.width, shape.height, shape.angle),
        "plane": asked.plane,
        "class_name": asked.class_name,
        "name": asked.name,
        "note": asked.note,
        "locked": asked.locked,
    }


def _answer(since: model.Since, **more: Any) -> Response:
    return Response(_content(since, **more), media_type="application/json")


def _content(since: model.Since, **more: Any) -> bytes:
    stack = since.stack
    return msgspec.json.encode(
        {
            "sequence": since.sequence,
            "since": since.since,
            "annotations": since.annotations,
            "removed": since.removed,
            "can_undo": stack.undo is not None,
            "can_redo": stack.redo is not None,
            "undo_label": stack.undo and stack.undo.label,
            "redo_label": stack.redo and stack.redo.label,
            **more,
        }
    )


def _historic(annotation: Annotation | None) -> dict[str, Any] | None:
    if annotation is None:
        return None
    names = ("kind", "geometry", "shape", "plane", "name", "note", "locked")
    return {name: getattr(annotation, name) for name in names} | {"class": annotation.class_name}


def _person(signed: model.Signed) -> dict[str, str]:
    return {"id": signed.person_id, "name": signed.person_name}


def _class(one: model.AnnotationClass) -> AnnotationClass:
    return AnnotationClass(name=one.name, colour=one.colour, shape=one.shape)
