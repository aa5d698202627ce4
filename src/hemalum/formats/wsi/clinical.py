"""Where scanners' files keep what identifies a patient, as data: for whoever must keep, hide or erase it.

A reader puts the values into `SlideDescription.clinical` under the tag named here, never into `properties`.
A de-identifier blanks the same places, and the label, which is a picture of the same.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClinicalField:
    """A text field of fixed length inside a block of a file."""

    tag: str
    """Key in `SlideDescription.clinical`."""
    block: str
    """Two-letter flag of the block it lies in."""
    offset: int
    """From the start of the block, in bytes."""
    length: int
    encoding: str | None = "gbk"
    """None for a number of `length` bytes, little-endian."""


SDPC = (
    ClinicalField("sdpc.pathology_number", "PI", 6, 64),
    ClinicalField("sdpc.name", "PI", 70, 64),
    ClinicalField("sdpc.sex", "PI", 134, 1, None),
    ClinicalField("sdpc.age", "PI", 135, 1, None),
    ClinicalField("sdpc.department", "PI", 136, 64),
    ClinicalField("sdpc.hospital", "PI", 200, 64),
    ClinicalField("sdpc.specimen", "PI", 264, 1024),
    ClinicalField("sdpc.clinical_diagnosis", "PI", 1288, 2048),
    ClinicalField("sdpc.pathological_diagnosis", "PI", 3336, 2048),
    ClinicalField("sdpc.report_date", "PI", 5384, 64),
    ClinicalField("sdpc.doctor", "PI", 5448, 64),
    ClinicalField("sdpc.remark", "PI", 5512, 1024),
    ClinicalField("sdpc.barcode", "EI", 0xC3, 128),
)
"""SDPC and DYQX of Sqray: the person block and the barcode of the extra block, in clear text."""
