"""HTTP of FHIR."""
