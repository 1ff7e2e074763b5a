"""Places in the back office. Levels, zones and spots change under the lot's lock only, so they are shown here."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from common.web.admin import BackOffice, ReadOnlyAdmin
from lots.models import Gate, Level, Lot, Spot, SpotCount, Zone


@admin.register(Lot)
class LotAdmin(BackOffice):
    list_display = ["name", "slug", "operator", "city", "tracking", "is_closed", "published", "archived_at"]
    list_filter = ["operator", "tracking", "is_closed", "published"]
    search_fields = ["search_text", "name", "slug", "city"]
    list_select_related = ["operator"]
    autocomplete_fields = ["operator"]
    readonly_fields = ["tracking", "plates_by_region", "created_at", "archived_at"]

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
        """Show the switch under the name that the operators' pages use."""
        return super().get_form(*args, **{"labels": {"is_closed": _("Out of service")}} | options)

    def has_delete_permission(self, request: object, obj: Gate | None = None) -> bool:  # noqa: ARG002 Django's call
        """Disallow deleting: events refer to gates. Take one out of service instead."""
        return False
