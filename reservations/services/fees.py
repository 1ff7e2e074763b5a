"""What a booking costs whose driver does not come: owed by who booked, not by the plate, which proves nothing."""

from datetime import datetime

from django.utils.translation import gettext as _

from billing.services import assess_locked, lock_charge, record_debt
from billing.tariffs import rules_of
from reservations.models import Reservation


def charge_fee(booking: Reservation, amount: int, label: str, *, at: datetime) -> None:
    """Charge a booking's fee (minor units, with tax) under `label`, and leave it owing; 0 charges nothing.

    The lot's lock is held; sets the booking's charge without saving it.
    """
    if not amount:
        return
    line = {"label": label, "from": booking.starts_at.isoformat(), "to": booking.ends_at.isoformat(), "amount": amount}
    charge = lock_charge(booking.charge) if booking.charge else None
    booking.charge = assess_locked(
        charge,
        lot=booking.lot,
        label=_("Booking %(code)s") % {"code": booking.code},
        due=amount,
        tax_percent=rules_of(booking.tariff).tax_percent,
        lines=[line],
        at=at,
        tariff=booking.tariff,
    )
    if booking.charge.balance_amount > 0:
        record_debt(charge=booking.charge, plate=booking.plate, reason=label, at=at, of_booker=True)
