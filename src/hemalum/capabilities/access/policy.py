"""Who may administer people and the node. What roles allow stands in `hemalum/policies`."""

from hemalum.capabilities.access.model import BeyondOrganisation, Role
from hemalum.kernel.actor import Actor
from hemalum.runtime.policy import in_own_organisation

ADMINISTER = "access.administer"
ADMINISTER_NODE = "access.administer_node"

PERMISSIONS = {action: in_own_organisation(action) for action in (ADMINISTER, ADMINISTER_NODE)}

NODE_ROLES = frozenset({Role.AUDITOR, Role.NODE_ADMINISTRATOR})
"""Roles that reach beyond an organisation: only the node's administrator gives and takes them."""


def check_may_give(actor: Actor, role: Role) -> None:
    """Raise NotPermitted unless the actor may give and take this role."""
    if role in NODE_ROLES and ADMINISTER_NODE not in actor.permissions:
        raise BeyondOrganisation("Only the node's administrator gives this role.")
