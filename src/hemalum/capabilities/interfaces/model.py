"""Senders, receivers, messages and their states. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from zoneinfo import ZoneInfo

from hemalum.formats.hl7.charsets import CHARSETS, UTF_8
from hemalum.kernel.errors import Conflict, Invalid
from hemalum.kernel.ids import OrganisationId
from hemalum.kernel.network import THIS_MACHINE, check_networks, lies_within
from hemalum.kernel.sentence import Sentence

VIEW = "interfaces.view"
MANAGE = "interfaces.manage"
"""To replay, edit and discard messages."""

SenderId = NewType("SenderId", str)
ReceiverId = NewType("ReceiverId", str)
MessageNumber = NewType("MessageNumber", int)

_FIRST_RETRY = timedelta(seconds=1)
_LAST_RETRY = timedelta(minutes=5)


class Direction(StrEnum):
    """Which way a message goes."""

    IN = "in"
    OUT = "out"


class MessageState(StrEnum):
    """What has become of a message."""

    WAITING = "waiting"
    """Kept; not yet done, or not yet sent."""
    DONE = "done"
    """Done, or sent and accepted."""
    DEAD = "dead"
    """Cannot be done, or was not accepted: somebody has to look."""
    REFUSED = "refused"
    """Not spoken here; nothing of it was kept but that it came."""
    REPLACED = "replaced"
    """Somebody corrected it; the correction is a message of its own."""
    DISCARDED = "discarded"
    """Somebody said that it is not to be done."""


class Sent(StrEnum):
    """What is sent to a receiver by itself."""

    RESULTS = "results"
    """Signed reports, as ORU^R01."""
    DOCUMENTS = "documents"
    """Signed reports, as MDM^T02 and, once they were signed again, MDM^T10."""
    WORK = "work"
    """Further work that is asked of the laboratory, as OML^O33."""
    SPECIMENS = "specimens"
    """What happens to material, as SSU^U03."""


OPEN = frozenset({MessageState.WAITING, MessageState.DEAD})
"""Kept until somebody or something deals with it."""


class NotRepairable(Conflict):
    """The message is in no state in which somebody could replay or discard it."""

    code = "not-repairable"


@dataclass(frozen=True, slots=True)
class Sender:
    """A system whose messages are taken in."""

    id: SenderId
    organisation_id: OrganisationId
    name: str
    acts_as: str
    """Sign-in name of the account that does what the messages say."""
    application: str
    """MSH-3; any where empty."""
    facility: str
    """MSH-4; any where empty."""
    charset: str = UTF_8
    """Of messages that state none."""
    time_zone: str = "Asia/Shanghai"
    """Of times without a zone."""
    addresses: tuple[str, ...] = THIS_MACHINE
    """Networks that it sends from."""
    processing_id: str = "P"
    """P in production, T in training (MSH-11): messages for the other are refused."""

    def sends_from(self, address: str) -> bool:
        """Whether an address is one that this system sends from."""
        return lies_within(address, self.addresses)

    def is_named(self, application: str, facility: str) -> bool:
        """Whether the header of a message names this system."""
        return self.application in ("", application) and self.facility in ("", facility)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A system that messages are sent to."""

    id: ReceiverId
    organisation_id: OrganisationId
    name: str
    host: str
    port: int
    application: str
    """MSH-5 of what is sent there."""
    facility: str
    """MSH-6 of it."""
    charset: str = UTF_8
    is_tls: bool = False
    """Whether it is called over TLS, both sides showing a certificate."""
    sends: tuple[Sent, ...] = (Sent.RESULTS,)
    """What is sent there by itself; what an operator queues is, in any case."""
    with_pdf: bool = False
    """Whether signed reports go there with the signed document."""
    last_sent_at: datetime | None = None
    failed_at: datetime | None = None
    """Since when it cannot be reached; None while it can."""
    failure: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as it stands in the list: nothing in it is about a patient."""

    number: MessageNumber
    direction: Direction
    organisation_id: OrganisationId
    partner_id: str
    partner: str
    """Name of the sender or receiver."""
    control_id: str
    kind: str
    """`ADT^A04`."""
    state: MessageState
    reason: Sentence | None
    at: datetime
    """When it came, or was written."""
    done_at: datetime | None
    attempts: int
    next_attempt_at: datetime | None
    patient_id: str | None
    case_id: str | None
    replaces: MessageNumber | None
    """The message that this one is the correction of."""
    is_kept: bool
    """Whether its text is still there."""


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """What to list, newest first."""

    direction: Direction | None = None
    state: MessageState | None = None
    partner_id: str | None = None
    control_id: str = ""
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands."""

    id: str
    name: str
    direction: Direction
    waiting: int
    dead: int
    oldest_at: datetime | None
    """When the oldest of those that wait came."""
    last_at: datetime | None
    """When something was last taken in, or sent."""
    failed_at: datetime | None
    failure: Sentence | None


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: twice as long each time, five minutes at most."""
    doubled: int = 1 << min(attempts - 1, 20)
    return min(_FIRST_RETRY * doubled, _LAST_RETRY)


def check_sender(sender: Sender) -> None:
    """Raise Invalid unless messages can be taken in from this sender."""
    _check_name(sender.name)
    _check_charset(sender.charset)
    if not sender.application and not sender.facility:
        raise Invalid("A sender is known by its application, its facility, or both (MSH-3, MSH-4).")
    if sender.processing_id not in ("P", "T", "D"):
        raise Invalid("The processing id is P, T or D.")
    try:
        ZoneInfo(sender.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid("There is no time zone called {name}.", name=sender.time_zone) from error
    check_networks(sender.addresses)
    if not sender.addresses:
        raise Invalid("Say from which addresses it sends.")


def check_receiver(receiver: Receiver) -> None:
    """Raise Invalid unless messages can be sent to this receiver."""
    _check_name(receiver.name)
    _check_charset(receiver.charset)
    if not receiver.host.strip() or not 0 < receiver.port < 65_536:
        raise Invalid("A receiver has a host and a port, as in his.example:2575.")


def _check_name(name: str) -> None:
    if not 1 <= len(name.strip()) <= 60:
        raise Invalid("A name has 1 to {most} characters.", most=60)


def _check_charset(charset: str) -> None:
    if charset not in CHARSETS:
        raise Invalid("The encoding is one of {charsets}.", charsets=", ".join(CHARSETS))


type Masks = Mapping[str, frozenset[int]]
"""By segment, the fields that are told to everybody who sees messages."""

_ALL = frozenset(range(1, 60))
PLAIN_FIELDS: Masks = {
    "MSH": _ALL,
    "MSA": frozenset({1, 2}),
    "ERR": frozenset({1, 2, 3, 4, 5}),
    "SFT": _ALL,
    "EVN": frozenset({1, 2, 3, 4, 6}),
    "PID": frozenset({1}),
    "PV1": frozenset({1, 2}),
    "ORC": frozenset({1, 5, 6, 9}),
    "OBR": frozenset({1, 4, 5, 7, 14, 22, 24, 25}),
    "TQ1": frozenset({1, 7, 8, 9}),
    "SPM": frozenset({1, 4, 8, 11, 17, 18, 21}),
    "OBX": frozenset({1, 2, 3, 4, 11}),
    "NTE": frozenset({1}),
    "TXA": frozenset({1, 2, 3, 4, 6, 7, 8, 17}),
}
"""What names no patient and tells nothing about one. All else is masked: what is not known to be safe is
left out."""
