"""What only an answer over HTTP can say: errors with the statuses that the kernel has no use for.

Apart from `runtime.http`, because commands meet them too and would load a web framework for them.
"""

from hemalum.kernel.errors import Invalid


class BadRequest(Invalid):
    """A standard's request that the standard answers with 400."""

    status = 400
    code = "bad-request"


class NotImplementedHere(Invalid):
    """A standard's request that is valid and not offered."""

    status = 501
    code = "not-implemented"


class MethodNotAllowed(Invalid):
    """The resource knows no such method."""

    status = 405
    code = "method-not-allowed"


class TooLarge(Invalid):
    """The request carries more than this resource takes."""

    status = 413
    code = "too-large"


class TooSlow(Invalid):
    """The rest of the request does not come."""

    status = 408
    code = "too-slow"


class RangeNotSatisfiable(Invalid):
    """The byte range asked for lies past the end."""

    status = 416
    code = "range-not-satisfiable"


class UnsupportedMediaType(Invalid):
    """The body is of a kind that this resource does not take."""

    status = 415
    code = "unsupported-media-type"


class NotAcceptable(Invalid):
    """None of the media types that the client accepts can be made."""

    status = 406
    code = "not-acceptable"
