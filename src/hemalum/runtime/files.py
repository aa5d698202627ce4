"""Files on the disks of the node."""

import os
from collections.abc import Iterable
from pathlib import Path

from hemalum.kernel.errors import Invalid
from hemalum.kernel.sentence import cause_of


def write_pieces(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece; a file that was there is written over.

    Raises:
        Invalid: it cannot be written. What `pieces` raises is raised.
    """
    try:
        with target.open("wb") as file:
            file.writelines(pieces)
    except OSError as error:
        raise Invalid(
            "{path} cannot be written: {cause}.", path=target.name, cause=cause_of(error)
        ) from error


def sync_folder(folder: Path) -> None:
    """Make durable which names lie in a folder: after a loss of power a new file is there under its name."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
