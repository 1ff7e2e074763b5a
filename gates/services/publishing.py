"""Shows a lot to the public once it has all that a driver needs."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.tariffs import tariff_on
from common.errors import ConflictError
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
