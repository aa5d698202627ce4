"""Codes of containers: `RK-000012-K`, with a check character as identifiers of pieces have it."""

import re

from hemalum.kernel.identifiers import CopiedWrongly, check_character

_SHAPE = re.compile(r"RK-(\d{6})-([0-9A-Z])")


def code_of(serial: int) -> str:
    """The code of the container of this number."""
    return f"RK-{serial:06d}-{check_character(f'RK{serial:06d}')}"


def read_container(text: str) -> str | None:
    """The code that a text is, whatever the case of its letters; None where it has another shape.

    Raises:
        CopiedWrongly: its check character does not fit.
    """
    code = text.strip().upper()
    found = _SHAPE.fullmatch(code)
    if found is None:
        return None
    if code != code_of(int(found[1])):
        raise CopiedWrongly("The check character of {text} does not fit; it was copied wrongly.", text=code)
    return code
