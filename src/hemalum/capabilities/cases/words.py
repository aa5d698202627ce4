"""Kinds, stages and states as words within a sentence: sentences themselves, so that they are said in the
language of the rest. No I/O."""

from enum import StrEnum

from hemalum.kernel.sentence import Sentence

_WORDS = {
    "part": Sentence("part"),
    "block": Sentence("block"),
    "slide": Sentence("slide"),
    "registered": Sentence("registered"),
    "accessioned": Sentence("accessioned"),
    "in_process": Sentence("in process"),
    "ready": Sentence("ready"),
    "assigned": Sentence("assigned"),
    "draft": Sentence("draft"),
    "preliminary": Sentence("preliminary"),
    "final": Sentence("final"),
    "amended": Sentence("amended"),
    "ended": Sentence("ended"),
    "expected": Sentence("expected"),
    "collected": Sentence("collected"),
    "in_transit": Sentence("on its way"),
    "received": Sentence("received"),
    "accepted": Sentence("accepted"),
    "rejected": Sentence("rejected"),
    "grossed": Sentence("grossed"),
    "stored": Sentence("stored"),
    "disposed": Sentence("disposed of"),
    "planned": Sentence("planned"),
    "printed": Sentence("printed"),
    "filled": Sentence("filled"),
    "processed": Sentence("processed"),
    "embedded": Sentence("embedded"),
    "cut": Sentence("cut"),
    "filed": Sentence("filed"),
    "on_loan": Sentence("on loan"),
    "labelled": Sentence("labelled"),
    "sectioned": Sentence("sectioned"),
    "stained": Sentence("stained"),
    "coverslipped": Sentence("coverslipped"),
    "qc_passed": Sentence("passed by quality control"),
    "qc_failed": Sentence("failed by quality control"),
    "racked": Sentence("racked"),
    "scanned": Sentence("scanned"),
    "lost": Sentence("lost"),
    "broken": Sentence("broken"),
    "cancelled": Sentence("cancelled"),
    "requested": Sentence("requested"),
    "in_progress": Sentence("in progress"),
    "done": Sentence("done"),
    "active": Sentence("active"),
    "on_hold": Sentence("on hold"),
    "revoked": Sentence("revoked"),
    "completed": Sentence("completed"),
}


def word_of(state: StrEnum) -> Sentence:
    """A kind, stage or state of cases, material or orders within a sentence."""
    return _WORDS[state.value]
