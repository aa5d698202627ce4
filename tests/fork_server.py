"""The process that every `hemalum` of the tests forks from. See `tests.processes`."""

import contextlib
import gc
import importlib
import json
import os
import selectors
import signal
import socket
import struct
import sys

MAX_REQUEST_BYTES = 1 << 20
NUMBER = struct.Struct("<i")
"""How the id of a process is told when it begins, and its exit code when it has ended."""
LOADED = ("alembic.command", "alembic.config", "dbos", "hemalum.app.server", "uvloop")
"""What takes seconds of processor time to import, and what most commands and every node import."""


def main() -> None:
    """Fork for every request on the socket that was inherited, until its other end closes."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    ended = selectors.DefaultSelector()
    ended.register(requests, selectors.EVENT_READ)
    while True:
        for key, _ in ended.select():
            if key.data is not None:
                _tell_end(ended, key)
                continue
            body, fds, _, _ = socket.recv_fds(requests, MAX_REQUEST_BYTES, 4)
            if not body:
                return
            if (forked := os.fork()) == 0:
                _leave(requests, ended)
                _become(json.loads(body), fds)
                return
            os.write(fds[3], NUMBER.pack(forked))
            ended.register(os.pidfd_open(forked), selectors.EVENT_READ, (forked, fds[3]))
            for each in fds[:3]:
                os.close(each)


def _load() -> None:
    for name in LOADED:
        importlib.import_module(name)
    from hemalum.app.registry import CAPABILITIES

    for each in CAPABILITIES:
        for make in (each.router, each.pages):
            if make is not None:
                make()
    gc.collect()
    gc.freeze()


def _tell_end(ended: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    forked, status = key.data
    ended.unregister(key.fileobj)
    os.close(key.fd)
    with contextlib.suppress(BrokenPipeError):
        os.write(status, NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1])))
    os.close(status)


def _leave(requests: socket.socket, ended: selectors.BaseSelector) -> None:
    """Close, in a fork, what belongs to the others."""
    for each in ended.get_map().values():
        if each.data is not None:
            os.close(each.fd)
            os.close(each.data[1])
    ended.close()
    requests.close()


def _become(asked: dict[str, object], fds: list[int]) -> None:
    """Be what `hemalum`, or Python with this code, would be with these arguments, folder and environment."""
    for number, each in enumerate(fds[:3]):
        os.dup2(each, number)
    for each in fds:
        os.close(each)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(str(asked["folder"]))
    os.environ.clear()
    os.environ.update(asked["environment"])
    code, words = asked["code"], asked["arguments"]
    if code is not None:
        sys.argv = ["-c", *words]
        exec(str(code), {"__name__": "__main__"})
        return
    sys.argv = ["hemalum", *words]
    from hemalum.app.cli import main as hemalum

    hemalum()


if __name__ == "__main__":
    main()
