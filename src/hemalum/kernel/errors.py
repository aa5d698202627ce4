"""Errors a caller is meant to handle. Each carries one clear sentence for a person."""

from typing import Self

from hemalum.kernel.sentence import Sentence, Value


class HemalumError(Exception):
    """The root of all domain errors. `str(error)` is one sentence that can be shown as it is."""

    status = 500
    """The HTTP status this error maps to at the border."""

    code = "error"
    """A stable machine-readable name."""

    def __init__(self, template: str, /, **values: Value) -> None:
        """The sentence as a literal with {named} fields, and what fills them; see `Sentence`."""
        self.sentence = Sentence(template, values)
        super().__init__(str(self.sentence))

    @classmethod
    def saying(cls, sentence: Sentence) -> Self:
        """The error that says a sentence made elsewhere, such as that of another error."""
        return cls(sentence.template, **sentence.values)


class NotFound(HemalumError):
    """The thing asked for does not exist, or the asker may not know that it does."""

    status = 404
    code = "not-found"


class NotPermitted(HemalumError):
    """The actor is known and may not do this."""

    status = 403
    code = "not-permitted"


class NotSignedIn(HemalumError):
    """Nobody is signed in, or the credentials are no longer good."""

    status = 401
    code = "not-signed-in"


class Invalid(HemalumError):
    """The request is malformed or asks for what cannot be."""

    status = 422
    code = "invalid"


class Conflict(HemalumError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"


class UnreadableSlide(HemalumError):
    """The bytes are not a slide that can be shown correctly. The sentence says why."""

    status = 422
    code = "unreadable-slide"


class DiskFull(HemalumError):
    """There is no room left on the disk of the node. What was begun is undone and can be tried again."""

    status = 507
    code = "disk-full"


class NoPhysicalScale(HemalumError):
    """The image states no um/px, so nothing may be measured on it until a person states one."""

    status = 409
    code = "no-physical-scale"


class TooMany(HemalumError):
    """Too many requests of this kind in a short time. Its value `wait_s` goes out as Retry-After."""

    status = 429
    code = "too-many-requests"


class Damaged(HemalumError):
    """Stored bytes are no longer those that were written: rotten, cut off, swapped or tampered with."""

    status = 500
    code = "damaged"
