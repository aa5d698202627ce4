"""What tests of every kind share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says something of the machine and nothing of the code.
settings.register_profile("hemalum", deadline=None)
settings.load_profile("hemalum")

SHARED = Path(os.environ.get("HEMALUM_SHARED", Path(__file__).parents[2] / "shared")) / "data"
"""Files that lie beside the repository, on machines that have them."""


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Where a file or folder of the shared data lies; skips the test where it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{name} of the shared data is not here")
        return path

    return find
