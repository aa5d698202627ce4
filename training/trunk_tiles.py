"""Cuts and draws the tiles that the trunk learns from: `python training/trunk_tiles.py --help`.

Runs in the environment of the project, which reads slides; that of training has PyTorch in their place.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis.tissue import find_tissue
from hemalum.formats.wsi import open_slide
from hemalum.kernel.geometry import PixelRegion
from tiles_data import LEARNT_ORGANS, TILE_PX, UM_PER_PX, Tiles, synthetic

_SEED = 20261128
_SLIDES, _TILES = 6, 20
_LEAST_TISSUE = 0.5
_PICTURE_UM_PER_PX = 0.5
"""As two of the four pictures say; in the others nuclei are as large."""


def real_tiles(data: Path) -> Tiles:
    """Tiles of real tissue without classes; each picture is a source."""
    pictures, sources = [], []
    for number, picture in enumerate(_pictures(data)):
        for tile in _tiles(picture):
            pictures.append(tile)
            sources.append(number)
    return Tiles(np.stack(pictures), np.zeros(len(pictures), np.int64), np.array(sources, np.int64))


def _pictures(data: Path) -> Iterator[NDArray[np.uint8]]:
    for name in ("cmu-1-small-region.svs", "tcga-cr-7395-01a-01-ts1.svs", "he_lymph_node_tma_core.tif"):
        with closing(open_slide(data / "slides" / name)) as slide:
            size = slide.description.levels[0].size
            rgb = slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px))
        yield _scaled(Image.fromarray(rgb))
    yield _scaled(Image.open(data / "artefacts/histoprep/slide.jpeg"))


def _scaled(picture: Image.Image) -> NDArray[np.uint8]:
    factor = _PICTURE_UM_PER_PX / UM_PER_PX
    size = round(picture.width * factor), round(picture.height * factor)
    return np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BOX))


def _tiles(picture: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Those with enough tissue; each overlaps the next by half."""
    tissue = find_tissue(picture)
    step = TILE_PX // 2
    for top in range(0, picture.shape[0] - TILE_PX + 1, step):
        for left in range(0, picture.shape[1] - TILE_PX + 1, step):
            cut = slice(top, top + TILE_PX), slice(left, left + TILE_PX)
            if tissue[cut].mean() >= _LEAST_TISSUE:
                yield picture[cut]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of data sets")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    begun = time.process_time()
    drawn, real = synthetic(LEARNT_ORGANS, _SLIDES, _TILES, _SEED), real_tiles(arguments.data)
    drawn.save(arguments.out / "drawn.npz")
    real.save(arguments.out / "real.npz")
    spent = time.process_time() - begun
    counts = np.bincount(real.sources).tolist()
    print(f"{len(drawn.labels)} synthetic tiles and {counts} of each picture in {spent:.0f} CPU-s")


if __name__ == "__main__":
    main()
