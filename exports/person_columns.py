"""The columns of exported vehicles of a person, and of an operator's messages, members, blocked plates and permits."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from common.db.among import IsAmong
from exports.columns import code, instant, number, sealed, text
from lots.models import Lot

_HERE = Lot.objects.filter(IsAmong(F("pk"), OuterRef("lot_ids"))).order_by().values("operator")
_LOTS = Coalesce(Subquery(_HERE.annotate(named=StringAgg("slug", "/", order_by="slug")).values("named")), Value(""))

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
MEMBER_COLUMNS = (
    text("name", _("Name"), "user__name"),
    text("email", _("Email"), "user__email"),
    code("operator", _("Operator"), "operator__slug"),
    code("role", _("Role"), "role"),
    code("lots", _("Lots"), _LOTS),
    instant("since", _("Since"), "since"),
    instant("last_sign_in", _("Last sign-in"), "user__last_login"),
    code("second_factor", _("Second factor"), "has_second_factor"),
)
BLOCK_COLUMNS = (
    text("plate", _("Plate"), "plate"),
    code("region", _("Region"), "region"),
    sealed("reason", _("Reason"), "reason"),
    code("operator", _("Operator"), "operator__slug"),
    code("for_debts", _("For open debts"), "for_debts"),
    code("last_day", _("Last day"), "last_day"),
    code("lots", _("Lots"), _LOTS),
    number("attempts", _("Tried to come in"), "attempts"),
    instant("last_attempt_at", _("Last tried"), "last_attempt_at"),
    instant("blocked_at", _("Blocked"), "blocked_at"),
    text("blocked_by", _("Blocked by"), "blocked_by__email"),
    instant("lifted_at", _("Unblocked"), "lifted_at"),
)
PERMIT_COLUMNS = (
    text("plate", _("Plate"), "plate"),
    code("operator", _("Operator"), "operator__slug"),
    code("kind", _("Kind"), "kind"),
    text("number", _("Number"), "number"),
    code("valid_from", _("First day"), "valid_from"),
    code("valid_until", _("Last day"), "valid_until"),
)
