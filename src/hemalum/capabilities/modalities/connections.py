"""Connections of scanners, taken in so that no stranger holds up the others."""

import socket
import ssl
import threading
from contextlib import suppress
from socketserver import BaseServer
from typing import Any

from pynetdicom.transport import ThreadedAssociationServer

WAITED_S = 60.0
"""For the next bytes of a connection, those of its TLS handshake among them."""


class _Closed:
    """The library closes a connection only if shutting it down raised nothing; of one that the other side
    has left already it would keep the descriptor."""

    def shutdown(self, how: int) -> None:
        with suppress(OSError):
            super().shutdown(how)  # type: ignore[misc]


class _Connection(_Closed, socket.socket):
    pass


class _TlsConnection(_Closed, ssl.SSLSocket):
    pass


class Server(ThreadedAssociationServer):
    """Takes connections in, each served in a thread of its own."""

    def begin(self) -> None:
        """Listen in a thread, until shut down."""
        if self.ssl_context is not None:
            self.ssl_context.sslsocket_class = _TlsConnection
        threading.Thread(target=self.serve_forever, name="scanners", daemon=True).start()

    def get_request(self) -> tuple[Any, Any]:
        """The next connection. Its TLS handshake is made in its own thread, when the first bytes are read."""
        assert self.socket is not None
        accepted, address = self.socket.accept()
        connection = _Connection(fileno=accepted.detach())
        connection.settimeout(WAITED_S)
        if self.ssl_context is None:
            return connection, address
        tls = self.ssl_context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return tls, address

    def shutdown(self) -> None:
        """Stop listening, and abort what is open."""
        BaseServer.shutdown(self)
        self.server_close()
        for association in self.active_associations:
            association.abort()
