"""How well rules find artefacts on overviews of synthetic slides, whose truth is known.

Pictures are of 8 um/px, as the appraisal of a scan looks at them. Folds, bubbles, edges and dust are those of
the slides; strokes of pens are painted on them in the outline and with the streaks of the synthetic pen, in
other colours and strengths. The numbers of the rules were chosen on slides of other seeds, of the same stains
and scanners, and with other inks but for the navy one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hemalum.analysis.agreement import bootstrapped
from hemalum.analysis.artefacts import find_edges, find_folds, find_pen
from hemalum.analysis.tissue import find_tissue
from hemalum.capabilities.appraisal.looking import OVERVIEW_UM, told_of
from hemalum.testing.synth.appearance import SCANNERS, STAINS
from hemalum.testing.synth.artefacts import INK, Artefact, ArtefactKind, cover_light
from hemalum.testing.synth.noise import Grid
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import TissueKind
from hemalum.testing.synth.truth import artefact_mask, tissue_mask

type Mask = NDArray[np.bool_]
type Overlap = tuple[int, int]
"""Pixels both found and true, and the sum of those found and those true."""

_SEED = 300
_UM_PER_PX = 0.5
_SIDES_UM = (5600, 4400, 4800, 4000, 5200, 3600)
_STAINS = ("he-ruifrok", "he-ruifrok", "he-c", "he-pale", "he-ruifrok", "he-b")
_SCANNERS = ("scanner-d", "scanner-d", "scanner-d", "scanner-a", "scanner-d", "scanner-c")
SLIDES = 6
_KINDS = frozenset(
    {
        ArtefactKind.FOLD,
        ArtefactKind.OUT_OF_FOCUS,
        ArtefactKind.BUBBLE,
        ArtefactKind.DUST,
        ArtefactKind.COVERSLIP,
    }
)
_RIM_UM = (-14.0, 30.0)
"""Around the border of a bubble: where it is dark."""
_INKS = {
    "blue": (0.85, 0.45, 0.08),
    "navy": (1.00, 0.85, 0.35),
    "green": (0.80, 0.20, 0.60),
    "blackish green": (0.75, 0.35, 0.85),
    "black": (0.80, 0.85, 0.80),
    "red": (0.04, 0.75, 0.60),
    "dark red": (0.12, 0.90, 0.85),
    "purple": (0.55, 0.85, 0.35),
}
"""Optical density in red, green and blue, of a stroke of strength 1."""
_STRENGTHS = (0.5, 0.35, 0.8)
_OF_EACH_SLIDE = 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """An overview (rows, columns) and what is where on it."""

    slide: SyntheticSlide
    rgb: NDArray[np.uint8]
    tissue: Mask
    fold: Mask
    edge: Mask
    rim: Mask

    @property
    def grid(self) -> Grid:
        return Grid(0, 0, self.rgb.shape[1], self.rgb.shape[0], OVERVIEW_UM)


@dataclass(frozen=True, slots=True)
class Stroke:
    """What is found of one stroke of a pen."""

    ink: str
    on_glass: Overlap
    over_tissue: Overlap
    told: float
    """Share of ink that the appraisal tells, of what stands out; 1 where it tells that there is only ink."""
    true: float
    fold_told: float
    """Share of folds that the appraisal tells, of the tissue."""
    fold_true: float


def drawn(number: int) -> Drawn:
    """One of the slides, with everything but a pen."""
    at = number % len(_SIDES_UM)
    side_px = round(_SIDES_UM[at] / _UM_PER_PX)
    slide = SyntheticSlide(
        _SEED + number,
        list(TissueKind)[(number + 2) % len(TissueKind)],
        side_px,
        side_px,
        _UM_PER_PX,
        STAINS[_STAINS[at]],
        SCANNERS[_SCANNERS[at]],
        artefacts=_KINDS,
    )
    downsample = round(OVERVIEW_UM / _UM_PER_PX)
    side = side_px // downsample
    rgb = slide.render(0, 0, side, side, downsample=downsample)
    tissue = tissue_mask(slide, OVERVIEW_UM)
    lines = [artefact_mask(slide, OVERVIEW_UM, kind) for kind in (ArtefactKind.COVERSLIP, ArtefactKind.DUST)]
    grid = Grid(0, 0, side, side, OVERVIEW_UM)
    (bubble,) = (each for each in slide.placed_artefacts if each.kind is ArtefactKind.BUBBLE)
    depth_um = bubble.depth_um(grid)
    rim = (depth_um > _RIM_UM[0]) & (depth_um < _RIM_UM[1])
    fold = artefact_mask(slide, OVERVIEW_UM, ArtefactKind.FOLD) & tissue
    return Drawn(slide, rgb, tissue, fold, lines[0] | lines[1] | rim, rim)


def inked(
    seen: Drawn, colour: Sequence[float], strength: float, random: np.random.Generator
) -> tuple[NDArray[np.uint8], Mask]:
    """The overview with a ring drawn around a part of the tissue, and where ink is."""
    piece = seen.slide.pieces[random.integers(len(seen.slide.pieces))]
    small_um = min(piece.half_u_um, piece.half_v_um)
    u, v = random.uniform(-0.9, 0.9, 2) * (piece.half_u_um, piece.half_v_um)
    x_um, y_um = (float(each) for each in piece.to_glass(np.array(u), np.array(v)))
    length_um, width_um = small_um * random.uniform(0.5, 0.8), random.uniform(60, 220)
    turn, seed = random.uniform(0, np.pi), int(random.integers(1 << 20))
    stroke = Artefact(ArtefactKind.PEN, 0, x_um, y_um, length_um, width_um, turn, seed, "black")
    light = np.ones((*seen.rgb.shape[:2], 3), np.float32)
    cover_light((stroke,), seen.grid, light)
    # The synthetic pen at full strength leaves what is known of each colour; its amount is read back.
    amount = -np.log10(light[..., :1]) / (0.62 * INK["black"][0])
    covered = seen.rgb * 10 ** (-strength * amount * np.asarray(colour, np.float32))
    return np.clip(np.rint(covered), 0, 255).astype(np.uint8), stroke.depth_um(seen.grid) > 0


def stroke_of(seen: Drawn, ink: str, strength: float, random: np.random.Generator) -> Stroke:
    """What is found of a stroke of an ink on an overview."""
    rgb, truth = inked(seen, _INKS[ink], strength, random)
    standing_out = find_tissue(rgb)
    found = find_pen(rgb, standing_out)
    _, shares = told_of(rgb, is_he=True)
    told = shares or {"ink_share": 1.0, "fold_share": 0.0}
    tissue = find_tissue(seen.rgb) & ~truth
    return Stroke(
        ink,
        _overlap(found & ~seen.tissue, truth & ~seen.tissue),
        _overlap(found & seen.tissue, truth & seen.tissue),
        told["ink_share"] or 0.0,
        float(truth.sum() / (standing_out | truth).sum()),
        told["fold_share"] or 0.0,
        float((seen.fold & tissue).sum() / tissue.sum()),
    )


def print_tables() -> None:
    """Tables of docs/benchmarks.md."""
    slides = [drawn(number) for number in range(SLIDES)]
    _print_strokes([list(_strokes_on(seen, number)) for number, seen in enumerate(slides)])
    _print_others(slides)


def _strokes_on(seen: Drawn, number: int) -> Iterator[Stroke]:
    for at in range(_OF_EACH_SLIDE):
        ink = list(_INKS)[(number * _OF_EACH_SLIDE + at) % len(_INKS)]
        random = np.random.default_rng([_SEED, number, at])
        yield stroke_of(seen, ink, _STRENGTHS[(number + at) % len(_STRENGTHS)], random)


def _print_strokes(by_slide: Sequence[Sequence[Stroke]]) -> None:
    print("| ink | strokes | Dice on glass | Dice over tissue |\n|---|---|---|---|")
    for ink in (*_INKS, "all"):
        groups = [[each for each in some if ink in (each.ink, "all")] for some in by_slide]
        groups = [some for some in groups if some]
        glass = _said(groups, lambda some: _dice([each.on_glass for each in some]))
        tissue = _said(groups, lambda some: _dice([each.over_tissue for each in some]))
        print(f"| {ink} | {sum(map(len, groups))} | {glass} | {tissue} |")
    print("\n| share told by the appraisal, on slides with a stroke | mean error |\n|---|---|")
    print(f"| ink | {_said(by_slide, lambda some: _mean([abs(one.told - one.true) for one in some]))} |")
    folds = _said(by_slide, lambda some: _mean([abs(one.fold_told - one.fold_true) for one in some]))
    print(f"| folds | {folds} |")


def _print_others(slides: Sequence[Drawn]) -> None:
    folds, edges, rims, false_ink = [], [], [], []
    for seen in slides:
        standing_out, found = find_tissue(seen.rgb), find_edges(seen.rgb)
        folds.append([_overlap(find_folds(seen.rgb, standing_out), seen.fold & standing_out)])
        edges.append([_overlap(found, seen.edge)])
        rims.append([float((found & seen.rim).sum() / seen.rim.sum())])
        _, shares = told_of(seen.rgb, is_he=True)
        assert shares is not None
        false_ink.append([shares["ink_share"] or 0.0])
    print("\n| without a pen | |\n|---|---|")
    print(f"| folds, Dice | {_said(folds, _dice)} |")
    print(f"| edges of glass and air, dust: Dice | {_said(edges, _dice)} |")
    print(f"| rims of bubbles, share found as edges | {_said(rims, _mean)} |")
    print(f"| share told to be ink | {_said(false_ink, _mean)} |")


def _overlap(found: Mask, truth: Mask) -> Overlap:
    return int((found & truth).sum()), int(found.sum()) + int(truth.sum())


def _dice(some: Sequence[Overlap]) -> float:
    both, total = (sum(part) for part in zip(*some, strict=True))
    return 2 * both / total if total else 1.0


def _mean(some: Sequence[float]) -> float:
    return float(np.mean(some))


def _said[T](groups: Sequence[Sequence[T]], statistic: Callable[[Sequence[T]], float]) -> str:
    told = bootstrapped(groups, statistic, seed=_SEED)
    return f"{told.value:.3f} ({told.lower:.3f} to {told.upper:.3f})"
