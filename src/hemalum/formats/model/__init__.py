"""A model as it travels: one folder with `model.toml`, a network in ONNX, golden tiles and a list of files.

Terms: a *model* has an id, a *version* is one folder of it, known by its *address*: the SHA-256 of the list
of its files. The contract is what `model.toml` promises. Standards followed: ONNX (opset 7 and later), MONAI
bundle metadata and the CHAI Applied Model Card as exports, the coded terms of the metadata profile.

Start with `folder.read_model_folder`.
"""
