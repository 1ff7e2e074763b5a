"""Phones that are verified before a booking, where the lot asks for that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from common.errors import DomainError, FieldError, InvalidValueError
from common.phones import mask_phone, parse_phone
from lots.models import Lot
from notifications.phone_codes import check_phone_code, is_phone_verified, send_phone_code
from reservations.limits import Booker

ACCOUNTS_STAY_VERIFIED = timedelta(days=180)
GUESTS_STAY_VERIFIED = timedelta(hours=1)
"""For so long a guest who goes on with the same booking needs no new code."""


class PhoneCodeNeededError(DomainError):
    """A code was sent to the phone; the same booking is to come again with it."""

    code = "phone_code_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPhone:
    """The number that a booker typed, and the code that was sent there; '' for none."""

    number: str = ""
    code: str = ""


def verified_phone(booker: Booker, lot: Lot, given: GivenPhone, *, at: datetime) -> str:
    """Return the number that is kept with a booking; where the lot asks for one, verified by its code.

    Without a code, one is sent and PhoneCodeNeededError raised. Not inside a transaction. Raises PhoneError,
    InvalidValueError, WrongPhoneCodeError, TooManyCodesError (429), NoTextsError (409).
    """
    if not given.number:
        if lot.asks_phone:
            raise InvalidValueError(_("Enter your phone number. We send a code there."), path="phone")
        return ""
    phone = parse_phone(given.number)
    if not lot.asks_phone:
        return phone
    person, lasts = booker.names()[0], ACCOUNTS_STAY_VERIFIED if booker.driver else GUESTS_STAY_VERIFIED
    if is_phone_verified(person=person, phone=phone, since=at - lasts):
        return phone
    if given.code:
        check_phone_code(person=person, phone=phone, typed=given.code, at=at)
        return phone
    send_phone_code(person=person, phone=phone, operator=lot.operator, at=at)
    message = _("We have sent a code to %(phone)s. Enter it here.") % {"phone": mask_phone(phone)}
    raise PhoneCodeNeededError(message, errors=[FieldError("phone_code", message)])
