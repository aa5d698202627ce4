"""What data sets in the DICOM JSON model (PS3.18 annex F) say of a patient and a visit."""

from typing import Any

import msgspec

_GROUPS = frozenset({0x0010, 0x0032, 0x0038})
"""Of a patient, an imaging service request and a visit (PS3.6)."""
_ELEMENTS = frozenset(
    {
        "00080050",  # accession number
        "00080090",  # referring physician
        "00080092",
        "00080094",
        "00080096",
        "0008009C",  # consulting physician
        "0008009D",
        "00081030",  # study description
        "00081048",  # physicians of record
        "00081049",
        "00081050",  # performing physician
        "00081052",
        "00081060",  # who read the study
        "00081062",
        "00081080",  # admitting diagnoses
        "00081084",
        "00081110",  # referenced study and patient
        "00081120",
        "00084000",  # identifying comments (retired)
        "00200010",  # study id
        "00204000",  # image comments
        "00400275",  # request attributes, accession number and procedure among them
        "00400280",  # comments on what was done
        "00401001",  # requested procedure
        "00401002",  # its reason
        "00401400",  # its comments
        "00402001",  # reason of the order (retired)
        "00402016",  # its numbers
        "00402017",
        "00402400",  # its comments
        "00403001",  # confidentiality constraint on patient data
        "04000561",  # what stood there before it was corrected
        "22000002",  # text and barcode of the label
        "22000005",
    }
)
_NAMING = frozenset(
    {
        "00080050",  # accession number
        "00100010",  # name
        "00100020",  # ID
        "00100030",  # birth date
        "00101000",  # other IDs
        "00101001",  # other names
        "00101002",
        "00101005",  # name at birth
        "00101040",  # address
        "00101060",  # mother's name at birth
        "00102154",  # telephone
        "04000561",  # what stood there before it was corrected, such as another name
    }
)
_IDENTITY_REMOVED = "00120062"


def is_of_patient(tag: str) -> bool:
    """Whether an element says something of a patient, by its tag in eight hexadecimal digits.

    Private elements may, for all that is known.
    """
    try:
        group = int(tag[:4], 16)
    except ValueError:
        return True
    return group in _GROUPS or group % 2 == 1 or tag.upper() in _ELEMENTS


def without_patient(encoded: bytes) -> bytes:
    """A data set in DICOM JSON without them. Sequences that name people go whole, others stay as they are."""
    dataset = msgspec.json.decode(encoded, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({tag: value for tag, value in dataset.items() if not is_of_patient(tag)})


def names_patient(encoded: bytes) -> bool:
    """Whether a data set in DICOM JSON says who the patient is.

    Not where it states that their identity was removed (PS3.3 C.7.1.1): numbers in it are pseudonyms then.
    """
    dataset = msgspec.json.decode(encoded, type=dict[str, msgspec.Raw])
    if "YES" in _element(dataset, _IDENTITY_REMOVED).get("Value", []):
        return False
    return any(_is_stated(_element(dataset, tag)) for tag in _NAMING)


def _is_stated(element: dict[str, Any]) -> bool:
    """Whether an element has a value, of whatever kind: a damaged one may be kept as bytes."""
    is_binary = not element.keys().isdisjoint({"InlineBinary", "BulkDataURI"})
    return is_binary or any(value not in (None, "", {}) for value in element.get("Value", []))


def _element(dataset: dict[str, msgspec.Raw], tag: str) -> dict[str, Any]:
    return msgspec.json.decode(dataset.get(tag, msgspec.Raw(b"{}")), type=dict[str, Any])
