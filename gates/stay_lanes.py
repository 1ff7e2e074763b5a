"""By which lanes the cars of stays drove in and out."""

from django.db.models import Exists, OuterRef, Q

from gates.decision import Action
from gates.models import GateEvent
from lots.models import Gate


def has_driven_through(lane: Gate) -> Q:
    """Match the stays whose car was let in or out at a lane."""
    return Q(Exists(GateEvent.objects.filter(ticket=OuterRef("pk"), gate=lane, action=Action.OPEN)))
