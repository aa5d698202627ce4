"""Secrets that the node must read again, such as those of authenticator apps, encrypted at rest."""

import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hemalum.kernel.errors import Conflict
from hemalum.runtime.tickets import load_or_make_key

type Seal = Callable[[bytes], bytes]
type Unseal = Callable[[bytes], bytes]

_NONCE_BYTES = 12


def sealing(key_file: Path) -> tuple[Seal, Unseal]:
    """Seal and unseal by AES-256-GCM (NIST SP 800-38D) under the key in a file, made when it is not there.

    What unseals raises Conflict when the bytes were not sealed with this key.
    """
    cipher = AESGCM(load_or_make_key(key_file))

    def seal(plain: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + cipher.encrypt(nonce, plain, None)

    def unseal(sealed: bytes) -> bytes:
        try:
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except InvalidTag as error:
            raise Conflict("A secret of this node was sealed with another key.") from error

    return seal, unseal
