"""What a network is given for a tile, and whether it still gives what its publisher got for the same tile."""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hemalum.analysis.batches import prepare
from hemalum.analysis.inference import Network, WrongShape, open_network
from hemalum.formats.model.contract import GoldenTile, Input, Layout
from hemalum.formats.model.folder import ModelFolder, read_model_folder
from hemalum.formats.model.reading import BadModel

_MOST_BYTES = 64 << 20
"""Of one golden file, also when it is unpacked."""


class GoldenMismatch(BadModel):
    """This runtime does not give what the publisher got. The sentence says how far it is off."""

    code = "golden-mismatch"


@dataclass(frozen=True, slots=True)
class GoldenChecked:
    """How near a runtime comes to what the publisher got."""

    tiles: int
    greatest_difference: float


def check_network(network: Network, folder: ModelFolder) -> None:
    """Whether a network takes and gives what its contract states.

    Raises:
        WrongShape: it does not.
    """
    contract = folder.contract
    by_name = {each.name: each for each in network.outputs}
    for output in contract.outputs:
        if output.name not in by_name:
            raise WrongShape("The network has no output {name}.", name=output.name)
        stated, free = output.shape, by_name[output.name].shape[1:]
        fits = len(stated) == len(free) and all(
            want in (0, length) or length is None for want, length in zip(stated, free, strict=True)
        )
        if stated and not fits:
            raise WrongShape(
                "The network gives {given} for {output}, and the contract states {stated}.",
                given=by_name[output.name].form,
                output=output.name,
                stated=" x ".join(map(str, ("n", *stated))),
            )
    if contract.input is not None:
        _check_input(network, contract.input)
    elif contract.features is not None:
        named = contract.features.name
        if all(each.name != named for each in network.inputs):
            raise WrongShape("The network has no input {name}.", name=named)


def check_golden(folder: ModelFolder, network: Network | None = None, batch: int = 1) -> GoldenChecked:
    """Run the golden tiles of a version and compare, each `batch` times at once.

    A version without golden tiles passes with a count of 0: whoever adds it decides about that.

    Raises:
        GoldenMismatch: an output differs by more than the tolerance.
        BadModel: a golden file or the network is not what it should be.
        WrongShape, NotANumber, NetworkOutOfMemory, NetworkFailed: from the network.
    """
    network = network or open_network(folder.network, folder.weights, folder.contract.network.weights)
    check_network(network, folder)
    greatest = 0.0
    for tile in folder.contract.golden.tiles:
        expected = _arrays(folder.file(tile.expected))
        given = _run_one(network, _golden_input(folder, tile), list(expected), batch)
        for name, wanted in expected.items():
            greatest = max(greatest, _difference(name, given[name], wanted, tile))
    tolerance = folder.contract.golden.tolerance
    if greatest > tolerance:
        raise GoldenMismatch(
            "The network gives values that are off by {difference} from those of its golden tiles; "
            "{tolerance} is allowed.",
            difference=greatest,
            tolerance=tolerance,
        )
    return GoldenChecked(len(folder.contract.golden.tiles), greatest)


def write_golden(path: Path, outputs: Mapping[str, NDArray[Any]]) -> None:
    """Keep what the network gave for one tile, as `expected` of a golden tile. Same outputs, same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(outputs):
            buffer = BytesIO()
            np.save(buffer, outputs[name], allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def _check_input(network: Network, given: Input) -> None:
    side, channels = given.tile_px, 3
    wanted = (channels, side, side) if given.layout is Layout.NCHW else (side, side, channels)
    tensor = network.input
    if len(network.inputs) != 1 or tensor.name != given.name:
        raise WrongShape("The network has no input {name}, or more than this one.", name=given.name)
    batch = tensor.shape[0] if tensor.shape else 0
    if str(tensor.dtype) != given.dtype or not tensor.takes((batch or 1, *wanted)):
        raise WrongShape(
            "The network takes {given} of {given_type}, and the contract states {stated} of {stated_type}.",
            given=tensor.form,
            given_type=str(tensor.dtype),
            stated=" x ".join(map(str, ("n", *wanted))),
            stated_type=given.dtype,
        )
    if batch not in (None, given.max_batch):
        raise WrongShape("The network takes just {n} tiles at once; state max_batch = {n}.", n=batch)


def _golden_input(folder: ModelFolder, tile: GoldenTile) -> NDArray[Any]:
    path = folder.file(tile.input)
    given = folder.contract.input
    if given is None:
        return _loaded(path.read_bytes(), path.name)
    return prepare(_picture(path, given.tile_px)[None], given)


def _run_one(network: Network, item: NDArray[Any], names: list[str], batch: int) -> dict[str, NDArray[Any]]:
    """The outputs for one item, `batch` times in a batch, or as often as the network takes it."""
    strange = next((name for name in names if all(each.name != name for each in network.outputs)), None)
    if strange is not None:
        raise GoldenMismatch(
            "The golden tiles have an output {name}, and the network has none.", name=strange
        )
    fixed = network.input.shape[0] if network.input.shape else None
    size = len(item) * batch if fixed is None else fixed
    if size == len(item):
        return network.run(item, names)
    found = network.run(np.repeat(item, size, axis=0), names)
    return {name: values[:1] for name, values in found.items()}


def _picture(path: Path, side: int) -> NDArray[np.uint8]:
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.size != (side, side):
                raise BadModel(
                    "The golden tile {path} is not {side} px wide and high.", path=path.name, side=side
                )
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadModel("The golden tile {path} is not a picture.", path=path.name) from error


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an NPZ, never unpickled and never larger than allowed."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(each.file_size for each in entries) > _MOST_BYTES or not entries:
                raise BadModel("The golden file {path} is too large, or empty.", path=path.name)
            return {
                each.filename.removesuffix(".npy"): _loaded(archive.read(each), path.name) for each in entries
            }
    except (zipfile.BadZipFile, NotImplementedError, OSError, RuntimeError) as error:
        raise BadModel("The golden file {path} holds no arrays.", path=path.name) from error


def _loaded(content: bytes, name: str) -> NDArray[Any]:
    try:
        loaded = np.load(BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise BadModel("The golden file {path} holds no arrays.", path=name) from error
    if not isinstance(loaded, np.ndarray):
        raise BadModel("The golden file {path} holds no arrays.", path=name)
    return loaded


def _difference(name: str, given: NDArray[Any], wanted: NDArray[Any], tile: GoldenTile) -> float:
    if given.shape != wanted.shape:
        raise GoldenMismatch(
            "The network gives {given} of {output} for the golden tile {tile}; {wanted} was expected.",
            given=" x ".join(map(str, given.shape)),
            output=name,
            tile=tile.input,
            wanted=" x ".join(map(str, wanted.shape)),
        )
    difference = np.abs(given.astype(np.float64) - wanted.astype(np.float64))
    greatest = float(difference.max(initial=0.0))
    return greatest if np.isfinite(greatest) else float(np.finfo(np.float32).max)


def check_folder(path: str) -> dict[str, Any]:
    """What a child process does with a version from outside: opens it and compares; see `check_golden`.

    Raises as `read_model_folder` and `check_golden` do.
    """
    checked = check_golden(read_model_folder(Path(path)))
    return {"tiles": checked.tiles, "difference": checked.greatest_difference}
