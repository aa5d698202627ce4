"""Whoever holds a request back holds nothing up: neither its head nor its body is waited for without end."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from hemalum.runtime import tile_protocol
from hemalum.runtime.http import LimitedBody

PATIENCE_S = 30


async def framework(_scope: Any, receive: Any, send: Any) -> None:
    """Reads the whole body, and answers whatever goes wrong meanwhile."""
    status = 200
    try:
        while (await receive()).get("more_body"):
            pass
    except Exception:
        status = 500
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def answer_to(*pieces: bytes, is_whole: bool, patience_s: float = PATIENCE_S) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a body in pieces, after which nothing comes any more."""
    waiting = [
        {"type": "http.request", "body": piece, "more_body": not is_whole or number < len(pieces)}
        for number, piece in enumerate(pieces, 1)
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    limited = LimitedBody(framework, lambda _path: 100, patience_s)
    asyncio.run(limited({"type": "http", "path": "/", "headers": []}, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_a_body_that_comes_is_read() -> None:
    assert answer_to(b"x" * 60, b"x" * 40, is_whole=True) == (200, {})


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    status, problem = answer_to(b"x", is_whole=False, patience_s=0.05)
    assert (status, problem["code"]) == (408, "too-slow")


def test_a_body_that_is_too_large_is_not_read_on() -> None:
    status, problem = answer_to(b"x" * 60, b"x" * 60, is_whole=False)
    assert (status, problem["code"]) == (413, "too-large")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Of a server that waits a moment for a head."""
    monkeypatch.setattr(tile_protocol, "HEAD_WITHIN_S", 1.0)
    protocol = tile_protocol.tile_protocol(b"/tiles/", lambda _path, _headers: None)
    config = uvicorn.Config(framework, port=0, http=protocol, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """The whole answer to a request."""
    connection.sendall(request)
    answer = b""
    while not answer.endswith(b"{}"):
        answer += connection.recv(1000)
    return answer


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: "])
def test_a_head_that_does_not_come_ends_the_connection(port: int, sent: bytes) -> None:
    whole = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as one:
        one.sendall(sent)
        assert one.recv(100) == b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as one:
        assert exchange(one, whole).startswith(b"HTTP/1.1 200")
        time.sleep(1.3)
        assert exchange(one, whole).startswith(b"HTTP/1.1 200"), "between requests there is time"
        one.sendall(sent or b"G")
        assert one.recv(100) == b""
