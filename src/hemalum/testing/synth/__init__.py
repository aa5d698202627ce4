"""Procedural microscope slides with exact ground truth, reproducible by seed, any size in flat memory.

Start with `hemalum.testing.synth.slide.SyntheticSlide`; `hemalum.testing.writers` puts slides into files.
"""
