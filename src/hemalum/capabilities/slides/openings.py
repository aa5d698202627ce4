"""Openings: who looks at which slide, recorded before the first pixel leaves, and what was seen of it.

A viewer opens a slide and gets a ticket. Other programs ask for pixels right away; for them an opening of a
quarter of an hour stands from their first request on. Either way there is one entry in the log when it begins
and, for tiles, one when it ends that says which were read and for how long.
"""

import asyncio
import base64
import logging
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, groupby
from typing import Any

from hemalum.capabilities.slides.model import Image
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record, Recorder
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.ids import ImageId, OrganisationId, new_id
from hemalum.runtime.reads import TileReads, TilesRead
from hemalum.runtime.tickets import TICKET_LASTS_S

_LOG = logging.getLogger(__name__)
_LOST = "what was read in an opening cannot be recorded"

OPEN = "slides.open"
VIEWED = "slides.viewed"
GLANCE = "slides.glance"
VIEW_CLINICAL = "slides.view_clinical"

_MAX_STANDING = 16384
_MAX_BITMAP_BYTES = 24 << 10
_TARGET_LENGTH = 60
_TOLD_AT_ONCE = 500
"""Images in an entry, which has a limit of 64 KiB."""


@dataclass(frozen=True, slots=True)
class Permitted:
    """An image that somebody may see, and by which rules."""

    image: Image
    actor: Actor
    """With the purpose that was decided for."""
    rules: tuple[str, ...]
    policy: str
    """Digest of the policies that decided."""
    may_view_label: bool
    until: datetime | None = None
    """When the share or the broken glass that they see it by ends; None for images of their own."""
    held_back: bool = False
    """Whether its metadata are refused, so that it does not leave the node."""


def target_of(image_id: str) -> str:
    """An image in the words of the log. Whatever was asked for goes in, so it is cut."""
    return f"image/{image_id}"[:_TARGET_LENGTH]


class Openings:
    """The openings of one process. May be used from several threads."""

    def __init__(self, record: Recorder, now: Callable[[], float] = time.monotonic) -> None:
        self._record = record
        self._now = now
        self._standing: dict[tuple[str, str, str], float] = {}
        self._lock = threading.Lock()
        self.reads = TileReads()
        self._unwritten: list[TilesRead] = []

    def begin(self, permitted: Permitted, via: str, continues: str | None = None) -> str:
        """Record that a slide is opened; the id of the opening. Durable when it returns.

        Raises:
            HemalumError: the log cannot keep it, so the slide is not opened.
        """
        opening_id = new_id()
        detail = {
            "opening": opening_id,
            "via": via,
            "label": permitted.may_view_label,
            "policy": permitted.policy,
            "rules": list(permitted.rules),
        }
        if continues is not None:
            detail["continues"] = continues[:_TARGET_LENGTH]
        self._record(_about(permitted.image, permitted.actor, OPEN, detail))
        self._remember(_standing_key(permitted))
        return opening_id

    def ensure(self, permitted: Permitted, via: str) -> None:
        """Record that a program looks at a slide, unless that stands in the log since a moment ago."""
        self._once_in_a_while(permitted, via, lambda: self.begin(permitted, via))

    def glanced(self, permitted: Permitted) -> None:
        """Record that somebody gets a small picture of a slide, unless that stands in the log already."""
        detail = {"policy": permitted.policy, "rules": list(permitted.rules)}
        record = _about(permitted.image, permitted.actor, GLANCE, detail)
        self._once_in_a_while(permitted, "glance", lambda: self._record(record))

    def ensure_opened(self, permitted: Permitted, via: str) -> None:
        """Record that somebody reads of a slide, unless they opened it, in any way, a moment ago."""
        if self._standing.get(_standing_key(permitted), 0.0) <= self._now():
            self.begin(permitted, via)

    def _once_in_a_while(self, permitted: Permitted, via: str, write: Callable[[], object]) -> None:
        key = _standing_key(permitted, via)
        if self._standing.get(key, 0.0) > self._now():
            return
        write()
        self._remember(key)

    def _remember(self, *keys: tuple[str, str, str]) -> None:
        now = self._now()
        with self._lock:
            if len(self._standing) >= _MAX_STANDING:
                self._standing = {held: until for held, until in self._standing.items() if until > now}
            self._standing |= dict.fromkeys(keys, now + TICKET_LASTS_S)

    def refused(self, actor: Actor, image_id: str, action: str, error: HemalumError) -> None:
        """Record that somebody was refused."""
        self._record(Record(action, actor, Outcome.REFUSED, target_of(image_id), detail={"code": error.code}))

    def exported(self, permitted: Permitted, what: str) -> None:
        """Record that bytes of a slide leave the node as a file."""
        detail = {"what": what, "policy": permitted.policy, "rules": list(permitted.rules)}
        self._record(_about(permitted.image, permitted.actor, "slides.export", detail))

    def label_seen(self, permitted: Permitted, kind: str) -> None:
        """Record that somebody looks at the label or the macro image of the glass."""
        detail = {"what": kind, "policy": permitted.policy, "rules": list(permitted.rules)}
        self._record(_about(permitted.image, permitted.actor, "slides.view_label", detail))

    def label_told(self, permitted: Permitted, via: str) -> None:
        """Record that a program is given the label or the overview of the glass, once in a while."""
        self._once_in_a_while(permitted, f"label {via}", lambda: self.label_seen(permitted, "label"))

    def clinical_seen(self, permitted: Permitted) -> None:
        """Record that somebody reads what the file says of the patient."""
        detail = {"policy": permitted.policy, "rules": list(permitted.rules)}
        self._record(_about(permitted.image, permitted.actor, VIEW_CLINICAL, detail))

    def clinical_told(self, actor: Actor, owners: Mapping[ImageId, OrganisationId], via: str) -> None:
        """Record that a program is told what files say of patients, of each image once in a while.

        `owners` has the organisation of each image, by its id.
        """
        keys = {image_id: _key(actor, image_id, f"clinical {via}") for image_id in owners}
        fresh = [image_id for image_id, key in keys.items() if self._standing.get(key, 0.0) <= self._now()]
        for owner, together in groupby(sorted(fresh, key=owners.__getitem__), key=owners.__getitem__):
            for some in batched(together, _TOLD_AT_ONCE):
                target = target_of(some[0]) if len(some) == 1 else ""
                detail: dict[str, Any] = {"via": via} if target else {"via": via, "images": list(some)}
                told = Record(VIEW_CLINICAL, actor, target=target, organisation_id=owner, detail=detail)
                self._record(told)
                self._remember(*(keys[image_id] for image_id in some))

    def watch(self, opening_id: str, permitted: Permitted) -> None:
        """Gather which tiles are read in an opening. Call it from the event loop."""
        self.reads.begin(opening_id, (permitted.image, permitted.actor))

    async def write_ended(self) -> None:
        """Record what was read in openings that have ended. Call it from the event loop now and then.

        Raises:
            HemalumError: the log cannot keep it now. The next call tries again.
        """
        self._unwritten += self.reads.take_ended()
        while self._unwritten:
            ended = self._unwritten.pop()
            try:
                await asyncio.to_thread(self._write, ended)
            except Invalid:
                _LOG.exception(_LOST)
            except Exception:
                self._unwritten.append(ended)
                raise

    def write_all(self) -> None:
        """Record what was read in all openings: the process stops, and what cannot be recorded is lost."""
        for ended in [*self._unwritten, *self.reads.take_all()]:
            try:
                self._write(ended)
            except Exception:
                _LOG.exception(_LOST)

    def _write(self, read: TilesRead) -> None:
        image, actor = read.about
        detail = {
            "opening": read.opening_id,
            "seconds": round(read.last_s - read.first_s, 1),
            "tiles": sum(read.tiles.values()),
            "distinct": {str(level): count for level, count in read.distinct.items()},
            "read": {str(level): _bitmap(bits) for level, bits in read.bitmaps.items()},
        }
        self._record(_about(image, actor, VIEWED, detail))


def _standing_key(permitted: Permitted, via: str = "") -> tuple[str, str, str]:
    return _key(permitted.actor, permitted.image.id, via)


def _key(actor: Actor, image_id: str, via: str) -> tuple[str, str, str]:
    return actor.session_id, image_id, f"{actor.purpose}/{via}"


def _about(image: Image, actor: Actor, action: str, detail: Mapping[str, Any]) -> Record:
    return Record(
        action,
        actor,
        target=target_of(image.id),
        organisation_id=image.summary.organisation_id,
        detail=detail,
    )


def _bitmap(bits: bytes) -> str | None:
    """The tiles of a level, row by row, lowest bit first, deflated, as base64; None when it is too long."""
    packed = zlib.compress(bits, 9)
    return base64.b64encode(packed).decode() if len(packed) <= _MAX_BITMAP_BYTES else None
