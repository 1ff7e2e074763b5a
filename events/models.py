"""What happened at an operator's lots, for the programs of others."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator, User
from common.db.sealed_fields import EncryptedTextField


class EventType(models.TextChoices):
    """What happened; the part before the dot is the kind of the event's subject."""

    SPOT_OCCUPIED = "spot.occupied", _("A spot is occupied")
    SPOT_RELEASED = "spot.released", _("A spot is no longer occupied")
    STAY_OPENED = "stay.opened", _("A car came in")
    STAY_CHANGED = "stay.changed", _("A stay's plate, place, entry or payment changed")
    STAY_CLOSED = "stay.closed", _("A stay ended")
    RESERVATION_CREATED = "reservation.created", _("A booking was made")
    RESERVATION_CHANGED = "reservation.changed", _("A booking changed")
    RESERVATION_CANCELLED = "reservation.cancelled", _("A booking was cancelled")
    RESERVATION_NO_SHOW = "reservation.no_show", _("A booked car did not come")
    PAYMENT_CAPTURED = "payment.captured", _("A payment was captured")
    PAYMENT_FAILED = "payment.failed", _("A payment failed")
    PAYMENT_REFUNDED = "payment.refunded", _("Money was given back, or a refund was taken back")
    DEBT_OPENED = "debt.opened", _("A debt was opened, or its amount changed")
    DEBT_SETTLED = "debt.settled", _("A debt was settled")
    PASS_BEGUN = "pass.begun", _("A pass began")
    PASS_RENEWED = "pass.renewed", _("A pass was renewed")
    PASS_SUSPENDED = "pass.suspended", _("A pass was suspended")
    PASS_RESUMED = "pass.resumed", _("A pass was resumed")
    PASS_CANCELLED = "pass.cancelled", _("A pass was cancelled")
    PASS_ENDED = "pass.ended", _("A pass ended")
    USER_REGISTERED = "user.registered", _("A person joined the operator's people")
    LOT_FULL = "lot.full", _("A lot is full")
    LOT_FREE = "lot.free", _("A full lot has space again")
    DEVICE_SILENT = "device.silent", _("A gate is silent")


class EventQuerySet(models.QuerySet["Event"]):
    """Filters of events."""

    def after(self, operator: Operator, number: int) -> "EventQuerySet":
        """Keep an operator's numbered events that follow one, in their order."""
        return self.filter(operator=operator, number__gt=number).order_by("number")


class Event(models.Model):
    """One fact, written by a trigger of the table that it is about, in the transaction of its cause.

    `data` is its subject as it was then, with the names that the API uses. `id` rises with the order in which events of
    one subject, and of one lot where its lock decides, were written; but transactions commit in another order. So a
    reader gets events by their `number`, from 1 without gaps for each operator, which they have only after their
    commit. The `lot` is the slug of that time. `at` is when it happened, which a late record may put into the past.
    """

    number = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(_("type"), max_length=24, choices=EventType.choices)
    subject = models.CharField(max_length=120)
    operator = models.ForeignKey(
        Operator, models.CASCADE, related_name="events", db_index=False, db_constraint=False, editable=False
    )
    lot = models.CharField(max_length=60, null=True, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    data = models.JSONField()

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "number"], condition=Q(number__isnull=False), name="event_number_once_per_operator"
            ),
            models.UniqueConstraint(
                fields=["subject", "at"], condition=Q(kind="device.silent"), name="event_silence_once"
            ),
            # No constraint of the type: each gate read would pay for it, and only triggers write them.
        ]
        indexes = [models.Index(fields=["id"], condition=Q(number__isnull=True), name="event_without_number")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class EventCounter(models.Model):
    """The number of an operator's latest event; it stays when events are removed."""

    operator = models.OneToOneField(Operator, models.CASCADE, related_name="+", primary_key=True)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.operator_id}: {self.last}"


class WebhookState(models.TextChoices):
    """A disabled one was switched off by its receiver's answer 410; both wait where they are."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    DISABLED = "disabled", _("Disabled")


class Webhook(models.Model):
    """An address of an operator's own that its events are sent to; of all types and lots unless some are named.

    Events up to the number `after` have been planned. After a roll the earlier secret
    signs, too, until `old_secret_until`. `failing_since`: no try has got through since.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    types = models.JSONField(default=list, blank=True)
    lots = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=8, choices=WebhookState.choices, default=WebhookState.ACTIVE)
    after = models.BigIntegerField(default=0)
    secret = EncryptedTextField(editable=False)
    old_secret = EncryptedTextField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=WebhookState.values), name="webhook_state_known"),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class WebhookDelivery(models.Model):
    """One event on its way to one webhook. A worker that sends it has a `claim` on it for a while.

    Nothing of a subject is sent while something earlier of it waits. `status_code` and the beginning of the `answer`
    are those of the last try, `error` is why it got none.
    """

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    number = models.BigIntegerField()
    subject = models.CharField(max_length=120)
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True)
    error = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once_per_webhook_and_event"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["webhook", "-number"], name="delivery_of_webhook"),
            models.Index(
                fields=["webhook", "subject", "number"], condition=Q(state="waiting"), name="delivery_waiting"
            ),
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="delivery_due"),
            models.Index(fields=["planned_at"], name="delivery_planned"),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id}: {self.number}"


class EventStream(models.Model):
    """A Redis stream or a Kafka topic that events were sent to, by its address without the password.

    `mark` is what the server called the last entry. While it is away it is tried again at `next_at`.
    """

    label = models.CharField(max_length=500, unique=True)
    mark = models.CharField(max_length=60, blank=True, editable=False)
    failing_since = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.label


class StreamCursor(models.Model):
    """How far a stream is with the events of an operator: it has confirmed those up to the number `after`."""

    stream = models.ForeignKey(EventStream, models.CASCADE, related_name="cursors", db_index=False)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="+", db_index=False)
    after = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["stream", "operator"], name="cursor_once_per_stream_and_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id}: {self.operator_id} after {self.after}"
