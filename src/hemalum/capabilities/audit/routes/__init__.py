"""HTTP of audit: entries, flags, FHIR and CSV for auditors; checkpoints and witnessing for everybody."""
