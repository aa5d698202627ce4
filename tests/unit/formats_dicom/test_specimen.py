"""The specimen of the metadata profile in DICOM headers, there and back."""

import io
import shutil
import subprocess

import highdicom
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from hemalum.formats.dicom.series import write_series
from hemalum.formats.dicom.specimen import read_specimen, write_specimen
from hemalum.formats.profile.record import Concept, Specimen
from hemalum.formats.profile.terms import Code, Kind, Words, terms_of
from hemalum.formats.wsi.dicom import open_dicom


def _concepts(kind: Kind) -> st.SearchStrategy[Concept]:
    return st.sampled_from(terms_of(kind)).map(lambda term: Concept(term.codes))


@st.composite
def specimens(draw: st.DrawFn) -> Specimen:
    """Specimens with a site or a stain, so that there is something to read."""
    rest = [draw(st.none() | _concepts(kind)) for kind in (Kind.COLLECTION, Kind.FIXATIVE, Kind.EMBEDDING)]
    side = draw(st.none() | _concepts(Kind.LATERALITY))
    thickness_um = draw(st.none() | st.integers(5, 50_000).map(lambda hundredths: hundredths / 100))
    return Specimen(
        "S26-1-A-1-1",
        draw(_concepts(Kind.SITE)),
        side,
        *rest,
        thickness_um,
        draw(st.none() | _concepts(Kind.STAIN)),
    )


def _through_a_file(item: Dataset) -> Dataset:
    whole = Dataset()
    whole.SpecimenDescriptionSequence = Sequence([item])
    content = io.BytesIO()
    pydicom.dcmwrite(content, whole, implicit_vr=False, little_endian=True)
    content.seek(0)
    return pydicom.dcmread(content, force=True).SpecimenDescriptionSequence[0]


@given(specimens())
def test_what_is_written_is_read(specimen: Specimen) -> None:
    item = Dataset()
    item.SpecimenIdentifier = specimen.identifier
    write_specimen(item, specimen)
    back = _through_a_file(item)
    assert read_specimen(back) == specimen
    for step in back.get("SpecimenPreparationSequence", []):
        if any(each.ValueType == "NUMERIC" for each in step.SpecimenPreparationStepContentItemSequence):
            continue  # PS3.3 table 10-2 has it, highdicom has not
        assert highdicom.SpecimenPreparationStep.from_dataset(step).specimen_id == specimen.identifier


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy of dicom3tools is not installed")
def test_a_whole_series_with_codes_is_valid_and_says_them(make_slide, tmp_path) -> None:
    codes = {
        kind: Concept(Words().find(kind, word).codes)
        for kind, word in (
            (Kind.SITE, "乳腺"),
            (Kind.LATERALITY, "左"),
            (Kind.COLLECTION, "活检"),
            (Kind.FIXATIVE, "10%中性福尔马林"),
            (Kind.EMBEDDING, "石蜡"),
            (Kind.STAIN, "HE、Ki-67"),
        )
    }
    specimen = Specimen("S26-1-A-1-1", *list(codes.values())[:5], 4.0, codes[Kind.STAIN])
    slide = make_slide(specimen=specimen.identifier, stain="HE、Ki-67", organ="乳腺", coded=specimen)
    paths = write_series(slide, tmp_path)
    for path in paths:
        checked = subprocess.run(["dciodvfy", path], capture_output=True, text=True, errors="replace")
        assert not [line for line in checked.stderr.splitlines() if line.startswith("Error")]
    with open_dicom(paths) as back:
        assert back.description.coded == specimen
        assert back.description.organ == "Breast"
        assert back.description.stain == "hematoxylin stain, water soluble eosin stain, Ki-67"


def test_headers_of_anybody_are_read_with_care() -> None:
    item = Dataset()
    assert read_specimen(item) is None
    item.SpecimenIdentifier = "x" * 64
    structure = Dataset()
    structure.CodeValue, structure.CodingSchemeDesignator = "T-1", "SRT"
    item.PrimaryAnatomicStructureSequence = Sequence([Dataset(), structure, structure])
    step = Dataset()
    step.SpecimenPreparationStepContentItemSequence = Sequence([Dataset()])
    item.SpecimenPreparationSequence = Sequence([Dataset(), step])
    found = read_specimen(item)
    assert found is not None
    assert found.site == Concept((Code("SRT", "T-1"),))
    assert found.stain is None
