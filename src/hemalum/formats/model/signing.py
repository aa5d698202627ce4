"""Who published a version: an Ed25519 signature (RFC 8032) over its address, in `signature.json`.

Signed is the text "hemalum-model-v1", LF, the address in hexadecimal, LF: no signature over anything else can
be taken for one of a model.
"""

from dataclasses import dataclass
from typing import Annotated

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Meta

from hemalum.formats.model.reading import BadModel
from hemalum.kernel.typed import typed_json

SIGNATURE_FILE = "signature.json"

PublicKey = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Signature:
    """What a publisher puts beside a version."""

    public_key: PublicKey
    """32 bytes, in hexadecimal."""
    signature: Annotated[str, Meta(pattern="^[0-9a-f]{128}$")]


def read_signature(content: bytes) -> Signature:
    """The signature in a file; whether it holds is another question.

    Raises:
        BadModel: there is none in it.
    """
    try:
        return typed_json(content, Signature)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadModel("{path} holds no signature.", path=SIGNATURE_FILE) from error


def sign(address: str, key: Ed25519PrivateKey) -> Signature:
    """The signature of whoever holds the key over the version with this address."""
    public = key.public_key().public_bytes_raw().hex()
    return Signature(public, key.sign(_signed(address)).hex())


def check_signature(address: str, signature: Signature) -> None:
    """Whether the version with this address is what was signed.

    Raises:
        BadModel: it is not.
    """
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature.public_key))
    try:
        key.verify(bytes.fromhex(signature.signature), _signed(address))
    except InvalidSignature as error:
        raise BadModel("The signature is not one over these files.") from error


def _signed(address: str) -> bytes:
    return f"hemalum-model-v1\n{address}\n".encode()
