"""Verifying that somebody has a phone: by a code that is sent there."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import Operator
from common.db.name_locks import NameLock, lock_each
from common.db.sealed_fields import hashes_in
from common.errors import ConflictError, DomainError, FieldError
from notifications.models import MessageState, PhoneCode, TextMessage
from notifications.services import queue_text
from notifications.texts import can_send_texts

VALID_FOR = timedelta(minutes=10)
MOST_TRIES = 5
CODES_AN_HOUR = 5
"""How many codes one person gets in an hour, and as many one phone."""
DIGITS = 6
ACCOUNT = "driver "
"""How the name of a person with an account begins."""
_HOUR = timedelta(hours=1)


class NoTextsError(ConflictError):
    """No provider of texts is configured."""

    code = "no_texts"


class TooManyCodesError(DomainError):
    """The person, or the phone, was sent as many codes as may be."""

    code = "too_many_codes"
    status = 429


class WrongPhoneCodeError(DomainError):
    """The code is wrong, too old or was tried too often."""

    code = "wrong_phone_code"


@transaction.atomic
def send_phone_code(*, person: str, phone: str, operator: Operator, at: datetime) -> PhoneCode:
    """Send a code to a phone; those that were sent for it before don't work any more.

    `person` names who is asked, `phone` is in international form. Raises NoTextsError (409), TooManyCodesError (429).
    """
    if not can_send_texts():
        raise NoTextsError(_("We can't send texts now, so no number can be verified. Please try again later."))
    lock_codes(person, phone)
    since = at - _HOUR
    recent = PhoneCode.objects.filter(created_at__gt=since)
    to_phone = recent.filter(phone_hash__in=hashes_in(PhoneCode, "phone_hash", phone))
    if max(recent.filter(person=person).count(), to_phone.count()) >= CODES_AN_HOUR:
        message = _("We have sent several codes already. Please wait an hour.")
        raise TooManyCodesError(message, errors=[FieldError("phone", message)])
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    code = PhoneCode.objects.create(
        person=person, phone=phone, digest=_digest(phone, digits), created_at=at, expires_at=at + VALID_FOR
    )
    said = _("%(code)s is your code to book parking at %(operator)s. It works for 10 minutes.")
    queue_text(
        key=_key_of(code.pk),
        operator=operator,
        phone=phone,
        text=said % {"code": digits, "operator": operator.name},
        expires_at=code.expires_at,
        at=at,
    )
    return code


def lock_codes(*names: str) -> None:
    """Let codes for a person and a phone be sent one after another, so that the limit holds."""
    lock_each(NameLock.PHONE_CODES, names)


def check_phone_code(*, person: str, phone: str, typed: str, at: datetime) -> PhoneCode:
    """Verify a phone by the last code that was sent there for a person; a wrong one is counted, whatever follows.

    Not inside a transaction. Raises WrongPhoneCodeError.
    """
    code = _tried(person, phone, typed, at)
    if code is not None and code.verified_at is not None:
        return code
    if code is None or code.tries >= MOST_TRIES or code.expires_at <= at:
        message = _("This code doesn't work any more. Ask for a new one.")
    else:
        message = _("This is not the code that we sent. Please check it.")
    raise WrongPhoneCodeError(message, errors=[FieldError("phone_code", message)])


def is_phone_verified(*, person: str, phone: str, since: datetime) -> bool:
    """Return whether a person has verified a phone since an instant."""
    found = PhoneCode.objects.filter(person=person, phone_hash__in=hashes_in(PhoneCode, "phone_hash", phone))
    return found.filter(verified_at__gte=since).exists()


@transaction.atomic
def erase_phone_codes(*, persons: Collection[str]) -> None:
    """Delete the codes that somebody was sent under any of these names, and the texts with them."""
    codes = PhoneCode.objects.filter(person__in=persons)
    keys = [_key_of(pk) for pk in codes.values_list("pk", flat=True)]
    TextMessage.objects.filter(key__in=keys).delete()
    codes.delete()


@transaction.atomic
def delete_old_texts(*, operator: Operator, before: datetime) -> int:
    """Delete the texts of an operator from before an instant that are over, and return how many."""
    over = TextMessage.objects.filter(operator=operator, created_at__lt=before).exclude(state=MessageState.QUEUED)
    return over.delete()[0]


@transaction.atomic
def delete_old_codes(*, before: datetime, verified_before: datetime) -> int:
    """Delete codes from before an instant, with the texts of no operator, and return how many codes.

    By codes of accounts numbers stay verified: these are deleted when they were verified `verified_before`.
    """
    of_nobody = TextMessage.objects.filter(operator=None, created_at__lt=before)
    of_nobody.exclude(state=MessageState.QUEUED).delete()
    still_verify = Q(person__startswith=ACCOUNT, verified_at__gte=verified_before)
    deleted, _ = PhoneCode.objects.filter(created_at__lt=before).exclude(still_verify).delete()
    return deleted


def simulated_text(phone: str) -> str:
    """Return the last text to a phone, for pages that show what a simulated provider would have sent."""
    hashes = hashes_in(TextMessage, "phone_hash", phone)
    last = TextMessage.objects.filter(phone_hash__in=hashes).order_by("-created_at", "-pk").first()
    return last.text if last else ""


@transaction.atomic(durable=True)
def _tried(person: str, phone: str, typed: str, at: datetime) -> PhoneCode | None:
    """Return the last code after one more try, locked meanwhile."""
    hashes = hashes_in(PhoneCode, "phone_hash", phone)
    sent = PhoneCode.objects.select_for_update().filter(person=person, phone_hash__in=hashes)
    code = sent.order_by("-created_at", "-pk").first()
    if code is None or code.tries >= MOST_TRIES or code.expires_at <= at:
        return code
    code.tries += 1
    if constant_time_compare(code.digest, _digest(phone, "".join(typed.split()))):
        code.verified_at = at
    code.save(update_fields=["tries", "verified_at"])
    return code


def _key_of(code_id: int) -> str:
    return f"phone_code:{code_id}"


def _digest(phone: str, digits: str) -> str:
    return salted_hmac("notifications.phone_codes", f"{phone} {digits}", algorithm="sha256").hexdigest()
