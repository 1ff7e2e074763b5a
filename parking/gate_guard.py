"""Checks a gate's key before the body of its request is read."""

import re
from wsgiref.types import WSGIEnvironment

from django.db import Error, close_old_connections

from common.db.postgresql.patience import WaitAtMost
from common.web.outages import LONGEST_WAIT_SECONDS
from devices.keys import is_remembered, known_device
from gates.reads.receive import BEARER

_GATES = re.compile(r"/api/v1/(?:gates/.+|entry|exit)")


class GateGuard:
    """Checks the key of a request to a gate before its body is read."""

    def must_check(self, environ: WSGIEnvironment) -> bool:
        """Return whether the request is for a gate and its key is new to this process."""
        if environ["REQUEST_METHOD"] != "POST" or not _GATES.fullmatch(environ["PATH_INFO"]):
            return False
        return not is_remembered(_key(environ))

    def check(self, environ: WSGIEnvironment) -> int:
        """Return 401 for an unknown key, else 0."""
        try:
            with WaitAtMost(LONGEST_WAIT_SECONDS):
                return 0 if known_device(_key(environ)) else 401
        except Error:
            close_old_connections()
            return 0  # the request itself will report the database outage


def _key(environ: WSGIEnvironment) -> str:
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    return authorization[len(BEARER) :].strip() if authorization.lower().startswith(BEARER) else ""
