"""What rules that are being typed would mean: for a stay that is asked for, over a week, and against those in force."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import VEHICLE_LABELS
from accounts.vehicles import VehicleType
from billing.models import Tariff
from billing.pricing import Price, TariffRules, price_curve, price_stay, week_of
from billing.pricing.rules import USUAL_VEHICLE, VEHICLE_TYPES
from billing.pricing.windows import DAY_MINUTES
from billing.tariffs import rules_of
from billing.words import TariffWords, length_words, tariff_words
from common.web.wall_clock import WallClockField, as_typed, clear_time
from lots.calendar import holidays_of, zone_of
from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot
from office.tariffs.drawings import CurveDrawing, WeekDrawing, draw_curve, draw_week

LONGEST_ASKED = timedelta(days=366)
SPANS = (("day", _("24 hours")), ("week", _("7 days")))
ASKED = ("entry", "exit", "spot_type", "vehicle_type", "span")
CURVES = {"day": range(DAY_MINUTES + 1), "week": range(0, 7 * DAY_MINUTES + 1, 20)}
LENGTHS = {
    "day": (30, 60, 120, 180, 240, 360, 480, 720, 1440),
    "week": tuple(days * DAY_MINUTES for days in range(1, 8)),
}


class AskedForm(forms.Form):
    """The stay that is priced beside the rules, on the lot's clock, and how far the curve goes."""

    prefix = "asked"

    def __init__(self, lot: Lot, at: datetime, data: Any = None) -> None:
        """Ask for tomorrow from 8:15 until 10:47."""
        self.zone = zone_of(lot)
        morning = datetime.combine(at.astimezone(self.zone).date() + timedelta(days=1), datetime.min.time())
        self.usual = {
            "entry": as_typed((morning + timedelta(hours=8, minutes=15)).replace(tzinfo=self.zone), self.zone),
            "exit": as_typed((morning + timedelta(hours=10, minutes=47)).replace(tzinfo=self.zone), self.zone),
            "spot_type": SpotType.REGULAR,
            "vehicle_type": USUAL_VEHICLE,
            "span": "day",
        }
        asked = data is not None and f"{self.prefix}-entry" in data
        super().__init__(data if asked else None, initial=self.usual)
        types = sorted(SPOT_LABELS, key=lambda kind: kind != SpotType.REGULAR)
        self.fields["entry"] = WallClockField(zone=self.zone, label=_("Comes"))
        self.fields["exit"] = WallClockField(zone=self.zone, label=_("Leaves"))
        self.fields["spot_type"] = forms.ChoiceField(
            label=_("Spot"), choices=[(one, SPOT_LABELS[one]) for one in types]
        )
        vehicles = [(one, VEHICLE_LABELS[VehicleType(one)]) for one in VEHICLE_TYPES]
        self.fields["vehicle_type"] = forms.ChoiceField(label=_("Vehicle"), choices=vehicles)
        self.fields["span"] = forms.ChoiceField(label=_("Curve over"), choices=SPANS)

    def clean(self) -> dict[str, Any]:
        """Put the exit after the entry where the clock shows its time twice; refuse what no quote covers."""
        cleaned = super().clean() or self.cleaned_data
        entry, exit_ = cleaned.get("entry"), cleaned.get("exit")
        if entry and exit_:
            exit_ = cleaned["exit"] = clear_time(self["exit"], exit_, after=entry)
            if exit_ < entry:
                self.add_error("exit", gettext("The exit is before the entry. Check both times."))
            elif exit_ - entry > LONGEST_ASKED:
                self.add_error("exit", gettext("At most %(days)s days are priced here.") % {"days": LONGEST_ASKED.days})
        return cleaned


@dataclass(frozen=True, slots=True)
class LengthCost:
    """What a stay of a length costs by the draft and by the rules in force."""

    length: str
    draft: int
    in_force: int | None

    @property
    def change(self) -> int:
        """Return how much dearer the draft is."""
        return self.draft - (self.draft if self.in_force is None else self.in_force)


@dataclass(frozen=True)
class Effect:
    """What rules mean, each part when it is shown."""

    lot: Lot
    rules: TariffRules
    in_force: Tariff | None
    entry: datetime
    exit: datetime
    spot_type: str
    vehicle_type: str
    span: str

    @cached_property
    def words(self) -> TariffWords:
        """The rules in words."""
        return tariff_words(self.rules)

    @cached_property
    def price(self) -> Price:
        """The price of the stay that is asked for."""
        return self._price(self.rules)

    @cached_property
    def price_now(self) -> Price | None:
        """Its price by the rules in force."""
        return self._price(self._now) if self._now else None

    @cached_property
    def week(self) -> WeekDrawing:
        """A week of arrivals, and what they meet."""
        return draw_week(week_of(self.rules, self.spot_type, vehicle_type=self.vehicle_type), self.lot.currency)

    @cached_property
    def curve(self) -> CurveDrawing:
        """Prices by length of stay."""
        minutes = CURVES[self.span]
        length = int((self.exit - self.entry).total_seconds()) // 60
        now = self._totals(self._now, minutes) if self._now else []
        draft = self._totals(self.rules, minutes)
        return draw_curve(minutes, draft, now, self.lot.currency, (length, self.price.total))

    @cached_property
    def lengths(self) -> list[LengthCost]:
        """The curve as a table."""
        minutes = LENGTHS[self.span]
        now: list[int | None] = [*self._totals(self._now, minutes)] if self._now else [None] * len(minutes)
        rows = zip(minutes, self._totals(self.rules, minutes), now, strict=True)
        return [LengthCost(length_words(length), draft, in_force) for length, draft, in_force in rows]

    @cached_property
    def _now(self) -> TariffRules | None:
        return rules_of(self.in_force) if self.in_force else None

    @cached_property
    def _terms(self) -> dict[str, Any]:
        last = max(self.exit, self.entry + timedelta(days=7))
        zone: ZoneInfo = zone_of(self.lot)
        return {
            "spot_type": self.spot_type,
            "vehicle_type": self.vehicle_type,
            "timezone": zone,
            "holidays": holidays_of(self.lot, self.entry, last),
        }

    def _price(self, rules: TariffRules) -> Price:
        return price_stay(rules, entry=self.entry, exit=self.exit, **self._terms)

    def _totals(self, rules: TariffRules, minutes: Any) -> list[int]:
        return price_curve(rules, entry=self.entry, minutes=minutes, **self._terms)


def effect_of(lot: Lot, rules: TariffRules, in_force: Tariff | None, asked: AskedForm) -> Effect:
    """Return what rules mean for the stay that is asked for, or for the usual one where it can't be read."""
    if asked.is_bound and asked.is_valid():
        given = asked.cleaned_data
        return Effect(lot, rules, in_force, *(given[name] for name in ASKED))
    entry, exit_ = (
        datetime.fromisoformat(asked.usual[name]).replace(tzinfo=asked.zone).astimezone(UTC)
        for name in ("entry", "exit")
    )
    return Effect(lot, rules, in_force, entry, exit_, *(asked.usual[name] for name in ASKED[2:]))
