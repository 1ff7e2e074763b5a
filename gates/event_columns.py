"""The columns of exported events at gates."""

from django.db.models import F, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from exports.columns import code, instant, number, text

_PERSON = Coalesce(NullIf(F("person__name"), Value("")), F("person__email"))

EVENT_COLUMNS = (
    number("id", _("Event"), "pk"),
    instant("at", _("When"), "at", "lot__timezone"),
    instant("captured_at", _("By the device"), "captured_at", "lot__timezone"),
    code("lot", _("Lot"), "lot__slug"),
    code("gate", _("Gate"), "gate__code"),
    code("direction", _("Direction"), "gate__direction"),
    code("kind", _("Kind"), "kind"),
    text("plate", _("Plate"), "plate"),
    number("confidence", _("Confidence"), "confidence"),
    code("ticket", _("Ticket"), "ticket__number"),
    code("action", _("Answer"), "action"),
    code("reason", _("Reason"), "reason"),
    code("offline", _("Offline"), "offline"),
    number("skew_seconds", _("Clock off by, in seconds"), "skew_seconds"),
    code("flags", _("Flags"), NullIf(Cast("flags", TextField()), Value("[]"))),
    text("person", _("Person"), _PERSON),
    text("note", _("Note"), "note"),
)
