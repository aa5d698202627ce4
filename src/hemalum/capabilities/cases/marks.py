"""What models say of cases. No I/O."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import msgspec

from hemalum.kernel.ids import ImageId
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed_json


class CaseBand(StrEnum):
    """What models say of a case, for the order among cases of the same priority."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"
    """Ruled out on every slide."""
    UNKNOWN = "unknown"
    """They say nothing, and the reason says why: never a low one."""

    @property
    def order(self) -> int:
        """The lower, the sooner. What nothing is said of stands where its age puts it."""
        return {CaseBand.HIGH: 0, CaseBand.LOW: 2}.get(self, UNMARKED_ORDER)


UNMARKED_ORDER = 1


@dataclass(frozen=True, slots=True)
class Mark:
    """What models say of a case. A capability above makes it; cases order by it and show it."""

    band: CaseBand
    reason: Sentence
    image_id: ImageId | None
    """The scan that it is said of; whoever may not see that one is not told the reason."""


def write_mark(mark: Mark) -> str:
    """A mark as it is kept."""
    return msgspec.json.encode(mark).decode()


@lru_cache(maxsize=4096)
def read_mark(text: str) -> Mark:
    """The same back. Worklists ask for the same ones again and again, and sentences take long to make."""
    return typed_json(text, Mark)
