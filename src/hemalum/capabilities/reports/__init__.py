"""The reports of cases: what a pathologist says of the tissue, in versions that are never changed.

Terms. A *template* is a form as data: *elements* that ask for one thing each, conditions between them, and
sentences that say the answers. A report's *content* is the values of a template's elements, *sections* of
free text, *figures* (regions of slides) and *statements* (what supports an element or a section, such as a
measurement or a model's result). A report exists as a chain of *versions*, each sealed, hashed together with
the one before, with author, time and reason. A version is *signed* by a pathologist's deliberate act; after
that the report is changed only by further versions that say what they are: amended, corrected, addended.

Standards followed. States of versions: IHE PaLM DPOW and the FHIR R4 value set of DiagnosticReport.status.
Computed elements name their sources in `rules.py`.

Start at `service.py`.
"""
