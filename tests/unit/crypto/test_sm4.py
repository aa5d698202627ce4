"""SM4-GCM of libgcrypt and of OpenSSL: each says what the other says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
        nonce, content = number.to_bytes(12), bytes((number % 256,)) * 16_384
        return cipher.decrypt(nonce, cipher.encrypt(nonce, content, None), None) == content

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(400)))


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
