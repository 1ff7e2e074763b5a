"""What payments and refunds look like in the OpenAPI document."""

from typing import Any

REFUND_SENT = {"amount": 350, "reason": "The lift was out of order.", "goodwill": True}
REFUND: dict[str, Any] = {
    "id": "31",
    "payment": 4711,
    "status": "returned",
    "amount": 350,
    "currency": "CHF",
    "reason": "The lift was out of order.",
    "goodwill": True,
    "created_at": "2026-03-02T12:40:00+01:00",
    "requested_by": "desk@acme.example",
    "decided_by": None,
    "decided_at": None,
    "decision_note": "",
    "returned_at": "2026-03-02T12:40:01+01:00",
    "failure": "",
    "credit_note": "C-2026-000012",
}
WAITING_REFUND = REFUND | {"id": "w7", "status": "waiting_for_approval", "returned_at": None, "credit_note": None}
PAYMENT: dict[str, Any] = {
    "id": 4711,
    "lot": "central",
    "label": "Parking from 08:15 to 10:47",
    "ticket": "PS-7K3M9QX244",
    "method": "card",
    "state": "captured",
    "amount": 700,
    "captured": 700,
    "refunded": 350,
    "held": 0,
    "currency": "CHF",
    "failure": "",
    "taken_by": "desk@acme.example",
    "receipt": "R-2026-004711",
    "created_at": "2026-03-02T10:45:00+01:00",
    "finished_at": "2026-03-02T10:45:02+01:00",
    "refunds": [REFUND],
}
REFUSED_REFUNDS = {
    403: {"forbidden": "It is your own payment, and you don't work there."},
    409: {
        "no_open_shift": "Cash comes out of a till, and you have no open shift at this operator.",
        "payment_not_captured": "The payment took no money: it is pending, failed or voided.",
        "refund_waiting": "Another refund of this payment waits for a second person.",
    },
    422: {
        "refund_exceeds_payment": "More than nothing can be given back, and no more than is left of the payment.",
    },
}
