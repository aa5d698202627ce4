"""What is done with transforms between slides: saved by people and programs, looked up, removed."""

from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from hemalum.analysis.registration import check_affine, check_bending, residual_um
from hemalum.capabilities.registration import store
from hemalum.capabilities.registration.model import (
    LANDMARKS,
    MOST_LANDMARKS,
    RegistrationWasRemoved,
    SavedMeanwhile,
    SlidesWereRegistered,
    Transform,
    TransformDraft,
    TransformKind,
)
from hemalum.capabilities.registration.policy import ALIGN, VIEW
from hemalum.capabilities.slides.model import Image
from hemalum.capabilities.slides.service import Slides
from hemalum.formats.displacements import DisplacementGrid, decode_displacements
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid, NoPhysicalScale
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

_SAVED_MEANWHILE = Sentence("Somebody else changed how these slides lie on each other meanwhile.")
_FEWEST = {TransformKind.RIGID: 2, TransformKind.SIMILARITY: 2, TransformKind.AFFINE: 3}


@dataclass(frozen=True)
class Registration:
    """The use cases of transforms on one node. May be used from many threads."""

    slides: Slides

    def list_transforms(self, actor: Actor, image_id: str) -> list[tuple[Transform, bool]]:
        """The transforms between a slide and others that the actor may see, each with whether it is stale.

        Raises as `Slides.permit` does.
        """
        self.slides.permit(actor, image_id, VIEW)
        with reading(self.slides.database) as connection:
            found = store.list_transforms(connection, image_id)
        seen = self.slides.visible_among(actor, [each.other_than(image_id) for each in found])
        return [(each, self._is_stale(each)) for each in found if each.other_than(image_id) in seen]

    def find_transform(self, actor: Actor, image_id: str, other_id: str) -> tuple[Transform, bool] | None:
        """The transform between two slides, either way round, and whether it is stale.

        Raises as `Slides.permit` does, of either slide.
        """
        for each in (image_id, other_id):
            self.slides.permit(actor, each, VIEW)
        with reading(self.slides.database) as connection:
            found = store.find_transform(connection, image_id, other_id)
        return None if found is None else (found, self._is_stale(found))

    def find_displacements(
        self, actor: Actor, image_id: str, other_id: str, transform_id: str | None = None
    ) -> bytes | None:
        """The grid of the transform between two slides, as `hemalum.formats.displacements` writes it.

        None, too, when the transform is meanwhile another one than `transform_id`: its grid would not go
        with the matrix that the caller knows.

        Raises as `Slides.permit` does, of either slide.
        """
        for each in (image_id, other_id):
            self.slides.permit(actor, each, VIEW)
        with reading(self.slides.database) as connection:
            return store.find_displacements(connection, image_id, other_id, transform_id)

    def save(
        self, actor: Actor, from_id: str, to_id: str, draft: TransformDraft, replaces: str | None = None
    ) -> Transform:
        """Keep a transform between two slides in the place of the one that the actor knows of, if any.

        Raises:
            NotFound: the actor may not see a slide, or there is none.
            NotPermitted: the actor may not register it.
            NoPhysicalScale: nobody knows how large a pixel of a slide is.
            Invalid: the transform cannot be one. The sentence says why.
            SavedMeanwhile: there is another one than the actor knows of. Nothing was done.
        """
        start, end = self._permit_both(actor, from_id, to_id)
        grid = None if draft.displacements is None else decode_displacements(draft.displacements)
        residual = _check(draft, grid, start, end)
        transform = Transform(
            new_id(),
            start.id,
            end.id,
            scan_of(start),
            scan_of(end),
            draft.kind,
            draft.matrix,
            draft.method,
            draft.landmarks,
            residual,
            draft.displacements is not None,
            self.slides.clock(),
            actor.person_id,
            actor.called,
        )
        with transaction(self.slides.database) as connection:
            _check_known(store.find_transform(connection, from_id, to_id, to_write=True), replaces)
            detail = {
                "kind": draft.kind.value,
                "method": draft.method,
                "landmarks": len(draft.landmarks),
                "residual_um": None if residual is None else round(residual, 3),
            }
            try:
                store.put_transform(connection, transform, draft.displacements)
            except sa.exc.IntegrityError as error:  # somebody else saves the first one just now
                raise SavedMeanwhile.saying(_SAVED_MEANWHILE) from error
            self._tell_of_both(actor, "registration.save", start, end, **detail)
            for image in (start, end):
                outbox.publish(
                    connection,
                    SlidesWereRegistered(
                        transform.created_at, transform.id, start.id, end.id, image.summary.organisation_id
                    ),
                )
        return transform

    def remove(self, actor: Actor, image_id: str, other_id: str) -> None:
        """Remove the transform between two slides; when there is none, nothing happens. Raises as `save`."""
        first, second = self._permit_both(actor, image_id, other_id)
        with transaction(self.slides.database) as connection:
            if store.find_transform(connection, image_id, other_id, to_write=True) is None:
                return
            self._tell_of_both(actor, "registration.remove", first, second)
            store.remove_transform(connection, image_id, other_id)
            for image in (first, second):
                event = RegistrationWasRemoved(
                    self.slides.clock(), first.id, second.id, image.summary.organisation_id
                )
                outbox.publish(connection, event)

    def _permit_both(self, actor: Actor, image_id: str, other_id: str) -> tuple[Image, Image]:
        first, second = (
            self.slides.permit(actor, each, ALIGN, who_views=True).image for each in (image_id, other_id)
        )
        return first, second

    def _tell_of_both(
        self, actor: Actor, action: str, first: Image, second: Image, **detail: str | float | None
    ) -> None:
        """The life of either slide tells of it."""
        for image, other in ((first, second), (second, first)):
            self.slides.tell(actor, action, image.summary, other=other.id, **detail)

    def _is_stale(self, transform: Transform) -> bool:
        ends = (
            (transform.from_image_id, transform.from_scan),
            (transform.to_image_id, transform.to_scan),
        )
        return any(scan_of(self.slides.get_image_of_any(image_id)) != scan for image_id, scan in ends)


def scan_of(image: Image) -> str:
    """Changes whenever places in um lie elsewhere on the tissue: with another scan or another scale."""
    summary = image.summary
    return f"{image.generation}@{summary.spacing_x_um}x{summary.spacing_y_um}"


def _check_known(present: Transform | None, replaces: str | None) -> None:
    if (None if present is None else present.id) != replaces:
        raise SavedMeanwhile.saying(_SAVED_MEANWHILE)


def _check(draft: TransformDraft, grid: DisplacementGrid | None, start: Image, end: Image) -> float | None:
    """What a transform is wrong by at its landmarks, if it can be one."""
    if start.id == end.id:
        raise Invalid("A slide lies on itself as it is.")
    check_affine(draft.matrix, draft.kind.value)
    if grid is not None:
        check_bending(draft.matrix, grid)
    fewest = _FEWEST[draft.kind] if draft.method == LANDMARKS else 0
    if not fewest <= len(draft.landmarks) <= MOST_LANDMARKS:
        raise Invalid(
            "This transform takes {fewest} to {most} pairs of landmarks.", fewest=fewest, most=MOST_LANDMARKS
        )
    for image, places in (
        (start, [each.start for each in draft.landmarks]),
        (end, [each.end for each in draft.landmarks]),
    ):
        _check_inside(image, np.array(places, np.float64).reshape(-1, 2))
    return residual_um(draft.matrix, grid, draft.landmarks) if draft.landmarks else None


def _check_inside(image: Image, places: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    summary = image.summary
    if not summary.spacing_x_um or not summary.spacing_y_um:
        raise NoPhysicalScale("{name} has no physical scale yet; state it first.", name=summary.name)
    extent = (
        (summary.width_px or 0) * summary.spacing_x_um,
        (summary.height_px or 0) * summary.spacing_y_um,
    )
    outside = ~np.all((places >= 0) & (places <= extent), axis=1)
    if outside.any():
        raise Invalid(
            "Landmark {number} lies outside of {name}.", number=int(np.argmax(outside)) + 1, name=summary.name
        )
