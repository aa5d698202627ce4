"""Layers: what programs and people found on a slide, to be drawn over it: cells, points, heatmaps.

Terms: a *layer* belongs to one image and is written once, by its *producer*, for the scan as it was then (its
*generation*); on a later scan it is *stale*. It has classes with a colour and a shape, value columns with a
unit, and counts. A producer hands in cells (`Layers.write_cells`) or a raster (`Layers.write_heatmap`); what
a viewer draws, and from which power on, follows from the layer, so that no producer touches the viewer.

Whoever may view the slide sees its layers; what leaves as a file asks for the permission to export the slide.

Start with `service.py`. The file format is `hemalum.formats.layers`, docs/reference/layers.md.
"""
