"""What events and webhooks look like in the OpenAPI document."""

from typing import Any

from api.described_calls import described, page_of
from events.services.webhooks import TooManyWebhooksError, WebhookOffError

_FREED = {"number": "A-12", "level": 0, "level_name": "Ground", "zone": "A", "type": "regular", "status": "available"}
_EVENT: dict[str, Any] = {
    "id": 4711,
    "type": "spot.released",
    "timestamp": "2026-03-02T09:49:12+00:00",
    "subject": "spot:central/A-12",
    "lot": "central",
    "data": _FREED,
}
_SENT = {"url": "https://accounting.example/parking", "name": "Accounting", "types": ["spot.released"], "lots": []}
_WEBHOOK: dict[str, Any] = {
    "id": 5,
    "operator": "acme",
    **_SENT,
    "status": "active",
    "after": 4711,
    "waiting": 1,
    "failing_since": None,
    "disabled_at": None,
    "old_secret_until": None,
    "created_at": "2026-02-01T08:00:00+00:00",
}
_SECRET = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
_DELIVERY: dict[str, Any] = {
    "id": 88123,
    "message_id": "evt_1_4711",
    "event": _EVENT,
    "status": "delivered",
    "tries": 2,
    "next_at": None,
    "tried_at": "2026-03-02T09:49:19+00:00",
    "status_code": 204,
    "answer": "",
    "error": "",
    "took_ms": 41,
}
_AGAIN = {"status": "waiting", "next_at": "2026-03-02T11:20:00+00:00"}
_ADMINS_ALONE = {403: {"forbidden": "You are no admin of the operator."}}
_OPERATORS = _ADMINS_ALONE | {404: {"not_found": "There is no such operator, or you may not see it."}}

EVENTS = described(answers={200: {"items": [_EVENT], "after": 4711, "last": 4711}}, refused=_OPERATORS)
WEBHOOKS = described(answers={200: page_of(_WEBHOOK)}, refused=_ADMINS_ALONE)
MAKE_WEBHOOK = described(
    sent=_SENT,
    answers={201: _WEBHOOK | {"waiting": 0} | _SECRET},
    refused=_OPERATORS,
    errors=[TooManyWebhooksError],
)
WEBHOOK = described(answers={200: _WEBHOOK}, refused=_ADMINS_ALONE)
CHANGE_WEBHOOK = described(
    sent={"status": "paused"}, answers={200: _WEBHOOK | {"status": "paused"}}, refused=_ADMINS_ALONE
)
REMOVE_WEBHOOK = described(refused=_ADMINS_ALONE)
ROLL_SECRET = described(
    answers={200: _WEBHOOK | {"old_secret_until": "2026-03-03T11:20:00+00:00"} | _SECRET}, refused=_ADMINS_ALONE
)
REPLAY = described(sent={"after": 4000}, answers={202: _WEBHOOK | {"after": 4000}}, refused=_ADMINS_ALONE)
DELIVERIES = described(answers={200: page_of(_DELIVERY)}, refused=_ADMINS_ALONE)
SEND_AGAIN = described(answers={202: _DELIVERY | _AGAIN}, refused=_ADMINS_ALONE, errors=[WebhookOffError])
