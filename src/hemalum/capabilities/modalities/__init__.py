"""Scanners, and the worklist that they ask: whose slide is this, and how is its study called?

Terms (DICOM). A *modality* is a machine that makes images; here a slide *scanner*. It is known by the *AE
title* that it calls itself and by where it calls from, and does what it does for an account of the node. A
*worklist item* is one glass slide that waits to be scanned.

Standards followed. Modality Worklist SOP Class (PS3.4 annex K) with the Scheduled Specimen Sequence, and
Verification (PS3.4 annex A), both as provider. What an item holds is the matter of
`hemalum.formats.dicom.worklist`.

Start at `service.py`; the wire is in `listening.py`.
"""
