"""A log as a folder of files, laid out as C2SP tlog-tiles says, so that any web server can publish it."""

from dataclasses import replace
from pathlib import Path

from hemalum.runtime.log.log import Log
from hemalum.runtime.log.notes import open_checkpoint
from hemalum.runtime.log.tiles import tiles_of


def export(log: Log, folder: Path, *, with_entries: bool = False) -> int:
    """Write what the newest checkpoint covers into a folder; returns its size.

    Tiles never change, so those of an earlier export are kept as they are. The checkpoint is replaced last:
    what it covers is there. Hashes may be published; entries are private and go out only when asked for.
    """
    note = log.checkpoint()
    size = open_checkpoint(note, log.key).size
    for tile in tiles_of(size):
        path = folder / tile.path
        if not path.exists():
            _write(path, log.tile(tile.level, tile.index, tile.width))
        path = folder / replace(tile, of_entries=True).path
        if with_entries and tile.level == 0 and not path.exists():
            _write(path, log.entry_bundle(tile.index, tile.width))
    _write(folder / "checkpoint", note)
    return size


def _write(path: Path, content: bytes) -> None:
    """Write a file at once: whoever looks sees the old one or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
