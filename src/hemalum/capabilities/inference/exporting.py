"""What a model said of each patch, as a file."""

import csv
import io
from collections.abc import Iterable, Iterator

import numpy as np

from hemalum.capabilities.inference.results import scored
from hemalum.formats.model.contract import Contract


def as_csv(contract: Contract, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A line for each patch: its place in um from the corner of the slide, then its values.

    Where the model abstained, the values are left empty: they are not low scores.
    """
    output = scored(contract) or contract.outputs[0]
    given = contract.input
    assert given is not None
    patch_px = given.tile_px - 2 * given.context_px
    stride_um = (given.stride_px or patch_px) * given.um_per_px
    names = [each.name for each in output.classes]
    header = False
    for chunk in chunks:
        with np.load(io.BytesIO(chunk), allow_pickle=False) as arrays:
            values = arrays[f"output.{output.name}"].reshape(len(arrays["places"]), -1)
            places, abstained = arrays["places"] * stride_um, arrays["abstained"]
        if not header:
            names = names or [f"{output.name}.{number}" for number in range(values.shape[1])]
            yield _lines([["x_um", "y_um", "side_um", "abstained", *names]])
            header = True
        side = patch_px * given.um_per_px
        yield _lines(
            [x, y, side, int(silent), *([""] * len(row) if silent else [f"{each:.6g}" for each in row])]
            for (y, x), silent, row in zip(places.tolist(), abstained.tolist(), values.tolist(), strict=True)
        )


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
