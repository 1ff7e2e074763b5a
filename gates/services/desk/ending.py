"""Stays that an attendant ends because they are not there any more; no gate opens."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from gates.services.desk.acts import require_note
from gates.services.desk.waivers import require_may_waive
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.services import Settlement, end_stay_unseen, lock_with_reason, void_unreal_stay


@transaction.atomic
def end_unseen_at_desk(  # noqa: PLR0913 - who, what, when and why
    *, ticket: Ticket, left_at: datetime, agreed: int, settlement: str, by: User, note: str, at: datetime
) -> Ticket:
    """Close a stay whose car left unseen, as `tickets.services.end_left_unseen`.

    Raises also NoteMissingError and, for a fee above what the operator lets an attendant waive, WaiverLimitError.
    """
    require_note(note)
    stay = lock_with_reason(ticket, note)
    if settlement == Settlement.WAIVE:
        require_may_waive(stay.lot, by, agreed, at)
    return end_stay_unseen(stay, left_at=left_at, agreed=agreed, settlement=settlement, at=at, why=note, by=by)


@transaction.atomic
def void_at_desk(*, ticket: Ticket, by: User, note: str, at: datetime) -> Ticket:
    """Void a stay that never was, as `tickets.services.end_never_was`.

    What it would cost by now counts as let off: raises also NoteMissingError and WaiverLimitError.
    """
    require_note(note)
    stay = lock_with_reason(ticket, note)
    require_may_waive(stay.lot, by, fee_of(stay.ticket, at).owed, at)
    return void_unreal_stay(stay, at=at, why=note, by=by)
