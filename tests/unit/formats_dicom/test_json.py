"""The DICOM JSON model."""

import json
import math
from dataclasses import replace

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hemalum.formats.dicom.header import read_header
from hemalum.formats.dicom.json import bulk_value, from_json, to_json, to_json_bytes
from hemalum.formats.dicom.json_groups import instance_json
from hemalum.formats.dicom.uids import series_uids
from hemalum.formats.dicom.wsi_header import build_headers
from hemalum.formats.wsi.source import FileSource
from hemalum.kernel.errors import UnreadableSlide


def uri(path):
    return "bulk/" + "/".join(path)


def test_a_header_goes_there_and_back(make_slide):
    slide = make_slide(stain="H&E 苏木精")
    (header, _) = build_headers(
        slide.description, slide.frame_index, slide.sources, series_uids("x", slide.description)
    )
    encoded = to_json_bytes(header.dataset, uri)
    assert len(encoded) < 8_000
    model = json.loads(encoded)
    back = from_json(model)
    profile = header.dataset.OpticalPathSequence[0].ICCProfile
    del header.dataset.OpticalPathSequence[0].ICCProfile
    back.OpticalPathSequence[0].pop("ICCProfile")
    assert back == header.dataset
    assert model["00480105"]["Value"][0]["00282000"] == {
        "vr": "OB",
        "BulkDataURI": "bulk/00480105/0/00282000",
    }
    header.dataset.OpticalPathSequence[0].ICCProfile = profile
    assert bulk_value(header.dataset, ("00480105", "0", "00282000")) == profile


def test_agrees_with_pydicom(make_slide):
    slide = make_slide(acquired_at="2024-05-06T07:08:09+08:00")
    header = build_headers(
        slide.description, slide.frame_index, slide.sources, series_uids("x", slide.description)
    )[0]
    theirs = header.dataset.to_json_dict(
        bulk_data_threshold=256, bulk_data_element_handler=lambda element: "there"
    )
    mine = json.loads(to_json_bytes(header.dataset, lambda _: "there"))
    assert mine == without_empty_values(json.loads(json.dumps(theirs)))


def without_empty_values(model):
    """pydicom writes an empty Value for empty sequences; PS3.18 F.2.5 wants none."""
    if isinstance(model, list):
        return [without_empty_values(part) for part in model]
    if not isinstance(model, dict):
        return model
    return {key: without_empty_values(part) for key, part in model.items() if (key, part) != ("Value", [])}


@pytest.mark.parametrize("path", [("00480105", "7", "00282000"), ("00480105",), ("zz",), ("00080060",), ()])
def test_paths_that_lead_nowhere(path):
    dataset = Dataset()
    dataset.Modality = "SM"
    dataset.OpticalPathSequence = Sequence([Dataset()])
    assert bulk_value(dataset, path) is None


def test_names_empty_values_and_damaged_ones():
    dataset = Dataset()
    dataset.PatientName = "Li^Na=李^娜"
    dataset.PatientID = ""
    dataset.ImageType = ["A", "", "B"]
    dataset.FrameIncrementPointer = 0x00181063
    dataset.add(pydicom.dataelem.RawDataElement(pydicom.tag.Tag(0x00280008), "IS", 3, b"abc", 0, False, True))
    model = to_json(dataset, uri)
    assert model["00100010"]["Value"] == [{"Alphabetic": "Li^Na", "Ideographic": "李^娜"}]
    assert model["00100020"] == {"vr": "LO"}
    assert model["00080008"]["Value"] == ["A", None, "B"]
    assert model["00280009"]["Value"] == ["00181063"]
    assert "Value" not in model["00280008"]


@pytest.fixture
def unvalidated():
    with pydicom.config.disable_value_validation():
        yield


@pytest.mark.usefixtures("unvalidated")
def test_numbers_that_json_has_not_are_given_as_none(tmp_path):
    inner = Dataset()
    inner.XOffsetInSlideCoordinateSystem = "NaN"
    inner.RecommendedDisplayFrameRateInFloat = math.inf
    inner.SelectorFDValue = [math.nan, 2.5]
    inner.SelectorISValue = "9" * 400
    group = Dataset()
    group.PlanePositionSlideSequence = Sequence([inner])
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.6", "1.2.3"
    dataset.PatientWeight = "inf"
    dataset.SelectorFDValue = [math.inf, 0.5]
    dataset.PerFrameFunctionalGroupsSequence = Sequence([group])
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    dataset.save_as(tmp_path / "x.dcm", enforce_file_format=True)
    with FileSource(tmp_path / "x.dcm") as source:
        model = json.loads(instance_json(read_header(source), uri), parse_constant=pytest.fail)
    assert model["00101030"] == {"vr": "DS"}
    assert model["00720074"]["Value"] == [None, 0.5]
    position = model["52009230"]["Value"][0]["0048021A"]["Value"][0]
    assert position["0040072A"] == {"vr": "DS"}
    assert position["00089459"] == {"vr": "FL"}
    assert position["00720064"] == {"vr": "IS"}
    assert position["00720074"]["Value"] == [None, 2.5]


@pytest.mark.parametrize("implicit", [False, True])
def test_per_frame_groups_agree_with_pydicom(tmp_path, implicit):
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.6", "1.2.3"
    groups = []
    for number in range(3):
        position = Dataset()
        position.XOffsetInSlideCoordinateSystem = 1.5 * number
        position.ColumnPositionInTotalImagePixelMatrix = 1 + 64 * number
        content = Dataset()
        content.DimensionIndexValues = [number + 1, 1]
        content.FrameComments = "deep, and so on"
        content.FrameAcquisitionDateTime = ""
        content.DimensionIndexPointer = 0x0048021F
        content.FrameReferenceDateTime = "20240506"
        content.PatientName = "Li^Na"
        content.ImageType = ["A", "B"]
        content.SourceImageSequence = Sequence([])
        content.IconImageSequence = Sequence([Dataset()])
        content.PurposeOfReferenceCodeSequence = Sequence([position])
        group = Dataset()
        group.FrameContentSequence = Sequence([content])
        group.PlanePositionSlideSequence = Sequence([position])
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2" + ("" if implicit else ".1")
    path = tmp_path / "x.dcm"
    dataset.save_as(path, enforce_file_format=True)
    with FileSource(path) as source:
        header = read_header(source)
        mine = json.loads(instance_json(header, uri))
        assert header.length == source.size
    theirs = pydicom.dcmread(path).to_json_dict()
    assert mine == without_empty_values(json.loads(json.dumps(theirs)))
    with pytest.raises(UnreadableSlide, match="damaged"):
        instance_json(replace(header, per_frame=header.per_frame[:-9]), uri)
