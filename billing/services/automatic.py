"""Agreements of drivers to have a vehicle's fees charged to a saved card, and objections to what was charged."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.access import verified_address
from accounts.models import User, Vehicle
from billing.models import (
    AutomaticPayment,
    Objection,
    ObjectionOutcome,
    Payment,
    PaymentState,
    Refund,
    RefundRequest,
    SavedMethod,
    WithdrawnWhy,
)
from billing.services.refunds import ask_refund
from common.errors import ConflictError, DomainError, FieldError, ForbiddenError


class AddressNotVerifiedError(ForbiddenError):
    """Nobody is charged automatically who could not be told of it."""

    code = "address_not_verified"


class NotYourCardError(DomainError):
    """The card was removed, or is another person's."""

    code = "card_not_usable"


class LimitNotPositiveError(DomainError):
    """A limit is more than nothing."""

    code = "limit_not_positive"


class WordMissingError(DomainError):
    """What a person decided needs a word of explanation."""

    code = "word_missing"


class ObjectionDecidedError(ConflictError):
    """Another person has decided this objection in another way."""

    code = "objection_decided"


class NothingChargedError(ConflictError):
    """The payment took no money, so there is nothing to object to."""

    code = "nothing_charged"


@transaction.atomic
def agree_automatic(  # noqa: PLR0913 - the facts of one row
    *, driver: User, vehicle: Vehicle, saved_method: SavedMethod, limit: int, currency: str, at: datetime
) -> AutomaticPayment:
    """Agree that a driver's vehicle is charged at exits, up to `limit` minor units per stay, from `at` on.

    Other terms than before replace the earlier agreement; the same ones leave it as it is. Raises
    AddressNotVerifiedError, NotYourCardError, LimitNotPositiveError.
    """
    if limit <= 0:
        message = _("The limit must be more than nothing.")
        raise LimitNotPositiveError(message, errors=[FieldError("limit", message)])
    if not verified_address(driver):
        raise AddressNotVerifiedError(_("Confirm your email address first: we write to it whenever you are charged."))
    driver = User.objects.select_for_update().get(pk=driver.pk)
    vehicle = Vehicle.objects.get(pk=vehicle.pk, owner=driver)
    card = SavedMethod.objects.usable().filter(pk=saved_method.pk, owner=driver).first()
    if card is None:
        message = _("This card can't be used any more. Choose another one.")
        raise NotYourCardError(message, errors=[FieldError("saved_method", message)])
    earlier = AutomaticPayment.objects.standing().filter(driver=driver, plate_normalised=vehicle.plate_normalised)
    for known in earlier:
        if (known.vehicle_id, known.saved_method_id, known.limit_amount, known.currency) == (
            vehicle.pk,
            card.pk,
            limit,
            currency,
        ):
            return known
        withdraw_automatic(agreement=known, why=WithdrawnWhy.TERMS, at=at)
    return AutomaticPayment.objects.create(
        driver=driver,
        vehicle=vehicle,
        saved_method=card,
        plate=vehicle.plate,
        plate_normalised=vehicle.plate_normalised,
        limit_amount=limit,
        currency=currency,
        agreed_at=at,
    )


@transaction.atomic
def withdraw_automatic(*, agreement: AutomaticPayment, why: str, at: datetime) -> AutomaticPayment:
    """End an agreement: no read that begins after this is charged by it. Idempotent: the first end stays.

    A payment that has begun goes on, so the end is never told as before it.
    """
    agreement = AutomaticPayment.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if agreement.withdrawn_at is None:
        last = agreement.payments.aggregate(last=Max("created_at"))["last"]
        agreement.withdrawn_at = max(filter(None, (at, agreement.agreed_at, last)))
        agreement.withdrawn_why = WithdrawnWhy(why)
        agreement.save(update_fields=["withdrawn_at", "withdrawn_why"])
    return agreement


@transaction.atomic
def withdraw_for_vehicle(*, vehicle: Vehicle, at: datetime) -> None:
    """End the agreement for a vehicle whose plate changes or that is removed."""
    for agreement in AutomaticPayment.objects.standing().filter(vehicle=vehicle):
        withdraw_automatic(agreement=agreement, why=WithdrawnWhy.VEHICLE, at=at)


@transaction.atomic
def object_to(*, payment: Payment, at: datetime) -> Objection:
    """Note that an automatic payment was not the driver's, for a person to decide, and end its agreement.

    So ends one that has replaced it since. Idempotent: a payment has one objection. Raises NothingChargedError.
    """
    payment = Payment.objects.select_related("automatic").get(pk=payment.pk)
    agreed = payment.automatic
    if agreed is None or payment.state != PaymentState.CAPTURED:
        raise NothingChargedError(_("Nothing was charged by this payment."))
    objection, is_new = Objection.objects.get_or_create(payment=payment, defaults={"raised_at": at})
    if is_new:
        standing = AutomaticPayment.objects.standing().filter(plate_normalised=agreed.plate_normalised)
        for one in standing.filter(driver=agreed.driver_id, driver__isnull=False):
            withdraw_automatic(agreement=one, why=WithdrawnWhy.NOT_ME, at=at)
    return objection


@transaction.atomic
def decide_objection(
    *, objection: Objection, outcome: str, word: str, by: User, at: datetime
) -> tuple[Objection, Refund | RefundRequest | None]:
    """Refund what an objection is about as goodwill, or reject it, with a word to the driver.

    The refund is to be returned after the commit (`return_refund`). One above the operator's limit waits for a second
    person, and the objection with it: decide again once they have. Idempotent for the same outcome. Raises
    WordMissingError, ObjectionDecidedError, and what `ask_refund` raises.
    """
    word = word.strip()
    if not word:
        message = _("Say in a few words why.")
        raise WordMissingError(message, errors=[FieldError("word", message)])
    objection = Objection.objects.select_for_update(of=("self",)).select_related("payment__charge").get(pk=objection.pk)
    payment, key = objection.payment, f"objection-{objection.pk}"
    if objection.decided_at is not None:
        if objection.outcome != outcome:
            raise ObjectionDecidedError(_("Somebody else has decided this already."))
        return objection, Refund.objects.filter(idempotency_key=key).first()
    refund: Refund | RefundRequest | None = None
    left = payment.captured_amount - payment.refunded_amount
    if outcome == ObjectionOutcome.REFUNDED and left > 0:
        refund = ask_refund(payment=payment, amount=left, reason=word, idempotency_key=key, at=at, by=by, goodwill=True)
        if isinstance(refund, RefundRequest):
            return objection, refund
    objection.outcome, objection.word = ObjectionOutcome(outcome), word
    objection.decided_at, objection.decided_by = at, by
    objection.save(update_fields=["outcome", "word", "decided_at", "decided_by"])
    return objection, refund
