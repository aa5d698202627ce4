"""Layers as files for other programs."""

from pathlib import Path

import numpy as np

from hemalum.capabilities.layers.exporting import as_csv
from hemalum.capabilities.layers.model import Layer, LayerOrigin
from hemalum.capabilities.layers.service import OpenLayer
from hemalum.formats.layers.cells import CellChunk, CellWriter
from hemalum.formats.layers.model import ValueColumn, classes_named
from hemalum.formats.layers.pack import Pack
from hemalum.kernel.clock import utc_now
from hemalum.kernel.ids import ImageId


def test_no_name_of_a_producer_becomes_a_formula_and_numbers_stay_numbers(tmp_path: Path) -> None:
    classes, columns = classes_named(["=1+1", "stroma"]), (ValueColumn("@score", ""),)
    writer = CellWriter(tmp_path, 100, 100, classes, columns, has_outlines=False)
    writer.add(
        CellChunk(np.array([10.0, 20.0]), np.array([10.0, 20.0]), np.array([0, 1]), [np.array([-0.5, 2.0])])
    )
    manifest = writer.finish(tmp_path / "pack")
    writer.close()
    content = (tmp_path / "pack").read_bytes()
    layer = Layer(
        "layer",
        ImageId("image"),
        "",
        manifest.kind,
        LayerOrigin.MODEL,
        "Cells",
        None,
        "finder",
        "1",
        manifest.count,
        manifest.classes,
        manifest.columns,
        utc_now(),
        None,
        "",
        len(content),
        "",
    )
    pack = Pack(len(content), lambda offset, length: content[offset : offset + length])
    head, *lines = b"".join(as_csv(OpenLayer(layer, pack, False, None))).decode().splitlines()
    assert head == "row,x_px,y_px,class,'@score"
    assert sorted(line.split(",")[3:] for line in lines) == [["'=1+1", "-0.5"], ["stroma", "2"]]
