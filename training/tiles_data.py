"""Tiles of lung (LC25000) and of synthetic slides, parted by where they come from.

LC25000 (A. A. Borkowski et al., arXiv:1912.12142) gives no um/px, no patients and no slides, and its pictures
are turned and mirrored copies of 250 tiles a class. `labels.csv` says which are copies of one (Batch et al.,
LC25000-clean). Tiles of one slide have one look, so within each class those of like colours are taken
together as one source, and each source is whole in one part.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.cluster.hierarchy import fcluster, linkage

from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.noise import Points
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

TILE_PX = 224
UM_PER_PX = 0.8
"""Of the lung tiles, by the nuclei of benign lung: median 9 px across, taken as 7 um."""
LUNG = ("lung_n", "lung_aca", "lung_scc")
LEARNT_ORGANS = (TissueKind.COLON, TissueKind.BREAST, TissueKind.LYMPH_NODE)
"""Of the synthetic slides that the trunk learns from."""
UNSEEN_ORGAN = TissueKind.PROSTATE

_HE = tuple(stain for stain in STAINS.values() if not stain.dab)
STAIN_COUNT = len(_HE)
"""Slide n of an organ has stain n modulo this."""

_CLUSTERS = 24
"""Of each class of lung tiles."""
FOLDS = 4
_SLIDE_PX = 12_000
_SLIDE_UM_PER_PX = UM_PER_PX / 2
_SURE_UM = 70.0
"""From the border of tumour or tissue: a tile shows one of both."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """Pictures (n, px, px, 3) with their class and their source."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.int64]
    sources: NDArray[np.int64]

    def save(self, path: Path) -> None:
        np.savez_compressed(path, rgb=self.rgb, labels=self.labels, sources=self.sources)

    @staticmethod
    def load(path: Path) -> "Tiles":
        with np.load(path) as arrays:
            return Tiles(arrays["rgb"], arrays["labels"], arrays["sources"])

    def chosen(self, which: NDArray[np.bool_]) -> "Tiles":
        return Tiles(self.rgb[which], self.labels[which], self.sources[which])


def read_lung(folder: Path) -> Tiles:
    """All lung tiles; classes as in `LUNG`."""
    with (folder / "labels.csv").open() as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    rgb = np.stack([np.asarray(Image.open(folder / row["file"]).convert("RGB")) for row in rows])
    labels = np.array([LUNG.index(row["label"]) for row in rows], np.int64)
    groups = np.unique([row["source_tile_group"] for row in rows], return_inverse=True)[1]
    return Tiles(rgb, labels, _sources(rgb, labels, groups))


def is_tested(tiles: Tiles, fold: int) -> NDArray[np.bool_]:
    """Which tiles (n,) are tested in one of `FOLDS` folds: of each class every fourth source by size."""
    tested = np.zeros(len(tiles.labels), bool)
    for label in np.unique(tiles.labels):
        numbers, counts = np.unique(tiles.sources[tiles.labels == label], return_counts=True)
        order = numbers[np.lexsort((numbers, -counts))]
        tested |= np.isin(tiles.sources, order[fold::FOLDS])
    return tested


def _sources(
    rgb: NDArray[np.uint8], labels: NDArray[np.int64], groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Clusters of groups of one class by mean and spread of their colours (Ward's linkage)."""
    looks = np.stack([np.concatenate([each.mean((0, 1)), each.std((0, 1))]) for each in rgb])
    sources = np.zeros(len(labels), np.int64)
    for label in range(len(LUNG)):
        own = np.unique(groups[labels == label])
        means = np.stack([looks[groups == group].mean(axis=0) for group in own])
        clusters = fcluster(linkage(means, "ward"), _CLUSTERS, "maxclust")
        for group, cluster in zip(own, clusters, strict=True):
            sources[groups == group] = label * _CLUSTERS + int(cluster) - 1
    return sources


def synthetic(organs: tuple[TissueKind, ...], slides: int, tiles: int, seed: int) -> Tiles:
    """As many tiles of as many slides of each organ: classes are 2 * organ + 1 in tumour, 2 * organ outside.

    Each slide has a stain and a scanner of its own, and is a source.
    """
    scanners = list(SCANNERS.values())
    pictures, labels, sources = [], [], []
    for organ, kind in enumerate(organs):
        for number in range(slides):
            source = organ * slides + number
            slide = SyntheticSlide(
                seed + source,
                kind,
                _SLIDE_PX,
                _SLIDE_PX,
                _SLIDE_UM_PER_PX,
                _HE[number % STAIN_COUNT],
                scanners[source % len(scanners)],
            )
            for is_tumour in (False, True):
                for x_um, y_um in _places(slide, is_tumour, tiles // 2, seed + source):
                    corner = (round(side / UM_PER_PX) - TILE_PX // 2 for side in (x_um, y_um))
                    pictures.append(slide.render(*corner, TILE_PX, TILE_PX, downsample=2))
                    labels.append(2 * organ + is_tumour)
                    sources.append(source)
    return Tiles(np.stack(pictures), np.array(labels, np.int64), np.array(sources, np.int64))


def _places(slide: SyntheticSlide, is_tumour: bool, count: int, seed: int) -> NDArray[np.float64]:
    """Middles of tiles, (n, 2) in um, surely in tumour or surely in other tissue."""
    random = np.random.default_rng([seed, int(is_tumour)])
    drawn = random.uniform(0.05, 0.95, (4000, 2)) * (slide.width_um, slide.height_um)
    points = Points(drawn[:, 0], drawn[:, 1])
    tissue, tumour = np.full(len(drawn), -1e6), np.full(len(drawn), -1e6)
    for piece in slide.pieces:
        tissue = np.maximum(tissue, piece.depth(points))
        tumour = np.maximum(tumour, piece.tumour_depth(points))
    fits = (tissue > _SURE_UM) & ((tumour > _SURE_UM) if is_tumour else (tumour < -_SURE_UM))
    return drawn[fits][:count]
