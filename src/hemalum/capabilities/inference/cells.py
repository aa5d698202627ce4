"""Cells that a model found: as columns beside those of its patches, and as a layer of the slide."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.inference.model import Engine, InferenceRun, cell_classes_output
from hemalum.capabilities.layers.model import LayerDraft
from hemalum.capabilities.layers.service import Layers
from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import LayerClass, Shape, ValueColumn, classes_named
from hemalum.formats.model.contract import Contract, Output
from hemalum.kernel.geometry import SpacingUm

type Array = NDArray[Any]
type Chunks = Callable[[], Iterable[bytes]]
"""The chunks of a run in the order of its plan, read anew with each call."""
PREFIX = "cells."
"""Of the names of columns of cells in a chunk; `counts` is how many there are in each patch."""
CLASS_COLUMNS: Mapping[str, type[np.generic]] = {"classes": np.uint8, "likely": np.float32}
"""Of a model that tells classes of cells, as `CellClasses` names them."""
_NUCLEUS = LayerClass("Nucleus", "#56b4e9", Shape.CIRCLE, name_zh="细胞核")
_COLUMNS = {
    "area_um2": ValueColumn("area", "um2"),
    "perimeter_um": ValueColumn("perimeter", "um"),
    "circularity": ValueColumn("circularity"),
    "eccentricity": ValueColumn("eccentricity"),
    "major_um": ValueColumn("major axis", "um"),
    "minor_um": ValueColumn("minor axis", "um"),
    "feret_um": ValueColumn("Feret's diameter", "um"),
    "least_feret_um": ValueColumn("least Feret's diameter", "um"),
    "density_mean": ValueColumn("haematoxylin density"),
    "density_sd": ValueColumn("haematoxylin density, SD"),
    "blue_ratio": ValueColumn("blue ratio"),
}
"""What `Nuclei` measures, as layers name it."""


_CANDIDATE = ValueColumn("mitosis candidate", "SD")
"""What is told of a cell by what is usual on its slide: `mitosis.candidate_scores`."""
_LIKELY = ValueColumn("class probability")
"""Of the class that a cell has."""


@dataclass(frozen=True)
class CellsOfRun:
    """Which cells in the chunks of a run stand for a cell of the slide, and how dense their chromatin is.

    There is a value for each cell in the order of the chunks.
    """

    chunks: Chunks
    stays: NDArray[np.bool_]
    candidate: NDArray[np.float32]

    @property
    def count(self) -> int:
        return int(self.stays.sum())


def layer_id_of(run: InferenceRun, what: str) -> str:
    """The id of a layer of a run: the same when a run that died draws it once more."""
    return f"{run.id}-{what}"


def cells_of_run(chunks: Chunks, columns: Mapping[str, bytes]) -> CellsOfRun:
    """The cells of a run as `measuring.measure_run` answers them."""
    return CellsOfRun(
        chunks,
        np.frombuffer(columns["stays"], bool),
        np.frombuffer(columns["candidate"], np.float32),
    )


def write_cells_layer(
    layers: Layers,
    run: InferenceRun,
    engines: Sequence[Engine],
    contract: Contract,
    cells: CellsOfRun,
    spacing: SpacingUm,
) -> str | None:
    """Draw the cells of a run over its slide; the id of the layer, None where there is no cell."""
    if not cells.count:
        return None
    identity = contract.identity
    draft = LayerDraft(
        identity.name,
        run.model_id,
        run.model_version,
        title_zh=identity.name_zh or identity.name,
        id=layer_id_of(run, "cells"),
        computed_on=tuple(map(str, engines)),
    )
    layer = layers.write_cells(
        run.image_id,
        draft,
        kinds_of_cells(contract),
        drawn_cells(cells, contract, spacing),
        columns_of(contract),
        has_outlines=True,
    )
    return layer.id


def kinds_of_cells(contract: Contract) -> list[LayerClass]:
    """The classes that the cells of a model are of; one where it tells none."""
    told = cell_classes_output(contract)
    return [_NUCLEUS] if told is None else signs_of(told)


def columns_of(contract: Contract) -> list[ValueColumn]:
    """What is told of each cell of a model, in the order of `drawn_cells`."""
    told = cell_classes_output(contract)
    return [*_COLUMNS.values(), _CANDIDATE, *([] if told is None else [_LIKELY])]


def signs_of(told: Output) -> list[LayerClass]:
    """The classes of a model, in its colours where each has one, with signs that tell them apart without."""
    signs = classes_named([each.title for each in told.classes])
    has_colours = all(each.colour for each in told.classes)
    return [
        replace(sign, colour=each.colour if has_colours else sign.colour, name_zh=each.title_zh or None)
        for sign, each in zip(signs, told.classes, strict=True)
    ]


def drawn_cells(cells: CellsOfRun, contract: Contract, spacing: SpacingUm) -> Iterator[CellChunk]:
    """The cells of a run that stand for one of the slide, chunk by chunk, with their outlines."""
    has_classes = cell_classes_output(contract) is not None
    um = np.array([spacing.x_um, spacing.y_um])
    first = 0
    for chunk in cells.chunks():
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            own = {name: arrays[PREFIX + name] for name in (*_COLUMNS, "x_um", "y_um", "ring_sizes")}
            corners = arrays[f"{PREFIX}corners_um"]
            told = [arrays[PREFIX + name] for name in CLASS_COLUMNS] if has_classes else []
        sizes = own["ring_sizes"]
        ours = slice(first, first + len(sizes))
        stays = cells.stays[ours]
        values = [*(own[name] for name in _COLUMNS), cells.candidate[ours], *told[1:]]
        first += len(sizes)
        places_um = np.column_stack([own["x_um"], own["y_um"]])
        rings_um = corners + np.repeat(places_um, sizes, axis=0)
        places_px = places_um[stays] / um
        yield CellChunk(
            places_px[:, 0],
            places_px[:, 1],
            told[0][stays] if told else np.zeros(len(places_px), np.uint8),
            [each[stays] for each in values],
            sizes[stays],
            rings_um[np.repeat(stays, sizes)] / um,
        )
