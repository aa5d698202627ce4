"""What readers do with coverage: tell what they saw, see how far they are; and who looks after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hemalum.capabilities.reading import store
from hemalum.capabilities.reading.model import Coverage, Mark, Progress, Tissue, grids_of, mark
from hemalum.capabilities.slides.model import Image, ImageSummary
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import NotFound, NotPermitted
from hemalum.kernel.ids import PersonId
from hemalum.runtime.db import reading, transaction

REVIEW = "reading.review"
EXPORT = "reading.export"


@dataclass(frozen=True)
class Reading:
    """The use cases of coverage on one node. Whoever may view a slide keeps coverage of it."""

    database: sa.Engine
    slides: Slides
    clock: Clock = utc_now

    def get_coverage(self, actor: Actor, image_id: str) -> tuple[Image, Coverage]:
        """What the actor saw of an image that they may see. Raises as `Slides.permit` does.

        Raises:
            NotFound: the image cannot be shown yet.
        """
        image = self.slides.permit(actor, image_id).image
        return image, self._coverage(image.summary, actor.person_id)

    def mark(
        self, actor: Actor, image: Image, marks: Sequence[Mark], tissue: Tissue | None
    ) -> tuple[Coverage, Progress]:
        """Add to what the actor saw of an image that `get_coverage` gave. Nothing seen is ever unseen.

        Raises:
            GridChanged: the image has no such cells.
            Invalid: cells lie outside.
        """
        empty = _empty(image.summary)
        now = self.clock()
        progress = Progress(image.id, actor.person_id, {}, tissue is not None, now)
        with transaction(self.database) as connection:
            store.begin(connection, progress)
            before = store.read_seen(connection, image.id, actor.person_id, empty.grids, to_write=True)
            changed = mark(empty.grids, before, marks)
            store.write_seen(connection, image.id, actor.person_id, changed)
            coverage = replace(empty, seen=before | changed)
            progress = replace(progress, shares=coverage.shares(tissue))
            store.write_progress(connection, progress)
        return coverage, progress

    def list_progress(self, actor: Actor, image_ids: Sequence[str]) -> list[Progress]:
        """How far the actor is with those of these images that they may see and have looked at."""
        with reading(self.database) as connection:
            found = store.list_progress(connection, image_ids=image_ids, person_id=actor.person_id)
        return [one for one in found if self._sees(actor, one.image_id)]

    def list_readers(self, actor: Actor, image_id: str) -> list[Progress]:
        """Everybody who looked at an image of the actor's organisation, for who reviews reading. Recorded.

        Raises:
            NotFound: the image is not of that organisation, or there is none.
        """
        summary = self._own(actor, image_id)
        self._tell(REVIEW, actor, summary)
        with reading(self.database) as connection:
            return store.list_progress(connection, image_ids=[image_id])

    def review(self, actor: Actor, image_id: str, person_id: str) -> tuple[ImageSummary, Coverage, Progress]:
        """What somebody saw of an image of the actor's organisation. Recorded.

        Raises:
            NotFound: the image is not of that organisation, or this person did not look at it.
        """
        summary = self._own(actor, image_id)
        with reading(self.database) as connection:
            found = store.list_progress(connection, image_ids=[image_id], person_id=person_id)
        if not found:
            raise NotFound("This person did not look at this image.")
        self._tell(REVIEW, actor, summary, reader=person_id)
        return summary, self._coverage(summary, PersonId(person_id)), found[0]

    def tell_exported(self, actor: Actor, image: Image) -> None:
        """Record that the actor takes what they saw of an image out of the node."""
        self._tell(EXPORT, actor, image.summary)

    def _coverage(self, summary: ImageSummary, person_id: PersonId) -> Coverage:
        empty = _empty(summary)
        with reading(self.database) as connection:
            return replace(empty, seen=store.read_seen(connection, summary.id, person_id, empty.grids))

    def _sees(self, actor: Actor, image_id: str) -> bool:
        try:
            self.slides.permit(actor, image_id)
        except (NotFound, NotPermitted):
            return False
        return True

    def _own(self, actor: Actor, image_id: str) -> ImageSummary:
        summary = self.slides.find_summary(image_id)
        if summary is None or summary.organisation_id != actor.organisation_id:
            raise NotFound("There is no such image.")
        return summary

    def _tell(self, action: str, actor: Actor, summary: ImageSummary, **detail: str) -> None:
        target = f"image/{summary.id}"
        organisation = summary.organisation_id
        self.slides.record(Record(action, actor, target=target, organisation_id=organisation, detail=detail))


def _empty(summary: ImageSummary) -> Coverage:
    if summary.width_px is None or summary.height_px is None:
        raise NotFound("This image is not available yet.")
    grids = grids_of(summary.width_px, summary.height_px, summary.spacing_x_um)
    return Coverage(summary.width_px, summary.height_px, grids)
