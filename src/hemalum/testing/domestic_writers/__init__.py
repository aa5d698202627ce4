"""Files of Chinese scanners, written for tests from shared/research/domestic_formats.md alone.

Made without a look at the readers, so that both are less likely to misread the note in the same way. They
prove self-consistency only: **no real file seen**. Each writer is an option away from the other reading of
every doubt that the note names, and returns a `written.WrittenSlide`: what a reader should find.
"""
