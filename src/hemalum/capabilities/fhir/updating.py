"""Orders that other systems change: held, let go on, or taken back, and nothing else."""

from dataclasses import dataclass

from hemalum.capabilities.fhir import policy
from hemalum.capabilities.fhir.finding import case_of
from hemalum.capabilities.fhir.model import ChangedSince, Kind, VersionNeeded
from hemalum.capabilities.fhir.opened import order_ids
from hemalum.capabilities.fhir.service import Fhir
from hemalum.capabilities.orders.model import PlacedState
from hemalum.capabilities.orders.service import OrderChanged, Seen
from hemalum.formats.fhir.checks import require_sound
from hemalum.formats.fhir.outcomes import BadResource, Fault, Issue
from hemalum.formats.fhir.scopes import Interaction
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.http_errors import MethodNotAllowed

_MAY_DIFFER = frozenset({"status", "note", "meta", "text"})
"""Of an update: what it says anew, why, and what the node makes itself."""
_MOST_REASON = 500
_BROUGHT = {
    "on-hold": PlacedState.ON_HOLD,
    "active": PlacedState.ACTIVE,
    "revoked": PlacedState.REVOKED,
}


@dataclass(frozen=True)
class Updating:
    """Changes to resources, of which orders alone take some; `base` is the address of the node."""

    fhir: Fhir
    base: str

    def update(
        self, actor: Actor, kind: Kind, resource_id: str, resource: Resource, if_match: str | None
    ) -> Resource:
        """The order as it is after its status was changed: on-hold, active again, or revoked.

        Of several who change it at once from the same version, one does. Of a case that was begun nothing is
        taken back by itself: people are told and decide, and the order stays what it is until then.

        Raises:
            MethodNotAllowed: resources of this kind are not changed.
            VersionNeeded: no version is named.
            ChangedSince: it is another one by now.
            BadResource: it is no sound order, or says something else otherwise.
            AlreadyDecided: the order cannot go there from where it is.
            NotFound, NotPermitted: as `Fhir.read`, and the actor may not accession.
        """
        if kind is not Kind.SERVICE_REQUEST:
            raise MethodNotAllowed("This resource does not know that method.")
        policy.check(actor, kind, Interaction.UPDATE)
        # What was written down is looked at before the version is: if it is the same when the change is
        # made, so is the version.
        seen = self._seen(actor, resource_id)
        known = self.fhir.read(actor, kind, resource_id, self.base)
        _check_version(known, if_match)
        require_sound(resource)
        _check_rest(known, resource)
        if resource["status"] != known["status"]:
            self._bring(actor, seen, resource["status"], _reason_in(resource))
        return self.fhir.read(actor, kind, resource_id, self.base)

    def _seen(self, actor: Actor, order_id: str) -> Seen:
        placing, case_id = self.fhir.orders.placing, case_of(order_id)
        placing.ensure_noted(actor.organisation_id, case_id)
        seen = placing.see(actor, case_id)
        for each, one in zip(order_ids(case_id, [one.order for one in seen]), seen, strict=True):
            if each == order_id:
                return one
        raise NotFound("There is no {kind} of this id.", kind=Kind.SERVICE_REQUEST.value)

    def _bring(self, actor: Actor, seen: Seen, status: str, reason: str) -> None:
        then = _BROUGHT.get(status)
        if then is None:
            said = Sentence("An order is put on hold, active again or revoked; its report completes it.")
            raise _bad("ServiceRequest.status", said)
        try:
            self.fhir.orders.placing.move_seen(actor, seen, then, reason)
        except OrderChanged as error:
            raise ChangedSince("This was changed since you read it; read it again.") from error


def _check_version(known: Resource, if_match: str | None) -> None:
    """Raise unless a client names the version that there is (R4 3.1.0.5)."""
    if if_match is None or not if_match.strip():
        raise VersionNeeded("To change this, name the version that you know, in If-Match.")
    named = {one.strip().removeprefix("W/").strip('"') for one in if_match.split(",")}
    if known["meta"]["versionId"] not in named:
        raise ChangedSince("This was changed since you read it; read it again.")


def _check_rest(known: Resource, resource: Resource) -> None:
    """Raise BadResource where an update says anything else than the order does, each place an issue."""
    names = sorted((known.keys() | resource.keys()) - _MAY_DIFFER)
    issues = [
        Issue(
            Fault.NOT_SUPPORTED,
            f"ServiceRequest.{name}",
            Sentence("An order is changed in its status alone; {name} is to stay.", {"name": name}),
        )
        for name in names
        if known.get(name) != resource.get(name)
    ]
    if issues:
        raise BadResource.because(issues)


def _reason_in(resource: Resource) -> str:
    """Why, as the newest note says."""
    notes = [one["text"] for one in resource.get("note", []) if isinstance(one.get("text"), str)]
    return notes[-1].strip()[:_MOST_REASON] if notes else ""


def _bad(where: str, said: Sentence) -> BadResource:
    return BadResource.because([Issue(Fault.VALUE, where, said)])
