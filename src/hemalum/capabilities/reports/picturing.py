"""The figures of a report: which photographs may stand in it, and where the pixels come from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from hemalum.capabilities.cases.model import Case
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.grossing.model import Photograph
from hemalum.capabilities.grossing.service import Grossing
from hemalum.capabilities.reports.model import Content, SpecimenFigure
from hemalum.capabilities.slides.model import Image, ImageStatus
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted


@dataclass(frozen=True)
class Shown:
    """The figures of a report for somebody who reads it. What is looked at is recorded."""

    cases: Cases
    actor: Actor
    looked: Callable[[Any, str], None]

    def find_slide(self, image_id: str) -> Image | None:
        """The slide of a figure; None where the actor may not see it."""
        try:
            permitted = self.cases.ledger.slides.permit(self.actor, image_id)
        except (NotFound, NotPermitted):
            return None
        self.looked(permitted, "report")
        return permitted.image

    def read_photograph(self, figure: SpecimenFigure) -> bytes:
        """A photograph as JPEG.

        Raises:
            NotPermitted: the actor may not see it.
            EnteredInError: it does not belong there.
            NotFound: there is none any more.
        """
        return Grossing(self.cases).read_printed(self.actor, figure.photograph_id)


@dataclass(frozen=True)
class Sent:
    """The figures of a signed report that goes out to the systems of its hospital, which is recorded."""

    cases: Cases

    def find_slide(self, image_id: str) -> Image | None:
        """The slide of a figure; None where it cannot be shown."""
        slides = self.cases.ledger.slides
        try:
            image = slides.get_image_of_any(image_id)
        except NotFound:
            return None
        if image.status is not ImageStatus.AVAILABLE:
            return None
        slides.tell(None, "slides.print", image.summary, via="message")
        return image

    def read_photograph(self, figure: SpecimenFigure) -> bytes:
        """A photograph as JPEG.

        Raises:
            EnteredInError: it does not belong there.
            NotFound: there is none any more.
        """
        return Grossing(self.cases).read_sent(figure.photograph_id)


def foreign_images(connection: sa.Connection, cases: Cases, case: Case, content: Content) -> frozenset[str]:
    """Slides of figures that are none of the case, or not any more: they would be of another patient."""
    wanted = {one.image_id for one in content.figures}
    return frozenset(wanted - cases.reporting.images_of(connection, case)) if wanted else frozenset()


def check_figures(connection: sa.Connection, cases: Cases, case: Case, content: Content) -> None:
    """Raise Invalid where a figure is of a slide that is none of the case: it would be of another patient."""
    check_images(connection, cases, case, [one.image_id for one in content.figures])


def check_images(connection: sa.Connection, cases: Cases, case: Case, image_ids: Sequence[str]) -> None:
    """Raise Invalid where one of these images is no scan of a slide of the case."""
    own = cases.reporting.images_of(connection, case) if image_ids else set[str]()
    for image_id in image_ids:
        if image_id not in own:
            raise Invalid("The image {image} is none of this case.", image=image_id)


def pin_photographs(connection: sa.Connection, cases: Cases, case: Case, content: Content) -> Content:
    """The content with what is known now of each photograph in it.

    Raises:
        Invalid: a photograph is not one of the case, was entered in error, or is there twice.
    """
    if not content.photographs:
        return content
    known = Grossing(cases).known_of(connection, case.id)
    pinned = tuple(_pinned(known, one) for one in content.photographs)
    if len({one.photograph_id for one in pinned}) < len(pinned):
        raise Invalid("A photograph is among the figures twice.")
    return replace(content, photographs=pinned)


def check_photographs(connection: sa.Connection, cases: Cases, case: Case, content: Content) -> None:
    """Raise Conflict where a photograph is not what it was when the version was written."""
    try:
        same = pin_photographs(connection, cases, case, content)
    except Invalid as error:
        raise Conflict("A photograph among the figures was entered in error; take it out.") from error
    if same != content:
        raise Conflict("The scale of a photograph among the figures was changed; choose it again.")


def _pinned(known: dict[str, Photograph], figure: SpecimenFigure) -> SpecimenFigure:
    photograph = known.get(figure.photograph_id)
    if photograph is None:
        raise Invalid("A photograph among the figures is none of this case.")
    if photograph.wrong_because is not None:
        raise Invalid("A photograph among the figures was entered in error; take it out.")
    return SpecimenFigure(
        photograph.id,
        figure.caption,
        photograph.identifier,
        photograph.sha256,
        photograph.width_px,
        photograph.height_px,
        photograph.um_per_px,
    )
