"""HTTPS: the server's certificate, read again when its files change."""

import asyncio
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hemalum.kernel.errors import Invalid

CHECKED_EVERY_S = 10.0

_LOG = logging.getLogger(__name__)


class Certificate:
    """A certificate chain with its private key, in the context that new connections use."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Read both files. TLS 1.2 is the least that is spoken (RFC 9325 section 3.1.1).

        Raises:
            Invalid: they cannot be read, or do not belong together.
        """
        self._chain, self._key = chain, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        with _told():
            self._load(self.context)
        self._seen = self._stamps()

    def renew(self) -> bool:
        """Use the files as they are now if they changed; False when they did not or cannot be used.

        What cannot be used leaves the certificate that is there, so a renewal caught half-way harms nobody.
        """
        found = self._stamps()
        if found is None or found == self._seen:
            return False
        try:
            # In a context of its own first: loading a key that does not fit would spoil the one in use.
            self._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
            self._load(self.context)
        except OSError as error:
            _LOG.warning("The new TLS certificate cannot be used (%s); the old one stays.", error)
            return False
        self._seen = found
        return True

    async def keep_renewed(self) -> None:
        """Look for changed files until cancelled."""
        while True:
            await asyncio.sleep(CHECKED_EVERY_S)
            await asyncio.to_thread(self.renew)

    def _load(self, context: ssl.SSLContext) -> None:
        context.load_cert_chain(self._chain, self._key)

    def _stamps(self) -> tuple[tuple[int, int], ...] | None:
        try:
            found = (self._chain.stat(), self._key.stat())
        except OSError:
            return None
        return tuple((one.st_mtime_ns, one.st_ino) for one in found)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Invalid(
            "The TLS certificate cannot be used: {reason}.", reason=error.strerror or str(error)
        ) from error


def calling(chain: str, key: str, servers: str) -> ssl.SSLContext:
    """A context for calling others, who show a certificate for the name that they are called by, signed by
    those in the file `servers` or, without one, by whom the machine trusts. The node shows its own, if it has
    one.

    Raises:
        Invalid: one of the files cannot be used.
    """
    with _told():
        context = ssl.create_default_context(cafile=servers or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if chain:
            context.load_cert_chain(chain, key)
    return context


def mutual(chain: str, key: str, clients: str) -> ssl.SSLContext:
    """A context in which both sides show a certificate, clients one that is signed by those in a file.

    DICOM PS3.15 B.9, the BCP 195 profile: TLS 1.2 or later.

    Raises:
        Invalid: one of the files cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    with _told():
        context.load_cert_chain(chain, key)
        context.load_verify_locations(clients)
    return context
