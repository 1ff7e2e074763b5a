"""Ask a PostgreSQL server whether it is alive, without logging in."""

import socket
import struct
from contextlib import closing
from pathlib import Path

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""SSLRequest of PostgreSQL's frontend protocol: any server answers it with one byte before authentication."""


def answers_greeting(host: str, port: int, *, seconds: float) -> bool:
    """Return whether the server at a host, or in a folder of unix sockets, answers a greeting in time."""
    try:
        with closing(_connect(host, port, seconds)) as channel:
            channel.sendall(SSL_REQUEST)
            return bool(channel.recv(1))
    except OSError:
        return False


def _connect(host: str, port: int, seconds: float) -> socket.socket:
    if not host.startswith("/"):
        return socket.create_connection((host, port), timeout=seconds)
    channel = socket.socket(socket.AF_UNIX)
    channel.settimeout(seconds)
    try:
        channel.connect(str(Path(host) / f".s.PGSQL.{port}"))
    except OSError:
        channel.close()
        raise
    return channel
