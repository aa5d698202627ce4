"""Layers: what is drawn over a slide by the thousand or the million, as binary tiles for a viewer.

A layer is written once into one file, a *pack* (`pack.py`): gzipped parts, an index, a manifest. Cells and
points are cut into square tiles of point columns, value columns and outlines, under a pyramid of exact counts
(`cells.py`); a heatmap is a pyramid of values (`heatmap.py`). Places are pixels of level 0, x right, y down,
0, 0 the top left corner of the first pixel. docs/reference/layers.md is the format for other programs.

Start with `model.py` for the words.
"""
