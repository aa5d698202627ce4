"""What a run said as outlines: regions of patches of a class, or cells, in GeoJSON that QuPath opens."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from hemalum.analysis.regions import covered, find_regions
from hemalum.capabilities.inference.cells import (
    CellsOfRun,
    columns_of,
    drawn_cells,
    kinds_of_cells,
    signs_of,
)
from hemalum.capabilities.inference.model import InferenceRun
from hemalum.capabilities.inference.results import Gathered, predicted, scored
from hemalum.formats.layers.model import LayerClass, Shape
from hemalum.formats.model.contract import Contract, Input
from hemalum.kernel.geometry import SpacingUm

type Array = NDArray[Any]
type Feature = dict[str, Any]

_ABSTAINED = LayerClass("Abstained", "#808080", Shape.CROSS)
_DIGITS = 3
"""Of places in pixels."""


def regions_as_geojson(
    run: InferenceRun, contract: Contract, given: Input, found: Gathered, spacing: SpacingUm
) -> Iterator[bytes]:
    """The regions that patches of each class make up, and those of which the model said nothing.

    A FeatureCollection of annotations, places in level-0 pixels; with each its area and its mean value.
    """
    return _collection(_regions(run, contract, given, found, spacing))


def cells_as_geojson(
    run: InferenceRun, contract: Contract, cells: CellsOfRun, spacing: SpacingUm
) -> Iterator[bytes]:
    """The cells of a run, each once: a FeatureCollection of detections, places in level-0 pixels."""
    return _collection(_cells(run, contract, cells, spacing))


def _collection(features: Iterable[Feature]) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    before = ""
    for feature in features:
        yield (before + json.dumps(feature, ensure_ascii=False)).encode()
        before = ",\n"
    yield b"]}\n"


@dataclass(frozen=True, slots=True)
class _Raster:
    """Where bins lie in level-0 pixels, across and down; of their area in mm2."""

    origin: tuple[float, float]
    pitch: tuple[float, float]
    bin_mm2: float

    @classmethod
    def of(cls, given: Input, spacing: SpacingUm) -> "_Raster":
        # A value stands in the middle of its patch, also where patches overlap.
        origin_um = (given.patch_px - given.step_px) / 2 * given.um_per_px
        sides = spacing.x_um, spacing.y_um
        x, y = (origin_um / each for each in sides)
        across, down = (given.step_um / each for each in sides)
        return cls((x, y), (across, down), (given.step_um / 1000) ** 2)

    def place(self, corners: Array, corner: tuple[int, int]) -> Array:
        """Corners of bins, counted from one of them, in level-0 pixels."""
        placed: Array = ((corners + corner) * self.pitch + self.origin).round(_DIGITS)
        return placed


def _regions(
    run: InferenceRun, contract: Contract, given: Input, found: Gathered, spacing: SpacingUm
) -> Iterator[Feature]:
    output = scored(contract)
    if output is None or found.values is None:
        return
    raster = _Raster.of(given, spacing)
    is_silent = found.abstained | np.isnan(found.values[..., 0])
    of = np.where(is_silent, -1, predicted(contract, output, found.values))
    unit = "" if output.unit == "1" else f" [{output.unit}]"
    for number, (each, known) in enumerate(zip(output.classes, signs_of(output), strict=True)):
        sign = replace(known, colour=each.colour or known.colour)
        values = {f"mean{unit}": found.values[..., number]}
        yield from _regions_of(run, sign, of == number, raster, values)
    yield from _regions_of(run, _ABSTAINED, found.abstained, raster, {})


def _regions_of(
    run: InferenceRun,
    sign: LayerClass,
    members: NDArray[np.bool_],
    raster: _Raster,
    values: Mapping[str, Array],
) -> Iterator[Feature]:
    regions = find_regions(members)
    for number, box in enumerate(ndimage.find_objects(regions.labels), 1):
        member = regions.labels[box] == number
        shape = shapely.transform(covered(member), partial(raster.place, corner=(box[1].start, box[0].start)))
        measured = {"area [mm2]": int(member.sum()) * raster.bin_mm2}
        measured |= {said: float(each[box][member].mean()) for said, each in values.items()}
        yield _feature(run, "annotation", json.loads(shapely.to_geojson(shape)), sign, measured)


def _cells(run: InferenceRun, contract: Contract, cells: CellsOfRun, spacing: SpacingUm) -> Iterator[Feature]:
    signs = kinds_of_cells(contract)
    heads = [f"{each.name} [{each.unit}]" if each.unit else each.name for each in columns_of(contract)]
    for chunk in drawn_cells(cells, contract, spacing):
        assert chunk.outline_sizes is not None
        assert chunk.corners_px is not None
        rings = np.split(chunk.corners_px.round(_DIGITS), np.cumsum(chunk.outline_sizes)[:-1])
        for at, ring in enumerate(rings):
            geometry = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
            measured = {head: float(values[at]) for head, values in zip(heads, chunk.values, strict=True)}
            sign = signs[int(chunk.classes[at])]
            yield _feature(run, "detection", geometry, sign, measured)


def _feature(
    run: InferenceRun, kind: str, geometry: Feature, sign: LayerClass, measured: Mapping[str, float]
) -> Feature:
    colour = [int(sign.colour[at : at + 2], 16) for at in (1, 3, 5)]
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "objectType": kind,
            "classification": {"name": sign.name, "color": colour},
            "measurements": {
                said: float(f"{value:.7g}") for said, value in measured.items() if math.isfinite(value)
            },
            "metadata": {"model": f"{run.model_id} {run.model_version}", "run": run.id},
        },
    }
