"""Tickets: what a viewer shows for every tile, so that no tile asks the database who is looking.

A ticket is issued once per slide opening, after the decision who may see what, and is good for a short time.
Form: base64url without padding of `payload || HMAC-SHA256(node key, payload)`, payload being a JSON list.
A ticket is good together with the session or token it was issued to: who copies the address of a tile out of
somebody's browser sees nothing. It ends by itself, or when it is revoked: when its session ends or its
person loses a role, or when its slide is taken back from somebody. Revoking works at once in the process
where that happens; others hear of it by `runtime.endings`.
"""

import base64
import binascii
import hashlib
import hmac
import json
import math
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from hemalum.kernel.errors import NotSignedIn
from hemalum.kernel.ids import ImageId, PersonId
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.files import sync_folder

TICKET_LASTS_S = 15 * 60
KEY_BYTES = 32

_MAC_BYTES = 32
_MAX_REMEMBERED = 4096
_MAX_TEXT = 1024
_REFUSAL = Sentence("This opening of the slide has ended; open the slide again.")


class Ticket(NamedTuple):
    """Who may see which image until when."""

    image_id: ImageId
    person_id: PersonId
    session_id: str
    may_view_label: bool
    opening_id: str
    """The opening in the log that let it out."""
    holder: str
    """`holder_of` the secret that it must come with; empty for the visitors of a demo node, who have none."""
    issued_at: float
    """Seconds since 1970, UTC."""
    expires_at: float


class Tickets:
    """Issues and checks the tickets of one node.

    Checking a ticket seen before costs one dictionary look-up. One thread issues and checks; any may revoke.
    """

    def __init__(self, key: bytes, now: Callable[[], float] = time.time) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a ticket key has at least {KEY_BYTES} bytes")
        self._key = key
        self._now = now
        self._checked: dict[str, Ticket] = {}
        self._revoked: dict[str, float] = {}

    def issue(
        self,
        image_id: ImageId,
        person_id: PersonId,
        session_id: str,
        *,
        may_view_label: bool,
        opening_id: str = "",
        holder: str = "",
        until: float = math.inf,
    ) -> tuple[str, Ticket]:
        """A fresh ticket: its text for the viewer and what it says.

        `until`, in seconds since 1970, is when what lets the person see the image ends by itself.
        """
        now = self._now()
        ends = min(now + TICKET_LASTS_S, until)
        ticket = Ticket(image_id, person_id, session_id, may_view_label, opening_id, holder, now, ends)
        payload = json.dumps(list(ticket), separators=(",", ":"), ensure_ascii=False).encode()
        return _encode(payload + self._mac(payload)), ticket

    def check(self, text: str) -> Ticket:
        """What the ticket says.

        Raises:
            NotSignedIn: it was not issued here, was changed, has ended or was revoked.
        """
        ticket = self._checked.get(text)
        if ticket is None:
            ticket = self._verify(text)
            self._remember(text, ticket)
        if ticket.expires_at <= self._now():
            self._checked.pop(text, None)
            raise NotSignedIn.saying(_REFUSAL)
        return ticket

    def revoke(self, subject: str, at: float | None = None) -> None:
        """End the tickets that a session or an image has, issued up to a moment in seconds since 1970: now.

        As when somebody signs out or loses a role, or when a slide is taken back.
        """
        now = self._now()
        at = now if at is None else at
        # Copied whole, since another thread may come in between.
        revoked = {each: when for each, when in list(self._revoked.items()) if when > now - TICKET_LASTS_S}
        self._revoked = revoked | {subject: max(at, revoked.get(subject, 0.0))}
        for text, ticket in list(self._checked.items()):
            if subject in (ticket.session_id, ticket.image_id) and ticket.issued_at <= at:
                self._checked.pop(text, None)

    def is_revoked(self, *subjects: str) -> bool:
        """Whether tickets of one of these were ended within the life of a ticket."""
        return any(subject in self._revoked for subject in subjects)

    def _verify(self, text: str) -> Ticket:
        sealed = _decode(text)
        payload, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise NotSignedIn.saying(_REFUSAL)
        ticket = Ticket(*json.loads(payload))
        ended = (self._revoked.get(subject, 0.0) for subject in (ticket.session_id, ticket.image_id))
        if ticket.issued_at <= max(ended):
            raise NotSignedIn.saying(_REFUSAL)
        return ticket

    def _remember(self, text: str, ticket: Ticket) -> None:
        if len(self._checked) >= _MAX_REMEMBERED:
            # Dictionaries keep the order of insertion: the oldest ticket is the nearest to its end.
            del self._checked[next(iter(self._checked))]
        self._checked[text] = ticket

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._key, b"hemalum-ticket-1\x00" + payload, hashlib.sha256).digest()


def holder_of(secret: str) -> str:
    """What a ticket remembers of the session or token secret it was issued to."""
    return hashlib.sha256(b"hemalum-holder\x00" + secret.encode()).hexdigest()[:32]


def load_or_make_key(path: Path, as_kept: Callable[[bytes], bytes] = bytes) -> bytes:
    """What is kept at `path`: a secret key, made at the first call; only its owner can read it.

    `as_kept` gives a fresh key the form in which it lies on the disk. Safe when several processes start at
    the same time: one of them makes the key and all get the same.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, as_kept(secrets.token_bytes(KEY_BYTES)))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
        sync_folder(path.parent)
    return path.read_bytes()


def _encode(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    if len(text) > _MAX_TEXT:
        raise NotSignedIn.saying(_REFUSAL)
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotSignedIn.saying(_REFUSAL) from error
    # Base64 has several spellings of the same bytes; only ours is a ticket.
    if len(sealed) <= _MAC_BYTES or _encode(sealed) != text:
        raise NotSignedIn.saying(_REFUSAL)
    return sealed
