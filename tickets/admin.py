"""Stays in the back office, with the history of each."""

from typing import TYPE_CHECKING

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from tickets.models import StayProof, Ticket, TicketChange

if TYPE_CHECKING:
    ChangeRows = admin.TabularInline[TicketChange, Ticket]
else:
    ChangeRows = admin.TabularInline


class TicketChangeInline(ChangeRows):
    model = TicketChange
    fields = ["at", "from_status", "to_status", "by", "why"]
    extra = 0
    can_delete = False


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    list_display = ["number", "plate", "lot", "status", "entry_at", "exit_at", "closed_reason"]
    list_filter = ["status", "lot"]
    search_fields = ["number", "plate_normalised", "plate"]
    list_select_related = ["lot"]
    date_hierarchy = "entry_at"
    # The token lets anyone pay and see the stay.
    exclude = ["token"]
    inlines = [TicketChangeInline]


@admin.register(TicketChange)
class TicketChangeAdmin(ReadOnlyAdmin):
    list_display = ["ticket", "from_status", "to_status", "at", "by", "why"]
    list_filter = ["to_status"]
    search_fields = ["ticket__number", "why"]
    list_select_related = ["ticket", "by"]
    date_hierarchy = "at"


@admin.register(StayProof)
class StayProofAdmin(ReadOnlyAdmin):
    list_display = ["ticket", "driver", "kind", "proven_at"]
    list_filter = ["kind"]
    search_fields = ["ticket__number", "driver__email"]
    list_select_related = ["ticket", "driver"]
