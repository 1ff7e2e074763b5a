"""Texts by HTTP: what is posted, and what each answer means for the text."""

from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from notifications.texts import OutgoingText, TextRefusedError, TextUnavailableError, text_provider
from notifications.texts.http_texts import HttpTexts

TEXT = OutgoingText("message:1", "+41791234567", "City Garage is full")


class Answering(BaseHTTPRequestHandler):
    """Answers as its server is told to, and keeps what was posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posted.append((self.path, parse_qs(body), dict(self.headers)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"message": "words"}')

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def server(settings):
    serving = HTTPServer(("127.0.0.1", 0), Answering)
    serving.posted, serving.status = [], 201
    Thread(target=serving.serve_forever, daemon=True).start()
    settings.TEXT_PROVIDER = "twilio"
    settings.TEXT_API_BASE = f"http://127.0.0.1:{serving.server_port}"
    settings.TEXT_ACCOUNT, settings.TEXT_SECRET, settings.TEXT_SENDER = "AC1", "secret", "+41440000000"
    yield serving
    serving.shutdown()
    serving.server_close()


def test_a_text_is_posted_to_the_account(server):
    provider = text_provider()
    provider.send(TEXT, timeout=3)

    [(path, fields, headers)] = server.posted
    assert isinstance(provider, HttpTexts)
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert fields == {"To": ["+41791234567"], "From": ["+41440000000"], "Body": ["City Garage is full"]}
    assert headers["Authorization"].startswith("Basic ")
    assert headers["Idempotency-Key"] == "message:1"


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, TextRefusedError), (401, TextUnavailableError), (429, TextUnavailableError), (503, TextUnavailableError)],
)
def test_an_answer_says_whether_to_try_again(server, status, error):
    server.status = status
    with pytest.raises(error, match="words"):
        text_provider().send(TEXT, timeout=3)


def test_a_server_that_is_down_is_tried_again(server, settings):
    settings.TEXT_API_BASE = "http://127.0.0.1:1"
    with pytest.raises(TextUnavailableError):
        text_provider().send(TEXT, timeout=1)
