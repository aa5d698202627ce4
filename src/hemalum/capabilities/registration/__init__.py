"""Registration: where a place of one slide lies on another, so that sections are read together.

Terms: a *transform* takes um of one slide (*from*) to um of another (*to*): an affine matrix, and where
tissue was bent a grid of *displacements* on top. *Landmarks* are pairs of places that a person called the
same. There is one transform between two slides; whoever saves another replaces it, knowingly. It is *stale*
when a slide was scanned or its scale was stated anew since.

Whoever may view both slides sees their transform; saving asks for `registration.align` on both.

Start with `service.py`. The grid is `hemalum.formats.displacements`, docs/reference/registration.md.
"""
