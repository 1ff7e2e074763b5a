"""The outbox of messages."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator

LONGEST_ERROR = 500


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    PARKED = "parked", _("Parked")


class Message(models.Model):
    """One message, written in the same transaction as its cause and delivered later.

    `key` names the cause and is unique, so that a cause queues one message. A parked message was given up; `error` says
    why. Admins of `operator` see it; a person's own mail, such as a sign-up, has none.
    """

    key = models.CharField(max_length=120, unique=True)
    # No index: queries by operator are for queued or parked messages only, which are few.
    operator = models.ForeignKey(
        Operator, models.PROTECT, null=True, blank=True, related_name="messages", db_index=False
    )
    recipient = models.EmailField()
    template = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=~Q(state=MessageState.PARKED) | ~Q(error=""), name="message_parked_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["created_at"], condition=Q(state="parked"), name="message_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient}"
