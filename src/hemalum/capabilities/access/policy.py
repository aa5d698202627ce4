"""What roles allow. A table, so that it can be read."""

from collections.abc import Iterable

from hemalum.capabilities.access.model import Role
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotPermitted

PERMISSIONS_OF: dict[Role, frozenset[str]] = {
    Role.PATHOLOGIST: frozenset(
        {
            "slides.view",
            "slides.view_label",
            "slides.describe",
            "slides.export",
            "slides.share",
            "slides.break_glass",
        }
    ),
    Role.ON_CALL_SPECIALIST: frozenset(
        {"slides.view", "slides.view_label", "slides.describe", "slides.break_glass"}
    ),
    Role.STUDENT: frozenset({"slides.view"}),
    Role.TECHNICIAN: frozenset({"slides.view", "slides.view_label", "slides.ingest", "slides.describe"}),
    Role.CLINICIAN: frozenset({"slides.view"}),
    Role.RESEARCHER: frozenset({"slides.view", "slides.export"}),
    Role.SPONSOR_REVIEWER: frozenset({"slides.view"}),
    Role.MODEL_DEVELOPER: frozenset({"slides.view"}),
    Role.QUALITY_MANAGER: frozenset({"slides.view", "slides.view_label", "slides.describe"}),
    Role.AUDITOR: frozenset({"audit.read", "audit.export", "audit.erase"}),
    Role.ADMINISTRATOR: frozenset({"access.administer"}),
    Role.NODE_ADMINISTRATOR: frozenset({"access.administer", "access.administer_node"}),
}


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """All that these roles allow together."""
    return frozenset().union(*(PERMISSIONS_OF[role] for role in roles))


NODE_ROLES = frozenset({Role.AUDITOR, Role.NODE_ADMINISTRATOR})
"""Roles that reach beyond an organisation: only the node's administrator gives and takes them."""


def check_may_give(actor: Actor, role: Role) -> None:
    """Raise NotPermitted unless the actor may give and take this role."""
    if role in NODE_ROLES and "access.administer_node" not in actor.permissions:
        raise NotPermitted("Only the node's administrator gives this role.")
