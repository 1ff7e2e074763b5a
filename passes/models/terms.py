"""The terms of a pass, as an offer has them and as each pass keeps them from the day it was sold."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.pricing.windows import DAY_MINUTES
from common.db.choices import choices_of, values_of
from lots.compatibility import SpotType
from passes.pass_rules import PassKind, PassRenewal, PoolFull

KIND_LABELS = {
    PassKind.SEASON: _("Season"),
    PassKind.MONTH: _("Month"),
    PassKind.ENTRIES: _("Entries"),
    PassKind.WEEKDAY: _("Weekdays"),
    PassKind.NIGHT: _("Nights"),
}
RENEWAL_LABELS = {
    PassRenewal.NONE: _("It ends"),
    PassRenewal.CHARGE: _("A saved card is charged"),
    PassRenewal.INVOICE: _("An invoice is sent"),
}
POOL_FULL_LABELS = {
    PoolFull.PAY: _("It pays as anybody"),
    PoolFull.DENY: _("It is not let in"),
}


class PassTerms(models.Model):
    """When, where and for how many cars a pass counts, and what it costs in a period.

    Its `days` (none means all) and the hours from `opens_minute` to `closes_minute` after midnight, by the clock of
    each lot; when they are equal they last a whole day. `spaces` of its plates may be inside at once, empty for all.
    `entries` come with each period, empty for any number; with `per_day` each local day of a stay needs one. A period
    lasts `period_months`, else `period_days`. Amounts are in minor units and include tax at `tax_percent`.
    """

    kind = models.CharField(max_length=8, choices=choices_of(KIND_LABELS))
    price_amount = models.PositiveBigIntegerField()
    tax_percent = models.DecimalField(max_digits=7, decimal_places=4, default=Decimal(0))
    period_months = models.PositiveSmallIntegerField(default=0)
    period_days = models.PositiveSmallIntegerField(default=0)
    days = ArrayField(models.CharField(max_length=7), default=list, blank=True)
    opens_minute = models.PositiveSmallIntegerField(default=0)
    closes_minute = models.PositiveSmallIntegerField(default=DAY_MINUTES)
    spot_types = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    most_plates = models.PositiveSmallIntegerField(default=1)
    spaces = models.PositiveSmallIntegerField(null=True, blank=True)
    entries = models.PositiveSmallIntegerField(null=True, blank=True)
    per_day = models.BooleanField(default=False)
    renewal = models.CharField(max_length=8, choices=choices_of(RENEWAL_LABELS), default=PassRenewal.NONE)
    grace_days = models.PositiveSmallIntegerField(default=5)
    swaps_per_month = models.PositiveSmallIntegerField(default=2)
    pool_full = models.CharField(max_length=4, choices=choices_of(POOL_FULL_LABELS), default=PoolFull.PAY)
    cancel_fee_amount = models.PositiveBigIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=values_of(PassKind)), name="%(class)s_kind_known"),
            models.CheckConstraint(condition=Q(renewal__in=values_of(PassRenewal)), name="%(class)s_renewal_known"),
            models.CheckConstraint(condition=Q(pool_full__in=values_of(PoolFull)), name="%(class)s_pool_full_known"),
            models.CheckConstraint(
                condition=Q(period_months__gt=0, period_days=0) | Q(period_months=0, period_days__gt=0),
                name="%(class)s_has_one_length",
            ),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=DAY_MINUTES, closes_minute__lte=DAY_MINUTES),
                name="%(class)s_hours_are_of_a_day",
            ),
            models.CheckConstraint(
                condition=Q(spot_types__contained_by=values_of(SpotType)), name="%(class)s_spot_types_known"
            ),
            models.CheckConstraint(
                condition=(Q(spaces__isnull=True) | Q(spaces__gt=0)) & Q(most_plates__gt=0),
                name="%(class)s_has_room_for_a_car",
            ),
            models.CheckConstraint(
                condition=~Q(kind=PassKind.ENTRIES) | Q(entries__gt=0), name="%(class)s_of_entries_has_some"
            ),
        ]


TERMS = tuple(field.name for field in PassTerms._meta.local_fields)  # noqa: SLF001 - documented
"""The fields that a pass takes over from its offer."""
