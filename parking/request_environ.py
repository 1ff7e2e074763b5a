"""From a request as granian gives it to the environment of WSGI."""

import io
import sys
from wsgiref.types import WSGIEnvironment

from granian.rsgi import Scope

from common.web.asking_again import ASKS_AGAIN


def environ_of(scope: Scope) -> WSGIEnvironment:
    """Return the WSGI environment of a request, still without a body."""
    client, _, _port = scope.client.rpartition(":")
    server, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": client.strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        ASKS_AGAIN: True,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # would pass for the header with a hyphen, which a proxy sets and we believe
            continue
        key = _KEYS.get(name) or f"HTTP_{name.replace('-', '_').upper()}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"  # noqa: PLW2901 one of several
        environ[key] = value
    return environ


_KEYS = {
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
    "host": "HTTP_HOST",
    "authorization": "HTTP_AUTHORIZATION",
    "user-agent": "HTTP_USER_AGENT",
    "accept": "HTTP_ACCEPT",
    "cookie": "HTTP_COOKIE",
}
