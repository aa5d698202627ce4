"""Annotations: what people draw on a slide, and the files in which other programs keep it.

Coordinates are pixels of level 0, origin in the top left corner of the first pixel, x right, y down, as
QuPath writes them. A geometry is that of GeoJSON (RFC 7946) as plain lists, without its rule about the order
of a ring and without its geographic meaning.

Start with `model.py` for the words and `geometry.py` for what can be drawn.
"""
