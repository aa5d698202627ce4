"""The chain: each event is sealed by a hash over all it tells and over the hash of the one before.

The canonical form is JSON with sorted keys, UTF-8, without spaces; times are UTC in ISO 8601 with
microseconds. Whoever changes, removes or reorders a row has to make all later hashes anew, and the log of the
node, which holds each hash from the moment it was made, still tells the old ones.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.custody import store
from hemalum.capabilities.custody.model import FIRST_HASH, CustodyEvent, Fault, Verified
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Outcome, Record, Recorder
from hemalum.kernel.sentence import Sentence

CAPABILITY = "custody"
_MOST_FAULTS = 100

type Told = Callable[[int], frozenset[str]]
"""The hashes that the log of the node tells of a number of the chain."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest link when a chain was found whole."""

    number: int
    hash: str
    previous_hash: str
    whole_at: datetime
    """When every link of the chain was looked at last."""


def hash_of(event: CustodyEvent) -> str:
    """The hash of an event: over all it tells but its own hash."""
    told = msgspec.to_builtins(event)
    del told["hash"]
    told |= {"at": _said(event.at), "occurred_at": _said(event.occurred_at)}
    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


def append(connection: sa.Connection, event: CustodyEvent, actor: Actor, record: Recorder) -> CustodyEvent:
    """The event as the newest link of its chain, in the log of the node, too.

    `store.hold` has given this transaction the chain before. The log is told first: what it cannot keep does
    not happen.
    """
    number, previous = store.head(connection, event.organisation_id)
    counted = store.count_of(connection, event.organisation_id, event.subject.code)
    linked = replace(event, number=number + 1, subject_number=counted + 1, previous_hash=previous)
    linked = replace(linked, hash=hash_of(linked))
    record(
        Record(
            f"{CAPABILITY}.{event.action.value}",
            actor,
            Outcome.REFUSED if event.is_refused else Outcome.DONE,
            f"case/{event.subject.case_id}" if event.subject.case_id else "",
            event.organisation_id,
            {"subject": event.subject.code, "number": linked.number, "hash": linked.hash}
            | ({"refused": event.refusal_code} if event.is_refused else {}),
        )
    )
    store.add_event(connection, linked)
    return linked


def verify(
    connection: sa.Connection,
    organisation_id: str,
    told: Told | None = None,
    seen: Seen | None = None,
    *,
    only_on: bool = False,
) -> Verified:
    """Look at every link of an organisation's chain, and at whether the log tells the same; memory stays
    flat.

    What was `seen` before has to be there still; with `only_on`, links before it are not looked at.
    """
    state = _Look(told, seen, only_on=only_on)
    events = store.each_event(connection, organisation_id, after=state.number)
    faults = list(islice(state.faults(events), _MOST_FAULTS))
    number, newest = store.head(connection, organisation_id)
    is_cut = seen is not None and state.number < seen.number
    if len(faults) < _MOST_FAULTS and (is_cut or (number, newest) != (state.number, state.hash)):
        faults.append(Fault(number, Sentence("The end of the chain is missing.")))
    if told is not None and not faults and told(state.number + 1):
        missing = Sentence("The log of the node tells of an event that is not in the chain.")
        faults.append(Fault(state.number + 1, missing))
    return Verified(state.number, tuple(faults))


def verify_subject(connection: sa.Connection, organisation_id: str, code: str) -> Verified:
    """Look at what the chain holds of one subject: each event, its link to the one before, none missing, and
    whether it is where the last of them says."""
    events = store.list_of(connection, organisation_id, code)
    before = store.hashes_before(connection, organisation_id, [each.number for each in events])
    faults = []
    for count, event in enumerate(events, 1):
        if event.subject_number != count:
            faults.append(Fault(event.number, Sentence("An event before this one is missing.")))
            break
        if hash_of(event) != event.hash:
            faults.append(Fault(event.number, Sentence("This event was changed.")))
        elif event.previous_hash != before.get(event.number - 1, FIRST_HASH if event.number == 1 else ""):
            faults.append(Fault(event.number, Sentence("This event does not follow the one before it.")))
    done = [each for each in events if not each.is_refused]
    standing = store.find_standing(connection, organisation_id, code)
    if (standing.place if standing else None) != (done[-1].after_place if done else None):
        number = done[-1].number if done else 0
        faults.append(Fault(number, Sentence("It is said to be elsewhere than its last event tells.")))
    return Verified(len(events), tuple(faults[:_MOST_FAULTS]))


class _Look:
    """How far a look at a chain has come."""

    def __init__(self, told: Told | None, seen: Seen | None, *, only_on: bool) -> None:
        start = seen if only_on else None
        self.number = 0 if start is None else start.number - 1
        self.hash = FIRST_HASH if start is None else start.previous_hash
        self._told = told
        self._seen = seen

    def faults(self, events: Iterator[CustodyEvent]) -> Iterator[Fault]:
        for event in events:
            if event.number != self.number + 1:
                yield Fault(event.number, Sentence("An event before this one is missing."))
            elif event.previous_hash != self.hash:
                yield Fault(event.number, Sentence("This event does not follow the one before it."))
            if hash_of(event) != event.hash or not self._is_as_seen(event):
                yield Fault(event.number, Sentence("This event was changed."))
            elif self._told is not None and event.hash not in self._told(event.number):
                yield Fault(event.number, Sentence("The log of the node does not tell of this event."))
            self.number, self.hash = event.number, event.hash

    def _is_as_seen(self, event: CustodyEvent) -> bool:
        """Whoever changes a link and makes all later hashes anew has another hash here."""
        seen = self._seen
        return seen is None or event.number != seen.number or event.hash == seen.hash


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
