"""Shows a lot to the public once it has all that a driver needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import has_second_factor, second_factors
from billing.tariffs import tariff_on
from common.errors import ConflictError
from devices.models import Device
from gates.models import EventKind, GateEvent
from lots.calendar import local_day
from lots.gate_rules import Direction
from lots.models import Lot
from lots.services import update_lot


class LotNotReadyError(ConflictError):
    """The lot lacks spots, a gate in some direction or a tariff."""

    code = "lot_not_ready"


_OF_LOT = GateEvent.objects.filter(lot=OuterRef("pk"))
_SEEN = Exists(_OF_LOT)
_KEYED = Q(Exists(Device.objects.filter(lot=OuterRef("pk"), revoked_at=None))) | Q(
    Exists(_OF_LOT.filter(kind=EventKind.PERSON))
)


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing a lot needs before it is published: `spots`, `entry`, `exit` or `tariff`."""

    code: str
    name: str
    is_done: bool


def setup_steps(lot: Lot, *, at: datetime) -> list[SetupStep]:
    """List what a lot needs before it is published, in the order in which people add it; three queries."""
    directions = set(lot.gates.values_list("direction", flat=True))
    has_spots = lot.counts.filter(total__gt=0).exists()
    has_tariff = tariff_on(lot, local_day(lot, at)) is not None
    return [
        SetupStep("spots", _("spots"), has_spots),
        SetupStep("entry", _("an entry gate"), Direction.ENTRY in directions),
        SetupStep("exit", _("an exit gate"), Direction.EXIT in directions),
        SetupStep("tariff", _("a tariff for today"), has_tariff),
    ]


def first_steps(lot: Lot, *, at: datetime, person: User) -> list[SetupStep]:
    """List what a lot and the person who sets it up need until all runs: `setup_steps`, a key, a car, a second factor.

    A lot without cameras needs no key once people have let a car in.
    """
    has_key = Lot.objects.filter(_KEYED, pk=lot.pk).exists()
    return [
        *setup_steps(lot, at=at),
        SetupStep("key", _("a key for a camera"), has_key),
        SetupStep("car", _("a first car, or a test car"), lot.events.exists()),
        SetupStep("factor", _("a second factor for your account"), has_second_factor(person)),
    ]


def lot_to_finish(lot_ids: Sequence[int], *, first_of: User | None) -> Lot | None:
    """Return the newest of these lots that is not public yet or where no car was seen; None when all of them run.

    The lot of `first_of`, who has no other, is to finish until it has a key and its admin a second factor. One query.
    """
    to_finish = Q(published=False) | Q(~_SEEN)
    if first_of is not None:
        to_finish |= ~_KEYED | Q(~Exists(second_factors(first_of)))
    return Lot.objects.in_use().filter(to_finish, pk__in=lot_ids).order_by("-created_at").first()


@transaction.atomic
def publish_lot(*, lot: Lot, at: datetime) -> Lot:
    """Show a lot on the public pages, boards and API. Raises LotNotReadyError, also for an archived lot."""
    if lot.archived_at is not None:
        raise LotNotReadyError(_("An archived lot can't be published. Restore it first."))
    missing = [step.name for step in setup_steps(lot, at=at) if not step.is_done]
    if missing:
        raise LotNotReadyError(
            _("%(name)s can't be published yet. It still needs %(what)s.")
            % {"name": lot.name, "what": _listed(missing)}
        )
    return update_lot(lot=lot, values={"published": True})


def _listed(names: list[str]) -> str:
    *first, last = names
    return _("%(names)s and %(last)s") % {"names": ", ".join(first), "last": last} if first else last
