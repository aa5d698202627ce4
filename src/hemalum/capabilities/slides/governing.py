"""Who else may see a slide: its terms, sending it to other organisations, breaking the glass."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from hemalum.capabilities.slides import policy, standing, store
from hemalum.capabilities.slides.model import (
    GLASS_LASTS,
    BrokenGlass,
    GlassWasBroken,
    Share,
    Terms,
    Verdict,
)
from hemalum.capabilities.slides.openings import target_of
from hemalum.capabilities.slides.service import Slides
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.audit import Outcome, Record
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.runtime import outbox
from hemalum.runtime.db import reading, transaction


@dataclass(frozen=True)
class Governing:
    """The use cases of who sees what, on the slides of a node."""

    slides: Slides
    ended: Callable[[str], None]
    """Told, after commit, of every image that somebody may not see any more: whoever may opens it again."""

    def govern(self, actor: Actor, image_id: str, wanted: Terms) -> Terms:
        """Put an image under other terms: protection, blinding, what the patient agreed or objected to.

        Raises:
            NotFound: there is no such image, or the actor may not see it.
            NotPermitted: the actor's roles do not govern slides.
        """
        with transaction(self.slides.database) as connection:
            asking = self.slides.check(connection, actor, image_id, policy.GOVERN)
            summary = store.get_image(connection, image_id, to_write=True).summary
            now = standing.get_terms(connection, image_id)
            terms = replace(wanted, organisation_id=summary.organisation_id, held_back=now.held_back)
            changes = {
                "restricted": terms.restricted,
                "blinded": terms.blinded,
                "consented": sorted(terms.consented),
                "refused": sorted(terms.refused),
            }
            self.slides.tell(asking, policy.GOVERN, summary, **changes)
            store.update_image(connection, image_id, terms_id=standing.keep_terms(connection, terms))
            store.bump_revision(connection)
        self.ended(image_id)
        return terms

    def get_terms(self, actor: Actor, image_id: str) -> Terms:
        """The terms of an image. Raises as `govern` does."""
        with reading(self.slides.database) as connection:
            self.slides.check(connection, actor, image_id, policy.GOVERN)
            found = standing.find_standing(connection, image_id, actor, self.slides.clock())
        assert found is not None
        return found.terms

    def share(
        self, actor: Actor, image_id: str, organisation_id: str, days: int, legal_basis: str | None
    ) -> Share:
        """Send an image to another organisation, to be read there for a while.

        Raises:
            NotFound: there is no such image or organisation, or the actor may not see the image.
            NotPermitted: the actor may not send it.
            Invalid: it is the image's own organisation.
            Conflict: its metadata are refused.
        """
        now = self.slides.clock()
        receiver = self.slides.gate.place_of(OrganisationId(organisation_id))
        with transaction(self.slides.database) as connection:
            asking = self.slides.check(connection, actor, image_id, policy.SHARE)
            summary = store.get_image(connection, image_id).summary
            if receiver.id == summary.organisation_id:
                raise Invalid("A slide is sent to another organisation than its own.")
            # Not a rule of policy: what was sent before can still be taken back.
            if standing.get_terms(connection, image_id).held_back:
                raise Conflict("The metadata of this slide are refused; mend them before it is sent.")
            share = Share(
                summary.id, receiver.id, actor.person_id, now, now + timedelta(days=days), legal_basis
            )
            self.slides.tell(
                asking, policy.SHARE, summary, to=receiver.id, until=share.until, legal_basis=legal_basis
            )
            standing.add_share(connection, share)
            store.bump_revision(connection)
        return share

    def list_shares(self, actor: Actor, image_id: str) -> list[Share]:
        """Where an image was sent. Raises as `share` does."""
        with reading(self.slides.database) as connection:
            self.slides.check(connection, actor, image_id, policy.SHARE)
            return standing.list_shares(connection, image_id, self.slides.clock())

    def end_share(self, actor: Actor, image_id: str, organisation_id: str) -> None:
        """Take an image back from an organisation. Raises as `share` does."""
        with transaction(self.slides.database) as connection:
            asking = self.slides.check(connection, actor, image_id, policy.SHARE)
            self.slides.tell(
                asking,
                "slides.end_share",
                store.get_image(connection, image_id).summary,
                to=organisation_id,
            )
            if not standing.end_share(connection, image_id, organisation_id, self.slides.clock()):
                raise NotFound("This slide was not sent there.")
            store.bump_revision(connection)
        self.ended(image_id)

    def break_glass(self, actor: Actor, image_id: str, reason: str) -> BrokenGlass:
        """Open a slide in an emergency that policy keeps from the actor: for four hours, and to be reviewed.

        Raises:
            NotFound: there is no such image, or breaking the glass would not help. The attempt is recorded.
            Conflict: the actor sees it anyway.
        """
        now = self.slides.clock()
        caring = replace(actor, purpose=Purpose.CARE)
        with transaction(self.slides.database) as connection:
            found = standing.find_standing(connection, image_id, caring, now)
            if found is None or not self.slides.gate.may_break_glass(caring, found, now):
                self._tell_refused(caring, image_id)
                raise NotFound("There is no such image.")
            if self.slides.gate.decide(caring, policy.VIEW, found, now).is_allowed:
                raise Conflict("You see this slide without breaking the glass.")
            summary = store.get_image(connection, image_id).summary
            glass = BrokenGlass(
                new_id(),
                summary.id,
                summary.name,
                summary.organisation_id,
                actor.person_id,
                actor.called,
                reason,
                now,
                now + GLASS_LASTS,
            )
            record = Record(
                policy.BREAK_GLASS,
                caring,
                target=target_of(image_id),
                organisation_id=summary.organisation_id,
                detail={"glass": glass.id, "until": glass.until.isoformat()},
                personal={"reason": reason},
            )
            self.slides.record(record)
            standing.add_glass(connection, glass)
            event = GlassWasBroken(now, summary.id, summary.organisation_id, actor.person_id)
            outbox.publish(connection, event)
            store.bump_revision(connection)
        return glass

    def _tell_refused(self, actor: Actor, image_id: str) -> None:
        self.slides.record(Record(policy.BREAK_GLASS, actor, Outcome.REFUSED, target_of(image_id)))

    def list_glass(self, actor: Actor, *, only_open: bool) -> list[BrokenGlass]:
        """Broken glass at the slides of the actor's organisation, newest first."""
        with reading(self.slides.database) as connection:
            return standing.list_glass(connection, actor.organisation_id, only_open=only_open)

    def review_glass(self, actor: Actor, glass_id: str, verdict: Verdict, remark: str) -> BrokenGlass:
        """Say whether the glass was broken with good reason.

        Raises:
            NotFound: there is no such broken glass in the actor's organisation.
            NotPermitted: the actor broke it.
            Conflict: it was reviewed already.
        """
        with transaction(self.slides.database) as connection:
            glass = standing.get_glass(connection, glass_id)
            if glass.organisation_id != actor.organisation_id:
                raise NotFound("There is no such broken glass.")
            if glass.person_id == actor.person_id:
                raise NotPermitted("Somebody else reviews what you opened in an emergency.")
            record = Record(
                "slides.review_glass",
                actor,
                target=target_of(glass.image_id),
                organisation_id=glass.organisation_id,
                detail={"glass": glass.id, "verdict": verdict.value},
                personal={"remark": remark},
            )
            self.slides.record(record)
            review = {
                "verdict": verdict.value,
                "reviewed_by": actor.called,
                "reviewed_at": self.slides.clock(),
                "remark": remark,
            }
            if not standing.review_glass(connection, glass_id, **review):
                raise Conflict("This broken glass was reviewed already.")
            return standing.get_glass(connection, glass_id)
