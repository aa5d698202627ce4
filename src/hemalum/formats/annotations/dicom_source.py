"""What DICOM objects about a slide take over from it, and how our classes become codes."""

import importlib.metadata
import io
from typing import Any

import pydicom
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hemalum.kernel.errors import Invalid

CLASS_SCHEME = "99HEMALUM"
"""Private coding scheme (PS3.16 section 8.2) whose code values are the names of our classes."""
MANUFACTURER = "Hemalum"
SERIES_NUMBER = 1000
"""Far from those that scanners use."""

_LONGEST_TEXT = 64
_LONGEST_CODE = 200
_OF_PATIENT = (
    "AccessionNumber",
    "PatientAge",
    "PatientBirthDate",
    "PatientID",
    "PatientName",
    "PatientSex",
    "PatientSize",
    "PatientWeight",
    "ReferringPhysicianName",
    "StudyDescription",
    "StudyID",
)
"""What study and patient modules say of a person; what is asked for
may be empty (PS3.3 C.7.1.1, C.7.2.1: type 2)."""
_MAY_BE_EMPTY = ("StudyDate", "StudyTime")


def read_source(header: bytes, *, names_patient: bool) -> Any:
    """The data set of a level-0 instance; without `names_patient` it says nothing of a patient."""
    source = pydicom.dcmread(io.BytesIO(header), stop_before_pixels=True)
    for name in _OF_PATIENT:
        if name not in source or not names_patient:
            setattr(source, name, "")
    for name in _MAY_BE_EMPTY:
        if name not in source:
            setattr(source, name, "")
    return source


def read_object(content: bytes) -> Any:
    """A DICOM object.

    Raises:
        Invalid: it is none.
    """
    try:
        dataset = pydicom.dcmread(io.BytesIO(content))
        dataset.SOPClassUID  # noqa: B018 - reading it is what fails
    except Exception as error:
        raise Invalid("The file is not a DICOM object that can be read.") from error
    return dataset


def referenced_by(dataset: Any) -> list[str]:
    """SOP Instance UIDs of the images that an object says it is about."""
    named = [
        image
        for series in dataset.get("ReferencedSeriesSequence") or ()
        for image in series.get("ReferencedInstanceSequence") or ()
    ]
    named += dataset.get("ReferencedImageSequence") or ()
    return [str(image.ReferencedSOPInstanceUID) for image in named]


def text_of(text: str, most: int = _LONGEST_TEXT) -> str:
    """A text as DICOM takes it: no backslash, which parts values, no control characters, not empty."""
    plain = "".join(each if each.isprintable() and each != "\\" else "/" for each in text)
    return plain.strip()[:most] or "-"


def person_of(name: str) -> str:
    """The name of an account as a person name (PS3.5 6.2) of one part."""
    return text_of(name).translate(str.maketrans("^=", "  ")) + "^"


def code_of(class_name: str | None) -> Code:
    """A class as a code."""
    if class_name is None:
        return codes.DCM.SelectedRegion
    return Code(text_of(class_name, _LONGEST_CODE), CLASS_SCHEME, text_of(class_name))


def class_of(code: Any) -> str | None:
    """A code as a class: the name that we wrote, or the meaning of anybody else's code."""
    if (code.value, code.scheme_designator) == (codes.DCM.SelectedRegion.value, "DCM"):
        return None
    return str(code.value if code.scheme_designator == CLASS_SCHEME else code.meaning)


def bytes_of(dataset: Any) -> bytes:
    """A data set as a Part 10 file."""
    written = io.BytesIO()
    pydicom.dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()


def equipment() -> dict[str, str]:
    """Who made an object, as highdicom asks for it."""
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": MANUFACTURER,
        "software_versions": importlib.metadata.version("hemalum"),
        "device_serial_number": "-",
    }
