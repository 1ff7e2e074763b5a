"""Lanes in the back office. Keys are issued on the gates' own pages; events are only ever read."""

from typing import Any

from django.contrib import admin

from common.admin import BackOffice, ReadOnlyAdmin
from gates.models import Device, Gate, GateEvent


@admin.register(Gate)
class GateAdmin(BackOffice):
    list_display = ["code", "name", "lot", "direction", "level", "confirms_passage", "in_service"]
    list_filter = ["direction", "is_closed", "lot"]
    search_fields = ["code", "name", "lot__name"]
    list_select_related = ["lot"]
    autocomplete_fields = ["lot"]

    @admin.display(boolean=True, ordering="-is_closed")
    def in_service(self, gate: Gate) -> bool:
        """Return whether the gate takes walk-ins."""
        return not gate.is_closed

    def get_form(self, *args: Any, **options: Any) -> Any:
        """Call the switch what the operators' pages call it."""
        return super().get_form(*args, **{"labels": {"is_closed": "Out of service"}} | options)

    def has_delete_permission(self, request: object, obj: Gate | None = None) -> bool:  # noqa: ARG002 Django's call
        """Keep gates for their events; take one out of service instead."""
        return False


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "gate", "lot", "key_prefix", "issued_at", "revoked_at"]
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter), "lot"]
    search_fields = ["name", "key_prefix", "gate__code"]
    list_select_related = ["gate", "lot"]
    exclude = ["key_hash"]


@admin.register(GateEvent)
class GateEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "gate", "kind", "plate", "action", "reason", "offline", "ticket"]
    list_filter = ["kind", "action", "offline", "lot"]
    search_fields = ["plate_normalised", "event_id", "ticket__number"]
    list_select_related = ["gate", "ticket"]
    date_hierarchy = "received_at"
    exclude = ["body_hash"]
