"""Where patients' data are sealed, each patient's under a key of their own, and how they are found again.

Destroying the key `patient/<id>` erases the patient. Numbers of patients are kept as keyed hashes beside
the sealed data: whoever has the database alone can neither read them nor try guesses.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from hemalum.capabilities.cases.model import Identity, PatientId, Request, normal_text
from hemalum.kernel.errors import Damaged
from hemalum.kernel.typed import typed_json
from hemalum.runtime.crypto import sealed
from hemalum.runtime.crypto.keys import KeyDestroyed, Keyring

_OWN_KEY = b"k"
_NODE_KEY = b"n"
"""Of nodes that give no keys of their own (`encryption = "off"`): then the node's own key seals."""


@dataclass(frozen=True)
class Vault:
    """Seals and opens what is personal. May be used from several threads."""

    keyring: Keyring
    hash_key: bytes

    def prepare(self, patient_id: PatientId) -> None:
        """Make the key of a new patient. It is written at once, so call this before a transaction begins."""
        self.keyring.ensure(_name(patient_id))

    def foresee(self, patient_ids: Iterable[PatientId]) -> None:
        """Read the keys of these patients together, before they are shown one by one."""
        self.keyring.foresee(map(_name, patient_ids))

    def seal_identity(self, patient_id: PatientId, identity: Identity) -> bytes:
        return self._seal(patient_id, "identity", msgspec.json.encode(identity))

    def seal_request(self, patient_id: PatientId, request: Request) -> bytes:
        return self._seal(patient_id, "request", msgspec.json.encode(request))

    def seal_text(self, patient_id: PatientId | None, place: str, content: bytes) -> bytes:
        """Seal what is written of a patient elsewhere, bound to its place; None for a case without one."""
        if patient_id is None:
            return self.keyring.seal(content, place)
        return self._seal(patient_id, place, content)

    def open_text(self, patient_id: PatientId | None, place: str, content: bytes) -> bytes | None:
        """What `seal_text` sealed; None when the patient was erased."""
        if patient_id is None:
            return self.keyring.unseal(content, place)
        return self._open(patient_id, place, content)

    def open_identity(self, patient_id: PatientId, content: bytes) -> Identity | None:
        """Who somebody is; None when the patient was erased."""
        opened = self._open(patient_id, "identity", content)
        return None if opened is None else typed_json(opened, Identity)

    def open_request(self, patient_id: PatientId, content: bytes) -> Request | None:
        """What was asked; None when the patient was erased."""
        opened = self._open(patient_id, "request", content)
        return None if opened is None else typed_json(opened, Request)

    def hash(self, organisation_id: str, text: str) -> str:
        """By what a number, or who issued it, is found in an organisation."""
        content = f"{organisation_id}\n{normal_text(text)}".encode()
        return hmac.new(self.hash_key, content, hashlib.sha256).hexdigest()

    def _seal(self, patient_id: PatientId, what: str, content: bytes) -> bytes:
        key = self.keyring.find(_name(patient_id))
        if key is None:
            return _NODE_KEY + self.keyring.seal(content, f"{_name(patient_id)}/{what}")
        return _OWN_KEY + sealed.seal(key, what, content)

    def _open(self, patient_id: PatientId, what: str, content: bytes) -> bytes | None:
        if content[:1] == _NODE_KEY:
            return self.keyring.unseal(content[1:], f"{_name(patient_id)}/{what}")
        try:
            key = self.keyring.find(_name(patient_id))
        except KeyDestroyed:
            return None
        if key is None:
            raise Damaged("The key of a patient is missing from the database.")
        return sealed.unseal(key, what, content[1:])


def _name(patient_id: PatientId) -> str:
    return f"patient/{patient_id}"
