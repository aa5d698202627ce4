"""Two versions of a model on the same slide, patch by patch."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hemalum.capabilities.inference.model import InferenceRun, SlideComparison

type Array = NDArray[Any]


def compare_runs(
    runs: tuple[InferenceRun, InferenceRun], chunks: Sequence[Iterable[bytes]]
) -> SlideComparison:
    """How far two runs on one slide agree, over patches of which both said something at the same place."""
    said = [_said(each) for each in chunks]
    shared, at_first, at_second = np.intersect1d(said[0][0], said[1][0], return_indices=True)
    first, second = said[0][1][at_first], said[1][1][at_second]
    agreeing, difference = 0, 0.0
    if len(shared) and first.shape == second.shape:
        agreeing = int((_class_of(first) == _class_of(second)).sum())
        difference = float(np.abs(first - second).mean())
    return SlideComparison(
        runs[0].image_id, runs[0].scores, runs[1].scores, len(shared), agreeing, difference
    )


def _said(chunks: Iterable[bytes]) -> tuple[Array, Array]:
    """The place of each patch as one number, and its values, of patches where the model did not abstain."""
    places: list[Array] = [np.zeros(0, np.int64)]
    values: list[Array] = []
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            kept = ~arrays["abstained"]
            name = next(each for each in arrays.files if each.startswith("output."))
            row, column = arrays["places"][kept].astype(np.int64).T
            places.append((row << 32) + column)
            values.append(arrays[name][kept])
    return np.concatenate(places), np.concatenate(values) if values else np.zeros((0, 1))


def _class_of(values: Array) -> Array:
    return np.asarray(values.argmax(axis=1) if values.shape[1] > 1 else values[:, 0] >= 0.5)
