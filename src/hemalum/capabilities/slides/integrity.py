"""The integrity of slides: manifests, rounds of checking, and what they found. No I/O.

A manifest lists every file and blob that a slide is made of, with size and digests. It is a sealed blob of
the slide itself, and its own digest stands in the database. A round walks over all slides and holds what is
stored against their manifests.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hemalum.capabilities.slides.model import ObjectKind
from hemalum.kernel.ids import ImageId


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One file or blob as it was written. Digests are in hexadecimal."""

    kind: ObjectKind
    """LINKED for a file of somebody else, else a blob of ours."""
    name: str
    location: str
    size: int
    sha256: str
    sm3: str | None = None
    """GB/T 32905; of a linked file from its first check on."""
    mtime_ns: int | None = None
    """Of a linked file."""
    stored_size: int = 0
    """Of a blob as it lies, as is the digest."""
    stored_sha256: str = ""
    chunks: int = 0
    """Of a sealed blob."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a slide is made of."""

    image_id: ImageId
    made_at: datetime
    entries: tuple[ManifestEntry, ...]
    version: int = 1


class Harm(StrEnum):
    """What became of a file or blob."""

    MISSING = "missing"
    CUT_OFF = "cut-off"
    """Its length or its header is not what was written."""
    DAMAGED = "damaged"
    CHANGED = "changed"
    """A linked file that somebody wrote to: it may be good, but it is another one."""


@dataclass(frozen=True, slots=True)
class Damage:
    """One file or blob that is not what the manifest says."""

    name: str
    location: str
    harm: Harm
    chunks: tuple[int, ...] = ()
    """Numbers of the damaged chunks of a sealed blob, counted from 0; 16 KiB of content each."""
    repaired: bool = False
    """Whether it was replaced from the replica, and found good afterwards."""


class RoundState(StrEnum):
    """Where a round is."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Round:
    """One walk over all slides of the node."""

    id: str
    state: RoundState
    started_at: datetime
    ended_at: datetime | None
    slides: int
    bytes: int
    damaged: int
    """Files and blobs that were not what they should be, repaired ones included."""
    repaired: int

    @property
    def job_id(self) -> str:
        return f"scrub-{self.id}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one slide."""

    image_id: ImageId
    name: str
    checked_at: datetime | None
    damage: tuple[Damage, ...]

    @property
    def is_damaged(self) -> bool:
        """Whether something is still not as it should be."""
        return any(not one.repaired for one in self.damage)


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """The last round, and how the slides of an organisation stand."""

    last_round: Round | None
    slides: int
    unchecked: int
    damaged: tuple[Standing, ...]
    """Slides in which damage was found at their last check, repaired damage included."""
