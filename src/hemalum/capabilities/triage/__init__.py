"""Triage: what models found puts cases in order, with its reason, and hides none of them.

Terms: an *operating point* is a rule that belongs to a version of a model: which class gives the *score* of
a slide (the share of its patches of that class), how scores become probabilities, how far a *site* (an
organisation) is known well enough to say anything (conformal prediction), and a *threshold* with its
*purpose*. A *risk* is what a point says of a run; the *band* of a case is what all of its slides together
say. Nothing but a score of a finished run within validated use has a band of its own: whatever failed, was
blank, is out of use or not known well enough is a named *outcome* without one, and never a low risk.

Points of versions in shadow are kept and order nothing. How soon a case is wanted is a person's word, which
triage never overrides: it orders cases of the same priority. `cases` keeps the mark (see `Marking` there);
`weighing.py` is where the rules are applied, `fitting.py` where they are made. Start with `service.py`.
"""
