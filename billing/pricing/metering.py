"""Adds up a stay period by period; each cap is a meter with limited room.

Amounts inside a period are multiplied by the timetable's `scale`, which makes prorata shares whole numbers. Only the
sum of a period is rounded.
"""

from dataclasses import dataclass, field
from typing import Literal

from billing.pricing.periods import cut_periods, plan_in_force
from billing.pricing.plans import Band, Cap, Plan, Rate
from billing.pricing.stays import Stay
from billing.pricing.timetable import PlanTable, Stretch
from billing.pricing.windows import DAY_SECONDS
from common.money import round_half_up

AdditionKind = Literal["band", "step", "beyond"]


@dataclass(slots=True)
class Addition:
    """A run of equal amounts, or the share of a prorata rate. `amount` is scaled and before caps."""

    kind: AdditionKind
    rate: Rate | None
    start: int
    end: int
    quantity: int
    unit_price: int
    unit_minutes: int
    amount: int


@dataclass(slots=True)
class Sheet:
    """A period with its additions, the cuts by caps (scaled; the key None is `max_price`) and the resulting sum."""

    number: int
    start: int
    end: int
    plan: Plan
    room: int | None
    additions: list[Addition] = field(default_factory=list)
    cuts: dict[Cap | None, int] = field(default_factory=dict)
    scaled_sum: int = 0
    amount: int = 0


class Meters:
    """The room left under each cap of a stay, and prices with its multiplier."""

    def __init__(self, stay: Stay) -> None:
        self.stay = stay
        self.scale = stay.rules.timetable.scale
        self._plain = stay.multiplier == 1
        self._rooms: dict[tuple[int, int], int] = {}
        self._prices: dict[int, int] = {}

    def price(self, amount: int) -> int:
        """Apply the stay's multiplier to a price."""
        if self._plain:
            return amount
        if amount not in self._prices:
            self._prices[amount] = round_half_up(amount * self.stay.multiplier)
        return self._prices[amount]

    def take(self, sheet: Sheet, amount: int, stretch: Stretch | None = None, day: int = 0) -> None:
        """Add as much of a scaled amount as every cap in force has room for.

        `stretch` and the local `day` determine the caps. Steps have no stretch, because caps don't apply to them.
        """
        rooms = self._open_rooms(stretch, day) if stretch and stretch.caps else []
        left, tightest = amount, None
        if sheet.room is not None and sheet.room < left:
            left = sheet.room
        for key, cap in rooms:
            if self._rooms[key] < left:
                left, tightest = self._rooms[key], cap
        for key, _ in rooms:
            self._rooms[key] -= left
        if sheet.room is not None:
            sheet.room -= left
        if left < amount:
            sheet.cuts[tightest] = sheet.cuts.get(tightest, 0) + amount - left
        sheet.scaled_sum += left

    def _open_rooms(self, stretch: Stretch, day: int) -> list[tuple[tuple[int, int], Cap]]:
        rooms = []
        for held in stretch.caps:
            opened = day - held.days_back
            if held.days & self.stay.day_bit(opened):
                key = (held.number, opened)
                self._rooms.setdefault(key, held.cap.price * self.scale)
                rooms.append((key, held.cap))
        return rooms


def measure(stay: Stay) -> list[Sheet]:
    """Return the sheet of each period, with its sum rounded half up, before block caps.

    Raises `NoPlanError`.
    """
    meters = Meters(stay)
    scale = meters.scale
    sheets = []
    for index, (start, end) in enumerate(cut_periods(stay)):
        table = plan_in_force(stay, start, first=index == 0)
        plan = table.plan
        room = None if plan.max_price is None else plan.max_price * scale
        sheet = Sheet(number=index + 1, start=start, end=end, plan=plan, room=room)
        if plan.steps:
            _add_steps(meters, sheet)
        else:
            _walk_bands(meters, table, sheet)
        sheet.amount = (2 * sheet.scaled_sum + scale) // (2 * scale)
        sheets.append(sheet)
    return sheets


def _add_steps(meters: Meters, sheet: Sheet) -> None:
    plan, elapsed = sheet.plan, sheet.end - sheet.start
    step = next((step for step in plan.steps if elapsed <= step.up_to_minutes * 60), plan.steps[-1])
    price = meters.price(step.price)
    reached = sheet.start + step.up_to_minutes * 60
    amount = price * meters.scale
    sheet.additions.append(
        Addition("step", None, sheet.start, min(reached, sheet.end), 1, price, step.up_to_minutes, amount)
    )
    meters.take(sheet, amount)
    beyond = plan.steps_beyond
    if beyond is None or reached >= sheet.end:
        return
    blocks = -(-(sheet.end - reached) // (beyond.each_minutes * 60))
    price = meters.price(beyond.price)
    amount = blocks * price * meters.scale
    sheet.additions.append(Addition("beyond", None, reached, sheet.end, blocks, price, beyond.each_minutes, amount))
    meters.take(sheet, amount)


def _walk_bands(meters: Meters, table: PlanTable, sheet: Sheet) -> None:
    """Walk the period stretch by stretch. Increments that start in one stretch are equal and added at once.

    A band is entered when what starts in it comes after another band's, or first in the period.
    """
    instant, end = sheet.start, sheet.end
    entered, inside = instant, None
    offset_at = meters.stay.clock.offset_at
    while instant < end:
        offset, until = offset_at(instant)
        day, second = divmod(instant + offset, DAY_SECONDS)
        stretch = table.stretch_at(second)
        border = min(end, until, instant + stretch.end - second)
        if stretch.band is not inside:
            entered, inside = instant, stretch.band
        if stretch.band.once:
            added = _once(meters, stretch.band, instant, border, first=instant == entered)
        else:
            added = _increments(meters, stretch.band, instant, border, entered)
        after = added.end
        added.end = min(after, end)
        _append_band(sheet, added)
        meters.take(sheet, added.amount, stretch, day)
        instant = after


def _once(meters: Meters, band: Band, start: int, border: int, *, first: bool) -> Addition:
    """Return the price of a band that is charged when it is entered, and then nothing."""
    quantity, price = int(first), meters.price(band.price)
    return Addition("band", band, start, border, quantity, price, 0, quantity * price * meters.scale)


def _increments(meters: Meters, band: Band, start: int, border: int, entered: int) -> Addition:
    """Return what starts before the border by the rate that holds so long after the band was entered."""
    rate: Rate = band
    for later in band.then:
        begins = entered + later.after_minutes * 60
        if start < begins:
            border = min(border, begins)
            break
        rate = later
    increment, price = rate.increment_minutes * 60, meters.price(rate.price)
    if not rate.prorata:
        quantity = -((start - border) // increment)
        amount = quantity * price * meters.scale
        return Addition(
            "band", rate, start, start + quantity * increment, quantity, price, rate.increment_minutes, amount
        )
    unit = (rate.prorata_minutes or 0) * 60
    after = start - (start - border) // unit * unit if unit else border
    amount = price * (after - start) * (meters.scale // increment)
    return Addition("band", rate, start, after, 0, price, rate.increment_minutes, amount)


def _append_band(sheet: Sheet, added: Addition) -> None:
    """Add to the sheet, merged with the previous addition when it is of the same rate."""
    last = sheet.additions[-1] if sheet.additions else None
    if last is not None and last.rate is added.rate:
        last.end = added.end
        last.quantity += added.quantity
        last.amount += added.amount
    else:
        sheet.additions.append(added)
