"""What came out of a run: gathered from its chunks, summed up, and drawn as layers."""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.inference.cells import CellsOfRun, layer_id_of, write_cells_layer
from hemalum.capabilities.inference.model import Engine, InferenceRun, cell_classes_output, cells_output
from hemalum.capabilities.layers.model import LayerDraft
from hemalum.capabilities.layers.service import Layers
from hemalum.capabilities.slides.model import Image
from hemalum.formats.layers.model import ValueColumn
from hemalum.formats.model.contract import Contract, Input, Output
from hemalum.kernel.geometry import SpacingUm

type Array = NDArray[Any]

_SQUARE = 0.01
"""Pixels whose sides differ by more are not squares, and no raster of squares lies over them."""


@dataclass(frozen=True)
class Gathered:
    """The classes of a run over the grid of its slide."""

    values: Array | None
    """(rows, columns, classes) float32, NaN where nothing was looked at; None for models without classes."""
    abstained: Array
    """(rows, columns) bool."""
    scores: Mapping[str, float]
    """Share of patches by class, of those where the model did not abstain."""
    digest: bytes
    """Of all columns, whatever the chunks were."""


@dataclass(frozen=True, slots=True)
class LayerNamed:
    """What one of the heatmaps of a run is called."""

    key: str
    """Among the layers of its run."""
    title: str
    title_zh: str
    unit: str = ""


def gather(contract: Contract, grid: tuple[int, int], chunks: Iterable[bytes]) -> Gathered:
    """All chunks of a run, in the order of its plan; memory grows with the grid and not with embeddings."""
    output = scored(contract)
    values = None if output is None else np.full((*grid, len(output.classes)), np.nan, np.float32)
    abstained = np.zeros(grid, bool)
    digests: dict[str, Any] = {}
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            for name in arrays.files:
                digests.setdefault(name, hashlib.sha256()).update(arrays[name].tobytes())
            rows, columns = arrays["places"].T
            abstained[rows, columns] = arrays["abstained"]
            if values is not None and output is not None and len(rows):
                values[rows, columns] = arrays[f"output.{output.name}"]
    scores = {} if values is None or output is None else _shares(contract, output, values, abstained)
    parts = [name.encode() + digests[name].digest() for name in sorted(digests)]
    return Gathered(values, abstained, scores, b"".join(parts))


def scored(contract: Contract) -> Output | None:
    """The output whose classes are drawn as heatmaps: the first that has any and is not of cells."""
    of_cells = cells_output(contract), cell_classes_output(contract)
    return next((each for each in contract.outputs if each.classes and each not in of_cells), None)


def predicted(contract: Contract, output: Output, values: Array) -> Array:
    """The class of each patch by its number; -1 for none of them, as below the threshold of the only one."""
    if len(output.classes) > 1:
        return np.asarray(values.argmax(axis=-1))
    return np.where(values[..., 0] >= _threshold(contract, output), 0, -1)


def _threshold(contract: Contract, output: Output) -> float:
    points = [each.threshold for each in contract.operating_points if each.output == output.name]
    return points[0] if points else 0.5


def write_layers(
    layers: Layers,
    run: InferenceRun,
    engines: Sequence[Engine],
    contract: Contract,
    found: Gathered,
    cells: CellsOfRun | None,
) -> tuple[str, ...]:
    """Draw a run over its slide: its cells, and a heatmap for each class that matters. Ids of the layers.

    `engines` are what it was computed on.
    """
    spacing = _spacing(layers, run)
    drawn = None
    if cells is not None and spacing is not None:
        drawn = write_cells_layer(layers, run, engines, contract, cells, spacing)
    return (() if drawn is None else (drawn,)) + _write_heatmaps(layers, run, engines, contract, found)


def _spacing(layers: Layers, run: InferenceRun) -> SpacingUm | None:
    description = layers.slides.get_image_of_any(run.image_id).description
    return None if description is None else description.measurable_um


def _write_heatmaps(
    layers: Layers, run: InferenceRun, engines: Sequence[Engine], contract: Contract, found: Gathered
) -> tuple[str, ...]:
    output = scored(contract)
    if output is None or found.values is None or contract.input is None:
        return ()
    unit = "" if output.unit == "1" else output.unit
    drawn = [
        (number, output.classes[number].title, output.classes[number].title_zh)
        for number in _drawn(contract, output)
    ]
    written = [
        draw(
            layers,
            run,
            engines,
            contract.input,
            LayerNamed(str(number), title, title_zh, unit),
            found.values[..., number],
            found.abstained,
        )
        for number, title, title_zh in drawn
    ]
    return tuple(each for each in written if each is not None)


def draw(
    layers: Layers,
    run: InferenceRun,
    engines: Sequence[Engine],
    given: Input,
    named: LayerNamed,
    values: Array,
    abstained: Array,
) -> str | None:
    """Draw one value for each patch of `given` as a heatmap; its id. None where pixels are not squares.

    `values` and `abstained` (rows, columns) lie on the grid of the plan; NaN where nothing was looked at.
    """
    image = layers.slides.get_image_of_any(run.image_id)
    lies = raster_on(image, given)
    if lies is None:
        return None
    pitch, origin = lies
    draft = LayerDraft(
        f"{run.model_name}: {named.title}",
        run.model_id,
        run.model_version,
        title_zh=f"{run.model_name_zh or run.model_name}：{named.title_zh or named.title}",
        id=layer_id_of(run, named.key),
        computed_on=tuple(map(str, engines)),
    )
    rows, columns = bins_on(image, pitch, origin)
    layer = layers.write_heatmap(
        run.image_id,
        draft,
        values[:rows, :columns],
        ValueColumn(named.title, named.unit),
        pitch_px=pitch,
        origin_px=(origin, origin),
        abstained=abstained[:rows, :columns],
    )
    return layer.id


def raster_on(image: Image, given: Input) -> tuple[float, float] | None:
    """Width of a patch's bin in level-0 pixels, and where the first begins, across and down.

    None where the image has no scale, or pixels that are no squares.
    """
    spacing = None if image.description is None else image.description.measurable_um
    if spacing is None or abs(spacing.x_um / spacing.y_um - 1) > _SQUARE:
        return None
    # A value stands in the middle of its patch, also where patches overlap.
    origin_px = (given.patch_px - given.step_px) / 2 * given.um_per_px / spacing.x_um
    return given.step_px * given.um_per_px / spacing.x_um, origin_px


def bins_on(image: Image, pitch_px: float, origin_px: float) -> tuple[int, int]:
    """Rows and columns of bins that do not begin beyond the slide."""
    rows, columns = (
        max(1, int(np.ceil(((side or 0) - origin_px) / pitch_px - 1e-9)))
        for side in (image.summary.height_px, image.summary.width_px)
    )
    return rows, columns


def _drawn(contract: Contract, output: Output) -> list[int]:
    """The classes that an operating point is for, else all."""
    names = [each.name for each in output.classes]
    meant = meant_classes(contract)
    return [number for number, name in enumerate(names) if name in meant] or list(range(len(names)))


def meant_classes(contract: Contract) -> tuple[str, ...]:
    """The classes of patches that an operating point is for."""
    output = scored(contract)
    if output is None:
        return ()
    meant = {each.class_name for each in contract.operating_points if each.output == output.name}
    return tuple(each.name for each in output.classes if each.name in meant)


def _shares(contract: Contract, output: Output, values: Array, abstained: Array) -> dict[str, float]:
    said = ~np.isnan(values[..., 0]) & ~abstained
    count = int(said.sum())
    if not count:
        return {}
    classes = predicted(contract, output, values[said])
    return {each.name: float((classes == number).sum() / count) for number, each in enumerate(output.classes)}
