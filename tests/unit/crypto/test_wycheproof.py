"""The ciphers under sealed blobs against the public Wycheproof vectors."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hemalum.runtime.crypto.sm4 import OpensslSm4Gcm, sm4_gcm

NONCE_BITS, TAG_BITS = 96, 128


@pytest.mark.parametrize(
    ("name", "cipher", "expected"),
    [
        ("aes_gcm_test.json", AESGCM, 197),
        ("sm4_gcm_test.json", sm4_gcm, 65),
        ("sm4_gcm_test.json", OpensslSm4Gcm, 65),
    ],
)
def test_every_vector_with_our_lengths_agrees(
    shared: Callable[[str], Path], name: str, cipher: Any, expected: int
) -> None:
    """Sealed blobs use nonces of 96 bits and tags of 128 only; vectors of other lengths are passed over."""
    checked = 0
    for group in json.loads(shared(f"vectors/wycheproof/{name}").read_text())["testGroups"]:
        if (group["ivSize"], group["tagSize"]) != (NONCE_BITS, TAG_BITS):
            continue
        for test in group["tests"]:
            key, nonce, associated, message, ciphertext, tag = (
                bytes.fromhex(test[part]) for part in ("key", "iv", "aad", "msg", "ct", "tag")
            )
            aead = cipher(key)
            checked += 1
            if test["result"] == "valid":
                assert aead.encrypt(nonce, message, associated) == ciphertext + tag, test["tcId"]
                assert aead.decrypt(nonce, ciphertext + tag, associated) == message, test["tcId"]
            else:
                with pytest.raises(InvalidTag):
                    aead.decrypt(nonce, ciphertext + tag, associated)
    assert checked == expected
