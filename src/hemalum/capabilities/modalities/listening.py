"""Where scanners call (DICOM upper layer): who calls is looked at, what they ask is answered."""

import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, _config, evt

from hemalum.capabilities.modalities.answering import answer
from hemalum.capabilities.modalities.connections import WAITED_S, Server
from hemalum.capabilities.modalities.model import check_title
from hemalum.capabilities.modalities.service import Modalities
from hemalum.formats.dicom.uids import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from hemalum.kernel.errors import HemalumError, Invalid, NotPermitted
from hemalum.kernel.network import address_of, plain_address
from hemalum.kernel.sentence import cause_of

PENDING, CANCELLED = 0xFF00, 0xFE00
OUT_OF_RESOURCES, NOT_AUTHORISED, NO_QUERY, UNABLE = 0xA700, 0x0124, 0xA900, 0xC000
"""Status of an answer (PS3.4 table K.4-2, PS3.7 annex C)."""

_VERIFICATION, _WORKLIST = "1.2.840.10008.1.1", "1.2.840.10008.5.1.4.31"
"""SOP classes (PS3.4 annexes A and K)."""
_MOST_ASSOCIATIONS = 50
_ANSWER_S = 30.0

_LOG = logging.getLogger(__name__)

# The library would write what it hears and answers, names of patients among it, to the log of the process.
_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False


@dataclass
class Listener:
    """Listens on one address, each association in a thread of its own."""

    modalities: Modalities
    address: str
    """`host:port`; port 0 is any that is free."""
    title: str
    """AE title by which scanners call this node."""
    tls: ssl.SSLContext | None = None
    _server: Server | None = field(default=None, init=False)

    @property
    def port(self) -> int:
        """Where it listens, once it was started."""
        assert self._server is not None
        assert self._server.socket is not None
        port: int = self._server.socket.getsockname()[1]
        return port

    def start(self) -> None:
        """Listen, until closed.

        Raises:
            Invalid: the address or the title cannot be used.
        """
        host, port = address_of(self.address)
        check_title(self.title)
        entity = AE(self.title)
        entity.implementation_class_uid = UID(IMPLEMENTATION_CLASS_UID)
        entity.implementation_version_name = IMPLEMENTATION_VERSION_NAME
        entity.require_called_aet = True
        entity.maximum_associations = _MOST_ASSOCIATIONS
        entity.acse_timeout = entity.dimse_timeout = _ANSWER_S
        entity.network_timeout = WAITED_S
        entity.add_supported_context(_VERIFICATION)
        entity.add_supported_context(_WORKLIST)
        try:
            server = entity.make_server(
                (host, port),
                ssl_context=self.tls,
                evt_handlers=[(evt.EVT_C_FIND, self._find)],
                server_class=Server,
            )
        except OSError as error:
            raise Invalid(
                "Scanners cannot be answered at {address}: {cause}.",
                address=self.address,
                cause=cause_of(error),
            ) from error
        assert isinstance(server, Server)
        server.begin()
        self._server = server

    def close(self) -> None:
        """Stop listening; associations are aborted."""
        if self._server is not None:
            self._server.shutdown()

    def _find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        """Answer a query, item by item."""
        caller = event.assoc.requestor
        try:
            scanner = self.modalities.find_scanner(caller.ae_title, plain_address(caller.address))
            items, may_be_more = answer(self.modalities, scanner, _query_of(event))
        except NotPermitted as error:
            _LOG.warning("a scanner was not answered: %s", error)
            yield NOT_AUTHORISED, None
            return
        except Invalid as error:
            _LOG.info("a scanner asked what cannot be answered: %s", error)
            yield NO_QUERY, None
            return
        except (HemalumError, sa.exc.SQLAlchemyError) as error:
            _LOG.error("the worklist cannot be told now: %s", error)
            yield UNABLE, None
            return
        for item in items:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield PENDING, item
        if may_be_more:
            # Better said than left out without a word.
            yield OUT_OF_RESOURCES, None


def _query_of(event: Any) -> Dataset:
    try:
        query: Dataset = event.identifier
        # What is read lazily is read here, where it may fail.
        query.decode()
        list(query.iterall())
    except Exception as error:  # pydicom raises what it comes upon in bytes of strangers
        raise Invalid("The query cannot be read.") from error
    return query
