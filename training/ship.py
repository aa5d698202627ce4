"""Scores what was trained against its baseline and ships what beats it: `python training/ship.py --help`.

A network is shipped if the lower limit of what it gains on its baseline, by the 95 % interval over whole
sources, is above 0. A card with all numbers is written either way. Runs in the environment of the project, on
the ONNX files alone.
"""

import argparse
import datetime
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import artefacts_data
import nuclei_data
import nuclei_drawn
import tiles_data
import white_cells_data
from artefacts_trial import against_colours, against_rules, on_real_examples
from baselines import fit_logistic, histograms
from cards import Card, Row, Table, write_card, write_contract
from colours import ColourClasses
from hemalum.analysis import nuclei
from hemalum.analysis.agreement import Interval, dice, match
from hemalum.analysis.calibration import expected_calibration_error, softmax
from hemalum.analysis.golden import check_golden, write_golden
from hemalum.analysis.inference import Network, open_network
from hemalum.formats.model.folder import read_model_folder, seal_folder
from nuclei_trial import (
    classes_beside_colours,
    found_in,
    outline_rows,
    outlines_beside_floor,
    panoptic_quality,
)
from trials import accuracy_rows, grouped, mean, of_64_colours, planes, row, run_over

_TILE_PX, _CONTEXT_PX = 256, 32
_SEED = 20261128
_TESTED_SEED = _SEED + 1000
"""Of synthetic slides that nothing was learnt from."""
_LICENCE = Path(__file__).parent / "LICENSE-weights.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True, help="where training left the network")
    parser.add_argument("--shipped", type=Path, default=Path("src/hemalum/models_shipped"))
    parser.add_argument("--cards", type=Path, default=Path("docs/models"))
    parser.add_argument("--network", choices=sorted(SHIPPERS), required=True)
    arguments = parser.parse_args()
    SHIPPERS[arguments.network](arguments.out / "network.onnx", arguments)


def ship_nuclei(path: Path, arguments: argparse.Namespace) -> None:
    learnt, tested = nuclei_data.split(nuclei_data.read_fields(arguments.data / "nuclei-dsb2018"))
    network = open_network(path)
    um_per_px = nuclei_data.UM_PER_PX
    counted, covered = [], []
    for field in tested:
        found = nuclei.part(*_maps_of(network, field.rgb), um_per_px)
        floor = nuclei.find_nuclei(field.rgb, um_per_px)
        counted.append((match(field.labels, found), match(field.labels, floor)))
        covered.append((dice(found > 0, field.labels > 0), dice(floor > 0, field.labels > 0)))
    sources = [field.source for field in tested]
    groups = grouped(counted, sources)
    rows = [*outline_rows(groups), row("Dice, mean of pictures", grouped(covered, sources), mean)]
    total = sum(field.nuclei for field in tested)
    by_picture = row("PQ", [[each] for each in counted], panoptic_quality).gain
    drawn = nuclei_drawn.DrawnNuclei.load(arguments.out / "drawn.npz")
    unseen = nuclei_drawn.windows_of(
        nuclei_drawn.slides_tested(_NUCLEI_SLIDES, _TESTED_SEED), _NUCLEI_OF_EACH, _TESTED_SEED
    )
    told = found_in(unseen, network)
    fine, coarse = classes_beside_colours(found_in(drawn, network), told)
    slides = f"{len(told.truth)} nuclei found on {len(np.unique(told.slides))} synthetic slides"
    pictures = f"{len(learnt)} pictures, {sum(field.nuclei for field in learnt)} nuclei"
    card = Card(
        id="hemalum.nuclei",
        done=_today(),
        learnt=f"{pictures}, and {_counted(drawn)}",
        tested=f"{len(tested)} pictures, {total} nuclei, {len(groups)} sources; classes on {slides}",
        count=total,
        rows=rows,
        note=f"Gain in PQ over pictures, not sources: {_said(by_picture)}.",
        others=(
            Table(f"Classes of {slides}", _OF_COLOURS.format(512), fine, len(told.truth)),
            Table("The same nuclei", _OF_COLOURS.format(64), coarse),
            Table("Outlines of the same slides", "`find_nuclei`", outlines_beside_floor(unseen, network)),
        ),
        held_back=_why_nuclei_are_held_back(rows[0], [*fine[:2], *coarse[:2]]),
    )
    golden = [_reflected(field.rgb)[:_TILE_PX, :_TILE_PX] for field in tested[:: len(tested) // 2][:2]]
    _finish(card, path, golden, network, arguments)


def _counted(drawn: nuclei_drawn.DrawnNuclei) -> str:
    nuclei_of = sum(int(labels.max()) for labels in drawn.labels)
    return f"{len(drawn.rgb)} windows of {len(np.unique(drawn.slides))} synthetic slides, {nuclei_of} nuclei"


def _why_nuclei_are_held_back(outlines: Row, classes: Sequence[Row]) -> str:
    if outlines.gain.value < _LEAST_PQ_GAIN:
        return f"its gain in PQ is below {_LEAST_PQ_GAIN}"
    if any(each.gain.lower <= 0 for each in classes):
        return "a regression of colours, size and form is not beaten for sure"
    return ""


def ship_white_cells(path: Path, arguments: argparse.Namespace) -> None:
    cells, names = white_cells_data.read_cells(arguments.data / "blood-pbc"), white_cells_data.CLASSES
    likely = softmax(np.load(arguments.out / "answers.npy"))
    folds = [white_cells_data.is_tested(cells, fold) for fold in range(white_cells_data.FOLDS)]
    rows, coarse = _beside_colours(likely.argmax(1), cells, folds, names)
    told = f"{len(cells.labels)} cells, {len(np.unique(cells.sources))} sources"
    card = Card(
        id="hemalum.white-cells",
        done=_today(),
        learnt=told,
        tested=f"the same in {white_cells_data.FOLDS} folds, by networks that did not learn from the fold",
        count=len(cells.labels),
        rows=rows,
        note=_calibrated(likely, cells.labels),
        others=(Table("The same cells", "regression of 64 colours", coarse),),
        held_back="" if coarse[0].gain.lower > 0 else "a regression of 64 colours is not beaten for sure",
    )
    _finish(card, path, _drawn_tiles(white_cells_data.SIDE_PX), open_network(path), arguments)


def ship_lung(path: Path, arguments: argparse.Namespace) -> None:
    tiles = tiles_data.read_lung(arguments.data / "lung-tiles-lc25000")
    names = ("benign", "adenocarcinoma", "squamous")
    likely = softmax(np.load(arguments.out / "answers.npy"))
    rows, coarse = _beside_colours(likely.argmax(1), tiles, _folds_of_lung(tiles), names)
    card = Card(
        id="hemalum.lung-tiles",
        done=_today(),
        learnt=f"{len(tiles.labels)} tiles, {len(np.unique(tiles.sources))} sources",
        tested=f"the same in {tiles_data.FOLDS} folds, by networks that did not learn from the fold",
        count=len(tiles.labels),
        rows=rows,
        note=_calibrated(likely, tiles.labels),
        others=(Table("The same tiles", "regression of 64 colours", coarse),),
        held_back="" if coarse[0].gain.lower > 0 else "a regression of 64 colours is not beaten for sure",
    )
    _finish(card, path, _drawn_tiles(), open_network(path), arguments)


def ship_trunk(path: Path, arguments: argparse.Namespace) -> None:
    """Logistic regressions of embeddings and of colours, of tissue that nothing was learnt from."""
    network = open_network(path)
    lung = tiles_data.read_lung(arguments.data / "lung-tiles-lc25000")
    folds = _folds_of_lung(lung)
    embedded = _probed(run_over(network, lung.rgb), lung.labels, folds)
    names = ("benign", "adenocarcinoma", "squamous")
    rows, coarse = _beside_colours(embedded, lung, folds, names)
    drawn, rows_drawn = _synthetic_probe(network)
    lost = [rows_of[0].gain.lower <= 0 for rows_of in (coarse, rows_drawn)]
    card = Card(
        id="hemalum.tile-trunk",
        done=_today(),
        learnt="tiles of four pictures of real tissue and of synthetic slides of three organs",
        tested=f"{len(lung.labels)} tiles of lung, {len(np.unique(lung.sources))} sources, "
        f"in {tiles_data.FOLDS} folds, and {len(drawn.labels)} tiles of {_PROBE_SLIDES} synthetic slides",
        count=len(lung.labels),
        rows=rows,
        note="All three tables have to be won.",
        others=(
            Table("The same tiles", "regression of 64 colours", coarse),
            Table("Synthetic prostate", "colours", rows_drawn),
        ),
        held_back="a table is not won for sure" if any(lost) else "",
    )
    _finish(card, path, _drawn_tiles(), network, arguments)


def _probed(
    features: NDArray[Any], labels: NDArray[np.int64], folds: Sequence[NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """The class of each case, by a regression of features (n, d) fitted to the folds that it is not in."""
    answers = np.zeros(len(labels), np.int64)
    for tested in folds:
        fitted = fit_logistic(features[~tested], labels[~tested], int(labels.max()) + 1)
        answers[tested] = fitted(features[tested]).argmax(axis=1)
    return answers


def _beside_colours(
    answers: NDArray[np.int64],
    cases: tiles_data.Tiles | white_cells_data.Cells,
    folds: Sequence[NDArray[np.bool_]],
    names: Sequence[str],
) -> tuple[list[Row], list[Row]]:
    """What answers reach beside regressions of 512 colours, and of 64."""
    labels, histogram = cases.labels, histograms(cases.rgb)
    fine, coarse = (
        accuracy_rows((answers, _probed(colours, labels, folds)), labels, cases.sources, names)
        for colours in (histogram, of_64_colours(histogram))
    )
    return fine, coarse


def _folds_of_lung(tiles: tiles_data.Tiles) -> list[NDArray[np.bool_]]:
    return [tiles_data.is_tested(tiles, fold) for fold in range(tiles_data.FOLDS)]


def _synthetic_probe(network: Network) -> tuple[tiles_data.Tiles, list[Row]]:
    """Tumour against other tissue of an unseen organ, each stain in turn left out of fitting."""
    drawn = tiles_data.synthetic((tiles_data.UNSEEN_ORGAN,), _PROBE_SLIDES, _PROBE_TILES, _PROBE_SEED)
    stains = drawn.sources % tiles_data.STAIN_COUNT
    answers = []
    for features in (run_over(network, drawn.rgb), histograms(drawn.rgb)):
        answer = np.zeros(len(drawn.labels), np.int64)
        for stain in range(tiles_data.STAIN_COUNT):
            left_out = stains == stain
            likely = fit_logistic(features[~left_out], drawn.labels[~left_out], 2)(features[left_out])
            answer[left_out] = likely.argmax(axis=1)
        answers.append(answer)
    names = ("other tissue", "tumour")
    return drawn, accuracy_rows((answers[0], answers[1]), drawn.labels, drawn.sources, names)


def ship_artefacts(path: Path, arguments: argparse.Namespace) -> None:
    network = open_network(path)
    slides = artefacts_data.slides_tested(_TESTED_SLIDES, _TESTED_SEED)
    tested = artefacts_data.windows_of(slides, _OF_EACH, _TESTED_SEED)
    colours = ColourClasses(np.load(arguments.out / "baseline.npy"))
    card = Card(
        id="hemalum.artefacts",
        done=_today(),
        learnt="synthetic slides and six pictures of real tissue with painted artefacts",
        tested=f"{len(tested.rgb)} windows of {_TESTED_SLIDES} synthetic slides",
        count=len(tested.rgb),
        rows=against_colours(tested, network, colours),
        note=on_real_examples(arguments.data / "artefacts", network, colours),
        others=(Table("The same windows", "rules of `analysis.artefacts`", against_rules(tested, network)),),
    )
    side = artefacts_data.TILE_PX
    places = [np.flatnonzero((tested.classes == number).any((1, 2)))[0] for number in (artefacts_data.INK, 3)]
    _finish(card, path, [tested.rgb[place][:side, :side] for place in places], network, arguments)


SHIPPERS = {
    "nuclei": ship_nuclei,
    "white-cells": ship_white_cells,
    "lung-tiles": ship_lung,
    "tile-trunk": ship_trunk,
    "artefacts": ship_artefacts,
}
_PROBE_SLIDES, _PROBE_TILES = 30, 12
_PROBE_SEED = _TESTED_SEED + 500
_TESTED_SLIDES, _OF_EACH = 12, 3
_NUCLEI_SLIDES, _NUCLEI_OF_EACH = 16, 2
_OF_COLOURS = "regression of {} colours, size and form"
_LEAST_PQ_GAIN = 0.08
"""What a network of nuclei has to gain on what is found without one."""


def _drawn_tiles(side_px: int = tiles_data.TILE_PX) -> list[NDArray[np.uint8]]:
    """Golden tiles of a synthetic slide, where pictures that were learnt from are not given on."""
    drawn = tiles_data.synthetic((tiles_data.UNSEEN_ORGAN,), 1, 2, _TESTED_SEED)
    return [rgb[:side_px, :side_px] for rgb in drawn.rgb]


def _calibrated(likely: NDArray[np.float64], labels: NDArray[np.int64]) -> str:
    error = expected_calibration_error(likely, labels)
    return f"Expected calibration error, 15 bins, not calibrated: {error:.3f}."


def _spent(folder: Path) -> str:
    """How long the network learnt, of what `regenerate.py` keeps; nothing where that did not start it."""
    ledger = folder / "spent.json"
    if not ledger.exists():
        return ""
    *steps, _trial = json.loads(ledger.read_text("utf-8"))
    # A start without an end was killed, and nobody saw what it took.
    least = "at least " if any(step["starts"] != step["ends"] for step in steps) else ""
    cpu_s = sum(step["cpu_s"] for step in steps)
    return f"Drawing what is learnt from and learning took {least}{cpu_s:.0f} CPU-seconds. "


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


def _maps_of(network: Network, rgb: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Inside and nearness to the middle for a picture of any size, by tiles that overlap by their context."""
    inner = _TILE_PX - 2 * _CONTEXT_PX
    padded = _reflected(rgb, _CONTEXT_PX, inner)
    out = np.zeros((2, padded.shape[0], padded.shape[1]), np.float32)
    for top in range(0, padded.shape[0] - 2 * _CONTEXT_PX, inner):
        for left in range(0, padded.shape[1] - 2 * _CONTEXT_PX, inner):
            tile = padded[top : top + _TILE_PX, left : left + _TILE_PX]
            logits = network.run(planes(tile))["maps"][0]
            kept = slice(_CONTEXT_PX, _CONTEXT_PX + inner)
            out[:, top : top + inner, left : left + inner] = 1 / (1 + np.exp(-logits[:, kept, kept]))
    inside, middle = out[:, : rgb.shape[0], : rgb.shape[1]]
    return inside, middle


def _reflected(rgb: NDArray[np.uint8], before: int = 0, step: int = _TILE_PX) -> NDArray[np.uint8]:
    """The picture with `before` pixels around it, and as many behind it as make whole steps."""
    behind = [before + (-side) % step for side in rgb.shape[:2]]
    return np.pad(rgb, ((before, behind[0]), (before, behind[1]), (0, 0)), mode="symmetric")


def _said(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.lower:.3f} to {interval.upper:.3f})"


def _finish(
    card: Card, path: Path, golden: list[NDArray[np.uint8]], network: Network, arguments: argparse.Namespace
) -> None:
    """Writes the card, and the folder of the model if it is to be shipped."""
    for table in (Table("", "baseline", card.rows), *card.others):
        print(table)
    write_card(card, _spent(arguments.out), arguments.cards)
    folder = arguments.shipped / card.id
    if folder.exists():
        shutil.rmtree(folder)
    if not card.is_shipped:
        print(f"{card.id}: not shipped")
        return
    (folder / "golden").mkdir(parents=True)
    shutil.copy(path, folder / "model.onnx")
    shutil.copy(_LICENCE, folder / "LICENSE")
    for number, rgb in enumerate(golden, 1):
        Image.fromarray(rgb).save(folder / f"golden/{number}.png")
        write_golden(folder / f"golden/{number}.npz", network.run(planes(rgb)))
    write_contract(card, len(golden), folder)
    seal_folder(folder)
    checked = check_golden(read_model_folder(folder))
    print(f"{card.id}: shipped, golden tiles within {checked.greatest_difference:.1e}")


if __name__ == "__main__":
    main()
