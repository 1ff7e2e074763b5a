"""API endpoints for passes: what is sold, buy, give, list, change, plates."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.access import has_role
from accounts.models import Role, User
from api.auth import people_auth, person_of
from api.idempotency import IdempotencyKey, answered_once, stored_key
from api.page_numbers import paged
from api.pass_answers import listed_pass, offer_out, whole_pass
from api.pass_examples import BUY_PASS, CHANGE_PASS, OFFERS, PASS, PASS_PLATE, PASSES
from api.pass_schemas import (
    PassChangeIn,
    PassesOut,
    PassesQuery,
    PassHolderIn,
    PassIn,
    PassOffersOut,
    PassOffersQuery,
    PassOut,
    PassPlateIn,
    WishedStatus,
    given_terms,
)
from api.paying_by_card import pay_by_card
from billing.models import SavedMethod
from common.errors import ForbiddenError, InvalidValueError, NotFoundError
from common.plates import normalise
from common.time import truncate
from lots.models import Lot
from passes.access import load_company_at_work, load_offer_at_work, passes_at_work, passes_of
from passes.models import Pass, PassOffer, PassPlate, PassQuerySet, PassStatus
from passes.queries import offers_online, with_use
from passes.services import (
    HeldBy,
    PassWish,
    add_plate,
    buy_pass,
    cancel_pass,
    change_pass,
    change_renewal,
    grant_pass,
    person_called,
    resume_pass,
    suspend_pass,
    swap_plate,
)

router = Router(tags=["People"], auth=people_auth)


@router.get(
    "/pass-offers",
    response=PassOffersOut,
    auth=None,
    tags=["Public"],
    summary="List the passes that are sold",
    openapi_extra=OFFERS,
)
def get_pass_offers(request: HttpRequest, query: Query[PassOffersQuery]) -> dict[str, Any]:  # noqa: ARG001 - Ninja's call
    """List the passes that anybody can buy, the cheapest first; those of one lot with `lot`."""
    lots = Lot.objects.public()
    answer = paged(offers_online(lots.filter(slug=query.lot) if query.lot else lots), query.page, query.page_size)
    return answer | {"items": [offer_out(offer) for offer in answer["items"]]}


@router.get("/passes", response=PassesOut, summary="List passes", openapi_extra=PASSES)
def get_passes(request: HttpRequest, query: Query[PassesQuery]) -> dict[str, Any]:
    """List passes, the last made first: your own, those of your companies, and all where you work."""
    found = _filtered(_visible(person_of(request)), query).order_by("-created_at", "-pk")
    answer = paged(found, query.page, query.page_size)
    rows = {held.pk: held for held in _with_parts(Pass.objects.filter(pk__in=[one.pk for one in answer["items"]]))}
    return answer | {"items": [listed_pass(rows[one.pk]) for one in answer["items"]]}


@router.post(
    "/passes", response={201: PassOut, 202: PassOut}, summary="Buy a pass, or give one", openapi_extra=BUY_PASS
)
def post_pass(
    request: HttpRequest,
    body: PassIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Buy a pass that is sold online, or where you are an admin give one to a `holder`.

    Answers 202 while the payment is pending, 402 when the card was declined: then nothing is bought. The same
    `Idempotency-Key` with the same body buys once.
    """
    person, at = person_of(request), truncate(now())
    wish: dict[str, Any] = {"plates": body.plates, "valid_from": body.valid_from}
    if body.holder is not None:
        offer = _managed_offer(person, body.offer)
        held = grant_pass(
            wish=PassWish(offer=offer, valid_until=body.valid_until, **wish),
            to=_holder(person, offer, body.holder),
            by=person,
            at=at,
            invoiced=body.invoiced,
            note=body.note,
        )
        return Status(201, _shown(request, held))
    if person.is_program:
        raise InvalidValueError(_("Say who the pass is for."), path="holder")
    sold = offers_online(Lot.objects.public()).filter(pk=body.offer).first()
    if sold is None:
        raise NotFoundError(_("There is no such pass."))
    by = pay_by_card(request, body.payment, reverse("driver:own_passes"))
    key = stored_key(person, idempotency_key or secrets.token_urlsafe(24))
    held = buy_pass(wish=PassWish(offer=sold, **wish), holder=person, pay_by=by, at=at, idempotency_key=key)
    return Status(202 if held.status == PassStatus.DRAFT else 201, _shown(request, held))


@router.get("/passes/{int:pass_id}", response=PassOut, summary="Describe a pass", openapi_extra=PASS)
def get_pass(request: HttpRequest, pass_id: int) -> dict[str, Any]:
    """Describe a pass of yours, of a company you manage, or of an operator you work for."""
    return _shown(request, _load(person_of(request), pass_id))


@router.patch(
    "/passes/{int:pass_id}",
    response=PassOut,
    summary="Change, suspend, resume or cancel a pass",
    openapi_extra=CHANGE_PASS,
)
def patch_pass(request: HttpRequest, pass_id: int, body: PassChangeIn) -> dict[str, Any]:
    """Change a pass: its terms or its `status` where you are an admin; your own one's `renewal`, or cancel it.

    Terms, `renewal` and `status` are changed one at a time. Cancelling gives back whole unused months, less a fee.
    """
    person = person_of(request)
    held, terms = _load(person, pass_id), given_terms(body)
    if sum([bool(terms), body.status is not None, body.renewal is not None]) != 1:
        message = _("Change the terms, the renewal or the status, one at a time.")
        raise InvalidValueError(message, path="status" if body.status else "renewal" if body.renewal else "valid_until")
    is_admin, is_holder = has_role(person, Role.ADMIN, held.lot.operator), held.holder_id == person.pk
    if body.renewal is not None and is_holder:
        card = SavedMethod.objects.usable().filter(owner=person, pk=body.saved_method or 0).first()
        change_renewal(held_pass=held, renewal=body.renewal, saved_method=card, by=person, at=now())
    elif body.status is not None and (is_admin or (is_holder and body.status == WishedStatus.CANCELLED)):
        _CHANGES[body.status](held_pass=held, by=person, why=body.why, at=truncate(now()))
    elif terms and is_admin:
        change_pass(held_pass=held, by=person, at=now(), why=body.why, **terms)
    else:
        raise ForbiddenError(_("You may not do this."))
    return _shown(request, held)


@router.post(
    "/passes/{int:pass_id}/plates",
    response={201: PassOut},
    summary="Add or swap a plate of a pass",
    openapi_extra=PASS_PLATE,
)
def post_pass_plate(
    request: HttpRequest, pass_id: int, body: PassPlateIn, idempotency_key: IdempotencyKey = ""
) -> HttpResponse:
    """Add a plate to a pass, or put it `in_place_of` another one, as often in a month as the pass allows its holder.

    Never while the car of that one is inside on the pass: 409 `plate_parked`.
    """
    return answered_once(request, idempotency_key, lambda: _with_plate(request, pass_id, body))


def _with_plate(request: HttpRequest, pass_id: int, body: PassPlateIn) -> HttpResponse:
    person, at = person_of(request), now()
    held = _load(person, pass_id)
    is_theirs = passes_of(person).filter(pk=held.pk).exists()
    if not is_theirs and not has_role(person, Role.ADMIN, held.lot.operator):
        raise ForbiddenError(_("You may not do this."))
    if body.in_place_of is not None:
        swap_plate(held_pass=held, old=body.in_place_of, new=body.plate, by=person, at=at, limited=is_theirs)
    else:
        add_plate(held_pass=held, plate=body.plate, label=body.label, by=person, at=at)
    return JsonResponse(PassOut(**_shown(request, held)).model_dump(mode="json"), status=201)


_CHANGES: dict[WishedStatus, Any] = {
    WishedStatus.ACTIVE: resume_pass,
    WishedStatus.SUSPENDED: suspend_pass,
    WishedStatus.CANCELLED: cancel_pass,
}


def _visible(person: User) -> PassQuerySet:
    """Return the passes that a person has, manages, or sees at work."""
    either = passes_of(person).values("pk").union(passes_at_work(person).values("pk"))
    return Pass.objects.filter(pk__in=either)


def _load(person: User, pass_id: int) -> Pass:
    held = _visible(person).select_related("lot__operator", "company", "holder").filter(pk=pass_id).first()
    if held is None:
        raise NotFoundError(_("There is no such pass."))
    return held


def _with_parts(passes: PassQuerySet) -> PassQuerySet:
    return with_use(passes).select_related("lot", "company", "holder").prefetch_related("lots")


def _shown(request: HttpRequest, held: Pass) -> dict[str, Any]:
    return whole_pass(request, _with_parts(Pass.objects.filter(pk=held.pk)).get(), now())


def _filtered(passes: PassQuerySet, query: PassesQuery) -> PassQuerySet:
    if query.status and query.status not in PassStatus.values:
        statuses = ", ".join(PassStatus.values)
        raise InvalidValueError(_("The status must be one of %(statuses)s.") % {"statuses": statuses}, path="status")
    found = passes.filter(status=query.status) if query.status else passes
    if query.lot:
        found = found.filter(pk__in=Pass.objects.filter(lots__slug=query.lot).values("pk"))
    if query.plate:
        plates = PassPlate.objects.current().filter(plate_normalised=normalise(query.plate) or "")
        found = found.filter(pk__in=plates.values("held_pass"))
    return found


def _managed_offer(person: User, pk: int) -> PassOffer:
    offer = load_offer_at_work(person, pk, Role.ATTENDANT)
    if not has_role(person, Role.ADMIN, offer.operator):
        raise ForbiddenError(_("You may not do this."))
    if offer.archived_at is not None:
        raise InvalidValueError(_("This pass is not sold any more."), path="offer")
    return offer


def _holder(person: User, offer: PassOffer, given: PassHolderIn) -> HeldBy:
    if given.company is not None:
        company = load_company_at_work(person, given.company)
        if company.operator_id != offer.operator_id:
            raise InvalidValueError(_("This is a company of another operator."), path="holder.company")
        return HeldBy(company=company, name=given.name)
    if not (given.name or given.email):
        raise InvalidValueError(_("Who is it for? Give a company, a name or an address."), path="holder")
    return person_called(given.name, email=given.email)
