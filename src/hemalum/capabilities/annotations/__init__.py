"""Annotations: what people draw and measure on slides, and who drew what when.

Terms: an *annotation* is what a person drew, as it stands now. A *command* is what a person did to some of
them at once: added, changed, removed. Each command leaves a new *state* of each annotation that it touched,
and no state is ever changed or deleted, so that the history is whole. Undo and redo are commands too: they
bring back an earlier state. Every person has their own stack of them on each slide.

The record is this ordered log on the server; live rooms, where they are used, only carry it faster.

Standards: GeoJSON (RFC 7946) as QuPath writes it, DICOM PS3.3 A.87 (Microscopy Bulk Simple Annotations) and
PS3.16 TID 1500, JCGM 100:2008 (GUM) for the uncertainty of measurements.

Start with `model.py` for the words and `service.py` for what people do.
"""
