"""The durable functions of slides, and what is to be looked after all the time."""

from hemalum.capabilities.slides.ingest import housekeeping_of, jobs_of, work_of

__all__ = ["housekeeping_of", "jobs_of", "work_of"]
