"""What goes wrong when documents are read."""


class SourceError(Exception):
    """Something cannot be read. The message says what was given, what is needed and what to do."""
