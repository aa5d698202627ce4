"""Codes of diagnoses: which shapes they may have, and tables that a holder of the licence loads.

ICD-10 and ICD-O-3 are published by the WHO and not shipped. Shapes: ICD-10 volume 2 section 2.4, with the
six-digit national extension of China (GB/T 14396: C50.900x001); ICD-O-3 section 4.
"""

import csv
import re
from collections.abc import Mapping
from io import StringIO

from hemalum.formats.profile.terms import Code
from hemalum.kernel.errors import Invalid

_SHAPES = {
    "I10": re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4}(x\d{2,3})?)?[*†+]?"),
    "ICDO3": re.compile(r"C\d{2}(\.\d)?|\d{4}/[0-369]\d?"),
    "SCT": re.compile(r"[1-9]\d{5,17}"),
    "LN": re.compile(r"\d{1,7}-\d"),
}
"""By Coding Scheme Designator (PS3.16 chapter 8)."""
SCHEMES = tuple(_SHAPES)
"""Those whose shape is known."""

type Tables = Mapping[str, Mapping[str, str]]
"""Meaning by value by scheme, as far as tables were loaded."""


def has_shape(code: Code) -> bool:
    """Whether a code can be one of its scheme; of schemes that are not known, whether it is one word."""
    shape = _SHAPES.get(code.scheme)
    if shape is None:
        return bool(code.scheme) and bool(re.fullmatch(r"\S{1,64}", code.value))
    return shape.fullmatch(code.value) is not None


def read_table(content: bytes) -> dict[str, str]:
    """Meaning by value from CSV with a column for each, UTF-8.

    Raises:
        Invalid: a line is no pair, or a value stands twice.
    """
    try:
        lines = list(csv.reader(StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid("A table of codes is CSV in UTF-8.") from error
    table: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        if len(line) < 2 or not line[0].strip() or line[0].strip() in table:
            raise Invalid(
                "Line {number} is no code with its meaning, or a code for the second time.", number=number
            )
        table[line[0].strip()] = line[1].strip()
    return table
