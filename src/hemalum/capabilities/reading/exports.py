"""Coverage for other programs: JSON with all cells, GeoJSON with outlines, CSV with shares."""

import json
from typing import Any

import numpy as np

from hemalum.analysis.outlines import outlines
from hemalum.capabilities.reading.model import Cells, Coverage, Run
from hemalum.formats.spreadsheet import written_line

type Shares = dict[float, float]


def as_json(coverage: Coverage, shares: Shares, *, of_tissue: bool) -> str:
    """Everything: for each band its grid, its seen cells as runs, and its share."""
    bands = [
        {
            "objective": grid.objective,
            "cell_px": grid.cell_px,
            "columns": grid.columns,
            "rows": grid.rows,
            "share": shares.get(grid.objective),
            "runs": runs_of(coverage.seen[grid.key]) if grid.key in coverage.seen else [],
        }
        for grid in coverage.grids
    ]
    size = {"width_px": coverage.width_px, "height_px": coverage.height_px}
    return json.dumps({**size, "share_of": _whole(of_tissue), "bands": bands})


def as_geojson(coverage: Coverage, shares: Shares, *, of_tissue: bool) -> str:
    """One feature for each band that has seen cells, in pixels of level 0 as QuPath reads them."""
    features = []
    for grid in coverage.grids:
        if grid.key not in coverage.seen:
            continue
        polygons = [
            [
                [
                    [
                        min(x * grid.cell_px, coverage.width_px),
                        min(y * grid.cell_px, coverage.height_px),
                    ]
                    for x, y in ring
                ]
                for ring in polygon
            ]
            for polygon in outlines(coverage.seen[grid.key])
        ]
        properties: dict[str, Any] = {
            "objectType": "annotation",
            "name": f"seen at {grid.objective:g}x",
            "isLocked": True,
            "measurements": {f"share of {_whole(of_tissue)}": shares.get(grid.objective)},
        }
        geometry = {"type": "MultiPolygon", "coordinates": polygons}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return json.dumps({"type": "FeatureCollection", "features": features})


def as_csv(coverage: Coverage, shares: Shares, *, of_tissue: bool) -> str:
    """A line for each band: the share seen at its power or higher, and how many of its cells were seen."""
    lines: list[list[object]] = [
        ["objective", f"share_of_{_whole(of_tissue)}_at_this_power_or_higher", "cells_seen", "cells"]
    ]
    for grid in coverage.grids:
        cells = coverage.seen.get(grid.key)
        seen = 0 if cells is None else int(cells.sum())
        share = shares.get(grid.objective)
        told = "" if share is None else f"{share:.4f}"
        lines.append([f"{grid.objective:g}", told, seen, grid.columns * grid.rows])
    return "".join(map(written_line, lines))


def runs_of(cells: Cells) -> list[Run]:
    """The set cells, row by row."""
    runs: list[Run] = []
    for row, line in enumerate(cells):
        edges = _edges(line)
        runs += [(row, first, end) for first, end in zip(edges[::2], edges[1::2], strict=True)]
    return runs


def _edges(line: Cells) -> list[int]:
    framed = np.concatenate([[False], line, [False]])
    found: list[int] = np.flatnonzero(framed[1:] != framed[:-1]).tolist()
    return found


def _whole(of_tissue: bool) -> str:
    return "tissue" if of_tissue else "image"
