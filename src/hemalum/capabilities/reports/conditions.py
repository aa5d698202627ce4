"""Conditions of templates: plain data about other elements, and whether they hold."""

from collections.abc import Iterator, Mapping

import msgspec

from hemalum.capabilities.reports.model import Value


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What has to be the case; all that is stated has to hold. Of an element without an answer nothing holds
    but `is_stated = false`.
    """

    element: str = ""
    one_of: tuple[str, ...] = ()
    """It is answered with one of these options; of several answers one is enough."""
    none_of: tuple[str, ...] = ()
    is_yes: bool | None = None
    at_least: float | None = None
    below: float | None = None
    more_than: str = ""
    """Its number is greater than that of this element."""
    is_stated: bool | None = None
    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()


def holds(condition: Condition, values: Mapping[str, Value]) -> bool:
    """Whether a condition holds of these answers."""
    if condition.all and not all(holds(one, values) for one in condition.all):
        return False
    if condition.any and not any(holds(one, values) for one in condition.any):
        return False
    return not condition.element or _holds_of(condition, values.get(condition.element), values)


def elements_of(condition: Condition) -> Iterator[str]:
    """Every element that a condition speaks of."""
    yield from (one for one in (condition.element, condition.more_than) if one)
    for each in (*condition.all, *condition.any):
        yield from elements_of(each)


def parts_of(condition: Condition) -> Iterator[Condition]:
    """A condition with all those in it."""
    yield condition
    for each in (*condition.all, *condition.any):
        yield from parts_of(each)


def _holds_of(condition: Condition, value: Value | None, values: Mapping[str, Value]) -> bool:
    if condition.is_stated is not None and condition.is_stated is (value is None):
        return False
    if value is None:
        return condition.is_stated is False
    chosen = set(value) if isinstance(value, tuple) else {value}
    if condition.one_of and not chosen & set(condition.one_of):
        return False
    if chosen & set(condition.none_of):
        return False
    if condition.is_yes is not None and value is not condition.is_yes:
        return False
    return _is_in_bounds(condition, value, values)


def _is_in_bounds(condition: Condition, value: Value, values: Mapping[str, Value]) -> bool:
    other = values.get(condition.more_than) if condition.more_than else None
    if condition.more_than and not isinstance(other, float):
        return False
    bounds = (condition.at_least, condition.below, other)
    if all(one is None for one in bounds):
        return True
    if not isinstance(value, float):
        return False
    return (
        (condition.at_least is None or value >= condition.at_least)
        and (condition.below is None or value < condition.below)
        and (not isinstance(other, float) or value > other)
    )
