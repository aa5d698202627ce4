"""Who is acting."""

from dataclasses import dataclass

from hemalum.kernel.ids import OrganisationId, PersonId


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or service that asks for something, with what it may do in its organisation."""

    person_id: PersonId
    name: str
    organisation_id: OrganisationId
    permissions: frozenset[str]
    session_id: str
    """The session or token the actor came with; tickets are bound to it."""
