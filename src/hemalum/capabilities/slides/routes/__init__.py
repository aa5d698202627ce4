"""Slides over HTTP: the library, uploads, and the interfaces of other viewers."""
