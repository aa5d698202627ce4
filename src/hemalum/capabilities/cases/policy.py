"""Who may do what with cases: the questions that cases put to the policies of the node."""

from dataclasses import dataclass, replace
from datetime import datetime

from hemalum.kernel.actor import Actor, Purpose
from hemalum.kernel.clock import utc_now
from hemalum.kernel.errors import NotPermitted
from hemalum.runtime.policy import Decision, Place, Policies, Probe, moment, person_entities, reference

VIEW = "cases.view"
VIEW_PATIENT = "cases.view_patient"
ACCESSION = "cases.accession"
PROCESS = "cases.process"
"""To tell where material is, and which image is the scan of which slide."""
ASSIGN = "cases.assign"
REPORT = "cases.report"
"""To take a case on, draft, and hand a preliminary opinion over."""
SIGN_OUT = "cases.sign_out"
TAKE_OVER_PATIENT = "cases.take_over_patient"
"""To let a case have what a scanner's file says of the patient."""
MERGE_PATIENTS = "cases.merge_patients"

VIEW_TURNAROUND = "cases.view_turnaround"
"""How long cases take."""
VIEW_TURNAROUND_OF_PEOPLE = "cases.view_turnaround_of_people"
"""How long each reader takes."""

_ACTIONS = (
    VIEW,
    VIEW_PATIENT,
    ACCESSION,
    PROCESS,
    ASSIGN,
    REPORT,
    SIGN_OUT,
    TAKE_OVER_PATIENT,
    MERGE_PATIENTS,
    VIEW_TURNAROUND,
    VIEW_TURNAROUND_OF_PEOPLE,
)
_CASE = "case"


@dataclass(frozen=True)
class CaseGate:
    """Decides about the cases of the actor's own organisation; there are no others for anybody."""

    policies: Policies

    def allows(
        self, actor: Actor, action: str, place: Place, now: datetime, *, is_blinded: bool = False
    ) -> bool:
        """Whether the actor may do this to cases of the place where they act, for the purpose they state.

        What a token is not meant for, its holder may not do by it, whatever the holder's roles allow.
        `is_blinded` is whether they read the case a second time without knowing its report.
        """
        if action not in actor.permissions:
            return False
        return _asked(self.policies, actor, action, place, now, is_blinded=is_blinded).is_allowed

    def check(self, actor: Actor, action: str, place: Place, now: datetime) -> None:
        """Raise NotPermitted unless `allows`."""
        if not self.allows(actor, action, place, now):
            rules = _asked(self.policies, actor, action, place, now).rules
            raise NotPermitted(
                "Policy does not allow {action} here ({rules}).", action=action, rules=", ".join(rules) or "-"
            )


def on_own_cases(action: str) -> Probe:
    """A probe for what is done to cases: those of one's organisation, for some purpose."""

    def may_ever(policies: Policies, actor: Actor, place: Place) -> bool:
        now = utc_now()
        return any(
            _asked(policies, replace(actor, purpose=purpose), action, place, now).is_allowed
            for purpose in Purpose
        )

    return may_ever


PERMISSIONS = {action: on_own_cases(action) for action in _ACTIONS}


def _asked(
    policies: Policies,
    actor: Actor,
    action: str,
    place: Place,
    now: datetime,
    *,
    is_blinded: bool = False,
) -> Decision:
    owner = {"organisation": reference("Organisation", place.id), "blinded": is_blinded}
    entities = [
        *person_entities(actor, place),
        place.entity,
        {"uid": {"type": "Case", "id": _CASE}, "attrs": owner, "parents": []},
    ]
    context = {"purpose": actor.purpose or Purpose.CARE, "now": moment(now)}
    return policies.decide(actor.person_id, action, "Case", _CASE, entities, context)
