"""What a segmentation of a slide is made of. No I/O."""

from dataclasses import dataclass
from enum import StrEnum


class SegmentationForm(StrEnum):
    """What the segments hold."""

    CLASSES = "classes"
    """Which class each patch is of: 0 or 1 (BINARY)."""
    PROBABILITIES = "probabilities"
    """How probable each class is, in 255 steps (FRACTIONAL, PROBABILITY)."""


@dataclass(frozen=True, slots=True)
class SegmentNamed:
    """One class as a segment."""

    name: str
    """The code value, in our own scheme, of a class that has no code."""
    title: str
    colour: str = ""
    """#rrggbb; empty for none."""
    code: tuple[str, str, str] | None = None
    """Scheme, value and meaning."""
