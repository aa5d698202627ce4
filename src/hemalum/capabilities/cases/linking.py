"""Which image is the scan of which slide: by the code on its label, or by hand; never by a guess.

An image says which slide it is of where exactly one identifier of ours stands in its barcode and its file
name, with a check character that fits. It is linked when there is such a slide, at once or as soon as it is
written down. Whatever a person says goes before what the image says.
"""

from dataclasses import dataclass, replace

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.cases import policy, store
from hemalum.capabilities.cases.ledger import Ledger, ShownCase, check_reason
from hemalum.capabilities.cases.model import (
    Case,
    ImageWasLinked,
    ImageWasUnlinked,
    Kind,
    LinkedElsewhere,
    LinkWay,
    Material,
    Origin,
    Stage,
    is_legal,
    word_of,
)
from hemalum.capabilities.slides.model import Image
from hemalum.formats.wsi.clinical import SDPC
from hemalum.kernel import identifiers
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.kernel.ids import ImageId
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction

WAITING = "waiting"
"""The image says which slide it is of, and that is not written down yet."""
CONTRADICTORY = "contradictory"
"""The image says more than one thing."""
SETTLED = "settled"
"""It was linked, or a person took it from its slide."""
_BARCODE_TAGS = tuple(field.tag for field in SDPC if field.tag.endswith(".barcode"))


@dataclass(frozen=True)
class Linking:
    """The links between images and slides of a node."""

    ledger: Ledger

    def find_case_of(self, actor: Actor, image_id: str) -> tuple[ShownCase, Material] | None:
        """The case and the slide that an image is linked to; None for an image of no case, or of another's.

        Raises:
            NotFound: the actor may not see the image, or there is none.
            NotPermitted: the actor sees no cases, or not for this purpose.
        """
        self.ledger.slides.permit(actor, image_id)
        asking = self.ledger.ask(actor, policy.VIEW)
        with reading(self.ledger.database) as connection:
            material_id = store.find_link(connection, image_id)
            if material_id is None:
                return None
            try:
                piece = store.get_material(connection, asking.organisation_id, material_id)
                case = store.get_case(connection, asking.organisation_id, piece.case_id)
            except NotFound:
                return None
            shown = self.ledger.show(connection, asking, [case])[0]
        return shown, next(each for each in shown.material if each.id == piece.id)

    def find_claim(self, image_id: str) -> tuple[str, str | None] | None:
        """What an image says of the slide that it is of, for who was permitted to see it."""
        with reading(self.ledger.database) as connection:
            return store.find_claim(connection, image_id)

    def link(self, actor: Actor, image_id: str, identifier: str) -> ShownCase:
        """Say that an image is the scan of the slide with this identifier.

        Raises:
            NotFound: there is no such image or slide in the actor's organisation.
            NotPermitted: the actor may not.
            NoIdentifier: that is no identifier.
            LinkedElsewhere: the image is linked to another slide; unlink it first.
        """
        image = self.ledger.slides.permit(actor, image_id).image
        asking = self.ledger.ask(actor, policy.PROCESS)
        if image.summary.organisation_id != asking.organisation_id:
            raise NotFound("There is no such image.")
        wanted = str(identifiers.parse(identifier))
        with transaction(self.ledger.database) as connection:
            piece = store.get_by_identifier(connection, asking.organisation_id, wanted)
            case = store.get_case(connection, asking.organisation_id, piece.case_id, to_write=True)
            if piece.kind is not Kind.SLIDE:
                raise Invalid(
                    "Images are of slides; {identifier} is a {kind}.",
                    identifier=wanted,
                    kind=word_of(piece.kind),
                )
            if self._link(connection, case, piece, image_id, LinkWay.HAND, asking):
                self.ledger.follow(connection, case)
            elif store.find_link(connection, image_id) != piece.id:
                raise LinkedElsewhere("This image is linked to another slide; unlink it there first.")
            return self.ledger.show(connection, asking, [_again(connection, case)])[0]

    def unlink(self, actor: Actor, image_id: str, reason: str) -> None:
        """Say that an image is not of the slide that it is linked to. Its code does not link it again.

        Raises:
            NotFound: there is no such image, or it is not linked.
            NotPermitted: the actor may not.
            Invalid: there is no reason.
        """
        self.ledger.slides.permit(actor, image_id)
        asking = self.ledger.ask(actor, policy.PROCESS)
        said = check_reason(reason, needed=True)
        now = self.ledger.clock()
        with transaction(self.ledger.database) as connection:
            material_id = store.find_link(connection, image_id)
            if material_id is None:
                raise NotFound("This image is linked to no slide.")
            piece = store.get_material(connection, asking.organisation_id, material_id)
            case = store.get_case(connection, asking.organisation_id, piece.case_id, to_write=True)
            if not store.remove_link(connection, image_id, material_id):
                raise NotFound("This image is linked to no slide.")
            self.ledger.note(
                connection,
                case,
                asking,
                "unlink_image",
                subject=piece.identifier,
                before=image_id,
                reason=said,
            )
            store.put_claim(connection, image_id, asking.organisation_id, None, SETTLED, now)
            outbox.publish(
                connection,
                ImageWasUnlinked(now, ImageId(image_id), case.organisation_id, case.id, piece.identifier),
            )
            others = store.list_material(connection, [case.id])
            here = next(each for each in others if each.id == piece.id)
            if here.stage is Stage.SCANNED and not here.image_ids:
                self.ledger.set_stage(connection, case, None, here, Stage.RACKED)
            self.ledger.follow(connection, case)

    def find_origin(self, organisation_id: str, image_id: str) -> Origin | None:
        """What an image is the scan of, for what the node does by itself; None for an image of no case."""
        with reading(self.ledger.database) as connection:
            material_id = store.find_link(connection, image_id)
            if material_id is None:
                return None
            try:
                slide = store.get_material(connection, organisation_id, material_id)
                case = store.get_case(connection, organisation_id, slide.case_id)
            except NotFound:
                return None
            pieces = {one.id: one for one in store.list_material(connection, [case.id])}
            part: Material | None = pieces[slide.id]
            while part is not None and part.kind is not Kind.PART:
                part = pieces.get(part.parent_id) if part.parent_id else None
            sealed = store.read_request(connection, case.id)
            request = None
            if sealed is not None and case.patient_id is not None:
                request = self.ledger.vault.open_request(case.patient_id, sealed)
            return Origin(case, pieces[slide.id], part, request)

    def list_images_of(self, case_id: str) -> list[ImageId]:
        """All scans of a case, for what the node does by itself."""
        with reading(self.ledger.database) as connection:
            return [one for piece in store.list_material(connection, [case_id]) for one in piece.image_ids]

    # By the node itself ---------------------------------------------------------------------------------

    def link_by_code(self, image_id: str) -> str | None:
        """Link a fresh image to the slide that it says it is of; answers what that is called if it was.

        Safe to repeat.
        """
        try:
            image = self.ledger.slides.get_image_of_any(image_id)
        except NotFound:
            return None
        said = self._said(image)
        place = image.summary.organisation_id
        identifier = str(next(iter(said))) if len(said) == 1 else None
        if said:
            # By itself: whoever links takes the case first and what the image says last.
            with transaction(self.ledger.database) as connection:
                state = CONTRADICTORY if identifier is None else WAITING
                now = self.ledger.clock()
                store.put_claim(connection, image_id, place, identifier, state, now, unless=SETTLED)
        if identifier is None:
            return None
        with transaction(self.ledger.database) as connection:
            try:
                piece = store.get_by_identifier(connection, place, identifier)
            except NotFound:
                return None
            case = store.get_case(connection, place, piece.case_id, to_write=True)
            if store.find_claim(connection, image_id) != (WAITING, identifier):
                return None
            if not self._link(connection, case, piece, image_id, LinkWay.CODE, None):
                return None
            self.ledger.follow(connection, case)
            return identifier

    def link_waiting(self, connection: sa.Connection, case: Case, piece: Material) -> None:
        """Link the images that said they were of a slide before it was written down."""
        for image_id in store.list_claims(connection, case.organisation_id, piece.identifier, WAITING):
            if self._link(connection, case, piece, image_id, LinkWay.CODE, None):
                piece = replace(piece, stage=Stage.SCANNED)

    def _said(self, image: Image) -> frozenset[identifiers.Identifier]:
        """Slides of which the barcode or the name of an image says that it is of them."""
        texts = [image.summary.name]
        if image.description is not None:
            texts.append(image.description.barcode or "")
        if image.clinical_key is not None:
            fields = msgspec.json.decode(
                self.ledger.slides.blobs.get(image.clinical_key), type=dict[str, str]
            )
            texts += [fields.get(tag, "") for tag in _BARCODE_TAGS]
        found = frozenset(each for text in texts for each in identifiers.find_in(text))
        return frozenset(each for each in found if each.slide is not None)

    def _link(
        self,
        connection: sa.Connection,
        case: Case,
        piece: Material,
        image_id: str,
        way: LinkWay,
        actor: Actor | None,
    ) -> bool:
        """Link an image, unless it is linked already, perhaps by somebody else just now."""
        now = self.ledger.clock()
        person = None if actor is None else actor.person_id
        if not store.add_link(connection, image_id, piece.id, way.value, person, now):
            return False
        self.ledger.note(
            connection,
            case,
            actor,
            "link_image",
            subject=piece.identifier,
            after=image_id,
            detail={"way": way.value},
        )
        store.put_claim(connection, image_id, case.organisation_id, piece.identifier, SETTLED, now)
        outbox.publish(
            connection,
            ImageWasLinked(now, ImageId(image_id), case.organisation_id, case.id, piece.identifier),
        )
        # An image is proof that the slide was scanned, whatever the bench told before.
        if is_legal(piece.kind, piece.stage, Stage.SCANNED):
            self.ledger.set_stage(connection, case, None, piece, Stage.SCANNED)
        return True


def _again(connection: sa.Connection, case: Case) -> Case:
    return store.get_case(connection, case.organisation_id, case.id)
