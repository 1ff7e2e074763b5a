"""Idempotency keys of programs."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from ninja import Header

from accounts.kept_answers import Reply, reply_once
from accounts.models import User
from api.auth import person_of

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=255)]
_KEPT_HEADERS = ("ETag", "Location")


def stored_key(person: User, idempotency_key: str) -> str | None:
    """Return the stored key of a person's own idempotency key: keys of different people never collide."""
    if not idempotency_key:
        return None
    return f"api-{person.pk}-{hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]}"


def answered_once(request: HttpRequest, key: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the answer to a request that creates: that of the first time when it is sent again with its key."""
    if not key:
        return answer()
    asked = f"{request.method} {request.path}\n".encode() + request.body
    given = reply_once(caller=person_of(request), key=key, asked=asked, at=now(), reply=lambda: _kept(answer()))
    return HttpResponse(given.body, status=given.status, headers=given.headers, content_type="application/json")


def _kept(answer: HttpResponse) -> Reply:
    headers = {name: answer[name] for name in _KEPT_HEADERS if name in answer}
    return Reply(answer.status_code, answer.content.decode(), headers)
