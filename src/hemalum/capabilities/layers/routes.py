"""Layers over HTTP: what there is, what is at a place, files. Tiles go by ticket, see `serving`."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from hemalum.capabilities.layers import exporting
from hemalum.capabilities.layers.model import Layer, LayerOrigin
from hemalum.capabilities.layers.service import EXPORT, VIEW, Layers
from hemalum.formats.layers.model import LayerKind, Manifest, Shape
from hemalum.kernel.actor import Actor
from hemalum.runtime.http import require

router = APIRouter(prefix="/images/{image_id}", tags=["layers"])

Viewer = Annotated[Actor, Depends(require(VIEW))]
Exporter = Annotated[Actor, Depends(require(EXPORT))]


async def layers_of(request: Request) -> Layers:
    """The layers of this node."""
    layers: Layers = request.app.state.layers
    return layers


Node = Annotated[Layers, Depends(layers_of)]
Coordinate = Annotated[float, Query(ge=-1e9, le=1e9)]


class LayerClassShown(BaseModel):
    """One class of cells."""

    name: str
    name_zh: str | None
    colour: str
    shape: Shape
    count: int


class LayerColumnShown(BaseModel):
    """One number for each cell, or the one that a heatmap shows."""

    name: str
    unit: str
    minimum: float | None
    maximum: float | None


class LayerShown(BaseModel):
    """A layer as lists show it."""

    id: str
    kind: LayerKind
    origin: LayerOrigin
    title: str
    title_zh: str | None
    producer: str
    producer_version: str
    count: int
    classes: list[LayerClassShown]
    columns: list[LayerColumnShown]
    created_at: datetime
    stale: bool
    """It was made for an earlier scan of this slide."""


class LayerRaster(BaseModel):
    """One level of the pyramid of counts or values; level 0 is the finest."""

    level: int
    pitch_px: float
    most: float
    tiles: list[tuple[int, int]]
    """Row and column of tiles that are not empty."""


class LayerManifest(LayerShown):
    """All that a viewer needs before the first tile."""

    width_px: int
    height_px: int
    tile_side_px: int
    tiles: list[tuple[int, int, int]]
    """Row, column and number of cells of tiles that are not empty."""
    diameter_px: float
    peak_per_mpx: float
    raster_side: int
    rasters: list[LayerRaster]
    origin_x_px: float
    origin_y_px: float
    abstained: int


class PickedCell(BaseModel):
    """The cell at a place."""

    row: int
    x_px: float
    y_px: float
    class_name: str
    values: dict[str, float | None]
    outline_px: list[tuple[float, float]]


class PickAnswer(BaseModel):
    """What is at a place."""

    cell: PickedCell | None


@router.get("")
def list_layers(image_id: str, node: Node, actor: Viewer) -> list[LayerShown]:
    """The layers of a slide, oldest first."""
    return [
        LayerShown.model_validate(_facts(layer, stale=stale))
        for layer, stale in node.list_layers(actor, image_id)
    ]


@router.get("/{layer_id}")
def show_layer(image_id: str, layer_id: str, node: Node, actor: Viewer) -> LayerManifest:
    """All that a viewer needs of a layer before the first tile."""
    opened = node.open_layer(actor, image_id, layer_id)
    facts = _facts(opened.layer, stale=opened.is_stale)
    return LayerManifest.model_validate(facts | _geometry(opened.pack.manifest))


@router.get("/{layer_id}/pick")
def pick_cell(
    image_id: str,
    layer_id: str,
    node: Node,
    actor: Viewer,
    x_px: Coordinate,
    y_px: Coordinate,
    reach_px: Annotated[float, Query(ge=0, le=1000)] = 8,
) -> PickAnswer:
    """The cell whose outline holds a place (level-0 pixels), else the nearest within reach."""
    layer, found = node.pick(actor, image_id, layer_id, x_px, y_px, reach_px)
    if found is None:
        return PickAnswer(cell=None)
    names = [column.name for column in layer.columns]
    return PickAnswer(
        cell=PickedCell(
            row=found.row,
            x_px=found.x_px,
            y_px=found.y_px,
            class_name=layer.classes[found.class_index].name,
            values=dict(zip(names, found.values, strict=True)),
            outline_px=list(found.outline_px),
        )
    )


@router.get("/{layer_id}/export", response_class=StreamingResponse)
async def export_layer(
    image_id: str,
    layer_id: str,
    node: Node,
    actor: Exporter,
    form: Annotated[Literal["geojson", "csv", "parquet"], Query(alias="format")] = "geojson",
) -> StreamingResponse:
    """The cells of a layer as a file: GeoJSON that QuPath opens, CSV, or Parquet, which takes heatmaps, too.

    It stands in the log first.
    """
    opened = await asyncio.to_thread(node.export, actor, image_id, layer_id, form)
    write, media = exporting.FORMS[form]
    name = quote(f"{opened.layer.title}.{form}", safe="")
    return StreamingResponse(
        await asyncio.to_thread(write, opened),
        media_type=media,
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"},
    )


@router.get("/{layer_id}/dicom", response_class=Response)
def export_layer_as_dicom(image_id: str, layer_id: str, node: Node, actor: Exporter) -> Response:
    """A layer as a DICOM object: bulk annotations, or a parametric map. It stands in the log first."""
    layer, content = node.export_dicom(actor, image_id, layer_id)
    name = quote(f"{layer.title}.dcm", safe="")
    return Response(
        content,
        media_type="application/dicom",
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"},
    )


def _facts(layer: Layer, *, stale: bool) -> dict[str, object]:
    return {
        "id": layer.id,
        "kind": layer.kind,
        "origin": layer.origin,
        "title": layer.title,
        "title_zh": layer.title_zh,
        "producer": layer.producer,
        "producer_version": layer.producer_version,
        "count": layer.count,
        "classes": [
            LayerClassShown(
                name=one.name, name_zh=one.name_zh, colour=one.colour, shape=one.shape, count=one.count
            )
            for one in layer.classes
        ],
        "columns": [
            LayerColumnShown(name=one.name, unit=one.unit, minimum=one.minimum, maximum=one.maximum)
            for one in layer.columns
        ],
        "created_at": layer.created_at,
        "stale": stale,
    }


def _geometry(manifest: Manifest) -> dict[str, object]:
    return {
        "width_px": manifest.width_px,
        "height_px": manifest.height_px,
        "tile_side_px": manifest.tile_side_px,
        "tiles": [(tile.row, tile.column, tile.count) for tile in manifest.tiles],
        "diameter_px": manifest.diameter_px,
        "peak_per_mpx": manifest.peak_per_mpx,
        "raster_side": manifest.raster_side,
        "rasters": [
            LayerRaster(level=one.level, pitch_px=one.pitch_px, most=one.most, tiles=list(one.tiles))
            for one in manifest.rasters
        ],
        "origin_x_px": manifest.origin_x_px,
        "origin_y_px": manifest.origin_y_px,
        "abstained": manifest.abstained,
    }
