"""The books: every change of money as a posting, and the sums that pages read."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Operator, User
from billing.models.charges import Charge
from billing.models.tariffs import Tariff
from lots.models import Lot


class PostingKind(models.TextChoices):
    """What moved: what is due, a credit, a payment or a refund."""

    CHARGED = "charged", pgettext_lazy("books", "Charged")
    CREDITED = "credited", _("Credited")
    CAPTURED = "captured", _("Captured")
    REFUNDED = "refunded", _("Refunded")


class Measures(models.Model):
    """What is summed up, in minor units of one currency; `stays` counts charges at their first payment."""

    charged = models.BigIntegerField(default=0)
    credited = models.BigIntegerField(default=0)
    captured = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(default=0)
    stays = models.BigIntegerField(default=0)
    payments = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class PostingFacts(models.Model):
    """The columns of a posting, in its table and in the view of all postings with their place in the books.

    `source` is the key of the payment, refund or credit; None for a change of the due amount. `amount` is negative when
    something is taken back. `tax` is what the posting changed of the tax inside the charge's net takings. `at` is when
    it counts, `recorded_at` when it was written. `cashier` is who took, gave back or waived; the account may be gone.
    """

    lot = models.ForeignKey(Lot, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False)
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=8, choices=PostingKind.choices)
    source = models.BigIntegerField(null=True, blank=True)
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    stays = models.SmallIntegerField(default=0)
    method = models.CharField(max_length=10, blank=True)
    tariff = models.ForeignKey(
        Tariff, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    cashier = models.ForeignKey(
        User, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    day = models.DateField(null=True, blank=True)
    hour = models.SmallIntegerField(null=True, blank=True)
    adjusts = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class Posting(PostingFacts):
    """One change of a charge's due amount, credits, payments or refunds; append-only.

    Triggers write it in the statement of its cause, and nothing else does. A worker places it in the books later: `day`
    and `hour` are local to the lot. When its day was closed before, it counts on the day on which it was recorded and
    `adjusts` the closed one.
    """

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PostingKind.values), name="posting_kind_known"),
            models.CheckConstraint(
                condition=Q(day__isnull=True, hour__isnull=True, adjusts__isnull=True)
                | Q(day__isnull=False, hour__isnull=False),
                name="posting_placed_as_a_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(day__isnull=True), name="posting_unbooked"),
            models.Index(fields=["lot", "day", "hour"], condition=Q(day__isnull=False), name="posting_of_day"),
            models.Index(fields=["lot", "day"], condition=Q(adjusts__isnull=False), name="posting_adjusting"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class BookLine(PostingFacts):
    """A posting with its place in the books, also before the worker has placed it: a view of the database."""

    class Meta:
        managed = False
        db_table = "billing_bookline"

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class SumOfLot(Measures):
    """What the sums of a lot are told apart by, beside their time."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    method = models.CharField(max_length=10, blank=True)
    tariff = models.ForeignKey(
        Tariff, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )
    cashier = models.ForeignKey(
        User, models.DO_NOTHING, null=True, blank=True, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        abstract = True


class HourlySum(SumOfLot):
    """The booked postings of a lot's local hour, by method, tariff and cashier."""

    day = models.DateField()
    hour = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "day", "hour", "currency", "method", "tariff", "cashier"],
                nulls_distinct=False,
                name="hourly_sum_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.hour:02d}"


class MonthlySum(SumOfLot):
    """The same for a lot's local month; `month` is its first day."""

    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "month", "currency", "method", "tariff", "cashier"],
                nulls_distinct=False,
                name="monthly_sum_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class OperatorSum(Measures):
    """The booked postings of all lots of an operator in one local hour."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    day = models.DateField()
    hour = models.SmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["operator", "day", "hour", "currency"], name="operator_sum_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.hour:02d}"


class DailyClose(Measures):
    """The figures of a lot's day as they were frozen; what comes later counts as an adjustment on a later day.

    `outstanding` is what was owed at the end of the day.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="daily_closes", db_index=False)
    day = models.DateField()
    currency = models.CharField(max_length=3)
    outstanding = models.BigIntegerField()
    closed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "day", "currency"], name="daily_close_once")]

    def __str__(self) -> str:
        return str(self.day)
