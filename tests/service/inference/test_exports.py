"""What models said leaves the node as files that others read."""

import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pydicom
import pytest
import shapely
from click.testing import CliRunner

from hemalum.analysis.regions import find_regions
from hemalum.app.cli import hemalum, open_node
from hemalum.capabilities.inference.exporting import as_parquet
from hemalum.capabilities.inference.leaving import RunForm, export_as
from hemalum.capabilities.inference.model import InferenceRun, RunState
from hemalum.capabilities.inference.results import Gathered, gather
from hemalum.capabilities.layers.exporting import as_parquet as layer_as_parquet
from hemalum.formats.layers.parquet import look_through_parquet
from hemalum.formats.layers.segments import SegmentationForm
from hemalum.formats.model.contract import Status
from hemalum.kernel.errors import Conflict, NotFound
from hemalum.testing.heads import as_encoder
from hemalum.testing.models import scoring_network, telling_weights, without_golden

from .conftest import Laboratory


@pytest.fixture(scope="module")
def run(laboratory: Laboratory) -> InferenceRun:
    """Of a model that has codes and sometimes abstains."""
    coded = 'colour = "#7b3fa0"\ncode = { scheme = "SCT", value = "108369006", meaning = "Neoplasm" }'
    (run,) = laboratory.ran(
        laboratory.add(
            "taken-along",
            lambda text: without_golden(text.replace('colour = "#7b3fa0"', coded)),
            network=scoring_network(weights=telling_weights(laboratory.pictures["tissue"])),
        )
    )
    assert run.state is RunState.DONE, run.reason
    assert 0.1 < run.scores["violet"] < 0.9
    assert run.abstained > 0
    return run


def said(laboratory: Laboratory, run: InferenceRun) -> Gathered:
    taken = laboratory.inference.export(laboratory.actor, run.id)
    return gather(taken.version.contract, (80, 80), map(laboratory.parts.slides.blobs.get, taken.keys))


def test_classes_leave_as_a_segmentation_in_their_place(laboratory: Laboratory, run: InferenceRun) -> None:
    _, content = laboratory.inference.export_segmentation(laboratory.actor, run.id, SegmentationForm.CLASSES)
    read = highdicom.seg.segread(io.BytesIO(content))
    found = read.get_total_pixel_matrix()
    rows, columns = found.shape[:2]
    gathered = said(laboratory, run)
    assert gathered.values is not None
    silent, values = gathered.abstained[:rows, :columns], gathered.values[:rows, :columns]
    assert np.array_equal(found[..., 2] == 1, silent)
    violet = (values.argmax(axis=-1) == 0) & ~np.isnan(values[..., 0]) & ~silent
    assert np.array_equal(found[..., 0] == 1, violet)
    assert violet.sum() / (~np.isnan(values[..., 0]) & ~silent).sum() == pytest.approx(run.scores["violet"])
    first = read.get_segment_description(1)
    assert first.segment_label == "Violet"
    assert first.segmented_property_type.value == "108369006"
    assert first.SegmentationAlgorithmIdentificationSequence[0].AlgorithmParameters == (
        f"run={run.id},model-address={run.address},result-digest={run.digest}"
        f",engine-1=CPUExecutionProvider (onnxruntime {onnxruntime.__version__}; 1 at once)"
    )
    base = next(one for one in laboratory.parts.slides.list_instances(run.image_id) if one.level == 0)
    source = pydicom.dcmread(io.BytesIO(laboratory.parts.slides.read_header(base)), stop_before_pixels=True)
    assert read.FrameOfReferenceUID == source.FrameOfReferenceUID
    (referenced,) = read.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert referenced.ReferencedSOPInstanceUID == source.SOPInstanceUID
    assert read.PatientName == ""


def test_probabilities_leave_as_a_fractional_segmentation(laboratory: Laboratory, run: InferenceRun) -> None:
    _, content = laboratory.inference.export_segmentation(
        laboratory.actor, run.id, SegmentationForm.PROBABILITIES
    )
    found = highdicom.seg.segread(io.BytesIO(content)).get_total_pixel_matrix()
    rows, columns = found.shape[:2]
    gathered = said(laboratory, run)
    assert gathered.values is not None
    known = ~np.isnan(gathered.values[:rows, :columns, 0]) & ~gathered.abstained[:rows, :columns]
    wanted = gathered.values[:rows, :columns][known]
    assert found[known][:, :2] == pytest.approx(wanted, abs=0.5 / 255 + 1e-6)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
@pytest.mark.parametrize("form", list(SegmentationForm))
def test_a_segmentation_is_dicom_in_the_eyes_of_others(
    laboratory: Laboratory, run: InferenceRun, tmp_path: Path, form: SegmentationForm
) -> None:
    _, content = laboratory.inference.export_segmentation(laboratory.actor, run.id, form)
    (tmp_path / "mask.dcm").write_bytes(content)
    done = subprocess.run(
        ["dciodvfy", "-new", str(tmp_path / "mask.dcm")], capture_output=True, text=True, timeout=60
    )
    said = (done.stderr + done.stdout).splitlines()
    assert [line for line in said if line.startswith("Error")] == []


def test_what_is_no_probability_has_classes_alone(laboratory: Laboratory) -> None:
    version = laboratory.add(
        "scores-of-any-size", lambda text: text.replace("range = [0.0, 1.0]", "range = [0.0, 9.0]")
    )
    (run,) = laboratory.ran(version)
    with pytest.raises(Conflict, match="no probabilities"):
        laboratory.inference.export_segmentation(laboratory.actor, run.id, SegmentationForm.PROBABILITIES)
    assert laboratory.inference.export_segmentation(laboratory.actor, run.id, SegmentationForm.CLASSES)


def test_a_run_without_tissue_and_one_in_shadow_give_no_segmentation(laboratory: Laboratory) -> None:
    (nothing,) = laboratory.ran(laboratory.add("segments-nothing"), on="blank")
    with pytest.raises(Conflict, match="once the run is done"):
        laboratory.inference.export_segmentation(laboratory.actor, nothing.id, SegmentationForm.CLASSES)
    (unseen,) = laboratory.ran(laboratory.in_shadow(laboratory.add("segments-unseen")))
    with pytest.raises(NotFound):
        laboratory.inference.export_segmentation(laboratory.reader, unseen.id, SegmentationForm.CLASSES)


def test_patches_leave_as_parquet_with_what_made_them(laboratory: Laboratory, run: InferenceRun) -> None:
    taken = laboratory.inference.export(laboratory.actor, run.id)
    chunks = [laboratory.parts.slides.blobs.get(each) for each in taken.keys]
    table = pq.read_table(io.BytesIO(b"".join(as_parquet(taken, chunks))))
    assert table.column_names == [
        *("row", "column", "x_um", "y_um", "side_um", "abstained", "class", "violet", "other")
    ]
    assert table.num_rows == run.patches
    told = json.loads(table.schema.metadata[b"hemalum"])
    assert (told["model_id"], told["model_version"], told["address"]) == (
        run.model_id,
        run.model_version,
        run.address,
    )
    assert (told["image_id"], told["run_id"], told["digest"]) == (run.image_id, run.id, run.digest)
    (engine,) = told["engines"]
    assert (engine["provider"], engine["device"], engine["instead"]) == ("CPUExecutionProvider", None, None)
    assert engine["onnxruntime"] == onnxruntime.__version__
    rows = table.to_pydict()
    silent = np.array(rows["abstained"])
    assert silent.sum() == run.abstained
    assert [one is None for one in rows["violet"]] == silent.tolist()
    share = rows["class"].count("violet") / (~silent).sum()
    assert share == pytest.approx(run.scores["violet"])
    assert rows["x_um"][5] == rows["column"][5] * 16
    nothing = pq.read_table(io.BytesIO(b"".join(as_parquet(replace(taken, keys=[]), ()))))
    assert nothing.schema.names == table.schema.names
    assert nothing.num_rows == 0


def test_cells_leave_as_parquet_that_comes_back_as_a_layer(laboratory: Laboratory, tmp_path: Path) -> None:
    (run,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="nuclei")
    opened = laboratory.parts.layers.export(laboratory.actor, run.image_id, run.layers[0], "parquet")
    path = tmp_path / "cells.parquet"
    path.write_bytes(b"".join(layer_as_parquet(opened)))
    table = pq.read_table(path)
    assert table.num_rows == opened.layer.count
    found = look_through_parquet(path, None)
    assert (found.count, found.has_outlines) == (opened.layer.count, True)
    # What comes back has the classes that some cell is of.
    met = set(table.column("class").to_pylist())
    assert {each.name for each in found.classes} == met <= {each.name for each in opened.layer.classes}
    assert {"x_um", "y_um", "area_um2", "feret_s_diameter_um", "circularity"} <= set(table.column_names)
    told = json.loads(table.schema.metadata[b"hemalum"])
    assert (told["producer"], told["producer_version"]) == (run.model_id, run.model_version)


def features(laboratory: Laboratory, run: InferenceRun) -> list[dict[str, Any]]:
    _, pieces = export_as(laboratory.inference, laboratory.actor, run.id, RunForm.GEOJSON)
    made: dict[str, Any] = json.loads(b"".join(pieces))
    assert made["type"] == "FeatureCollection"
    found: list[dict[str, Any]] = made["features"]
    return found


def test_regions_leave_as_annotations_that_cover_just_their_patches(
    laboratory: Laboratory, run: InferenceRun
) -> None:
    found = features(laboratory, run)
    gathered = said(laboratory, run)
    assert gathered.values is not None
    silent = gathered.abstained
    violet = (gathered.values.argmax(axis=-1) == 0) & ~np.isnan(gathered.values[..., 0]) & ~silent
    for name, members in (("Violet", violet), ("Abstained", silent)):
        ours = [one for one in found if one["properties"]["classification"]["name"] == name]
        shapes = [shapely.geometry.shape(one["geometry"]) for one in ours]
        assert all(one.is_valid for one in shapes)
        assert len(ours) == find_regions(members).count
        # A patch has 32 px, of 16 um.
        whole = shapely.union_all(shapes)
        assert whole.area == members.sum() * 32**2
        row, column = np.argwhere(members)[3]
        assert whole.contains(shapely.Point(column * 32 + 16, row * 32 + 16))
        mm2 = sum(one["properties"]["measurements"]["area [mm2]"] for one in ours)
        assert mm2 == pytest.approx(members.sum() * 0.016**2)
    one = next(one for one in found if one["properties"]["classification"]["name"] == "Violet")
    assert one["properties"]["objectType"] == "annotation"
    assert one["properties"]["classification"]["color"] == [0x7B, 0x3F, 0xA0]
    assert 0.5 < one["properties"]["measurements"]["mean"] <= 1
    assert one["properties"]["metadata"]["run"] == run.id


def test_cells_of_a_run_in_shadow_leave_though_they_are_drawn_nowhere(laboratory: Laboratory) -> None:
    shipped = laboratory.shipped("hemalum.nuclei")
    (drawn,) = laboratory.ran(shipped, on="nuclei")
    shadow = laboratory.in_shadow(shipped)
    (run,) = laboratory.ran(shadow, on="nuclei")
    laboratory.parts.models.set_status(laboratory.actor, shadow.id, Status.RESEARCH, "back for other tests")
    assert (run.is_shadow, run.layers) == (True, ())
    found = features(laboratory, run)
    (layer,) = [one for one in laboratory.parts.layers.list_all(drawn.image_id) if one.id in drawn.layers]
    assert len(found) == layer.count == run.measured.cells.count  # type: ignore[union-attr]
    one = found[0]["properties"]
    assert one["objectType"] == "detection"
    assert {"area [um2]", "circularity", "class probability"} <= set(one["measurements"])
    assert all(shapely.geometry.shape(one["geometry"]).is_valid for one in found)
    with pytest.raises(NotFound):
        export_as(laboratory.inference, laboratory.reader, run.id, RunForm.GEOJSON)


def test_what_outlines_nothing_has_no_geojson(laboratory: Laboratory) -> None:
    (nothing,) = laboratory.ran(laboratory.shipped("hemalum.nuclei"), on="blank")
    encoder = laboratory.add("outlines-nothing", as_encoder)
    (run,) = laboratory.ran(encoder)
    for one, why in ((nothing, "once the run is done"), (run, "outlines nothing")):
        with pytest.raises(Conflict, match=why):
            export_as(laboratory.inference, laboratory.actor, one.id, RunForm.GEOJSON)


def test_the_command_writes_them(laboratory: Laboratory, run: InferenceRun, tmp_path: Path) -> None:
    data = ["--data", str(laboratory.parts.settings.data)]
    mask, table, outlines = (tmp_path / name for name in ("mask.dcm", "patches.csv", "run.geojson"))
    for form, target in (("seg-classes", mask), ("csv", table), ("geojson", outlines)):
        done = CliRunner().invoke(
            hemalum,
            ["models", "export-run", *data, "--form", form, "--to", str(target), run.id],
            obj=open_node,
        )
        assert done.exit_code == 0, done.output
    assert pydicom.dcmread(mask).Modality == "SEG"
    assert table.read_text().startswith("x_um,y_um,side_um,abstained,violet,other")
    assert json.loads(outlines.read_text())["features"]
    cells = tmp_path / "layer.dcm"
    done = CliRunner().invoke(
        hemalum,
        ["layers", "export", *data, "--form", "dicom", "--to", str(cells), run.image_id, run.layers[0]],
        obj=open_node,
    )
    assert done.exit_code == 0, done.output
    assert pydicom.dcmread(cells).SOPClassUID == "1.2.840.10008.5.1.4.1.1.30"
