"""Organisations, people and roles."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from hemalum.kernel.ids import OrganisationId, PersonId

SESSION_LASTS = timedelta(hours=12)
LINK_LASTS = timedelta(hours=1)

FIRST_ORGANISATION = OrganisationId("home")
"""The organisation a fresh node starts with, so that its operator can ingest at once."""


class Role(StrEnum):
    """What a person does in their organisation (the people of MISSION.md that issue tickets so far)."""

    ADMINISTRATOR = "administrator"
    PATHOLOGIST = "pathologist"
    TECHNICIAN = "technician"
    RESEARCHER = "researcher"
    STUDENT = "student"


PERMISSIONS_OF: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            "slides.view",
            "slides.view_label",
            "slides.ingest",
            "slides.describe",
            "slides.export",
            "access.administer",
        }
    ),
    Role.PATHOLOGIST: frozenset({"slides.view", "slides.view_label", "slides.describe", "slides.export"}),
    Role.TECHNICIAN: frozenset({"slides.view", "slides.view_label", "slides.ingest", "slides.describe"}),
    Role.RESEARCHER: frozenset({"slides.view", "slides.export"}),
    Role.STUDENT: frozenset({"slides.view"}),
}


@dataclass(frozen=True, slots=True)
class Organisation:
    """A hospital, laboratory or university on this node."""

    id: OrganisationId
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role in an organisation."""

    id: PersonId
    name: str
    """What they sign in as; unique on the node."""
    display_name: str
    organisation_id: OrganisationId
    role: Role


class GrantKind(StrEnum):
    """How a secret may be used."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the word, not a secret
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Grant:
    """A secret somebody holds, without the secret."""

    id: str
    kind: GrantKind
    person_id: PersonId
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked, nor spent, nor past its time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)
