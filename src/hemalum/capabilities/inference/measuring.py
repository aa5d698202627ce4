"""Measuring what a run found on its slide, from its chunks. Runs in child processes only.

The chunks are read one after the other, and again where what comes first depends on all of them; of each cell
29 bytes are kept meanwhile, and 5 are answered.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.cells import each_once
from hemalum.analysis.mitosis import CANDIDATE_ABOVE, HOTSPOT_MM2, candidate_scores, find_hotspot
from hemalum.analysis.morphometry import Nuclei, joined
from hemalum.analysis.pleomorphism import LEAST_NUCLEI, SQUARE_UM, of_sums
from hemalum.analysis.regions import Regions, find_largest, find_regions, list_boxes
from hemalum.capabilities.inference.cells import PREFIX
from hemalum.capabilities.inference.model import (
    CellsMeasured,
    ClassCounted,
    HotspotMeasured,
    Measured,
    Place,
    RegionPlace,
    RegionsMeasured,
    cell_classes_output,
    cells_output,
)
from hemalum.capabilities.inference.results import meant_classes, predicted, scored
from hemalum.formats.model.contract import Contract, FindingRule, Output
from hemalum.kernel.typed import typed
from hemalum.runtime.crypto.source import open_place
from hemalum.runtime.recipes import UrlSource

type Array = NDArray[Any]
type Report = Callable[[str, int, int], None]

_MOST_USUAL = 50_000
"""Nuclei of which it is told what is usual on a slide: every so many of all, evenly over the plan."""
_MOST_PLACES = 12
"""Regions of which it is told where they lie."""
_MEASURES = ("area_um2", "circularity")
"""Of whose spread something is told."""


def measure_run(
    contract: Mapping[str, Any],
    chunks: Sequence[Mapping[str, Any]],
    slide_um: tuple[float, float],
    progress: Report,
) -> dict[str, Any]:
    """What a run found on a slide of this size: `measured`, a plain `model.Measured`, and `cells`.

    `cells` is None for a model that gives none. Else it holds, for each cell of the chunks, the bytes of
    `stays` (bool: it stands for a cell of the slide) and `candidate` (float32, NaN where unknown).
    """
    model, kept = typed(contract, Contract), _Chunks(chunks, progress)
    patches = _Patches.read(model, kept)
    cells = None if cells_output(model) is None else _Cells(kept, slide_um, cell_classes_output(model))
    measured = Measured(
        patches.looked_mm2,
        patches.areas_mm2,
        {rule.name: patches.regions(rule) for rule in model.findings if not rule.measure.is_of_cells},
        None if cells is None else cells.measured(patches),
        {name: patches.places(find_regions(patches.of(name))) for name in meant_classes(model)},
    )
    return {
        "measured": msgspec.to_builtins(measured),
        "cells": None if cells is None else cells.columns(),
    }


@dataclass(frozen=True)
class _Chunks:
    """The output of a run in the order of its plan."""

    places: Sequence[Mapping[str, Any]]
    report: Report

    def __iter__(self) -> Iterator[Any]:
        """The arrays of each chunk by name; only those that are asked for are unpacked."""
        for number, place in enumerate(self.places, 1):
            with closing(open_place(place, UrlSource)) as source:
                content = source.read(0, source.size)
            with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
                yield arrays
            self.report("measure", number, len(self.places))


@dataclass(frozen=True)
class _Patches:
    """What a run said of patches, on the grid of its plan."""

    side_um: float
    """From one patch to the next."""
    classes: tuple[str, ...]
    looked: Array
    """(rows, columns) bool: the model said something."""
    found: Array
    """(rows, columns) number of the class, -1 for none."""

    @classmethod
    def read(cls, model: Contract, chunks: _Chunks) -> "_Patches":
        given, output = model.input, scored(model)
        assert given is not None
        places, looked, found = [np.zeros((0, 2), np.int32)], [np.zeros(0, bool)], [np.zeros(0, np.int16)]
        for arrays in chunks:
            places.append(arrays["places"])
            looked.append(~arrays["abstained"])
            if output is None:
                found.append(np.full(len(places[-1]), -1, np.int16))
            else:
                values = arrays[f"output.{output.name}"]
                found.append(predicted(model, output, values).astype(np.int16) if len(values) else found[0])
        rows, columns = np.concatenate(places).T
        shape = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
        said = np.concatenate(looked)
        grid, classes = np.zeros(shape, bool), np.full(shape, -1, np.int16)
        grid[rows, columns] = said
        classes[rows, columns] = np.where(said, np.concatenate(found), -1)
        names = () if output is None else tuple(each.name for each in output.classes)
        return cls(given.step_um, names, grid, classes)

    @property
    def patch_mm2(self) -> float:
        return (self.side_um / 1000) ** 2

    @property
    def looked_mm2(self) -> float:
        return int(self.looked.sum()) * self.patch_mm2

    @property
    def areas_mm2(self) -> dict[str, float]:
        counts = np.bincount(self.found[self.found >= 0], minlength=len(self.classes))
        return {name: int(count) * self.patch_mm2 for name, count in zip(self.classes, counts, strict=True)}

    def regions(self, rule: FindingRule) -> RegionsMeasured:
        members = self.of(rule.class_name, *rule.beside)
        holding = self.of(rule.holding) if rule.holding else None
        # Of sums of squares of patches, whose last digits say nothing.
        regions = find_regions(members, holding, rule.least_mm2 / self.patch_mm2 * (1 - 1e-9))
        largest = find_largest(regions)
        if largest is None:
            return RegionsMeasured(0)
        mm = self.side_um / 1000
        box = self.place(largest.row, largest.column, largest.rows, largest.columns)
        length, least, most = largest.length * mm, largest.least * mm, largest.most * mm
        return RegionsMeasured(regions.count, length, least, most, box, self.places(regions))

    def place(self, row: int, column: int, rows: int, columns: int) -> Place:
        """Where patches lie on the slide."""
        return Place(*(each * self.side_um for each in (column, row, columns, rows)))

    def places(self, regions: Regions) -> tuple[RegionPlace, ...]:
        """Where the largest regions lie, from top to bottom."""
        return tuple(
            RegionPlace(self.place(box.row, box.column, box.rows, box.columns), box.bins * self.patch_mm2)
            for box in list_boxes(regions, _MOST_PLACES)
        )

    def of(self, *names: str) -> Array:
        """(rows, columns) bool: the patches of these classes."""
        return np.isin(self.found, [self.classes.index(each) for each in names])


class _Cells:
    """The cells of a run."""

    def __init__(self, chunks: _Chunks, slide_um: tuple[float, float], told: Output | None) -> None:
        self._chunks, self._slide_um = chunks, slide_um
        self._classes = () if told is None else told.classes
        self._stays = _standing(chunks, slide_um)
        self._candidate = np.full(len(self._stays), np.nan, np.float32)

    def columns(self) -> dict[str, bytes]:
        return {"stays": self._stays.tobytes(), "candidate": self._candidate.tobytes()}

    def measured(self, patches: _Patches) -> CellsMeasured:
        """Judge each cell by what is usual on the slide, and sum up."""
        usual = self._usual()
        squares = [int(side // SQUARE_UM) + 1 for side in reversed(self._slide_um)]
        sums = {name: np.zeros((3, squares[0] * squares[1])) for name in _MEASURES}
        counts = np.zeros(patches.looked.shape, np.int64)
        of_classes = np.zeros(len(self._classes), np.int64)
        for first, nuclei, classes in self._nuclei():
            own = slice(first, first + len(nuclei))
            self._candidate[own] = candidate_scores(nuclei, usual)
            stays = self._stays[own]
            self._add(sums, squares, _those(nuclei, stays))
            if self._classes:
                of_classes += np.bincount(classes[stays], minlength=len(of_classes))
            _count(counts, _those(nuclei, stays & (self._candidate[own] > CANDIDATE_ABOVE)), patches.side_um)
        area_um2, circularity = (of_sums(*sums[name]) for name in _MEASURES)
        is_known = len(usual) >= LEAST_NUCLEI
        return CellsMeasured(
            int(self._stays.sum()),
            area_um2,
            circularity,
            int(counts.sum()) if is_known else None,
            _hotspot(counts, patches) if is_known else None,
            tuple(
                ClassCounted(each.name, each.title, each.title_zh, int(count))
                for each, count in zip(self._classes, of_classes, strict=True)
            ),
        )

    def _usual(self) -> Nuclei:
        step = max(1, -(-int(self._stays.sum()) // _MOST_USUAL))
        picked = np.zeros(len(self._stays), bool)
        picked[np.flatnonzero(self._stays)[::step]] = True
        parts = [_those(nuclei, picked[first : first + len(nuclei)]) for first, nuclei, _ in self._nuclei()]
        return joined(parts) if parts else Nuclei(*(np.zeros(0) for _ in fields(Nuclei)))

    def _nuclei(self) -> Iterator[tuple[int, Nuclei, NDArray[np.uint8]]]:
        """The number of the first cell of each chunk, its cells, and their classes where these are told."""
        first = 0
        for arrays in self._chunks:
            columns = {each.name: arrays[PREFIX + each.name] for each in fields(Nuclei)}
            nuclei = Nuclei(**{name: values.astype(np.float64) for name, values in columns.items()})
            classes = arrays[f"{PREFIX}classes"] if self._classes else np.zeros(0, np.uint8)
            yield first, nuclei, classes
            first += len(nuclei)

    def _add(self, sums: Mapping[str, Array], squares: Sequence[int], nuclei: Nuclei) -> None:
        rows, columns = (
            np.minimum(place // SQUARE_UM, most - 1).astype(np.int64)
            for place, most in zip((nuclei.y_um, nuclei.x_um), squares, strict=True)
        )
        square = rows * squares[1] + columns
        for name, own in sums.items():
            values = getattr(nuclei, name)
            for power, total in enumerate(own):
                total += np.bincount(square, values**power, len(total))


def _standing(chunks: _Chunks, slide_um: tuple[float, float]) -> NDArray[np.bool_]:
    """Which cells stay, so that each stands on the slide once and none beyond its last pixel."""
    kinds = {"x_um": np.float64, "y_um": np.float64, "area_um2": np.float32}
    columns: dict[str, list[Array]] = {name: [np.zeros(0, kind)] for name, kind in kinds.items()}
    is_own, patches = [np.zeros(0, bool)], [np.zeros(0, np.int32)]
    seen = 0
    for arrays in chunks:
        for name, parts in columns.items():
            parts.append(arrays[PREFIX + name])
        is_own.append(arrays[f"{PREFIX}is_own"])
        counts = arrays[f"{PREFIX}counts"]
        patches.append(np.repeat(np.arange(seen, seen + len(counts), dtype=np.int32), counts))
        seen += len(counts)
    x_um, y_um, area_um2 = (np.concatenate(parts) for parts in columns.values())
    stays = each_once(x_um, y_um, area_um2, np.concatenate(patches), np.concatenate(is_own))
    # Beyond the last pixel there is nothing but what the reader of the slide put there.
    width_um, height_um = slide_um
    return stays & (x_um >= 0) & (x_um <= width_um) & (y_um >= 0) & (y_um <= height_um)


def _hotspot(counts: Array, patches: _Patches) -> HotspotMeasured:
    side = max(1, round(1000 * HOTSPOT_MM2**0.5 / patches.side_um))
    found = find_hotspot(counts, patches.looked, side)
    return HotspotMeasured(
        found.count,
        found.looked * patches.patch_mm2,
        patches.place(found.row, found.column, found.rows, found.columns),
    )


def _count(counts: Array, nuclei: Nuclei, side_um: float) -> None:
    """Add nuclei to the patches in which they lie."""
    places = [
        np.minimum(each // side_um, most - 1).astype(np.int64)
        for each, most in zip((nuclei.y_um, nuclei.x_um), counts.shape, strict=True)
    ]
    np.add.at(counts, tuple(places), 1)


def _those(nuclei: Nuclei, kept: NDArray[np.bool_]) -> Nuclei:
    return Nuclei(**{each.name: getattr(nuclei, each.name)[kept] for each in fields(Nuclei)})
