"""Prices a stay: the pure function behind every fee, quote and receipt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billing.pricing.discounts import Discounts, as_discounts, deductions
from billing.pricing.lines import LineWriter, Price, PriceLine
from billing.pricing.metering import Sheet, measure
from billing.pricing.rules import USUAL_VEHICLE, BlockCap, Package, TariffRules
from billing.pricing.stays import Stay, make_stay
from billing.pricing.tax import tax_on
from billing.pricing.windows import DAY_SECONDS, day_mask

ONE = Decimal(1)


def price_stay(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    entry: datetime,
    exit: datetime,  # noqa: A002
    spot_type: str,
    timezone: ZoneInfo,
    holidays: Collection[date] = (),
    multiplier: Decimal = ONE,
    vehicle_type: str = USUAL_VEHICLE,
    discounts: Discounts | Sequence[Mapping[str, Any]] = (),
    grace: bool = True,
    stays_before: int = 0,
) -> Price:
    """Price a stay from entry to exit, truncated to seconds, in minor units.

    A vehicle of which nothing is known is a regular one; `stays_before` are its paid ones in the month. `holidays` are
    local dates, `multiplier` is the one fixed at entry, and `grace=False` (a re-entry) omits grace and free minutes.
    Raises `ExitBeforeEntryError`, `TimeWithoutZoneError`, `TimeOutOfRangeError`, `NoPlanError`,
    `InvalidMultiplierError` and `InvalidDiscountError`.
    """
    stay = make_stay(
        rules,
        entry=entry,
        exit_=exit,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=timezone,
        holidays=holidays,
        multiplier=multiplier,
        grace=grace,
        free=grace,
    )
    given = as_discounts(discounts)
    if rules.regulars:
        given = replace(given, regular=rules.regular_after(stays_before))
    return price_of(stay, given)


def price_reservation(  # noqa: PLR0913 - each one decides the price, and all are named
    rules: TariffRules,
    *,
    start: datetime,
    end: datetime,
    spot_type: str,
    timezone: ZoneInfo,
    holidays: Collection[date] = (),
    multiplier: Decimal = ONE,
    vehicle_type: str = USUAL_VEHICLE,
    discounts: Discounts | Sequence[Mapping[str, Any]] = (),
) -> Price:
    """Price a booked period as a stay without grace and free minutes. Raises what `price_stay` raises."""
    return price_stay(
        rules,
        entry=start,
        exit=end,
        spot_type=spot_type,
        vehicle_type=vehicle_type,
        timezone=timezone,
        holidays=holidays,
        multiplier=multiplier,
        discounts=discounts,
        grace=False,
    )


def price_of(stay: Stay, discounts: Discounts) -> Price:
    """Return a stay's price with discounts, tax and lines."""
    writer = writer_for(stay)
    total, lines = _before_discounts(stay, writer)
    span = (stay.entry, stay.exit)
    for label, off in deductions(total, discounts, lambda minutes: _total_left_earlier(stay, minutes)):
        total -= off
        lines.append(writer.line("discount", label, span, -off))
    return with_tax(stay, total, lines, writer)


def writer_for(stay: Stay) -> LineWriter:
    """Return the writer of a stay's lines, which is dated when the stay ends on another local day."""
    clock = stay.clock
    dated = clock.local(stay.entry) // DAY_SECONDS != clock.local(stay.exit) // DAY_SECONDS
    return LineWriter(clock=clock, dated=dated, whole=stay.rules.one_period)


def metered_amount(stay: Stay) -> int:
    """Return the sum of all periods after caps, without packages, minimum, discounts and tax."""
    if _costs_nothing(stay):
        return 0
    sheets = measure(stay)
    return sum(sheet.amount for sheet in sheets) - sum(off for _, _, off in _block_cuts(stay, sheets))


def total_of(stay: Stay) -> int:
    """Return a stay's total with its tax and without discounts, when nobody reads its lines."""
    total = _plain_total(stay)
    return total if stay.rules.tax_included else total + tax_on(stay.rules, total)


def with_tax(stay: Stay, total: int, lines: list[PriceLine], writer: LineWriter) -> Price:
    """Return the price of a total; adds a tax line when the tariff's prices exclude tax."""
    tax = tax_on(stay.rules, total)
    if stay.rules.tax_included:
        return Price(total, tax, tuple(lines))
    if tax:
        lines.append(writer.line("tax", f"Tax {stay.rules.tax_percent} %", (stay.entry, stay.exit), tax))
    return Price(total + tax, tax, tuple(lines))


def _costs_nothing(stay: Stay) -> bool:
    return stay.exit - stay.entry <= stay.grace_minutes * 60 or stay.priced_start >= stay.exit


def _before_discounts(stay: Stay, writer: LineWriter) -> tuple[int, list[PriceLine]]:
    span = (stay.entry, stay.exit)
    if _costs_nothing(stay):
        return 0, [writer.line("free", "Free of charge", span, 0)]
    sheets = measure(stay)
    lines = writer.sheets(sheets, stay.rules.timetable.scale)
    if stay.free_minutes:
        lines.insert(0, writer.line("free", f"{stay.free_minutes} min free", (stay.entry, stay.priced_start), 0))
    total = sum(sheet.amount for sheet in sheets)
    blocks = _block_cuts(stay, sheets)
    lines += _block_lines(blocks, writer, span)
    total -= sum(off for _, _, off in blocks)
    package = _best_package(stay)
    if package is not None and package.price < total:
        lines.append(writer.line("package", package.name or "Package", span, package.price - total))
        total = package.price
    if 0 < total < stay.rules.minimum_charge:
        lines.append(writer.line("minimum", "Minimum charge", span, stay.rules.minimum_charge - total))
        total = stay.rules.minimum_charge
    return total, lines


def _total_left_earlier(stay: Stay, minutes: int) -> int:
    return _plain_total(replace(stay, exit=max(stay.entry, stay.exit - minutes * 60)))


def _plain_total(stay: Stay) -> int:
    """Return the total before discounts and tax without writing lines."""
    total = metered_amount(stay)
    package = _best_package(stay)
    if package is not None:
        total = min(total, package.price)
    return max(total, stay.rules.minimum_charge) if total else 0


def _block_cuts(stay: Stay, sheets: Sequence[Sheet]) -> list[tuple[BlockCap, Sheet, int]]:
    """Return what the block caps cut from each period: the tightest cap with room left decides."""
    rooms: dict[tuple[int, int], int] = {}
    cuts = []
    caps = stay.rules.block_caps
    for sheet in sheets if caps else ():
        keys = [(index, (sheet.number - 1) // cap.periods) for index, cap in enumerate(caps)]
        for key in keys:
            rooms.setdefault(key, caps[key[0]].price)
        tightest = min(keys, key=lambda key: rooms[key])
        left = min(sheet.amount, rooms[tightest])
        for key in keys:
            rooms[key] -= left
        if left < sheet.amount:
            cuts.append((caps[tightest[0]], sheet, sheet.amount - left))
    return cuts


def _block_lines(
    cuts: Sequence[tuple[BlockCap, Sheet, int]], writer: LineWriter, span: tuple[int, int]
) -> list[PriceLine]:
    """Return one line for each length of block."""
    sums: dict[int, int] = {}
    for cap, _, off in cuts:
        sums[cap.periods] = sums.get(cap.periods, 0) + off
    return [writer.line("block_cap", f"Capped for {periods} days", span, -off) for periods, off in sums.items()]


def _best_package(stay: Stay) -> Package | None:
    """Return the cheapest package whose hours fit the stay. Grace and free minutes don't shift its times."""
    if not stay.rules.packages:
        return None
    day, entered = divmod(stay.clock.local(stay.entry), DAY_SECONDS)
    left = stay.clock.local(stay.exit) % DAY_SECONDS
    bit = stay.day_bit(day)
    fitting = [
        package
        for package in stay.rules.packages
        if day_mask(package.days, stay.rules.day_names) & bit
        and package.entry.holds(entered)
        and package.exit.holds(left)
        and stay.exit - stay.entry <= package.max_hours * 3600
    ]
    return min(fitting, key=lambda package: package.price, default=None)
