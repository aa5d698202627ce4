"""How far the metadata of slides conform to the profile, and what words of laboratories stand for.

A *record* of a slide is put together from the slide, its case and its signed report, and judged
(`hemalum.formats.profile`). A *word* is what a laboratory writes for a code; who says what it stands for
makes a *mapping*, and slides with that word are judged anew. A slide of which an element is *refused* is held
back until somebody mends it.

Start with `service.Conformity`; `composing` says where each element comes from.
"""
