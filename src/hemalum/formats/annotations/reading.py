"""What was read from a file of annotations, and what could not be."""

import re
from dataclasses import dataclass, field
from typing import Any

import msgspec

from hemalum.formats.annotations.model import Annotation
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")

NAMED_UP_TO = 100
"""Characters by which something in a file is named to a person."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in a file that is not taken over."""

    what: str
    """By which a person finds it in the file."""
    why: Sentence


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds. The ids are unique within it."""

    annotations: list[Annotation] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def skip(self, what: object, why: Sentence) -> None:
        """Leave something out, and say why."""
        self.skipped.append(Skipped(str(what)[:NAMED_UP_TO], why))


def colour_of(said: Any) -> str | None:
    """A colour in the form #rrggbb, or None for anything else."""
    return said.lower() if isinstance(said, str) and _COLOUR.fullmatch(said) else None


def decode_json(content: bytes) -> Any:
    """The JSON in a file, which may begin with a byte order mark.

    Raises:
        Invalid: it is none.
    """
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise Invalid("The file is not JSON: {complaint}.", complaint=str(error)) from error
