"""A model that tells classes of nuclei: in the layer, in what is counted, and in what leaves the node."""

import csv
import io
import json
import re
from pathlib import Path

import highdicom
import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest
from onnx import TensorProto, helper

from hemalum.capabilities.inference.findings import findings_of
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.layers.exporting import as_csv, as_geojson, as_parquet
from hemalum.formats.layers.model import LayerKind
from hemalum.formats.layers.picking import cells_of
from hemalum.testing.models import network_of, without_golden

from .conftest import DIVIDING, Laboratory, nuclei_middles
from .test_reports import groups_of, report

TILE_PX = 128
OUTPUTS = """
[[outputs]]
name = "maps"
spatial = "pixel"
title = "Nuclei"
activation = "sigmoid"
decoding = { method = "nuclei" }
classes = [{ name = "inside", title = "Inside" }, { name = "middle", title = "Middle" }]

[[outputs]]
name = "chromatin"
spatial = "pixel"
title = "Chromatin"
activation = "softmax"
decoding = { method = "nucleus-classes" }
classes = [
  { name = "dense", title = "Dense", title_zh = "致密", colour = "#e69f00" },
  { name = "loose", title = "Loose", title_zh = "疏松", colour = "#56b4e9" },
]

[[findings]]
name = "dense_count"
measure = "cells"
class_name = "dense"

"""


def telling_network() -> bytes:
    """Whatever lets little red through is nucleus, and dense where it lets through hardly any."""
    weights = {"maps": [[-20, 0, 0], [-20, 0, 0]], "chromatin": [[-30, 0, 0], [0, 0, 0]]}
    offsets = {"maps": [14, 14], "chromatin": [7.2, 0]}
    nodes, constants = [], []
    for name, rows in weights.items():
        nodes.append(helper.make_node("Conv", ["image", f"{name}.w", f"{name}.b"], [name]))
        flat = np.array(rows, np.float32).ravel()
        constants.append(helper.make_tensor(f"{name}.w", TensorProto.FLOAT, [2, 3, 1, 1], flat))
        constants.append(helper.make_tensor(f"{name}.b", TensorProto.FLOAT, [2], offsets[name]))
    shape = (2, TILE_PX, TILE_PX)
    return network_of(nodes, constants, (3, TILE_PX, TILE_PX), dict.fromkeys(weights, shape))


def telling_contract(text: str) -> str:
    text = without_golden(text).replace('task = "tile-score"', 'task = "cell-instances"')
    text = text.replace("tile_px = 32", f"tile_px = {TILE_PX}\ncontext_px = 16")
    text = re.sub(r"\[\[outputs\]\].*?(?=\[use\])", lambda _: OUTPUTS, text, flags=re.DOTALL)
    return re.sub(r"\[\[operating_points\]\].*?(?=\[\[validation\]\])", "", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def run(laboratory: Laboratory) -> InferenceRun:
    version = laboratory.add("chromatin", telling_contract, network=telling_network())
    (ended,) = laboratory.ran(version, on="dividing")
    assert ended.state is RunState.DONE, ended.reason
    return ended


def test_each_nucleus_has_its_class_and_how_likely_it_is(laboratory: Laboratory, run: InferenceRun) -> None:
    (layer_id,) = run.layers
    layer = laboratory.parts.layers.get_layer_of(run.image_id, layer_id)
    assert layer.kind is LayerKind.CELLS
    dense, loose = layer.classes
    assert (dense.name, dense.name_zh, dense.colour) == ("Dense", "致密", "#e69f00")
    assert dense.count == len(DIVIDING)
    assert loose.count == len(nuclei_middles()) - len(DIVIDING)
    assert loose.colour == "#56b4e9"
    assert dense.shape is not loose.shape
    tiles = list(cells_of(laboratory.parts.layers.open_pack(layer)))
    places = np.concatenate([np.column_stack([each.y_px, each.x_px]) for each in tiles]) - 0.5
    found = places[np.concatenate([each.classes for each in tiles]) == 0]
    apart = np.hypot(*(found[:, None] - nuclei_middles()[list(DIVIDING)]).transpose(2, 0, 1))
    assert (apart.min(axis=0) < 6).all()
    at = [each.name for each in layer.columns].index("class probability")
    likely = np.concatenate([each.columns[at] for each in tiles])
    assert ((likely > 0.5) & (likely <= 1)).all()


def test_classes_are_counted_and_become_findings(laboratory: Laboratory, run: InferenceRun) -> None:
    assert run.measured is not None
    assert run.measured.cells is not None
    counted = [(each.name, each.title_zh, each.count) for each in run.measured.cells.classes]
    rest = run.measured.cells.count - len(DIVIDING)
    assert counted == [("dense", "致密", len(DIVIDING)), ("loose", "疏松", rest)]
    version = laboratory.parts.models.get_version(run.organisation_id, run.version_id)
    (finding,) = findings_of(version.contract, [run])
    assert (finding["kind"], finding["number"]) == ("count", len(DIVIDING))


def test_the_report_counts_each_class(laboratory: Laboratory, run: InferenceRun) -> None:
    groups = groups_of(report(laboratory, run))
    assert run.measured is not None
    for name, count in (("dense", len(DIVIDING)), ("loose", len(nuclei_middles()) - len(DIVIDING))):
        numbers = groups[f"nuclei/{name}"]["numbers"]
        assert numbers["number", ""] == (count, "1")
        assert numbers["density", ""][0] == pytest.approx(count / run.measured.looked_mm2)


@pytest.mark.parametrize("form", ["geojson", "csv", "parquet"])
def test_tables_of_cells_have_the_class_of_each(
    laboratory: Laboratory, run: InferenceRun, form: str, tmp_path: Path
) -> None:
    opened = laboratory.parts.layers.export(laboratory.actor, run.image_id, run.layers[0], form)
    content = b"".join({"geojson": as_geojson, "csv": as_csv, "parquet": as_parquet}[form](opened))
    engine = f"CPUExecutionProvider (onnxruntime {onnxruntime.__version__}; 1 at once)"
    if form == "geojson":
        assert json.loads(content)["hemalum"]["computed_on"] == [engine]
        cells = [each["properties"] for each in json.loads(content)["features"]]
        names = [each["classification"]["name"] for each in cells]
        assert all(0.5 < each["measurements"]["class probability"] <= 1 for each in cells)
    elif form == "csv":
        names = [row["class"] for row in csv.DictReader(io.StringIO(content.decode()))]
    else:
        (tmp_path / "cells.parquet").write_bytes(content)
        table = pq.read_table(tmp_path / "cells.parquet")
        assert json.loads(table.schema.metadata[b"hemalum"])["computed_on"] == [engine]
        names = table["class"].to_pylist()
    assert names.count("Dense") == len(DIVIDING)
    assert set(names) == {"Dense", "Loose"}


def test_annotations_of_each_class_are_a_group(laboratory: Laboratory, run: InferenceRun) -> None:
    _, content = laboratory.parts.layers.export_dicom(laboratory.actor, run.image_id, run.layers[0])
    read = highdicom.ann.annread(io.BytesIO(content))
    found = {each.label: each.number_of_annotations for each in read.get_annotation_groups()}
    assert found == {"Dense": len(DIVIDING), "Loose": len(nuclei_middles()) - len(DIVIDING)}
