"""Scores what was trained against its baseline and ships what beats it: `python training/ship.py --help`.

A network is shipped if the lower limit of what it gains on its baseline, by the 95 % interval over whole
sources, is above 0. A card with all numbers is written either way. Runs in the environment of the project, on
the ONNX files alone.
"""

import argparse
import datetime
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import nuclei_data
import whitecells_data
from cards import Card, Row, write_card, write_contract
from hemalum.analysis import nuclei
from hemalum.analysis.agreement import Interval, Matches, bootstrapped, dice, match
from hemalum.analysis.calibration import expected_calibration_error, softmax
from hemalum.analysis.golden import check_golden, write_golden
from hemalum.analysis.inference import Network, open_network
from hemalum.formats.model.folder import read_model_folder, seal_folder

_TILE_PX, _CONTEXT_PX = 256, 32
_SEED = 20261128
_LICENCE = Path(__file__).parent / "LICENSE-weights.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--trained", type=Path, required=True, help="where training left its ONNX files")
    parser.add_argument("--shipped", type=Path, default=Path("src/hemalum/models_shipped"))
    parser.add_argument("--cards", type=Path, default=Path("docs/models"))
    arguments = parser.parse_args()
    for name, ship in (("nuclei", ship_nuclei), ("whitecells", ship_white_cells)):
        network = arguments.trained / f"{name}.onnx"
        if network.exists():
            ship(network, arguments)


def ship_nuclei(path: Path, arguments: argparse.Namespace) -> None:
    learnt, tested = nuclei_data.split(nuclei_data.read_fields(arguments.data / "nuclei-dsb2018"))
    network = open_network(path)
    um_per_px = nuclei_data.UM_PER_PX
    counted, covered = [], []
    for field in tested:
        found = nuclei.part(*maps_of(network, field.rgb), um_per_px)
        floor = nuclei.find_nuclei(field.rgb, um_per_px)
        counted.append((match(field.labels, found), match(field.labels, floor)))
        covered.append((dice(found > 0, field.labels > 0), dice(floor > 0, field.labels > 0)))
    sources = [field.source for field in tested]
    groups = _grouped(counted, sources)
    rows = [
        _row("PQ", groups, _pq),
        _row("F1 at IoU 0.5", groups, _f1),
        _row("Dice, mean of pictures", _grouped(covered, sources), _mean),
    ]
    total = sum(field.nuclei for field in tested)
    by_picture = _row("PQ", [[each] for each in counted], _pq).gain
    card = Card(
        id="hemalum.nuclei",
        done=datetime.datetime.now(datetime.UTC).date(),
        learnt=f"{len(learnt)} pictures, {sum(field.nuclei for field in learnt)} nuclei",
        tested=f"{len(tested)} pictures, {total} nuclei, {len(groups)} sources",
        count=total,
        rows=rows,
        note=f"Gain in PQ over pictures, not sources: {_said(by_picture)}.",
    )
    golden = [_reflected(field.rgb)[:_TILE_PX, :_TILE_PX] for field in tested[:: len(tested) // 2][:2]]
    _finish(card, path, golden, network, arguments)


def ship_white_cells(path: Path, arguments: argparse.Namespace) -> None:
    learnt, tested = whitecells_data.split(whitecells_data.read_cells(arguments.data / "blood-pbc"))
    network = open_network(path)
    batch = np.ascontiguousarray(tested.rgb.transpose(0, 3, 1, 2) / np.float32(255))
    likely = softmax(network.run(batch)["scores"])
    plain = np.load(arguments.trained / "whitecells.baseline.npy")
    answers = likely.argmax(axis=1) == tested.labels, plain.argmax(axis=1) == tested.labels
    right = list(zip(*(answer.astype(float).tolist() for answer in answers), strict=True))
    sources = tested.sources.tolist()
    groups = _grouped(right, sources)
    rows = [_row("Accuracy", groups, _mean)]
    for number, name in enumerate(whitecells_data.CLASSES):
        own = np.flatnonzero(tested.labels == number)
        of_class = _grouped([right[place] for place in own], [sources[place] for place in own])
        rows.append(_row(f"Sensitivity, {name}", of_class, _mean))
    error = expected_calibration_error(likely, tested.labels)
    card = Card(
        id="hemalum.white-cells",
        done=datetime.datetime.now(datetime.UTC).date(),
        learnt=f"{len(learnt.labels)} cells, {len(np.unique(learnt.sources))} sources",
        tested=f"{len(tested.labels)} cells, {len(groups)} sources",
        count=len(tested.labels),
        rows=rows,
        note=f"Expected calibration error, 15 bins, not calibrated: {error:.3f}.",
    )
    _finish(card, path, list(tested.rgb[[0, len(tested.rgb) // 2]]), network, arguments)


def maps_of(network: Network, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inside and nearness to the middle for a picture of any size, by tiles that overlap by their context."""
    inner = _TILE_PX - 2 * _CONTEXT_PX
    padded = _reflected(rgb, _CONTEXT_PX, inner)
    out = np.zeros((2, padded.shape[0], padded.shape[1]), np.float32)
    for top in range(0, padded.shape[0] - 2 * _CONTEXT_PX, inner):
        for left in range(0, padded.shape[1] - 2 * _CONTEXT_PX, inner):
            tile = padded[top : top + _TILE_PX, left : left + _TILE_PX].transpose(2, 0, 1)
            logits = network.run(np.ascontiguousarray(tile[None] / np.float32(255)))["maps"][0]
            kept = slice(_CONTEXT_PX, _CONTEXT_PX + inner)
            out[:, top : top + inner, left : left + inner] = 1 / (1 + np.exp(-logits[:, kept, kept]))
    inside, middle = out[:, : rgb.shape[0], : rgb.shape[1]]
    return inside, middle


def _reflected(rgb: NDArray[np.uint8], before: int = 0, step: int = _TILE_PX) -> NDArray[np.uint8]:
    """The picture with `before` pixels around it, and as many behind it as make whole steps."""
    behind = [before + (-side) % step for side in rgb.shape[:2]]
    return np.pad(rgb, ((before, behind[0]), (before, behind[1]), (0, 0)), mode="symmetric")


def _grouped[T](cases: Sequence[T], sources: Sequence[int]) -> list[list[T]]:
    """The cases of each source."""
    groups: dict[int, list[T]] = {}
    for case, source in zip(cases, sources, strict=True):
        groups.setdefault(source, []).append(case)
    return [groups[source] for source in sorted(groups)]


def _row[T](
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


def _mean(some: Sequence[float]) -> float:
    return float(np.mean(some))


def _pq(some: Sequence[Matches]) -> float:
    return sum(some[1:], some[0]).panoptic_quality


def _f1(some: Sequence[Matches]) -> float:
    return sum(some[1:], some[0]).f1


def _said(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.lower:.3f} to {interval.upper:.3f})"


def _finish(
    card: Card, path: Path, golden: list[NDArray[np.uint8]], network: Network, arguments: argparse.Namespace
) -> None:
    """Writes the card, and the folder of the model if it is to be shipped."""
    for row in card.rows:
        print(row)
    write_card(card, arguments.cards)
    folder = arguments.shipped / card.id
    if folder.exists():
        shutil.rmtree(folder)
    if not card.beats_baseline:
        print(f"{card.id}: not shipped")
        return
    (folder / "golden").mkdir(parents=True)
    shutil.copy(path, folder / "model.onnx")
    shutil.copy(_LICENCE, folder / "LICENSE")
    for number, rgb in enumerate(golden, 1):
        Image.fromarray(rgb).save(folder / f"golden/{number}.png")
        given = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None] / np.float32(255))
        write_golden(folder / f"golden/{number}.npz", network.run(given))
    write_contract(card, len(golden), folder)
    seal_folder(folder)
    checked = check_golden(read_model_folder(folder))
    print(f"{card.id}: shipped, golden tiles within {checked.greatest_difference:.1e}")


if __name__ == "__main__":
    main()
