"""A slide that never existed: pixels, cells and regions for any place, from a seed."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from scipy import ndimage

from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.appearance import (
    SCANNERS,
    STAINS,
    ScannerAppearance,
    StainAppearance,
    blur,
    defocus,
    defocus_reach_px,
    margin_px,
    see,
    transmit,
)
from hemalum.testing.synth.artefacts import (
    Artefact,
    ArtefactKind,
    blurred_by_um,
    chatter,
    cover_light,
    cut_and_fold,
    freeze,
    ice_holes,
    place_artefacts,
)
from hemalum.testing.synth.cells import CELL
from hemalum.testing.synth.composition import CELL_REACH_UM, biology, cells_of, grown, stain_piece
from hemalum.testing.synth.fluorescence import MARKERS, record, signals
from hemalum.testing.synth.glands import glands_near
from hemalum.testing.synth.noise import Array, Grid, Points, noise
from hemalum.testing.synth.sections import Deformation, deformation
from hemalum.testing.synth.tissue import Piece, TissueKind, lay_out, near

_DEFOCUS_PER_UM = 0.30
"""Blur (standard deviation) per um out of focus: about the half angle of light taken in at NA 0.75."""


class Modality(StrEnum):
    """How the slide is looked at."""

    BRIGHTFIELD = "brightfield"
    FLUORESCENCE = "fluorescence"


@dataclass(frozen=True)
class SyntheticSlide:
    """A slide defined by its parameters alone: the same parameters, the same pixels, in any order.

    Coordinates are level-0 pixels, or um from the top left corner of the scan where a name says so. Nothing
    is kept in memory between calls but small bounded caches, so the size may be 100,000 x 100,000 and more.
    """

    seed: int
    tissue: TissueKind
    width_px: int
    height_px: int
    spacing_um: float = 0.25
    stain: StainAppearance = STAINS["he-a"]
    scanner: ScannerAppearance = SCANNERS["scanner-a"]
    tumour: bool = True
    artefacts: frozenset[ArtefactKind] = frozenset()
    modality: Modality = Modality.BRIGHTFIELD
    channel_count: int = 1
    """Fluorescence only: the first so many of `MARKERS`."""
    planes_um: tuple[float, ...] = (0.0,)
    """Heights of the focal planes; the tissue itself undulates by about 1.5 um around 0."""
    section: int = 0
    """Number of the serial section; 0 is the reference the others are deformed from."""
    marker: str | None = None
    """With a DAB stain, what it marks: "ki67", "ck" or "cd3"."""

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1 or self.spacing_um <= 0:
            raise Invalid("A synthetic slide needs a size of at least one pixel and a spacing above 0 um.")
        if self.modality is Modality.FLUORESCENCE and not 1 <= self.channel_count <= len(MARKERS):
            raise Invalid("A fluorescence slide has 1 to {most} channels.", most=len(MARKERS))
        if self.modality is Modality.BRIGHTFIELD and self.channel_count != 1:
            raise Invalid("A brightfield slide has one channel.")
        if self.stain.dab != (self.marker is not None):
            raise Invalid("A DAB stain needs a marker, and a marker needs a DAB stain.")

    @property
    def width_um(self) -> float:
        return self.width_px * self.spacing_um

    @property
    def height_um(self) -> float:
        return self.height_px * self.spacing_um

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of tissue, in the frame of section 0."""
        return lay_out(self.tissue, self.width_um, self.height_um, self.seed, tumour=self.tumour)

    @cached_property
    def placed_artefacts(self) -> tuple[Artefact, ...]:
        """Artefacts with a place of their own, in the frame of this section."""
        kinds = self.artefacts
        return place_artefacts(
            kinds, self.pieces, self.width_um, self.height_um, self.seed + 17 * self.section
        )

    @cached_property
    def deformation(self) -> Deformation | None:
        """The map between this section and section 0; None when this is section 0."""
        return deformation(self.section, self.width_um, self.height_um, self.seed)

    def render(
        self,
        x_px: int,
        y_px: int,
        width_px: int,
        height_px: int,
        *,
        downsample: int = 1,
        plane: int = 0,
        channel: int = 0,
    ) -> Array:
        """Pixels of a rectangle: (h, w, 3) uint8 RGB in brightfield, (h, w, 1) uint16 in fluorescence.

        The rectangle counts pixels of the raster that is `downsample` times coarser than level 0. What two
        calls share is equal bit for bit. Coarse rasters are drawn at their own scale, not averaged, and agree
        with averages of level 0 only about.

        Raises:
            Invalid: an empty region, or no such plane or channel.
        """
        if width_px < 1 or height_px < 1 or downsample < 1:
            raise Invalid("The region is empty.")
        if not 0 <= plane < len(self.planes_um) or not 0 <= channel < self.channel_count:
            raise Invalid("The synthetic slide has no such plane or channel.")
        grid = Grid(x_px, y_px, width_px, height_px, self.spacing_um * downsample)
        if self.modality is Modality.FLUORESCENCE:
            samples: Array = self._fluorescent(grid, (plane,))[channel][..., None]
            return samples
        colour: Array = self._transmitted(grid, (plane,))[0]
        return colour

    def render_all(self, x_px: int, y_px: int, width_px: int, height_px: int) -> Array:
        """A level-0 rectangle in all planes and channels, at little more than the cost of one.

        (planes, h, w, 3) uint8 in brightfield; (planes * channels, h, w, 1) uint16 in fluorescence, the
        channels of a plane next to each other.
        """
        grid = Grid(x_px, y_px, width_px, height_px, self.spacing_um)
        planes = tuple(range(len(self.planes_um)))
        if self.modality is Modality.FLUORESCENCE:
            return self._fluorescent(grid, planes)[..., None]
        return self._transmitted(grid, planes)

    def is_bare(self, x_px: int, y_px: int, width_px: int, height_px: int) -> bool:
        """True when a level-0 rectangle surely shows nothing but glass."""
        bounds = Grid(x_px, y_px, width_px, height_px, self.spacing_um).padded(64).bounds_um
        if any(artefact.touches(bounds) for artefact in self.placed_artefacts):
            return False
        return self.deformation is None and not near(self.pieces, bounds)

    def cells(self, x_px: float, y_px: float, width_px: float, height_px: float) -> Array:
        """All rows of `CELL` whose centre lies in a level-0 rectangle, places in um of this section.

        Rectangles that tile the slide give every cell exactly once. Ask for tiles of a few thousand pixels.
        """
        s = self.spacing_um
        bounds = (x_px * s, y_px * s, (x_px + width_px) * s, (y_px + height_px) * s)
        found = self._first_cells(bounds) if self.deformation is None else self._deformed_cells(bounds)
        keep = (found["x"] >= bounds[0]) & (found["x"] < bounds[2])
        keep &= (found["y"] >= bounds[1]) & (found["y"] < bounds[3])
        points = Points(found["x"], found["y"])
        for artefact in self.placed_artefacts:
            if artefact.kind is ArtefactKind.TEAR and len(found):
                keep &= artefact.depth_um(points) < 0
        return found[keep]

    def _first_cells(self, bounds: tuple[float, float, float, float]) -> Array:
        parts = [
            cells_of(piece, bounds, glands_near(piece, grown(bounds, 12 + CELL_REACH_UM)), self._cell_seed)
            for piece in near(self.pieces, bounds)
        ]
        found = np.concatenate(parts) if parts else np.empty(0, CELL)
        if ArtefactKind.FROZEN not in self.artefacts or not len(found):
            return found
        return np.asarray(found[ice_holes(Points(found["x"], found["y"]), self.seed) < 0.5])

    def _deformed_cells(self, bounds: tuple[float, float, float, float]) -> Array:
        assert self.deformation is not None
        xs, ys = np.meshgrid(np.linspace(bounds[0], bounds[2], 9), np.linspace(bounds[1], bounds[3], 9))
        u, v = self.deformation.to_first(xs, ys)
        wide = grown((float(u.min()), float(v.min()), float(u.max()), float(v.max())), 20)
        found = self._first_cells(wide).copy()
        if not len(found):
            return found
        found["x"], found["y"] = self.deformation.from_first(found["x"], found["y"])
        found["angle"] -= self.deformation.angle
        return found

    @property
    def _cell_seed(self) -> int:
        return 7919 * self.section

    def _reach_px(self, spacing_um: float) -> int:
        """Pixels around a region that its optics need; even, so that coarse and fine grids stay aligned."""
        margin = margin_px(self.scanner, spacing_um)
        if self._may_defocus:
            worst = _DEFOCUS_PER_UM * self._worst_defocus_um / spacing_um
            margin += defocus_reach_px(self.scanner.blur_um / spacing_um, worst)
        return margin + margin % 2

    @property
    def _may_defocus(self) -> bool:
        spoiled = self.artefacts & {ArtefactKind.OUT_OF_FOCUS, ArtefactKind.BUBBLE}
        return len(self.planes_um) > 1 or bool(spoiled)

    @property
    def _worst_defocus_um(self) -> float:
        spoiled = 7.0 if self.artefacts & {ArtefactKind.OUT_OF_FOCUS, ArtefactKind.BUBBLE} else 0.0
        return spoiled + (max(abs(z) for z in self.planes_um) + 3.0 if len(self.planes_um) > 1 else 0.0)

    def _defocus_um(self, grid: Grid, plane: int) -> Array | None:
        off: Array | None = None
        if len(self.planes_um) > 1:
            height = noise(grid, 1400, self.seed + 401) * np.float32(0.8)
            off = np.abs(height - np.float32(self.planes_um[plane]))
        spoiled = blurred_by_um(self.placed_artefacts, grid)
        if spoiled is None:
            return off
        return spoiled if off is None else off + spoiled

    def _focused(self, image: Array, grid: Grid, plane: int) -> Array:
        base = self.scanner.blur_um / grid.spacing_um
        off = self._defocus_um(grid, plane) if self._may_defocus else None
        if off is None:
            return blur(image, base)
        return defocus(image, base, off * np.float32(_DEFOCUS_PER_UM / grid.spacing_um), grid)

    def _transmitted(self, grid: Grid, planes: tuple[int, ...]) -> Array:
        margin = self._reach_px(grid.spacing_um)
        wide = grid.padded(margin)
        amounts = self._on_section(self._amounts, wide)
        light = None
        if amounts is not None:
            cut_and_fold(self.placed_artefacts, wide, amounts)
            if self.artefacts & {ArtefactKind.FROZEN, ArtefactKind.CHATTER}:
                chatter(wide, amounts, 0.3 + 0.4 * self.section, self.seed)
            dab = amounts[3] if len(amounts) > 3 else None
            light = transmit(self.stain, (amounts[0], amounts[1], amounts[2], dab))
        return np.stack([self._seen(light, wide, plane)[margin:-margin, margin:-margin] for plane in planes])

    def _seen(self, light: Array | None, grid: Grid, plane: int) -> Array:
        if light is None:
            focused = np.ones((grid.height, grid.width, 3), np.float32)
        else:
            focused = self._focused(light, grid, plane).copy()
        cover_light(self.placed_artefacts, grid, focused)
        return see(focused, self.scanner, grid)

    def _amounts(self, grid: Grid) -> tuple[Array, ...] | None:
        pieces = near(self.pieces, grid.bounds_um)
        frozen = ArtefactKind.FROZEN in self.artefacts
        total: tuple[Array, ...] | None = None
        for piece in pieces:
            layer = stain_piece(piece, grid, self._cell_seed, self.marker, 1.1 if frozen else 0.6).all()
            if total is None:
                total = layer
            else:
                for sum_, part in zip(total, layer, strict=True):
                    sum_ += part
        if total is not None and frozen:
            freeze(grid, total, self.seed)
        return total

    def _fluorescent(self, grid: Grid, planes: tuple[int, ...]) -> Array:
        margin = self._reach_px(grid.spacing_um)
        wide = grid.padded(margin)
        found = self._on_section(self._signals, wide)
        dark = np.zeros((wide.height, wide.width), np.float32)
        images = []
        for plane in planes:
            for number in range(self.channel_count):
                signal = dark if found is None else self._focused(found[number], wide, plane)
                images.append(record(signal, MARKERS[number], number, wide)[margin:-margin, margin:-margin])
        return np.stack(images)

    def _signals(self, grid: Grid) -> tuple[Array, ...] | None:
        total: Array | None = None
        for piece in near(self.pieces, grid.bounds_um):
            found = biology(piece, grid, self._cell_seed)
            soft = max(grid.spacing_um, 0.6)
            planes = signals(grid, found.cells, found.epithelium, found.eosin, soft)
            total = planes if total is None else np.maximum(total, planes)
        return None if total is None else tuple(total)

    def _on_section(
        self, draw: Callable[[Grid], tuple[Array, ...] | None], grid: Grid
    ) -> tuple[Array, ...] | None:
        """Draw in the frame of section 0 and bring it onto the grid of this section."""
        if self.deformation is None:
            return draw(grid)
        x, y = self.deformation.on_grid(grid)
        s = grid.spacing_um
        c0, r0 = int(np.floor(x.min() / s)) - 2, int(np.floor(y.min() / s)) - 2
        c1, r1 = int(np.ceil(x.max() / s)) + 3, int(np.ceil(y.max() / s)) + 3
        source = Grid(c0, r0, c1 - c0, r1 - r0, s)
        layers = draw(source)
        if layers is None:
            return None
        at = np.stack([y / s - 0.5 - r0, x / s - 0.5 - c0])
        return tuple(ndimage.map_coordinates(layer, at, order=1, mode="nearest") for layer in layers)
