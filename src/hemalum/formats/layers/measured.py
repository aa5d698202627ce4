"""What a structured report states of a slide: groups of numbers, each about one thing. No I/O."""

from dataclasses import dataclass

type Coded = tuple[str, str, str]
"""Scheme, value and meaning of a code."""


@dataclass(frozen=True, slots=True)
class NumberStated:
    """A number with its unit."""

    concept: Coded
    value: float
    unit: str
    """UCUM."""
    derivation: Coded | None = None
    """Which statistic it is, such as a mean or the limit of an interval."""


@dataclass(frozen=True, slots=True)
class GroupStated:
    """Numbers about one thing on a slide, or about one place of it."""

    name: str
    """The same in every report of the same run: what it is tracked by."""
    finding: Coded
    numbers: tuple[NumberStated, ...]
    box_px: tuple[float, float, float, float] | None = None
    """Left, top, width and height in pixels of level 0; None for the slide as a whole."""


@dataclass(frozen=True, slots=True)
class AlgorithmStated:
    """The version of a model that measured, and how it may be used."""

    name: str
    version: str
    publisher: str
    parameters: tuple[str, ...]
    """Of which run this is, as `name=value`."""
    use: Coded
    """What its laboratory allows it to be used for."""
    outside: tuple[str, ...] = ()
    """Why the slide lies outside of its validated use."""
