"""Single blood cells of the PBC set at one size, parted by the look of their ground.

The set names no patients. Cells of one smear share illumination and plasma, so pictures are clustered by the
colour of their ground, and each cluster is whole in one part.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.cluster.hierarchy import fcluster, linkage

SIDE_PX = 72
CROPPED_PX = 288
"""Of the 360 of a picture: the cell and some of its neighbours."""
CLASSES = (
    "basophil",
    "eosinophil",
    "erythroblast",
    "ig",
    "lymphocyte",
    "monocyte",
    "neutrophil",
    "platelet",
)
_CLUSTERS = 60
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Cells:
    """Pictures (n, px, px, 3) with their class and their source."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.int64]
    sources: NDArray[np.int64]

    def chosen(self, which: NDArray[np.bool_]) -> "Cells":
        return Cells(self.rgb[which], self.labels[which], self.sources[which])


def read_cells(folder: Path) -> Cells:
    """All cells of the set."""
    with (folder / "labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    pictures, grounds = [], []
    for row in rows:
        picture = Image.open(folder / row["file"]).convert("RGB")
        left, top = (picture.width - CROPPED_PX) // 2, (picture.height - CROPPED_PX) // 2
        grounds.append(_ground(np.asarray(picture)))
        box = (left, top, left + CROPPED_PX, top + CROPPED_PX)
        pictures.append(np.asarray(picture.crop(box).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)))
    sources = fcluster(linkage(np.array(grounds), "ward"), _CLUSTERS, "maxclust")
    labels = [CLASSES.index(row["label"]) for row in rows]
    return Cells(np.array(pictures), np.array(labels, np.int64), sources.astype(np.int64))


def is_tested(cells: Cells, fold: int) -> NDArray[np.bool_]:
    """Which cells (n,) are tested in one of `FOLDS` folds: every fourth source by size, largest first."""
    numbers, counts = np.unique(cells.sources, return_counts=True)
    order = numbers[np.lexsort((numbers, -counts))]
    return np.isin(cells.sources, order[fold::FOLDS])


def _ground(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    pixels = rgb.reshape(-1, 3)
    grey = pixels.mean(axis=1)
    light: NDArray[np.float64] = pixels[grey >= np.percentile(grey, 85)].mean(axis=0)
    return light
