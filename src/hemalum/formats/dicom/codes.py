"""Coded values (PS3.3 section 8)."""

from typing import Any

from pydicom.dataset import Dataset


def code_item(value: str, scheme: str, meaning: str) -> Any:
    """One item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item
