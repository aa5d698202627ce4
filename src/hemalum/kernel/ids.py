"""Typed identifiers."""

import secrets
import uuid
from typing import NewType

ImageId = NewType("ImageId", str)
OrganisationId = NewType("OrganisationId", str)
PersonId = NewType("PersonId", str)
UploadId = NewType("UploadId", str)


def new_id() -> str:
    """A fresh random identifier: 20 characters of lower-case letters and digits, safe in paths and URLs."""
    alphabet = "0123456789abcdefghijkmnpqrstuvwxyz"
    return "".join(secrets.choice(alphabet) for _ in range(20))


def new_dicom_uid() -> str:
    """A fresh DICOM UID under 2.25, made of a random UUID (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid4().int}"
