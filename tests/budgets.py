"""How much tests of properties try: little at every change, much in `make test-long`."""

import os

IS_LONG = os.environ.get("HEMALUM_TESTS") == "long"


def examples(few: int) -> int:
    """So many examples at every change, and twenty times as many in `make test-long`."""
    return 20 * few if IS_LONG else few
