"""Booking over the API for tests: bodies from tomorrow noon (UTC) on, in a lot of CHF 3.00 an hour."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now

PATH = "/api/v1/reservations"


def at(hours: float) -> str:
    """An instant so many hours after tomorrow noon."""
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    return (noon + dt.timedelta(hours=hours)).isoformat()


def wanted(start: float = 0, end: float = 2, **fields: Any) -> dict[str, Any]:
    return {"lot": "central", "start": at(start), "end": at(end), "plate": "ZH 1"} | fields


def post(client: Client, body: Any, *, key: str = "", path: str = PATH) -> HttpResponse:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, body, content_type="application/json", headers=headers)


def patch(client: Client, booking: dict[str, Any], *, preview: bool = False, **change: Any) -> HttpResponse:
    query = "?preview=true" if preview else ""
    return client.patch(f"{PATH}/{booking['id']}{query}", change, content_type="application/json")


def cancel(client: Client, booking: dict[str, Any]) -> HttpResponse:
    return client.delete(f"{PATH}/{booking['id']}")


def book(client: Client, start: float = 0, end: float = 2, **fields: Any) -> dict[str, Any]:
    """Book, and return the booking, about which nothing may be odd."""
    answer = post(client, wanted(start, end, **fields))
    assert answer.status_code == 201, answer.content
    said: dict[str, Any] = answer.json()
    assert said.pop("warnings") == []
    return said


def refusal(answer: HttpResponse) -> tuple[int, str, list[str]]:
    """The status, code and paths of a problem."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    said = answer.json()
    return answer.status_code, said["code"], [error["path"] for error in said["errors"]]
