"""The metadata profile: one form for what is known of a slide, wherever it was scanned.

`record` is the form (frozen dataclasses, canonical JSON, a JSON Schema), `terms` the code tables with the
words of laboratories that stand for them, `judging` says of each element whether it conforms, was mapped, is
to be looked at, or is refused. Nothing here knows a server or a database.

Standards followed: DICOM PS3.3 C.7.6.22 (Specimen) and C.8.12 (whole slide microscopy), PS3.16 context groups
244, 8109, 8112, 8114, 8115, 8134; REMBI (Sarkans et al., Nature Methods 2021); ISO 8601 for times; BCP 47 for
languages; the shapes of ICD-10 and ICD-O-3 codes. Start with `judging.judge`.
"""
