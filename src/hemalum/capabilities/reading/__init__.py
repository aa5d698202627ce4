"""What of a slide somebody looked at, and how closely: coverage, its share of the tissue, its export.

Terms. The *field* is what is on a reader's screen. A *band* is a range of powers, named by the objective
that shows as much (40x: 0.25 um on one CSS pixel). Each band has a *grid* of cells over the image; a cell was
*seen* when its middle lay in a field that was sharp and at rest. The *share* at a power is how much of the
tissue was seen at that power or a higher one. *Tissue* is what `analysis.tissue` finds on the thumbnail.

Start at `service.py`.
"""
