"""The folder of one version: which files belong to it, and the address that stands for all of them.

`files.sha256` lists every other file but the signature, as `sha256sum` writes and checks it: lower-case
digest, two spaces, path; sorted by path; LF at each end. The address of a version is the SHA-256 of this
list, so `sha256sum files.sha256` tells it.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hemalum.formats.model.contract import Contract
from hemalum.formats.model.reading import BadModel, read_contract
from hemalum.formats.model.signing import SIGNATURE_FILE, Signature, read_signature
from hemalum.kernel.sentence import Sentence, cause_of

CONTRACT_FILE = "model.toml"
LIST_FILE = "files.sha256"
MOST_FILES = 1000
MOST_BYTES = 8 << 30
"""Of one version: more than the largest networks for pathology need in ONNX."""

_MOST_SMALL_BYTES = 1 << 20
_PIECE_BYTES = 1 << 20
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a version."""

    path: str
    """Relative to the folder, with slashes."""
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A version whose files are those of its list."""

    path: Path
    contract: Contract
    files: tuple[ModelFile, ...]
    """Sorted by path; without the list and the signature."""
    address: str
    """SHA-256 of the list, in hexadecimal."""
    signature: Signature | None = None

    def file(self, path: str) -> Path:
        """Where a file of the version lies.

        Raises:
            BadModel: the version has no such file.
        """
        if all(each.path != path for each in self.files):
            raise BadModel("The model names the file {path}, which is not in its folder.", path=path)
        return self.path / path

    @property
    def network(self) -> Path:
        """Where the network lies."""
        return self.file(self.contract.network.file)

    @property
    def weights(self) -> Path | None:
        """Where the weights lie that are not in the network's own file."""
        name = self.contract.network.weights
        return self.file(name) if name else None


def read_model_folder(path: Path) -> ModelFolder:
    """The version in a folder: its contract is read and every file is hashed. Nothing of it is run.

    Raises:
        BadModel: something is missing, differs from the list, or does not keep the contract.
    """
    contract = read_contract_of(path)
    try:
        found = _hashed(path)
        if not (path / LIST_FILE).exists():
            raise BadModel(
                "The folder is not sealed: it has no {path}. hemalum models seal FOLDER writes it.",
                path=LIST_FILE,
            )
        listed = _read_list(_small(path / LIST_FILE))
        _compare(listed, {each.path: each.sha256 for each in found})
        signed = path / SIGNATURE_FILE
        signature = read_signature(_small(signed)) if signed.exists() else None
    except OSError as error:
        raise _unread(path, error) from error
    folder = ModelFolder(path, contract, found, _address(found), signature)
    _check_named(folder)
    return folder


def read_contract_of(path: Path) -> Contract:
    """What the `model.toml` of a folder states. Raises as `read_contract`, and where it cannot be read."""
    try:
        return read_contract(_small(path / CONTRACT_FILE))
    except OSError as error:
        raise _unread(path, error) from error


def _unread(path: Path, error: OSError) -> BadModel:
    name = Path(error.filename).name if error.filename else path.name
    return BadModel("{path} cannot be read: {cause}.", path=name, cause=cause_of(error))


def seal_folder(path: Path) -> str:
    """Write the list of files of a folder anew; its address. An older signature no longer holds, and goes.

    Raises:
        BadModel: a file cannot belong to a model.
    """
    found = _hashed(path)
    (path / LIST_FILE).write_bytes(list_of(found))
    (path / SIGNATURE_FILE).unlink(missing_ok=True)
    return _address(found)


def list_of(files: tuple[ModelFile, ...]) -> bytes:
    """The list of these files, as it is hashed."""
    return "".join(f"{each.sha256}  {each.path}\n" for each in files).encode()


def is_model_path(name: str) -> bool:
    """Whether a file of a model may have this name, relative to its folder."""
    return _PATH.fullmatch(name) is not None


def _address(files: tuple[ModelFile, ...]) -> str:
    return hashlib.sha256(list_of(files)).hexdigest()


def _small(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(_MOST_SMALL_BYTES + 1)
    if len(content) > _MOST_SMALL_BYTES:
        raise BadModel("{path} is too long.", path=path.name)
    return content


def _hashed(folder: Path) -> tuple[ModelFile, ...]:
    """All files that the list is of, sorted by path."""
    files, total = list[ModelFile](), 0
    for path in _walk(folder):
        name = path.relative_to(folder).as_posix()
        if name in (LIST_FILE, SIGNATURE_FILE):
            continue
        if path.is_symlink() or not path.is_file() or not is_model_path(name):
            raise BadModel("{path} cannot belong to a model.", path=name)
        total += path.stat().st_size
        if len(files) == MOST_FILES or total > MOST_BYTES:
            raise BadModel("A model has at most {most} files of {size} GB together.", most=MOST_FILES, size=8)
        files.append(ModelFile(name, _digest(path), path.stat().st_size))
    return tuple(sorted(files, key=lambda each: each.path))


def _walk(folder: Path) -> list[Path]:
    """What is not a real folder, at any depth; links are not followed."""
    found = list[Path]()
    for at, folders, names in os.walk(folder):
        found += [Path(at) / name for name in names]
        found += [Path(at) / name for name in folders if (Path(at) / name).is_symlink()]
    return found


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _read_list(content: bytes) -> Mapping[str, str]:
    listed = dict[str, str]()
    for number, line in enumerate(content.decode(errors="replace").splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in listed:
            raise BadModel("Line {number} of {path} names no file.", number=number, path=LIST_FILE)
        listed[match[2]] = match[1]
    return listed


def _compare(listed: Mapping[str, str], found: Mapping[str, str]) -> None:
    problems = [
        _difference(path, listed.get(path), found.get(path))
        for path in sorted(listed.keys() | found.keys())
        if listed.get(path) != found.get(path)
    ]
    if problems:
        raise BadModel.of(problems)


def _difference(path: str, listed: str | None, found: str | None) -> Sentence:
    if found is None:
        return Sentence("The file {path} is missing.", {"path": path})
    if listed is None:
        return Sentence("The file {path} is not in the list of files.", {"path": path})
    return Sentence("The file {path} is not the one of the list: its SHA-256 differs.", {"path": path})


def _check_named(folder: ModelFolder) -> None:
    """Whether every file that the contract names is there."""
    contract = folder.contract
    named = [contract.network.file, contract.network.weights, contract.licence.text]
    for tile in contract.golden.tiles:
        named += [tile.input, tile.expected]
    for name in named:
        if name:
            folder.file(name)
