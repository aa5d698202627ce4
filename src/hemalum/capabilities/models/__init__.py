"""Models: which versions of which models a laboratory has, and what each may be used for.

Terms: a *version* is one folder that keeps the contract (`hemalum.formats.model`), known by its *address*.
Its *status* in an organisation is research, shadow, clinical or withdrawn; what its publisher says stands
beside it. A *publisher* is trusted by the key that it signs with. A *validation* is a trial by this
laboratory on its own slides. Whether a version *fits* a slide is decided by `model.fits` alone, which
`inference` asks.

Standards followed: docs/reference/model.toml.md. Start with `service.py`.
"""
