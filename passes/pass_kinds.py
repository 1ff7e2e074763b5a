"""The kinds of messages about passes."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, KindGroup, Words, register_kinds
from passes import pass_mails as mails

_SAMPLE: dict[str, Any] = {
    "operator": "Demo Parking",
    "lot": "City Garage",
    "name": "Month in the city",
    "code": "PP-7K3M9Q2R4T",
    "first_day": "Sun 29 Nov 2026",
    "last_day": "Mon 28 Dec 2026",
    "grace_until": "Mon 4 Jan 2027",
    "price": "CHF 240.00",
    "renews": True,
    "by_card": True,
    "by_invoice": False,
    "link": "https://parking.example/me/passes/PP-7K3M9Q2R4T/",
}
_WHY = _("You have this pass.")


def _kind(name: str, label: Words, **options: Any) -> Kind:
    return Kind(name, label, KindGroup.PASSES, why=_WHY, sample=_SAMPLE, **options)


register_kinds(
    _kind(mails.BEGUN, _("Pass begins")),
    _kind(mails.ENDS_SOON, _("Pass ends soon"), essential=False),
    _kind(mails.ENDS_TODAY, _("Last day of a pass"), essential=False),
    _kind(mails.BILLED, _("Next period of a pass billed")),
    _kind(mails.STILL_UNPAID, _("Pass not paid")),
    _kind(mails.CANCELLED, _("Pass cancelled")),
)
