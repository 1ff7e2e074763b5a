"""Events, webhooks and streams in the back office: only ever read."""

from django.contrib import admin

from common.web.admin import ReadOnlyAdmin
from events.models import Event, EventStream, StreamCursor, Webhook, WebhookDelivery


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["id", "number", "kind", "subject", "operator", "lot", "at"]
    list_filter = ["kind", "operator"]
    search_fields = ["subject"]
    list_select_related = ["operator"]
    show_full_result_count = False


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ["name", "operator", "url", "state", "after", "failing_since", "disabled_at"]
    list_filter = ["state"]
    list_select_related = ["operator"]
    exclude = ["secret", "old_secret", "idempotency_key"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["webhook", "number", "subject", "state", "tries", "status_code", "tried_at"]
    list_filter = ["state"]
    search_fields = ["subject"]
    list_select_related = ["webhook"]
    raw_id_fields = ["event"]


@admin.register(EventStream)
class EventStreamAdmin(ReadOnlyAdmin):
    list_display = ["label", "failing_since", "failures", "next_at", "error"]


@admin.register(StreamCursor)
class StreamCursorAdmin(ReadOnlyAdmin):
    list_display = ["stream", "operator", "after", "sent_at"]
    list_select_related = ["stream", "operator"]
