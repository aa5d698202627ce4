"""SM4-GCM of libgcrypt and of OpenSSL: each says what the other says."""

import ctypes
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from hemalum.runtime.crypto import sm4
from hemalum.runtime.crypto.sm4 import GcryptSm4Gcm, OpensslSm4Gcm, Sm4Gcm, sm4_gcm

Keyed = Callable[[bytes], Sm4Gcm]

KEY, NONCE = bytes(range(16)), bytes(range(12))


def both() -> list[Keyed]:
    return [sm4_gcm, OpensslSm4Gcm]


@given(
    key=st.binary(min_size=16, max_size=16),
    nonce=st.binary(min_size=12, max_size=12),
    content=st.binary(max_size=400),
    associated=st.none() | st.binary(max_size=40),
)
def test_two_libraries_agree(key: bytes, nonce: bytes, content: bytes, associated: bytes | None) -> None:
    sealed = [cipher(key).encrypt(nonce, content, associated) for cipher in both()]
    assert sealed[0] == sealed[1]
    assert [cipher(key).decrypt(nonce, sealed[0], associated) for cipher in both()] == [content, content]


@pytest.mark.parametrize("cipher", both())
def test_a_chunk_of_a_blob_by_a_view_of_it(cipher: Keyed) -> None:
    content = bytes(range(256)) * 64
    sealed = cipher(KEY).encrypt(NONCE, memoryview(content), None)
    assert cipher(KEY).decrypt(NONCE, memoryview(sealed), None) == content


@given(
    content=st.binary(max_size=400),
    key=st.binary(min_size=16, max_size=16),
    nonce=st.binary(min_size=12, max_size=12),
    start=st.integers(0, 420),
    length=st.integers(0, 420),
)
def test_a_part_is_what_it_is_of_the_whole(
    content: bytes, key: bytes, nonce: bytes, start: int, length: int
) -> None:
    sealed = OpensslSm4Gcm(key).encrypt(nonce, content, None)
    for cipher in both():
        assert cipher(key).decrypt_part(nonce, sealed, start, start + length) == content[start:][:length]


@pytest.mark.parametrize("cipher", both())
def test_parts_of_a_chunk_by_a_view_of_it(cipher: Keyed) -> None:
    content, one = random.Random(1).randbytes(16_384), cipher(KEY)
    sealed = memoryview(bytearray(one.encrypt(NONCE, content, None)))
    for start, stop in (
        (0, 16_384),
        (0, 1),
        (16_383, 16_384),
        (4_099, 9_001),
        (16, 16_000),
        (7, 7),
        (1 << 40, 1 << 41),
    ):
        assert one.decrypt_part(NONCE, sealed, start, stop) == content[start:stop]


@pytest.mark.parametrize("cipher", both())
@pytest.mark.parametrize("at", [0, 100, 200, 16_383, -16, -1])
def test_a_part_is_refused_for_a_bit_flipped_anywhere(cipher: Keyed, at: int) -> None:
    one = cipher(KEY)
    sealed = bytearray(one.encrypt(NONCE, bytes(16_384), None))
    assert one.decrypt_part(NONCE, bytes(sealed), 96, 128) == bytes(32)
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        one.decrypt_part(NONCE, bytes(sealed), 96, 128)


@pytest.mark.parametrize("cipher", both())
@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_part_of_less_than_a_tag_is_refused(cipher: Keyed, length: int) -> None:
    with pytest.raises(InvalidTag):
        cipher(KEY).decrypt_part(NONCE, bytes(length), 0, 1)


@pytest.mark.parametrize("cipher", both())
def test_a_key_goes_on_after_what_it_refused(cipher: Keyed) -> None:
    one, content = cipher(KEY), random.Random(2).randbytes(300)
    sealed = one.encrypt(NONCE, content, b"slide")
    for _ in range(3):
        with pytest.raises(InvalidTag):
            one.decrypt(NONCE, sealed, b"other slide")
        with pytest.raises(InvalidTag):
            one.decrypt_part(NONCE, sealed, 0, 32)
        assert one.decrypt(NONCE, sealed, b"slide") == content


@pytest.mark.parametrize("cipher", both())
@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_flipped_bit_is_refused(cipher: Keyed, at: int) -> None:
    sealed = bytearray(cipher(KEY).encrypt(NONCE, b"thirty-two bytes of some content", None))
    sealed[at] ^= 1
    with pytest.raises(InvalidTag):
        cipher(KEY).decrypt(NONCE, bytes(sealed), None)


@pytest.mark.parametrize("cipher", both())
@pytest.mark.parametrize("length", [0, 1, 15])
def test_less_than_a_tag_is_refused(cipher: Keyed, length: int) -> None:
    with pytest.raises((InvalidTag, ValueError)):
        cipher(KEY).decrypt(NONCE, bytes(length), None)


def test_threads_share_a_key() -> None:
    cipher = sm4_gcm(KEY)

    def round_trip(number: int) -> bool:
        nonce, content = number.to_bytes(12), random.Random(number).randbytes(16_384)
        sealed = cipher.encrypt(nonce, content, None)
        part = cipher.decrypt_part(nonce, sealed, number, 9_000)
        return cipher.decrypt(nonce, sealed, None) == content and part == content[number:9_000]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(400)))


def test_ciphers_are_kept_for_the_next_message_and_closed_with_their_key() -> None:
    library = sm4._gcrypt()
    if library is None:
        pytest.skip("no libgcrypt here")
    opened = []

    class Counting:
        """The library, counting what is open."""

        def __getattr__(self, name: str) -> Callable[..., int]:
            opened.extend([name] * (name in ("gcry_cipher_open", "gcry_cipher_close")))
            call: Callable[..., int] = getattr(library, name)
            return call

    cipher = GcryptSm4Gcm(KEY, cast(ctypes.CDLL, Counting()))
    sealed = cipher.encrypt(NONCE, bytes(400), None)
    for _ in range(5):
        cipher.decrypt(NONCE, sealed, None)
        cipher.decrypt_part(NONCE, sealed, 0, 16)
    assert opened == ["gcry_cipher_open"] * 2
    del cipher
    assert opened == ["gcry_cipher_open"] * 2 + ["gcry_cipher_close"] * 2


def test_libgcrypt_is_used_where_it_stands() -> None:
    if sm4._gcrypt() is None:
        pytest.skip("no libgcrypt here")
    assert isinstance(sm4_gcm(KEY), GcryptSm4Gcm)


def test_openssl_takes_over_where_the_library_is_missing_or_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm4, "_gcrypt", lambda: None)
    assert isinstance(sm4_gcm(KEY), OpensslSm4Gcm)


def test_a_wrong_answer_is_noticed() -> None:
    class Wrong(OpensslSm4Gcm):
        def encrypt(self, nonce: bytes, data: bytes | memoryview, associated_data: bytes | None) -> bytes:
            return super().encrypt(nonce, data, None)

    assert sm4._agrees(OpensslSm4Gcm)
    assert not sm4._agrees(Wrong)
