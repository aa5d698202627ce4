"""Hemalum: the software of a hospital network that has gone all-digital in pathology."""
