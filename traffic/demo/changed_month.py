"""Who changed the demo's rules: when it was set up, and what its admin has changed in the month since."""

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from accounts.models import Role, User
from accounts.services import change_role, set_refund_limit, set_waiver_limits
from audit.acting import Acting
from audit.how import How
from audit.services import chain_entries
from audit.telling import acting_as
from lots.models import Lot
from lots.services import change_gate, close_lot, reopen_lot, update_lot
from traffic.demo.personas import People

SET_UP = timedelta(days=200)
"""How long ago the demo was set up."""
_DAY = timedelta(days=1)
_LOT, _ROLE = "POST /manage/lots/<slug:slug>/settings/", "POST /manage/people/<int:pk>/role/"


def setting_up(at: datetime) -> AbstractContextManager[None]:
    """Let what is written be done by the command that set the demo up."""
    return acting_as(Acting(How.COMMAND, page="import_site", at=at - SET_UP))


def by_admin(admin: User, at: datetime, page: str) -> AbstractContextManager[None]:
    """Let what is written be done by the admin then, on a page."""
    return acting_as(Acting(How.PAGE, by=admin.pk, page=page, at=at))


def change_for_a_month(lot: Lot, *, people: People, at: datetime) -> None:
    """Let the admin have changed a lot's settings, a gate's name, limits and a role, and taken some of it back."""
    admin = people.admin
    early, reentry = lot.early_minutes, lot.reentry_minutes
    for ago, values in ((26, {"early_minutes": early + 15}), (19, {"early_minutes": early, "reentry_minutes": 30})):
        with by_admin(admin, at - ago * _DAY - timedelta(hours=2, minutes=ago), _LOT):
            update_lot(lot=lot, values=values)
    with by_admin(admin, at - 15 * _DAY - timedelta(hours=5), _LOT):
        update_lot(lot=lot, values={"reentry_minutes": reentry})
    _close_for_an_evening(lot, admin, at - 9 * _DAY)
    _rename_a_gate(lot, admin, at - 22 * _DAY)
    _limit(lot, admin, at)
    _lend_a_role(people, at)


def chain_all() -> None:
    """Chain all that was kept so far, as the task does later."""
    while chain_entries():
        pass


def _close_for_an_evening(lot: Lot, admin: User, at: datetime) -> None:
    with by_admin(admin, at, "POST /manage/lots/<slug:slug>/close/"):
        close_lot(lot=lot)
    with by_admin(admin, at + timedelta(hours=3), "POST /manage/lots/<slug:slug>/reopen/"):
        reopen_lot(lot=lot)


def _rename_a_gate(lot: Lot, admin: User, at: datetime) -> None:
    gate = lot.gates.order_by("pk").first()
    if gate is None:
        return
    name = gate.name
    for moment, called in ((at, f"{name} (North)"), (at + timedelta(minutes=6), name)):
        with by_admin(admin, moment, "POST /manage/gates/<slug:code>/"):
            change_gate(gate=gate, values={"name": called})


def _limit(lot: Lot, admin: User, at: datetime) -> None:
    operator = lot.operator
    largest, a_day, refund = operator.waiver_limit, operator.waiver_day_limit, operator.refund_limit
    page = "POST /manage/waivers/<slug:operator>/limits/"
    for ago, limits in ((24, (1000, 5000)), (11, (largest, a_day))):
        with by_admin(admin, at - ago * _DAY, page):
            set_waiver_limits(operator=operator, largest=limits[0], a_day=limits[1])
    for ago, limit in ((24, 5000), (6, refund)):
        with by_admin(admin, at - ago * _DAY + timedelta(minutes=4), "POST /manage/refunds/limit/"):
            set_refund_limit(operator=operator, largest=limit)


def _lend_a_role(people: People, at: datetime) -> None:
    """Let the attendant have been an admin while the admin was away."""
    membership = people.attendant.memberships.get()
    for ago, role in ((17, Role.ADMIN), (14, Role.ATTENDANT)):
        with by_admin(people.admin, at - ago * _DAY + timedelta(hours=1), _ROLE):
            membership = change_role(membership=membership, role=role, at=at - ago * _DAY)
