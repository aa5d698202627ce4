"""The composition root: registry, server, worker, command, demo, doctor."""
