"""Runs the field: draws its cars, drives them through the lanes and reconciles them."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from django.utils.timezone import now

from common.errors import ConflictError
from common.plates import skeleton
from gates.services import confirm_silent_passages
from lots.models import Lot
from tickets.models import Ticket
from traffic.client import Server
from traffic.field.driven import Driven
from traffic.field.lane_pool import LanePool
from traffic.field.ledger import ledger_of, pricing_of
from traffic.field.life import FieldLife
from traffic.field.reckoning import FieldReckoning, reconcile_field
from traffic.field.scenario import FieldCar, draw_field
from traffic.field.site import field_lots
from traffic.simulation.recorded import recorded_by
from traffic.simulation.schedule import Day
from traffic.simulation.sites import Course


class CarsCameBeforeError(ConflictError):
    """The cars of this seed have been at these lots before, so what is recorded of them is no longer only this run."""

    code = "cars_came_before"


def run_field(*, server: Server, course: Course, cars: int, seed: int, ended: Callable[[], object]) -> FieldReckoning:
    """Drive the cars of a seed, each in real time, and reconcile them; `ended` is called after each.

    Raises CarsCameBeforeError.
    """
    plans = draw_field(cars, lots=field_lots(course), seed=seed)
    _refuse_known(plans)
    dedupe = dict(Lot.objects.filter(slug__in=course.sites).values_list("slug", "dedupe_seconds"))
    pools = {slug: LanePool(site) for slug, site in course.sites.items()}
    driven = [
        Driven(
            plan,
            pools[plan.lot],
            server,
            timedelta(seconds=dedupe[plan.lot]),
            Random(f"{seed}/{plan.serial}"),  # noqa: S311 repeatable, no secret
        )
        for plan in plans
    ]
    Day([FieldLife(car, ended) for car in driven], speed=1.0, stepped=lambda: None).run()
    while confirm_silent_passages(at=now()):
        pass
    return reconcile_field(
        driven,
        ledger=ledger_of(course.devices),
        recorded=recorded_by(course.devices),
        pricing=pricing_of(course.sites),
    )


def _refuse_known(plans: list[FieldCar]) -> None:
    plates = [skeleton(plate) for plan in plans for plate in (plan.plate, plan.other_plate)]
    if Ticket.objects.filter(lot__slug__in={plan.lot for plan in plans}, plate_skeleton__in=plates).exists():
        raise CarsCameBeforeError("The cars of this seed have been here before. Choose another seed.")
