"""Tables as Apache Parquet, written group by group through pyarrow, which is an optional package.

What a column means stands in its name and its metadata (`unit`), what the table is of in the metadata of the
schema: JSON under the key `hemalum`.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hemalum.kernel.errors import HemalumError

MEDIA_TYPE = "application/vnd.apache.parquet"
ABOUT_KEY = b"hemalum"

_ROWS_OF_GROUP = 1 << 16
_BYTES_OF_GROUP = 32 << 20
_NOT_IN_NAMES = re.compile(r"\W+")
_UNITS_IN_NAMES = {"%": "percent", "/": "per_"}

type Array = NDArray[Any]


class CannotWriteParquet(HemalumError):
    """The node lacks what writes Parquet. The sentence says what."""

    status = 503
    code = "cannot-write-parquet"


@dataclass(frozen=True, slots=True)
class Column:
    """A part of a column: a value for each row, or several."""

    name: str
    values: Array
    """(rows,), or (rows, d) for so many values in each row."""
    missing: NDArray[np.bool_] | None = None
    """(rows,): where there is no value, which is not 0."""
    unit: str = ""
    """UCUM."""
    sizes: Array | None = None
    """(rows,): how many of `values`, which lie one row after the other, belong to each."""
    categories: tuple[str, ...] | None = None
    """What `values` are the numbers of."""


def column_name(name: str, unit: str = "") -> str:
    """A name as scripts can use it, with its unit: `area` in `um2` is `area_um2`."""
    for sign, word in _UNITS_IN_NAMES.items():
        unit = unit.replace(sign, word)
    return _NOT_IN_NAMES.sub("_", f"{name}_{unit}").strip("_").lower() or "value"


def unlike(names: Iterable[str]) -> list[str]:
    """The names, those that are there twice with a number behind them."""
    kept: dict[str, None] = {}
    for name in names:
        number, free = 1, name
        while free in kept:
            number += 1
            free = f"{name}_{number}"
        kept[free] = None
    return list(kept)


def write_parquet(parts: Iterable[Sequence[Column]], about: Mapping[str, Any]) -> Iterator[bytes]:
    """The table whose rows are those of the parts, one after the other; the same parts give the same bytes.

    Each part has the same columns; there is at least one part. Memory holds some parts, never the table.

    Raises:
        CannotWriteParquet: pyarrow is not here. Raised at once, not with the first bytes.
    """
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise CannotWriteParquet(
            "Parquet is written by an optional package: pip install 'hemalum[parquet]'."
        ) from error
    return _written(pyarrow, parts, {ABOUT_KEY: msgspec.json.encode(about)})


def _written(pa: Any, parts: Iterable[Sequence[Column]], metadata: Mapping[bytes, bytes]) -> Iterator[bytes]:
    sink = _Sink()
    writer = None
    held: list[Any] = []
    for part in parts:
        batch = _batch(pa, part, metadata)
        held.append(batch)
        if writer is None:
            writer = pa.parquet.ParquetWriter(sink, batch.schema, compression="zstd")
        rows, size = sum(each.num_rows for each in held), sum(each.nbytes for each in held)
        if rows >= _ROWS_OF_GROUP or size >= _BYTES_OF_GROUP:
            writer.write_table(pa.Table.from_batches(held))
            held.clear()
            yield sink.taken()
    if writer is not None:
        if held:
            writer.write_table(pa.Table.from_batches(held))
        writer.close()
    yield sink.taken()


def _batch(pa: Any, part: Sequence[Column], metadata: Mapping[bytes, bytes]) -> Any:
    arrays = [_array(pa, each) for each in part]
    fields = [
        pa.field(each.name, array.type, metadata={b"unit": each.unit.encode()} if each.unit else None)
        for each, array in zip(part, arrays, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))


def _array(pa: Any, column: Column) -> Any:
    values = np.ascontiguousarray(column.values)
    if column.sizes is not None:
        offsets = np.concatenate([[0], np.cumsum(column.sizes)]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values))
    if values.ndim > 1:
        mask = None if column.missing is None else pa.array(column.missing)
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1], mask=mask)
    if column.categories is not None:
        numbers = pa.array(values.astype(np.int32), mask=column.missing)
        return pa.DictionaryArray.from_arrays(numbers, pa.array(column.categories, pa.string()))
    return pa.array(values, mask=column.missing)


class _Sink(io.RawIOBase):
    """What a file is written to that only grows: forgets what was taken."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()
        self._gone = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        view = memoryview(piece)
        self._held += view
        return view.nbytes

    def tell(self) -> int:
        return self._gone + len(self._held)

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        piece = bytes(self._held)
        self._gone += len(piece)
        self._held.clear()
        return piece
