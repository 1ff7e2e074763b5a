"""The columns of exported passes, named as the API names them."""

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from exports.columns import amount, code, instant, number, text
from passes.models import PassPlate

_NOTHING = Value("")
_HOLDER = Coalesce(F("company__name"), NullIf(F("holder_name"), _NOTHING), F("holder__name"), _NOTHING)
_CURRENT = PassPlate.objects.current().filter(held_pass=OuterRef("pk")).order_by().values("held_pass")
_PLATES = Subquery(_CURRENT.annotate(listed=StringAgg("plate", " ", order_by="pk")).values("listed"))

PASS_COLUMNS = (
    number("id", _("Pass"), "pk"),
    code("code", _("Code"), "code"),
    text("name", _("Name"), "name"),
    code("kind", _("Kind"), "kind"),
    code("status", _("State"), "status"),
    code("lot", _("Lot"), "lot__slug"),
    text("holder", _("Who"), _HOLDER),
    text("email", _("Email"), Coalesce(NullIf(F("email"), _NOTHING), F("holder__email"), _NOTHING)),
    text("plates", _("Plates"), Coalesce(_PLATES, _NOTHING)),
    text("valid_from", _("First day"), Cast("valid_from", TextField())),
    text("valid_until", _("Last day"), Cast("valid_until", TextField())),
    number("entries_left", _("Entries left"), "entries_left"),
    code("currency", _("Currency"), "lot__currency"),
    amount("price", _("Price"), "price_amount", "lot__currency"),
    code("renewal", _("Renewal"), "renewal"),
    instant("created_at", _("Made at"), "created_at", "lot__timezone"),
)
