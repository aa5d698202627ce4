"""Who is asking: organisations, people, roles, sessions, tokens and one-time links.

Terms. An *organisation* is a hospital, laboratory or university on this node. A *person* belongs to one and
has one *role*; roles grant *permissions*, which capabilities name. A *session* is a signed-in browser, a
*token* a program that acts for a person, a *link* a one-time way in that the machine's operator hands out.

Secrets are random (256 bit) and only their SHA-256 is kept. There is no password, so there is no default one.

Start at `service.py`.
"""
