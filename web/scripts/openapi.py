"""Prints the OpenAPI description of what the web app calls."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hemalum.app.server import create_app
from hemalum.runtime.settings import load_settings


def openapi() -> dict[str, Any]:
    """The description of the paths under /api/, without starting the node."""
    with tempfile.TemporaryDirectory() as folder:
        app: Any = create_app(load_settings(Path(folder)))
        description: dict[str, Any] = app.framework.openapi()
    description["paths"] = {
        path: item for path, item in description["paths"].items() if path.startswith("/api/")
    }
    return description


if __name__ == "__main__":
    json.dump(openapi(), sys.stdout, indent=1, sort_keys=True)
