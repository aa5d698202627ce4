"""Who may do what in custody: in the organisation where somebody acts, of cases that they may see."""

from hemalum.capabilities.cases.service import Cases
from hemalum.kernel.actor import Actor
from hemalum.runtime.policy import check_permission, in_own_organisation

VIEW = "custody.view"
SCAN = "custody.scan"
MANAGE = "custody.manage"
"""To say which points there are."""
DISCARD = "custody.discard"

PERMISSIONS = {action: in_own_organisation(action) for action in (VIEW, SCAN, MANAGE, DISCARD)}

_SEE_CASES = "cases.view"
_MOVE_PIECES = "cases.process"


def ask_to_view(cases: Cases, actor: Actor) -> Actor:
    """The actor with a purpose, if they may see where pieces are.

    Raises:
        NotPermitted: they may not.
    """
    check_permission(actor, VIEW)
    return cases.ledger.ask(actor, _SEE_CASES)


def ask_to(cases: Cases, actor: Actor, action: str) -> Actor:
    """The actor with a purpose, if they may do this and tell where pieces are.

    Raises:
        NotPermitted: they may not.
    """
    check_permission(actor, action)
    return cases.ledger.ask(actor, _SEE_CASES, _MOVE_PIECES)


def check_manager(actor: Actor) -> None:
    """Raise NotPermitted unless the actor may say which points there are."""
    check_permission(actor, MANAGE)
