"""The HTTP client of a simulated site: reads with a gate's key, and a driver's payments."""

import json
import random
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import urllib3

TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
TIMEOUT_SECONDS = 15.0
RETRIED = frozenset({429, 500, 502, 503, 504})


class NoAnswerError(Exception):
    """The server gave no usable answer, even after all retries."""


@dataclass(frozen=True, slots=True)
class KeyedLane:
    """A gate and a key for it. A gate that `confirms` waits until the barrier reports the passage."""

    gate: str
    key: str
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """The lanes of a lot by direction."""

    entries: tuple[KeyedLane, ...]
    exits: tuple[KeyedLane, ...]


class Server:
    """A server at `url`. Thread-safe.

    Requests that fail, or get 429 or 5xx, are retried with the same body and so the same event id or idempotency key.
    Raises NoAnswerError when all TRIES failed.
    """

    def __init__(self, url: str, *, connections: int, tries: int = TRIES) -> None:
        self._below = (urllib3.util.parse_url(url).path or "").rstrip("/")
        self._http = urllib3.connection_from_url(
            url, maxsize=connections, block=True, timeout=TIMEOUT_SECONDS, retries=False
        )
        self._tries = tries

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def read(self, lane: KeyedLane, body: dict[str, Any]) -> dict[str, Any]:
        """Send one read and return its answer; raises NoAnswerError also when the server refuses it."""
        return self._asked("POST", f"/api/v1/gates/{lane.gate}/reads", body, _credentials(lane))

    def confirm_passage(
        self, lane: KeyedLane, *, of_event: str, event_id: str, outcome: str = "passed", at: str | None = None
    ) -> dict[str, Any]:
        """Report, as the barrier, what became of an opening, by its own clock `at`, and return the answer."""
        body = {"event_id": event_id, "of_event": of_event, "outcome": outcome, "at": at}
        return self._asked("POST", f"/api/v1/gates/{lane.gate}/passages", body, _credentials(lane))

    def status(self, ticket: str) -> str:
        """Return the state of a ticket, by its number or token."""
        status: str = self._asked("GET", f"/api/v1/tickets/{ticket}/fee")["ticket"]["status"]
        return status

    def timezone(self, lot: str) -> str:
        """Return the name of a lot's timezone."""
        timezone: str = self._asked("GET", f"/api/v1/lots/{lot}")["timezone"]
        return timezone

    def pay(self, ticket: str, *, card: str, key: str) -> int:
        """Pay what a ticket owes with a test card and return the HTTP status, also of a declined payment."""
        body = {"method": "card", "token": card, "amount": None}
        return self._answered("POST", f"/api/v1/tickets/{ticket}/pay", body, {"Idempotency-Key": key}).status

    def _asked(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        response = self._answered(method, path, body, headers)
        if response.status != HTTPStatus.OK:
            raise NoAnswerError(f"{response.status} from {method} {path}: {_what_was_said(response.data)}")
        answer: dict[str, Any] = response.json()
        return answer

    def _answered(
        self, method: str, path: str, body: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        problem = ""
        for attempt in range(self._tries):
            if attempt:
                time.sleep(_pause(attempt, problem))
            try:
                response = self._http.request(method, f"{self._below}{path}", json=body, headers=headers)
            except urllib3.exceptions.HTTPError as error:
                problem = repr(error)
                continue
            if response.status not in RETRIED:
                return response
            problem = response.headers.get("Retry-After") or str(response.status)
        raise NoAnswerError(f"{method} {path}: no answer after {self._tries} tries, the last: {problem}")


def _credentials(lane: KeyedLane) -> dict[str, str]:
    return {"Authorization": f"Bearer {lane.key}"}


def _what_was_said(text: bytes) -> str:
    """Return the detail of a problem document, else the start of the response."""
    try:
        said = json.loads(text)["detail"]
    except (ValueError, KeyError, TypeError):
        said = text.decode(errors="replace")
    return " ".join(str(said).split())[:200]


def _pause(attempt: int, problem: str) -> float:
    """Wait longer each time, with jitter, so that many connections don't retry at once."""
    asked = float(problem) if problem.isdigit() and len(problem) < len("503") else 0.0
    pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
    return max(asked, pause * random.uniform(0.5, 1.0))  # noqa: S311 no secret
