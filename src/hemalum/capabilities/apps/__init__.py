"""Applications of others that read by FHIR for a person or for themselves, by the consent of that person.

Terms. An *app* is a program that an organisation registered; a *confidential* one holds a secret or a private
key, a *public* one (in a browser or on a telephone) neither. An *authorisation* is what a person let an app
do: scopes, at one organisation, perhaps for one patient in context. A *launch* is an app that was opened
beside a patient. *Tokens* of an authorisation are good for FHIR and nothing else. Scopes narrow what the
roles of the person allow and never widen it; an app that acts without a person acts as a service account.

Standards. SMART App Launch 2.0.0; OAuth 2.0 (RFC 6749) with PKCE (RFC 7636), revocation (RFC 7009),
introspection (RFC 7662) and client assertions (RFC 7523); OpenID Connect Core 1.0 for who the person is.

Start at `service.py`; `authorising.py` is how an app gets its consent, `exchanging.py` how it gets tokens.
"""
