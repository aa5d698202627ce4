"""How grave it is that two readings answer otherwise: rules by template, as data.

Structs of msgspec, because it refuses unknown fields and says where.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from hemalum.capabilities.quality.model import Gravity
from hemalum.capabilities.reports.model import Value
from hemalum.kernel.errors import Invalid
from hemalum.kernel.typed import typed

_SHIPPED = Path(__file__).parent / "shipped"
OWN_FOLDER = "rescreening"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How grave it is to answer one element otherwise. The first that fits counts."""

    element: str
    otherwise: Gravity = Gravity.MINOR
    """For any other difference than those below, an answer that one of them lacks included."""
    groups: tuple[tuple[str, ...], ...] = ()
    """Options that mean the same to the patient; across groups it is as grave as `across`."""
    across: Gravity = Gravity.MAJOR
    order: tuple[str, ...] = ()
    """Options from the least to the most; by as many steps it is graver."""
    minor_from: float | None = None
    """Steps, or a difference of numbers in the unit of the element."""
    major_from: float | None = None


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules of one template; elements that are not named do not matter."""

    template: str
    source: str
    """Where they were taken from, or that they are a laboratory's own."""
    rules: tuple[Rule, ...]

    def gravity(self, element: str, first: Value | None, second: Value | None) -> Gravity:
        """How grave it is that an element is answered otherwise."""
        found = next((one for one in self.rules if one.element == element), None)
        return Gravity.NONE if found is None or first == second else _graded(found, first, second)


def _graded(rule: Rule, first: Value | None, second: Value | None) -> Gravity:
    if rule.groups and isinstance(first, str) and isinstance(second, str):
        places = [_group_of(rule.groups, one) for one in (first, second)]
        return rule.across if places[0] != places[1] else rule.otherwise
    distance = _distance(rule, first, second)
    if distance is None:
        return rule.otherwise
    if rule.major_from is not None and distance >= rule.major_from:
        return Gravity.MAJOR
    if rule.minor_from is not None and distance >= rule.minor_from:
        return Gravity.MINOR
    return Gravity.NONE


def _group_of(groups: Sequence[Sequence[str]], option: str) -> int:
    return next((place for place, group in enumerate(groups) if option in group), -1)


def _distance(rule: Rule, first: Value | None, second: Value | None) -> float | None:
    if rule.minor_from is None and rule.major_from is None:
        return None
    if isinstance(first, float) and isinstance(second, float):
        return abs(first - second)
    if first in rule.order and second in rule.order:
        return abs(rule.order.index(str(first)) - rule.order.index(str(second)))
    return None


@dataclass(frozen=True)
class RuleShelf:
    """The rules of a node: those that ship, and the laboratory's own in `DATA/rescreening`, which are read
    anew each time."""

    folder: Path

    def find(self, template_id: str) -> Rules | None:
        """The rules of a template; the laboratory's own go before those that ship.

        Raises:
            Invalid: the laboratory's own file cannot be read.
        """
        own = self.folder / f"{template_id}.toml"
        if own.is_file():
            return read_rules(own.name, own.read_bytes())
        return _shipped().get(template_id)


def read_rules(name: str, content: bytes) -> Rules:
    """The rules in a TOML file; `name` is how a person knows the file.

    Raises:
        Invalid: it cannot be read.
    """
    try:
        return typed(tomllib.loads(content.decode()), Rules)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Invalid(
            "The rules of rescreening in {name} cannot be read: {error}.", name=name, error=str(error)
        ) from error


@cache
def _shipped() -> Mapping[str, Rules]:
    read = [read_rules(path.name, path.read_bytes()) for path in sorted(_SHIPPED.glob("*.toml"))]
    return {one.template: one for one in read}
