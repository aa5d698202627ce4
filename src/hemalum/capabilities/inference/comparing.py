"""Two versions over the slides on which both were run: how far they agree, and where they do not.

Two versions of one model, or one in shadow beside the one in use: what they tell apart has to be the same.
Models for patches are compared patch by patch where both lay the same grid, heads slide by slide.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.inference import store
from hemalum.capabilities.inference.heads import is_head
from hemalum.capabilities.inference.model import (
    ComparedUnit,
    InferenceRun,
    PatchDifference,
    SlideComparison,
    VersionComparison,
)
from hemalum.capabilities.inference.results import predicted, scored
from hemalum.capabilities.models.model import Version
from hemalum.formats.model.contract import Contract, Output
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.runtime.db import reading

if TYPE_CHECKING:
    from hemalum.capabilities.inference.service import Inference

MOST_COMPARED = 100
"""Slides in one comparison: those run last."""
_MOST_PLACES = 5
_APART = 8
"""Patches between two places that are told of one slide, so that they are not all of one spot."""
_CANDIDATES = 500
_SEED = 0
_FEWEST_SLIDES = 5
"""For an interval: drawn from fewer it is too narrow to be shown. A judgement, not from the literature."""

type Array = NDArray[Any]
type Pair[T] = tuple[T, T]


@dataclass(frozen=True, slots=True)
class _Side:
    """What one of the two says of classes."""

    contract: Contract
    output: Output
    order: tuple[int, ...]
    """Where the classes of the first stand among its own."""

    @property
    def grid_um(self) -> Pair[float]:
        """Side and distance of its patches."""
        given = self.contract.input
        assert given is not None
        return given.patch_um, given.step_um


@dataclass(frozen=True, slots=True)
class _Patches:
    """The patches of one run, each once, sorted by place."""

    places: Array
    """Row and column as one number."""
    abstained: Array
    values: Array
    classes: Array
    """By number; that of none of them stands behind the last."""


def compare(inference: "Inference", actor: Actor, ids: Pair[str]) -> VersionComparison:
    """Two versions on the slides that the actor may see, on which the last run of each is done.

    Raises:
        NotFound: the actor's organisation has no such version.
        Invalid: it is twice the same.
        Conflict: they do not tell the same classes apart.
    """
    if ids[0] == ids[1]:
        raise Invalid("Choose two versions that differ.")
    first, second = (inference.models.get_version(actor.organisation_id, each) for each in ids)
    sides = _sides(first, second)
    pairs, only = _pairs(inference, actor, (first, second))
    unit = ComparedUnit.SLIDES if is_head(first.contract) else ComparedUnit.PATCHES
    if unit is ComparedUnit.PATCHES and sides[0].grid_um != sides[1].grid_um:
        unit = ComparedUnit.NOTHING
    compared = []
    for ids_of_pair in pairs[:MOST_COMPARED]:
        with reading(inference.slides.database) as connection:
            first_run, second_run = (store.find_run(connection, one) for one in ids_of_pair)
            if first_run is None or second_run is None:  # the slide was deleted meanwhile
                continue
            pair = first_run, second_run
            chunks = [store.list_chunks(connection, [run.id]) for run in pair]
        contents = [map(inference.slides.blobs.get, (each.blob_key for each in one)) for one in chunks]
        compared.append(compare_runs(pair, sides, contents, unit))
    return _summed(first, second, sides[0].output, unit, compared, only, len(pairs))


def _sides(first: Version, second: Version) -> Pair[_Side]:
    outputs = [_classes_of(each.contract) for each in (first, second)]
    if outputs[0] is None or outputs[1] is None or is_head(first.contract) != is_head(second.contract):
        raise Conflict("These two cannot be compared: they do not tell the same classes apart.")
    names = [[one.name for one in output.classes] for output in outputs if output is not None]
    if sorted(names[0]) != sorted(names[1]):
        raise Conflict("These two cannot be compared: they do not tell the same classes apart.")
    order = tuple(names[1].index(name) for name in names[0])
    plain = tuple(range(len(order)))
    return _Side(first.contract, outputs[0], plain), _Side(second.contract, outputs[1], order)


def _classes_of(contract: Contract) -> Output | None:
    if is_head(contract):
        return next((each for each in contract.outputs if each.classes), None)
    return scored(contract)


def _pairs(
    inference: "Inference", actor: Actor, versions: Pair[Version]
) -> tuple[list[Pair[str]], Pair[int]]:
    """Ids of the last runs of both on the same scan of a slide that the actor may see, the newest first; and
    how many of these slides one alone was run on."""
    with reading(inference.slides.database) as connection:
        names = [each.contract.identity for each in versions]
        found = [
            store.list_last_done(connection, actor.organisation_id, one.id, one.version) for one in names
        ]
    visible = inference.slides.visible_among(actor, found[0].keys() | found[1].keys())
    first, second = ({image: run for image, run in each.items() if image in visible} for each in found)
    pairs = [
        (first[image], second[image])
        for image in first.keys() & second.keys()
        if first[image].generation == second[image].generation
    ]
    pairs.sort(key=lambda pair: (pair[1].created_at, pair[1].id), reverse=True)
    alone = len(first) - len(pairs), len(second) - len(pairs)
    return [(one.id, other.id) for one, other in pairs], alone


def compare_runs(
    runs: Pair[InferenceRun],
    sides: Pair[_Side],
    chunks: Sequence[Iterable[bytes]],
    unit: ComparedUnit,
) -> SlideComparison:
    """How far two runs on one slide agree."""
    count = len(sides[0].output.classes) + 1
    if unit is ComparedUnit.SLIDES:
        table = np.zeros((count, count), np.int64)
        of = [_class_of_slide(side, run.scores) for side, run in zip(sides, runs, strict=True)]
        table[of[0], of[1]] = 1
        return _slide(runs, table)
    if unit is ComparedUnit.NOTHING:
        return _slide(runs, np.zeros((count, count), np.int64))
    first, second = (_patches(side, each) for side, each in zip(sides, chunks, strict=True))
    _, at_first, at_second = np.intersect1d(
        first.places, second.places, assume_unique=True, return_indices=True
    )
    silent = first.abstained[at_first], second.abstained[at_second]
    said = ~silent[0] & ~silent[1]
    at_first, at_second = at_first[said], at_second[said]
    of_first, of_second = first.classes[at_first], second.classes[at_second]
    table = np.bincount(of_first * count + of_second, minlength=count * count).reshape(count, count)
    difference = np.abs(first.values[at_first] - second.values[at_second])
    return _slide(
        runs,
        table,
        only_first=int((~silent[0] & silent[1]).sum()),
        only_second=int((silent[0] & ~silent[1]).sum()),
        mean_difference=float(difference.mean()) if difference.size else 0.0,
        places=_places(sides[0], first.places[at_first], of_first, of_second, difference),
    )


def _slide(runs: Pair[InferenceRun], table: Array, **values: Any) -> SlideComparison:
    return SlideComparison(
        runs[0].image_id,
        runs[0].scores,
        runs[1].scores,
        tuple(tuple(row) for row in table.tolist()),
        **values,
    )


def _class_of_slide(side: _Side, scores: Mapping[str, float]) -> int:
    values = np.array([scores.get(each.name, 0.0) for each in side.output.classes])
    return int(_named(side, predicted(side.contract, side.output, values)))


def _named(side: _Side, own: Array) -> Array:
    """Numbers among its own classes as those of the first; that of none of them behind the last."""
    place = np.empty(len(side.order) + 1, np.int64)
    place[np.array(side.order)] = np.arange(len(side.order))
    place[-1] = len(side.order)
    return np.asarray(place[own])


def _patches(side: _Side, chunks: Iterable[bytes]) -> _Patches:
    width = len(side.output.classes)
    places, silent = [np.zeros(0, np.int64)], [np.zeros(0, bool)]
    values = [np.zeros((0, width), np.float32)]
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            row, column = arrays["places"].astype(np.int64).T
            places.append((row << 32) + column)
            silent.append(arrays["abstained"])
            values.append(arrays[f"output.{side.output.name}"].reshape(len(row), width))
    joined, (unique, kept) = np.concatenate(values), np.unique(np.concatenate(places), return_index=True)
    joined = joined[kept]
    return _Patches(
        unique,
        np.concatenate(silent)[kept],
        joined[:, list(side.order)],
        _named(side, predicted(side.contract, side.output, joined)),
    )


def _places(
    side: _Side, places: Array, of_first: Array, of_second: Array, difference: Array
) -> tuple[PatchDifference, ...]:
    """Where they name different classes, the furthest apart in their values first."""
    differing = np.flatnonzero(of_first != of_second)
    furthest = difference[differing].max(axis=1) if len(differing) else np.zeros(0)
    side_um, stride_um = side.grid_um
    names = [*(each.name for each in side.output.classes), ""]
    told: list[tuple[int, int]] = []
    found: list[PatchDifference] = []
    for at in differing[np.argsort(-furthest, kind="stable")][:_CANDIDATES]:
        row, column = int(places[at] >> 32), int(places[at] & 0xFFFFFFFF)
        if any(max(abs(row - each[0]), abs(column - each[1])) < _APART for each in told):
            continue
        told.append((row, column))
        x_um, y_um = column * stride_um + side_um / 2, row * stride_um + side_um / 2
        said = names[int(of_first[at])], names[int(of_second[at])]
        found.append(PatchDifference(x_um, y_um, side_um, *said, float(difference[at].max())))
        if len(found) == _MOST_PLACES:
            break
    return tuple(found)


def _summed(
    first: Version,
    second: Version,
    output: Output,
    unit: ComparedUnit,
    slides: Sequence[SlideComparison],
    only: Pair[int],
    shared: int,
) -> VersionComparison:
    # It brings scipy along: loaded by whoever compares, not with every command of the node.
    from hemalum.analysis.agreement import bootstrapped, cohen_kappa

    tables = [np.array(each.table) for each in slides]
    count = len(output.classes) + 1
    table = sum(tables, np.zeros((count, count), np.int64))
    spoken = [[each] for each in tables if each.sum()]
    interval = None
    if len(spoken) >= _FEWEST_SLIDES:
        found = bootstrapped(spoken, _agreement, seed=_SEED)
        interval = found.lower, found.upper
    return VersionComparison(
        first,
        second,
        output.classes,
        unit,
        tuple(slides),
        tuple(tuple(row) for row in table.tolist()),
        _agreement([table]) if table.any() else None,
        interval,
        cohen_kappa(table),
        only,
        shared - len(slides),
    )


def _agreement(tables: Sequence[Array]) -> float:
    table = sum(tables[1:], tables[0])
    return float(np.trace(table) / table.sum())
