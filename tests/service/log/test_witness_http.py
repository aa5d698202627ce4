"""A node that has its log cosigned over HTTP by another node."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hemalum.runtime.db import open_database
from hemalum.runtime.log import Log, open_log
from hemalum.runtime.log.notes import parse_note
from hemalum.runtime.log.witness import Witness, ask_witnesses
from hemalum.runtime.settings import Settings

AT = datetime(2026, 5, 1, tzinfo=UTC)

type Serve = Callable[[Witness], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves a witness on the loopback interface; answers its submission prefix."""
    servers: list[ThreadingHTTPServer] = []

    def start(witness: Witness) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/witness/add-checkpoint"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = witness.add_checkpoint(body, AT)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.content_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/witness"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def watched(node_settings: Settings, tmp_path: Path, serve: Serve) -> Iterator[tuple[Log, Witness]]:
    """A node's log, and the witness that its policy names beside some that do not answer."""
    unwatched = open_log(node_settings)
    unwatched.close()
    engine = open_database(f"sqlite:///{tmp_path / 'witness.sqlite'}")
    witness = Witness(engine, "west.example/w", bytes(32), [unwatched.key])
    others = [
        Witness(engine, f"{name}.example", name.encode() * 8, []).key for name in ("away", "file", "bent")
    ]
    node_settings.log_policy.write_text(
        f"witness west {witness.key} {serve(witness)}\n"
        f"witness away {others[0]} http://127.0.0.1:1\n"
        f"witness file {others[1]} file:///etc/hostname\n"
        f"witness bent {others[2]} http://[::1\n"
        "quorum west\n"
    )
    log = open_log(node_settings)
    yield log, witness
    log.close()
    engine.dispose()


def test_checkpoints_are_cosigned_over_http(watched: tuple[Log, Witness]) -> None:
    log, witness = watched
    for number in range(3):
        log._grow([b"%d" % number], sign=True)
        assert ask_witnesses(log) == {
            "west": None,
            "away": "It does not answer.",
            "file": "The address of a witness begins with https://.",
            "bent": "It does not answer.",
        }
    assert parse_note(log.checkpoint()).signatures_of(witness.key)
    assert log.size_cosigned_by(witness.key) == 3


def test_a_refusal_is_read_over_http(watched: tuple[Log, Witness]) -> None:
    log, witness = watched
    log._grow([b"one"], sign=True)
    ask_witnesses(log)
    log._engine.dispose()
    with log._engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER log_cosignature_keep_rows")
        connection.exec_driver_sql("DELETE FROM log_cosignature")
    log._grow([b"two"], sign=True)
    assert ask_witnesses(log)["west"] is None  # told by 409 where to go on
    assert log.size_cosigned_by(witness.key) == 2
