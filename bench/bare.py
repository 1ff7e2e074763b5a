"""The least that a web process can do: a constant answer, about as long as a lot's free places."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

BODY = b'{"answer": "' + b"x" * 600 + b'"}'


def application(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer anything."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
    return [BODY]
