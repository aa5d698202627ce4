"""Who is asking, and what they may do: organisations, people, roles, and every way to sign in.

Terms. An *organisation* is a hospital, laboratory, university or sponsor on this node. A *person* (or a
*service account*, which is a program) has *roles* in organisations; roles grant *permissions*, which
capabilities name. A *session* is a signed-in browser; it acts in one organisation at a time. A *token* is a
program that acts for its holder, within *scopes*. A *link* is a one-time way in. An *institution* is an
identity provider elsewhere.

Standards. Passwords: NIST SP 800-63B-4 section 3.1.1, argon2id (RFC 9106). One-time codes: RFC 6238.
Passkeys: WebAuthn level 3. Institutions: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0 and
Back-Channel Logout 1.0, with PKCE (RFC 7636).

Secrets that this node makes are random (at least 80 bit) and only their SHA-256 is kept. There is no default
password: a fresh node has one administrator, who comes in by a one-time link.

Start at `service.py`; `register.py` is what its parts share.
"""
