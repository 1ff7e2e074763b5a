"""Promo codes, and each use of one."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Operator, User
from billing.models.charges import Charge
from billing.models.payments import Payment
from common.plates import MAX_LENGTH
from lots.models import Lot

LONGEST_CODE = 40


class PromoCode(models.Model):
    """A code that lowers the price of a stay that is paid online, or of a booking.

    `code` is how it is compared, `shown` how its operator writes it. It holds on the local days from `valid_from` to
    `valid_until` of the lots it names, or of all; `max_uses` in all and `max_uses_per_person`, empty for any. Beside
    other discounts only if it is `stackable`. Its row is locked while a use is taken. One that has ended is kept.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="promo_codes")
    code = models.CharField(max_length=LONGEST_CODE)
    shown = models.CharField(max_length=LONGEST_CODE)
    discount = models.JSONField()
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    lots = models.ManyToManyField(Lot, blank=True, related_name="promo_codes")
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    max_uses_per_person = models.PositiveIntegerField(null=True, blank=True)
    stackable = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["operator", "code"], name="promo_code_once_per_operator"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="promo_code_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.shown


class PromoUseQuerySet(models.QuerySet["PromoUse"]):
    """Filters of uses."""

    def standing(self) -> "PromoUseQuerySet":
        """Keep those that were not given back."""
        return self.filter(given_back_at__isnull=True)


class PromoUse(models.Model):
    """One use of a code, taken with the payment or booking that it lowers, and given back when that fails.

    That of a stay has its `charge`, which it lowers by at most `off_amount` when the `payment` is captured; without a
    payment it left nothing to pay. A booking points to its use. The person is the account, the address and the plate,
    whichever are known. `lowered_amount` is what it took off the charge.
    """

    code = models.ForeignKey(PromoCode, models.PROTECT, related_name="uses")
    discount = models.JSONField()
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="promo_uses")
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="promo_use")
    off_amount = models.BigIntegerField(default=0)
    lowered_amount = models.BigIntegerField(null=True, blank=True)
    person = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    email = models.EmailField("email", blank=True)
    plate = models.CharField(max_length=MAX_LENGTH, blank=True)
    taken_at = models.DateTimeField()
    given_back_at = models.DateTimeField(null=True, blank=True)

    objects = PromoUseQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=True) | Q(lowered_amount__isnull=True),
                name="promo_use_given_back_lowered_nothing",
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=True) | Q(charge__isnull=False), name="promo_use_payment_has_charge"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.taken_at:%Y-%m-%d}"

    @property
    def key(self) -> str:
        """Return the key of the discount that this is."""
        return f"promo-{self.pk}"

    def as_discount(self) -> dict[str, Any]:
        """Return the discount as a stay or booking keeps it."""
        return discount_of(self.code, key=self.key)


def discount_of(code: PromoCode, *, key: str = "") -> dict[str, Any]:
    """Return the discount of a code as a stay or booking keeps it; without a key, to look at."""
    return {
        "key": key,
        "kind": f"promo-{code.pk}",
        "name": code.shown,
        "discount": code.discount,
        "alone": not code.stackable,
    }
