"""The columns of exported bookings, named as the API names them."""

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from exports.columns import amount, code, instant, number, text

_PAID = F("charge__captured_amount") - F("charge__refunded_amount")

BOOKING_COLUMNS = (
    number("id", _("Booking"), "pk"),
    code("code", _("Code"), "code"),
    code("status", _("State"), "status"),
    code("lot", _("Lot"), "lot__slug"),
    text("spot", _("Spot"), "spot__number"),
    number("level", _("Level"), "level__number"),
    code("spot_type", _("Kind of spot"), "spot_type"),
    instant("start", _("From"), "starts_at", "lot__timezone"),
    instant("end", _("Until"), "ends_at", "lot__timezone"),
    text("plate", _("Plate"), "plate"),
    code("vehicle_type", _("Vehicle"), "vehicle_type"),
    text("email", _("Email"), "email"),
    code("prepay", _("Prepaid"), "prepay"),
    code("currency", _("Currency"), "lot__currency"),
    amount("price", _("Price"), "price_amount", "lot__currency"),
    amount("paid", _("Paid"), Coalesce(_PAID, 0), "lot__currency"),
    amount("fee", _("Fee"), "fee_amount", "lot__currency"),
    amount("refunded", _("Refunded"), Coalesce(F("charge__refunded_amount"), 0), "lot__currency"),
    instant("created_at", _("Booked at"), "created_at", "lot__timezone"),
)
