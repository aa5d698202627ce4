"""Nuclei of the 2018 Data Science Bowl as pictures of one scale, parted by where they come from.

The set gives no um/px. Each picture is brought to `UM_PER_PX` by taking its median nucleus as
`MEDIAN_NUCLEUS_UM` across: what a slide's own um/px does where there is one.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.cluster.hierarchy import fcluster, linkage

IN_COLOUR = "brightfield_colour"
UM_PER_PX = 0.5
MEDIAN_NUCLEUS_UM = 8.0
_GROUND_DISTANCE = 6.0
"""Of 255, between the colours of the ground of two clusters of pictures: nearer ones are one source."""
_SMALLEST_SIDE_PX = 32


@dataclass(frozen=True, slots=True)
class Field:
    """A picture with the number of its nucleus at each pixel, 0 for none."""

    name: str
    kind: str
    source: int
    rgb: NDArray[np.uint8]
    labels: NDArray[np.int32]

    @property
    def nuclei(self) -> int:
        return len(np.unique(self.labels[self.labels > 0]))


def read_fields(folder: Path) -> list[Field]:
    """All pictures of the set, at one scale, each with the source it was clustered into."""
    with (folder / "index.csv").open() as file:
        rows = list(csv.DictReader(file))
    originals = [np.asarray(Image.open(folder / row["image"]).convert("RGB")) for row in rows]
    sources = _sources(rows, originals)
    fields = []
    for row, rgb, source in zip(rows, originals, sources, strict=True):
        labels = np.asarray(Image.open(folder / row["label_map"])).astype(np.int32)
        factor = _factor(labels)
        fields.append(
            Field(
                Path(row["image"]).stem,
                row["kind"],
                source,
                _scaled(rgb, factor),
                _scaled_labels(labels, factor),
            )
        )
    return fields


def split(fields: list[Field]) -> tuple[list[Field], list[Field]]:
    """Fields to learn from and fields to test on: each source is whole in one of them.

    Of the sources in colour, by their number of nuclei, every third is tested. What is not in colour is only
    learnt from.
    """
    nuclei: dict[int, int] = {}
    for field in fields:
        if field.kind == IN_COLOUR:
            nuclei[field.source] = nuclei.get(field.source, 0) + field.nuclei
    tested = sorted(nuclei, key=lambda source: (-nuclei[source], source))[2::3]
    learnt = [field for field in fields if field.source not in tested]
    return learnt, [field for field in fields if field.source in tested]


def _ground(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The colour of the lightest part: illumination, camera and mounting of one sitting show there."""
    pixels = rgb.reshape(-1, 3)
    grey = pixels.mean(axis=1)
    low, high = np.percentile(grey, [85, 98])
    light: NDArray[np.float64] = pixels[(grey >= low) & (grey <= high)].mean(axis=0)
    return light


def _sources(rows: list[dict[str, str]], originals: list[NDArray[np.uint8]]) -> list[int]:
    """Clusters of ground colour (average linkage), each kind of picture for itself."""
    found = [0] * len(rows)
    first = 1
    for kind in sorted({row["kind"] for row in rows}):
        places = [number for number, row in enumerate(rows) if row["kind"] == kind]
        tree = linkage(np.array([_ground(originals[place]) for place in places]), "average")
        clusters = fcluster(tree, _GROUND_DISTANCE, "distance")
        for place, cluster in zip(places, clusters, strict=True):
            found[place] = first + int(cluster) - 1
        first += int(clusters.max())
    return found


def _factor(labels: NDArray[np.int32]) -> float:
    areas = np.bincount(labels.ravel())[1:]
    diameter_px = 2 * np.sqrt(np.median(areas[areas > 0]) / np.pi)
    return float(MEDIAN_NUCLEUS_UM / UM_PER_PX / diameter_px)


def _scaled(rgb: NDArray[np.uint8], factor: float) -> NDArray[np.uint8]:
    height, width = (max(_SMALLEST_SIDE_PX, round(side * factor)) for side in rgb.shape[:2])
    method = Image.Resampling.BOX if factor < 0.5 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(rgb).resize((width, height), method))


def _scaled_labels(labels: NDArray[np.int32], factor: float) -> NDArray[np.int32]:
    height, width = (max(_SMALLEST_SIDE_PX, round(side * factor)) for side in labels.shape)
    return np.asarray(Image.fromarray(labels).resize((width, height), Image.Resampling.NEAREST))
