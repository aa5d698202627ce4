"""What readers do with coverage: tell what they saw, see how far they are; and who looks after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from hemalum.capabilities.reading import store
from hemalum.capabilities.reading.model import (
    Coverage,
    Mark,
    Progress,
    Reveal,
    Tissue,
    grids_of,
    mark,
)
from hemalum.capabilities.slides.model import Image, ImageSummary
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import NotFound
from hemalum.kernel.ids import PersonId
from hemalum.runtime.db import reading, transaction

REVIEW = "reading.review"
EXPORT = "reading.export"
REVEAL = "reading.reveal"


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

    def reveal(self, actor: Actor, image_id: str, subject: str, name: str, ago: timedelta) -> Reveal:
        """Keep that the actor had something shown which a model found; what is kept is the first time.

        Raises as `Slides.permit` does.
        """
        image = self.slides.permit(actor, image_id).image
        with reading(self.database) as connection:
            known = store.list_reveals(connection, image.id, actor.person_id)
            progress = store.list_progress(connection, image_ids=[image.id], person_id=actor.person_id)
        earlier = next((one for one in known if one.subject == subject), None)
        if earlier is not None:
            return earlier
        shares = progress[0].shares if progress else {}
        told = Reveal(image.id, actor.person_id, subject, name, self.clock() - ago, shares)
        self._tell(REVEAL, actor, image.summary, subject=subject, name=name)
        with transaction(self.database) as connection:
            return store.add_reveal(connection, told)

    def list_reveals(self, actor: Actor, image_id: str) -> list[Reveal]:
        """What the actor had shown on an image, the first first. Raises as `Slides.permit` does."""
        image = self.slides.permit(actor, image_id).image
        with reading(self.database) as connection:
            return store.list_reveals(connection, image.id, actor.person_id)

    def list_progress(self, actor: Actor, image_ids: Sequence[str]) -> list[Progress]:
        """How far the actor is with those of these images that they may see and have looked at."""
        with reading(self.database) as connection:
            found = store.list_progress(connection, image_ids=image_ids, person_id=actor.person_id)
        seen = self.slides.visible_among(actor, [one.image_id for one in found])
        return [one for one in found if one.image_id in seen]

    def list_readers(self, actor: Actor, image_id: str) -> list[tuple[Progress, list[Reveal]]]:
        """Everybody who looked at an image of the actor's organisation, and what each had shown, for who
        reviews reading. Recorded.

        Raises:
            NotFound: the image is not of that organisation, or there is none.
        """
        summary = self._own(actor, image_id)
        self._tell(REVIEW, actor, summary)
        with reading(self.database) as connection:
            revealed = store.list_reveals(connection, image_id)
            return [
                (one, [each for each in revealed if each.person_id == one.person_id])
                for one in store.list_progress(connection, image_ids=[image_id])
            ]

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
