"""What barriers report of the commands that they were told."""

from datetime import datetime

from django.utils.translation import gettext as _

from common.errors import NotFoundError
from devices.models import Device
from gates.commands import COMMANDS
from gates.models import GateEvent, ObeyedCommand
from lots.models import Gate


def note_obeyed(gate: Gate, command_id: int, *, device: Device, at: datetime) -> ObeyedCommand:
    """Note that a gate's barrier has obeyed a command, and return the first report of it. Raises NotFoundError."""
    event = GateEvent.objects.filter(COMMANDS, gate=gate, pk=command_id).first()
    if event is None:
        raise NotFoundError(_("There is no such command at this gate."))
    ObeyedCommand.objects.bulk_create([ObeyedCommand(event=event, device=device, at=at)], ignore_conflicts=True)
    return ObeyedCommand.objects.get(event=event)
