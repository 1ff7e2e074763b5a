"""Shows a lot to the public once it has all that a driver needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.second_factor import has_second_factor
from billing.tariffs import tariff_on
from common.errors import ConflictError
from gates.models import EventKind, GateEvent
from lots.calendar import local_day
from lots.gate_rules import Direction
from lots.models import Lot
from lots.services import update_lot


class LotNotReadyError(ConflictError):
    """The lot lacks spots, a gate in some direction or a tariff."""

    code = "lot_not_ready"


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
    has_key = lot.devices.filter(revoked_at=None).exists() or lot.events.filter(kind=EventKind.PERSON).exists()
    return [
        *setup_steps(lot, at=at),
        SetupStep("key", _("a key for a camera"), has_key),
        SetupStep("car", _("a first car, or a test car"), lot.events.exists()),
        SetupStep("factor", _("a second factor for your account"), has_second_factor(person)),
    ]


def lot_to_finish(lot_ids: Sequence[int]) -> Lot | None:
    """Return the newest of these lots that is not public yet or where no car was seen; None when all of them run."""
    seen = Exists(GateEvent.objects.filter(lot=OuterRef("pk")))
    lots = Lot.objects.in_use().filter(pk__in=lot_ids).filter(Q(published=False) | ~seen)
    return lots.order_by("-created_at").first()


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
