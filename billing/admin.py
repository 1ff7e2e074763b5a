"""Money in the Django admin, read-only: only services move it."""

from django.contrib import admin

from billing.models import (
    CashMovement,
    Charge,
    Credit,
    DailyClose,
    Debt,
    Document,
    DocumentCounter,
    HourlySum,
    MonthlySum,
    OperatorSum,
    Payment,
    Posting,
    Refund,
    RefundRequest,
    Shift,
    ShiftCount,
    Tariff,
)
from common.web.admin import ReadOnlyAdmin


@admin.register(Tariff)
class TariffAdmin(ReadOnlyAdmin):
    list_display = ["name", "lot", "valid_from", "valid_until", "revision", "superseded_at"]
    list_filter = [("superseded_at", admin.EmptyFieldListFilter), "lot"]
    search_fields = ["name", "lot__name"]
    list_select_related = ["lot"]


@admin.register(Charge)
class ChargeAdmin(ReadOnlyAdmin):
    list_display = ["label", "lot", "currency", "due_amount", "captured_amount", "balance_amount", "settled_at"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "lot"]
    search_fields = ["label"]
    list_select_related = ["lot"]
    date_hierarchy = "created_at"


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ["id", "charge", "method", "state", "amount", "captured_amount", "taken_by", "created_at"]
    list_filter = ["method", "state", "charge__lot"]
    search_fields = ["provider_reference", "charge__label"]
    list_select_related = ["charge", "taken_by"]
    date_hierarchy = "created_at"


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["id", "payment", "amount", "reason", "refunded_by", "created_at"]
    search_fields = ["reason", "payment__provider_reference"]
    list_filter = ["payment__charge__lot"]
    list_select_related = ["payment", "refunded_by"]
    date_hierarchy = "created_at"


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin):
    list_display = ["id", "payment", "amount", "state", "requested_by", "decided_by", "requested_at"]
    list_filter = ["state", "payment__charge__lot"]
    list_select_related = ["payment", "requested_by", "decided_by"]
    date_hierarchy = "requested_at"


@admin.register(Credit)
class CreditAdmin(ReadOnlyAdmin):
    list_display = ["id", "charge", "amount", "reason", "granted_by", "created_at"]
    search_fields = ["reason", "charge__label"]
    list_filter = ["charge__lot"]
    list_select_related = ["charge", "granted_by"]
    date_hierarchy = "created_at"


@admin.register(Debt)
class DebtAdmin(ReadOnlyAdmin):
    list_display = ["plate", "operator", "amount", "reason", "created_at", "settled_at"]
    list_filter = [("settled_at", admin.EmptyFieldListFilter), "operator"]
    search_fields = ["plate_normalised", "plate"]
    list_select_related = ["operator"]
    date_hierarchy = "created_at"


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    list_display = ["number", "operator", "lot", "total_amount", "currency", "issued_at"]
    list_filter = ["kind", "operator"]
    search_fields = ["number"]
    list_select_related = ["operator", "lot"]
    date_hierarchy = "issued_at"


@admin.register(DocumentCounter)
class DocumentCounterAdmin(ReadOnlyAdmin):
    list_display = ["operator", "kind", "year", "last_number"]
    list_filter = ["kind", "operator"]
    list_select_related = ["operator"]


@admin.register(Posting)
class PostingAdmin(ReadOnlyAdmin):
    list_display = ["id", "kind", "charge", "amount", "currency", "method", "at", "day", "adjusts"]
    list_filter = ["kind", ("adjusts", admin.EmptyFieldListFilter), "lot"]
    search_fields = ["charge__label"]
    list_select_related = ["charge"]


@admin.register(DailyClose)
class DailyCloseAdmin(ReadOnlyAdmin):
    list_display = ["day", "lot", "currency", "charged", "credited", "captured", "refunded", "tax", "outstanding"]
    list_filter = ["lot"]
    list_select_related = ["lot"]


@admin.register(HourlySum, MonthlySum, OperatorSum)
class SumAdmin(ReadOnlyAdmin):
    list_display = ["id", "__str__", "currency", "charged", "credited", "captured", "refunded", "tax", "stays"]


@admin.register(Shift)
class ShiftAdmin(ReadOnlyAdmin):
    list_display = ["id", "holder", "lot", "drawer", "state", "opened_at", "closed_at"]
    list_filter = ["state", "lot"]
    search_fields = ["drawer", "person__email"]
    list_select_related = ["person", "device", "lot"]
    date_hierarchy = "opened_at"


@admin.register(CashMovement)
class CashMovementAdmin(ReadOnlyAdmin):
    list_display = ["id", "shift", "kind", "amount", "reason", "moved_by", "created_at"]
    list_filter = ["kind", "shift__lot"]
    search_fields = ["reason"]
    list_select_related = ["shift__person", "shift__device", "moved_by"]
    date_hierarchy = "created_at"


@admin.register(ShiftCount)
class ShiftCountAdmin(ReadOnlyAdmin):
    list_display = ["id", "shift", "round", "tender", "currency", "counted_amount", "expected_amount", "counted_at"]
    list_filter = ["tender", "shift__lot"]
    list_select_related = ["shift__person", "shift__device"]
    date_hierarchy = "counted_at"
