"""All that the tests of the API are answered has to be in its document."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.api.documented import ROOT, undocumented


@pytest.fixture(autouse=True)
def _answers_are_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Client.request

    def request(client: Client, **sent: Any) -> HttpResponse:
        answer = asked(client, **sent)
        method, path = sent["REQUEST_METHOD"].lower(), sent["PATH_INFO"]
        if (
            method != "options"
            and path.startswith(f"{ROOT}/")
            and not path.startswith((f"{ROOT}/docs", f"{ROOT}/openapi"))
        ):
            wrong = undocumented("get" if method == "head" else method, path, answer)
            assert not wrong, f"{method.upper()} {path} answered {wrong}, which the document does not say"
        return answer

    monkeypatch.setattr(Client, "request", request)
