"""The columns of exported payments, documents, debts and postings, named as the API names them."""

from django.db.models import Case, F, OuterRef, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from billing.models import DocumentKind, Refund
from exports.columns import amount, code, instant, number, text

_GIVEN_BACK = Refund.objects.filter(payment=OuterRef("pk")).order_by().values("payment").values(sum=Sum("amount"))
_CASHIER = Coalesce(NullIf(F("cashier__name"), Value("")), F("cashier__email"))
_TAKEN_BY = Coalesce(NullIf(F("taken_by__name"), Value("")), F("taken_by__email"))
_KINDS = Case(*(When(kind=kind.value, then=Value(kind.name.lower())) for kind in DocumentKind))

OWN_PAYMENT_COLUMNS = (
    number("id", _("Payment"), "pk"),
    instant("created_at", _("Begun"), "created_at", "charge__lot__timezone"),
    instant("finished_at", _("Paid at"), "finished_at", "charge__lot__timezone"),
    code("lot", _("Lot"), "charge__lot__slug"),
    code("ticket", _("Ticket"), "charge__ticket__number"),
    text("label", _("For"), "charge__label"),
    code("method", _("Method"), "method"),
    code("status", _("State"), "state"),
    code("currency", _("Currency"), "charge__currency"),
    amount("amount", _("Asked for"), "amount", "charge__currency"),
    amount("captured", _("Paid"), "captured_amount", "charge__currency"),
    amount("refunded", _("Refunded"), Coalesce(Subquery(_GIVEN_BACK), 0), "charge__currency"),
    code("receipt_number", _("Receipt"), "receipt__number"),
)
PAYMENT_COLUMNS = (
    *OWN_PAYMENT_COLUMNS,
    text("plate", _("Plate"), "charge__ticket__plate"),
    text("taken_by", _("Taken by"), _TAKEN_BY),
)
DOCUMENT_COLUMNS = (
    code("number", _("Number"), "number"),
    code("kind", _("Kind"), _KINDS),
    instant("issued_at", _("Issued"), "issued_at", "lot__timezone"),
    code("lot", _("Lot"), "lot__slug"),
    text("plate", _("Plate"), "plate_normalised"),
    code("about", _("Corrects"), "about__number"),
    code("currency", _("Currency"), "currency"),
    amount("total", _("Total"), "total_amount", "currency"),
    amount("tax", _("Tax"), "tax_amount", "currency"),
)
DEBT_COLUMNS = (
    number("id", _("Debt"), "pk"),
    text("plate", _("Plate"), "plate"),
    text("region", _("Region"), "region"),
    code("lot", _("Lot"), "charge__lot__slug"),
    code("ticket", _("Ticket"), "charge__ticket__number"),
    instant("created_at", _("Since"), "created_at", "charge__lot__timezone"),
    text("reason", _("Why"), "reason"),
    code("currency", _("Currency"), "charge__currency"),
    amount("amount", _("Debt at first"), "amount", "charge__currency"),
    amount("owed", _("Owed"), "charge__balance_amount", "charge__currency"),
    instant("settled_at", _("Settled"), "settled_at", "charge__lot__timezone"),
)
POSTING_COLUMNS = (
    instant("at", _("When"), "at", "lot__timezone"),
    text("lot", _("Lot"), "lot__name"),
    code("kind", _("Kind"), "kind"),
    code("method", _("Method"), "method"),
    amount("amount", _("Amount"), "amount", "currency"),
    amount("tax", _("Tax"), "tax", "currency"),
    code("currency", _("Currency"), "currency"),
    text("thing", _("For"), Coalesce(F("charge__ticket__number"), F("charge__label"))),
    text("cashier", _("Cashier"), _CASHIER),
    code("day", _("Day"), "day"),
    number("hour", _("Hour"), "hour"),
    code("adjusts", _("Adjusts"), "adjusts"),
)
