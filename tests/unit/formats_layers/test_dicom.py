"""Layers as DICOM objects: written, and read back by highdicom and pydicom alone."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from highdicom.ann import MicroscopyBulkSimpleAnnotations
from numpy.testing import assert_allclose

from hemalum.formats.layers.cells import CellChunk, CellWriter
from hemalum.formats.layers.dicom import ABSTAINED_VALUE, NOT_LOOKED_AT, write_layer
from hemalum.formats.layers.heatmap import write_heatmap
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.kernel.errors import Invalid
from hemalum.testing import samples

WIDTH_PX, HEIGHT_PX = 612, 436
SQUARE = np.array([[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]])
PLACES = np.array([[100.5, 50.25], [300.0, 200.0], [40.0, 60.0]])
VALUES = np.array([[0.25, np.nan, 0.75], [1.0, 0.5, 0.0]], np.float32)


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = samples.dicom_slide(tmp_path_factory.mktemp("slide"))
    written = io.BytesIO()
    pydicom.dcmwrite(written, pydicom.dcmread(made.path, stop_before_pixels=True))
    return written.getvalue()


def cells(folder: Path) -> bytes:
    """Two nuclei with outlines and one without, of two classes."""
    columns = [ValueColumn("area", "um2"), ValueColumn("circularity")]
    names = classes_named(["Nucleus", "Mitosis"])
    writer = CellWriter(folder, WIDTH_PX, HEIGHT_PX, names, columns, has_outlines=True)
    corners = np.concatenate([SQUARE + PLACES[0], SQUARE + PLACES[1]])
    values = [np.array([16.0, 17.0, 5.0]), np.array([0.8, np.nan, 0.9])]
    writer.add(CellChunk(*PLACES.T, np.array([0, 0, 1]), values, np.array([4, 4, 0]), corners))
    writer.finish(folder / "cells.pack")
    writer.close()
    return (folder / "cells.pack").read_bytes()


def heatmap(folder: Path, values: np.ndarray = VALUES, abstained: np.ndarray | None = None) -> bytes:
    write_heatmap(
        folder / "heat.pack",
        values,
        ValueColumn("tumour"),
        width_px=WIDTH_PX,
        height_px=HEIGHT_PX,
        pitch_px=250.0,
        abstained=abstained,
    )
    return (folder / "heat.pack").read_bytes()


def test_cells_come_back_as_bulk_annotations(header: bytes, tmp_path: Path) -> None:
    content = write_layer(
        header,
        cells(tmp_path),
        "Nuclei",
        "model",
        ["hemalum.nuclei", "1.0.0"],
        names_patient=False,
        computed_on=["CPUExecutionProvider (onnxruntime 1.23.2; 1 at once)"],
    )
    read = MicroscopyBulkSimpleAnnotations.from_dataset(pydicom.dcmread(io.BytesIO(content)))
    source = pydicom.dcmread(io.BytesIO(header))
    referenced = read.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert referenced.ReferencedSOPInstanceUID == source.SOPInstanceUID
    nuclei, mitoses = read.get_annotation_groups()
    assert (nuclei.label, mitoses.label) == ("Nucleus", "Mitosis")
    assert nuclei.algorithm_type.value == "AUTOMATIC"
    assert nuclei.algorithm_identification.name == "hemalum.nuclei"
    assert nuclei.algorithm_identification.version == "1.0.0"
    stated = nuclei.algorithm_identification[0].AlgorithmParameters
    assert stated == "engine-1=CPUExecutionProvider (onnxruntime 1.23.2; 1 at once)"
    drawn = sorted((ring.tolist() for ring in nuclei.get_graphic_data("2D")), key=str)
    expected = sorted(((SQUARE + place).tolist() for place in PLACES[:2]), key=str)
    # The format of layers keeps places to a fraction of a pixel.
    assert_allclose(drawn, expected, atol=0.3)
    (point,) = mitoses.get_graphic_data("2D")
    assert_allclose(point, PLACES[2:], atol=0.3)
    names, values, units = nuclei.get_measurements()
    assert [name.meaning for name in names] == ["Area", "circularity"]
    assert [unit.value for unit in units] == ["um2", "1"]
    assert sorted(values[:, 0].tolist()) == [16.0, 17.0]
    assert np.isnan(values[:, 1]).sum() == 1


def test_a_heatmap_comes_back_as_a_parametric_map_in_its_place(header: bytes, tmp_path: Path) -> None:
    silent = np.array([[False, False, False], [False, True, False]])
    content = write_layer(
        header,
        heatmap(tmp_path, abstained=silent),
        "Tumour",
        "model",
        ["sample", "1.0.0"],
        names_patient=False,
    )
    read = pydicom.dcmread(io.BytesIO(content))
    assert read.SOPClassUID == "1.2.840.10008.5.1.4.1.1.30"
    assert (read.Rows, read.Columns, int(read.NumberOfFrames)) == (2, 3, 1)
    values = np.frombuffer(read.FloatPixelData, "<f4").reshape(2, 3)
    expected = np.array([[0.25, NOT_LOOKED_AT, 0.75], [1.0, ABSTAINED_VALUE, 0.0]], np.float32)
    assert_allclose(values, expected, rtol=1e-6)
    assert np.float32(read.FloatPixelPaddingValue) == np.float32(NOT_LOOKED_AT)
    assert np.float32(read.FloatPixelPaddingRangeLimit) == np.float32(ABSTAINED_VALUE)
    (shared,) = read.SharedFunctionalGroupsSequence
    spacing_mm = [float(each) for each in shared.PixelMeasuresSequence[0].PixelSpacing]
    assert spacing_mm == pytest.approx([250 * samples.SPACING_UM / 1000] * 2)
    source = pydicom.dcmread(io.BytesIO(header))
    assert read.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert read.StudyInstanceUID == source.StudyInstanceUID


def test_a_heatmap_without_a_value_has_no_such_object(header: bytes, tmp_path: Path) -> None:
    everywhere = heatmap(tmp_path, np.full((2, 3), np.nan, np.float32), np.ones((2, 3), bool))
    with pytest.raises(Invalid, match="abstained everywhere"):
        write_layer(header, everywhere, "Tumour", "model", ["sample", "1.0.0"], names_patient=False)
