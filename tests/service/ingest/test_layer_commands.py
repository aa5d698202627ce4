"""`hemalum layers`: a file becomes a layer, or nothing does and one line says why."""

import json
from pathlib import Path

import numpy as np
import pytest

from hemalum.testing import samples
from tests.processes import run


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data directory and the id of its one slide, of 0.5 um/px or what the sample says."""
    folder = tmp_path_factory.mktemp("layers")
    made = samples.svs_ycbcr(folder)
    taken_in = run("ingest", "--data", folder / "node", "--json", made.path)
    return folder / "node", json.loads(taken_in.stdout)["image_id"]


def test_files_become_layers(slide: tuple[Path, str], tmp_path: Path) -> None:
    data, image = slide
    ring = [[10, 10], [20, 10], [20, 20], [10, 10]]
    feature = {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {}}
    (tmp_path / "cells.geojson").write_text(json.dumps([feature]))
    (tmp_path / "spots.csv").write_text("x_um,y_um,class\n5,5,spot\n")
    np.save(tmp_path / "heat.npy", np.array([[0.25, 0.5]]))
    added = [
        run("layers", "add", "--data", data, "--title", "Cells", image, tmp_path / "cells.geojson"),
        run("layers", "add", "--data", data, image, tmp_path / "spots.csv"),
        run("layers", "add", "--data", data, "--pitch-um", 16, image, tmp_path / "heat.npy"),
    ]
    assert [one.returncode for one in added] == [0, 0, 0], [one.stderr for one in added]
    listed = run("layers", "list", "--data", data, image).stdout.splitlines()
    assert [line.split()[1] for line in listed] == ["cells", "points", "heatmap"]
    assert "Cells (import 1)" in listed[0]
    removed = run("layers", "remove", "--data", data, listed[0].split()[0])
    assert removed.stdout.startswith("removed")
    assert len(run("layers", "list", "--data", data, image).stdout.splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("far.csv", "x_px,y_px\n1e7,5\n", "outside of the image"),
        ("cut.geojson", '[{"type": "Feature"', "cut off"),
        ("empty.csv", "", "nothing in this layer"),
        ("cells.parquet", "PAR1", "Parquet"),
        ("cells.xlsx", "PK", "none of the files"),
        ("heat.npy", "no raster", "--pitch-um"),
    ],
)
def test_bad_files_are_one_line(
    slide: tuple[Path, str], tmp_path: Path, name: str, content: str, reason: str
) -> None:
    data, image = slide
    (tmp_path / name).write_text(content)
    refused = run("layers", "add", "--data", data, image, tmp_path / name)
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert refused.stderr.count("\n") == 1
