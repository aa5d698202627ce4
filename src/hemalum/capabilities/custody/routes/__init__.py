"""Custody over HTTP."""
