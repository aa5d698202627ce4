"""Typed identifiers."""

import secrets
from typing import NewType

ImageId = NewType("ImageId", str)
OrganisationId = NewType("OrganisationId", str)
PersonId = NewType("PersonId", str)
UploadId = NewType("UploadId", str)


def new_id() -> str:
    """A fresh random identifier: 20 characters of lower-case letters and digits, safe in paths and URLs."""
    alphabet = "0123456789abcdefghijkmnpqrstuvwxyz"
    return "".join(secrets.choice(alphabet) for _ in range(20))
