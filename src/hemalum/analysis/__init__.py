"""Pixels, cells and graphs to numbers. Usable in a notebook, without a server."""
