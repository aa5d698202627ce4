"""The laboratory's cases: whose tissue it is, what was made of it, where each piece is, and who reads it.

Terms. A *case* (accession) holds *parts* (what came in), *blocks* (made of parts) and *slides* (cut from
blocks); together they are its *material*, each with the *stage* where it is on the bench. The case has a
*status* of its own: where tissue lies and how far the reading is are two things. An *image* is *linked* to
the slide that it is the scan of. The *patient* is one person as this organisation knows them, sealed at
rest under a key of their own.

Standards followed. Stages, status and identifiers: IHE PaLM DPOW and SET, ISO 15189:2022 7.2.6; specimens
as in DICOM PS3.17 NN (container and specimen, hierarchical label); check character: ISO 7064, MOD 37,36.

Start at `service.py`.
"""
