"""CSV (RFC 4180) for spreadsheets, in which no cell becomes a formula."""

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""Begins the file. Without it Excel takes UTF-8 for the code page of the machine."""

_FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""OWASP, CSV Injection."""


def line_of(cells: Iterable[str]) -> str:
    """One line with its end. A cell that a spreadsheet would compute is written as text."""
    return written_line(map(as_text, cells))


def written_line(cells: Iterable[object]) -> str:
    """One line with its end, the cells as they are: for numbers, which may begin with a sign."""
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def as_text(cell: str) -> str:
    """A cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(_FORMULA_BEGINNINGS) else cell
