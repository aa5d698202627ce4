"""Cells and spots of AnnData, as scanpy and squidpy write it (.h5ad), and SpatialData its tables (Zarr).

Read as the AnnData on-disk specification says (anndata 0.12, encodings `dataframe` 0.2.0, `categorical`
0.2.0, `array` 0.2.0, `csr_matrix` 0.1.0). Places are in `obsm/spatial`; nothing in such a file says in which
unit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hemalum.formats.layers.cells import CellChunk
from hemalum.formats.layers.model import InvalidLayer, LayerClass, ValueColumn, classes_named
from hemalum.formats.layers.reading import UNCLASSIFIED

type Array = NDArray[Any]
type PlaceUnit = Literal["px", "um"]

_PIECE = 16_384
_USUAL_CLASSES = ("class", "cell_type", "celltype", "leiden", "cluster")
_NUMBERS = "fiub"


@dataclass(frozen=True, slots=True)
class H5adFile:
    """What a file, or a Zarr store, holds, found by looking through it once."""

    path: Path
    classes: tuple[LayerClass, ...]
    columns: tuple[ValueColumn, ...]
    count: int
    _unit: PlaceUnit
    _class_column: str | None
    _measured: tuple[str, ...]
    _genes: tuple[tuple[str, int], ...]
    has_outlines: bool = False

    def chunks(self, um_per_px: tuple[float, float] | None) -> Iterator[CellChunk]:
        """The cells, piece by piece.

        Raises:
            InvalidLayer: a part of the file cannot be read; or its places are um, and the image has no scale.
        """
        if self._unit == "um" and um_per_px is None:
            raise InvalidLayer("The file gives places in um, and the image has no physical scale.")
        scale = np.asarray(um_per_px if self._unit == "um" else (1.0, 1.0), np.float64)
        with _opened(self.path) as file:
            for start in range(0, self.count, _PIECE):
                rows = slice(start, min(start + _PIECE, self.count))
                places = np.asarray(file["obsm/spatial"][rows, :2], np.float64) / scale
                measured = [np.asarray(file["obs"][name][rows], np.float32) for name in self._measured]
                yield CellChunk(
                    places[:, 0],
                    places[:, 1],
                    self._classes_in(file, rows),
                    (*measured, *_expression(self.path, file["X"], rows, self._genes))
                    if self._genes
                    else measured,
                )

    def _classes_in(self, file: Any, rows: slice) -> Array:
        if self._class_column is None:
            return np.zeros(rows.stop - rows.start, np.uint8)
        codes = np.asarray(file["obs"][self._class_column]["codes"][rows], np.int64)
        # A missing category is -1, and stands last among the classes. One beyond them becomes none of them.
        return np.clip(np.where(codes < 0, len(self.classes) - 1, codes), 0, 255).astype(np.uint8)


def look_through_h5ad(
    path: Path, unit: PlaceUnit | None, class_column: str | None = None, genes: Sequence[str] = ()
) -> H5adFile:
    """Classes, value columns and number of cells of a .h5ad file, or of a Zarr store of the same form.

    Without `class_column` the first usual one that there is gives the classes. Every column of numbers in
    `obs` is a value, and so is each of `genes`, by its name in `var`.

    Raises:
        InvalidLayer: it cannot be read, has no places, nobody says in which `unit` they are, or it lacks what
            was asked for.
    """
    if unit is None:
        raise InvalidLayer(
            "Nothing in {name} says in which unit its places are: state --places px or um.", name=path.name
        )
    with _opened(path) as file:
        places = file.get("obsm/spatial")
        if (
            places is None
            or len(places.shape) != 2
            or places.shape[1] < 2
            or places.dtype.kind not in _NUMBERS
        ):
            raise InvalidLayer("{name} has no places in obsm/spatial.", name=path.name)
        if not places.shape[0]:
            raise InvalidLayer("There is nothing in this layer.")
        column = _class_column(path, file["obs"], class_column)
        measured = tuple(
            name for name in _columns(file["obs"]) if _is_numbers(file["obs"].get(name), places.shape[0])
        )
        found = _genes_in(path, file, genes) if genes else ()
        return H5adFile(
            path,
            _classes(file["obs"], column),
            tuple(ValueColumn(name) for name in (*measured, *(name for name, _ in found))),
            int(places.shape[0]),
            unit,
            column,
            measured,
            found,
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The root group: h5py and Zarr call what it has by the same names."""
    with _opened_store(path) if path.is_dir() else _opened_file(path) as root:
        yield root


@contextmanager
def _opened_store(path: Path) -> Iterator[Any]:
    try:
        import zarr
    except ImportError as error:
        raise InvalidLayer(
            "Zarr stores are read by an optional package: pip install 'hemalum[zarr]'."
        ) from error
    try:
        yield zarr.open_group(path, mode="r")
    except InvalidLayer:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError, IndexError) as error:
        raise InvalidLayer("{name} cannot be read as AnnData.", name=path.name) from error


@contextmanager
def _opened_file(path: Path) -> Iterator[Any]:
    try:
        import h5py
    except ImportError as error:
        raise InvalidLayer(
            ".h5ad files are read by an optional package: pip install 'hemalum[anndata]'."
        ) from error
    try:
        with h5py.File(path, "r") as file:
            yield file
    except InvalidLayer:
        raise
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, AttributeError, IndexError) as error:
        # What h5py says of a damaged file is for programmers.
        raise InvalidLayer("{name} cannot be read as AnnData.", name=path.name) from error


def _columns(obs: Any) -> list[str]:
    return [str(name) for name in obs.attrs["column-order"]]


def _is_numbers(column: Any, count: int) -> bool:
    return getattr(column, "shape", None) == (count,) and column.dtype.kind in _NUMBERS


def _is_categorical(column: Any) -> bool:
    return column is not None and "codes" in column and "categories" in column


def _class_column(path: Path, obs: Any, wanted: str | None) -> str | None:
    columns = {
        name for name in _columns(obs) if not hasattr(obs[name], "shape") and _is_categorical(obs[name])
    }
    if wanted is not None:
        if wanted not in columns:
            raise InvalidLayer(
                "{name} has no column {column} of categories in obs.", name=path.name, column=wanted
            )
        return wanted
    return next((name for name in _USUAL_CLASSES if name in columns), None)


def _classes(obs: Any, column: str | None) -> tuple[LayerClass, ...]:
    if column is None:
        return classes_named([UNCLASSIFIED])
    names = [_text(one) for one in obs[column]["categories"][:]]
    return classes_named([*names, *([UNCLASSIFIED] if np.any(obs[column]["codes"][:] < 0) else [])])


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _genes_in(path: Path, file: Any, genes: Sequence[str]) -> tuple[tuple[str, int], ...]:
    var = file["var"]
    known = {_text(name): place for place, name in enumerate(var[var.attrs["_index"]][:])}
    for gene in genes:
        if gene not in known:
            raise InvalidLayer("{name} has no gene {gene}.", name=path.name, gene=gene)
    return tuple((gene, known[gene]) for gene in genes)


def _expression(path: Path, matrix: Any, rows: slice, genes: Sequence[tuple[str, int]]) -> list[Array]:
    """A column for each gene; what a sparse matrix does not mention is 0."""
    if hasattr(matrix, "shape"):
        block = np.asarray(matrix[rows], np.float32)
        return [block[:, place] for _, place in genes]
    if _text(matrix.attrs["encoding-type"]) != "csr_matrix":
        raise InvalidLayer("The matrix in {name} is kept by columns; write it by rows (CSR).", name=path.name)
    ends = np.asarray(matrix["indptr"][rows.start : rows.stop + 1], np.int64)
    held = slice(int(ends[0]), int(ends[-1]))
    places, values = np.asarray(matrix["indices"][held]), np.asarray(matrix["data"][held], np.float32)
    owners = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    columns = []
    for _, place in genes:
        of_gene = places == place
        column = np.zeros(len(ends) - 1, np.float32)
        column[owners[of_gene]] = values[of_gene]
        columns.append(column)
    return columns
