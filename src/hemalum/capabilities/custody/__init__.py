"""Who has which piece of tissue, and where it is: scan points, containers, discards, loans, one chain of all.

Terms. A *point* is a station where codes are scanned; it stands for a *step* of the bench or for a place
only. A *container* (rack, tray, box, drawer, cabinet, fridge, room) has a code of its own and lies in
another, or at a point. A *subject* is whatever has a code: a piece of material or a container. A *custody
event* tells what happened to one subject; events of an organisation are a *chain*, each sealed by the hash of
the one before. What was refused is an event, too.

Standards followed. Events: IHE PaLM SET 1.1 (LAB-40; who, what, from, to, when, why); ISO 15189:2022 7.2.6
and 7.4.2; check character of codes: ISO 7064, MOD 37,36; hash: SHA-256 (FIPS 180-4); retention: CAP,
"Minimum Period of Retention of Laboratory Records and Materials" (2020).

Start at `service.py`.
"""
