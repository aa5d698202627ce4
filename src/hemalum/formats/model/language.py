"""Contracts in another language than the one that they are written in."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from hemalum.formats.model.contract import Contract


def in_chinese(contract: Contract) -> Contract:
    """The same contract with its Chinese texts in the place of the others, where it has them."""
    said: Contract = _in_chinese(contract)
    return said


def _in_chinese(value: Any) -> Any:
    """A part of a contract: what stands in a field beside one of the same name with `_zh` takes its value."""
    if isinstance(value, tuple):
        return tuple(_in_chinese(each) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    names = {each.name for each in fields(value)}
    own = {name: getattr(value, f"{name}_zh", None) or _in_chinese(getattr(value, name)) for name in names}
    return replace(value, **own)
