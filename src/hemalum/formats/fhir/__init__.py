"""FHIR R4 (4.0.1): values and JSON, both ways, and the checks that libraries of models leave out.

Terms. A *resource* is a dictionary as `json` makes it, of one of the types in `definitions.py`. An *issue* is
one thing that is wrong with it, with the FHIRPath expression of where; several make an *OperationOutcome*.

Standards followed. HL7 FHIR R4 4.0.1, in its sections: Resource and element definitions of each type, Data
Types, References (2.3), RESTful API (3.1.0), Search (3.1.1), Bundle. LOINC: Mod 10 check digit.

`checks.check` says what is wrong with a resource, `reading` takes from one what a laboratory needs,
`values` makes the parts of new ones, `searching` decides what a search finds. No server, no database.
"""
