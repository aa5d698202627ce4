"""SM4-GCM (RFC 8998; SM4 is GB/T 32907) with the interface of `AESGCM`: nonces of 12 bytes, tags of 16.

OpenSSL computes SM4 by tables unless the processor has instructions for it, which hardly any has. libgcrypt
computes it with the instructions for AES and vectors, some five times faster, and is part of most Linux
systems. Where it is found and gives the known answer it does the work, elsewhere OpenSSL does.
"""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_TAG_BYTES = 16
_LIBRARY = "libgcrypt.so.20"
# From gcrypt.h, which keeps them across the releases of libgcrypt 1.x.
_OLDEST = b"1.10.0"
_CIPHER_SM4 = 318
_MODE_GCM = 9
_DISABLE_SECMEM = 37
_INITIALIZATION_FINISHED = 38
_IS_INITIALIZED = 39


class Sm4Gcm(Protocol):
    """One key; may be used from several threads."""

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Ciphertext and tag."""

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        """Plaintext of ciphertext and tag.

        Raises:
            InvalidTag: they are not what was encrypted.
        """


def sm4_gcm(key: bytes) -> Sm4Gcm:
    """The fastest SM4-GCM of this machine, under a key of 16 bytes."""
    gcrypt = _gcrypt()
    return OpensslSm4Gcm(key) if gcrypt is None else GcryptSm4Gcm(key, gcrypt)


class OpensslSm4Gcm:
    """SM4-GCM of the OpenSSL that comes with `cryptography`."""

    def __init__(self, key: bytes) -> None:
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


class GcryptSm4Gcm:
    """SM4-GCM of libgcrypt."""

    def __init__(self, key: bytes, library: ctypes.CDLL) -> None:
        self._key = key
        self._library = library

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        sealed = ctypes.create_string_buffer(len(data) + _TAG_BYTES)
        tag = ctypes.byref(sealed, len(data))
        with self._begun(nonce, associated_data) as cipher:
            self._done(self._library.gcry_cipher_encrypt(cipher, sealed, len(data), bytes(data), len(data)))
            self._done(self._library.gcry_cipher_gettag(cipher, tag, _TAG_BYTES))
        return sealed.raw

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
        length = len(data) - _TAG_BYTES
        if length < 0:
            raise InvalidTag
        content = ctypes.create_string_buffer(length)
        with self._begun(nonce, associated_data) as cipher:
            self._done(
                self._library.gcry_cipher_decrypt(cipher, content, length, bytes(data[:length]), length)
            )
            if self._library.gcry_cipher_checktag(cipher, bytes(data[length:]), _TAG_BYTES):
                raise InvalidTag
        return content.raw

    @contextmanager
    def _begun(self, nonce: bytes, associated_data: bytes | None) -> Iterator[ctypes.c_void_p]:
        """A cipher for one message: it has a state, which threads cannot share."""
        library, cipher = self._library, ctypes.c_void_p()
        self._done(library.gcry_cipher_open(ctypes.byref(cipher), _CIPHER_SM4, _MODE_GCM, 0))
        try:
            self._done(library.gcry_cipher_setkey(cipher, self._key, len(self._key)))
            self._done(library.gcry_cipher_setiv(cipher, nonce, len(nonce)))
            if associated_data:
                self._done(library.gcry_cipher_authenticate(cipher, associated_data, len(associated_data)))
            yield cipher
        finally:
            library.gcry_cipher_close(cipher)

    @staticmethod
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
