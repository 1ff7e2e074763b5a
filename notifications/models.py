"""The outbox of mails and texts, who can be reached and wants what, and the codes by which phones are verified."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import DELETED, Operator, User
from common.db.sealed_fields import EncryptedTextField, KeyedHashField
from common.phones import LONGEST_PHONE

LONGEST_ERROR = 500
LONGEST_TEXT = 320
LONGEST_PERSON = 270
LONGEST_PROVIDER = 100
LONGEST_REFERENCE = 200
LONGEST_ADDRESS = 254
ERASED = f"erased{DELETED}"
"""The recipient of the messages to somebody whose account was deleted."""


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    PARKED = "parked", pgettext_lazy("message", "Parked")
    LEFT_OUT = "left_out", _("Left out")


class MailOutcome(models.TextChoices):
    """What became of a mail or an address, as providers report it."""

    DELIVERED = "delivered", _("Arrived")
    BOUNCED = "bounced", _("Came back")
    COMPLAINED = "complained", _("Marked as spam")


class Message(models.Model):
    """One message, written in the same transaction as its cause and delivered later.

    `key` names the cause and is unique, so that a cause queues one message. A parked message was given up; `error` says
    why. One left out was not sent because its recipient doesn't want it, or it came too late. Admins of `operator` see
    it; a person's own mail, such as a sign-up, has none. An optional message is worth nothing after `expires_at`.
    `provider` sent it under its own `provider_reference`, and reported the `outcome`. One that its recipient got with
    others points to their `summary`.
    """

    key = models.CharField(max_length=120, unique=True)
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
    expires_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)
    provider = models.CharField(max_length=LONGEST_PROVIDER, blank=True, default="", db_default="")
    provider_reference = models.CharField(max_length=LONGEST_REFERENCE, blank=True, default="", db_default="")
    outcome = models.CharField(max_length=10, choices=MailOutcome.choices, blank=True, default="", db_default="")
    outcome_at = models.DateTimeField(null=True, blank=True)
    summary = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="parts", db_index=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_known"),
            models.CheckConstraint(
                condition=~Q(state__in=[MessageState.PARKED, MessageState.LEFT_OUT]) | ~Q(error=""),
                name="message_parked_says_why",
            ),
            models.CheckConstraint(condition=Q(outcome__in=["", *MailOutcome.values]), name="message_outcome_known"),
        ]
        indexes = [
            models.Index(fields=["operator", "-created_at"], name="message_of_operator"),
            models.Index(
                fields=["provider_reference"], condition=~Q(provider_reference=""), name="message_of_provider"
            ),
            models.Index(fields=["summary"], condition=Q(summary__isnull=False), name="message_of_summary"),
            models.Index(fields=["next_attempt_at"], condition=Q(state="queued"), name="message_due"),
            models.Index(fields=["created_at"], condition=Q(state="parked"), name="message_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.template} → {self.recipient}"

    @property
    def is_stuck(self) -> bool:
        """Return whether it was parked and can be sent again: not to a deleted account."""
        return self.state == MessageState.PARKED and self.recipient != ERASED


class TextMessage(models.Model):
    """One text to a phone, written in the same transaction as its cause and sent later.

    `key` names the cause and is unique. It is given up at `expires_at`. Once it was sent by a provider that really
    sends, its `text` is deleted.
    """

    key = models.CharField(max_length=120, unique=True)
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    phone = EncryptedTextField(max_length=LONGEST_PHONE)
    phone_hash = KeyedHashField(of="phone")
    text = EncryptedTextField(max_length=LONGEST_TEXT, blank=True)
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
            models.Index(fields=["phone_hash", "-created_at"], name="text_to_phone"),
        ]

    def __str__(self) -> str:
        return f"Text {self.key}"


class PhoneCode(models.Model):
    """A code that was sent to a phone, so that its owner shows to have it; only its digest is kept.

    `person` names who is asked. Only the last code of a person for a phone works, `tries` times, until `expires_at`.
    """

    person = models.CharField(max_length=LONGEST_PERSON)
    phone = EncryptedTextField(max_length=LONGEST_PHONE)
    phone_hash = KeyedHashField(of="phone")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["person", "-created_at"], name="phone_code_of_person"),
            models.Index(fields=["phone_hash", "-created_at"], name="phone_code_of_phone"),
        ]

    def __str__(self) -> str:
        return f"Code {self.pk}"


class MailAddress(models.Model):
    """An address that gets no mail any more, since a mail to it came back or was marked as spam.

    In lower case. `cleared_at` is when somebody said that it works again.
    """

    address = models.EmailField(unique=True)
    outcome = models.CharField(max_length=10, choices=MailOutcome.choices)
    since = models.DateTimeField()
    said = models.CharField(max_length=LONGEST_ERROR, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[MailOutcome.BOUNCED, MailOutcome.COMPLAINED]),
                name="mail_address_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return self.address


class MailEvent(models.Model):
    """What a provider reported about a mail; the same event counts once."""

    provider = models.CharField(max_length=LONGEST_PROVIDER)
    event_id = models.CharField(max_length=LONGEST_REFERENCE)
    outcome = models.CharField(max_length=10, choices=MailOutcome.choices)
    address = models.EmailField()
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="events")
    said = models.CharField(max_length=LONGEST_ERROR, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "event_id"], name="mail_event_once"),
            models.CheckConstraint(condition=Q(outcome__in=MailOutcome.values), name="mail_event_outcome_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.address}"


class MailProviderState(models.Model):
    """How a provider of mail has answered lately, shared by all workers; it is left alone until `away_until`."""

    name = models.CharField(max_length=LONGEST_PROVIDER, unique=True)
    failures = models.PositiveIntegerField(default=0)
    away_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True)

    def __str__(self) -> str:
        return self.name


class MessageChoices(models.Model):
    """What a person, or an address without an account, wants to be told, and when.

    `kinds` are the kinds that were chosen otherwise than usual, each with whether it is wanted. Between `quiet_from`
    and `quiet_until`, on the person's clock, nothing optional is sent. With `summary_at` what can wait comes once a day
    at that time. `by_text` sends what can't wait as a text, too.
    """

    person = models.OneToOneField(User, models.CASCADE, null=True, blank=True, related_name="message_choices")
    address = models.EmailField(blank=True, default="")
    kinds = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    summary_at = models.TimeField(null=True, blank=True)
    by_text = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, address="") | (Q(person__isnull=True) & ~Q(address="")),
                name="message_choices_of_person_or_address",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="message_choices_quiet_both",
            ),
            models.UniqueConstraint(
                fields=["address"], condition=~Q(address=""), name="message_choices_once_per_address"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person or self.address)
