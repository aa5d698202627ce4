"""Rescreening: a share of signed cases is read a second time; where two readings differ, a third decides.

Terms. A *plan* says which share of which signed cases is read again, and by whom. The *lot* of a case is a
number from 0 to 1 that follows from the plan's *seed* of the day and the case's id: below the share, the case
is *drawn*. A drawn case is a *reread*; a *second reading* answers the template of the first report without
knowing it. What both answer otherwise is a *difference*, and *rules* say how grave; the gravest is that of
the reread. Where there is one, an *arbiter* decides which reading stands, and what kind of *defect* it was.

Sources. Kinds of defects: Meier et al., Am J Clin Pathol 2008;130:238. Intervals: Wilson, J Am Stat Assoc
1927;22:209. Chains of hashes: Lamport, Commun ACM 1981;24:770. Limits of the p-chart: Shewhart 1931, as exact
probability limits.

Start at `service.py`; `drawing.py` is how cases are drawn, `discrepancy.py` how grave differences are.
"""
