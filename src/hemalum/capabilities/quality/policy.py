"""Who may read a case again, and decide where two readings differ: asked of the policies for each reread."""

from dataclasses import replace
from datetime import datetime

from hemalum.capabilities.cases.service import on_own_cases
from hemalum.capabilities.quality.model import (
    ARBITRATE,
    HAND_IN,
    MANAGE,
    REREAD,
    VIEW,
    Reread,
    State,
)
from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.clock import utc_now
from hemalum.runtime.policy import Place, Policies, Probe, moment, person_entities, reference


def allows(
    policies: Policies, actor: Actor, action: str, place: Place, reread: Reread, now: datetime
) -> bool:
    """Whether somebody may read this case again, or decide about it."""
    involved, waits = reread.signed.involved, reread.state is State.WAITING and reread.by_person
    return action in actor.permissions and _asked(
        policies, actor, action, place, now, involved=involved, waits=waits
    )


def _ever(action: str) -> Probe:
    def may_ever(policies: Policies, actor: Actor, place: Place) -> bool:
        now = utc_now()
        return any(
            _asked(policies, replace(actor, purpose=purpose), action, place, now) for purpose in Purpose
        )

    return may_ever


PERMISSIONS = {
    **{action: on_own_cases(action) for action in (VIEW, MANAGE, HAND_IN)},
    **{action: _ever(action) for action in (REREAD, ARBITRATE)},
}


def _asked(
    policies: Policies,
    actor: Actor,
    action: str,
    place: Place,
    now: datetime,
    *,
    involved: frozenset[str] = frozenset(),
    waits: bool = True,
) -> bool:
    attributes = {
        "organisation": reference("Organisation", place.id),
        "involved": [reference("Person", one) for one in sorted(involved)],
        "open": waits,
    }
    entities = [
        *person_entities(actor, place),
        place.entity,
        {"uid": {"type": "Reread", "id": "reread"}, "attrs": attributes, "parents": []},
    ]
    context = {"purpose": actor.purpose or Purpose.CARE, "now": moment(now)}
    return policies.decide(actor.person_id, action, "Reread", "reread", entities, context).is_allowed
