"""Secrets that the node must read again, such as those of authenticator apps, sealed at rest."""

from collections.abc import Callable

from hemalum.runtime.crypto.keys import Keyring

type Seal = Callable[[bytes], bytes]
type Unseal = Callable[[bytes], bytes]

_PURPOSE = "access"


def sealing(keyring: Keyring) -> tuple[Seal, Unseal]:
    """Seal and unseal under the node's own key; what unseals raises Damaged when the bytes are not ours."""

    def seal(plain: bytes) -> bytes:
        return keyring.seal(plain, _PURPOSE)

    def unseal(sealed: bytes) -> bytes:
        return keyring.unseal(sealed, _PURPOSE)

    return seal, unseal
