"""Messages on their way in: kept before they are answered, and done once however often they come."""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from hemalum.capabilities.interfaces import store
from hemalum.capabilities.interfaces.doing import Doing
from hemalum.capabilities.interfaces.model import (
    Direction,
    MessageNumber,
    MessageState,
    NotRepairable,
    Sender,
)
from hemalum.capabilities.interfaces.sealing import Sealing
from hemalum.formats.hl7.acknowledging import Ack, Problem, acknowledge, problem_of
from hemalum.formats.hl7.charsets import UTF_8, Decoded, decode, encode, stated_charset
from hemalum.formats.hl7.faults import BadMessage, Fault, Place, missing, out_of_place
from hemalum.formats.hl7.message import Message, parse
from hemalum.formats.hl7.reading import AckWhen, Header, check_version, read_header, rough_header
from hemalum.formats.hl7.times import Moment, read_moment
from hemalum.kernel.audit import Outcome, Record, Recorder
from hemalum.kernel.clock import Clock
from hemalum.kernel.errors import Conflict, HemalumError
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.db import reading, transaction

MOST_CONTROL_ID = 199
"""Of messages of others; of MSH-10 in v2.5.1 that is 20, and many send more."""
_MOST_KIND = 20
_SERVER_FAULTS = 500
_TOLD_AGAIN_AFTER_S = 60.0
CORRECTIONS = ("ADT^A08", "ADT^A31")
"""What they say takes the place of what was known, so that the newest has to come last."""
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_NOT_DONE = Sentence("This message came before and was not done.")
_NOBODY = Header("", "", "", "", None, "", "", "", "", "", None, None)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What becomes of a message that came: what is answered at once, and what is to be done then."""

    answer: bytes | None = None
    number: MessageNumber | None = None
    """Of the message that `Inbox.do` is to be asked for; None where there is nothing to do."""


@dataclass
class Strangers:
    """Who was refused a moment ago, so that the log is told once a minute and not of every message."""

    now: Callable[[], float] = time.monotonic
    _until: dict[str, float] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def tell(self, record: Recorder, refusal: Record, address: str) -> None:
        """Record that somebody at this address was refused, unless that stands there since a moment ago.

        Raises what `record` raises; the next refusal is recorded then.
        """
        now = self.now()
        with self._lock:
            self._until = {one: until for one, until in self._until.items() if until > now}
            if address in self._until:
                return
            # Before it stands in the log, so that of several at a time only one does.
            self._until[address] = now + _TOLD_AGAIN_AFTER_S
        try:
            record(refusal)
        except BaseException:
            with self._lock:
                self._until.pop(address, None)
            raise


@dataclass(frozen=True)
class Inbox:
    """Takes messages in. May be used from several threads and processes."""

    database: sa.Engine
    sealing: Sealing
    doing: Doing
    record: Recorder
    clock: Clock
    strangers: Strangers = field(default_factory=Strangers)

    def take(self, content: bytes, address: str) -> Taken:
        """Keep a message that came from a network address.

        Raises:
            DiskFull, SQLAlchemyError: it could not be kept, and is to be sent again.
        """
        header = _rough(content)
        if header is None:
            return self._refuse(_NOBODY, problem_of(out_of_place("MSH")))
        sender = self._sender(header, address)
        if sender is None:
            return self._refuse_stranger(header, address)
        header = _rough(content, sender.charset) or header
        problem = _control_problem(header)
        if problem is not None:
            return self._refuse(header, problem)
        return self._keep(content, header, sender)

    def _keep(self, content: bytes, header: Header, sender: Sender) -> Taken:
        """Commit a message, unless it came before."""
        digest = self.sealing.digest(sender.id, content)
        with transaction(self.database) as connection:
            before = store.find_same(connection, sender.id, header.control_id)
            same = next((row for row in before if row.digest == digest), None)
            if same is not None:
                return self._again(header, same)
            problem = self._unspoken(header, sender)
            if problem is not None:
                answer = self._negative(header, Ack.REJECT, problem)
                self._add(connection, header, sender, digest, None, MessageState.REFUSED, problem, answer)
                return Taken(self._first(header, answer, is_good=False))
            if any(row.state != MessageState.REFUSED for row in before):
                problem = _taken_before()
                answer = self._negative(header, Ack.ERROR, problem)
                self._add(connection, header, sender, digest, content, MessageState.DEAD, problem, answer)
                return Taken(self._first(header, answer, is_good=False))
            number = self._add(connection, header, sender, digest, content, MessageState.WAITING, None, None)
        return Taken(self._commit_ack(header), number)

    def _again(self, header: Header, same: sa.Row[Any]) -> Taken:
        """The same message once more: the same answer, and done if it was not."""
        number = MessageNumber(same.number)
        if same.state == MessageState.WAITING or header.is_enhanced:
            return Taken(self._commit_ack(header), number)
        answer = None if same.answer is None else self.sealing.open(same.answer, same.patient_id)
        return Taken(answer or self._short(header, same.state).encode())

    def _short(self, header: Header, state: str) -> str:
        """The answer to a message whose own is gone: dropped with the text, or erased with the patient.

        Without one its sender would send it again and again.
        """
        if state == MessageState.DONE:
            return str(acknowledge(header, Ack.ACCEPT, now=self.clock(), control_id=new_id()))
        return self._negative(header, Ack.REJECT, Problem(_NOT_DONE))

    def _add(
        self,
        connection: sa.Connection,
        header: Header,
        sender: Sender,
        digest: str,
        content: bytes | None,
        state: MessageState,
        problem: Problem | None,
        answer: str | None,
    ) -> MessageNumber:
        return store.add_message(
            connection,
            direction=Direction.IN,
            organisation_id=sender.organisation_id,
            partner_id=sender.id,
            partner=sender.name,
            control_id=header.control_id,
            kind=kind_of(header),
            digest=digest,
            sealed=None if content is None else self.sealing.seal(content),
            charset=sender.charset,
            state=state,
            reason=None if problem is None else msgspec.to_builtins(problem.sentence),
            answer=None if answer is None else self.sealing.seal(answer.encode()),
            at=self.clock(),
        )

    # Doing ----------------------------------------------------------------------------------------------

    def do(self, number: MessageNumber) -> bytes | None:
        """Do what a message says, unless it was done; answers what its sender wants to be told of it.

        Raises:
            HemalumError, SQLAlchemyError: the node cannot do it now. The message waits and is done later.
        """
        with reading(self.database) as connection:
            entry, sealed, row = store.get_message(connection, number)
            sender = store.get_sender(connection, entry.partner_id)
        content = None if sealed is None else self.sealing.open(sealed, entry.patient_id)
        header = (None if content is None else _rough(content, sender.charset)) or _NOBODY
        if entry.state is MessageState.WAITING and content is not None:
            self._do(number, content, header, sender)
            with reading(self.database) as connection:
                entry, _, row = store.get_message(connection, number)
        answer = None if row.answer is None else self.sealing.open(row.answer, entry.patient_id)
        return self._application_ack(header, answer)

    def _do(self, number: MessageNumber, content: bytes, header: Header, sender: Sender) -> None:
        try:
            decoded = decode(content, sender.charset)
            message = parse(decoded.text, decoded.codec)
            header = read_header(message)
            # Of one that somebody corrected nobody looked at this before.
            _check_spoken(header, self.doing.spoken, sender)
            self._apply(number, message, header, sender, content)
        except BadMessage as error:
            self._bury(number, header, problem_of(error))
        except NotRepairable:
            # Another thread or process did it meanwhile; its answer is the one.
            pass
        except HemalumError as error:
            if error.status >= _SERVER_FAULTS:
                raise
            self._bury(number, header, Problem(error.sentence))
        except sa.exc.SQLAlchemyError:
            raise
        except Exception:
            # A fault of the node: the message must not be sent again and again for it.
            _LOG.exception("message %d cannot be done", number)
            said = Sentence("Something went wrong in the node; the fault was written to its log.")
            self._bury(number, header, Problem(said))

    def _apply(
        self, number: MessageNumber, message: Message, header: Header, sender: Sender, content: bytes
    ) -> None:
        def mark(
            connection: sa.Connection, answer: Message, patient_id: str | None, case_id: str | None
        ) -> None:
            is_moved = store.move_message(
                connection,
                number,
                [MessageState.WAITING],
                MessageState.DONE,
                answer=self.sealing.seal(str(answer).encode(), patient_id),
                sealed=self.sealing.seal(content, patient_id),
                patient_id=patient_id,
                case_id=case_id,
                done_at=self.clock(),
                reason=None,
            )
            if not is_moved:
                raise NotRepairable("This message was done meanwhile.")
            if patient_id is not None and header.kind in CORRECTIONS:
                self._check_newest(connection, number, header, sender, patient_id)

        try:
            self.doing.do(message, header, sender, number, mark)
        except NotRepairable:
            raise
        except Conflict:
            # It may have been that somebody wrote the same down at this moment.
            self.doing.do(message, header, sender, number, mark)

    def _check_newest(
        self, connection: sa.Connection, number: int, header: Header, sender: Sender, patient_id: str
    ) -> None:
        """Raise BadMessage where its sender corrected the patient later (MSH-7, else by arrival)."""
        last = store.last_done(connection, sender.id, patient_id, CORRECTIONS, number)
        content = None if last is None or last.sealed is None else self.sealing.open(last.sealed, patient_id)
        if last is None or content is None:
            return
        zone = ZoneInfo(sender.time_zone)
        told, before = header.at, _sent_at(content)
        if told is None or before is None or told.at(zone) == before.at(zone):
            is_older = number < last.number
        else:
            is_older = told.at(zone) < before.at(zone)
        if is_older:
            raise BadMessage(
                "Message {number} corrected this patient later and is done; nothing older takes its place.",
                number=last.number,
            ).at(Place("MSH", field=7), Fault.DUPLICATE_KEY)

    def _bury(self, number: MessageNumber, header: Header, problem: Problem) -> None:
        """Set a message aside for somebody to look at."""
        with transaction(self.database) as connection:
            store.move_message(
                connection,
                number,
                [MessageState.WAITING],
                MessageState.DEAD,
                reason=msgspec.to_builtins(problem.sentence),
                answer=self.sealing.seal(self._negative(header, Ack.ERROR, problem).encode()),
                done_at=self.clock(),
            )

    def resume(self, before: datetime | None = None) -> int:
        """Do what was kept and not done, in its order; answers how many there were. `before` leaves out what
        came since then, which somebody may be doing just now."""
        with reading(self.database) as connection:
            waiting = store.list_waiting(connection, before)
        for number in waiting:
            try:
                self.do(number)
            except (HemalumError, sa.exc.SQLAlchemyError) as error:
                _LOG.warning("message %d could not be done and waits: %s", number, error)
        return len(waiting)

    # Answering ------------------------------------------------------------------------------------------

    def cannot_keep(self, content: bytes, problem: Problem) -> bytes | None:
        """The answer to a message that could not be kept, and is to be sent again."""
        header = _rough(content) or _NOBODY
        return self._first(header, self._negative(header, Ack.ERROR, problem), is_good=False)

    def refuse(self, content: bytes, problem: Problem) -> bytes | None:
        """The answer to what is not taken in, however often it comes."""
        return self._refuse(_rough(content) or _NOBODY, problem).answer

    def _sender(self, header: Header, address: str) -> Sender | None:
        with reading(self.database) as connection:
            known = store.list_senders(connection)
        named = [
            one
            for one in known
            if one.is_named(header.sending_application, header.sending_facility) and one.sends_from(address)
        ]
        return max(named, key=lambda one: bool(one.application) + bool(one.facility), default=None)

    def _unspoken(self, header: Header, sender: Sender) -> Problem | None:
        """Why a message is none that is spoken here; None where it is one."""
        try:
            _check_spoken(header, self.doing.spoken, sender)
        except BadMessage as error:
            return problem_of(error)
        return None

    def _refuse_stranger(self, header: Header, address: str) -> Taken:
        refusal = Record(
            "interfaces.refuse_sender",
            None,
            Outcome.REFUSED,
            detail={"application": header.sending_application, "facility": header.sending_facility},
            personal={"address": address},
        )
        self.strangers.tell(self.record, refusal, address)
        error = BadMessage("This node takes no messages from this sender at this address.")
        return self._refuse(header, problem_of(error.at(Place("MSH", field=3), Fault.UNKNOWN_KEY)))

    def _refuse(self, header: Header, problem: Problem) -> Taken:
        return Taken(self._first(header, self._negative(header, Ack.REJECT, problem), is_good=False))

    def _negative(self, header: Header, code: Ack, problem: Problem) -> str:
        said = acknowledge(header, code, now=self.clock(), control_id=new_id(), problems=[problem])
        return str(said)

    def _first(self, header: Header, answer: str, *, is_good: bool) -> bytes | None:
        """What is answered at once where nothing is left to do: in enhanced mode that it is not kept."""
        if not header.is_enhanced:
            return answer.encode()
        if not _is_wanted(header.accept_ack, is_good=is_good):
            return None
        enhanced = {Ack.REJECT: Ack.COMMIT_REJECT, Ack.ERROR: Ack.COMMIT_ERROR}
        for plain, code in enhanced.items():
            answer = answer.replace(f"\rMSA|{plain}|", f"\rMSA|{code}|", 1)
        return answer.encode()

    def _commit_ack(self, header: Header) -> bytes | None:
        if not header.is_enhanced or not _is_wanted(header.accept_ack, is_good=True):
            return None
        return str(acknowledge(header, Ack.COMMIT, now=self.clock(), control_id=new_id())).encode()

    def _application_ack(self, header: Header, answer: bytes | None) -> bytes | None:
        if answer is None:
            return None
        if header.is_enhanced and not _is_wanted(header.application_ack, is_good=b"\rMSA|AA|" in answer):
            return None
        return answer


def _sent_at(content: bytes) -> Moment | None:
    """When a message that was done says that it was written (MSH-7)."""
    line = next(_heads(content, UTF_8))
    return read_moment(parse(line).header, 7)


def checked(content: Decoded) -> Header:
    """The header of a text that somebody wrote.

    Raises:
        BadMessage: it is no message.
    """
    header = read_header(parse(content.text, content.codec))
    problem = _control_problem(header)
    if problem is not None:
        raise BadMessage.saying(problem.sentence)
    return header


def encoded(text: str, charset: str) -> bytes:
    """The bytes of a text that somebody wrote, in the encoding that it states, or else in this one.

    Raises:
        BadMessage: it is no message, or cannot be written so.
    """
    lines = _LINE_ENDS.sub("\r", text)
    return encode(lines, stated_charset(lines.encode(errors="replace"), UTF_8) or charset)


def _check_spoken(header: Header, spoken: frozenset[str], sender: Sender) -> None:
    version, kind, processing = (Place("MSH", field=number) for number in (12, 9, 11))
    check_version(header, version)
    if header.processing_id != sender.processing_id:
        raise BadMessage("{place} is not the one that this sender uses here.", place=str(processing)).at(
            processing, Fault.UNSUPPORTED_PROCESSING
        )
    if header.kind not in spoken:
        is_code = any(one.partition("^")[0] == header.code for one in spoken)
        fault = Fault.UNSUPPORTED_EVENT if is_code else Fault.UNSUPPORTED_MESSAGE
        raise BadMessage(
            "Messages of this kind are not taken in here: {kinds} are.", kinds=_listed(spoken)
        ).at(kind, fault)


def _listed(kinds: frozenset[str]) -> str:
    return ", ".join(sorted(kinds))


def kind_of(header: Header) -> str:
    """The kind of a message as it stands in the list."""
    return "".join(one for one in header.kind if one.isprintable())[:_MOST_KIND]


def _control_problem(header: Header) -> Problem | None:
    """Why a message cannot be told from others; None where it can."""
    place = Place("MSH", field=10)
    if not header.control_id:
        return problem_of(missing(place))
    if len(header.control_id) > MOST_CONTROL_ID or not header.control_id.isprintable():
        error = BadMessage("{place} cannot be used as the name of a message.", place=str(place))
        return problem_of(error.at(place, Fault.DATA_TYPE))
    return None


def _taken_before() -> Problem:
    place = Place("MSH", field=10)
    error = BadMessage("{place} was used before, for another message.", place=str(place))
    return problem_of(error.at(place, Fault.DUPLICATE_KEY))


def _is_wanted(when: AckWhen | None, *, is_good: bool) -> bool:
    wanted = {AckWhen.ALWAYS, AckWhen.ON_SUCCESS if is_good else AckWhen.ON_ERROR}
    return when in wanted


def _rough(content: bytes, charset: str = UTF_8) -> Header | None:
    """The header of a message, whatever else is wrong with it; None where it has none."""
    for line in _heads(content, charset):
        try:
            return rough_header(parse(line).header)
        except BadMessage:
            continue
    return None


def _heads(content: bytes, charset: str) -> Iterator[str]:
    """The first line, read as it says, and read as bytes."""
    head = content.replace(b"\n", b"\r").lstrip(b"\r \t").partition(b"\r")[0]
    try:
        yield decode(head, charset).text
    except BadMessage:
        yield head.decode("utf-8", errors="replace")
