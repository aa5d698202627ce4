"""What people do with messages: connect systems, look at messages, and repair what could not be done."""

from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.access.service import Access
from hemalum.capabilities.cases.service import Cases
from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.doing import Doing
from hemalum.capabilities.interfaces.inbox import Inbox, checked, encoded, kind_of
from hemalum.capabilities.interfaces.model import (
    PLAIN_FIELDS,
    Direction,
    Entry,
    MessageNumber,
    MessageQuery,
    MessageState,
    NotRepairable,
    Receiver,
    ReceiverId,
    Sender,
    SenderId,
    Sent,
    Standing,
    check_receiver,
    check_sender,
)
from hemalum.capabilities.interfaces.outbox import Outbox
from hemalum.capabilities.interfaces.sealing import Sealing
from hemalum.capabilities.orders.service import Orders
from hemalum.formats.hl7.charsets import decode
from hemalum.formats.hl7.faults import BadMessage
from hemalum.formats.hl7.message import Message, Segment, parse
from hemalum.kernel.actor import Actor
from hemalum.kernel.audit import Record, Recorder
from hemalum.kernel.clock import Clock, utc_now
from hemalum.kernel.errors import Conflict, Invalid, NotFound, NotPermitted
from hemalum.kernel.ids import OrganisationId, new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.crypto.keys import Keyring
from hemalum.runtime.db import reading, transaction
from hemalum.runtime.typesetting import check_can_print

VIEW_CASE = "cases.view"
VIEW_PATIENT = "cases.view_patient"
_MOST_REASON = 500
_DONE_BY_THEN = timedelta(minutes=1)
"""After it came, nobody is at work on a message any more."""
_OF_REPORTS = (frozenset({"ORU^R01"}), frozenset({"MDM^T02", "MDM^T10"}))
"""Kinds of messages of which the last one that a receiver accepted holds."""
_MOST_FIELD = 4000
"""Of a field that is shown; a document in it may be megabytes."""


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a message as somebody may see it."""

    number: int
    text: str | None
    """None where it is masked."""


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A line of a message as somebody may see it: fields that hold something."""

    name: str
    fields: tuple[ShownField, ...]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as somebody may see it."""

    entry: Entry
    segments: tuple[ShownSegment, ...]
    """Empty where the text is not there any more, or is no message."""
    text: str | None
    """The whole text, for those who may know the patient."""
    is_masked: bool
    is_erased: bool
    """Whether the patient was erased, and the text with them."""
    answer: tuple[ShownSegment, ...]


@dataclass(frozen=True)
class Interfaces:
    """The messages of a node. May be used from several threads."""

    database: sa.Engine
    cases: Cases
    access: Access
    sealing: Sealing
    inbox: Inbox
    """What comes in."""
    record: Recorder
    kept: timedelta
    """How long the text of a message stays that is dealt with."""
    clock: Clock = utc_now

    @property
    def outbox(self) -> Outbox:
        """What is to be sent."""
        return Outbox(self.database, self.sealing, self.clock)

    # Connecting, by the operator of the machine -----------------------------------------------------------

    def add_sender(self, sender: Sender) -> Sender:
        """Take messages in from a system from now on.

        Raises:
            Invalid: it cannot be told from others, or one of its settings cannot be used.
            Conflict: the name is taken, or its account belongs to another organisation.
            NotFound: there is no such organisation or account.
        """
        check_sender(sender)
        self.access.get_organisation(sender.organisation_id)
        actor = self.access.actor_for(sender.acts_as)
        if actor.organisation_id != sender.organisation_id:
            raise Conflict("The account {name} has no role where its sender belongs to.", name=sender.acts_as)
        added = replace(sender, id=SenderId(new_id()), name=sender.name.strip())
        with transaction(self.database) as connection:
            store.add_sender(connection, added, self.clock())
            self._tell("add_sender", None, f"sender/{added.id}", added.organisation_id)
        return added

    def add_receiver(self, receiver: Receiver) -> Receiver:
        """Have messages sent to a system from now on.

        Raises:
            Invalid: one of its settings cannot be used.
            Conflict: the name is taken.
            NotFound: there is no such organisation.
            CannotPrint: the node cannot make the documents that are asked for.
        """
        check_receiver(receiver)
        _check_documents(receiver)
        self.access.get_organisation(receiver.organisation_id)
        added = replace(receiver, id=ReceiverId(new_id()), name=receiver.name.strip())
        with transaction(self.database) as connection:
            store.add_receiver(connection, added, self.clock())
            self._tell("add_receiver", None, f"receiver/{added.id}", added.organisation_id, **_wanted(added))
        return added

    def change_receiver(self, name: str, sends: tuple[Sent, ...] | None, with_pdf: bool | None) -> Receiver:
        """Have other things sent to a receiver from now on; what waits already goes out as it is.

        Raises:
            NotFound: there is no receiver of this name.
            CannotPrint: the node cannot make the documents that are asked for.
        """
        found = self.find_receiver(name)
        changed = replace(
            found,
            sends=found.sends if sends is None else sends,
            with_pdf=found.with_pdf if with_pdf is None else with_pdf,
        )
        _check_documents(changed)
        with transaction(self.database) as connection:
            self._tell(
                "change_receiver", None, f"receiver/{found.id}", found.organisation_id, **_wanted(changed)
            )
            store.change_receiver(connection, found.id, sends=changed.sends, with_pdf=changed.with_pdf)
        return changed

    def list_senders(self) -> list[Sender]:
        """All senders of the node, by name."""
        with reading(self.database) as connection:
            return store.list_senders(connection)

    def find_receiver(self, name: str) -> Receiver:
        """A receiver by name.

        Raises:
            NotFound: there is none.
        """
        found = next((one for one in self.outbox.list_receivers() if one.name == name), None)
        if found is None:
            raise NotFound("There is no receiver called {name}.", name=name)
        return found

    def send(self, receiver: Receiver, message: Message) -> MessageNumber:
        """Have a message sent. The same message for the same receiver is kept once.

        Raises:
            BadMessage: it cannot be sent.
            Conflict: it was kept before.
        """
        try:
            with transaction(self.database) as connection:
                return self.outbox.add(connection, receiver, message)
        except sa.exc.IntegrityError as error:
            raise Conflict("This message was kept for this receiver before.") from error

    # Looking ----------------------------------------------------------------------------------------------

    def list_messages(self, actor: Actor, query: MessageQuery) -> list[Entry]:
        """A page of the messages of the actor's organisation, newest first."""
        with reading(self.database) as connection:
            return store.list_messages(connection, actor.organisation_id, query)

    def count_states(self, actor: Actor) -> dict[MessageState, int]:
        """How many of them are in which state; see `store.count_states`."""
        with reading(self.database) as connection:
            return store.count_states(connection, actor.organisation_id)

    def standings(self, actor: Actor) -> list[Standing]:
        """How the connections of the actor's organisation stand."""
        with reading(self.database) as connection:
            return store.standings(connection, actor.organisation_id)

    def show(self, actor: Actor, number: int) -> ShownMessage:
        """A message by its segments. That it was looked at is recorded first.

        What is about a patient is masked, unless the actor may know the patient.

        Raises:
            NotFound: there is none of this number in the actor's organisation.
        """
        with reading(self.database) as connection:
            entry, sealed, row = store.get_message(connection, number, actor.organisation_id)
            may_know = self._may_know(connection, actor, entry)
        content = None if sealed is None else self.sealing.open(sealed, entry.patient_id)
        self._tell("view_message", actor, f"message/{number}", entry.organisation_id, masked=not may_know)
        answer = None if row.answer is None else self.sealing.open(row.answer, entry.patient_id)
        text = None if content is None else _text_of(content, row.charset)
        return ShownMessage(
            entry,
            () if text is None else _segments(text, is_masked=not may_know),
            text if may_know else None,
            not may_know,
            sealed is not None and content is None,
            () if answer is None else _segments(answer.decode(), is_masked=not may_know),
        )

    # Repairing --------------------------------------------------------------------------------------------

    def replay(self, actor: Actor, number: int) -> Entry:
        """Do a dead letter once more, or send it once more under the same control id.

        Raises:
            NotFound: there is no such message.
            NotRepairable: it is no dead letter, its text is not there any more, or a later version of the
                report was accepted.
        """
        with transaction(self.database) as connection:
            entry, sealed, _ = store.get_message(connection, number, actor.organisation_id, to_write=True)
            if entry.state is not MessageState.DEAD or sealed is None:
                raise NotRepairable("Only a dead letter whose text is still there can be replayed.")
            _check_last(connection, entry, MessageState.DONE)
            self._tell("replay_message", actor, f"message/{number}", entry.organisation_id)
            store.move_message(
                connection,
                number,
                [MessageState.DEAD],
                MessageState.WAITING,
                reason=None,
                answer=None,
                done_at=None,
                attempts=0,
                next_attempt_at=None,
            )
        return self._do(actor, entry.direction, entry.number)

    def edit(self, actor: Actor, number: int, text: str) -> Entry:
        """Correct a dead letter and do or send it; the correction is a message of its own, beside the first.

        Raises:
            NotFound: there is no such message.
            NotPermitted: the actor may not know the patient, and so not edit what is about them.
            NotRepairable: it is no dead letter, or a later version of the report is on its way or accepted.
            BadMessage: the text is no message.
            Conflict: the text is the same as before.
        """
        try:
            with transaction(self.database) as connection:
                entry, _, row = store.get_message(connection, number, actor.organisation_id, to_write=True)
                if entry.state is not MessageState.DEAD:
                    raise NotRepairable("Only a dead letter can be corrected.")
                _check_last(connection, entry, MessageState.DONE, MessageState.WAITING)
                if not self._may_know(connection, actor, entry):
                    raise NotPermitted("To correct a message one has to be allowed to know the patient.")
                content = encoded(text, row.charset)
                header = checked(decode(content, row.charset))
                self._tell("edit_message", actor, f"message/{number}", entry.organisation_id)
                store.move_message(connection, number, [MessageState.DEAD], MessageState.REPLACED)
                added = store.add_message(
                    connection,
                    direction=entry.direction,
                    organisation_id=entry.organisation_id,
                    partner_id=entry.partner_id,
                    partner=entry.partner,
                    control_id=header.control_id,
                    kind=kind_of(header),
                    digest=self.sealing.digest(entry.partner_id, content),
                    sealed=self.sealing.seal(content, entry.patient_id),
                    charset=row.charset,
                    state=MessageState.WAITING,
                    at=self.clock(),
                    patient_id=entry.patient_id,
                    case_id=entry.case_id,
                    replaces=number,
                )
        except sa.exc.IntegrityError as error:
            raise Conflict("The text is the same as that of a message that came before.") from error
        return self._do(actor, entry.direction, added)

    def discard(self, actor: Actor, number: int, reason: str) -> Entry:
        """Say that a message is not to be done or sent, and why.

        Raises:
            NotFound: there is no such message.
            NotRepairable: it is dealt with already.
            Invalid: there is no reason, or it is too long.
        """
        said = reason.strip()
        if not said:
            raise Invalid("This needs a reason.")
        if len(said) > _MOST_REASON:
            raise Invalid("A reason has at most {most} characters.", most=_MOST_REASON)
        with transaction(self.database) as connection:
            entry, _, _ = store.get_message(connection, number, actor.organisation_id, to_write=True)
            self._tell("discard_message", actor, f"message/{number}", entry.organisation_id)
            why = Sentence("Discarded: {reason}", {"reason": said})
            is_moved = store.move_message(
                connection,
                number,
                [MessageState.DEAD, *([MessageState.WAITING] if entry.direction is Direction.OUT else [])],
                MessageState.DISCARDED,
                reason=msgspec.to_builtins(why),
                done_at=self.clock(),
            )
            if not is_moved:
                raise NotRepairable("This message is dealt with already.")
            return store.get_message(connection, number)[0]

    def catch_up(self) -> None:
        """Do what was kept and could not be done when it came, nor was sent again by its sender."""
        self.inbox.resume(self.clock() - _DONE_BY_THEN)

    def tidy(self) -> None:
        """Drop the texts of messages that were dealt with long ago; that they came stays."""
        with transaction(self.database) as connection:
            store.forget_texts(connection, self.clock() - self.kept)

    # ------------------------------------------------------------------------------------------------------

    def _do(self, actor: Actor, direction: Direction, number: MessageNumber) -> Entry:
        if direction is Direction.IN:
            self.inbox.do(number)
        with reading(self.database) as connection:
            return store.get_message(connection, number, actor.organisation_id)[0]

    def _may_know(self, connection: sa.Connection, actor: Actor, entry: Entry) -> bool:
        """Whether somebody may know whom a message is about: for care, and where no case keeps it from
        them."""
        try:
            asking = self.cases.ledger.ask(actor, VIEW_CASE, VIEW_PATIENT)
        except NotPermitted:
            return False
        if entry.patient_id is None:
            return True
        return not self.cases.patients.is_withheld(connection, asking, entry.patient_id)

    def _tell(
        self, action: str, actor: Actor | None, target: str, organisation_id: str, **detail: object
    ) -> None:
        self.record(
            Record(
                f"interfaces.{action}",
                actor,
                target=target,
                organisation_id=OrganisationId(organisation_id),
                detail=detail,
            )
        )


def open_interfaces(orders: Orders, keyring: Keyring, kept: timedelta, clock: Clock = utc_now) -> Interfaces:
    """The messages of a node."""
    cases = orders.cases
    slides = cases.ledger.slides
    digest_key = keyring.load_or_make_secret(slides.settings.keys / "interfaces")
    sealing = Sealing(keyring, cases, digest_key)
    doing = Doing(slides.database, orders, cases.access, clock)
    inbox = Inbox(slides.database, sealing, doing, slides.record, clock)
    return Interfaces(slides.database, cases, cases.access, sealing, inbox, slides.record, kept, clock)


def _check_last(connection: sa.Connection, entry: Entry, *states: MessageState) -> None:
    """Raise NotRepairable where a later version of the same report is in one of these states."""
    if entry.direction is not Direction.OUT or entry.case_id is None:
        return
    kinds = next((one for one in _OF_REPORTS if entry.kind in one), frozenset())
    later = store.find_later(connection, entry, kinds, states)
    if later is not None:
        raise NotRepairable(
            "Message {number} tells of this report later; what is older would take its place.",
            number=later,
        )


def _check_documents(receiver: Receiver) -> None:
    if receiver.with_pdf:
        check_can_print()


def _wanted(receiver: Receiver) -> dict[str, object]:
    """What is to be sent to a receiver, for the log."""
    return {"sends": list(receiver.sends), "with_pdf": receiver.with_pdf}


def _text_of(content: bytes, charset: str) -> str:
    """A text as people see it, also where its bytes are wrong."""
    try:
        return decode(content, charset).text
    except BadMessage:
        return content.decode(errors="replace")


def _segments(text: str, *, is_masked: bool) -> tuple[ShownSegment, ...]:
    try:
        message = parse(text)
    except BadMessage:
        return ()
    return tuple(_segment(each, is_masked=is_masked) for each in message.segments)


def _segment(segment: Segment, *, is_masked: bool) -> ShownSegment:
    plain = PLAIN_FIELDS.get(segment.name, frozenset())
    fields = []
    for number, raw in enumerate(segment.fields, 1):
        if raw:
            is_told = not is_masked or number in plain
            fields.append(ShownField(number, raw[:_MOST_FIELD] if is_told else None))
    return ShownSegment(segment.name, tuple(fields))
