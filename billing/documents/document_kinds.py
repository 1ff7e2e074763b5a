"""The kind of message that brings a document."""

from django.utils.translation import gettext_lazy as _

from billing.documents.mails import TEMPLATE
from notifications.kinds import Kind, KindGroup, register_kinds

register_kinds(
    Kind(
        TEMPLATE,
        _("Receipt, invoice or credit note"),
        KindGroup.MONEY,
        _("You asked for this document, or it is about what you paid or owe."),
        multiline=frozenset({"address"}),
        sample={
            "kind": "R",
            "title": "Receipt R-2026-000417",
            "issued": "Fri 27 Nov 2026 10:47",
            "issuer": {"name": "Acme Parking AG", "address": "Main Street 1\n8001 Zürich", "tax_id": "CHE-123.456.789"},
            "recipient": None,
            "about": "",
            "reason": "",
            "items": [
                {
                    "lot": "City Garage",
                    "lot_address": "Löwenstrasse 12, 8001 Zürich",
                    "reference": "PS-7K3M9QX244",
                    "plate": "ZH 314 159",
                    "entry": "Fri 27 Nov 2026 08:15",
                    "until": "Fri 27 Nov 2026 10:47",
                    "until_label": "Left",
                }
            ],
            "lines": [{"label": "08:15–10:47, 6 × 30 min", "amount": "CHF 12.00"}],
            "total": "CHF 12.00",
            "taxes": [{"percent": "8.1", "net": "CHF 11.10", "tax": "CHF 0.90"}],
            "payments": [{"method": "Card", "at": "Fri 27 Nov 2026 10:46", "amount": "CHF 12.00"}],
            "pay_link": "",
            "link": "https://parking.example/d/token/",
        },
    )
)
