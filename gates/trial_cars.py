"""A test car: read at a lot's entry as a camera's would be, and never a stay."""

import json
import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError
from devices.models import DeviceKind
from devices.services import issue_device_key, revoke_device_key
from gates.reads.receive import receive_read
from gates.reads.reply import instant
from lots.gate_rules import Direction
from lots.models import Lot
from lots.services import lock_lot
from tickets.models import Ticket
from tickets.services import end_never_was

PLATES = 10_000


class TrialNotPossibleError(ConflictError):
    """The lot is public, so that a barrier would open for nobody, or it has no entry."""

    code = "trial_not_possible"


@transaction.atomic
def send_trial_car(*, lot: Lot, by: User, at: datetime) -> dict[str, Any]:
    """Send a car with a made-up plate through the entry of a lot that is being set up; return what its lane answers.

    The read has a key of its own that ends with it. A stay that begins is declared never to have been at once, in the
    same transaction: it takes no spot, costs nothing and is in no report. Raises TrialNotPossibleError.
    """
    lock_lot(lot.pk)
    lot = Lot.objects.get(pk=lot.pk)
    gate = lot.gates.filter(direction=Direction.ENTRY).order_by("pk").first()
    if lot.published or lot.archived_at is not None:
        raise TrialNotPossibleError(_("A test car is for a lot that is being set up: its gate opens for nobody."))
    if gate is None:
        raise TrialNotPossibleError(_("Add an entry gate first."))
    issued = issue_device_key(gate=gate, kind=DeviceKind.CAMERA, name=_("Test car"), at=at)
    plate = f"TEST{secrets.randbelow(PLATES):04}"
    read = {"event_id": str(uuid4()), "captured_at": instant(at), "plate": plate, "confidence": 0.99}
    answer = receive_read(authorization=f"Bearer {issued.key}", code=gate.code, body=json.dumps(read).encode(), at=at)
    if answer["ticket"] is not None:
        ticket = Ticket.objects.get(number=answer["ticket"]["number"])
        end_never_was(ticket=ticket, at=at, why=_("Test car"), by=by)
    revoke_device_key(device=issued.device, at=at)
    return answer | {"plate": plate}
