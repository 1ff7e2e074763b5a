"""Reservations in the Django admin, read-only."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from reservations.models import Reservation


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["plate", "lot", "spot_type", "starts_at", "ends_at", "status", "driver"]
    list_filter = ["status", "lot"]
    search_fields = ["plate_normalised", "plate", "driver__email"]
    list_select_related = ["lot", "driver"]
    date_hierarchy = "starts_at"
