"""The outbox of mails and texts, and the codes by which phones are verified."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Operator
from common.phones import LONGEST_PHONE

LONGEST_ERROR = 500
LONGEST_TEXT = 320
LONGEST_PERSON = 270


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    PARKED = "parked", pgettext_lazy("message", "Parked")


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


class TextMessage(models.Model):
    """One text to a phone, written in the same transaction as its cause and sent later.

    `key` names the cause and is unique. It is given up at `expires_at`. Once it was sent by a provider that really
    sends, its `text` is deleted.
    """

    key = models.CharField(max_length=120, unique=True)
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    phone = models.CharField(max_length=LONGEST_PHONE)
    text = models.CharField(max_length=LONGEST_TEXT, blank=True)
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="text_state_known"),
            models.CheckConstraint(condition=~Q(state=MessageState.PARKED) | ~Q(error=""), name="text_parked_says_why"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="text_due"),
            models.Index(fields=["phone", "-created_at"], name="text_to_phone"),
        ]

    def __str__(self) -> str:
        return f"Text {self.key}"


class PhoneCode(models.Model):
    """A code that was sent to a phone, so that its owner shows to have it; only its digest is kept.

    `person` names who is asked. Only the last code of a person for a phone works, `tries` times, until `expires_at`.
    """

    person = models.CharField(max_length=LONGEST_PERSON)
    phone = models.CharField(max_length=LONGEST_PHONE)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="phone_code_of_person"),
            models.Index(fields=["phone", "-created_at"], name="phone_code_of_phone"),
        ]

    def __str__(self) -> str:
        return f"Code {self.pk}"
