"""Parses one lot of a site file: its settings, gates and tariffs."""

import datetime as dt
from collections.abc import Callable, Mapping
from itertools import combinations
from typing import Any

from django.utils.translation import gettext as _

from billing.pricing import parse_rules
from billing.pricing.errors import InvalidTariffError
from common.db.choices import values_of
from common.errors import FieldError
from common.languages import LANGUAGES
from common.money import LARGEST_AMOUNT
from lots.allocation import Strategy
from lots.booking_rules import MOST_PERCENT, Prepay
from lots.checks import HIGHEST_LEVEL, LOWEST_LEVEL, MOST_MINUTES, lot_problems
from lots.compatibility import SpotType
from lots.gate_rules import Direction, LowConfidence
from lots.models import Tracking
from sites.place_reading import read_levels
from sites.shapes import GateSpec, LotSpec, TariffSpec
from sites.site_reader import SiteReader

MOST_GATES = 1_000
MOST_TARIFFS = 500
LONG_AGO = "2000-01-01"

TEXTS = {"address": 200, "postal_code": 20, "city": 80}
CHOICES: dict[str, list[str]] = {
    "language": list(LANGUAGES),
    "second_language": list(LANGUAGES),
    "tracking": Tracking.values,
    "allocation": values_of(Strategy),
    "low_confidence": values_of(LowConfidence),
    "prepay": values_of(Prepay),
}
NUMBERS = {"latitude": (-90.0, 90.0), "longitude": (-180.0, 180.0), "confidence_threshold": (0.0, 1.0)}
MINUTES = (
    *("early_minutes", "protect_minutes", "reentry_minutes", "hold_minutes", "turnaround_minutes"),
    *("no_show_minutes", "cancel_minutes", "early_grace_minutes", "late_grace_minutes"),
)
WHOLE = dict.fromkeys(MINUTES, MOST_MINUTES) | {
    "dedupe_seconds": 3_600,
    "passing_seconds": 3_600,
    "oldest_record_days": 3_650,
    "max_height_cm": 10_000,
    "lane_fee_limit": LARGEST_AMOUNT,
    "cash_rounding": 100_000,
    "late_cancel_percent": MOST_PERCENT,
    "no_show_percent": MOST_PERCENT,
    "counts_reset_hour": 23,
}
NULLABLE = ("latitude", "longitude", "max_height_cm", "lane_fee_limit", "counts_reset_hour")
CHECKED = ("timezone", "currency", "holidays", "opening_hours", "amenities", "booking_share_percent", "kept_days")
PARTS = ("levels", "gates", "tariffs")
FLAGS = ("published", "plates_by_region", "bookable", "asks_phone")
LOT_FIELDS = ("slug", "name", *FLAGS, *TEXTS, *CHOICES, *NUMBERS, *WHOLE, *CHECKED, *PARTS)
TARIFF_FIELDS = ("name", "valid_from", "valid_until")
GATE_FIELDS = ("code", "name", "direction", "level", "confirms_passage")


def read_lot(reader: SiteReader, data: Mapping[str, Any], path: str, currency: Any) -> LotSpec:
    """Parse one lot; `currency` is the default, the operator's."""
    reader.fields(data, path, LOT_FIELDS)
    reader.require(data, path, ("slug", "name", "timezone"))
    values = {"currency": currency, "published": True} | read_settings(reader, data, path)
    counts_spots = values.get("tracking", Tracking.SPOTS) == Tracking.SPOTS
    levels = None
    if "levels" in data:
        levels = read_levels(reader, data["levels"], f"{path}.levels", counts_spots=counts_spots)
    return LotSpec(
        path=path,
        slug=reader.slug(data["slug"], f"{path}.slug") if "slug" in data else "",
        values=values,
        levels=levels,
        gates=_gates(reader, data["gates"], f"{path}.gates") if "gates" in data else None,
        tariffs=_tariffs(reader, data["tariffs"], f"{path}.tariffs") if "tariffs" in data else None,
    )


def read_settings(reader: SiteReader, data: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the settings of a lot that are given, by field name."""
    readers: dict[str, Callable[[Any, str], Any]] = {
        "name": lambda value, place: reader.filled_text(value, place, 120),
        **dict.fromkeys(FLAGS, reader.flag),
        **{name: _text_of(reader, longest) for name, longest in TEXTS.items()},
        **{name: _choice_of(reader, choices) for name, choices in CHOICES.items()},
        **{name: _number_of(reader, *bounds) for name, bounds in NUMBERS.items()},
        **{name: _whole_of(reader, most) for name, most in WHOLE.items()},
    }
    values: dict[str, Any] = {}
    for name, read in readers.items():
        if name in data:
            empty = data[name] is None and name in NULLABLE
            values[name] = None if empty else read(data[name], f"{path}.{name}")
    checked = {name: data[name] for name in CHECKED if name in data}
    share = checked.get("booking_share_percent")
    if isinstance(share, int) and not isinstance(share, bool):  # one for all types
        checked["booking_share_percent"] = dict.fromkeys(map(str, SpotType), share)
    reader.add(lot_problems(checked, f"{path}."))
    return values | checked


def _text_of(reader: SiteReader, longest: int) -> Callable[[Any, str], str]:
    return lambda value, place: reader.text(value, place, longest)


def _choice_of(reader: SiteReader, choices: list[str]) -> Callable[[Any, str], str]:
    return lambda value, place: reader.choice(value, place, choices)


def _number_of(reader: SiteReader, least: float, most: float) -> Callable[[Any, str], float]:
    return lambda value, place: reader.number(value, place, least, most)


def _whole_of(reader: SiteReader, most: int) -> Callable[[Any, str], int]:
    return lambda value, place: reader.integer(value, place, 0, most)


def _gates(reader: SiteReader, data: Any, path: str) -> tuple[GateSpec, ...]:
    gates = []
    for place, item in reader.items(data, path, MOST_GATES):
        fields = reader.fields(item, place, GATE_FIELDS)
        if fields is None:
            continue
        reader.require(fields, place, ("code", "direction"))
        readers: dict[str, Callable[[Any, str], Any]] = {
            "name": _text_of(reader, 80),
            "direction": _choice_of(reader, values_of(Direction)),
            "level": lambda value, at: reader.integer(value, at, LOWEST_LEVEL, HIGHEST_LEVEL),
            "confirms_passage": reader.flag,
        }
        values = {name: read(fields[name], f"{place}.{name}") for name, read in readers.items() if name in fields}
        code = reader.slug(fields["code"], f"{place}.code") if "code" in fields else ""
        gates.append(GateSpec(place, code, values))
    return tuple(gates)


def _tariffs(reader: SiteReader, data: Any, path: str) -> tuple[TariffSpec, ...]:
    tariffs = []
    for place, item in reader.items(data, path, MOST_TARIFFS):
        try:
            parse_rules(item, place)
        except InvalidTariffError as error:
            reader.add(error.errors)
        if isinstance(item, Mapping):
            tariffs.append(_tariff(reader, item, place))
    for first, second in combinations(tariffs, 2):
        if dt.date.min not in {first.valid_from, second.valid_from} and first.overlaps(second):
            reader.add(
                [
                    FieldError(
                        f"{second.path}.valid_from",
                        _("is valid on days on which %(path)s is valid too") % {"path": first.path},
                    )
                ]
            )
    return tuple(tariffs)


def _tariff(reader: SiteReader, data: Mapping[str, Any], path: str) -> TariffSpec:
    until = data.get("valid_until")
    tariff = TariffSpec(
        path=path,
        name=reader.filled_text(data.get("name", "Standard"), f"{path}.name", 80),
        valid_from=reader.day(data.get("valid_from", LONG_AGO), f"{path}.valid_from"),
        valid_until=None if until is None else reader.day(until, f"{path}.valid_until"),
        rules={name: value for name, value in data.items() if name not in TARIFF_FIELDS},
    )
    if tariff.valid_until is not None and dt.date.min < tariff.valid_until < tariff.valid_from:
        reader.refuse(f"{path}.valid_until", "is before valid_from")
    return tariff
