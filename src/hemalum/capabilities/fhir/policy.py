"""What resources ask of whoever reads or makes them: permissions of cases, since all of them are of cases."""

from hemalum.capabilities.fhir.model import OF_REPORTS, Kind
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotPermitted

VIEW = "cases.view"
VIEW_PATIENT = "cases.view_patient"
ACCESSION = "cases.accession"
EXPORT = "fhir.export"
"""To take away all that there is of the organisation at once."""
SUBSCRIBE = "fhir.subscribe"
"""To have another system told of what is signed and ordered."""


def needed(kind: Kind, *, creates: bool = False) -> tuple[str, ...]:
    """What somebody has to hold to read resources of a kind, or to create one."""
    if creates:
        return (ACCESSION, VIEW_PATIENT)
    return (VIEW, VIEW_PATIENT) if kind in OF_REPORTS | {Kind.PATIENT} else (VIEW,)


def check(actor: Actor, kind: Kind, *, creates: bool = False) -> None:
    """Raise NotPermitted unless the actor, and the token that they came with, reaches this kind.

    The one place where what an application was granted narrows what its user may do: scopes of apps belong
    here. Which cases are seen is decided where cases are.
    """
    missing = [one for one in needed(kind, creates=creates) if one not in actor.permissions]
    if missing:
        raise NotPermitted("Your role does not include {permission}.", permission=missing[0])
