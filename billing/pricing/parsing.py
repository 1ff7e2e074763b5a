"""Parses a tariff's rules from the JSON of the site file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from billing.pricing.checks import check_rules
from billing.pricing.errors import InvalidTariffError
from billing.pricing.plans import Band, Cap, LaterRate, Periods, Plan, Step, StepsBeyond
from billing.pricing.rules import SPOT_TYPES, VEHICLE_TYPES, BlockCap, Package, Regular, SpecialDays, TariffRules
from billing.pricing.special_days import NAMES_BEFORE
from billing.pricing.values import Reader
from common.words import text as _

T = TypeVar("T")

STORED_BESIDE = ("name", "valid_from", "valid_until")
TARIFF_FIELDS = (
    *("grace_minutes", "free_minutes", "exit_grace_minutes", "minimum_charge", "lost_ticket_fee", "tax_percent"),
    *("tax_included", "day_starts_at", "plans", "caps", "block_caps", "packages", "regulars", "special_days"),
)
PLAN_FIELDS = (
    *("name", "priority", "days", "entry_from", "entry_to", "spot_types", "vehicle_types"),
    *("periods", "max_price", "bands", "steps", "steps_beyond", "caps"),
)
RATE_FIELDS = ("price", "increment_minutes", "prorata", "prorata_minutes")
BAND_FIELDS = ("from", "to", *RATE_FIELDS, "once", "then")
LATER_RATE_FIELDS = ("after_minutes", *RATE_FIELDS)
STEP_FIELDS = ("up_to_minutes", "price")
BEYOND_FIELDS = ("each_minutes", "price")
CAP_FIELDS = ("days", "from", "to", "price")
BLOCK_CAP_FIELDS = ("periods", "price")
REGULAR_FIELDS = ("from_stay", "percent")
PACKAGE_FIELDS = ("name", "days", "entry_from", "entry_to", "exit_from", "exit_to", "max_hours", "price")

SPECIAL_DAYS_FIELDS = ("name", "dates")

HIGHEST_PRIORITY = 1000
MOST_STAYS = 1000
DAYS_FROM_ENTRY = ("entry", "never")
LONGEST_DAY_NAME = 60
MOST_DATES = 1000


@dataclass(frozen=True, slots=True)
class ListShape(Generic[T]):
    """How the elements of a list are read: the function, the known fields, and how many at most."""

    read: Callable[[Reader, Mapping[str, Any], str], T]
    known: tuple[str, ...]
    most: int = 100


def parse_rules(data: Any, path: str = "$") -> TariffRules:
    """Parse a tariff's rules; its name and validity, which are stored beside them, are ignored.

    Raises `InvalidTariffError` with every problem and its JSON path below `path`.
    """
    reader = Reader(path)
    fields = reader.fields(data, path, (*STORED_BESIDE, *TARIFF_FIELDS))
    rules = None if fields is None else _tariff(reader, fields, path)
    if rules is not None and not reader.errors:
        check_rules(reader, rules, path)
    if rules is None or reader.errors:
        raise InvalidTariffError(_("The tariff has mistakes."), errors=reader.errors)
    return rules


def _tariff(reader: Reader, data: Mapping[str, Any], path: str) -> TariffRules:
    starts_at = data.get("day_starts_at", "entry")
    if not data.get("plans"):
        reader.refuse(f"{path}.plans", _("must have at least one plan"))
    special_days = _many(reader, data.get("special_days", ()), f"{path}.special_days", SPECIAL_DAYS)
    reader.day_names = (*NAMES_BEFORE, *(special.name for special in special_days))
    return TariffRules(
        plans=_many(reader, data.get("plans", ()), f"{path}.plans", PLAN),
        caps=_many(reader, data.get("caps", ()), f"{path}.caps", CAP),
        block_caps=_many(reader, data.get("block_caps", ()), f"{path}.block_caps", BLOCK_CAP),
        packages=_many(reader, data.get("packages", ()), f"{path}.packages", PACKAGE),
        regulars=_many(reader, data.get("regulars", ()), f"{path}.regulars", REGULAR),
        grace_minutes=reader.minutes(data.get("grace_minutes", 0), f"{path}.grace_minutes"),
        free_minutes=reader.minutes(data.get("free_minutes", 0), f"{path}.free_minutes"),
        exit_grace_minutes=reader.minutes(data.get("exit_grace_minutes", 15), f"{path}.exit_grace_minutes"),
        minimum_charge=reader.amount(data.get("minimum_charge", 0), f"{path}.minimum_charge"),
        lost_ticket_fee=reader.amount(data.get("lost_ticket_fee", 0), f"{path}.lost_ticket_fee"),
        tax_percent=reader.percent(data.get("tax_percent", "0"), f"{path}.tax_percent"),
        tax_included=reader.flag(data.get("tax_included", True), f"{path}.tax_included"),
        day_starts_at=None if starts_at in DAYS_FROM_ENTRY else reader.clock(starts_at, f"{path}.day_starts_at"),
        one_period=starts_at == "never",
        special_days=special_days,
    )


def _many(reader: Reader, data: Any, path: str, part: ListShape[T]) -> tuple[T, ...]:
    """Read a list of parts; items that are not objects are reported and left out."""
    parts = []
    for item_path, item in reader.items(data, path, part.most):
        fields = reader.fields(item, item_path, part.known)
        if fields is not None:
            parts.append(part.read(reader, fields, item_path))
    return tuple(parts)


def _plan(reader: Reader, data: Mapping[str, Any], path: str) -> Plan:
    entry = reader.window(data, path, "entry_")
    if not entry.is_whole_day and "periods" not in data:
        reader.refuse(f"{path}.periods", _("must be given with an entry window: any, first or later"))
    if bool(data.get("bands")) == bool(data.get("steps")):
        reader.refuse(path, _("must have either bands or steps"))
    if data.get("steps_beyond") is not None and not data.get("steps"):
        reader.refuse(f"{path}.steps_beyond", _("needs steps"))
    max_price = data.get("max_price")
    return Plan(
        name=reader.text(data.get("name", ""), f"{path}.name"),
        priority=reader.integer(data.get("priority", 0), f"{path}.priority", -HIGHEST_PRIORITY, HIGHEST_PRIORITY),
        days=reader.days(data.get("days", ()), f"{path}.days"),
        entry=entry,
        spot_types=reader.choices(data.get("spot_types", ()), f"{path}.spot_types", SPOT_TYPES),
        vehicle_types=reader.choices(data.get("vehicle_types", ()), f"{path}.vehicle_types", VEHICLE_TYPES),
        periods=cast(
            "Periods", reader.choice(data.get("periods", "any"), f"{path}.periods", ("any", "first", "later"))
        ),
        max_price=None if max_price is None else reader.amount(max_price, f"{path}.max_price"),
        bands=_many(reader, data.get("bands", ()), f"{path}.bands", BAND),
        steps=_many(reader, data.get("steps", ()), f"{path}.steps", STEP),
        steps_beyond=_beyond(reader, data.get("steps_beyond"), f"{path}.steps_beyond"),
        caps=_many(reader, data.get("caps", ()), f"{path}.caps", CAP),
    )


def _band(reader: Reader, data: Mapping[str, Any], path: str) -> Band:
    once = reader.flag(data.get("once", False), f"{path}.once")
    window = reader.window(data, path)
    _require(reader, data, path, ("from", "to"))
    if once:
        for key in ("increment_minutes", "prorata", "then"):
            if data.get(key):
                reader.refuse(f"{path}.{key}", _("does not go with a price that is charged once"))
        data = {**data, "increment_minutes": window.minutes}
    return Band(
        **_rate(reader, data, path),
        window=window,
        once=once,
        then=_many(reader, data.get("then", ()), f"{path}.then", LATER_RATE),
    )


def _later_rate(reader: Reader, data: Mapping[str, Any], path: str) -> LaterRate:
    _require(reader, data, path, ("after_minutes",))
    after = reader.minutes(data.get("after_minutes", 1), f"{path}.after_minutes", 1)
    return LaterRate(after_minutes=after, **_rate(reader, data, path))


def _rate(reader: Reader, data: Mapping[str, Any], path: str) -> dict[str, Any]:
    _require(reader, data, path, ("price", "increment_minutes"))
    increment = reader.minutes(data.get("increment_minutes", 1), f"{path}.increment_minutes", 1)
    prorata = reader.flag(data.get("prorata", False), f"{path}.prorata")
    unit = data.get("prorata_minutes")
    if unit is not None:
        unit = reader.integer(unit, f"{path}.prorata_minutes", 1, increment)
        if not prorata:
            reader.refuse(f"{path}.prorata_minutes", _("needs prorata"))
    price = reader.amount(data.get("price", 0), f"{path}.price")
    return {"price": price, "increment_minutes": increment, "prorata": prorata, "prorata_minutes": unit}


def _step(reader: Reader, data: Mapping[str, Any], path: str) -> Step:
    _require(reader, data, path, STEP_FIELDS)
    return Step(
        up_to_minutes=reader.minutes(data.get("up_to_minutes", 1), f"{path}.up_to_minutes", 1),
        price=reader.amount(data.get("price", 0), f"{path}.price"),
    )


def _beyond(reader: Reader, data: Any, path: str) -> StepsBeyond | None:
    fields = None if data is None else reader.fields(data, path, BEYOND_FIELDS)
    if fields is None:
        return None
    _require(reader, fields, path, BEYOND_FIELDS)
    return StepsBeyond(
        each_minutes=reader.minutes(fields.get("each_minutes", 1), f"{path}.each_minutes", 1),
        price=reader.amount(fields.get("price", 0), f"{path}.price"),
    )


def _cap(reader: Reader, data: Mapping[str, Any], path: str) -> Cap:
    _require(reader, data, path, ("price",))
    return Cap(
        window=reader.window(data, path),
        price=reader.amount(data.get("price", 0), f"{path}.price"),
        days=reader.days(data.get("days", ()), f"{path}.days"),
    )


def _block_cap(reader: Reader, data: Mapping[str, Any], path: str) -> BlockCap:
    _require(reader, data, path, BLOCK_CAP_FIELDS)
    return BlockCap(
        periods=reader.integer(data.get("periods", 1), f"{path}.periods", 1, 10_000),
        price=reader.amount(data.get("price", 0), f"{path}.price"),
    )


def _regular(reader: Reader, data: Mapping[str, Any], path: str) -> Regular:
    _require(reader, data, path, REGULAR_FIELDS)
    return Regular(
        from_stay=reader.integer(data.get("from_stay", 2), f"{path}.from_stay", 2, MOST_STAYS),
        percent=reader.percent(data.get("percent", 0), f"{path}.percent"),
    )


def _package(reader: Reader, data: Mapping[str, Any], path: str) -> Package:
    _require(reader, data, path, ("price",))
    return Package(
        price=reader.amount(data.get("price", 0), f"{path}.price"),
        name=reader.text(data.get("name", ""), f"{path}.name"),
        days=reader.days(data.get("days", ()), f"{path}.days"),
        entry=reader.window(data, path, "entry_"),
        exit=reader.window(data, path, "exit_"),
        max_hours=reader.integer(data.get("max_hours", 24), f"{path}.max_hours", 1, 8784),
    )


def _special_days(reader: Reader, data: Mapping[str, Any], path: str) -> SpecialDays:
    _require(reader, data, path, SPECIAL_DAYS_FIELDS)
    name = reader.text(data.get("name", ""), f"{path}.name", LONGEST_DAY_NAME)
    if not name.strip():
        reader.refuse(f"{path}.name", _("must not be empty"))
    dates = reader.items(data.get("dates", ()), f"{path}.dates", MOST_DATES)
    return SpecialDays(name=name, dates=tuple(reader.date(day, day_path) for day_path, day in dates))


def _require(reader: Reader, data: Mapping[str, Any], path: str, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key not in data:
            reader.refuse(f"{path}.{key}", _("is missing"))


LATER_RATE = ListShape(_later_rate, LATER_RATE_FIELDS, most=50)
BAND = ListShape(_band, BAND_FIELDS)
STEP = ListShape(_step, STEP_FIELDS)
CAP = ListShape(_cap, CAP_FIELDS)
PLAN = ListShape(_plan, PLAN_FIELDS, most=50)
BLOCK_CAP = ListShape(_block_cap, BLOCK_CAP_FIELDS)
REGULAR = ListShape(_regular, REGULAR_FIELDS, most=20)
PACKAGE = ListShape(_package, PACKAGE_FIELDS)
SPECIAL_DAYS = ListShape(_special_days, SPECIAL_DAYS_FIELDS)
