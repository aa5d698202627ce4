"""Texts of messages at rest: under the node's key until it is known whom they are about, then under the
patient's, so that erasing a patient erases what was written about them."""

import hashlib
import hmac
from dataclasses import dataclass

from hemalum.capabilities.cases.model import PatientId
from hemalum.capabilities.cases.service import Cases
from hemalum.runtime.crypto.keys import Keyring

_NODE = b"n"
_PATIENT = b"p"


@dataclass(frozen=True)
class Sealing:
    """Seals and opens texts. May be used from several threads."""

    keyring: Keyring
    cases: Cases
    digest_key: bytes

    def seal(self, content: bytes, patient_id: str | None = None) -> bytes:
        """A text as it is kept."""
        if patient_id is None:
            return _NODE + self.keyring.seal(content, "message")
        return _PATIENT + self.cases.ledger.vault.seal_text(PatientId(patient_id), "message", content)

    def open(self, sealed: bytes, patient_id: str | None) -> bytes | None:
        """The text; None when the patient was erased."""
        if sealed[:1] == _NODE or patient_id is None:
            return self.keyring.unseal(sealed[1:], "message")
        return self.cases.ledger.vault.open_text(PatientId(patient_id), "message", sealed[1:])

    def digest(self, partner_id: str, content: bytes) -> str:
        """By what two texts are told to be the same."""
        return hmac.new(self.digest_key, partner_id.encode() + b"\n" + content, hashlib.sha256).hexdigest()
