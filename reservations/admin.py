"""Reservations in the Django admin, read-only."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from reservations.models import Blackout, Reservation


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ["plate", "lot", "spot_type", "starts_at", "ends_at", "status", "driver"]
    list_filter = ["status", "lot"]
    search_fields = ["plate_normalised", "plate", "driver__email"]
    list_select_related = ["lot", "driver"]
    date_hierarchy = "starts_at"


@admin.register(Blackout)
class BlackoutAdmin(ReadOnlyAdmin):
    list_display = ["reason", "lot", "level", "spot_type", "starts_at", "ends_at", "made_by", "lifted_at"]
    list_filter = ["lot"]
    list_select_related = ["lot", "level", "made_by"]
    date_hierarchy = "starts_at"
