"""What a model said of patches as a DICOM Segmentation: written, and read back by highdicom and pydicom."""

import io
from typing import Any

import highdicom
import msgspec
import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose

from hemalum.formats.layers.segmentation import write_segmentation
from hemalum.formats.layers.segments import SegmentationForm, SegmentNamed
from hemalum.testing import samples

PITCH_PX = 1.5
ROWS, COLUMNS = 290, 408
SEGMENTS = (
    SegmentNamed("tumour", "Tumour", "#cc3311", ("SCT", "108369006", "Neoplasm")),
    SegmentNamed("stroma", "Stroma"),
)


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = samples.dicom_slide(tmp_path_factory.mktemp("slide"))
    written = io.BytesIO()
    pydicom.dcmwrite(written, pydicom.dcmread(made.path, stop_before_pixels=True))
    return written.getvalue()


def raster() -> dict[str, Any]:
    """Two classes over more than one tile: a part without tissue, a part where the model abstained."""
    random = np.random.default_rng(7)
    tumour = random.random((ROWS, COLUMNS)).astype(np.float32)
    values = np.stack([tumour, 1 - tumour], axis=-1)
    values[:, 350:] = np.nan
    abstained = np.zeros((ROWS, COLUMNS), bool)
    abstained[20:60, 30:90] = True
    return {"values": values, "predicted": values.argmax(axis=-1), "abstained": abstained}


def written(header: bytes, form: SegmentationForm, arrays: dict[str, Any]) -> highdicom.seg.Segmentation:
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    content = write_segmentation(
        header,
        packed.getvalue(),
        form.value,
        [msgspec.to_builtins(each) for each in SEGMENTS],
        ["sample.violet", "1.2.0"],
        {"run": "r1", "engine-1": "CPUExecutionProvider (onnxruntime 1.23.2; 1 at once)"},
        "Violet share",
        pitch_px=PITCH_PX,
        origin_px=(0.0, 0.0),
        names_patient=False,
    )
    return highdicom.seg.segread(io.BytesIO(content))


def test_classes_come_back_as_a_tiled_binary_segmentation(header: bytes) -> None:
    arrays = raster()
    read = written(header, SegmentationForm.CLASSES, arrays)
    assert read.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.4"
    assert read.SegmentationType == "BINARY"
    assert (read.Rows, read.Columns) == (256, 256)
    assert (read.TotalPixelMatrixRows, read.TotalPixelMatrixColumns) == (ROWS, COLUMNS)
    found = read.get_total_pixel_matrix()
    said = ~np.isnan(arrays["values"][..., 0]) & ~arrays["abstained"]
    for number in (0, 1):
        assert np.array_equal(found[..., number] == 1, said & (arrays["predicted"] == number))
    assert np.array_equal(found[..., 2] == 1, arrays["abstained"])
    labels = [read.get_segment_description(number).segment_label for number in (1, 2, 3)]
    assert labels == ["Tumour", "Stroma", "Abstained"]
    tumour, stroma = (read.get_segment_description(number) for number in (1, 2))
    assert (tumour.segmented_property_type.scheme_designator, tumour.segmented_property_type.value) == (
        "SCT",
        "108369006",
    )
    assert stroma.segmented_property_type.value == "stroma"
    (algorithm,) = tumour.SegmentationAlgorithmIdentificationSequence
    assert (algorithm.AlgorithmName, algorithm.AlgorithmVersion) == ("sample.violet", "1.2.0")


def test_probabilities_come_back_in_255_steps_and_abstaining_is_no_low_one(header: bytes) -> None:
    arrays = raster()
    read = written(header, SegmentationForm.PROBABILITIES, arrays)
    assert (read.SegmentationType, read.SegmentationFractionalType) == ("FRACTIONAL", "PROBABILITY")
    found = read.get_total_pixel_matrix()
    said = ~np.isnan(arrays["values"][..., 0]) & ~arrays["abstained"]
    assert_allclose(found[said][:, :2], arrays["values"][said], atol=0.5 / 255 + 1e-6)
    assert np.array_equal(found[..., 2] == 1, arrays["abstained"])
    assert not found[~said][:, :2].any()


def test_it_lies_where_the_patches_lie_on_the_glass(header: bytes) -> None:
    source = pydicom.dcmread(io.BytesIO(header))
    read = written(header, SegmentationForm.CLASSES, raster())
    assert read.FrameOfReferenceUID == source.FrameOfReferenceUID
    (shared,) = read.SharedFunctionalGroupsSequence
    spacing_mm = [float(each) for each in shared.PixelMeasuresSequence[0].PixelSpacing]
    assert spacing_mm == pytest.approx([PITCH_PX * samples.SPACING_UM / 1000] * 2)
    to_glass = highdicom.spatial.PixelToReferenceTransformer.for_image(source, for_total_pixel_matrix=True)
    of_mask = highdicom.spatial.PixelToReferenceTransformer.for_image(read, for_total_pixel_matrix=True)
    # The middle of a patch, in pixels of the slide and in pixels of the mask.
    middle = np.array([[(100 + 0.5) * PITCH_PX - 0.5, (40 + 0.5) * PITCH_PX - 0.5]])
    of_slide = to_glass(np.rint(middle).astype(int))
    assert_allclose(of_mask(np.array([[100, 40]])), of_slide, atol=samples.SPACING_UM / 1000)
