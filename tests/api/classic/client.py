"""A client of one garage: it knows addresses, camelCase and messages, and nothing else of the product."""

from typing import Any

from django.http import HttpResponse
from django.test import Client


class GarageClient:
    """Calls the classic API of a test's server, with a key or without."""

    def __init__(self, key: str = "") -> None:
        self._client = Client(headers={"authorization": f"Bearer {key}"} if key else {})

    def get(self, path: str) -> HttpResponse:
        return self._client.get(f"/api/{path}")

    def park(self, plate: Any = "ZH 123456", kind: Any = "Car") -> HttpResponse:
        return self.send("tickets", {"licensePlate": plate, "vehicleType": kind})

    def leave(self, number: str, method: Any = "Credit Card") -> HttpResponse:
        return self.send(f"tickets/{number}/exit", {"paymentMethod": method}, "PUT")

    def send(self, path: str, body: Any, verb: str = "POST", content_type: str = "application/json") -> HttpResponse:
        return self._client.generic(verb, f"/api/{path}", _bytes(body), content_type=content_type)


def _bytes(body: Any) -> bytes:
    import json

    return body if isinstance(body, bytes) else json.dumps(body).encode()


def message(response: HttpResponse, status: int) -> str:
    """Return the message of a refusal, which has nothing else."""
    assert response.status_code == status, response.content
    said = response.json()
    assert list(said) == ["message"]
    assert said["message"]
    return str(said["message"])
