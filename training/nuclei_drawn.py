"""Windows of synthetic slides with the outline and the class of every nucleus, parted by slides.

To learn from: slides of three organs. To test on: slides with a stain, a scanner and an organ that were not
learnt from. Classes are those of PanNuke (J. Gamper et al., European Congress on Digital Pathology 2019)
without its dead cells: the field compares networks by them. None of its pictures is used.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hemalum.testing.synth import truth
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.cells import CellKind
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from nuclei_data import UM_PER_PX

CLASSES = ("neoplastic", "inflammatory", "connective", "epithelial")
WINDOW_PX = 256

_CLASS_OF = {
    CellKind.TUMOUR: "neoplastic",
    CellKind.LYMPHOCYTE: "inflammatory",
    CellKind.PLASMA: "inflammatory",
    CellKind.CENTROBLAST: "inflammatory",
    CellKind.MACROPHAGE: "inflammatory",
    CellKind.FIBROBLAST: "connective",
    CellKind.ENDOTHELIAL: "connective",
    CellKind.MUSCLE: "connective",
    CellKind.EPITHELIAL: "epithelial",
}
"""Nuclei in division are of no class: they lie in tumours and in germinal centres alike."""
_CLASS_OF_KIND = np.zeros(256, np.uint8)
for _kind, _name in _CLASS_OF.items():
    _CLASS_OF_KIND[_kind] = CLASSES.index(_name) + 1
_SLIDE_PX = 12_000
_TESTED_STAIN, _TESTED_SCANNER = "he-ruifrok", "scanner-d"
_LEARNT_ORGANS = (TissueKind.COLON, TissueKind.BREAST, TissueKind.LYMPH_NODE)
_CANDIDATES = 80
_LEAST_NUCLEI = 15


@dataclass(frozen=True, slots=True)
class DrawnNuclei:
    """Windows (n, px, px) at `nuclei_data.UM_PER_PX`, each with the slide that it is of."""

    rgb: NDArray[np.uint8]
    """(n, px, px, 3)"""
    labels: NDArray[np.int32]
    """The number of the nucleus at each pixel, from 1 without gaps in each window; 0 for none."""
    classes: NDArray[np.uint8]
    """The class of the nucleus at each pixel as one more than its place in `CLASSES`; 0 for none."""
    slides: NDArray[np.int64]

    def save(self, path: Path) -> None:
        np.savez_compressed(path, **{each.name: getattr(self, each.name) for each in fields(self)})

    @staticmethod
    def load(path: Path) -> "DrawnNuclei":
        with np.load(path) as arrays:
            return DrawnNuclei(*(arrays[each.name] for each in fields(DrawnNuclei)))


def slides_learnt(count: int, seed: int) -> Iterator[SyntheticSlide]:
    stains = [each.name for each in STAINS.values() if not each.dab and each.name != _TESTED_STAIN]
    scanners = [name for name in SCANNERS if name != _TESTED_SCANNER]
    organs = len(_LEARNT_ORGANS)
    for number in range(count):
        # Each organ meets each stain, and each of both each scanner.
        of_organ = number // organs
        yield _slide(
            seed + number,
            _LEARNT_ORGANS[number % organs],
            stains[of_organ % len(stains)],
            scanners[(number + of_organ // len(stains)) % len(scanners)],
        )


def slides_tested(count: int, seed: int) -> Iterator[SyntheticSlide]:
    organs = list(TissueKind)
    for number in range(count):
        yield _slide(seed + number, organs[number % len(organs)], _TESTED_STAIN, _TESTED_SCANNER)


def _slide(seed: int, organ: TissueKind, stain: str, scanner: str) -> SyntheticSlide:
    return SyntheticSlide(seed, organ, _SLIDE_PX, _SLIDE_PX, UM_PER_PX, STAINS[stain], SCANNERS[scanner])


def windows_of(slides: Iterator[SyntheticSlide], of_each: int, seed: int) -> DrawnNuclei:
    """So many windows of each slide in which each class is commonest, or necrosis, where it has them."""
    rgb, labels, classes, numbers = [], [], [], []
    for number, slide in enumerate(slides):
        for left, top in _corners(slide, of_each, seed):
            rgb.append(slide.render(left, top, WINDOW_PX, WINDOW_PX))
            own, of_class = _truth(slide, left, top)
            labels.append(own)
            classes.append(of_class)
            numbers.append(number)
    return DrawnNuclei(np.stack(rgb), np.stack(labels), np.stack(classes), np.array(numbers, np.int64))


def _truth(slide: SyntheticSlide, left: int, top: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    painted, nuclei = truth.label_image(slide, left, top, WINDOW_PX, WINDOW_PX)
    # Of nuclei in necrosis a pale ghost is left: nothing that anybody would count.
    is_ghost = np.concatenate([[False], nuclei["kind"] == CellKind.NECROTIC])
    painted = np.where(is_ghost[painted], 0, painted)
    of_nucleus = np.concatenate([np.zeros(1, np.uint8), _CLASS_OF_KIND[nuclei["kind"]]])
    seen = np.unique(painted[painted > 0])
    return np.searchsorted(seen, painted, "right").astype(np.int32), of_nucleus[painted]


def _corners(slide: SyntheticSlide, of_each: int, seed: int) -> list[tuple[int, int]]:
    """Upper left corners in pixels: of windows drawn by chance the first in which each class is commonest."""
    random = np.random.default_rng([seed, slide.seed])
    chosen: list[list[tuple[int, int]]] = [[] for _ in range(len(CLASSES) + 2)]
    for _ in range(_CANDIDATES):
        left, top = (int(at) for at in random.integers(0, _SLIDE_PX - WINDOW_PX, 2))
        kinds = truth.nuclei(slide, left, top, WINDOW_PX, WINDOW_PX)["kind"]
        if len(kinds) < _LEAST_NUCLEI:
            continue
        groups = np.where(kinds == CellKind.NECROTIC, len(CLASSES) + 1, _CLASS_OF_KIND[kinds])
        commonest = chosen[int(np.bincount(groups).argmax())]
        if len(commonest) < of_each:
            commonest.append((left, top))
    return [corner for corners in chosen for corner in corners]
