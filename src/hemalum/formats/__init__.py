"""Bytes to typed values and back. Usable in a notebook, without a server."""
