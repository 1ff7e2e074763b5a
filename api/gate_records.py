"""API endpoints by which operators' people and programs keep a lot's gates."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool

from accounts.models import Role
from api.auth import people_auth, person_of
from api.bodies import ObjectIn, PlainText
from api.idempotency import IdempotencyKey, answered_once
from api.place_examples import ADD_GATE, CHANGE_GATE, DELETE_GATE, GATE, GATES
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from common.errors import ConflictError, NotFoundError
from lots.access import load_lot
from lots.checks import HIGHEST_LEVEL, LOWEST_LEVEL
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from lots.services import change_gate, create_gate, lock_lot, remove_gate

router = Router(tags=["Operators"], auth=people_auth)
LevelNumber = Annotated[int, Field(strict=True, ge=LOWEST_LEVEL, le=HIGHEST_LEVEL)]
_SORTS = {"code": "code", "name": "name", "direction": "direction", "level": "level"}


class GateInUseError(ConflictError):
    """The gate has devices or events, so it can't be deleted."""

    code = "gate_in_use"


class GateOut(Schema):
    """A lane in one direction; `closed` turns walk-ins away, `held_open_since` is while a person holds it open."""

    code: str
    lot: str
    name: str
    direction: str
    level: int
    confirms_passage: bool
    closed: bool
    held_open_since: datetime | None


class GatesOut(Schema):
    """A page of gates."""

    items: list[GateOut]
    total: int
    page: int
    page_size: int


class GateIn(ObjectIn):
    """A gate to add; devices name it by its `code`, which can't be changed."""

    code: str = Field(pattern=r"^[A-Za-z0-9_-]{1,60}$", examples=["north-in-1"])
    direction: Direction
    name: PlainText = Field("", max_length=80)
    level: LevelNumber = 0
    confirms_passage: StrictBool = False


class GateChangeIn(ObjectIn):
    """What to change; what is left out stays."""

    direction: Direction = Direction.ENTRY
    name: PlainText = Field("", max_length=80)
    level: LevelNumber = 0
    confirms_passage: StrictBool = False
    closed: StrictBool = False


@router.get("/lots/{slug}/gates", response=GatesOut, summary="List a lot’s gates", openapi_extra=GATES)
def get_gates(request: HttpRequest, slug: str, asked: Query[RecordsQuery]) -> HttpResponse:
    """List a lot's gates. For its admins."""
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    return listed(lot.gates.select_related("lot"), asked, _SORTS, lambda rows: [tell_gate(gate) for gate in rows])


@router.post("/lots/{slug}/gates", response={201: GateOut}, summary="Add a gate", openapi_extra=ADD_GATE)
def post_gate(request: HttpRequest, slug: str, body: GateIn, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Add a gate; a key for its camera is issued at the office's pages. Answers 409 when its code is taken."""

    def add() -> HttpResponse:
        lot = load_lot(person_of(request), slug, Role.ADMIN)
        values = body.model_dump(exclude={"code"})
        return shown(request, tell_gate(create_gate(lot=lot, code=body.code, values=values)), status=201)

    return answered_once(request, idempotency_key, add)


@router.get("/lots/{slug}/gates/{code}", response=GateOut, summary="Describe a gate", openapi_extra=GATE)
def get_gate(request: HttpRequest, slug: str, code: str, asked: Query[FieldsQuery]) -> HttpResponse:
    """Describe a gate, with the ETag that a change may name in `If-Match`."""
    return shown(request, tell_gate(_gate(request, slug, code)), asked.fields_)


@router.patch("/lots/{slug}/gates/{code}", response=GateOut, summary="Change a gate", openapi_extra=CHANGE_GATE)
def patch_gate(request: HttpRequest, slug: str, code: str, body: GateChangeIn) -> HttpResponse:
    """Change a gate, take it out of service (`closed`), or put it back. Answers 412 when `If-Match` does not fit."""
    gate = _gate(request, slug, code)
    values = body.model_dump(exclude_unset=True)
    if "closed" in values:
        values["is_closed"] = values.pop("closed")
    with unless_changed(request, _locked(gate), tell_gate) as row:
        changed = change_gate(gate=row, values=values)
    return shown(request, tell_gate(changed))


@router.delete("/lots/{slug}/gates/{code}", response={204: None}, summary="Delete a gate", openapi_extra=DELETE_GATE)
def delete_gate(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Delete a gate that was never used; answers 409 for one with devices or events."""
    gate = _gate(request, slug, code)
    with unless_changed(request, _locked(gate), tell_gate) as row:
        if row.devices.exists() or row.events.exists():
            raise GateInUseError(_("This gate has devices or events and can't be deleted. Take it out of service."))
        remove_gate(gate=row)
    return HttpResponse(status=204)


def tell_gate(gate: Gate) -> GateOut:
    """Return a gate, loaded with its lot, as answers show it."""
    names = ("code", "name", "direction", "level", "confirms_passage", "held_open_since")
    values: dict[str, Any] = {name: getattr(gate, name) for name in names}
    return GateOut(lot=gate.lot.slug, closed=gate.is_closed, **values)


def _gate(request: HttpRequest, slug: str, code: str) -> Gate:
    lot: Lot = load_lot(person_of(request), slug, Role.ADMIN)
    gate = lot.gates.select_related("lot").filter(code=code).first() if "\0" not in code else None
    if gate is None:
        raise NotFoundError(_("There is no such gate."))
    return gate


def _locked(gate: Gate) -> Callable[[], Gate]:
    def load() -> Gate:
        lock_lot(gate.lot_id)
        found = Gate.objects.select_for_update(of=("self",)).select_related("lot").filter(pk=gate.pk).first()
        if found is None:
            raise NotFoundError(_("There is no such gate."))
        return found

    return load
