"""A client of the WSGI application itself, as a web server calls it, fast path included."""

import io
import json
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from parking.wsgi import application


class Answer:
    """What came back, with the parts of Django's responses that tests look at."""

    def __init__(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        self.status_code = int(status.split(maxsplit=1)[0])
        self.headers = dict(headers)
        self.content = content

    def __getitem__(self, name: str) -> str:
        return self.headers[name]

    def __contains__(self, name: str) -> bool:
        return name in self.headers

    def json(self) -> Any:
        return json.loads(self.content)


class WsgiClient:
    """Sends requests with these headers."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self._requests = RequestFactory(headers={"host": "testserver"} | (headers or {}))

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._sent(self._requests.get(path, headers=headers).environ)

    def post(self, path: str, body: Any, content_type: str) -> Answer:
        return self.generic("POST", path, json.dumps(body).encode(), content_type=content_type)

    def generic(self, method: str, path: str, data: bytes = b"", **more: str) -> Answer:
        environ = self._requests.generic(method, path, data, **more).environ
        return self._sent(environ | {"wsgi.input": io.BytesIO(data)})

    def _sent(self, environ: dict[str, Any]) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        # As Django's own client does: the connection holds the test's transaction.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            parts = application(environ, lambda status, headers, _error=None: started.append((status, headers)))
            content = b"".join(parts)
            getattr(parts, "close", lambda: None)()
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)
        return Answer(*started[0], content)
