"""Grossing: photographs of what came in, with their scale, and what was put into each cassette.

Terms. A *photograph* shows a part, or a block, as it was looked at with the naked eye. Its *scale* is what a
person read off a ruler in it: two places and the distance between them. A photograph is never removed; one
that was *entered in error* stays with the reason, and is shown no more.

A *cassette* is a block as it is filled: its *contents* are what was put in, how many pieces, and their size.
Each time that it is described anew is kept.

What a photograph shows, and what is said of a cassette, may name or describe the patient: both are sealed
under the patient's key, and erased with them.

Start at `service.py` for photographs and at `describing.py` for cassettes. Pixels are the matter of
`hemalum.formats.photographs`.
"""
