"""Tariffs: the price rules of lots, by validity."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.timezone import now

from lots.models import Lot


class TariffQuerySet(models.QuerySet["Tariff"]):
    """Filters of tariffs."""

    def current(self) -> "TariffQuerySet":
        """Keep the newest revision of each tariff."""
        return self.filter(superseded_at__isnull=True)

    def valid_on(self, day: object) -> "TariffQuerySet":
        """Keep the tariffs for stays that begin on the local `day`."""
        return self.current().filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)


class Tariff(models.Model):
    """The price rules of a lot, from one local day to another, both included.

    Once a tariff has priced a stay, its rules never change: a correction is a new revision that supersedes it.
    """

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="tariffs")
    name = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    rules = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = TariffQuerySet.as_manager()

    class Meta:
        ordering = ["lot_id", "valid_from", "revision"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="tariff_ends_after_start",
            ),
            ExclusionConstraint(
                name="tariff_one_valid_per_lot_and_day",
                expressions=[
                    (
                        Func(
                            "lot_id", "lot_id", Value("[]"), function="int8range", output_field=BigIntegerRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            "valid_from",
                            "valid_until",
                            Value("[]"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(superseded_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
