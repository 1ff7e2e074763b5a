"""What drivers agreed to have charged at a gate, and charges of which they said that these were not theirs."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Vehicle
from billing.models.payments import Payment
from billing.models.saved_methods import SavedMethod
from common.db.sealed_fields import EncryptedTextField
from common.notes import LONGEST_NOTE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH


class WithdrawnWhy(models.TextChoices):
    DRIVER = "driver", _("stopped by you")
    TERMS = "terms", _("replaced by a new limit or card")
    VEHICLE = "vehicle", _("the vehicle was changed or removed")
    NOT_ME = "not_me", _("stopped because a payment was not yours")


class AutomaticPaymentQuerySet(models.QuerySet["AutomaticPayment"]):
    """Filters of agreements."""

    def standing(self) -> "AutomaticPaymentQuerySet":
        """Keep the agreements that nobody has withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def chargeable(self, at: datetime) -> "AutomaticPaymentQuerySet":
        """Keep those of which an exit at `at` may be charged: car, card and account are still what was agreed to."""
        return self.standing().filter(
            agreed_at__lte=at,
            vehicle__owner=F("driver"),
            vehicle__plate_normalised=F("plate_normalised"),
            saved_method__owner=F("driver"),
            saved_method__removed_at__isnull=True,
            driver__is_active=True,
        )


class AutomaticPayment(models.Model):
    """A driver's agreement that what a vehicle owes at an exit is charged to a saved card, up to a limit per stay.

    Its terms never change: another limit or card is another agreement. The limit is in minor units of `currency`. The
    row stays when driver, vehicle or card are gone, as the proof of what was charged by it.
    """

    driver = models.ForeignKey(User, models.SET_NULL, null=True, related_name="automatic_payments")
    vehicle = models.ForeignKey(Vehicle, models.SET_NULL, null=True, related_name="automatic_payments")
    saved_method = models.ForeignKey(SavedMethod, models.SET_NULL, null=True, related_name="automatic_payments")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    limit_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    agreed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=8, choices=WithdrawnWhy.choices, blank=True)

    objects = AutomaticPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-agreed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(limit_amount__gt=0), name="automatic_payment_limit_positive"),
            models.CheckConstraint(condition=~Q(plate_normalised=""), name="automatic_payment_plate_readable"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_why="")
                | Q(withdrawn_at__gte=F("agreed_at"), withdrawn_why__in=WithdrawnWhy.values),
                name="automatic_payment_withdrawn_says_why",
            ),
            models.UniqueConstraint(
                fields=["driver", "plate_normalised"],
                condition=Q(withdrawn_at__isnull=True),
                name="automatic_payment_once_per_driver_and_plate",
            ),
        ]
        indexes = [
            models.Index(
                fields=["plate_normalised"], condition=Q(withdrawn_at__isnull=True), name="automatic_payment_of_plate"
            )
        ]

    def __str__(self) -> str:
        return f"Automatic payment of {self.plate}"


class ObjectionOutcome(models.TextChoices):
    REFUNDED = "refunded", _("Refunded as goodwill")
    REJECTED = "rejected", _("Rejected")


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Filters of objections."""

    def waiting(self) -> "ObjectionQuerySet":
        """Keep those that nobody has decided."""
        return self.filter(decided_at__isnull=True)


class Objection(models.Model):
    """A driver's "this was not me" about an automatic payment, and what a person decided with which `word`."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="objection")
    raised_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=ObjectionOutcome.choices, blank=True)
    word = EncryptedTextField(max_length=LONGEST_NOTE, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, outcome="", word="")
                | Q(decided_at__isnull=False, outcome__in=ObjectionOutcome.values) & ~Q(word=""),
                name="objection_decided_with_a_word",
            )
        ]
        indexes = [
            models.Index(fields=["raised_at"], condition=Q(decided_at__isnull=True), name="objection_waiting"),
        ]

    def __str__(self) -> str:
        return f"Objection to payment {self.payment_id}"
