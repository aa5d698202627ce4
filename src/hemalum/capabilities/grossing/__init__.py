"""Grossing: photographs of what came in, with their scale.

Terms. A *photograph* shows a part, or a block, as it was looked at with the naked eye. Its *scale* is what a
person read off a ruler in it: two places and the distance between them. A photograph is never removed; one
that was *entered in error* stays with the reason, and is shown no more.

What a photograph shows may name the patient: it is sealed under the patient's key, and erased with them.

Start at `service.py`. Pixels are the matter of `hemalum.formats.photographs`.
"""
