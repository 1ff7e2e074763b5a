"""The record of changes in the back office: only ever read."""

from django.contrib import admin

from audit.models import AuditEntry, AuditHead
from common.web.admin import ReadOnlyAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["number", "at", "act", "subject", "row", "operator", "how", "by", "role"]
    list_filter = ["act", "how", "subject"]
    search_fields = ["row", "shown"]
    list_select_related = ["operator", "by"]
    exclude = ["salt"]


@admin.register(AuditHead)
class AuditHeadAdmin(ReadOnlyAdmin):
    list_display = ["last", "hash"]
