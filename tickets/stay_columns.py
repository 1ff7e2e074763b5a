"""The columns of exported stays, named as the API names them."""

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from exports.columns import amount, code, instant, number, text

_PAID = F("charge__captured_amount") - F("charge__refunded_amount")

STAY_COLUMNS = (
    code("number", _("Ticket"), "number"),
    code("status", _("Status"), "status"),
    code("lot", _("Lot"), "lot__slug"),
    text("plate", _("Plate"), "plate"),
    code("vehicle_type", _("Vehicle"), "vehicle_type"),
    instant("entry_time", _("In"), "entry_at", "lot__timezone"),
    instant("exit_time", _("Out"), "exit_at", "lot__timezone"),
    text("spot", _("Spot"), "spot__number"),
    number("level", _("Level"), "level__number"),
    code("currency", _("Currency"), "lot__currency"),
    amount("due", _("Due"), Coalesce(F("charge__due_amount"), 0), "lot__currency"),
    amount("paid", _("Paid"), Coalesce(_PAID, 0), "lot__currency"),
    amount("owed", _("Owed"), Coalesce(F("charge__balance_amount"), 0), "lot__currency"),
    code("closed_reason", _("Ended as"), "closed_reason"),
)

PARKED_COLUMNS = (
    text("plate", _("Plate"), "plate_normalised"),
    code("lot", _("Lot"), "lot__slug"),
    code("vehicle_type", _("Vehicle"), "kind"),
    number("stays", _("Stays"), "stays"),
    instant("first_entry_time", _("First in"), "first_at", "lot__timezone"),
    instant("last_entry_time", _("Last in"), "last_at", "lot__timezone"),
)
"""Of the vehicles that have parked at lots: one row a plate and lot (`vehicles_parked`)."""
