"""Passkeys (WebAuthn level 3): what the browser is asked, and whether its answer holds.

The library is imported when it is first needed: most processes never look at a passkey.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from hemalum.capabilities.access.model import Passkey, PasskeyRefused, Person
from hemalum.kernel.errors import Invalid

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Site:
    """The node as a browser knows it."""

    base: str
    """Scheme, host and port: `https://slides.example`."""

    @property
    def name(self) -> str:
        """The host, which passkeys are bound to (the RP ID).

        Raises:
            Invalid: it is a number, which a passkey cannot be bound to.
        """
        host = urlsplit(self.base).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return host
        raise Invalid("Passkeys need the node's name in the address, not a number.")


def new_challenge() -> bytes:
    """What the authenticator has to sign."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def registration_options(
    site: Site, person: Person, known: Iterable[Passkey], challenge: bytes
) -> dict[str, Any]:
    """What the browser is asked, to make a passkey that needs no name typed and verifies its holder."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Hemalum",
        user_id=person.id.encode(),
        user_name=person.name,
        user_display_name=person.display_name,
        challenge=challenge,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(each.id)) for each in known
        ],
    )
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


def registered(
    site: Site, person: Person, credential: Mapping[str, Any], challenge: bytes, name: str, now: datetime
) -> Passkey:
    """The passkey that a browser made.

    Raises:
        PasskeyRefused: the answer does not hold.
    """
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = webauthn.verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.base,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused("The passkey could not be registered. Try again.") from error
    return Passkey(
        webauthn.helpers.bytes_to_base64url(verified.credential_id),
        person.id,
        verified.credential_public_key,
        verified.sign_count,
        name,
        now,
    )


def sign_in_options(site: Site, challenge: bytes) -> dict[str, Any]:
    """What the browser is asked, to show any passkey that it has for this node."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=site.name, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


def shown(site: Site, passkey: Passkey, credential: Mapping[str, Any], challenge: bytes) -> int:
    """The new sign count of a passkey that its holder showed.

    Raises:
        PasskeyRefused: the proof does not hold, or the passkey was cloned (its count went back).
    """
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = webauthn.verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.base,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused("The passkey was not accepted. Try again, or sign in another way.") from error
    return verified.new_sign_count
