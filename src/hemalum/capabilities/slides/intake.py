"""Which files are to be taken in, and what they are called.

Rule for symbolic links: a path that somebody names may be one, and is followed once to the file itself, which
is what gets linked. Links found inside folders are passed over, so that a folder cannot reach out of itself.
"""

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hemalum.formats.wsi.companions import list_companions
from hemalum.kernel.errors import Invalid, NotFound
from hemalum.runtime.sandbox import Workers

_NOT_IMAGES = {
    *(".txt", ".md", ".rst", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".csv", ".tsv", ".json", ".geojson"),
    *(".xml", ".html", ".yaml", ".yml", ".toml", ".ini", ".log", ".dat", ".db", ".sqlite", ".py", ".npy"),
    *(".gz", ".zip", ".tar", ".bz2", ".xz", ".zst", ".7z", ".rar"),
    *(".h5", ".h5ad", ".parquet", ".part", ".tmp", ".crdownload", ".sha256", ".md5", ".lock"),
}
"""Passed over inside folders; a file that somebody names is always tried."""

_MAX_NAME_LENGTH = 200
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of control, direction, unassigned and line characters."""
_DICOM_MAGIC_END = 132


@dataclass(frozen=True, slots=True)
class Candidate:
    """Files that may be one slide."""

    name: str
    files: tuple[Path, ...]
    """The first is the one that a reader opens."""
    root: Path
    """Names of the files are relative to this folder."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """The regular files that these paths name, folders searched through, in a stable order.

    Raises:
        NotFound: a path does not exist.
        Invalid: a path is neither a file nor a folder.
    """
    found: dict[Path, None] = {}
    for path in paths:
        try:
            real = path.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            raise NotFound("There is no file {path}.", path=str(path)) from error
        if real.is_dir():
            found.update(dict.fromkeys(_walk(real)))
        elif real.is_file():
            found[real] = None
        else:
            raise Invalid("{path} is neither a file nor a folder.", path=str(path))
    return list(found)


def is_image_name(path: Path) -> bool:
    """Whether a file found in a folder is worth trying."""
    return not path.name.startswith(".") and path.suffix.lower() not in _NOT_IMAGES


def group_files(files: Sequence[Path], workers: Workers) -> list[Candidate]:
    """Files that belong together: one with its companions (MIRAX, VMS), DICOM files of one series."""
    dicom = [str(path) for path in files if _looks_like_dicom(path)]
    series = [dicom]
    if len(dicom) > 1:
        series = workers.call("hemalum.formats.wsi.inspection:group", {"paths": dicom})
    grouped = {path: group for group in series for path in group}
    candidates = []
    done = {str(one) for path in files for one in own_files(path)[1:]}
    for path in files:
        if str(path) in done:
            continue
        group = [Path(one) for one in grouped.get(str(path), [str(path)])]
        done.update(map(str, group))
        candidates.append(_candidate(group))
    return candidates


def clean_name(name: str) -> str:
    """A file name made safe to show: no folders, no control or direction characters, a sensible length."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    normal = unicodedata.normalize("NFC", last)
    spaced = (" " if unicodedata.category(one) == "Zs" else one for one in normal)
    kept = "".join(one for one in spaced if unicodedata.category(one) not in _UNSEEN).strip(" .")
    if len(kept) > _MAX_NAME_LENGTH:
        stem, dot, suffix = kept.rpartition(".")
        keep = _MAX_NAME_LENGTH - len(suffix) - 1
        kept = stem[:keep] + dot + suffix if dot and 0 < len(suffix) <= 10 else kept[:_MAX_NAME_LENGTH]
        kept = kept.strip(" .")
    return kept or "slide"


def own_files(path: Path) -> list[Path]:
    """The file itself, and those beside it that belong to it; links among them are passed over."""
    beside = [one for one in list_companions(path) if one.is_file()]
    return [path, *(one for one in beside if not one.is_symlink() and not one.parent.is_symlink())]


def _candidate(group: list[Path]) -> Candidate:
    first = group[0]
    if len(group) > 1:
        root = Path(os.path.commonpath([path.parent for path in group]))
        return Candidate(clean_name(root.name), tuple(group), root)
    return Candidate(clean_name(first.name), tuple(own_files(first)), first.parent)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, followlinks=False):
        companions = {Path(name).stem for name in names if name.lower().endswith(".mrxs")}
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in companions)
        for name in sorted(names):
            path = Path(parent, name)
            if is_image_name(path) and stat.S_ISREG(path.lstat().st_mode):
                yield path


def _looks_like_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_DICOM_MAGIC_END)[128:] == b"DICM"
    except OSError:
        return False
