"""The models that come with Hemalum. Where they were made and how they fare: docs/models."""

from pathlib import Path

import hemalum
from hemalum.formats.model.folder import CONTRACT_FILE


def shipped_models() -> list[Path]:
    """Their folders, in the order of their names."""
    folder = Path(hemalum.__file__).parent / "models_shipped"
    return sorted(path.parent for path in folder.glob(f"*/{CONTRACT_FILE}"))
