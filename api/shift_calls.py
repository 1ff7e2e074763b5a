"""API endpoints for the tills of cashiers: opened with a counted float, counted blind, closed."""

import secrets
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.access import has_role
from accounts.models import Role, User
from api.auth import people_auth, person_of
from api.described_calls import described, page_of
from api.idempotency import IdempotencyKey, stored_key
from api.page_numbers import paged
from api.shift_answers import listed_shift_json, movement_json, shift_json, with_shift_parts
from api.shift_examples import CLOSED_SHIFT, COUNTED_SHIFT, LISTED_SHIFT, MOVEMENT, MOVEMENT_SENT, OPEN_SHIFT
from api.shift_schemas import (
    CashMovementIn,
    CashMovementOut,
    ShiftCloseIn,
    ShiftCountIn,
    ShiftIn,
    ShiftOut,
    ShiftsOut,
    ShiftsQuery,
)
from billing.models import Shift
from billing.shifts import (
    Counted,
    MovementKeyUsedError,
    cash_currencies,
    close_shift,
    move_cash,
    open_shift,
    record_count,
    start_count,
)
from common.coins import coins_and_notes
from common.errors import ForbiddenError, InvalidValueError, NotFoundError
from common.time import InvalidInstantError, parse_instant, truncate
from lots.access import load_lot, lots_visible_to

router = Router(tags=["People"], auth=people_auth)

_CLOSED = {"shift_closed": "It was closed before."}


@router.get(
    "/shifts",
    response=ShiftsOut,
    summary="List shifts",
    openapi_extra=described(
        answers={200: page_of(LISTED_SHIFT)},
        refused={403: {"forbidden": "You work nowhere."}},
        errors=[InvalidInstantError],
    ),
)
def get_shifts(request: HttpRequest, query: Query[ShiftsQuery]) -> dict[str, Any]:
    """List shifts, the latest first: your own, and all at the lots of which you are an admin."""
    person = person_of(request)
    if not has_role(person, Role.ATTENDANT):
        raise ForbiddenError(_("Your role does not allow this."))
    found = _filtered(_visible(person), query).order_by("-opened_at", "-pk")
    answer = paged(with_shift_parts(found), query.page, query.page_size)
    return answer | {"items": [listed_shift_json(shift) for shift in answer["items"]]}


@router.post(
    "/shifts",
    response={201: ShiftOut},
    summary="Open your shift",
    openapi_extra=described(
        sent={"lot": "central", "drawer": "Till 1", "float_amount": 20000},
        answers={201: OPEN_SHIFT | {"sales": 0, "movements": []}},
        refused={
            404: {"not_found": "There is no such lot, or you don't work there."},
            409: {
                "shift_open": "You have a shift that is not closed.",
                "drawer_taken": "Another shift has the drawer.",
            },
        },
    ),
)
def post_shift(
    request: HttpRequest,
    body: ShiftIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Open your till at a lot where you work. The same `Idempotency-Key` with the same body opens one."""
    person = person_of(request)
    lot = load_lot(person, body.lot)
    if lot.archived_at is not None:
        raise NotFoundError(_("There is no such lot."))
    opened = open_shift(
        person=person,
        lot=lot,
        drawer=body.drawer,
        float_amount=body.float_amount,
        at=truncate(now()),
        idempotency_key=stored_key(person, idempotency_key),
    )
    return Status(201, _shown(opened))


@router.get(
    "/shifts/{int:shift_id}",
    response=ShiftOut,
    summary="Describe a shift",
    openapi_extra=described(answers={200: OPEN_SHIFT}),
)
def get_shift(request: HttpRequest, shift_id: int) -> dict[str, Any]:
    """Describe a shift of yours, or at a lot of which you are an admin; what was expected only once it was counted."""
    return _shown(_load(person_of(request), shift_id))


@router.post(
    "/shifts/{int:shift_id}/movements",
    response={201: CashMovementOut},
    summary="Move cash without a sale",
    openapi_extra=described(
        sent=MOVEMENT_SENT,
        answers={201: MOVEMENT},
        refused={409: {"no_open_shift": "The till is being counted, or was closed."}},
    ),
)
def post_movement(
    request: HttpRequest,
    shift_id: int,
    body: CashMovementIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Record cash that goes to the safe, or is paid in or out. The same `Idempotency-Key` records it once."""
    person = person_of(request)
    shift = _load(person, shift_id)
    key = str(stored_key(person, idempotency_key or secrets.token_urlsafe(24)))
    moved = move_cash(
        shift=shift,
        kind=body.kind,
        amount=body.amount,
        reason=body.reason,
        by=person,
        at=truncate(now()),
        key=uuid5(NAMESPACE_URL, key),
    )
    if moved.reason != body.reason.strip():
        raise MovementKeyUsedError(_("This idempotency key was already used for another movement."))
    return Status(201, movement_json(moved, shift))


@router.post(
    "/shifts/{int:shift_id}/count",
    response=ShiftOut,
    summary="Count a till",
    openapi_extra=described(
        sent={"cash": {"CHF": 25150}, "cards": None},
        answers={200: COUNTED_SHIFT},
        refused={409: _CLOSED | {"already_counted": "It was counted, and a count can't be changed."}},
    ),
)
def post_count(request: HttpRequest, shift_id: int, body: ShiftCountIn) -> dict[str, Any]:
    """Stop a till from taking money and record what was counted; then what was expected is told.

    Without a sum, the till only stops taking money, so that nothing is sold while it is counted.
    """
    person = person_of(request)
    shift = _load(person, shift_id)
    act: dict[str, Any] = {"by": person, "at": truncate(now())}
    with transaction.atomic():
        stopped = start_count(shift=shift, **act)
        if body.cash is not None or body.pieces is not None:
            record_count(shift=stopped, cash=_cash(shift, body), cards=body.cards, **act)
        elif body.cards is not None:
            raise InvalidValueError(_("Count the cash, too."), path="cash")
    return _shown(shift)


@router.post(
    "/shifts/{int:shift_id}/close",
    response=ShiftOut,
    summary="Close a counted shift",
    openapi_extra=described(
        sent={"left_amount": 20000, "note": ""},
        answers={200: CLOSED_SHIFT},
        refused={
            409: _CLOSED | {"not_counted": "It has to be counted first."},
            422: {"note_missing": "It is off by more than is tolerated: say why."},
        },
    ),
)
def post_close(request: HttpRequest, shift_id: int, body: ShiftCloseIn) -> dict[str, Any]:
    """Close a counted till: what is left in the drawer is for the next cashier, the rest goes to the safe."""
    person = person_of(request)
    shift = _load(person, shift_id)
    close_shift(shift=shift, left_amount=body.left_amount, note=body.note, by=person, at=truncate(now()))
    return _shown(shift)


def _visible(person: User) -> QuerySet[Shift]:
    return Shift.objects.filter(Q(person=person) | Q(lot__in=lots_visible_to(person, Role.ADMIN)))


def _load(person: User, shift_id: int) -> Shift:
    found = _visible(person).select_related("lot__operator", "person").filter(pk=shift_id).first()
    if found is None:
        raise NotFoundError(_("There is no such shift."))
    return found


def _shown(shift: Shift) -> dict[str, Any]:
    return shift_json(with_shift_parts(Shift.objects.filter(pk=shift.pk)).get())


def _filtered(shifts: QuerySet[Shift], query: ShiftsQuery) -> QuerySet[Shift]:
    found = shifts.filter(lot__slug=query.lot) if query.lot else shifts
    if query.state:
        found = found.filter(state=query.state)
    if query.since:
        found = found.filter(opened_at__gte=parse_instant(query.since, path="from"))
    if query.until:
        found = found.filter(opened_at__lt=parse_instant(query.until, path="to"))
    return found


def _cash(shift: Shift, body: ShiftCountIn) -> dict[str, Counted]:
    """Return the cash counted by currency. Raises InvalidValueError for one that is missing, twice or not in it."""
    cash = {currency: Counted(amount) for currency, amount in (body.cash or {}).items()}
    if body.pieces is not None:
        if shift.currency in cash:
            raise InvalidValueError(_("Give the sum or the pieces, not both."), path="pieces")
        pieces = {int(value): number for value, number in body.pieces.items()}
        unknown = pieces.keys() - set(coins_and_notes(shift.currency))
        if unknown:
            raise InvalidValueError(_("There is no such coin or note."), path=f"pieces.{min(unknown)}")
        cash[shift.currency] = Counted.of_pieces(pieces)
    held = cash_currencies(shift)
    for currency in sorted(set(held) ^ cash.keys()):
        message = _("Count the %(currency)s too.") if currency in held else _("The till has taken no %(currency)s.")
        raise InvalidValueError(message % {"currency": currency}, path=f"cash.{currency}")
    return cash
