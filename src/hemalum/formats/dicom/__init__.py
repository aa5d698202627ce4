"""DICOM: headers, pixel data by frame, Part 10 files, JSON model, multipart bodies and QIDO queries."""
