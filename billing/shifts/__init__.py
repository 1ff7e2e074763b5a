"""Shifts of cashiers: opened with a counted float, closed blind, and every write of them.

The shift is locked after charges, tickets and debts: a sale shares its lock until the commit, a count waits for that.
"""

from billing.shifts.close_out import ShiftReport, report_of, sales_of
from billing.shifts.closing import (
    CountedBeforeError,
    DifferenceNoteMissingError,
    NotCountedError,
    ShiftClosedError,
    ShiftNotClosedError,
    close_shift,
    record_count,
    reopen_shift,
    start_count,
)
from billing.shifts.counting import Counted, needs_note, with_difference
from billing.shifts.holding import NoOpenShiftError, keep_in_shift, open_till_of, till_for_cash
from billing.shifts.movements import MovementKeyUsedError, move_cash
from billing.shifts.opening import (
    DrawerTakenError,
    ShiftKeyUsedError,
    ShiftOpenError,
    last_in_drawer,
    left_in_drawer,
    open_shift,
    till_of_machine,
)
from billing.shifts.till import EXPECTED, TillSum, cash_currencies, sums_of_till

__all__ = [
    "EXPECTED",
    "Counted",
    "CountedBeforeError",
    "DifferenceNoteMissingError",
    "DrawerTakenError",
    "MovementKeyUsedError",
    "NoOpenShiftError",
    "NotCountedError",
    "ShiftClosedError",
    "ShiftKeyUsedError",
    "ShiftNotClosedError",
    "ShiftOpenError",
    "ShiftReport",
    "TillSum",
    "cash_currencies",
    "close_shift",
    "keep_in_shift",
    "last_in_drawer",
    "left_in_drawer",
    "move_cash",
    "needs_note",
    "open_shift",
    "open_till_of",
    "record_count",
    "reopen_shift",
    "report_of",
    "sales_of",
    "start_count",
    "sums_of_till",
    "till_for_cash",
    "till_of_machine",
    "with_difference",
]
