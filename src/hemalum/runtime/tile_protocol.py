"""Stored tiles answered by the HTTP protocol itself, before a request becomes a task.

Seven of the fifty microseconds that a stored tile costs through ASGI are ours; the rest builds a scope, an
event and a task for an answer that is known already. So a plain `GET` of a tile that lies in the page cache
is answered as soon as its headers are read. Everything else (other methods, bodies, conditions, queries, cold
pages, images not open yet, errors, requests behind a slow one) goes the ordinary way, to the same bytes.
"""

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

type AnswerNow = Callable[[bytes, list[tuple[bytes, bytes]]], bytes | None]
"""The whole HTTP answer for this path and these headers, head and body, or None when it is not to be had at
once."""

HEAD_WITHIN_S = 30.0
_MOST_HEAD_BYTES = 1 << 17
_HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
)
_LEFT_TO_ASGI = frozenset(
    {b"if-none-match", b"if-modified-since", b"range", b"content-length", b"transfer-encoding", b"expect"}
)


def tile_protocol(prefix: bytes, answer_now: AnswerNow) -> type[asyncio.Protocol]:
    """uvicorn's protocol, with paths under `prefix` given to `answer_now` first.

    Requests whose line and headers do not end within 128 KiB or a little more are answered 431. A connection
    that has not sent a whole head within `HEAD_WITHIN_S` is closed.
    """

    class TileProtocol(HttpToolsProtocol):
        _is_answered = False
        _is_in_head = False
        _head_bytes = 0
        _head_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._await_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            went_on = self._is_in_head
            super().data_received(data)
            if not self._is_in_head:
                return
            if self._head_timer is None:
                self._await_head()
            if went_on:
                self._head_bytes += len(data)
                if self._head_bytes > _MOST_HEAD_BYTES:
                    self.transport.write(_HEAD_TOO_LARGE)
                    self.transport.close()

        def on_message_begin(self) -> None:
            # The scope is made in `on_headers_complete`, when it is known to be needed.
            self.url = b""
            self.headers = []
            self.expect_100_continue = False
            self._is_answered = False
            self._is_in_head, self._head_bytes = True, 0

        def on_headers_complete(self) -> None:
            self._is_in_head = False
            self._stop_waiting()
            if self.url.startswith(prefix) and self._may_be_answered():
                answer = answer_now(self.url, self.headers)
                if answer is not None:
                    self._is_answered = True
                    self._write(answer)
                    return
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expects
            self.headers.extend(headers)
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            if not self._is_answered:
                super().on_body(body)

        def on_message_complete(self) -> None:
            if not self._is_answered:
                super().on_message_complete()

        def _await_head(self) -> None:
            self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

        def _stop_waiting(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _may_be_answered(self) -> bool:
            return (
                self.parser.get_method() == b"GET"
                and self.parser.get_http_version() == "1.1"
                and self.parser.should_keep_alive()
                and (self.cycle is None or self.cycle.response_complete)
                and not self.flow.write_paused
                and not self.transport.is_closing()
                and self.limit_concurrency is None
                and _LEFT_TO_ASGI.isdisjoint([name for name, _ in self.headers])
            )

        def _write(self, answer: bytes) -> None:
            self.transport.write(answer)
            self.server_state.total_requests += 1
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    return TileProtocol
