"""Who may do what with which slide: the questions that slides put to the policies of the node."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from hemalum.capabilities.slides.model import Relation, Standing, Terms
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId
from hemalum.runtime.policy import (
    Decision,
    Place,
    Policies,
    Probe,
    in_own_organisation,
    moment,
    person_entities,
    reference,
)

VIEW = "slides.view"
VIEW_LABEL = "slides.view_label"
VIEW_CLINICAL = "slides.view_clinical"
DESCRIBE = "slides.describe"
EXPORT = "slides.export"
SHARE = "slides.share"
GOVERN = "slides.govern"
INGEST = "slides.ingest"
BREAK_GLASS = "slides.break_glass"

_SLIDE = "slide"


class GlassNeeded(NotPermitted):
    """Policy keeps the slide from somebody who may break the glass for it."""

    code = "glass-needed"


@dataclass(frozen=True)
class Gate:
    """Decides about slides. May be used from several threads."""

    policies: Policies
    place_of: Callable[[OrganisationId], Place]
    general_basis: frozenset[Purpose]
    """Purposes for which this node needs no consent of the single patient."""

    def for_many(self) -> "Gate":
        """The same gate, which looks each organisation up once: for all slides of one request."""
        return replace(self, place_of=cache(self.place_of))

    def decide(self, actor: Actor, action: str, standing: Standing, now: datetime) -> Decision:
        """Whether the actor may do this to slides of this standing, for the purpose that the actor states.

        What a token is not meant for, its holder may not do by it, whatever the holder's roles allow.
        """
        if action not in actor.permissions:
            return Decision(False, ())
        return self.ask(actor, action, standing, now)

    def ask(self, actor: Actor, action: str, standing: Standing, now: datetime) -> Decision:
        """What the policies say, whatever else limits the actor."""
        home = owner = self.place_of(actor.organisation_id)
        if standing.terms.organisation_id != home.id:
            owner = self.place_of(standing.terms.organisation_id)
        entities = [*person_entities(actor, home), home.entity]
        if owner.id != home.id:
            entities.append(owner.entity)
        entities.append(_entity(standing.terms, owner))
        context = {
            "purpose": actor.purpose or Purpose.CARE,
            "relation": sorted(standing.relation),
            "general_basis": sorted(self.general_basis),
            "now": moment(now),
        }
        return self.policies.decide(actor.person_id, action, "Slide", _SLIDE, entities, context)

    def with_purpose(self, actor: Actor, now: datetime) -> Actor:
        """The actor with a purpose: the stated one, or the first for which their roles see own slides."""
        if actor.purpose is not None:
            return actor
        return replace(actor, purpose=next(self.purposes(actor, now), Purpose.CARE))

    def purposes(self, actor: Actor, now: datetime) -> Iterator[Purpose]:
        """The purposes for which the actor's roles see slides of their own organisation."""
        own = Standing(Terms(actor.organisation_id), frozenset({Relation.OWN}))
        for purpose in Purpose:
            if self.decide(replace(actor, purpose=purpose), VIEW, own, now).is_allowed:
                yield purpose

    def check(self, actor: Actor, action: str, standing: Standing | None, now: datetime) -> Decision:
        """What permits this.

        Raises:
            NotFound: the actor may not see the slide, or there is none: the same answer.
            GlassNeeded: the actor may not see this slide of the own organisation, or one that was sent to it,
                and may break the glass for it. Of others it is not even told that they are there.
            NotPermitted: the actor sees the slide and may not do this to it.
        """
        if standing is None:
            raise NotFound("There is no such image.")
        decision = self.decide(actor, action, standing, now)
        if decision.is_allowed:
            return decision
        if action != VIEW and self.decide(actor, VIEW, standing, now).is_allowed:
            raise NotPermitted(
                "Policy does not allow {action} here ({rules}).",
                action=action,
                rules=", ".join(decision.rules) or "-",
            )
        if standing.relation and self.may_break_glass(actor, standing, now):
            raise GlassNeeded("This slide is kept from you; in an emergency, break the glass and say why.")
        raise NotFound("There is no such image.")

    def may_break_glass(self, actor: Actor, standing: Standing, now: datetime) -> bool:
        """Whether the actor would see the slide, for care, with the glass broken."""
        broken = replace(standing, relation=standing.relation | {Relation.GLASS})
        caring = replace(actor, purpose=Purpose.CARE)
        return BREAK_GLASS in actor.permissions and self.decide(caring, VIEW, broken, now).is_allowed


def on_own_slides(action: str) -> Probe:
    """A probe for what is done to slides: some slide of one's organisation, for some purpose."""

    def may_ever(policies: Policies, actor: Actor, place: Place) -> bool:
        gate = Gate(policies, lambda _: place, frozenset(Purpose))
        own = Standing(Terms(place.id), frozenset({Relation.OWN}))
        now = utc_now()
        return any(
            gate.ask(replace(actor, purpose=purpose), action, own, now).is_allowed for purpose in Purpose
        )

    return may_ever


_ON_SLIDES = (VIEW, VIEW_LABEL, VIEW_CLINICAL, DESCRIBE, EXPORT, SHARE, GOVERN)
_IN_ORGANISATION = (INGEST, BREAK_GLASS)
PERMISSIONS = {action: on_own_slides(action) for action in _ON_SLIDES} | {
    action: in_own_organisation(action) for action in _IN_ORGANISATION
}


def _entity(terms: Terms, owner: Place) -> dict[str, Any]:
    """A slide under these terms. It has no name, so that no rule can tell slides of equal standing apart."""
    attributes = {
        "organisation": reference("Organisation", owner.id),
        "country": owner.country,
        "restricted": terms.restricted,
        "blinded": terms.blinded,
        "consented": sorted(terms.consented),
        "refused": sorted(terms.refused),
        "held_back": terms.held_back,
    }
    return {"uid": {"type": "Slide", "id": _SLIDE}, "attrs": attributes, "parents": []}
