"""DICOM objects about a slide: written, read back, and looked at by pydicom alone."""

import io
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pydicom
import pytest
from highdicom.sr import srread

from hemalum.formats.annotations.dicom_bulk import read_bulk, write_bulk
from hemalum.formats.annotations.dicom_report import read_report, write_report
from hemalum.formats.annotations.dicom_source import read_object
from hemalum.formats.annotations.files import FileForm, form_of, read_file
from hemalum.formats.annotations.geometry import check_geometry
from hemalum.formats.annotations.model import Annotation, AnnotationKind, Box
from hemalum.kernel.errors import Invalid
from hemalum.kernel.geometry import PixelSize
from hemalum.testing import samples

TRIANGLE = [[0.5, 0.25], [10, 0], [10, 10], [0.5, 0.25]]
HOLE = [[5, 2], [6, 2], [6, 3], [5, 2]]


def drawn(number: int, kind: str, form: str, coordinates: Any, **fields: Any) -> Annotation:
    geometry = {"type": form, "coordinates": coordinates}
    return Annotation(f"annotation-{number}", AnnotationKind(kind), geometry, **fields)


ANNOTATIONS = [
    drawn(1, "polygon", "Polygon", [TRIANGLE], class_name="Tumor", name="A"),
    drawn(
        2, "brush", "MultiPolygon", [[TRIANGLE], [[[20, 0], [30, 0], [30, 9], [20, 0]]]], class_name="Tumor"
    ),
    drawn(3, "ruler", "LineString", [[1, 2], [3, 4.125]]),
    drawn(4, "point", "Point", [7.5, 8.5], class_name="A class with a very long name"),
    drawn(5, "points", "MultiPoint", [[1, 1], [2, 2]]),
    drawn(6, "ellipse", "Polygon", [TRIANGLE], shape=Box(10, 20, 8, 30, 30), class_name="Stroma"),
    drawn(7, "polygon", "Polygon", [TRIANGLE, HOLE]),
]
MEASURED = [
    {"area_um2": 12.5, "perimeter_um": 9.25},
    {"area_um2": 3.5, "perimeter_um": 7.25},
    {"length_um": 4.5},
    {},
    {},
    {"area_um2": 1.0, "perimeter_um": 2.0},
    {},
]


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A slide of a patient, up to its pixels."""
    made = samples.dicom_slide(tmp_path_factory.mktemp("slide"))
    dataset = pydicom.dcmread(made.path, stop_before_pixels=True)
    dataset.PatientName, dataset.PatientID = "Li^Wei", "PID-4711"
    written = io.BytesIO()
    pydicom.dcmwrite(written, dataset)
    return written.getvalue()


def arguments(header: bytes, *, names_patient: bool = False) -> dict[str, Any]:
    return {
        "header": header,
        "annotations": [msgspec.to_builtins(each) for each in ANNOTATIONS],
        "measured": MEASURED,
        "names_patient": names_patient,
        "creator": "Li",
    }


def bulk(header: bytes, **more: Any) -> dict[str, Any]:
    return write_bulk(**arguments(header, **more), colours={"Tumor": "#D55E00"})


def uid_of(header: bytes) -> str:
    return str(pydicom.dcmread(io.BytesIO(header)).SOPInstanceUID)


def test_bulk_annotations_come_back(header: bytes) -> None:
    answer = bulk(header)
    assert answer["left_out"] == 1
    assert form_of(answer["content"]) is FileForm.DICOM
    read = read_bulk(read_object(answer["content"]), {uid_of(header): 1.0})
    assert read.skipped == []
    found = [(one.class_name, one.kind.value, one.geometry["coordinates"]) for one in read.annotations]
    assert ("Tumor", "polygon", [TRIANGLE]) in found
    assert ("Tumor", "polygon", [[[20, 0], [30, 0], [30, 9], [20, 0]]]) in found
    assert (None, "line", [[1, 2], [3, 4.125]]) in found
    assert ("A class with a very long name", "point", [7.5, 8.5]) in found
    assert (None, "point", [2, 2]) in found
    assert len(found) == 3 + 1 + 1 + 2 + 1
    [ellipse] = [one for one in read.annotations if one.kind is AnnotationKind.ELLIPSE]
    assert ellipse.shape is not None
    # The same ellipse in other words: the longer axis first, a quarter turn on.
    assert (ellipse.shape.width, ellipse.shape.height) == (pytest.approx(30), pytest.approx(8))
    assert math.cos(2 * math.radians(ellipse.shape.angle - 120)) == pytest.approx(1)
    check_geometry(ellipse.geometry, PixelSize(100, 100))


def test_bulk_annotations_as_pydicom_sees_them(header: bytes) -> None:
    source = pydicom.dcmread(io.BytesIO(header))
    made = pydicom.dcmread(io.BytesIO(bulk(header)["content"]))
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.91.1"
    assert made.StudyInstanceUID == source.StudyInstanceUID
    assert made.SeriesInstanceUID != source.SeriesInstanceUID
    assert (made.Modality, made.AnnotationCoordinateType) == ("ANN", "2D")
    assert made.PixelOriginInterpretation == "VOLUME"
    referenced = made.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert referenced.ReferencedSOPInstanceUID == source.SOPInstanceUID
    tumor = next(group for group in made.AnnotationGroupSequence if group.AnnotationGroupLabel == "Tumor")
    assert (tumor.GraphicType, tumor.NumberOfAnnotations) == ("POLYGON", 3)
    places = np.frombuffer(tumor.DoublePointCoordinatesData, dtype="<f8").reshape(-1, 2)
    assert places[:3].tolist() == TRIANGLE[:-1]
    assert "MeasurementsSequence" not in tumor, "parts of a whole have no measurements of their own"
    lines = next(group for group in made.AnnotationGroupSequence if group.GraphicType == "POLYLINE")
    measured = lines.MeasurementsSequence[0]
    assert measured.ConceptNameCodeSequence[0].CodeMeaning == "Length"
    values = np.frombuffer(measured.MeasurementValuesSequence[0].FloatingPointValues, dtype="<f4")
    assert values.tolist() == [4.5]


def test_the_patient_is_named_to_whoever_may_know(header: bytes) -> None:
    for write in (bulk, lambda *args, **more: write_report(**arguments(*args, **more))):
        kept = pydicom.dcmread(io.BytesIO(write(header, names_patient=True)["content"]))
        assert (str(kept.PatientName), kept.PatientID) == ("Li^Wei", "PID-4711")
        content = write(header)["content"]
        assert b"PID-4711" not in content
        assert b"Li^Wei" not in content


def test_a_report_by_tid_1500(header: bytes) -> None:
    answer = write_report(**arguments(header))
    assert answer["left_out"] == 2, "several parts, and a hole"
    report = srread(io.BytesIO(answer["content"]))
    [planar] = [
        group
        for group in report.content.get_planar_roi_measurement_groups()
        if group.tracking_identifier == "A"
    ]
    assert planar.finding_type.meaning == "Tumor"
    assert planar.roi.value.tolist() == TRIANGLE
    assert {one.name.meaning: (one.value, one.unit.value) for one in planar.get_measurements()} == {
        "Area": (12.5, "um2"),
        "Perimeter": (9.25, "um"),
    }
    [line] = [
        group
        for group in report.content.get_image_measurement_groups()
        if group.tracking_identifier == "annotation-3"
    ]
    assert [(one.name.meaning, one.value) for one in line.get_measurements()] == [("Length", 4.5)]
    seen = pydicom.dcmread(io.BytesIO(answer["content"]))
    assert seen.Modality == "SR"
    assert seen.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert seen.ConceptNameCodeSequence[0].CodeMeaning == "Imaging Measurement Report"


def test_a_report_comes_back(header: bytes) -> None:
    content = write_report(**arguments(header))["content"]
    assert form_of(content) is FileForm.DICOM
    read = read_report(read_object(content), {uid_of(header): 2.0})
    assert read.skipped == []
    found = {(one.name, one.class_name, one.kind.value) for one in read.annotations}
    assert found == {
        ("A", "Tumor", "polygon"),
        ("annotation-3", None, "line"),
        ("annotation-4", "A class with a very long name", "point"),
        ("annotation-5", None, "point"),
        ("annotation-6", "Stroma", "ellipse"),
    }
    triangle = next(one for one in read.annotations if one.name == "A")
    assert triangle.geometry["coordinates"] == [[[2 * x, 2 * y] for x, y in TRIANGLE]]
    line = next(one for one in read.annotations if one.name == "annotation-3")
    assert line.geometry["coordinates"] == [[2, 4], [6, 8.25]]
    [ellipse] = [one.shape for one in read.annotations if one.shape is not None]
    assert (ellipse.width, ellipse.height) == (pytest.approx(60), pytest.approx(16))


def test_what_a_report_says_otherwise_is_skipped_with_its_reason(header: bytes) -> None:
    report = read_object(write_report(**arguments(header))["content"])
    regions = [item for item in walk(report) if item.get("ValueType") == "SCOORD"]
    assert len(regions) == 6
    circle, glass, frame, elsewhere, short, unknown = regions
    circle.GraphicType, circle.GraphicData = "CIRCLE", [50, 50, 53, 54]
    glass.ValueType = "SCOORD3D"
    frame.PixelOriginInterpretation = "FRAME"
    elsewhere.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.3"
    short.GraphicType, short.GraphicData = "ELLIPSE", [1, 2]
    unknown.GraphicType = "INTERPOLATED"
    read = read_report(report, {uid_of(header): 1.0})
    [drawn] = read.annotations
    assert drawn.shape is not None
    assert (drawn.kind, drawn.shape.width, drawn.shape.height) == (AnnotationKind.ELLIPSE, 10, 10)
    assert (drawn.shape.x, drawn.shape.y) == (45, 45)
    check_geometry(drawn.geometry, PixelSize(100, 100))
    assert [str(one.why) for one in read.skipped] == [
        "It lies on the glass, not on the image.",
        "Its coordinates are those of a single frame.",
        "It belongs to another image.",
        "It has fewer corners than its kind needs.",
        "There is no such kind of annotation here.",
    ]


def walk(item: Any) -> Iterator[Any]:
    for child in item.get("ContentSequence") or ():
        yield child
        yield from walk(child)


def test_objects_about_another_image_are_refused(header: bytes) -> None:
    content = bulk(header)["content"]
    with pytest.raises(Invalid, match="another image"):
        read_bulk(read_object(content), {"1.2.3": 1.0})
    answer = read_file(content, None, 100, 100, {uid_of(header): 2.0})
    assert [1, 1] not in [one["geometry"]["coordinates"] for one in answer["annotations"]]
    assert [2, 2] in [one["geometry"]["coordinates"] for one in answer["annotations"]]
    with pytest.raises(Invalid, match="another image"):
        read_file(write_report(**arguments(header))["content"], None, 100, 100, {"1.2.3": 1.0})
    with pytest.raises(Invalid, match="neither bulk annotations nor a structured report"):
        read_file(header, "dicom", 100, 100, {})
    with pytest.raises(Invalid, match="not a DICOM object"):
        read_object(content[:140])
    with pytest.raises(Invalid, match="nothing on this slide"):
        write_bulk(header, [], [], {}, names_patient=False, creator="Li")


def test_annotations_that_another_program_wrote(shared: Callable[[str], Path]) -> None:
    folder = shared("slides/dicom-objects")
    image = pydicom.dcmread(folder / "sm_image.dcm", stop_before_pixels=True)
    content = (folder / "sm_annotations.dcm").read_bytes()
    read = read_bulk(read_object(content), {str(image.SOPInstanceUID): 1.0})
    assert {(one.kind.value, one.class_name) for one in read.annotations} == {("point", "Nucleus")}


def test_what_is_written_is_dicom_in_the_eyes_of_dciodvfy(header: bytes, tmp_path: Path) -> None:
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")
    made = {"bulk": bulk(header)["content"], "report": write_report(**arguments(header))["content"]}
    found = {}
    for name, content in made.items():
        path = tmp_path / name
        path.write_bytes(content)
        done = subprocess.run([program, "-new", path], capture_output=True, text=True, timeout=60)
        lines = (done.stderr + done.stdout).splitlines()
        found[name] = [line for line in lines if line.startswith("Error")]
    # It misses a laterality of no body part, and complains of a coordinate that is not in the object.
    mistaken = ("Laterality(0020,0060)", "CommonZCoordinateValue(006a,0010)")
    assert [line for line in found["bulk"] if not any(each in line for each in mistaken)] == []
    assert b"\x6a\x00\x10\x00FD" not in made["bulk"]
    assert found["report"] == []
