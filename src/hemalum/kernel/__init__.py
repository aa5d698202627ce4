"""What every room shares: ids, units, geometry, errors, time, events. No I/O, no settings."""
