"""Lanes in the back office: events are only ever read."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from gates.models import GateEvent


@admin.register(GateEvent)
class GateEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "gate", "kind", "plate", "action", "reason", "offline", "ticket"]
    list_filter = ["kind", "action", "offline", "lot"]
    search_fields = ["plate_normalised", "event_id", "ticket__number"]
    list_select_related = ["gate", "ticket"]
    date_hierarchy = "received_at"
    exclude = ["body_hash"]
