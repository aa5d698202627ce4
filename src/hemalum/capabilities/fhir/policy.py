"""What resources ask of whoever reads or makes them: permissions of cases, since all of them are of cases;
and of an application that acts for somebody, what it was granted."""

from collections.abc import Iterable
from dataclasses import replace

from hemalum.capabilities.fhir.model import OF_REPORTS, Kind
from hemalum.formats.fhir.scopes import FHIR_USER, Interaction, Level, Scope, scopes_of
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotPermitted

VIEW = "cases.view"
VIEW_PATIENT = "cases.view_patient"
ACCESSION = "cases.accession"
EXPORT = "fhir.export"
"""To take away all that there is of the organisation at once."""
SUBSCRIBE = "fhir.subscribe"
"""To have another system told of what is signed and ordered."""
_BINARY = "Binary"
_PRACTITIONER = "Practitioner"


def needed(kind: Kind, *, creates: bool = False) -> tuple[str, ...]:
    """What somebody has to hold to read resources of a kind, or to create or change one."""
    if creates:
        return (ACCESSION, VIEW_PATIENT)
    return (VIEW, VIEW_PATIENT) if kind in OF_REPORTS | {Kind.PATIENT} else (VIEW,)


def check(actor: Actor, kind: Kind, interaction: Interaction = Interaction.READ) -> None:
    """Raise NotPermitted unless the actor, and the token that they came with, reaches this kind.

    The one place where what an application was granted narrows what its user may do to a kind; to whom it is
    narrowed, `patient_in` says. Which cases are seen is decided where cases are.
    """
    creates = interaction in (Interaction.CREATE, Interaction.UPDATE)
    missing = [one for one in needed(kind, creates=creates) if one not in actor.permissions]
    if missing:
        raise NotPermitted("Your role does not include {permission}.", permission=missing[0])
    if actor.delegation is None:
        return
    levels = _levels(actor, kind, interaction)
    if not (levels - {Level.PATIENT} if creates else levels):
        raise _not_granted(kind.value, interaction)


def patient_in(actor: Actor, kind: Kind, interaction: Interaction = Interaction.READ) -> str | None:
    """The only patient whose resources of a kind the actor reaches; None where it is not only one."""
    if actor.delegation is None or _levels(actor, kind, interaction) - {Level.PATIENT}:
        return None
    return actor.delegation.patient_id


def check_export(actor: Actor, kinds: Iterable[Kind]) -> None:
    """Raise NotPermitted unless the actor may take away all resources of these kinds: an application by
    scopes of the level `system`, which name no patient."""
    for kind in kinds:
        check(actor, kind)
        for interaction in (Interaction.READ, Interaction.SEARCH):
            if actor.delegation is not None and Level.SYSTEM not in _levels(actor, kind, interaction):
                raise _not_granted(kind.value, interaction)


def as_reader_of_documents(actor: Actor) -> Actor:
    """The actor as they read what a DocumentReference names: an application by what it was granted of Binary.

    Raises:
        NotPermitted: that is nothing.
    """
    if actor.delegation is None:
        return actor
    found = _covering(actor, _BINARY, Interaction.READ)
    if not found:
        raise _not_granted(_BINARY, Interaction.READ)
    scopes = frozenset(f"{one.level}/{Kind.DOCUMENT_REFERENCE}.r" for one in found)
    return replace(actor, delegation=replace(actor.delegation, scopes=scopes))


def check_practitioner(actor: Actor) -> None:
    """Raise NotPermitted unless the actor may know who they are themselves."""
    if actor.delegation is None or FHIR_USER in actor.delegation.scopes:
        return
    if not _covering(actor, _PRACTITIONER, Interaction.READ):
        raise _not_granted(_PRACTITIONER, Interaction.READ)


def _covering(actor: Actor, kind: str, interaction: Interaction) -> list[Scope]:
    """The scopes that reach a kind; those of a patient only where there is one."""
    assert actor.delegation is not None
    scopes = scopes_of(actor.delegation.scopes)
    reached = [one for one in scopes if one.covers(kind, interaction)]
    return [one for one in reached if one.level is not Level.PATIENT or actor.delegation.patient_id]


def _levels(actor: Actor, kind: Kind, interaction: Interaction) -> set[Level]:
    return {one.level for one in _covering(actor, kind.value, interaction)}


def _not_granted(kind: str, interaction: Interaction) -> NotPermitted:
    return NotPermitted("The application was not granted {scope}.", scope=f"{kind}.{interaction.value}")
