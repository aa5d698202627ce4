"""Who reads (Practitioner, R4 8.4): nobody but oneself."""

from hemalum.capabilities.fhir import policy
from hemalum.capabilities.fhir.model import PERSON
from hemalum.formats.fhir import values
from hemalum.formats.fhir.values import Resource
from hemalum.kernel.actor import Actor
from hemalum.kernel.errors import NotFound


def practitioner(actor: Actor, person_id: str) -> Resource:
    """The actor, by whose id this is.

    Raises:
        NotPermitted: the application was not granted to know who its user is.
        NotFound: it is somebody else.
    """
    policy.check_practitioner(actor)
    if person_id != actor.person_id:
        raise NotFound("There is no {kind} of this id.", kind="Practitioner")
    return {
        "resourceType": "Practitioner",
        "id": actor.person_id,
        "identifier": [values.identifier(PERSON, actor.person_id)],
        "active": True,
        "name": [{"text": actor.called}],
    }
