"""The columns of exported vehicles of a person and messages of an operator."""

from django.utils.translation import gettext_lazy as _

from exports.columns import code, instant, number, text

VEHICLE_COLUMNS = (
    text("plate", _("Plate"), "plate"),
    code("vehicle_type", _("Vehicle"), "vehicle_type"),
    code("electric", _("Electric"), "electric"),
    instant("added_at", _("Added"), "added_at"),
)
MESSAGE_COLUMNS = (
    number("id", _("Message"), "pk"),
    instant("created_at", _("Written"), "created_at"),
    text("recipient", _("To"), "recipient"),
    code("template", _("What"), "template"),
    code("status", _("State"), "state"),
    number("attempts", _("Attempts"), "attempts"),
    instant("sent_at", _("Sent"), "sent_at"),
    text("error", _("What went wrong"), "error"),
)
