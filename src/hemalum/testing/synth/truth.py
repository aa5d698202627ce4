"""What is exactly where on a synthetic slide: masks, regions, nuclei, landmarks."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hemalum.kernel.errors import Invalid
from hemalum.testing.synth.artefacts import EVERYWHERE, ArtefactKind
from hemalum.testing.synth.cells import CLASS_NAMES, NUCLEUS_LIMIT, CellKind
from hemalum.testing.synth.contours import polygons
from hemalum.testing.synth.glands import VASCULAR, glands_near
from hemalum.testing.synth.noise import Array, Grid, Points
from hemalum.testing.synth.paint import outline, paint_order, patches
from hemalum.testing.synth.slide import SyntheticSlide
from hemalum.testing.synth.tissue import Piece

_NAMESPACE = uuid.UUID("6f1d3c1e-0f7b-4c1e-9d55-6b1a5f6f7a10")
_COLOURS = {
    "Tissue": (150, 150, 150),
    "Tumor": (200, 0, 0),
    "Necrosis": (50, 50, 50),
    "Gland": (0, 140, 60),
    "Vessel": (0, 90, 200),
    "Artefact": (230, 140, 0),
}
_TILE_PX = 4096
_MASK_ROWS = 256


def tissue_mask(slide: SyntheticSlide, spacing_um: float) -> Array:
    """True where tissue lies (lumina included, tears not), (h, w) bool, sampled at pixel centres."""
    return _mask(slide, spacing_um, lambda grid: _tissue_depth(slide, grid))


def artefact_mask(slide: SyntheticSlide, spacing_um: float, kind: ArtefactKind) -> Array:
    """True where an artefact of this kind touches a pixel, (h, w) bool.

    Raises:
        Invalid: the kind lies everywhere and has no mask.
    """
    if kind in EVERYWHERE:
        raise Invalid("The artefact {kind} covers the whole section; use the tissue mask.", kind=kind.value)
    return _mask(slide, spacing_um, lambda grid: _artefact_depth(slide, grid, kind) + spacing_um / 2)


def tumour_mask(slide: SyntheticSlide, spacing_um: float) -> Array:
    """True within tumour, necrosis included, (h, w) bool."""
    return _mask(slide, spacing_um, lambda grid: _tumour_depth(slide, grid))


def regions(slide: SyntheticSlide) -> list[dict[str, Any]]:
    """Tissue, tumour, necrosis and artefacts as GeoJSON features that QuPath opens.

    Coordinates are level-0 pixels (origin at the corner of the first pixel); `properties.hemalum` has
    area and spacing in um. Borders are sampled every 1/1000 of the slide, at least 4 um, and interpolated.
    """
    step = max(4.0, max(slide.width_um, slide.height_um) / 1000)
    grid = Grid(0, 0, int(slide.width_um // step) + 1, int(slide.height_um // step) + 1, step)
    fields: list[tuple[str, str, Array]] = [
        ("Tissue", "tissue", _tissue_depth(slide, grid)),
        ("Tumor", "tumour", _tumour_depth(slide, grid)),
        ("Necrosis", "necrosis", _necrosis_depth(slide, grid)),
    ]
    fields += [
        ("Artefact", kind.value, _artefact_depth(slide, grid, kind))
        for kind in sorted(slide.artefacts - EVERYWHERE)
    ]
    found = []
    for name, label, field in fields:
        for number, rings in enumerate(polygons(field)):
            placed = [
                [[(x + 0.5) * step / slide.spacing_um, (y + 0.5) * step / slide.spacing_um] for x, y in ring]
                for ring in rings
            ]
            found.append(_feature(slide, name, label, number, placed))
    return found


def glands(
    slide: SyntheticSlide, x_px: float, y_px: float, width_px: float, height_px: float
) -> list[dict[str, Any]]:
    """Outlines of glands and vessels whose centre lies in a level-0 rectangle, GeoJSON features.

    Neighbours that grow into each other are given whole, so outlines may overlap.

    Raises:
        Invalid: the slide is not section 0.
    """
    if slide.deformation is not None:
        raise Invalid("Gland outlines are given for section 0 only; deform them with the section's map.")
    s = slide.spacing_um
    bounds = (x_px * s, y_px * s, (x_px + width_px) * s, (y_px + height_px) * s)
    found = []
    for piece in slide.pieces:
        for gland in glands_near(piece, bounds):
            if not (bounds[0] <= gland.x_um < bounds[2] and bounds[1] <= gland.y_um < bounds[3]):
                continue
            x, y, _ = gland.contour(0.0)
            ring = [[float(a) / s, float(b) / s] for a, b in zip(x[::4], y[::4], strict=True)]
            name = "Vessel" if gland.kind in VASCULAR else "Gland"
            found.append(_feature(slide, name, gland.kind.value, gland.hash, [[*ring, ring[0]]]))
    return found


def nuclei(slide: SyntheticSlide, x_px: float, y_px: float, width_px: float, height_px: float) -> Array:
    """Rows of `CELL` for the nuclei with their centre in a level-0 rectangle (places in um)."""
    found = slide.cells(x_px, y_px, width_px, height_px)
    return found[found["kind"] < NUCLEUS_LIMIT]


def class_name(kind: int) -> str:
    """The class a nucleus has in the ground truth."""
    return CLASS_NAMES[CellKind(kind)]


def label_image(
    slide: SyntheticSlide, x_px: int, y_px: int, width_px: int, height_px: int, *, downsample: int = 1
) -> tuple[Array, Array]:
    """Which nucleus each pixel belongs to, (h, w) uint32, 0 for none, and the nuclei: label n is row n - 1.

    The rectangle counts pixels of the raster `downsample` times coarser than level 0. Where nuclei overlap
    the one painted last, and so seen, has the pixel.
    """
    grid = Grid(x_px, y_px, width_px, height_px, slide.spacing_um * downsample)
    reach = 20 / slide.spacing_um
    rows = nuclei(
        slide,
        x_px * downsample - reach,
        y_px * downsample - reach,
        width_px * downsample + 2 * reach,
        height_px * downsample + 2 * reach,
    )
    labels = np.zeros((height_px, width_px), np.uint32)
    place = {int(row): (group, k) for group in patches(rows, grid, 0.6) for k, row in enumerate(group.rows)}
    for row in paint_order(rows):
        group, k = place[int(row)]
        left, top, size = int(group.left[k]), int(group.top[k]), group.size
        x0, y0, x1, y1 = max(0, left), max(0, top), min(width_px, left + size), min(height_px, top + size)
        if x0 < x1 and y0 < y1:
            inside = group.rho[k][y0 - top : y1 - top, x0 - left : x1 - left] <= 1
            labels[y0:y1, x0:x1][inside] = row + 1
    return labels, rows


def landmarks(slide: SyntheticSlide, count: int = 40) -> Array:
    """Pairs of places that show the same tissue, (n, 4) level-0 pixels: x, y here and x, y in section 0."""
    rng = np.random.default_rng(slide.seed)
    found: list[Array] = []
    for piece in slide.pieces:
        u = rng.uniform(-0.8, 0.8, count * 2) * piece.half_u_um
        v = rng.uniform(-0.8, 0.8, count * 2) * piece.half_v_um
        x, y = piece.to_glass(u, v)
        inside = piece.depth(Points(x, y)) > 50
        found.append(np.stack([x[inside], y[inside]], axis=1)[: count // len(slide.pieces)])
    first = np.concatenate(found)
    here = (
        first
        if slide.deformation is None
        else np.stack(slide.deformation.from_first(first[:, 0], first[:, 1]), axis=1)
    )
    return np.concatenate([here, first], axis=1) / slide.spacing_um


def displacement(slide: SyntheticSlide, spacing_um: float) -> Array:
    """Where to find each place of this section in section 0: (h, w, 2) float32, um to add to x and y.

    Sampled at the pixel centres of a raster of `spacing_um`; all zero for section 0.
    """
    grid = Grid(
        0, 0, int(slide.width_um // spacing_um) or 1, int(slide.height_um // spacing_um) or 1, spacing_um
    )
    if slide.deformation is None:
        return np.zeros((grid.height, grid.width, 2), np.float32)
    x, y = slide.deformation.on_grid(grid)
    return np.stack([x - grid.x, y - grid.y], axis=2).astype(np.float32)


def write_truth(
    slide: SyntheticSlide,
    folder: Path,
    *,
    mask_spacing_um: float = 8.0,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """All ground truth of a slide into a folder, in flat memory.

    regions.geojson: `regions`. glands.geojsonl: one feature a line (section 0 only). nuclei/R-C.npz: one file
    for each 4,096 px tile with nuclei: x_px, y_px, class_id, a_um, b_um, angle, outline_px (n, 24, 2).
    classes.json: class_id to name. masks.npz: tissue, tumour and artefact masks with their spacing.
    section.npz (sections above 0): displacement grid and landmark pairs.
    """
    (folder / "nuclei").mkdir(parents=True, exist_ok=True)
    collection = {"type": "FeatureCollection", "features": regions(slide)}
    (folder / "regions.geojson").write_text(json.dumps(collection))
    (folder / "classes.json").write_text(
        json.dumps({int(k): name for k, name in CLASS_NAMES.items()}, indent=1)
    )
    masks: dict[str, Any] = {
        "tissue": tissue_mask(slide, mask_spacing_um),
        "tumour": tumour_mask(slide, mask_spacing_um),
    }
    for kind in sorted(slide.artefacts - EVERYWHERE):
        masks[kind.value] = artefact_mask(slide, mask_spacing_um, kind)
    np.savez_compressed(folder / "masks.npz", spacing_um=np.float64(mask_spacing_um), **masks)
    if slide.deformation is not None:
        step = max(20.0, slide.width_um / 400)
        np.savez_compressed(
            folder / "section.npz",
            spacing_um=np.float64(step),
            displacement_um=displacement(slide, step),
            landmarks_px=landmarks(slide),
        )
    tiles = list(_tiles(slide))
    with (folder / "glands.geojsonl").open("w") as lines:
        for number, (row, column, box) in enumerate(tiles):
            if slide.deformation is None:
                lines.writelines(json.dumps(feature) + "\n" for feature in glands(slide, *box))
            _write_nuclei(slide, folder / "nuclei" / f"{row}-{column}.npz", box)
            if progress:
                progress(number + 1, len(tiles))


def _write_nuclei(slide: SyntheticSlide, path: Path, box: tuple[int, int, int, int]) -> None:
    rows = nuclei(slide, *box)
    if not len(rows):
        return
    s = slide.spacing_um
    np.savez_compressed(
        path,
        x_px=rows["x"] / s,
        y_px=rows["y"] / s,
        class_id=rows["kind"],
        a_um=rows["a"],
        b_um=rows["b"],
        angle=rows["angle"],
        outline_px=(outline(rows) / s).astype(np.float32),
    )


def _tiles(slide: SyntheticSlide) -> Iterator[tuple[int, int, tuple[int, int, int, int]]]:
    for row in range(-(-slide.height_px // _TILE_PX)):
        for column in range(-(-slide.width_px // _TILE_PX)):
            x, y = column * _TILE_PX, row * _TILE_PX
            yield row, column, (x, y, min(_TILE_PX, slide.width_px - x), min(_TILE_PX, slide.height_px - y))


def _mask(slide: SyntheticSlide, spacing_um: float, depth: Callable[[Grid], Array]) -> Array:
    width, height = max(1, round(slide.width_um / spacing_um)), max(1, round(slide.height_um / spacing_um))
    mask = np.zeros((height, width), bool)
    for row in range(0, height, _MASK_ROWS):
        count = min(_MASK_ROWS, height - row)
        mask[row : row + count] = depth(Grid(0, row, width, count, spacing_um)) > 0
    return mask


def _of_pieces(slide: SyntheticSlide, grid: Grid, depth: Callable[[Piece, Grid | Points], Array]) -> Array:
    """The largest of a depth over all pieces, on a grid of this section, (h, w)."""
    if slide.deformation is None:
        where: Grid | Points = grid
    else:
        x, y = slide.deformation.on_grid(grid)
        where = Points(x.ravel(), y.ravel())
    best = np.full((grid.height, grid.width), -1e6, np.float32)
    for piece in slide.pieces:
        best = np.maximum(best, np.reshape(depth(piece, where), best.shape))
    return best


def _tissue_depth(slide: SyntheticSlide, grid: Grid) -> Array:
    depth = _of_pieces(slide, grid, lambda piece, where: piece.depth(where))
    for artefact in slide.placed_artefacts:
        if artefact.kind is ArtefactKind.TEAR:
            depth = np.minimum(depth, -artefact.depth_um(grid))
    return depth


def _tumour_depth(slide: SyntheticSlide, grid: Grid) -> Array:
    inside = _of_pieces(
        slide, grid, lambda piece, where: np.minimum(piece.tumour_depth(where), piece.depth(where))
    )
    return np.minimum(inside, _tissue_depth(slide, grid))


def _necrosis_depth(slide: SyntheticSlide, grid: Grid) -> Array:
    inside = _of_pieces(
        slide,
        grid,
        lambda piece, where: np.minimum(
            piece.necrosis_depth(where, piece.tumour_depth(where)), piece.depth(where)
        ),
    )
    return np.minimum(inside, _tissue_depth(slide, grid))


def _artefact_depth(slide: SyntheticSlide, grid: Grid, kind: ArtefactKind) -> Array:
    best = np.full((grid.height, grid.width), -1e6, np.float32)
    for artefact in slide.placed_artefacts:
        if artefact.kind is kind and artefact.touches(grid.bounds_um):
            best = np.maximum(best, artefact.depth_um(grid))
    return best


def _feature(
    slide: SyntheticSlide, name: str, label: str, number: int, rings: list[list[list[float]]]
) -> dict[str, Any]:
    key = f"{slide.seed}/{slide.section}/{label}/{number}/{rings[0][0]}"
    area = sum(_signed_area(ring) for ring in rings) * slide.spacing_um**2
    return {
        "type": "Feature",
        "id": str(uuid.uuid5(_NAMESPACE, key)),
        "geometry": {"type": "Polygon", "coordinates": rings},
        "properties": {
            "objectType": "annotation",
            "name": label,
            "classification": {"name": name, "color": list(_COLOURS[name])},
            "hemalum": {"kind": label, "area_um2": round(abs(area), 1), "spacing_um": slide.spacing_um},
        },
    }


def _signed_area(ring: list[list[float]]) -> float:
    points = np.asarray(ring)
    x, y = points[:, 0], points[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)
