"""SM4-GCM (RFC 8998; SM4 is GB/T 32907) with the interface of `AESGCM`: nonces of 12 bytes, tags of 16.

OpenSSL computes SM4 by tables unless the processor has instructions for it, which hardly any has. libgcrypt
computes it with the instructions for AES and vectors, some five times faster (from 1.11 on with those for
Galois fields, three times faster again), and is part of most Linux systems. Where it is found and gives the
known answer it does the work, elsewhere OpenSSL does.
"""

import ctypes
import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cache
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_TAG_BYTES = 16
_BLOCK_BYTES = 16
_FIRST_COUNT = 2
"""Of the counter of GCM for the first block of content (NIST SP 800-38D, section 7.1)."""
_PART_OF_WHOLE = 0.8
"""A larger share of a message is deciphered with the rest: two passes cost more then than one."""
_ROOM_BYTES = 16_384 + _TAG_BYTES
"""A sealed chunk. To make room of another length takes 20 us, since each length is a type of its own."""
_Room = ctypes.c_char * _ROOM_BYTES
_LIBRARY = "libgcrypt.so.20"
# From gcrypt.h, which keeps them across the releases of libgcrypt 1.x.
_OLDEST = b"1.10.0"
_CIPHER_SM4 = 318
_MODE_CTR = 6
_MODE_GCM = 9
_DISABLE_SECMEM = 37
_INITIALIZATION_FINISHED = 38
_IS_INITIALIZED = 39


class Sm4Gcm(ABC):
    """One key; may be used from several threads."""

    def __init__(self) -> None:
        self._differences: dict[int, int] = {}

    @abstractmethod
    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    @abstractmethod
    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Plaintext of ciphertext and tag.

        Raises:
            InvalidTag: they are not what was encrypted.
        """

    @abstractmethod
    def _is_tag(self, tag: bytes, nonce: bytes, associated_data: bytes) -> bool:
        """Whether this is the tag of associated data without content, told in constant time."""

    @abstractmethod
    def _count(self, counter: bytes, content: bytes) -> bytes:
        """Content in counter mode, from this counter of 16 bytes on."""

    def decrypt_part(self, nonce: bytes, data: bytes | memoryview, start: int, stop: int) -> bytes:
        """Plaintext from `start` to `stop`, of ciphertext and tag without associated data.

        All of it is authenticated, and only then the part deciphered, which is most of the work.

        Raises:
            InvalidTag: they are not what was encrypted.
        """
        length = len(data) - _TAG_BYTES
        if length < 0:
            raise InvalidTag
        start, stop = min(start, length), min(stop, length)
        if stop - start > _PART_OF_WHOLE * length:
            return self.decrypt(nonce, data, None)[start:stop]
        content = bytes(data[:length])
        tag = int.from_bytes(data[length:]) ^ self._difference(length)
        if not self._is_tag(tag.to_bytes(_TAG_BYTES), nonce, content):
            raise InvalidTag
        block, skip = divmod(start, _BLOCK_BYTES)
        counter = nonce + (_FIRST_COUNT + block).to_bytes(_BLOCK_BYTES - len(nonce))
        return self._count(counter, content[start - skip : stop])[skip:]

    def _difference(self, length: int) -> int:
        """What a tag changes by when a ciphertext of this length is authenticated as associated data.

        A tag is GHASH over associated data, ciphertext, and the length of each, added to a block that the key
        and the nonce give (NIST SP 800-38D, section 7.1). Both tags are sums over the same blocks but for the
        last, the lengths; since GHASH is linear, their difference depends on the key and the length alone.
        """
        known = self._differences.get(length)
        if known is None:
            # Of any message; this one goes nowhere, so that its nonce may be one that is used.
            nonce = bytes(12)
            sealed = self.encrypt(nonce, bytes(length), None)
            as_associated = self.encrypt(nonce, b"", sealed[:length])
            known = int.from_bytes(sealed[length:]) ^ int.from_bytes(as_associated)
            self._differences[length] = known
        return known


def sm4_gcm(key: bytes) -> Sm4Gcm:
    """The fastest SM4-GCM of this machine, under a key of 16 bytes."""
    gcrypt = _gcrypt()
    return OpensslSm4Gcm(key) if gcrypt is None else GcryptSm4Gcm(key, gcrypt)


class OpensslSm4Gcm(Sm4Gcm):
    """SM4-GCM of the OpenSSL that comes with `cryptography`."""

    def __init__(self, key: bytes) -> None:
        super().__init__()
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        tag = bytes(data[-_TAG_BYTES:])
        decryptor = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-_TAG_BYTES]) + decryptor.finalize()

    def _is_tag(self, tag: bytes, nonce: bytes, associated_data: bytes) -> bool:
        return hmac.compare_digest(self.encrypt(nonce, b"", associated_data), tag)

    def _count(self, counter: bytes, content: bytes) -> bytes:
        return Cipher(self._algorithm, modes.CTR(counter)).decryptor().update(content)


class GcryptSm4Gcm(Sm4Gcm):
    """SM4-GCM of libgcrypt."""

    def __init__(self, key: bytes, library: ctypes.CDLL) -> None:
        super().__init__()
        self._library = library
        self._gcm = _Ciphers(library, _MODE_GCM, key)
        self._ctr = _Ciphers(library, _MODE_CTR, key)

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        library, length = self._library, len(data)
        cipher = self._begun(nonce, associated_data)
        room = cipher.room(length + _TAG_BYTES)
        _done(library.gcry_cipher_encrypt(cipher.pointer, room, length, bytes(data), length))
        _done(library.gcry_cipher_gettag(cipher.pointer, ctypes.byref(room, length), _TAG_BYTES))
        sealed = cast(bytes, room[: length + _TAG_BYTES])
        self._gcm.give_back(cipher)
        return sealed

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        length = len(data) - _TAG_BYTES
        if length < 0:
            raise InvalidTag
        cipher = self._begun(nonce, associated_data)
        content = self._deciphered(cipher, bytes(data[:length]))
        if not self._ended(cipher, bytes(data[length:])):
            raise InvalidTag
        return content

    def _is_tag(self, tag: bytes, nonce: bytes, associated_data: bytes) -> bool:
        return self._ended(self._begun(nonce, associated_data), tag)

    def _begun(self, nonce: bytes, associated_data: bytes | None) -> "_Cipher":
        cipher, library = self._gcm.take(), self._library
        _done(library.gcry_cipher_setiv(cipher.pointer, nonce, len(nonce)))
        if associated_data:
            length = len(associated_data)
            _done(library.gcry_cipher_authenticate(cipher.pointer, associated_data, length))
        return cipher

    def _ended(self, cipher: "_Cipher", tag: bytes) -> bool:
        """Whether this is the tag, told in constant time. Gives the cipher back."""
        differs = self._library.gcry_cipher_checktag(cipher.pointer, tag, len(tag))
        self._gcm.give_back(cipher)
        return not differs

    def _count(self, counter: bytes, content: bytes) -> bytes:
        cipher = self._ctr.take()
        _done(self._library.gcry_cipher_setctr(cipher.pointer, counter, len(counter)))
        counted = self._deciphered(cipher, content)
        self._ctr.give_back(cipher)
        return counted

    def _deciphered(self, cipher: "_Cipher", content: bytes) -> bytes:
        length = len(content)
        room = cipher.room(length)
        _done(self._library.gcry_cipher_decrypt(cipher.pointer, room, length, content, length))
        # Which the stubs take for a list.
        return cast(bytes, room[:length])


class _Cipher:
    """An open cipher of libgcrypt, with its key. It has a state, which threads cannot share."""

    __slots__ = ("_library", "_room", "pointer")

    def __init__(self, library: ctypes.CDLL, mode: int, key: bytes) -> None:
        self._library, self._room, self.pointer = library, _Room(), ctypes.c_void_p()
        _done(library.gcry_cipher_open(ctypes.byref(self.pointer), _CIPHER_SM4, mode, 0))
        _done(library.gcry_cipher_setkey(self.pointer, key, len(key)))

    def room(self, length: int) -> "ctypes.Array[ctypes.c_char]":
        """Where the library may write so many bytes, until it is asked again."""
        return self._room if length <= _ROOM_BYTES else (ctypes.c_char * length)()

    def __del__(self) -> None:
        # Also wipes the key. Nothing happens to a cipher that was never opened.
        self._library.gcry_cipher_close(self.pointer)


class _Ciphers:
    """Ciphers of one key and mode, opened when they are wanted and kept for whoever comes next."""

    def __init__(self, library: ctypes.CDLL, mode: int, key: bytes) -> None:
        self._library, self._mode, self._key = library, mode, key
        self._free: list[_Cipher] = []

    def take(self) -> _Cipher:
        """One that nobody else has. One that failed need not be given back: it closes by itself."""
        try:
            return self._free.pop()
        except IndexError:
            return _Cipher(self._library, self._mode, self._key)

    def give_back(self, cipher: _Cipher) -> None:
        self._free.append(cipher)


def _done(error: int) -> None:
    if error:
        raise RuntimeError(f"libgcrypt refused with error {error}")


def sm4_library() -> str:
    """What computes SM4 on this machine, for people."""
    gcrypt = _gcrypt()
    return "OpenSSL" if gcrypt is None else f"libgcrypt {gcrypt.gcry_check_version(None).decode()}"


@cache
def _gcrypt() -> ctypes.CDLL | None:
    """libgcrypt, where there is one that gives the known answer."""
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    return library if _initialized(library) and _agrees(lambda key: GcryptSm4Gcm(key, library)) else None


def _initialized(library: ctypes.CDLL) -> bool:
    size, pointer, string, integer = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    library.gcry_check_version.restype = string
    library.gcry_check_version.argtypes = [string]
    library.gcry_cipher_open.argtypes = [pointer, integer, integer, ctypes.c_uint]
    library.gcry_cipher_close.argtypes = [pointer]
    library.gcry_cipher_close.restype = None
    library.gcry_cipher_setkey.argtypes = [pointer, string, size]
    library.gcry_cipher_setiv.argtypes = [pointer, string, size]
    library.gcry_cipher_setctr.argtypes = [pointer, string, size]
    library.gcry_cipher_authenticate.argtypes = [pointer, string, size]
    library.gcry_cipher_encrypt.argtypes = [pointer, pointer, size, string, size]
    library.gcry_cipher_decrypt.argtypes = [pointer, pointer, size, string, size]
    library.gcry_cipher_gettag.argtypes = [pointer, pointer, size]
    library.gcry_cipher_checktag.argtypes = [pointer, string, size]
    if not library.gcry_check_version(_OLDEST):
        return False
    if not library.gcry_control(_IS_INITIALIZED, 0):
        # Our keys lie in Python's memory already: locked pages would keep nothing.
        library.gcry_control(_DISABLE_SECMEM, 0)
        library.gcry_control(_INITIALIZATION_FINISHED, 0)
    return True


def _agrees(cipher: Callable[[bytes], Sm4Gcm]) -> bool:
    """Whether a cipher gives the answer of RFC 8998, appendix A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    nonce = bytes.fromhex("00001234567800000000abcd")
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    content = b"".join(bytes((value,)) * 8 for value in (0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF, 0xEE, 0xAA))
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    try:
        return cipher(key).encrypt(nonce, content, associated) == sealed
    except RuntimeError:
        return False
