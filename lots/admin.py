"""Places in the back office. Levels, zones and spots change under the lot's lock only, so they are shown here."""

from django.contrib import admin

from common.admin import BackOffice, ReadOnlyAdmin
from lots.models import Level, Lot, Spot, SpotCount, Zone


@admin.register(Lot)
class LotAdmin(BackOffice):
    list_display = ["name", "slug", "operator", "city", "tracking", "is_closed", "published", "archived_at"]
    list_filter = ["operator", "tracking", "is_closed", "published"]
    search_fields = ["search_text", "name", "slug", "city"]
    list_select_related = ["operator"]
    autocomplete_fields = ["operator"]
    readonly_fields = ["tracking", "created_at", "archived_at"]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002 Django's call
        """Lots are made on their own page or by a site file."""
        return False


@admin.register(Level)
class LevelAdmin(ReadOnlyAdmin):
    list_display = ["name", "number", "lot"]
    list_filter = ["lot"]
    search_fields = ["name", "lot__name"]
    list_select_related = ["lot"]


@admin.register(Zone)
class ZoneAdmin(ReadOnlyAdmin):
    list_display = ["name", "level", "spot_type", "count", "prefix", "distance", "elevator_distance"]
    list_filter = ["spot_type", "level__lot"]
    search_fields = ["name", "prefix"]
    list_select_related = ["level"]


@admin.register(Spot)
class SpotAdmin(ReadOnlyAdmin):
    list_display = ["number", "lot", "level", "spot_type", "status", "stay", "hold", "observed_at"]
    list_filter = ["status", "spot_type", "lot"]
    search_fields = ["number"]
    list_select_related = ["lot", "level"]


@admin.register(SpotCount)
class SpotCountAdmin(ReadOnlyAdmin):
    list_display = ["lot", "level", "spot_type", "total", "free", "occupied", "reserved", "maintenance"]
    list_filter = ["spot_type", "lot"]
    search_fields = ["lot__name", "lot__slug"]
    list_select_related = ["lot", "level"]
