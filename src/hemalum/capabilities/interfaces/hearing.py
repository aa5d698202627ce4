"""What the events of other systems mean for material here (IHE PaLM SET 1.1; HL7 table 0003)."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hemalum.capabilities.cases.model import Kind, Stage
from hemalum.capabilities.custody.service import Heard
from hemalum.capabilities.interfaces.model import Sender
from hemalum.formats.hl7.faults import BadMessage, Fault
from hemalum.formats.hl7.specimens import SpecimenEvent

_PART, _BLOCK, _SLIDE = Kind.PART, Kind.BLOCK, Kind.SLIDE
_STAGES: Mapping[str, Mapping[Kind, Stage]] = {
    "S39": {_PART: Stage.COLLECTED},
    "S41": {_PART: Stage.IN_TRANSIT},
    "S42": {_PART: Stage.RECEIVED},
    "S43": {_PART: Stage.ACCEPTED},
    "S44": {_PART: Stage.REJECTED},
    "S45": {_BLOCK: Stage.PRINTED, _SLIDE: Stage.LABELLED},
    "S47": {_PART: Stage.STORED, _BLOCK: Stage.FILED, _SLIDE: Stage.FILED},
    "S50": {_PART: Stage.GROSSED, _BLOCK: Stage.CUT},
    "S52": {_SLIDE: Stage.QC_FAILED},
}
"""Stages that an event alone says; the others need the stage beside."""
_TAKEN_OUT = frozenset({"S48", "take_out"})
_WORDS = frozenset(Stage)


def heard_of(event: SpecimenEvent, sender: Sender) -> Heard:
    """What an event says of its piece.

    Raises:
        BadMessage: it says neither a stage nor a place.
    """
    if event.stage and event.stage not in _WORDS:
        raise BadMessage("The message states a stage that there is not here.").at(
            event.where, Fault.TABLE_VALUE
        )
    stages = dict.fromkeys(Kind, Stage(event.stage)) if event.stage else _STAGES.get(event.event, {})
    is_taken_out = event.event in _TAKEN_OUT and not event.carrier
    if not (stages or event.carrier or is_taken_out):
        raise BadMessage("The message says neither a stage nor a place of the specimen.").at(
            event.where, Fault.TABLE_VALUE
        )
    at = None if event.happened_at is None else event.happened_at.at(ZoneInfo(sender.time_zone))
    return Heard(event.codes, stages, event.carrier, event.position, is_taken_out, event.is_correction, at)
