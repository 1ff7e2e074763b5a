"""Errors of the embedded servers, for the person at the terminal."""


class EmbeddedServerError(Exception):
    """An embedded server can't be run here; the message says what to do."""
