"""Devices in the back office. Their keys are issued on the pages of gates."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from devices.models import Device


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "gate", "lot", "key_prefix", "issued_at", "revoked_at"]
    list_filter = ["kind", ("revoked_at", admin.EmptyFieldListFilter), "lot"]
    search_fields = ["name", "key_prefix", "gate__code"]
    list_select_related = ["gate", "lot"]
    exclude = ["key_hash"]
