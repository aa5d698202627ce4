"""Sends what waits to the systems of hospitals (MLLP): one connection for each, one message at a time, in
order, tried again until it is answered."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from hemalum.capabilities.interfaces.model import Receiver
from hemalum.capabilities.interfaces.outbox import Due, Outbox
from hemalum.formats.hl7.acknowledging import AckRead, read_ack
from hemalum.formats.hl7.charsets import decode
from hemalum.formats.hl7.faults import BadMessage
from hemalum.formats.hl7.message import parse
from hemalum.formats.hl7.mllp import Deframer, TooLong, frame
from hemalum.kernel.errors import HemalumError
from hemalum.kernel.ids import new_id
from hemalum.kernel.sentence import Sentence, cause_of

_PIECE_BYTES = 64 << 10
_MOST_ANSWER_BYTES = 1 << 20

_LOG = logging.getLogger(__name__)


class NotSent(Exception):
    """A message was not answered, so it is not known whether it was taken."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


@dataclass
class Line:
    """A connection to a receiver, made when it is needed."""

    host: str
    port: int
    charset: str
    wait_s: float = 30.0
    """For the connection, and for each answer."""
    tls: ssl.SSLContext | None = None
    _reader: asyncio.StreamReader | None = field(default=None, init=False)
    _writer: asyncio.StreamWriter | None = field(default=None, init=False)
    _deframer: Deframer = field(default_factory=lambda: Deframer(_MOST_ANSWER_BYTES), init=False)

    async def send(self, content: bytes, control_id: str) -> tuple[AckRead, bytes]:
        """Send a message and wait for its answer; answers to others are passed over.

        Raises:
            NotSent: there was no answer. The connection is made anew at the next call.
        """
        try:
            async with asyncio.timeout(self.wait_s):
                return await self._exchange(content, control_id)
        except TimeoutError as error:
            self.close()
            said = Sentence("There was no answer within {seconds} seconds.", {"seconds": self.wait_s})
            raise NotSent(said) from error
        except OSError as error:
            self.close()
            raise NotSent(Sentence("The connection failed: {cause}.", {"cause": cause_of(error)})) from error
        except UnicodeError as error:
            # Of a host whose name can be none, as with two dots in a row.
            self.close()
            raise NotSent(Sentence("The connection failed: {cause}.", {"cause": str(error)})) from error
        except (BadMessage, TooLong) as error:
            self.close()
            said = Sentence("The answer cannot be read: {cause}", {"cause": error.sentence})
            raise NotSent(said) from error
        except BaseException:
            # Half a message may have gone: nothing can follow it on this connection.
            self.close()
            raise

    async def _exchange(self, content: bytes, control_id: str) -> tuple[AckRead, bytes]:
        if self._reader is not None and self._reader.at_eof():
            # The receiver let the connection go while nothing was sent.
            self.close()
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
            self._deframer = Deframer(_MOST_ANSWER_BYTES)
        self._writer.write(frame(content))
        await self._writer.drain()
        while True:
            piece = await self._reader.read(_PIECE_BYTES)
            if not piece:
                raise NotSent(Sentence("The receiver closed the connection without an answer."))
            for answer in self._deframer.feed(piece):
                decoded = decode(answer, self.charset)
                read = read_ack(parse(decoded.text, decoded.codec))
                if read.control_id == control_id:
                    return read, answer

    def close(self) -> None:
        """Let the connection go."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


@dataclass
class Courier:
    """Sends for all receivers of a node, until it is cancelled."""

    outbox: Outbox
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context
    """How the node calls those who are called over TLS; asked for when there is one."""
    look_every_s: float = 0.5
    receivers_every_s: float = 10.0
    wait_s: float = 30.0
    holder: str = field(default_factory=new_id)
    _lines: dict[tuple[str, int, str, bool], Line] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Send what waits, and what comes to wait."""
        serving: dict[str, asyncio.Task[None]] = {}
        try:
            while True:
                for receiver in await self._receivers():
                    if receiver.id not in serving:
                        serving[receiver.id] = asyncio.create_task(self._serve(receiver.id))
                await asyncio.sleep(self.receivers_every_s)
        finally:
            for task in serving.values():
                task.cancel()
            await asyncio.gather(*serving.values(), return_exceptions=True)
            for line in self._lines.values():
                line.close()
            await asyncio.to_thread(self.outbox.release, self.holder)

    async def _receivers(self) -> list[Receiver]:
        try:
            return await asyncio.to_thread(self.outbox.list_receivers)
        except sa.exc.SQLAlchemyError as error:
            _LOG.warning("receivers of messages could not be read: %s", error)
            return []

    async def _serve(self, receiver_id: str) -> None:
        """Send to one receiver, whoever else of the processes of the node may not at the time."""
        while True:
            is_held = False
            try:
                is_held = await self._take_turn(receiver_id)
            except (HemalumError, sa.exc.SQLAlchemyError) as error:
                _LOG.warning("messages to a receiver wait: %s", error)
            except Exception:
                # A fault here must not end the sending: nothing would ever go to this receiver again.
                _LOG.exception("messages to a receiver wait")
            if not is_held:
                await asyncio.sleep(self.receivers_every_s)

    async def _take_turn(self, receiver_id: str) -> bool:
        """Send for a while by what is known of the receiver now; False when another process sends."""
        receiver = await asyncio.to_thread(self.outbox.hold, receiver_id, self.holder)
        if receiver is None:
            return False
        line = self._line(receiver)
        now = asyncio.get_running_loop().time
        end = now() + self.receivers_every_s
        while now() < end:
            due = await asyncio.to_thread(self.outbox.find_due, receiver)
            if due is None:
                await asyncio.sleep(self.look_every_s)
            else:
                await self._send(line, receiver, due)
        return True

    def _line(self, receiver: Receiver) -> Line:
        where = (receiver.host, receiver.port, receiver.charset, receiver.is_tls)
        found = self._lines.get(where)
        if found is None:
            tls = self.tls() if receiver.is_tls else None
            found = Line(receiver.host, receiver.port, receiver.charset, self.wait_s, tls)
            self._lines[where] = found
        return found

    async def _send(self, line: Line, receiver: Receiver, due: Due) -> None:
        try:
            ack, answer = await line.send(due.content, due.control_id)
        except NotSent as error:
            wait = await asyncio.to_thread(self.outbox.failed, receiver, due, error.sentence)
            _LOG.info("message %d waits %s: %s", due.number, wait, error)
            return
        await asyncio.to_thread(self.outbox.answered, receiver, due, ack, answer)
