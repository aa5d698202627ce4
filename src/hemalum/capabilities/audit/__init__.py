"""What stands in the log, for those who check it: search, follow, prove, question, export, erase.

Terms. An *entry* is one line of the node's log (`runtime.log`, `runtime.audit`). The *index* is a table in
the node's database by which entries are found; it is derived from the log, holds nothing that names a person,
and can be built anew at any time. A *flag* is something in the index that a rule found unusual, with the
numbers by which it did. *Evidence* is a folder with all that an inspector asks for of one year.

Standards: FHIR R4 AuditEvent with DICOM (DCM) event codes, C2SP tlog-tiles, tlog-proof and tlog-witness,
CycloneDX 1.6, GB/T 22239-2019.

Start at `service.py`.
"""
