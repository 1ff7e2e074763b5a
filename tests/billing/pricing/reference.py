"""A second, slow reading of the pricing rules that shares no code with the engine: it looks at every half minute."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from math import floor

TICK = 30
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def half_up(value):
    return floor(Fraction(value) + Fraction(1, 2))


@cache
def minutes(text):
    hours, rest = text.split(":")
    return int(hours) * 60 + int(rest)


@cache
def new_days(day, starts_at):
    """When this day and the two after it start on the clock's face."""
    midnights = [datetime.combine(day + timedelta(days=n), datetime.min.time()) for n in range(3)]
    return [midnight + timedelta(minutes=minutes(starts_at)) for midnight in midnights]


class Reference:
    def __init__(self, rules, zone, holidays=(), multiplier="1"):
        self.rules = rules
        self.zone = zone
        self.multiplier = Fraction(multiplier)
        named = any("holiday" in plan.get("days", []) for plan in rules["plans"])
        self.holidays = set(holidays) if named else set()
        called = {day for plan in rules["plans"] for day in plan.get("days", [])}
        self.special = {}
        for special in rules.get("special_days", []):
            kind = special["name"] if special["name"] in called else "event"
            if kind in called:
                self.special |= {date.fromisoformat(day): kind for day in special["dates"]}
        self.walls, self.prices = {}, {}

    def wall(self, instant):
        if instant not in self.walls:
            self.walls[instant] = datetime.fromtimestamp(instant, UTC).astimezone(self.zone).replace(tzinfo=None)
        return self.walls[instant]

    def day_fits(self, days, day: date):
        name = self.special.get(day) or ("holiday" if day in self.holidays else WEEK[day.weekday()])
        return not days or name in days

    def opening(self, rule, wall, prefix=""):
        """The local day the opening that holds this time is named by, or None."""
        shown = wall.hour * 3600 + wall.minute * 60 + wall.second
        opens, closes = 60 * minutes(rule.get(prefix + "from", "00:00")), 60 * minutes(rule.get(prefix + "to", "24:00"))
        if opens < closes:
            return wall.date() if opens <= shown < closes else None
        if shown >= opens:
            return wall.date()
        return wall.date() - timedelta(days=1) if shown < closes else None

    def price(self, amount):
        if amount not in self.prices:
            self.prices[amount] = half_up(amount * self.multiplier)
        return self.prices[amount]

    def periods(self, start, end):
        if start >= end:
            return []
        starts_at = self.rules.get("day_starts_at", "entry")
        if starts_at == "never":
            return [(start, end)]
        if starts_at == "entry":
            cuts = list(range(start, end, 86400))
        else:
            cuts = [start]
            furthest = self.wall(start - 2 * 86400)
            for instant in range(start - 2 * 86400, end, TICK):
                wall = self.wall(instant)
                if wall <= furthest:
                    continue
                marks = new_days(furthest.date(), starts_at)
                if any(furthest < mark <= wall for mark in marks) and instant > start:
                    cuts.append(instant)
                furthest = wall
        return list(zip(cuts, [*cuts[1:], end], strict=True))

    def plan(self, instant, kind, index):
        spot_type, vehicle_type = kind
        wall = self.wall(instant)
        fits = [
            (plan.get("priority", 0), number)
            for number, plan in enumerate(self.rules["plans"])
            if self.day_fits(plan.get("days"), wall.date())
            and self.opening(plan, wall, "entry_") is not None
            and (not plan.get("spot_types") or spot_type in plan["spot_types"])
            and (not plan.get("vehicle_types") or vehicle_type in plan["vehicle_types"])
            and plan.get("periods", "any") in ("any", "later" if index else "first")
        ]
        return max(fits)[1]

    def amounts(self, plan, start, end):
        """Each added amount with its instant, and whether caps touch it."""
        if plan.get("steps"):
            elapsed = Fraction(end - start, 60)
            for step in plan["steps"]:
                if elapsed <= step["up_to_minutes"]:
                    yield start, self.price(step["price"]), False
                    return
            yield start, self.price(plan["steps"][-1]["price"]), False
            beyond, left = plan.get("steps_beyond"), elapsed - plan["steps"][-1]["up_to_minutes"]
            while beyond and left > 0:
                yield start, self.price(beyond["price"]), False
                left -= beyond["each_minutes"]
            return
        instant, inside, entered = start, None, start
        while instant < end:
            wall = self.wall(instant)
            ((number, band),) = [
                (number, band) for number, band in enumerate(plan["bands"]) if self.opening(band, wall) is not None
            ]
            fresh = number != inside
            if fresh:
                inside, entered = number, instant
            if band.get("once"):
                yield instant, self.price(band["price"]) if fresh else 0, True
                instant += TICK
                continue
            reached = [rate for rate in band.get("then", []) if instant - entered >= rate["after_minutes"] * 60]
            rate = reached[-1] if reached else band
            if rate.get("prorata"):
                seconds = (rate.get("prorata_minutes") or 0) * 60 or TICK
                yield instant, Fraction(self.price(rate["price"]) * seconds, rate["increment_minutes"] * 60), True
                instant += seconds
            else:
                yield instant, self.price(rate["price"]), True
                instant += rate["increment_minutes"] * 60

    def meters(self, number, instant):
        """Each opening of a cap's window that holds the instant, with the cap's price."""
        wall, held = self.wall(instant), {}
        for owner, rules in ((number, self.rules["plans"][number]), ("tariff", self.rules)):
            for which, cap in enumerate(rules.get("caps", [])):
                opened = self.opening(cap, wall)
                if opened is not None and self.day_fits(cap.get("days"), opened):
                    held[owner, which, opened] = cap["price"]
        return held

    def metered(self, start, end, kind):
        rooms, sums = {}, []
        for index, (begins, ends) in enumerate(self.periods(start, end)):
            number = self.plan(begins, kind, index)
            plan = self.rules["plans"][number]
            period_sum = Fraction(0)
            for instant, added, capped in self.amounts(plan, begins, ends):
                meters = self.meters(number, instant) if capped else {}
                for meter, room in meters.items():
                    rooms.setdefault(meter, room)
                left = min([added, *(rooms[meter] for meter in meters)])
                if plan.get("max_price") is not None:
                    left = min(left, plan["max_price"] - period_sum)
                for meter in meters:
                    rooms[meter] -= left
                period_sum += left
            sums.append(half_up(period_sum))
        return self.under_block_caps(sums)

    def under_block_caps(self, sums):
        total = 0
        blocks = {}
        for index, amount in enumerate(sums):
            held = [(which, index // cap["periods"]) for which, cap in enumerate(self.rules.get("block_caps", []))]
            for key in held:
                blocks.setdefault(key, self.rules["block_caps"][key[0]]["price"])
            left = min([amount, *(blocks[key] for key in held)])
            for key in held:
                blocks[key] -= left
            total += left
        return total

    def before_discounts(self, entry, exit_, kind):
        rules = self.rules
        start = entry + rules.get("free_minutes", 0) * 60
        if exit_ - entry <= rules.get("grace_minutes", 0) * 60 or start >= exit_:
            return 0
        total = self.metered(start, exit_, kind)
        came, left = self.wall(entry), self.wall(exit_)
        for package in rules.get("packages", []):
            if (
                self.day_fits(package.get("days"), came.date())
                and self.opening(package, came, "entry_") is not None
                and self.opening(package, left, "exit_") is not None
                and exit_ - entry <= package["max_hours"] * 3600
            ):
                total = min(total, package["price"])
        return max(total, rules.get("minimum_charge", 0)) if total else 0

    def total_and_tax(self, entry, exit_, kind, discounts=(), stays_before=0):
        total = self.before_discounts(entry, exit_, kind)
        free = sum(discount.get("free_minutes", 0) for discount in discounts)
        if free:
            total = min(total, self.before_discounts(entry, max(entry, exit_ - free * 60), kind))
        earned = [one for one in self.rules.get("regulars", []) if one["from_stay"] <= stays_before + 1]
        for discount in [*earned[-1:], *discounts]:
            if "percent" in discount:
                total -= half_up(total * Fraction(discount["percent"]) / 100)
        total = max(0, total - sum(discount.get("amount", 0) for discount in discounts))
        rate = Fraction(self.rules.get("tax_percent", "0")) / 100
        if self.rules.get("tax_included", True):
            return total, total - half_up(total / (1 + rate))
        tax = half_up(total * rate)
        return total + tax, tax
