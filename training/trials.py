"""What a network and its baseline reach on the same cases, with intervals over the sources of the cases."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cards import Row
from hemalum.analysis.agreement import bootstrapped
from hemalum.analysis.inference import Network

_SEED = 20261128


def grouped[T](cases: Sequence[T], sources: Sequence[int]) -> list[list[T]]:
    """The cases of each source."""
    groups: dict[int, list[T]] = {}
    for case, source in zip(cases, sources, strict=True):
        groups.setdefault(source, []).append(case)
    return [groups[source] for source in sorted(groups)]


def row[T](
    what: str, groups: Sequence[Sequence[tuple[T, T]]], quality: Callable[[Sequence[T]], float]
) -> Row:
    """A quality of network and baseline (pairs of cases), and its gain, with intervals over groups."""

    def of_network(some: Sequence[tuple[T, T]]) -> float:
        return quality([pair[0] for pair in some])

    def of_baseline(some: Sequence[tuple[T, T]]) -> float:
        return quality([pair[1] for pair in some])

    def gain(some: Sequence[tuple[T, T]]) -> float:
        return of_network(some) - of_baseline(some)

    return Row(what, *(bootstrapped(groups, each, seed=_SEED) for each in (of_network, of_baseline, gain)))


def mean(some: Sequence[float]) -> float:
    return float(np.mean(some))


def accuracy_rows(
    answers: tuple[NDArray[np.int64], NDArray[np.int64]],
    labels: NDArray[np.int64],
    sources: NDArray[np.int64],
    names: Sequence[str],
) -> list[Row]:
    """Accuracy of network and baseline, and the sensitivity for each class."""
    right = list(zip(*((each == labels).astype(float).tolist() for each in answers), strict=True))
    places = sources.tolist()
    rows = [row("Accuracy", grouped(right, places), mean)]
    for number, name in enumerate(names):
        own = np.flatnonzero(labels == number)
        of_class = grouped([right[at] for at in own], [places[at] for at in own])
        rows.append(row(f"Sensitivity, {name}", of_class, mean))
    return rows


def of_64_colours(histograms: NDArray[np.float64]) -> NDArray[np.float64]:
    """`baselines.histograms` in 4 x 4 x 4 colours, (n, 64): fewer weights, which few sources fit better."""
    shares = (histograms**2).reshape(-1, 4, 2, 4, 2, 4, 2).sum(axis=(2, 4, 6))
    return np.asarray(np.sqrt(shares.reshape(-1, 64)))


def run_over(network: Network, rgb: NDArray[np.uint8]) -> NDArray[Any]:
    """The first output of a network for pictures (n, h, w, 3), one by one."""
    name = network.outputs[0].name
    return np.concatenate([network.run(planes(each))[name] for each in rgb])


def planes(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A picture as the only item of a batch, 0..1."""
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None] / np.float32(255))
