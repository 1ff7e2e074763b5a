"""API keys of the demo operator's programs, which nobody has: in use, for one lot, replaced, and withdrawn."""

from datetime import datetime, timedelta

from accounts.api_keys import KeyTerms, make_api_key, note_use, roll_api_key, withdraw_api_key
from accounts.models import User
from accounts.scopes import READ, WRITE, Resource, scopes_of
from lots.models import Lot
from traffic.demo.changed_month import by_admin

_DAY = timedelta(days=1)
BOOKS, SIGNS, HOTEL, TRIED = "Accounting", "Guidance signs", "Hotel desk", "First try"


def make_program_keys(lot: Lot, *, admin: User, at: datetime) -> None:
    """Make the keys with their past: accounting reads, the signs of one lot too, a hotel books, and one was a try."""
    reading = [(resource, READ) for resource in (Resource.REPORTS, Resource.PAYMENTS, Resource.DOCUMENTS)]
    booking = [(Resource.LOTS, READ), (Resource.BOOKINGS, WRITE)]
    kinds = {
        BOOKS: KeyTerms(BOOKS, scopes_of(reading)),
        SIGNS: KeyTerms(SIGNS, scopes_of([(Resource.LOTS, READ)]), lot_ids=[lot.pk]),
        HOTEL: KeyTerms(HOTEL, scopes_of(booking), lot_ids=[lot.pk], ends_at=at + 200 * _DAY),
        TRIED: KeyTerms(TRIED, scopes_of([(Resource.STAYS, READ)])),
    }
    with by_admin(admin, at - 40 * _DAY, "POST /manage/keys/new/"):
        made = {
            name: make_api_key(operator=lot.operator, terms=terms, at=at - 40 * _DAY, by=admin).row
            for name, terms in kinds.items()
        }
    for name, ago in ((BOOKS, timedelta(hours=5)), (SIGNS, timedelta(minutes=2)), (TRIED, 38 * _DAY)):
        note_use(key=made[name], at=at - ago)
    with by_admin(admin, at - 2 * _DAY, "POST /manage/keys/<int:pk>/roll/"):
        roll_api_key(key=made[BOOKS], seen_rolled_at=None, keep_old_for=7 * _DAY, at=at - 2 * _DAY)
    with by_admin(admin, at - 37 * _DAY, "POST /manage/keys/<int:pk>/withdraw/"):
        withdraw_api_key(key=made[TRIED], at=at - 37 * _DAY, by=admin)
