"""Tables in Parquet, read back by pyarrow; without it, one sentence says so."""

import io
import json
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest

from hemalum.formats import parquet
from hemalum.formats.parquet import CannotWriteParquet, Column, column_name, unlike, write_parquet


def test_names_have_their_unit_and_none_stands_twice() -> None:
    assert column_name("area", "um2") == "area_um2"
    assert column_name("Feret's diameter", "um") == "feret_s_diameter_um"
    assert column_name("density", "/mm2") == "density_per_mm2"
    assert column_name("tumour", "%") == "tumour_percent"
    assert column_name("肿瘤") == "肿瘤"
    assert column_name("(-)") == "value"
    assert unlike(["a", "b", "a", "a_2", "a"]) == ["a", "b", "a_2", "a_2_2", "a_3"]


def test_without_the_package_it_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    with pytest.raises(CannotWriteParquet, match=r"hemalum\[parquet\]"):
        write_parquet([], {})


def part(first: int, rows: int) -> list[Column]:
    """Rows of which every third has no score."""
    number = np.arange(first, first + rows)
    return [
        Column("row", number.astype(np.int64)),
        Column("score", (number / 7).astype(np.float32), number % 3 == 0, "1"),
        Column("embedding", np.stack([number, number * 2], axis=1).astype(np.float32), number % 3 == 0),
        Column("kind", (number % 2).astype(np.int32), categories=("even", "odd")),
        Column("outline_x_px", np.repeat(number, number % 4).astype(np.float32), sizes=number % 4),
    ]


def test_rows_come_back_whatever_the_parts_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_ROWS_OF_GROUP", 100)
    sizes = (10, 95, 0, 40, 3)
    firsts = np.concatenate([[0], np.cumsum(sizes)])
    parts = [part(int(first), size) for first, size in zip(firsts[:-1], sizes, strict=True)]
    content = b"".join(write_parquet(parts, {"model_id": "sample.violet"}))
    assert b"".join(write_parquet(parts, {"model_id": "sample.violet"})) == content
    file = pq.ParquetFile(io.BytesIO(content))
    assert file.num_row_groups == 2
    table = file.read()
    assert json.loads(table.schema.metadata[parquet.ABOUT_KEY]) == {"model_id": "sample.violet"}
    assert table.schema.field("score").metadata == {b"unit": b"1"}
    number = np.arange(sum(sizes))
    assert table["row"].to_pylist() == number.tolist()
    score = table["score"].to_pylist()
    assert [one is None for one in score] == (number % 3 == 0).tolist()
    assert score[4] == pytest.approx(4 / 7)
    assert table["embedding"].to_pylist()[4:7] == [[4.0, 8.0], [5.0, 10.0], None]
    assert table["kind"].to_pylist()[:3] == ["even", "odd", "even"]
    assert table["outline_x_px"].to_pylist()[:4] == [[], [1.0], [2.0, 2.0], [3.0, 3.0, 3.0]]
