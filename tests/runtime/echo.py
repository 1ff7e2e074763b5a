"""A WSGI application that answers with what it was given."""

import json

SHOWN = ("REQUEST_METHOD", "PATH_INFO", "CONTENT_LENGTH", "REMOTE_ADDR", "HTTP_COOKIE", "HTTP_X_FORWARDED_FOR")


def application(environ, start_response):
    if environ["PATH_INFO"] == "/fails":
        raise RuntimeError("a mistake of ours")
    headers = [("Content-Type", "application/json")]
    if environ["PATH_INFO"] == "/waits":
        environ["tests.asked"] = environ.get("tests.asked", 0) + 1
        if environ["tests.asked"] < 3:
            headers.append(("X-Ask-Again", "0.3"))
    seen = {name: environ[name] for name in (*SHOWN, "HTTP_TRANSFER_ENCODING") if name in environ}
    content = json.dumps(seen | {"body": environ["wsgi.input"].read().decode()}).encode()
    start_response("200 OK", headers)
    return [content]
