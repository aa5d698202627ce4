"""One-time codes of authenticator apps (RFC 6238; HMAC-SHA-1, 30 s, 6 digits: what every app can do)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
_CLOCKS_DIFFER_STEPS = 1


def new_totp_secret() -> bytes:
    """160 random bits (RFC 4226, section 4, R6)."""
    return secrets.token_bytes(20)


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step (RFC 4226, section 5.3)."""
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    place = mac[-1] & 15
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(now: datetime) -> int:
    """The number of the 30 s that a moment lies in."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The time step near now that has this code, or None; clocks may differ by one step (RFC 6238, 5.2)."""
    found = None
    for step in range(step_at(now) - _CLOCKS_DIFFER_STEPS, step_at(now) + _CLOCKS_DIFFER_STEPS + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()):
            found = step
    return found


def as_text(secret: bytes) -> str:
    """The secret as people type it into an app (base32)."""
    return base64.b32encode(secret).decode()


def enrolment_address(secret: bytes, account: str, issuer: str) -> str:
    """What an authenticator app reads (`otpauth:` key URI)."""
    label = quote(f"{issuer}:{account}", safe="@")
    query = urlencode({"secret": as_text(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def qr_code(text: str) -> str:
    """A QR code as the data address of an SVG: black on white in every theme, so that cameras read it."""
    import segno  # most commands and most requests draw nothing

    address: str = segno.make(text, micro=False, error="m").svg_data_uri(scale=4, dark="#000", light="#fff")
    return address
