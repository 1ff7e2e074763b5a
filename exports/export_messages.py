"""The kinds of messages about exports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from exports.export_mails import ATTACHED, READY
from notifications.kinds import Kind, KindGroup, register_kinds

_SAMPLE: dict[str, Any] = {
    "what": "Stays",
    "rows": 1240,
    "hours": 24,
    "until": "Sun 6 Dec 2026",
    "link": "https://parking.example/exports/signed/",
    "page": "https://parking.example/me/exports/",
}
_WHY = _("You asked for this file, and for a mail when it is ready.")

register_kinds(
    Kind(READY, _("Export ready"), KindGroup.REPORTS, why=_WHY, of_operator=False, sample=_SAMPLE),
    Kind(ATTACHED, _("Export ready, with its file"), KindGroup.REPORTS, why=_WHY, of_operator=False, sample=_SAMPLE),
)
