"""Queries of access. Only its services read this."""
