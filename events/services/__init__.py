"""Every write of events, webhooks and streams: numbering, planning, sending, removing."""

from events.services.forgetting import clear_events, forget_event_plates, forget_plates_of_subjects
from events.services.numbering import number_events
from events.services.planning import plan_deliveries
from events.services.recording import record_silence
from events.services.sending import deliver_webhooks, message_id, run_webhooks
from events.services.streaming import rewind_stream, run_stream, stream_events
from events.services.webhooks import (
    WebhookWish,
    change_webhook,
    make_webhook,
    pause_webhook,
    remove_webhook,
    replay_events,
    resume_webhook,
    roll_secret,
    send_again,
)

__all__ = [
    "WebhookWish",
    "change_webhook",
    "clear_events",
    "deliver_webhooks",
    "forget_event_plates",
    "forget_plates_of_subjects",
    "make_webhook",
    "message_id",
    "number_events",
    "pause_webhook",
    "plan_deliveries",
    "record_silence",
    "remove_webhook",
    "replay_events",
    "resume_webhook",
    "rewind_stream",
    "roll_secret",
    "run_stream",
    "run_webhooks",
    "send_again",
    "stream_events",
]
