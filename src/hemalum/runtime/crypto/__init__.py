"""Encryption at rest: sealed blobs, a key for each slide, and the node key that wraps them."""
