"""Who may register apps. What roles allow stands in `hemalum/policies`."""

from hemalum.capabilities.apps.model import MANAGE
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotPermitted
from hemalum.runtime.policy import in_own_organisation

PERMISSIONS = {MANAGE: in_own_organisation(MANAGE)}


def check(actor: Actor) -> None:
    """Raise NotPermitted unless the actor may register apps of their organisation."""
    if MANAGE not in actor.permissions:
        raise NotPermitted("Your role does not include {permission}.", permission=MANAGE)
