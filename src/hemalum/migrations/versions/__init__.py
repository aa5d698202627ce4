"""The steps of the history, oldest first; the number in the file name is the revision."""
