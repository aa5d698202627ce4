"""Messages on their way out: written down in the transaction that makes them true, sent in their order, each
until the receiver has answered it once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.inbox import MOST_CONTROL_ID, kind_of
from hemalum.capabilities.interfaces.model import (
    Direction,
    MessageNumber,
    MessageState,
    Receiver,
    Sent,
    retry_after,
)
from hemalum.capabilities.interfaces.sealing import Sealing
from hemalum.formats.hl7.acknowledging import AckRead
from hemalum.formats.hl7.charsets import encode
from hemalum.formats.hl7.message import Message
from hemalum.formats.hl7.reading import read_header
from hemalum.kernel.clock import Clock
from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading, transaction

_HELD_FOR = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be sent to a receiver now."""

    number: MessageNumber
    control_id: str
    content: bytes
    attempts: int
    patient_id: str | None


@dataclass(frozen=True)
class Outbox:
    """Keeps what is to be sent. May be used from several threads and processes."""

    database: sa.Engine
    sealing: Sealing
    clock: Clock

    def add(
        self,
        connection: sa.Connection,
        receiver: Receiver,
        message: Message,
        *,
        patient_id: str | None = None,
        case_id: str | None = None,
    ) -> MessageNumber:
        """Keep a message for a receiver, in the caller's transaction.

        Raises:
            BadMessage: it is none, or holds what the receiver's encoding cannot write.
        """
        header = read_header(message)
        if len(header.control_id) > MOST_CONTROL_ID:
            raise Invalid("A control id has at most {most} characters.", most=MOST_CONTROL_ID)
        content = encode(str(message), receiver.charset)
        return store.add_message(
            connection,
            direction=Direction.OUT,
            organisation_id=receiver.organisation_id,
            partner_id=receiver.id,
            partner=receiver.name,
            control_id=header.control_id,
            kind=kind_of(header),
            digest=self.sealing.digest(receiver.id, content),
            sealed=self.sealing.seal(content, patient_id),
            charset=receiver.charset,
            state=MessageState.WAITING,
            at=self.clock(),
            patient_id=patient_id,
            case_id=case_id,
        )

    def add_once(
        self,
        receiver: Receiver,
        message: Message,
        told: Callable[[], None],
        *,
        patient_id: str | None,
        case_id: str,
    ) -> bool:
        """Keep a message for a receiver, unless one of its control id was kept; answers whether it was.

        `told` is called first, in the same transaction: what it raises keeps the message back.
        """
        control_id = read_header(message).control_id
        with transaction(self.database) as connection:
            if store.was_sent(connection, receiver.id, control_id):
                return False
            told()
            self.add(connection, receiver, message, patient_id=patient_id, case_id=case_id)
        return True

    def list_receivers(self) -> list[Receiver]:
        """All receivers of the node."""
        with reading(self.database) as connection:
            return store.list_receivers(connection)

    def has_receiver(self, organisation_id: str, *sent: Sent) -> bool:
        """Whether an organisation has a receiver that any of this is sent to."""
        with reading(self.database) as connection:
            found = store.list_receivers(connection, organisation_id)
        return any(not set(sent).isdisjoint(one.sends) for one in found)

    def hold(self, receiver_id: str, holder: str) -> Receiver | None:
        """The receiver, if `holder` may send to it for the next minute: one process at a time does.

        Raises:
            NotFound: there is no such receiver.
        """
        now = self.clock()
        with transaction(self.database) as connection:
            if not store.hold_receiver(connection, receiver_id, holder, now, now + _HELD_FOR):
                return None
            return store.get_receiver(connection, receiver_id)

    def release(self, holder: str) -> None:
        """Let another process send at once where this one did."""
        with transaction(self.database) as connection:
            store.release_receivers(connection, holder)

    def find_due(self, receiver: Receiver) -> Due | None:
        """What is to be sent next: the first of those that wait, and nothing before its time has come."""
        with reading(self.database) as connection:
            found = store.next_waiting(connection, receiver.id)
        if found is None:
            return None
        entry, row = found
        if entry.next_attempt_at is not None and entry.next_attempt_at > self.clock():
            return None
        content = self.sealing.open(row.sealed, entry.patient_id)
        if content is None:
            erased = Sentence("The patient was erased before this was sent.")
            with transaction(self.database) as connection:
                self._end(connection, entry.number, MessageState.DISCARDED, erased, None)
            return None
        return Due(entry.number, entry.control_id, content, entry.attempts, entry.patient_id)

    def answered(self, receiver: Receiver, due: Due, ack: AckRead, answer: bytes) -> None:
        """Write down what the receiver said. What it does not accept, it would not accept another time."""
        state, reason = MessageState.DONE, None
        if not ack.code.is_good:
            state = MessageState.DEAD
            reason = Sentence(
                "The receiver did not accept this: {code}, {text}.",
                {"code": ack.code.value, "text": ack.text.rstrip(".") or "-"},
            )
        with transaction(self.database) as connection:
            sealed = self.sealing.seal(answer, due.patient_id)
            self._end(connection, due.number, state, reason, sealed)
            store.change_receiver(
                connection, receiver.id, last_sent_at=self.clock(), failed_at=None, failure=None
            )

    def failed(self, receiver: Receiver, due: Due, why: Sentence) -> timedelta:
        """Write down that a message could not be sent; answers after how long to try again."""
        wait, now = retry_after(due.attempts + 1), self.clock()
        with transaction(self.database) as connection:
            store.change_message(
                connection, due.number, attempts=due.attempts + 1, next_attempt_at=now + wait
            )
            store.change_receiver(
                connection,
                receiver.id,
                failed_at=receiver.failed_at or now,
                failure=msgspec.to_builtins(why),
            )
        return wait

    def _end(
        self,
        connection: sa.Connection,
        number: MessageNumber,
        state: MessageState,
        reason: Sentence | None,
        answer: bytes | None,
    ) -> None:
        store.move_message(
            connection,
            number,
            [MessageState.WAITING],
            state,
            reason=None if reason is None else msgspec.to_builtins(reason),
            answer=answer,
            done_at=self.clock(),
            next_attempt_at=None,
        )
