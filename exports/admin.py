"""Exports in the back office."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from exports.models import Export


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ["kind", "whose", "owner", "state", "rows", "size", "created_at", "finished_at", "failure"]
    list_filter = ["state", "kind", "whose", "file_format"]
    search_fields = ["owner__email"]
    list_select_related = ["owner"]
    date_hierarchy = "created_at"
    # With the nonce and its signature anybody could make the mailed link.
    exclude = ["nonce", "key"]
