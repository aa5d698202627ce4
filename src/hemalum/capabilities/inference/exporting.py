"""What a model said of each patch, as a file."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from hemalum.capabilities.inference.model import Engine, InferenceRun
from hemalum.capabilities.inference.results import predicted, scored
from hemalum.capabilities.models.model import Version
from hemalum.formats.model.contract import Contract, Input, Output
from hemalum.formats.parquet import Column, column_name, unlike, write_parquet
from hemalum.kernel.errors import Conflict

_HELD_BACK = 1 << 20
_FIRST_OF_ZIP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Exported:
    """A run that leaves the node as a file."""

    run: InferenceRun
    version: Version
    engines: Sequence[Engine]
    """What its network ran on; empty for runs of before this was kept."""
    keys: Sequence[str]
    """Of the blobs that hold what came out, in their order."""


def parameters_of(run: InferenceRun, engines: Iterable[Engine]) -> dict[str, str]:
    """How a result came about, as DICOM states the parameters of an algorithm: `name=value` each."""
    fixed = {"run": run.id, "model-address": run.address, "result-digest": run.digest or ""}
    used = {f"engine-{number}": str(each) for number, each in enumerate(engines, 1)}
    return fixed | used


def _about(exported: Exported, given: Input, output: Output) -> dict[str, Any]:
    """How a result came about, as plain JSON values."""
    run = exported.run
    return {
        "image_id": run.image_id,
        "generation": run.generation,
        "run_id": run.id,
        "model_id": run.model_id,
        "model_version": run.model_version,
        "address": run.address,
        "is_shadow": run.is_shadow,
        "outside_validated_use": [str(one) for one in run.outside],
        "output": output.name,
        "um_per_px": given.um_per_px,
        "digest": run.digest,
        "created_at": run.created_at.isoformat(),
        "engines": [
            msgspec.to_builtins(one) | {"instead": None if one.instead is None else str(one.instead)}
            for one in exported.engines
        ],
    }


def as_csv(contract: Contract, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A line for each patch: its place in um from the corner of the slide, then its values.

    Where the model abstained, the values are left empty: they are not low scores.
    """
    output = scored(contract) or contract.outputs[0]
    given = contract.input
    assert given is not None
    names = [each.name for each in output.classes]
    header = False
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            values = arrays[f"output.{output.name}"].reshape(len(arrays["places"]), -1)
            places, abstained = arrays["places"] * given.step_um, arrays["abstained"]
        if not header:
            names = names or [f"{output.name}.{number}" for number in range(values.shape[1])]
            yield _lines([["x_um", "y_um", "side_um", "abstained", *names]])
            header = True
        side = given.patch_um
        yield _lines(
            [x, y, side, int(silent), *([""] * len(row) if silent else [f"{each:.6g}" for each in row])]
            for (y, x), silent, row in zip(places.tolist(), abstained.tolist(), values.tolist(), strict=True)
        )


def as_parquet(exported: Exported, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A row for each patch: its place in the grid and in um from the corner of the slide, then its values.

    A column for each class, with its unit in the name, and `class`, the one it is of; or `embedding`. Where
    the model abstained there is no value. Model, version, slide and digest of the run, and what it was
    computed on, stand in the metadata of the schema. Raises as `write_parquet` does.
    """
    contract = exported.version.contract
    output = scored(contract) or contract.outputs[0]
    given = contract.input
    assert given is not None
    parts: Iterable[bytes | None] = chunks if exported.keys else (None,)
    rows = (_rows(contract, given, output, each) for each in parts)
    return write_parquet(rows, _about(exported, given, output))


def _rows(contract: Contract, given: Input, output: Output, chunk: bytes | None) -> list[Column]:
    """A part of the table; that of no chunk at all has the columns alone."""
    places, silent = np.zeros((0, 2), np.int32), np.zeros(0, bool)
    values = np.zeros((0, max(1, len(output.classes))), np.float32)
    if chunk is not None:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            places, silent = arrays["places"], arrays["abstained"]
            values = arrays[f"output.{output.name}"].reshape(len(places), -1).astype(np.float32)
    places_um = places * given.step_um
    rows = [
        Column("row", places[:, 0].astype(np.int32)),
        Column("column", places[:, 1].astype(np.int32)),
        Column("x_um", places_um[:, 1], unit="um"),
        Column("y_um", places_um[:, 0], unit="um"),
        Column("side_um", np.full(len(places), given.patch_um), unit="um"),
        Column("abstained", silent),
    ]
    if not output.classes:
        return [*rows, Column("embedding", values, silent)]
    of = predicted(contract, output, values)
    classes = tuple(each.name for each in output.classes)
    rows.append(Column("class", np.maximum(of, 0), silent | (of < 0), categories=classes))
    unit = "" if output.unit == "1" else output.unit
    fixed = [each.name for each in rows]
    named = unlike([*fixed, *(column_name(one, unit) for one in classes)])[len(fixed) :]
    return rows + [Column(name, values[:, at], silent, unit) for at, name in enumerate(named)]


def embedding_of(contract: Contract) -> Output:
    """The output that is an embedding of a patch.

    Raises:
        Conflict: the model gives none.
    """
    found = next((each for each in contract.outputs if not each.classes), None)
    if found is None or contract.input is None:
        raise Conflict("This model gives no embeddings.")
    return found


def as_npz(exported: Exported, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The embeddings of a run as an .npz that NumPy reads, piece by piece; the same run gives the same bytes.

    `embedding` (patches, dimensions) float32, `places_um` (patches, 2) across and down from the corner of the
    slide, `abstained` (patches,), and `about.json`, which says what made them and on what they were computed.
    Raises as `embedding_of` does.
    """
    output = embedding_of(exported.version.contract)
    return _npz_pieces(exported, output, chunks)


def _npz_pieces(exported: Exported, output: Output, chunks: Iterable[bytes]) -> Iterator[bytes]:
    run, given = exported.run, exported.version.contract.input
    assert given is not None
    sink = _Sink()
    places, silent = [np.zeros((0, 2), np.float32)], [np.zeros(0, bool)]
    with zipfile.ZipFile(sink, "w") as archive:
        # How many there are stands in front of them: the number that the run counted.
        with archive.open(_entry("embedding.npy"), "w", force_zip64=True) as file:
            headed = False
            for chunk in chunks:
                with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
                    values = arrays[f"output.{output.name}"].reshape(len(arrays["places"]), -1)
                    places.append((arrays["places"][:, ::-1] * given.step_um).astype(np.float32))
                    silent.append(arrays["abstained"])
                if not headed:
                    shape = (run.patches, values.shape[1])
                    header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                    np.lib.format.write_array_header_1_0(file, header)
                    headed = True
                file.write(np.ascontiguousarray(values, "<f4").tobytes())
                yield from sink.pieces(_HELD_BACK)
        for name, array in (("places_um", np.concatenate(places)), ("abstained", np.concatenate(silent))):
            held = io.BytesIO()
            np.save(held, array, allow_pickle=False)
            archive.writestr(_entry(f"{name}.npy"), held.getvalue())
        about = _about(exported, given, output) | {"side_um": given.patch_um}
        archive.writestr(_entry("about.json"), msgspec.json.encode(about))
    yield from sink.pieces(0)


class _Sink(io.RawIOBase):
    """What a zip file is written to: forgets what was taken, and cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]  # a narrower kind of buffer is all that comes
        self._held += piece
        return len(piece)

    def pieces(self, beyond: int) -> Iterator[bytes]:
        """What is held, if it is more than `beyond`."""
        if len(self._held) > beyond:
            yield bytes(self._held)
            self._held.clear()


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without the time of day, so that bytes can be compared."""
    return zipfile.ZipInfo(name, _FIRST_OF_ZIP)


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
