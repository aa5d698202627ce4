"""Messages between this node and the systems of hospitals: taken in, answered, sent, and repaired by people.

Terms. A *sender* is a system whose messages are taken in, on behalf of a service account that may do what
they ask for. A *receiver* is a system that messages are sent to. A *message* is kept, sealed, before it is
answered; one that cannot be done is a *dead letter* with the reason, and a person edits, replays or discards
it. A *control id* names a message: the same one from the same sender is done once and answered alike.

Standards followed. HL7 v2.5.1 chapters 2 (acknowledgements, original and enhanced mode), 3, 4, 7 and 9;
MLLP release 1. The text of messages is the matter of `hemalum.formats.hl7`.

Start at `service.py`; what a message does is in `doing.py`.
"""
