"""What schemathesis does around every request of `test_bad_input.py`."""

import itertools
import os
from typing import Any

import schemathesis

_numbers = itertools.count()


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    """Every request comes from an address of its own: few sign-ins from one are answered."""
    number = next(_numbers)
    case.headers["x-forwarded-for"] = f"198.51.{number // 250 % 250}.{number % 250 + 1}"


@schemathesis.check
def tells_what_is_wrong(_context: Any, answer: Any, case: Any) -> None:
    """Errors are problem documents (RFC 9457) and tell nothing of the machine."""
    told = answer.text_lossy()
    for word in ("Traceback", "site-packages", os.environ["HEMALUM_FUZZED_FOLDER"]):
        assert word not in told, word
    if answer.status_code < 400 or case.method == "HEAD":
        return
    if answer.headers["content-type"] == ["application/dicom+json"]:
        assert case.path.startswith("/dicomweb/studies"), "only STOW-RS says in DICOM what it could not store"
        return
    assert answer.headers["content-type"] == ["application/problem+json"]
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["detail"].endswith(".")
    assert problem["code"]
