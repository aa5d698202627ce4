"""How well tissue and artefacts are found: by the network, by colours alone, and by rules."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artefacts_data import CLASSES, CONTEXT_PX, EDGE, FOLD, INK, TILE_PX, Windows
from cards import Row
from colours import ColourClasses
from hemalum.analysis.agreement import dice
from hemalum.analysis.artefacts import find_edges, find_folds, find_pen
from hemalum.analysis.inference import Network
from hemalum.analysis.tissue import find_tissue
from trials import grouped, planes, row

type Classes = NDArray[np.uint8]
type Overlap = tuple[int, int]
"""Pixels that are of a class both as found and in truth, and the sum of those found and those true."""

_MASKED = ("pen_red", "pen_black", "coverslip_edge_he")


def classes_of(network: Network, rgb: NDArray[np.uint8]) -> Classes:
    """The class of each pixel of a picture of any size, by tiles that overlap by their context."""
    inner = TILE_PX - 2 * CONTEXT_PX
    behind = [CONTEXT_PX + (-side) % inner for side in rgb.shape[:2]]
    padded = np.pad(rgb, ((CONTEXT_PX, behind[0]), (CONTEXT_PX, behind[1]), (0, 0)), mode="symmetric")
    found = np.zeros((padded.shape[0], padded.shape[1]), np.uint8)
    kept = slice(CONTEXT_PX, CONTEXT_PX + inner)
    for top in range(0, padded.shape[0] - 2 * CONTEXT_PX, inner):
        for left in range(0, padded.shape[1] - 2 * CONTEXT_PX, inner):
            tile = padded[top : top + TILE_PX, left : left + TILE_PX]
            logits = network.run(planes(tile))["classes"][0]
            found[top : top + inner, left : left + inner] = logits[:, kept, kept].argmax(axis=0)
    return found[: rgb.shape[0], : rgb.shape[1]]


def against_colours(tested: Windows, network: Network, colours: ColourClasses) -> list[Row]:
    """Dice of the artefacts together, then of each class, beside that of colours; groups are slides."""
    found = [classes_of(network, rgb) for rgb in tested.rgb]
    plain = [colours.of(rgb) for rgb in tested.rgb]
    pairs = [
        (_overlaps(one, truth), _overlaps(other, truth))
        for one, other, truth in zip(found, plain, tested.classes, strict=True)
    ]
    groups = grouped(pairs, tested.slides.tolist())
    rows = [row("Dice, mean of ink, fold, out of focus, edge", groups, _mean_dice)]
    for number, name in enumerate(CLASSES):
        rows.append(row(f"Dice, {name}", groups, lambda some, at=number: _dice([each[at] for each in some])))
    return rows


def against_rules(tested: Windows, network: Network) -> list[Row]:
    """Dice of what `hemalum.analysis.artefacts` has rules for, beside that of the rules."""
    rules: dict[int, Callable[[NDArray[np.uint8]], NDArray[np.bool_]]] = {
        INK: _pen,
        FOLD: lambda rgb: find_folds(rgb, find_tissue(rgb)),
        EDGE: find_edges,
    }
    found = [classes_of(network, rgb) for rgb in tested.rgb]
    rows = []
    for number, rule in rules.items():
        pairs = [
            (_overlap(seen == number, truth == number), _overlap(rule(rgb), truth == number))
            for rgb, seen, truth in zip(tested.rgb, found, tested.classes, strict=True)
        ]
        rows.append(row(f"Dice, {CLASSES[number]}", grouped(pairs, tested.slides.tolist()), _dice))
    return rows


def on_real_examples(artefacts: Path, network: Network, colours: ColourClasses) -> str:
    """Tables of the masked pictures of HistoQC, and of the tiles of HistoLab with and without ink."""
    lines = ["| HistoQC | network | colours | rules |", "|---|---|---|---|"]
    for name in _MASKED:
        rgb = _picture(artefacts / f"histoqc/{name}.png")
        truth = np.asarray(Image.open(artefacts / f"histoqc/{name}_mask.png").convert("L")) > 0
        rule, number = (find_edges, EDGE) if "edge" in name else (_pen, INK)
        scores = (
            dice(classes_of(network, rgb) == number, truth),
            dice(colours.of(rgb) == number, truth),
            dice(rule(rgb), truth),
        )
        lines.append(f"| {name}, Dice | " + " | ".join(f"{score:.3f}" for score in scores) + " |")
    lines += ["", "| HistoLab, share taken for ink | network | colours | rules |", "|---|---|---|---|"]
    for path in sorted((artefacts / "histolab").glob("*.png")):
        rgb = _picture(path)
        shares = (
            (classes_of(network, rgb) == INK).mean(),
            (colours.of(rgb) == INK).mean(),
            _pen(rgb).mean(),
        )
        lines.append(f"| {path.stem} | " + " | ".join(f"{share:.3f}" for share in shares) + " |")
    return "\n".join(lines)


def _pen(rgb: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return find_pen(rgb, find_tissue(rgb))


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(path).convert("RGB"))


def _overlap(found: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Overlap:
    return int((found & truth).sum()), int(found.sum()) + int(truth.sum())


def _overlaps(found: Classes, truth: Classes) -> list[Overlap]:
    return [_overlap(found == number, truth == number) for number in range(len(CLASSES))]


def _dice(some: Sequence[Overlap]) -> float:
    """Of all pixels together; 1 where there are none of the class."""
    both, total = (sum(part) for part in zip(*some, strict=True))
    return 2 * both / total if total else 1.0


def _mean_dice(some: Sequence[Sequence[Overlap]]) -> float:
    return float(np.mean([_dice([each[at] for each in some]) for at in range(INK, len(CLASSES))]))
