"""How well nuclei of synthetic slides are outlined and told apart: by the network, and by plainer means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines import fit_logistic, histograms_within
from cards import Row
from hemalum.analysis import nuclei
from hemalum.analysis.agreement import Matches, match, matched
from hemalum.analysis.calibration import softmax
from hemalum.analysis.inference import Network
from hemalum.analysis.morphometry import measure_nuclei
from nuclei_data import UM_PER_PX
from nuclei_drawn import CLASSES, WINDOW_PX, DrawnNuclei
from trials import grouped, of_64_colours, planes, row

type Table = NDArray[np.int64]
"""How many nuclei of the class of the row were taken for that of the column."""

CONTEXT_PX = 32
"""Nuclei that lie nearer to the edge of a window are not counted: they are seen cut off."""


@dataclass(frozen=True, slots=True)
class Found:
    """Nuclei of windows that the network found and that have a true class, one row each."""

    truth: NDArray[np.int64]
    answers: NDArray[np.int64]
    """Of the network."""
    colours: NDArray[np.float64]
    """Histograms of 512 colours."""
    forms: NDArray[np.float64]
    """Logarithm of the area, and eccentricity."""
    slides: NDArray[np.int64]


def outlined(network: Network, rgb: NDArray[np.uint8]) -> tuple[nuclei.Labels, NDArray[np.uint8]]:
    """Numbers of the nuclei of a window, and the class of each."""
    given = network.run(planes(rgb))
    found = nuclei.part(*(1 / (1 + np.exp(-given["maps"][0]))), UM_PER_PX)
    likely = np.moveaxis(softmax(np.moveaxis(given["classes"][0], 0, -1)), -1, 0)
    return found, nuclei.classify(found, likely.astype(np.float32))[0]


def found_in(drawn: DrawnNuclei, network: Network) -> Found:
    """What the network finds in windows."""
    parts = [
        _found(rgb, labels, classes, int(slide), network)
        for rgb, labels, classes, slide in zip(
            drawn.rgb, drawn.labels, drawn.classes, drawn.slides, strict=True
        )
    ]
    return Found(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _found(
    rgb: NDArray[np.uint8], labels: nuclei.Labels, classes: NDArray[np.uint8], slide: int, network: Network
) -> tuple[NDArray[np.int64] | NDArray[np.float64], ...]:
    found, answers = outlined(network, rgb)
    measured = measure_nuclei(found, rgb, UM_PER_PX)
    places_px = np.stack([measured.x_um, measured.y_um]) / UM_PER_PX
    is_whole = ((places_px >= CONTEXT_PX) & (places_px < WINDOW_PX - CONTEXT_PX)).all(axis=0)
    class_of = np.zeros(int(labels.max()) + 1, np.int64)
    class_of[labels] = classes
    of_truth, of_found, _ = matched(labels, found)
    kept = (class_of[of_truth] > 0) & is_whole[of_found - 1]
    truth, own = class_of[of_truth[kept]] - 1, of_found[kept] - 1
    forms = np.column_stack([np.log(measured.area_um2), measured.eccentricity])
    colours = histograms_within(found, rgb)
    return truth, answers[own].astype(np.int64), colours[own], forms[own], np.full(len(own), slide)


def classes_beside_colours(learnt: Found, tested: Found) -> tuple[list[Row], list[Row]]:
    """The network beside regressions of 512 and of 64 colours with size and form, of the same nuclei."""
    of_512 = [learnt.colours, tested.colours]
    fine, coarse = (
        _beside(tested, _regressed(learnt, tested, colours))
        for colours in (of_512, [of_64_colours(each) for each in of_512])
    )
    return fine, coarse


def _regressed(learnt: Found, tested: Found, colours: Sequence[NDArray[np.float64]]) -> NDArray[np.int64]:
    given = [np.hstack([own, of.forms]) for own, of in zip(colours, (learnt, tested), strict=True)]
    fitted = fit_logistic(given[0], learnt.truth, len(CLASSES))
    return np.asarray(fitted(given[1]).argmax(axis=1))


def _beside(tested: Found, answers: NDArray[np.int64]) -> list[Row]:
    groups = []
    for slide in np.unique(tested.slides):
        own = tested.slides == slide
        groups.append(
            [(_table(tested.truth[own], tested.answers[own]), _table(tested.truth[own], answers[own]))]
        )
    rows = [row("Mean F1 of classes", groups, _mean_f1), row("Accuracy", groups, _accuracy)]
    for number, name in enumerate(CLASSES):
        rows.append(row(f"F1, {name}", groups, lambda some, at=number: float(_f1(np.sum(some, axis=0))[at])))
    return rows


def outlines_beside_floor(tested: DrawnNuclei, network: Network) -> list[Row]:
    """Outlines beside those that are found without a network; groups are slides."""
    counted: list[tuple[Matches, Matches]] = []
    for rgb, labels in zip(tested.rgb, tested.labels, strict=True):
        floor = nuclei.find_nuclei(rgb, UM_PER_PX)
        counted.append((match(labels, outlined(network, rgb)[0]), match(labels, floor)))
    return outline_rows(grouped(counted, tested.slides.tolist()))


def outline_rows(groups: Sequence[Sequence[tuple[Matches, Matches]]]) -> list[Row]:
    """PQ and F1 of network and floor."""
    return [row("PQ", groups, panoptic_quality), row("F1 at IoU 0.5", groups, _detection_f1)]


def panoptic_quality(some: Sequence[Matches]) -> float:
    return sum(some[1:], some[0]).panoptic_quality


def _detection_f1(some: Sequence[Matches]) -> float:
    return sum(some[1:], some[0]).f1


def _table(truth: NDArray[np.int64], answers: NDArray[np.int64]) -> Table:
    pairs = np.bincount(truth * len(CLASSES) + answers, minlength=len(CLASSES) ** 2)
    return np.asarray(pairs.reshape(len(CLASSES), len(CLASSES)))


def _accuracy(some: Sequence[Table]) -> float:
    total = np.sum(some, axis=0)
    return float(np.trace(total) / total.sum())


def _f1(table: Table) -> NDArray[np.float64]:
    """Harmonic mean of sensitivity and positive predictive value of each class; 0 where neither is."""
    both = table.sum(axis=0) + table.sum(axis=1)
    return np.asarray(2 * np.diag(table) / np.maximum(both, 1))


def _mean_f1(some: Sequence[Table]) -> float:
    return float(_f1(np.sum(some, axis=0)).mean())
