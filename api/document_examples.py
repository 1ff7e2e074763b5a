"""What documents look like in the OpenAPI document."""

from typing import Any

LISTED_DOCUMENT: dict[str, Any] = {
    "id": 912,
    "number": "R-2026-004711",
    "kind": "receipt",
    "lot": "central",
    "issued_at": "2026-03-02T10:45:02+01:00",
    "currency": "CHF",
    "total": 700,
    "tax": 52,
    "about": None,
    "link": "https://parking.example/d/5cQ2w8Zr1tB7uY0pLkJh3g/",
}
DOCUMENT = LISTED_DOCUMENT | {
    "operator": "acme",
    "issuer": {"name": "Acme Parking Ltd", "address": "1 Main St", "tax_id": "CHE-123.456.789", "country": "CH"},
    "recipient": None,
    "reason": "",
    "items": [
        {
            "label": "Parking from 08:15 to 10:47",
            "lot": "Central Garage",
            "lot_address": "1 Main St, 8001 Zürich",
            "reference": "PS-7K3M9QX244",
            "plate": "ZH 123456",
            "entry": "2026-03-02T08:15:04+01:00",
            "until": "2026-03-02T10:45:02+01:00",
        }
    ],
    "lines": [{"label": "Parking", "amount": 700, "tax_percent": "8.1", "item": 0}],
    "taxes": [{"percent": "8.1", "net": 648, "tax": 52, "total": 700}],
    "payments": [{"method": "card", "amount": 700, "at": "2026-03-02T10:45:02+01:00", "tendered": None, "change": 0}],
    "corrections": [],
    "signature": "",
}
