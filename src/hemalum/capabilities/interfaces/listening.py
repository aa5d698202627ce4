"""Where systems of hospitals connect to (MLLP): messages are read here, kept and answered."""

import asyncio
import logging
import socket
import ssl
from dataclasses import dataclass, field

import sqlalchemy as sa

from hemalum.capabilities.interfaces.inbox import Inbox
from hemalum.formats.hl7.acknowledging import Problem
from hemalum.formats.hl7.faults import Fault
from hemalum.formats.hl7.mllp import MOST_BYTES, Deframer, TooLong, frame
from hemalum.kernel.errors import HemalumError, Invalid
from hemalum.kernel.network import address_of, plain_address
from hemalum.kernel.sentence import Sentence, cause_of

_PIECE_BYTES = 64 << 10
_MOST_CONNECTIONS = 200

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a system is waited for."""

    frame_s: float = 60.0
    """For the rest of a message that was begun."""
    idle_s: float = 3600.0
    """For the next message."""
    answer_s: float = 30.0
    """Until an answer is taken."""


@dataclass
class Listener:
    """Listens on one address. Each connection is served by itself, one message after the other."""

    inbox: Inbox
    address: str
    """`host:port`; port 0 is any that is free."""
    patience: Patience = field(default_factory=Patience)
    most_bytes: int = MOST_BYTES
    tls: ssl.SSLContext | None = None
    """With one, nothing is taken in but over TLS."""
    _server: asyncio.Server | None = field(default=None, init=False)
    _connections: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    @property
    def port(self) -> int:
        """Where it listens, once it was started."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Do what was left undone, then listen.

        Raises:
            Invalid: the address cannot be used.
        """
        host, port = address_of(self.address)
        await asyncio.to_thread(self.inbox.resume)
        try:
            self._server = await asyncio.start_server(
                self._serve, host, port, limit=_PIECE_BYTES, ssl=self.tls
            )
        except OSError as error:
            raise Invalid(
                "Messages cannot be taken in at {address}: {cause}.",
                address=self.address,
                cause=cause_of(error),
            ) from error

    async def close(self) -> None:
        """Stop listening. What is being done is done; who waits for an answer asks again."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) <= _MOST_CONNECTIONS:
                _keep_alive(writer)
                await self._converse(reader, writer)
        except OSError as error:
            # The other side left or is stuck; what it did not get an answer to, it sends again.
            _LOG.info("a connection for messages ended: %s", error or "no answer was taken in time")
        finally:
            self._connections.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        address = plain_address(str(peer[0]))
        deframer, now = Deframer(self.most_bytes), asyncio.get_running_loop().time
        until = now() + self.patience.idle_s
        while True:
            was_within = deframer.is_within
            piece = await asyncio.wait_for(reader.read(_PIECE_BYTES), until - now())
            if not piece:
                return
            try:
                for content in deframer.feed(piece):
                    await self._answer(content, address, writer)
            except TooLong as error:
                await self._say(writer, self.inbox.refuse(error.head, Problem(error.sentence)))
                return
            if not deframer.is_within:
                until = now() + self.patience.idle_s
            elif not was_within:
                # For the whole of it, however many pieces it comes in.
                until = now() + self.patience.frame_s

    async def _answer(self, content: bytes, address: str, writer: asyncio.StreamWriter) -> None:
        """Keep, answer, do, answer."""
        try:
            taken = await asyncio.to_thread(self.inbox.take, content, address)
            await self._say(writer, taken.answer)
            if taken.number is not None:
                await self._say(writer, await asyncio.to_thread(self.inbox.do, taken.number))
        except (HemalumError, sa.exc.SQLAlchemyError) as error:
            _LOG.error("a message could not be kept or done now: %s", error)
            said = Sentence("The node cannot do this now; send it again.")
            await self._say(writer, self.inbox.cannot_keep(content, Problem(said, Fault.LOCKED)))

    async def _say(self, writer: asyncio.StreamWriter, answer: bytes | None) -> None:
        if answer is not None:
            writer.write(frame(answer))
            await asyncio.wait_for(writer.drain(), self.patience.answer_s)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Notice a system that is gone without a word."""
    connected = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
