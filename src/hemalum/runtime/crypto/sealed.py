"""Sealed blobs: bytes encrypted and authenticated in chunks, so that any range opens without the rest.

Form, version 1 (docs/reference/sealed-blobs.md): a prefix of 8 bytes, then an object in the layout of C2SP
chunked-encryption v1: a salt of 24 bytes, a commitment to the key of 32 bytes, and chunks of 16 KiB, each
with its tag of 16 bytes. The last chunk is always shorter, if need be empty, so that nothing can be cut off
unseen.

HKDF-Expand (RFC 5869) of the slide's key makes cipher key, base nonce and commitment of every blob from its
salt and its context: prefix, name of the key, and the place where the blob lies. A blob that is moved to
another place, or opened with another slide's key, is refused before any chunk is.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hemalum.kernel.errors import Damaged
from hemalum.kernel.sentence import Sentence
from hemalum.runtime.crypto.sm4 import Sm4Gcm, sm4_gcm

CHUNK_BYTES = 16_384
HEADER_BYTES = 64
SECRET_BYTES = 32

_MAGIC = b"HSEAL\x01"
_LABEL = b"c2sp.org/chunked-encryption@v1+"
_SALT_BYTES = 24
_COMMITMENT_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES
_DAMAGED = Sentence("Stored bytes are damaged, or not those that belong here.")


class Suite(StrEnum):
    """Cipher and hash of a sealed blob."""

    AES_256_GCM = "aes-256-gcm"
    """AES-256-GCM with SHA-512."""
    SM4_GCM = "sm4-gcm"
    """SM4-GCM with SM3, for systems that are assessed for national cryptography (GB/T 32907, 32905)."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What a suite is made of."""

    number: int
    """In the prefix of a blob."""
    name: bytes
    """Of the cipher, in the registry of AEAD algorithms."""
    key_bytes: int
    digest: hashes.HashAlgorithm
    aead: Callable[[bytes], AESGCM | Sm4Gcm]


_FORMS = {
    Suite.AES_256_GCM: _Form(1, b"AEAD_AES_256_GCM", 32, hashes.SHA512(), AESGCM),
    Suite.SM4_GCM: _Form(2, b"AEAD_SM4_GCM", 16, hashes.SM3(), sm4_gcm),
}


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key that the blobs of one slide are sealed under."""

    name: str
    """What it is the key of, such as an image id; part of what a blob is bound to."""
    suite: Suite
    secret: bytes = field(repr=False)
    """32 random bytes."""


class _Derived:
    """Cipher key, base nonce and commitment of one blob."""

    def __init__(self, key: DataKey, place: str, salt: bytes) -> None:
        form = _FORMS[key.suite]
        context = b"\0".join((prefix(key.suite), key.name.encode(), place.encode()))
        info = b"".join((_LABEL, form.name, b"\0", salt, context))
        length = form.key_bytes + _NONCE_BYTES + _COMMITMENT_BYTES
        output = HKDFExpand(form.digest, length, info).derive(key.secret)
        self.aead = form.aead(output[: form.key_bytes])
        self._base = int.from_bytes(output[form.key_bytes : -_COMMITMENT_BYTES])
        self.commitment = output[-_COMMITMENT_BYTES:]

    def nonce(self, number: int) -> bytes:
        return (self._base ^ number).to_bytes(_NONCE_BYTES)


def prefix(suite: Suite) -> bytes:
    """The first 8 bytes of every blob of a suite: magic, version, suite."""
    return _MAGIC + bytes((_FORMS[suite].number, 0))


def sealed_size(size: int) -> int:
    """Length of a sealed blob by the length of what is in it."""
    return HEADER_BYTES + size + _TAG_BYTES * (size // CHUNK_BYTES + 1)


def plain_size(size: int) -> int:
    """Length of what is in a sealed blob by the length of the blob.

    Raises:
        Damaged: no sealed blob has this length.
    """
    full, rest = divmod(size - HEADER_BYTES, _SEALED_CHUNK_BYTES)
    if full < 0 or rest < _TAG_BYTES:
        raise Damaged.saying(_DAMAGED)
    return full * CHUNK_BYTES + rest - _TAG_BYTES


class Sealer:
    """Seals bytes as they come, in flat memory."""

    def __init__(self, key: DataKey, place: str, salt: bytes | None = None) -> None:
        """`salt` is given by tests only; every blob has its own."""
        salt = secrets.token_bytes(_SALT_BYTES) if salt is None else salt
        self._derived = _Derived(key, place, salt)
        self._rest = b""
        self._number = 0
        self.header = prefix(key.suite) + salt + self._derived.commitment
        """The first bytes of the blob."""

    def update(self, content: bytes | memoryview) -> bytes:
        """As much of the blob as is complete with these bytes."""
        view = memoryview(self._rest + content if self._rest else content)
        whole = len(view) - len(view) % CHUNK_BYTES
        sealed = [self._chunk(view[at : at + CHUNK_BYTES]) for at in range(0, whole, CHUNK_BYTES)]
        self._rest = bytes(view[whole:])
        return b"".join(sealed)

    def finish(self) -> bytes:
        """The last bytes of the blob."""
        return self._chunk(self._rest)

    def _chunk(self, content: bytes | memoryview) -> bytes:
        sealed = self._derived.aead.encrypt(self._derived.nonce(self._number), content, None)
        self._number += 1
        return sealed


class Unsealer:
    """Opens ranges of one sealed blob. May be used from several threads."""

    def __init__(self, key: DataKey, place: str, header: bytes, size: int) -> None:
        """`header` is the first `HEADER_BYTES` of the blob, `size` its whole length.

        Raises:
            Damaged: the blob is no sealed one, is cut off, or belongs to another key or place.
        """
        self._stored = size
        self.size = plain_size(size)
        """Length of what is in the blob."""
        self.chunks = self.size // CHUNK_BYTES + 1
        """How many chunks the blob has."""
        salt = header[len(_MAGIC) + 2 :][:_SALT_BYTES]
        self._derived = _Derived(key, place, salt)
        expected = prefix(key.suite) + salt + self._derived.commitment
        if not hmac.compare_digest(expected, header):
            raise Damaged.saying(_DAMAGED)

    def span(self, offset: int, length: int) -> tuple[int, int]:
        """Offset and length of the sealed bytes that hold a range; the range may reach past the end."""
        first = min(offset // CHUNK_BYTES, self.chunks - 1)
        end = offset + max(length, 1)
        # A range up to the end takes the last chunk with it, even an empty one: it proves the end.
        after = self.chunks if end >= self.size else (end - 1) // CHUNK_BYTES + 1
        start = HEADER_BYTES + first * _SEALED_CHUNK_BYTES
        return start, min(HEADER_BYTES + after * _SEALED_CHUNK_BYTES, self._stored) - start

    def open(self, offset: int, length: int, sealed: bytes | bytearray | memoryview) -> bytes:
        """The range, from the bytes of its span; shorter where it reaches past the end.

        Raises:
            Damaged: they are not the bytes that were written.
        """
        start, count = self.span(offset, length)
        if len(sealed) != count:
            raise Damaged.saying(_DAMAGED)
        view, number, parts = memoryview(sealed), (start - HEADER_BYTES) // _SEALED_CHUNK_BYTES, []
        skip = offset - number * CHUNK_BYTES
        for at in range(0, count, _SEALED_CHUNK_BYTES):
            chunk = view[at : at + _SEALED_CHUNK_BYTES]
            parts.append(self._open_part(number, chunk, max(skip, 0), max(skip + length, 0)))
            number, skip = number + 1, skip - CHUNK_BYTES
        return b"".join(parts)

    def open_chunk(self, number: int, sealed: bytes | memoryview) -> bytes:
        """One chunk, from its bytes with the tag.

        Raises:
            Damaged: they are not the bytes that were written.
        """
        return self._open_part(number, sealed, 0, CHUNK_BYTES)

    def _open_part(self, number: int, sealed: bytes | memoryview, start: int, stop: int) -> bytes:
        aead, nonce = self._derived.aead, self._derived.nonce(number)
        try:
            if isinstance(aead, Sm4Gcm):
                return aead.decrypt_part(nonce, sealed, start, stop)
            return aead.decrypt(nonce, sealed, None)[start:stop]
        except InvalidTag as error:
            raise Damaged.saying(_DAMAGED) from error


def chunks_of(sealed: memoryview) -> Iterator[memoryview]:
    """The sealed chunks of a span."""
    for at in range(0, len(sealed), _SEALED_CHUNK_BYTES):
        yield sealed[at : at + _SEALED_CHUNK_BYTES]


def seal_pieces(key: DataKey, place: str, pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """A sealed blob in pieces, of content in pieces."""
    sealer = Sealer(key, place)
    yield sealer.header
    for piece in pieces:
        yield sealer.update(piece)
    yield sealer.finish()


def seal(key: DataKey, place: str, content: bytes) -> bytes:
    """Content as a sealed blob."""
    return b"".join(seal_pieces(key, place, (content,)))


def unseal(key: DataKey, place: str, blob: bytes) -> bytes:
    """What is in a sealed blob.

    Raises:
        Damaged: it is not whole as it was written, or belongs to another key or place.
    """
    opened = Unsealer(key, place, blob[:HEADER_BYTES], len(blob))
    return opened.open(0, opened.size, memoryview(blob)[HEADER_BYTES:])
