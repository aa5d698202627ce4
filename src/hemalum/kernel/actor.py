"""Who is acting."""

from dataclasses import dataclass
from enum import StrEnum

from hemalum.kernel.ids import OrganisationId, PersonId


class Purpose(StrEnum):
    """Why somebody looks at a slide."""

    CARE = "care"
    QUALITY = "quality"
    RESEARCH = "research"
    TRIAL = "trial"
    TEACHING = "teaching"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Delegation:
    """What an application of others was granted, that acts for somebody."""

    app_id: str
    scopes: frozenset[str]
    """As `formats.fhir.scopes` reads them."""
    patient_id: str = ""
    """The patient in context, to whom scopes of the level `patient` are limited; empty where nobody is."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or service that asks for something, with what it may do in one organisation."""

    person_id: PersonId
    name: str
    organisation_id: OrganisationId
    """Where the actor acts now; somebody with roles in several organisations acts in one at a time."""
    permissions: frozenset[str]
    session_id: str
    """The session or token the actor came with; tickets are bound to it."""
    roles: frozenset[str] = frozenset()
    """What the actor is in that organisation."""
    groups: frozenset[str] = frozenset()
    jurisdiction: str = ""
    """Of that organisation, as an ISO 3166 code (CN, CN-44, HK)."""
    is_strong: bool = False
    """Whether a second factor or a passkey was shown at sign-in."""
    purpose: Purpose | None = None
    """Why the actor asks; None when nothing was said, and policy takes the first that the roles allow."""
    address: str = ""
    """Network address that the request came from; a personal datum."""
    display_name: str = ""
    """How people call the actor; `name` is what they sign in as."""
    delegation: Delegation | None = None
    """The limits of the application that acts for the person; None where they act themselves."""

    @property
    def called(self) -> str:
        """The name that other people read."""
        return self.display_name or self.name
