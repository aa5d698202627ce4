"""The DICOM headers that are kept of originals: whole, in bounds, or refused in one sentence."""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hemalum.formats.dicom.bulk_data import with_whole_addresses
from hemalum.formats.wsi import open_slide
from hemalum.formats.wsi.indexed import IndexedSlide
from hemalum.formats.wsi.instances import write_instances
from hemalum.kernel.errors import UnreadableSlide
from hemalum.testing import samples


def prepared(folder: Path, path: Path) -> tuple[dict[str, Any], Path]:
    """Arguments for one DICOM file, and the folder that is written to."""
    out = folder / "out"
    out.mkdir()
    with open_slide([path]) as slide:
        assert isinstance(slide, IndexedSlide)
        (folder / "description.json").write_bytes(msgspec.json.encode(slide.description))
        (folder / "index.hfi").write_bytes(slide.frame_index.to_bytes())
    return {
        "description": str(folder / "description.json"),
        "index": str(folder / "index.hfi"),
        "objects": [str(path)],
        "pictures": {},
        "seed": "x",
        "out_dir": str(out),
    }, out


@pytest.fixture
def sparse(tmp_path: Path) -> Path:
    """A DICOM file that says of each frame where it lies, with a colour profile."""
    path = samples.dicom_slide(tmp_path).path
    dataset = pydicom.dcmread(path)
    dataset.DimensionOrganizationType = "TILED_SPARSE"
    columns = -(-dataset.TotalPixelMatrixColumns // dataset.Columns)
    groups = []
    for number in range(dataset.NumberOfFrames):
        row, column = divmod(number, columns)
        position = Dataset()
        position.ColumnPositionInTotalImagePixelMatrix = 1 + column * dataset.Columns
        position.RowPositionInTotalImagePixelMatrix = 1 + row * dataset.Rows
        group = Dataset()
        group.PlanePositionSlideSequence = Sequence([position])
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    dataset.OpticalPathSequence[0].ICCProfile = bytes(1000)
    dataset.ImageComments = 'A "BulkDataURI":"bulkdata/ in a text'
    dataset.LongCodeValue = "long " * 4000
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def test_an_original_keeps_its_header_and_says_it_in_json(tmp_path: Path, sparse: Path) -> None:
    arguments, out = prepared(tmp_path, sparse)
    (instance,) = write_instances(**arguments)["instances"]
    original = pydicom.dcmread(sparse, stop_before_pixels=True)
    head = (out / "instance-0.head").read_bytes()
    assert len(original.PerFrameFunctionalGroupsSequence) == original.NumberOfFrames
    del original.PerFrameFunctionalGroupsSequence
    assert pydicom.dcmread(io.BytesIO(head)) == original
    assert (instance["level"], instance["object_number"]) == (0, 0)
    assert instance["sop_instance_uid"] == original.SOPInstanceUID
    assert instance["number_of_frames"] == original.NumberOfFrames
    whole = json.loads((out / "instance-0.json").read_bytes())
    assert len(whole["52009230"]["Value"]) == original.NumberOfFrames
    short = json.loads(instance["search_json"])
    assert short.items() <= whole.items()
    assert whole.keys() - short.keys() == {"52009230", "00080119"}


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_only_addresses_are_made_whole(tmp_path: Path, sparse: Path, size: int) -> None:
    arguments, out = prepared(tmp_path, sparse)
    write_instances(**arguments)
    encoded = (out / "instance-0.json").read_bytes()
    pieces = [encoded[at : at + size] for at in range(0, len(encoded), size)]
    served = json.loads(b"".join(with_whole_addresses(pieces, 'http://there"/instances/1')))
    profile = served["00480105"]["Value"][0]["00282000"]
    assert profile == {"vr": "OB", "BulkDataURI": "http://there%22/instances/1/bulkdata/00480105/0/00282000"}
    assert served["00204000"]["Value"] == ['A "BulkDataURI":"bulkdata/ in a text']


@pytest.mark.parametrize("keyword", ["SOPInstanceUID", "StudyInstanceUID", "NumberOfFrames"])
def test_damage_is_told_in_one_sentence(tmp_path: Path, sparse: Path, keyword: str) -> None:
    arguments, _ = prepared(tmp_path, sparse)
    dataset = pydicom.dcmread(sparse)
    with pydicom.config.disable_value_validation():
        dataset[keyword] = pydicom.DataElement(keyword, "LO", "not this")
        dataset.save_as(sparse)
    with pytest.raises(UnreadableSlide, match=r"^[A-Z][^.]*\.$"):
        write_instances(**arguments)


def test_a_truncated_header_is_refused(tmp_path: Path, sparse: Path) -> None:
    arguments, _ = prepared(tmp_path, sparse)
    sparse.write_bytes(sparse.read_bytes()[:700])
    with pytest.raises(UnreadableSlide, match="truncated"):
        write_instances(**arguments)
