"""The folder of a version in one file, .zip or .tar (plain, gzip, bzip2, xz), unpacked without trust in it.

Entries are only ever regular files of names that a model may have, below the folder that holds `model.toml`.
Nothing that an entry says of itself is believed: bytes are counted as they are written.
"""

import errno
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from hemalum.formats.model.folder import CONTRACT_FILE, MOST_BYTES, MOST_FILES, is_model_path
from hemalum.formats.model.reading import BadModel
from hemalum.kernel.errors import DiskFull

MOST_TIMES = 100
"""How many times its size an archive may unpack to; networks shrink by less than a tenth of that."""
FREE_BYTES = 64 << 20
"""So much it may unpack to in any case."""

_SIDE_FILES = 2
"""The list and the signature, which are none of the files of a model."""
_PIECE_BYTES = 1 << 20
_LEFT_BY_SYSTEMS = ("__MACOSX/", "._")
_LEFT_NAMES = (".DS_Store", "Thumbs.db")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in an archive."""

    name: str
    is_plain: bool
    """Neither a link nor a device, nor encrypted."""
    size: int
    """As the archive says."""
    open: Callable[[], IO[bytes] | None]


def unpack_model(archive: str, folder: str) -> int:
    """Write the files of an archive into an empty folder, `model.toml` at its top; how many there are.

    Plain arguments, for a child process.

    Raises:
        BadModel: it is no archive, is damaged, names what cannot belong to a model, or is too large.
        DiskFull: there is no room for it.
    """
    path, target = Path(archive), Path(folder)
    try:
        # By how it begins: a .tar may end with a file that is a .zip itself.
        if _begins_with(path, b"PK"):
            with zipfile.ZipFile(path) as opened:
                return _unpack(_of_zip(opened), target, path.stat().st_size)
        with tarfile.open(path, "r:*") as tar:
            return _unpack(_of_tar(tar), target, path.stat().st_size)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError) as error:
        raise BadModel("The file is no .zip or .tar archive, or it is damaged.") from error
    except (NotImplementedError, RuntimeError, ValueError, UnicodeError) as error:
        raise BadModel("The archive is written in a way that is not known here.") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DiskFull("The disk of the node is full; make room and try again.") from error
        # So gzip and bzip2 say that they cannot read on.
        raise BadModel("The file is no .zip or .tar archive, or it is damaged.") from error


def _begins_with(path: Path, letters: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(letters)) == letters


def _of_zip(opened: zipfile.ZipFile) -> Iterator[_Entry]:
    for each in opened.infolist():
        if each.is_dir():
            continue
        kind = each.external_attr >> 28
        is_plain = kind in (0, 8) and not each.flag_bits & 1
        yield _Entry(each.filename, is_plain, each.file_size, lambda each=each: opened.open(each))  # type: ignore[misc]


def _of_tar(tar: tarfile.TarFile) -> Iterator[_Entry]:
    for each in tar:
        if not each.isdir():
            yield _Entry(each.name, each.isreg(), each.size, lambda each=each: tar.extractfile(each))  # type: ignore[misc]


def _unpack(entries: Iterator[_Entry], target: Path, size: int) -> int:
    most = min(MOST_BYTES, max(FREE_BYTES, MOST_TIMES * size))
    chosen = _listed(entries, most)
    top = _top(list(chosen))
    written = 0
    for name, entry in chosen.items():
        inside = name.removeprefix(top)
        if not name.startswith(top) or not is_model_path(inside):
            raise BadModel("{path} cannot belong to a model.", path=name)
        file = target / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        written += _copy(entry, file, most - written)
    return len(chosen)


def _listed(entries: Iterator[_Entry], most: int) -> dict[str, _Entry]:
    """The files by name, before anything is written; names are those of the archive."""
    chosen: dict[str, _Entry] = {}
    stated = 0
    for entry in entries:
        name = entry.name.removeprefix("./")
        if _is_left_over(name):
            continue
        if not entry.is_plain or name in chosen or not _stays_inside(name):
            raise BadModel("{path} cannot belong to a model.", path=entry.name)
        stated += entry.size
        if len(chosen) >= MOST_FILES + _SIDE_FILES:
            raise BadModel("A model has at most {most} files of {size} GB together.", most=MOST_FILES, size=8)
        _check_size(stated, most)
        chosen[name] = entry
    return chosen


def _is_left_over(name: str) -> bool:
    """What operating systems put beside the files of a folder."""
    last = PurePosixPath(name).name
    return name.startswith(_LEFT_BY_SYSTEMS[0]) or last.startswith(_LEFT_BY_SYSTEMS[1]) or last in _LEFT_NAMES


def _stays_inside(name: str) -> bool:
    parts = name.split("/")
    return "\\" not in name and "\0" not in name and all(each not in ("", ".", "..") for each in parts)


def _top(names: list[str]) -> str:
    """The folder in which `model.toml` lies, with its slash; empty for the archive itself."""
    found = [name for name in names if PurePosixPath(name).name == CONTRACT_FILE]
    if not found:
        raise BadModel("There is no {path} in the archive.", path=CONTRACT_FILE)
    return min(found, key=lambda name: name.count("/")).removesuffix(CONTRACT_FILE)


def _copy(entry: _Entry, target: Path, most: int) -> int:
    written = 0
    source = entry.open()
    if source is None:
        raise BadModel("{path} cannot belong to a model.", path=entry.name)
    with source, target.open("xb") as file:
        while piece := source.read(_PIECE_BYTES):
            written += len(piece)
            _check_size(written, most)
            file.write(piece)
    return written


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise BadModel("The archive unpacks to far more than its size; it is refused.")
