"""What the audit log is told: one record for each thing that somebody did or was refused.

Actions are named `capability.verb` in the field's verbs (`slides.open`, `access.sign_in`). Whoever lets
something happen records it first: when the record cannot be kept, it does not happen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hemalum.kernel.actor import Actor
from hemalum.kernel.ids import OrganisationId, PersonId


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that somebody did or was refused. The log adds the time.

    Nothing in it but `personal` may tell who a person is other than by an identifier of this node.
    """

    action: str
    actor: Actor | None
    """None when nobody is signed in, as with a failed sign-in."""
    outcome: Outcome = Outcome.DONE
    target: str = ""
    """What it was done to, as `kind/id`: `image/…`, `person/…`, `organisation/…`; empty for the node."""
    organisation_id: OrganisationId | None = None
    """Whose the target is."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Plain JSON values that name nobody. What is done to several targets at once lists them here by id, as
    `images` or `cases`, and has no `target`."""
    personal: Mapping[str, str] = field(default_factory=dict)
    """What names or describes a person: encrypted under the key of `subject`, and erased with that key."""
    subject: PersonId | None = None
    """Whom `personal` is about; None for the actor."""


type Recorder = Callable[[Record], None]
"""Keeps a record; returns once it is durable.

Raises:
    HemalumError: it cannot be kept, so what it tells must not happen.
"""
