"""FHIR R4 (4.0.1) at `/fhir/R4`: cases, their material, images and signed reports for other systems, and
orders from them.

Terms. A *kind* is a type of resource. Every resource but Patient is of one case and is made of it when
somebody asks: nothing is kept twice. A *signed version* of a report is a version of its DiagnosticReport. An
*order* is a ServiceRequest that became a case, known again by its identifiers.

Standards followed. HL7 FHIR R4: RESTful API (3.1.0), Search (3.1.1), the pages of the resources in
`model.Kind`; IHE PaLM DPOW for which status of a case is which of a Task. The text of resources is the
matter of `hemalum.formats.fhir`.

Start at `service.py`; what a case looks like as resources is in `orders.py`, `imaging.py`, `reporting.py`
and `origins.py`.
"""
