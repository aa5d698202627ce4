"""Slides: scanned images, from the file that a scanner wrote to pixels on a screen.

Terms: an *image* is one scan of a glass slide. It is made of *objects* (files linked where they lie, files
kept in the blob store, and one derived object with the levels that the file lacks), and it is shown through a
*frame index* that says where every tile lies. Each level is also one DICOM *instance*.

An image is `receiving` while its bytes arrive and are hashed, `hashed` once its SHA-256 is known, then
`available`, or `quarantined` with one sentence that says why. Only available images are served.

Standards: DICOM PS3.3 A.32.8 (VL Whole Slide Microscopy Image), PS3.18 (DICOMweb), tus 1.0.0.

Start with `model.py` for the words, `service.py` for what people do, `ingest.py` for how a file becomes a
slide.
"""
