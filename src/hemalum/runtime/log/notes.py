"""Signed notes, and the checkpoints and cosignatures written as such (C2SP signed-note, tlog-checkpoint,
tlog-cosignature).

A note is a text that ends in a newline, an empty line, and signature lines
`— NAME BASE64(key id || signature)`.
A checkpoint is a note whose text has three lines: origin, size, root. A cosignature is the signature line of
a witness on a checkpoint, with the time at which it was made.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hemalum.kernel.errors import Invalid
from hemalum.runtime.log.merkle import HASH_BYTES

MAX_NOTE_BYTES = 1 << 16
MAX_SIGNATURES = 64
MAX_SIZE = (1 << 63) - 1
"""Larger trees do not exist; databases count no further."""
_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_CONTROL = re.compile(r"[\x00-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NotSigned(Invalid):
    """The bytes are not a note, or nobody whose key is known signed them as they are."""

    code = "not-signed"


class SignatureType(IntEnum):
    """What a key signs (C2SP signed-note, "Signature types")."""

    LOG = 1
    """Ed25519 over the text of the note."""
    WITNESS = 4
    """Ed25519 over a time and the text of a checkpoint (cosignature/v1)."""


@dataclass(frozen=True)
class Signature:
    """One signature line of a note."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> bytes:
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n".encode()


@dataclass(frozen=True)
class VerifierKey:
    """The public half of a key, as others know it: `NAME+KEYID+BASE64` (a "vkey")."""

    name: str
    type: SignatureType
    public: bytes

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        sealed = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(sealed).digest()[:_KEY_ID_BYTES]

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.public)}"

    def is_named_by(self, signature: Signature) -> bool:
        """Whether the signature line says that this key made it."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def signed(self, text: bytes, signature: Signature) -> bool:
        """Whether this key made this signature of the text. About 0.1 ms."""
        if not self.is_named_by(signature):
            return False
        made = signature.signature
        if self.type is SignatureType.WITNESS:
            text, made = _timed(text, made[:_TIME_BYTES]), made[_TIME_BYTES:]
        try:
            self._key.verify(made, text)
        except InvalidSignature:
            return False
        return True


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that a vkey text stands for.

    Raises:
        Invalid: it is not one, is of a type that is not known, or its id does not belong to it.
    """
    name, _, rest = text.strip().partition("+")
    key_id, _, sealed = rest.partition("+")
    try:
        material = decode_base64(sealed)
        key = VerifierKey(name, SignatureType(material[0]), material[1:])
        if not _NAME.fullmatch(name) or key.key_id.hex() != key_id or len(key.public) != HASH_BYTES:
            raise ValueError
    except (ValueError, IndexError) as error:
        raise Invalid(
            "This is not the public key of a log or a witness: {text}.", text=text.strip()
        ) from error
    return key


class SigningKey:
    """A key that signs notes: of a log its checkpoints, of a witness the checkpoints of others.

    Raises:
        Invalid: the name is empty, or has a space or a plus sign in it.
    """

    def __init__(self, name: str, seed: bytes, type: SignatureType = SignatureType.LOG) -> None:  # noqa: A002 (the standard's word)
        if not _NAME.fullmatch(name):
            raise Invalid(
                "The name of a log or witness has at least one character, no space and no plus sign."
            )
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, type, self._key.public_key().public_bytes_raw())

    def sign(self, text: bytes) -> Signature:
        """The signature of a log on a text."""
        return self._line(self._key.sign(text))

    def cosign(self, text: bytes, unix_time_s: int) -> Signature:
        """The signature of a witness: at this time it had seen no larger tree of this log."""
        time = unix_time_s.to_bytes(_TIME_BYTES)
        return self._line(time + self._key.sign(_timed(text, time)))

    def _line(self, signature: bytes) -> Signature:
        return Signature(self.verifier.name, self.verifier.key_id, signature)


def _timed(text: bytes, time: bytes) -> bytes:
    return b"cosignature/v1\ntime %d\n" % int.from_bytes(time) + text


@dataclass(frozen=True)
class Checkpoint:
    """A log as somebody saw it: its name, how many entries it had, and the root of their tree."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> bytes:
        """What is signed."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


@dataclass(frozen=True)
class Note:
    """A text and its signature lines, not checked yet."""

    text: bytes
    signatures: Sequence[Signature] = field(default=())

    def __bytes__(self) -> bytes:
        return self.text + b"\n" + b"".join(signature.line for signature in self.signatures)

    def signatures_of(self, key: VerifierKey) -> list[Signature]:
        """The good signatures of this key."""
        return [signature for signature in self.signatures if key.signed(self.text, signature)]


def parse_note(note: bytes) -> Note:
    """A note in its parts. Nothing in it is to be believed before a signature was checked.

    Raises:
        NotSigned: it has not the form of a signed note.
    """
    text, gap, lines = note.rpartition(b"\n\n")
    if not gap or not lines or len(note) > MAX_NOTE_BYTES:
        raise NotSigned("This is not a signed note.")
    return Note(text + b"\n", parse_signatures(lines))


def parse_signatures(lines: bytes) -> list[Signature]:
    """Signature lines, each ending in a newline.

    Raises:
        NotSigned: one of them is not a signature line, or there are too many.
    """
    try:
        *full, last = lines.decode().split("\n")
    except UnicodeDecodeError as error:
        raise NotSigned("This is not a signed note: it is not UTF-8.") from error
    if last or len(full) > MAX_SIGNATURES:
        raise NotSigned("This is not a signed note: it has too many signatures, or is cut off.")
    return [_parse_signature(line) for line in full]


def _parse_signature(line: str) -> Signature:
    matched = _SIGNATURE_LINE.fullmatch(line)
    if matched is None:
        raise NotSigned("This is not a signed note: a line is not a signature.")
    try:
        sealed = decode_base64(matched[2])
    except ValueError as error:
        raise NotSigned("This is not a signed note: a signature is not base64.") from error
    if len(sealed) <= _KEY_ID_BYTES:
        raise NotSigned("This is not a signed note: a signature is too short.")
    return Signature(matched[1], sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES:])


def parse_checkpoint(text: bytes) -> Checkpoint:
    """The checkpoint that the text of a note is.

    Raises:
        NotSigned: it is not one.
    """
    try:
        origin, size, root, *extensions, last = text.decode().split("\n")
        checkpoint = Checkpoint(origin, int(size), decode_base64(root), tuple(extensions))
    except ValueError as error:
        raise NotSigned("This is not a checkpoint of a log.") from error
    well_formed = (
        origin
        and _SIZE.fullmatch(size)
        and checkpoint.size <= MAX_SIZE
        and len(checkpoint.root) == HASH_BYTES
        and "" not in extensions
        and not last
        and not _CONTROL.search("".join((origin, *extensions)))
    )
    if not well_formed:
        raise NotSigned("This is not a checkpoint of a log.")
    return checkpoint


def open_checkpoint(note: bytes, *keys: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that one of the keys signed.

    Raises:
        NotSigned: it is not a checkpoint, or none of the keys signed it.
    """
    parsed = parse_note(note)
    checkpoint = parse_checkpoint(parsed.text)
    if not any(parsed.signatures_of(key) for key in keys):
        raise NotSigned(
            "This checkpoint of {origin} is not signed by a key that is known.", origin=checkpoint.origin
        )
    return checkpoint


def encode_base64(value: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(value).decode()


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64; only the one canonical spelling is accepted.

    Raises:
        ValueError: it is not that.
    """
    try:
        value = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if encode_base64(value) != text:
        raise ValueError("not canonical base64")
    return value
