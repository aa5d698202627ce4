"""What is asked of the laboratory: the orders that cases begin with, and further work on their material.

Terms. *Work* is what a pathologist asks for at a case: levels, a recut, stains, another block, another
scan. A *work order* is one such request about one piece of material; it is *requested*, then accepted or
rejected by the laboratory, begun, and done, or cancelled. A *panel* is a handful of stains that are usually
asked for together.

Standards followed. States and kinds of work: IHE PaLM DPOW, LAB-102 and LAB-103.

Start at `service.py`.
"""
