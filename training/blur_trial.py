"""How well `analysis.artefacts.blur` tells places out of focus, and from which value on.

The threshold is chosen on synthetic slides: the 99th percentile of their sharp places, rounded up to a
hundredth. It is tried on synthetic slides with a stain and a scanner that had no part in that,
and on real tissue as it is and blurred as much as by 4 um out of focus. Prints the table of
docs/benchmarks.md.
"""

import argparse
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from artefacts_data import TISSUE, UNFOCUSED, class_of, slides_learnt, slides_tested
from hemalum.analysis.agreement import bootstrapped
from hemalum.analysis.artefacts import blur
from hemalum.analysis.tissue import find_tissue
from hemalum.formats.wsi import open_slide
from hemalum.kernel.geometry import PixelRegion
from hemalum.testing.synth.noise import Grid, Points
from hemalum.testing.synth.slide import SyntheticSlide

type Blurs = dict[int, list[float]]

_UM, _PX = 0.5, 256
_LEARNT, _TESTED, _OF_EACH = 12, 12, 12
_SEED = 4000
_FULL = 0.9
_SHARP_CALLED = 0.01
"""Share of sharp places that may be called blurred where the threshold is chosen."""
_OFF_FOCUS_PX = 1.2 / _UM
"""Standard deviation of blur 4 um out of focus; see `artefacts_data`."""
_REAL = ("cmu-1-small-region.svs", "tcga-cr-7395-01a-01-ts1.svs", "he_lymph_node_tma_core.tif")


def blurs_of(slide: SyntheticSlide) -> Blurs:
    """Blur of places that are tissue, or tissue out of focus, in nearly all of them."""
    random = np.random.default_rng([_SEED, slide.seed])
    drawn = random.uniform(0.03, 0.97, (4000, 2)) * (slide.width_um, slide.height_um)
    middles = class_of(slide, Points(drawn[:, 0], drawn[:, 1]))
    found: Blurs = {TISSUE: [], UNFOCUSED: []}
    for one, blurs in found.items():
        for x_um, y_um in drawn[middles == one][: 3 * _OF_EACH]:
            left, top = (round(side / _UM) - _PX // 2 for side in (x_um, y_um))
            classes = class_of(slide, Grid(left, top, _PX, _PX, _UM))
            if (classes == one).mean() >= _FULL and len(blurs) < _OF_EACH:
                blurs.append(blur(slide.render(left, top, _PX, _PX)))
    return found


def real_tiles(folder: Path) -> Iterator[tuple[str, list[NDArray[np.uint8]]]]:
    """Places of real slides that are tissue in nearly all of them."""
    for name in _REAL:
        with closing(open_slide(folder / name)) as slide:
            size, spacing = slide.description.levels[0].size, slide.description.spacing_um
            rgb = slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px))
        factor = 1 if spacing is None else max(1, round(_UM / spacing.x_um))
        rgb = np.asarray(Image.fromarray(rgb).reduce(factor))
        tissue = find_tissue(np.asarray(Image.fromarray(rgb).reduce(8)))
        tiles = [
            rgb[top : top + _PX, left : left + _PX]
            for top in range(0, rgb.shape[0] - _PX + 1, _PX)
            for left in range(0, rgb.shape[1] - _PX + 1, _PX)
            if tissue[top // 8 : (top + _PX) // 8, left // 8 : (left + _PX) // 8].mean() >= _FULL
        ]
        yield f"{name} ({'no um/px' if spacing is None else f'{spacing.x_um * factor:.2f} um/px'})", tiles


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, help="Folder of shared data, for real tissue.")
    data = parser.parse_args().data
    learnt = [blurs_of(slide) for slide in slides_learnt(_LEARNT, _SEED)]
    sharp = np.concatenate([each[TISSUE] for each in learnt])
    threshold = float(np.ceil(np.nanquantile(sharp, 1 - _SHARP_CALLED) * 100) / 100)
    print(f"Threshold {threshold:.2f} from {len(sharp)} sharp places of {_LEARNT} slides.\n")
    tested = [blurs_of(slide) for slide in slides_tested(_TESTED, _SEED + 500)]
    print("| places | of | called blurred |\n|---|---|---|")
    for what, slides in (("learnt", learnt), ("tested", tested)):
        for one, name in ((TISSUE, "sharp"), (UNFOCUSED, "out of focus")):
            groups = [[value > threshold for value in each[one]] for each in slides if each[one]]
            told = bootstrapped(groups, lambda some: float(np.mean(some)), seed=_SEED)
            share = f"{told.value:.3f} ({told.lower:.3f} to {told.upper:.3f})"
            print(f"| {name} | {sum(map(len, groups))} of {len(groups)} synthetic slides, {what} | {share} |")
    for name, tiles in real_tiles(data / "slides") if data else ():
        blurred = [ndimage.gaussian_filter(tile, (_OFF_FOCUS_PX, _OFF_FOCUS_PX, 0)) for tile in tiles]
        for what, some in (("as it is", tiles), ("blurred as by 4 um", blurred)):
            values = [blur(tile) for tile in some]
            called = np.mean([value > threshold for value in values])
            print(f"| {what} | {len(some)} of {name} | {called:.3f} (median {np.median(values):.2f}) |")


if __name__ == "__main__":
    main()
