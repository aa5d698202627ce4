"""Painting cells: every nucleus, cell body and vacuole is one small patch with its own shape and texture."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hemalum.testing.synth.cells import NUCLEUS_LIMIT, CellKind, hash_uniform
from hemalum.testing.synth.noise import Array, Grid, texture

_CHUNK = 192
_TEXEL_UM = 0.25


@dataclass(frozen=True, slots=True)
class Style:
    """How one kind of cell takes the stain. Amounts of stain; `tone` spreads from pale to dark."""

    pale: float
    dark: float
    eosin: float
    cover: float = 0.97
    rim: float = 0.0
    """Extra haematoxylin (nuclei) or eosin (bodies) along the outline."""
    clump: float = 0.0
    nucleolus_um: float = 0.0
    uneven: float = 0.10
    red: float = 0.0


_K = CellKind
STYLES: dict[int, Style] = {
    _K.EPITHELIAL: Style(0.55, 0.92, 0.20, rim=0.16, clump=0.17, nucleolus_um=0.55, uneven=0.10),
    _K.TUMOUR: Style(0.42, 0.98, 0.22, rim=0.26, clump=0.22, nucleolus_um=0.9, uneven=0.15),
    _K.LYMPHOCYTE: Style(0.78, 1.12, 0.14, rim=0.10, clump=0.18, uneven=0.11),
    _K.FIBROBLAST: Style(0.42, 0.85, 0.28, rim=0.06, clump=0.16, uneven=0.17),
    _K.ENDOTHELIAL: Style(0.60, 0.95, 0.22, clump=0.10, uneven=0.14),
    _K.PLASMA: Style(0.75, 1.05, 0.14, rim=0.14, clump=0.30, uneven=0.06),
    _K.NECROTIC: Style(0.18, 0.42, 0.46, cover=0.7, clump=0.10, uneven=0.2),
    _K.MITOSIS: Style(1.15, 1.35, 0.10, clump=0.16, uneven=0.20),
    _K.MUSCLE: Style(0.45, 0.78, 0.30, rim=0.05, clump=0.12, uneven=0.08),
    _K.CENTROBLAST: Style(0.42, 0.70, 0.16, rim=0.24, clump=0.18, nucleolus_um=0.6, uneven=0.12),
    _K.MACROPHAGE: Style(0.32, 0.55, 0.18, rim=0.16, clump=0.10, nucleolus_um=0.5, uneven=0.18),
    _K.BODY: Style(0.13, 0.30, 0.36, cover=0.62, rim=0.07, uneven=0.12),
    _K.MUCIN: Style(0.07, 0.15, 0.05, cover=0.94, rim=0.03, uneven=0.06),
    _K.RED_CELL: Style(0.0, 0.0, 0.10, cover=0.95, uneven=0.10, red=0.62),
    _K.DEBRIS: Style(0.45, 1.10, 0.25, uneven=0.2),
    _K.CLEAR: Style(0.05, 0.08, 0.12, cover=0.55, uneven=0.16),
    _K.PLASMA_BODY: Style(0.24, 0.34, 0.27, cover=0.85, uneven=0.10),
}

_ORDER = {_K.CLEAR: 1, _K.BODY: 0, _K.PLASMA_BODY: 2, _K.MUCIN: 3, _K.RED_CELL: 4, _K.DEBRIS: 5}
"""What is painted before what; nuclei come last."""


@dataclass(frozen=True)
class Patches:
    """Cells of one patch size, each rendered on its own small raster (n, p, p), float32."""

    rows: Array
    """Index of each patch's cell in the table that was asked for."""
    left: Array
    top: Array
    size: int
    cover: Array
    rho: Array
    """0 in the centre, 1 on the outline."""
    grain: Array
    nucleolus: Array


def bumps(hashes: Array, kinds: Array) -> tuple[Array, Array, Array]:
    """Three numbers for each cell that bend its ellipse into its outline."""
    uneven = _style_column(kinds, "uneven")
    return tuple((2 * hash_uniform(hashes, 60 + k) - 1) * uneven for k in range(3))  # type: ignore[return-value]


def outline(cells: Array, points: int = 24) -> Array:
    """The outline of each cell, um on the glass, (n, points, 2): exactly the half-cover line of the paint."""
    turn = np.arange(points) * (2 * np.pi / points)
    c, s = np.cos(turn)[None, :], np.sin(turn)[None, :]
    k1, k2, k3 = (k[:, None] for k in bumps(cells["hash"], cells["kind"]))
    t = 1 / np.sqrt(np.maximum(1 + k1 * c + k2 * s + 2 * k3 * c * s, 0.25))
    u, v = t * c * cells["a"][:, None], t * s * cells["b"][:, None]
    ca, sa = np.cos(cells["angle"])[:, None], np.sin(cells["angle"])[:, None]
    return np.stack([cells["x"][:, None] + u * ca - v * sa, cells["y"][:, None] + u * sa + v * ca], axis=2)


def patches(cells: Array, grid: Grid, soft_um: float) -> list[Patches]:
    """Every cell as a patch, in groups of equal patch size. `soft_um` is the width of the outline."""
    s = grid.spacing_um
    reach = np.maximum(cells["a"], cells["b"]) * 1.42 + soft_um
    sizes = (np.ceil(reach / s).astype(int) * 2 + 2 + 5) // 6 * 6
    found: list[Patches] = []
    for size in np.unique(sizes):
        rows = np.flatnonzero(sizes == size)
        found.extend(
            _patch_group(cells[part], part, int(size), grid, soft_um)
            for part in np.split(rows, range(_CHUNK, len(rows), _CHUNK))
        )
    return found


def _patch_group(cells: Array, rows: Array, size: int, grid: Grid, soft_um: float) -> Patches:
    s = grid.spacing_um
    left = np.floor(cells["x"] / s).astype(np.int64) - size // 2
    top = np.floor(cells["y"] / s).astype(np.int64) - size // 2
    steps = np.arange(size) + 0.5
    dx = ((left[:, None] + steps) * s - cells["x"][:, None]).astype(np.float32)[:, None, :]
    dy = ((top[:, None] + steps) * s - cells["y"][:, None]).astype(np.float32)[:, :, None]
    c, n = np.cos(cells["angle"])[:, None, None], np.sin(cells["angle"])[:, None, None]
    a, b = cells["a"][:, None, None], cells["b"][:, None, None]
    pu = dx * (c / a) + dy * (n / a)
    pv = dy * (c / b) - dx * (n / b)
    k1, k2, k3 = (k.astype(np.float32)[:, None, None] for k in bumps(cells["hash"], cells["kind"]))
    straight = np.sqrt(pu * pu + pv * pv) + np.float32(1e-6)
    # The outline depends on direction alone, so that every cell is star-shaped and in one piece.
    bend = 1 + (k1 * pu + k2 * pv + 2 * k3 * pu * pv / straight) / straight
    rho = straight * np.sqrt(np.maximum(bend, np.float32(0.25)))
    soft = _softness(cells, soft_um)
    cover: Array = np.clip((1 - rho) * (np.sqrt(a * b) / soft) + np.float32(0.5), 0, 1)
    cover = cover * cover * (3 - 2 * cover)
    source = texture("chromatin")
    stride = max(1, round(s / _TEXEL_UM))
    walk = np.arange(size) * stride
    hashes = cells["hash"]
    rows_at = ((hashes[:, None] + walk.astype(np.uint32)) & np.uint32(255)).astype(np.intp)
    columns_at = (((hashes >> np.uint32(9))[:, None] + walk.astype(np.uint32)) & np.uint32(255)).astype(
        np.intp
    )
    grain = source[rows_at[:, :, None], columns_at[:, None, :]]
    radius: Array = _style_column(cells["kind"], "nucleolus_um") * (0.5 + 0.9 * hash_uniform(hashes, 70))
    radius = np.where(hash_uniform(hashes, 71) < 0.7, radius, 0.0).astype(np.float32)[:, None, None]
    if radius.any():
        ox = ((hash_uniform(hashes, 72) - 0.5) * 0.7).astype(np.float32)[:, None, None]
        oy = ((hash_uniform(hashes, 73) - 0.5) * 0.7).astype(np.float32)[:, None, None]
        off = np.hypot((pu - ox) * a, (pv - oy) * b)
        nucleolus = np.clip((radius - off) * np.float32(1 / soft_um) + np.float32(0.5), 0, 1) * (radius > 0)
    else:
        nucleolus = np.zeros((len(cells), 1, 1), np.float32)
    return Patches(rows, left - grid.column0, top - grid.row0, size, cover, rho, grain, nucleolus)


def _softness(cells: Array, soft_um: float) -> Array:
    """Width of each outline, um: cells off the middle of the section, and all cytoplasm, end less sharply."""
    lying = hash_uniform(cells["hash"], 75)
    width = soft_um + 0.9 * lying**3 + np.where(cells["kind"] < NUCLEUS_LIMIT, 0.0, 0.8)
    return np.asarray(
        np.minimum(width, 0.9 * np.minimum(cells["a"], cells["b"])).astype(np.float32)[:, None, None]
    )


def _style_column(kinds: Array, name: str) -> Array:
    table = np.zeros(256, np.float32)
    for kind, style in STYLES.items():
        table[kind] = getattr(style, name)
    return table[kinds]


def paint_order(cells: Array) -> Array:
    """Row numbers in the order of painting: the same whichever part of the glass is drawn."""
    layer = np.full(256, 9, np.uint8)
    for kind, rank in _ORDER.items():
        layer[kind] = rank
    return np.lexsort((cells["x"], cells["hash"], layer[cells["kind"]]))


def over(
    grid: Grid,
    cells: Array,
    groups: list[Patches],
    stroke: Callable[[int, Patches, int, tuple[slice, slice], tuple[slice, slice]], None],
) -> None:
    """Call `stroke(row, group, number in group, view on the grid, view on the patch)` in painting order."""
    place: list[tuple[Patches, int] | None] = [None] * len(cells)
    for group in groups:
        for number, row in enumerate(group.rows):
            place[row] = (group, number)
    for row in paint_order(cells):
        found = place[row]
        assert found is not None
        group, number = found
        left, top, size = int(group.left[number]), int(group.top[number]), group.size
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(grid.width, left + size), min(grid.height, top + size)
        if x0 >= x1 or y0 >= y1:
            continue
        view = (slice(y0, y1), slice(x0, x1))
        stroke(int(row), group, number, view, (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)))


@dataclass
class StainCanvas:
    """Amounts of each stain on a grid, (h, w) float32; painted in place."""

    haematoxylin: Array
    eosin: Array
    red: Array
    dab: Array | None = None
    """Brown immunostain, when the slide has one."""
    marker: str | None = None
    """What the immunostain binds to: "ki67" (nuclei), "ck" (epithelial cytoplasm) or "cd3" (T cells)."""

    def positive(self, cells: Array) -> Array:
        """Which cells the immunostain marks, (n,) bool."""
        kinds, chance = cells["kind"], hash_uniform(cells["hash"], 90)
        share = np.zeros(256)
        for kind, part in _POSITIVE.get(self.marker or "", {}).items():
            share[kind] = part
        return np.asarray(chance < share[kinds])

    def all(self) -> tuple[Array, ...]:
        """The stains that are there, in the order haematoxylin, eosin, red cells, DAB."""
        stains = (self.haematoxylin, self.eosin, self.red)
        return stains if self.dab is None else (*stains, self.dab)


_POSITIVE: dict[str, dict[CellKind, float]] = {
    "ki67": {
        _K.TUMOUR: 0.38,
        _K.MITOSIS: 1.0,
        _K.EPITHELIAL: 0.06,
        _K.CENTROBLAST: 0.75,
        _K.LYMPHOCYTE: 0.03,
    },
    "ck": {_K.BODY: 1.0, _K.TUMOUR: 0.0},
    "cd3": {_K.LYMPHOCYTE: 0.6},
}
"""Share of each kind of cell that an antibody marks."""


def paint_stain(canvas: StainCanvas, grid: Grid, cells: Array, soft_um: float) -> None:
    """Put the cells onto the canvas, in place."""
    if not len(cells):
        return
    groups = patches(cells, grid, soft_um)
    haem = {id(group): _haematoxylin(cells[group.rows], group) for group in groups}
    eosin = {id(group): _eosin(cells[group.rows], group) for group in groups}
    strength = {
        id(group): group.cover * _style_column(cells["kind"][group.rows], "cover")[:, None, None]
        for group in groups
    }
    kinds = cells["kind"]
    positive = canvas.positive(cells)

    def stroke(
        row: int, group: Patches, n: int, view: tuple[slice, slice], part: tuple[slice, slice]
    ) -> None:
        key = id(group)
        alpha = strength[key][n][part]
        target = canvas.haematoxylin[view]
        target += alpha * (haem[key][n][part] - target)
        target = canvas.eosin[view]
        target += alpha * (eosin[key][n][part] - target)
        if kinds[row] == CellKind.RED_CELL:
            target = canvas.red[view]
            target += alpha * (np.float32(STYLES[CellKind.RED_CELL].red) - target)
        if canvas.dab is not None and (positive[row] or kinds[row] < NUCLEUS_LIMIT):
            target = canvas.dab[view]
            target += alpha * (_brown(cells[row], bool(positive[row]), group.grain[n][part]) - target)

    over(grid, cells, groups, stroke)


def _brown(cell: Array, positive: bool, grain: Array) -> Array:
    if not positive:
        return np.zeros_like(grain)
    return (np.float32(0.35 + 0.55 * float(cell["tone"])) * (1 + np.float32(0.10) * grain)).astype(np.float32)


def _haematoxylin(cells: Array, group: Patches) -> Array:
    kinds = cells["kind"]
    pale, dark = _style_column(kinds, "pale"), _style_column(kinds, "dark")
    level = (pale + (dark - pale) * cells["tone"])[:, None, None]
    nuclear = (kinds < NUCLEUS_LIMIT)[:, None, None]
    clump = _style_column(kinds, "clump")[:, None, None]
    rim = (_style_column(kinds, "rim") * (kinds < NUCLEUS_LIMIT))[:, None, None]
    edge = np.clip(1 - np.abs(group.rho - np.float32(0.86)) * np.float32(4.5), 0, 1)
    amount = level * (1 + clump * group.grain - rim * np.float32(0.55)) + rim * edge
    if group.nucleolus.any():
        amount = amount + nuclear * group.nucleolus * np.float32(0.42)
    return np.asarray(np.maximum(amount, 0))


def _eosin(cells: Array, group: Patches) -> Array:
    kinds = cells["kind"]
    body = kinds >= NUCLEUS_LIMIT
    level = _style_column(kinds, "eosin") * np.where(body, 0.62 + 0.76 * cells["tone"], 1.0)
    rim = (_style_column(kinds, "rim") * body).astype(np.float32)[:, None, None]
    edge = np.clip(1 - np.abs(group.rho - np.float32(0.92)) * np.float32(6), 0, 1)
    grain = (np.float32(0.05) * body).astype(np.float32)[:, None, None]
    return level.astype(np.float32)[:, None, None] * (1 + grain * group.grain) + rim * edge
