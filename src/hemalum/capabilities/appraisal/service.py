"""What the node does about new scans: have a child look at each, and show what it told."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hemalum.capabilities.appraisal import store
from hemalum.capabilities.appraisal.drifting import Drifting
from hemalum.capabilities.appraisal.model import (
    HAEMATOXYLIN_EOSIN,
    METHOD,
    NO_TISSUE,
    NOT_BRIGHTFIELD,
    ONLY_INK,
    Appraisal,
    AppraisalState,
    Figures,
    Provenance,
)
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.profile.terms import Kind, Words
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import HemalumError, NoPhysicalScale, NotFound
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.kernel.typed import typed
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.sandbox import Cancelled, ChildDied, ChildOutOfMemory, ChildStalled, Limits, Workers

LOOK_JOB = "appraisal.look"
"""For every scan that is to be looked at; the name lives in the queue."""

_LOOK = "hemalum.capabilities.appraisal.looking:look"
_MOST_S = 600
"""Of processor and of clock, for one slide."""
_LOOKED_AT_ONCE = 1000
_SCANNERS_SINCE = 1990
_HANDED_IN_AT_ONCE = 5
"""By housekeeping, of slides that came before there was anybody to look at them."""


@dataclass
class Walk:
    """How far this process has looked for slides that nobody looked at; None at the end."""

    after: str | None = ""


@dataclass(frozen=True)
class Appraising:
    """The appraisals of a node's scans. May be used from several threads."""

    slides: Slides
    cases: Cases
    workers: Workers
    walk: Walk = field(default_factory=Walk)

    @property
    def drifting(self) -> Drifting:
        """Whether scanners and stains are what they were."""
        return Drifting(self.cases)

    # By the node itself ----------------------------------------------------------------------------------

    def consider(self, image_id: str) -> bool:
        """Have a scan looked at, unless that was done; whether it will be. Safe to repeat."""
        image = self._find(image_id)
        if image is None:
            return False
        known = self._kept(image)
        if known is not None:
            # Its scanner, its laboratory or its time may have been stated.
            with transaction(self.slides.database) as connection:
                store.put_staining(connection, image.id, self._provenance(image), known.figures)
            return False
        # Beside all other jobs: a look takes seconds, and hundreds of slides may come at once.
        self.slides.queue.enqueue(
            LOOK_JOB, {"image_id": image_id}, job_id=f"appraisal-{new_id()}", computing=True
        )
        return True

    def appraise(self, image_id: str, cancelled: Callable[[], bool] = lambda: False) -> Appraisal | None:
        """Look at a scan and keep what is told of it; None for one that is gone, or when cancelled.

        What cannot be told is kept with its reason. Safe to repeat: the same scan is looked at once.
        """
        image = self._find(image_id)
        if image is None:
            return None
        known = self._kept(image)
        if known is not None:
            return known
        try:
            state, reason, figures = self._look(image, cancelled)
        except Cancelled:
            return None
        except HemalumError as error:
            state, reason, figures = AppraisalState.FAILED, _told(error), None
        made = Appraisal(image.id, self._basis(image), METHOD, state, reason, figures, self.slides.clock())
        with transaction(self.slides.database) as connection:
            if self.slides.find_summary(image_id) is None:
                return None
            store.put(connection, made)
            store.put_staining(connection, image.id, self._provenance(image), figures)
        return made

    def pick_up(self) -> None:
        """Have a few of the slides looked at that came before. Safe to repeat."""
        if self.walk.after is None:
            return
        available = self.slides.list_available(self.walk.after, _LOOKED_AT_ONCE)
        with reading(self.slides.database) as connection:
            waiting = store.list_unjudged(connection, available, METHOD)
        for image_id in waiting[:_HANDED_IN_AT_ONCE]:
            self.consider(image_id)
        if len(waiting) > _HANDED_IN_AT_ONCE:
            self.walk.after = waiting[_HANDED_IN_AT_ONCE - 1]
        else:
            self.walk.after = available[-1] if len(available) == _LOOKED_AT_ONCE else None

    # For people ------------------------------------------------------------------------------------------

    def show(self, actor: Actor, image_id: str) -> Appraisal | None:
        """What is told of a slide as it is now; None while it was not looked at.

        Raises as `Slides.permit` does.
        """
        return self._kept(self.slides.permit(actor, image_id).image)

    # ------------------------------------------------------------------------------------------------------

    def _find(self, image_id: str) -> Image | None:
        try:
            image = self.slides.get_image_of_any(image_id)
        except NotFound:
            return None
        return image if image.status is ImageStatus.AVAILABLE and image.description is not None else None

    def _kept(self, image: Image) -> Appraisal | None:
        with reading(self.slides.database) as connection:
            kept = store.find(connection, image.id)
        return kept if kept is not None and kept.basis == self._basis(image) else None

    def _basis(self, image: Image) -> str:
        scale = None if image.description is None else image.description.measurable_um
        parts = (image.generation, METHOD, scale, self._is_he(image))
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _is_he(self, image: Image) -> bool:
        """Whether it is known that haematoxylin and eosin are on the glass, and nothing else."""
        return self._stain(image) == HAEMATOXYLIN_EOSIN

    def _stain(self, image: Image) -> str:
        """As in `Provenance`: what a person stated, else the laboratory, else the file."""
        stated = {one.element: one.value for one in image.statements}.get("stain")
        origin = self.cases.linking.find_origin(image.summary.organisation_id, image.id)
        by_laboratory = origin.slide.description if origin is not None else ""
        by_file = image.description.stain if image.description is not None else None
        words = str(stated or by_laboratory or by_file or "")
        found = Words().find(Kind.STAIN, words)
        return words.strip() if found is None else "+".join(term.id for term in found.terms)

    def _provenance(self, image: Image) -> Provenance:
        description = image.description
        assert description is not None
        zone = ZoneInfo(self.slides.settings.time_zone)
        return Provenance(
            image.summary.organisation_id,
            description.vendor or "",
            description.scanner_model or "",
            description.scanner_serial or "",
            self._stain(image),
            description.laboratory or "",
            scan_time(description.acquired_at, image.summary.created_at, zone),
        )

    def _look(
        self, image: Image, cancelled: Callable[[], bool]
    ) -> tuple[AppraisalState, Sentence | None, Figures | None]:
        description = image.description
        assert description is not None
        if not description.is_brightfield:
            return AppraisalState.NOT_JUDGED, NOT_BRIGHTFIELD, None
        try:
            scale = description.get_measurable_um()
        except NoPhysicalScale as error:
            return AppraisalState.NOT_JUDGED, error.sentence, None
        asked = {
            "recipe": self.slides.recipe(image),
            "um": (scale.x_um * scale.y_um) ** 0.5,
            "is_he": self._is_he(image),
        }
        found: dict[str, Any] = self.workers.call(_LOOK, asked, cancelled=cancelled)
        if found["figures"] is None:
            return AppraisalState.NOT_JUDGED, ONLY_INK if found["only_ink"] else NO_TISSUE, None
        return AppraisalState.DONE, None, typed(found["figures"], Figures)


def scan_time(stated: str | None, came_in: datetime, zone: ZoneInfo) -> datetime:
    """When a scan was made: as stated, here if without a zone; when it came in, where that cannot be."""
    try:
        moment = datetime.fromisoformat(stated or "")
    except ValueError:
        return came_in
    moment = moment.replace(tzinfo=moment.tzinfo or zone)
    return moment if moment.year >= _SCANNERS_SINCE and moment <= came_in else came_in


def open_appraising(slides: Slides, cases: Cases) -> Appraising:
    """The appraisals of a node. The child process starts on demand."""
    limits = Limits(
        memory_mib=slides.settings.child_memory_mib,
        cpu_s=_MOST_S,
        wall_s=_MOST_S,
        idle_s=slides.settings.worker_idle_s,
    )
    return Appraising(slides, cases, Workers(1, limits))


def _told(error: HemalumError) -> Sentence:
    """Why a scan could not be looked at; a child tells of files."""
    if isinstance(error, ChildStalled):
        return Sentence("Looking at the scan took too long and was stopped.")
    if isinstance(error, ChildOutOfMemory):
        return Sentence("Looking at the scan needs more memory than is allowed.")
    if isinstance(error, ChildDied):
        return Sentence("The process that looked at the scan died.")
    return error.sentence
